//! Rules about the journey as a whole: opened, a client's or a programme's, after death.

use super::{Case, rule};
use crate::{Amendment, CheckIn, Event, Intake, Milestone, Transaction};

pub(super) fn check(case: &mut Case<'_>) {
    match &case.fact.event {
        Event::Programme(_) => {
            if let Some(opened) = case.journey.opened {
                let message = format!(
                    "this journey is a client's, opened on {}; a programme has a stream of its own",
                    opened.told()
                );
                case.breaks(rule::PROGRAMME_STREAM, "", message);
            }
            return;
        }
        Event::Access(_) => {
            let refused = super::of_the_access_log(&case.fact.event);
            case.broken.push(refused);
            return;
        }
        Event::Amendment(amendment) => return amendment_fits(case, amendment),
        Event::Intake(Intake::JourneyOpened(_)) => opened_once(case),
        Event::Milestone(Milestone::Died(_)) => died_once(case),
        Event::Intake(_) | Event::Transaction(_) | Event::CheckIn(_) | Event::Milestone(_) => {}
    }
    if let Some(programme) = case.journey.programme {
        let message = format!(
            "this stream is a programme's since {}; a client's facts go to the client's journey",
            programme.told()
        );
        case.breaks(rule::PROGRAMME_STREAM, "", message);
        return;
    }
    after_opening(case);
    before_death(case);
}

fn amendment_fits(case: &mut Case<'_>, amendment: &Amendment) {
    match amendment {
        Amendment::JourneysMerged(merged) if merged.kept == merged.absorbed => {
            let message = format!("{} cannot be merged with itself; name the other journey", merged.kept);
            case.breaks(rule::SAME_JOURNEY, "/facts/absorbed", message);
        }
        Amendment::JourneysSplit(split) => {
            if split.from == split.into {
                let message = format!("{} cannot be split into itself; name another journey", split.from);
                case.breaks(rule::SAME_JOURNEY, "/facts/into", message);
            }
            if split.events.is_empty() {
                case.breaks(rule::SPLIT_EMPTY, "/facts/events", "no event is named; name those that move");
            }
        }
        Amendment::JourneysMerged(_)
        | Amendment::Corrected(_)
        | Amendment::Retracted(_)
        | Amendment::KeyDestroyed(_) => {}
    }
}

fn opened_once(case: &mut Case<'_>) {
    if let Some(opened) = case.journey.opened.filter(|opened| opened.event != case.fact.id) {
        let message = format!("the journey was opened on {}; correct that event instead", opened.told());
        case.breaks(rule::OPENED_TWICE, "", message);
    }
}

fn died_once(case: &mut Case<'_>) {
    if let Some(died) = case.journey.died.filter(|died| died.event != case.fact.id) {
        let message = format!("the client died on {}; correct that event instead", died.told());
        case.breaks(rule::DIED_TWICE, "", message);
    }
}

fn after_opening(case: &mut Case<'_>) {
    let event = &case.fact.event;
    if matches!(event, Event::Intake(Intake::JourneyOpened(_))) || may_precede_opening(event) {
        return;
    }
    let day = case.fact.occurred.day();
    match case.journey.opened {
        None => {
            let unopened = super::not_opened(event);
            case.broken.push(unopened);
        }
        Some(opened) if opened.event != case.fact.id && opened.day.0 > day => {
            let message = format!(
                "{} on {day} is before the journey was opened, on {}; correct one of the two days",
                event.fact_name(),
                opened.told()
            );
            case.breaks(rule::NOT_OPENED, "/occurred", message);
        }
        Some(_) => {}
    }
}

/// What can lie before the journey begins: the client's own life, and how the two found each other.
fn may_precede_opening(event: &Event) -> bool {
    match event {
        Event::CheckIn(CheckIn::LifeEventNoted(_) | CheckIn::DifficultyReported(_))
        | Event::Transaction(
            Transaction::ContactMade(_) | Transaction::ContactAttempted(_) | Transaction::RequestReceived(_),
        )
        | Event::Intake(Intake::ConsentGiven(_)) => true,
        Event::CheckIn(_)
        | Event::Transaction(_)
        | Event::Intake(_)
        | Event::Milestone(_)
        | Event::Amendment(_)
        | Event::Access(_)
        | Event::Programme(_) => false,
    }
}

fn before_death(case: &mut Case<'_>) {
    let Some(died) = case.journey.died else { return };
    let day = case.fact.occurred.day();
    if died.event != case.fact.id && died.day.0 < day && !outlives(&case.fact.event) {
        let message = format!(
            "{} on {day} is after the client's death, on {}; correct one of the two",
            case.fact.event.fact_name(),
            died.told()
        );
        case.breaks(rule::AFTER_DEATH, "/occurred", message);
    }
}

/// What others still do once the client has died: look for them in vain, answer those around them, settle what is
/// owed, thank, close the file.
fn outlives(event: &Event) -> bool {
    match event {
        // A rule was asked before the death was known, and what it said then is written down all the same.
        Event::CheckIn(CheckIn::AlertRaised(_) | CheckIn::AlertCleared(_))
        | Event::Milestone(Milestone::FollowUpAttempted(_) | Milestone::Exited(_) | Milestone::Died(_))
        | Event::Intake(Intake::ConsentGiven(_) | Intake::ConsentWithdrawn(_))
        | Event::Transaction(
            Transaction::ContactAttempted(_)
            | Transaction::ReferralClosed(_)
            | Transaction::RequestAnswered(_)
            | Transaction::ExpectationSettled(_)
            | Transaction::ConcernRaised(_)
            | Transaction::ConcernAcknowledged(_)
            | Transaction::ConcernUpdated(_)
            | Transaction::ConcernResolved(_)
            | Transaction::ConcernReopened(_)
            | Transaction::SupportPaid(_)
            | Transaction::GiftReceived(_)
            | Transaction::ThanksSent(_)
            | Transaction::ImpactShared(_),
        )
        | Event::Amendment(_)
        | Event::Access(_)
        | Event::Programme(_) => true,
        Event::Milestone(_) | Event::Intake(_) | Event::Transaction(_) | Event::CheckIn(_) => false,
    }
}
