//! From a fact to what is kept of it: one exhaustive match per family, so that a new fact has to be decided here.

use throughline_domain::{
    Amendment, CheckIn, Code, DesiredOutcome, DestinationKind, ErasureLevel, Event, Fact, FollowUpWindow,
    Intake, Key, Milestone, PlannedIndicator, Score, TemplateChange, Transaction, Value, WindowAnchor,
};

use throughline_projection::Day;

use crate::view::{Aim, Change, Dated, Desired, Found, KeyAt, Look, Plan, Said, View, What, Window};

pub(crate) fn fold(view: &mut View, fact: &Fact) {
    let what = match &fact.event {
        Event::Intake(intake) => of_intake(view, intake),
        Event::Transaction(transaction) => of_transaction(view, fact, transaction),
        Event::CheckIn(check_in) => of_check_in(view, check_in),
        Event::Milestone(milestone) => of_milestone(view, fact, milestone),
        Event::Amendment(amendment) => of_amendment(amendment),
        Event::Programme(_) | Event::Access(_) => None,
    };
    if let Some(what) = what {
        keep(view, fact, what);
    }
    if let Event::Intake(Intake::AnalysisMade(made)) = &fact.event {
        for score in &made.scores {
            if let Some(what) = measured(view, &score.indicator, Some(score.value)) {
                keep(view, fact, what);
            }
        }
    }
    if let Event::Milestone(Milestone::Exited(exited)) = &fact.event
        && exited.destination.as_ref().is_some_and(|to| to.kind == DestinationKind::Deceased)
    {
        keep(view, fact, What::Died);
    }
}

fn keep(view: &mut View, fact: &Fact, what: What) {
    view.facts.push(Dated { day: Day::of(fact.occurred.day()), event: fact.id, what });
}

fn of_intake(view: &mut View, intake: &Intake) -> Option<What> {
    Some(match intake {
        Intake::JourneyOpened(_) => What::Opened,
        Intake::Enrolled(enrolled) => What::Enrolled {
            enrolment: view.put_key(&enrolled.enrolment),
            programme: view.put_code(&enrolled.programme),
            template: enrolled.template_version.as_ref().map(|version| view.put_code(version)),
        },
        Intake::PlanAgreed(agreed) => {
            let enrolment = agreed.enrolment.as_ref().map(|enrolment| view.put_key(enrolment));
            let told = Told {
                outcomes: &agreed.outcomes,
                indicators: &agreed.indicators,
                changes: &agreed.changes,
                windows: &agreed.windows,
                windows_from: agreed.windows_from,
            };
            planned(view, &agreed.plan, enrolment, Said::Agreed, &told)
        }
        Intake::PlanRevised(revised) => {
            let plan = view.put_key(&revised.plan);
            let said = Said::Revised { reason: view.put_code(&revised.reason) };
            let enrolment = enrolment_of(view, plan);
            let told = Told {
                outcomes: &revised.outcomes,
                indicators: &revised.indicators,
                changes: &revised.changes,
                windows: &revised.windows,
                windows_from: revised.windows_from,
            };
            planned(view, &revised.plan, enrolment, said, &told)
        }
        // The scores of an analysis are kept one by one, after this match.
        Intake::AnalysisMade(_)
        | Intake::ConsentGiven(_)
        | Intake::ConsentWithdrawn(_)
        | Intake::IntakeHeld(_)
        | Intake::EligibilityDecided(_)
        | Intake::WorkerAssigned(_)
        | Intake::GoalStated(_) => return None,
    })
}

fn of_transaction(view: &mut View, fact: &Fact, transaction: &Transaction) -> Option<What> {
    match transaction {
        Transaction::ServiceDelivered(service) => {
            let enrolment = service.enrolment.as_ref().map(|enrolment| view.put_key(enrolment));
            let day = Day::of(fact.occurred.day());
            let another = view
                .facts
                .iter()
                .rev()
                .take_while(|known| known.day == day)
                .any(|known| known.what == What::Served { enrolment });
            let begins_work = std::mem::take(&mut view.awaits_work);
            (begins_work || !another).then_some(What::Served { enrolment })
        }
        // A payment is not a service: it neither shows presence nor keeps an enrolment open.
        Transaction::SupportPaid(_)
        | Transaction::ContactMade(_)
        | Transaction::ContactAttempted(_)
        | Transaction::ReferralMade(_)
        | Transaction::ReferralClosed(_)
        | Transaction::RequestReceived(_)
        | Transaction::RequestAnswered(_)
        | Transaction::ExpectationSet(_)
        | Transaction::ExpectationSettled(_)
        | Transaction::ConcernRaised(_)
        | Transaction::ConcernAcknowledged(_)
        | Transaction::ConcernUpdated(_)
        | Transaction::ConcernResolved(_)
        | Transaction::ConcernReopened(_)
        | Transaction::GiftReceived(_)
        | Transaction::ShiftWorked(_)
        | Transaction::ThanksSent(_)
        | Transaction::ImpactShared(_) => None,
    }
}

fn of_check_in(view: &mut View, check_in: &CheckIn) -> Option<What> {
    match check_in {
        CheckIn::CheckInHeld(_) => worked(view),
        CheckIn::ReadingTaken(taken) => measured(view, &taken.measure, Some(taken.value)),
        CheckIn::DifficultyReported(reported) => Some(What::DifficultyMet {
            difficulty: view.put_key(&reported.difficulty),
            life_area: view.put_code(&reported.life_area),
            kind: view.put_code(&reported.kind),
            severity: reported.severity.as_ref().map(|severity| view.put_code(severity)),
        }),
        CheckIn::DifficultyOvercome(overcome) => {
            Some(What::DifficultyOvercome { difficulty: view.put_key(&overcome.difficulty) })
        }
        CheckIn::CheckInMissed(_)
        | CheckIn::SatisfactionRated(_)
        | CheckIn::SurveySent(_)
        | CheckIn::SurveyDeclined(_)
        | CheckIn::LifeEventNoted(_)
        | CheckIn::AlertRaised(_)
        | CheckIn::AlertCleared(_) => None,
    }
}

fn of_milestone(view: &mut View, fact: &Fact, milestone: &Milestone) -> Option<What> {
    Some(match milestone {
        Milestone::MilestoneReached(_) => return worked(view),
        Milestone::MilestoneMissed(_) => return None,
        Milestone::IndicatorMeasured(taken) => {
            return measured(view, &taken.indicator, number(&taken.value));
        }
        Milestone::ProgrammeCompleted(completed) => {
            What::Completed { enrolment: view.put_key(&completed.enrolment) }
        }
        Milestone::Exited(exited) => What::Exited {
            enrolment: view.put_key(&exited.enrolment),
            reason: exited.reason.as_ref().map(|reason| view.put_code(reason)),
            to: exited
                .destination
                .as_ref()
                .map(|to| (to.kind, to.code.as_ref().map(|code| view.put_code(code)))),
        },
        Milestone::OutcomeReached(reached) => What::Reached {
            outcome: view.put_key(&reached.outcome),
            what: view.put_code(&reached.what),
            life_area: view.put_code(&reached.life_area),
            enrolment: reached.enrolment.as_ref().map(|enrolment| view.put_key(enrolment)),
            evidence: view.put_code(&reached.evidence),
        },
        Milestone::OutcomeLost(lost) => What::Lost {
            outcome: view.put_key(&lost.outcome),
            reason: lost.reason.as_ref().map(|reason| view.put_code(reason)),
        },
        Milestone::FollowUpHeld(held) => What::Looked(Box::new(Look {
            outcome: held.outcome.as_ref().map(|outcome| view.put_key(outcome)),
            enrolment: held.enrolment.as_ref().map(|enrolment| view.put_key(enrolment)),
            window: held.window.as_ref().map(|window| view.put_code(window)),
            format: held.format,
            eyes: fact.eyes,
            by: view.put_actor(&fact.actor),
            found: Found::Held(held.result),
        })),
        Milestone::FollowUpAttempted(tried) => What::Looked(Box::new(Look {
            outcome: tried.outcome.as_ref().map(|outcome| view.put_key(outcome)),
            enrolment: tried.enrolment.as_ref().map(|enrolment| view.put_key(enrolment)),
            window: tried.window.as_ref().map(|window| view.put_code(window)),
            format: tried.format,
            eyes: fact.eyes,
            by: view.put_actor(&fact.actor),
            found: Found::Tried {
                reached: tried.reached,
                reason: tried.reason.as_ref().map(|reason| view.put_code(reason)),
            },
        })),
        Milestone::RelationshipGrown(grown) => What::Grown(grown.into),
        Milestone::Died(_) => What::Died,
    })
}

fn of_amendment(amendment: &Amendment) -> Option<What> {
    match amendment {
        Amendment::KeyDestroyed(destroyed) => match destroyed.level {
            ErasureLevel::All => Some(What::Erased),
            // Names and words are gone; the coded facts that outcomes rest on are not.
            ErasureLevel::Identity => None,
        },
        // Applied before the fold.
        Amendment::Corrected(_)
        | Amendment::Retracted(_)
        | Amendment::JourneysMerged(_)
        | Amendment::JourneysSplit(_) => None,
    }
}

fn worked(view: &mut View) -> Option<What> {
    std::mem::take(&mut view.awaits_work).then_some(What::Worked)
}

/// A number counts for an indicator once a plan has named it; before, it is what the baseline was set from.
fn measured(view: &View, indicator: &Code, value: Option<Score>) -> Option<What> {
    let value = value?;
    let indicator = view.planned_indicator(indicator)?;
    Some(What::Measured { indicator, value })
}

/// Yes is 1 and no is 0; a code has no distance to a target.
fn number(value: &Value) -> Option<Score> {
    match value {
        Value::Number(score) => Some(*score),
        Value::Flag(flag) => Score::new(f64::from(u8::from(*flag))).ok(),
        Value::Code(_) => None,
    }
}

fn enrolment_of(view: &View, plan: KeyAt) -> Option<KeyAt> {
    view.plans().rev().find(|(_, known)| known.name == plan).and_then(|(_, known)| known.enrolment)
}

/// What a plan says, agreed or revised.
struct Told<'a> {
    outcomes: &'a [DesiredOutcome],
    indicators: &'a [PlannedIndicator],
    changes: &'a [TemplateChange],
    windows: &'a [FollowUpWindow],
    windows_from: Option<WindowAnchor>,
}

fn planned(view: &mut View, plan: &Key, enrolment: Option<KeyAt>, said: Said, told: &Told<'_>) -> What {
    let name = view.put_key(plan);
    let outcomes = told
        .outcomes
        .iter()
        .map(|desired| Desired {
            outcome: view.put_key(&desired.outcome),
            what: view.put_code(&desired.what),
            life_area: view.put_code(&desired.life_area),
        })
        .collect();
    let indicators: Vec<Aim> = told
        .indicators
        .iter()
        .map(|aim| Aim {
            indicator: view.put_code(&aim.indicator),
            life_area: view.put_code(&aim.life_area),
            baseline: aim.baseline,
            target: aim.target,
        })
        .collect();
    let changes = told
        .changes
        .iter()
        .map(|change| Change {
            step: view.put_code(&change.step),
            departure: change.departure,
            reason: view.put_code(&change.reason),
        })
        .collect();
    let windows = told
        .windows
        .iter()
        .map(|window| Window {
            name: view.put_code(&window.window),
            first_day: window.first_day,
            target_day: window.target_day,
            last_day: window.last_day,
            required: window.required,
        })
        .collect();
    for aim in &indicators {
        if !view.indicators.contains(&aim.indicator) {
            view.indicators.push(aim.indicator);
        }
    }
    view.awaits_work = true;
    let windows_from = told.windows_from.unwrap_or(WindowAnchor::Outcome);
    What::Planned(Box::new(Plan {
        name,
        enrolment,
        said,
        outcomes,
        indicators,
        changes,
        windows,
        windows_from,
    }))
}
