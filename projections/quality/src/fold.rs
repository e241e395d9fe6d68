//! The fold: each fact is held against the journey before it, then noted for those that follow.

use throughline_domain::{
    DestinationKind, Event, EventId, Fact, Intake, Key, Milestone, Transaction, breaks,
};

use throughline_projection::Day;

use crate::{
    hud,
    likeness::likeness,
    rules::{
        BEFORE_ENROLMENT, BEFORE_OPENING, BORN_AFTER_OPENING, DESTINATION_MISSING, DUPLICATE,
        EXIT_BEFORE_ENTRY, FOLLOW_UP_BEFORE_OUTCOME, LANGUAGE_MISSING, NO_SERVICE_FOR_A_YEAR,
        OVERLAPPING_ENROLMENT, SERVICE_AFTER_EXIT, STALE_AFTER_DAYS,
    },
    things::{begins, enrolment, missed},
    view::{Dated, Problem, Stay, Turn, View, Waiting, Written, code},
};

pub(crate) fn fold(view: &mut View, fact: &Fact) {
    let at = Dated::of(fact, &mut view.enterers);
    let known = enrolment(&fact.event).is_some_and(|key| view.stays.contains_key(key));
    if view.day.replace(at.day) != Some(at.day) {
        view.today.clear();
        view.waiting.retain(|waiting| waiting.becomes.is_some());
    }
    // A programme's stream is no client's, whatever else is in it.
    if !matches!(fact.event, Event::Programme(_) | Event::Access(_) | Event::Amendment(_)) {
        view.first.get_or_insert(at.day);
    }
    turn_up(view, at, &fact.event);
    hold_against_rules(view, at, fact);
    hold_against_day(view, at, fact);
    note(view, at, &fact.event);
    hud::fold(&mut view.hud, fact, at, known, view.died);
    view.journey.fold(fact);
}

/// What earlier facts missed is there: they were right after all, or lie before it.
fn turn_up(view: &mut View, at: Dated, event: &Event) {
    let Some(thing) = begins(event) else { return };
    let View { waiting, problems, .. } = view;
    let mut turned = Vec::new();
    waiting.retain(|waiting| {
        if waiting.thing != thing {
            return true;
        }
        let problem = &mut problems[waiting.problem as usize];
        let same_day = problem.from == at.day;
        if same_day || waiting.becomes.is_some() {
            problem.until = Some(at.day);
        }
        if let Some(becomes) = waiting.becomes.filter(|_| !same_day) {
            turned.push(Problem {
                rule: code(match becomes {
                    Turn::ExitBeforeEntry => EXIT_BEFORE_ENTRY,
                    Turn::BeforeEnrolment => BEFORE_ENROLMENT,
                    Turn::FollowUpBeforeOutcome => FOLLOW_UP_BEFORE_OUTCOME,
                    Turn::BeforeOpening => BEFORE_OPENING,
                }),
                event: problem.event,
                by: problem.by,
                other: Some(at.event),
                enrolment: problem.enrolment.clone(),
                from: at.day,
                until: None,
            });
        }
        false
    });
    problems.extend(turned);
}

/// The rules that refuse new facts, asked of this one as if it were new.
fn hold_against_rules(view: &mut View, at: Dated, fact: &Fact) {
    let mut asked: Vec<&'static str> = Vec::new();
    for broken in breaks(&view.journey, fact) {
        // One fact may break one rule in several places; it is one problem.
        if asked.contains(&broken.rule) {
            continue;
        }
        asked.push(broken.rule);
        if let Some((thing, becomes)) = missed(&fact.event, broken.rule) {
            let problem = u32::try_from(view.problems.len()).expect("fewer problems than 2^32");
            view.waiting.push(Waiting { thing, problem, becomes });
        }
        found(view, broken.rule, at, None, enrolment(&fact.event));
    }
}

/// The rules that only a history can show.
fn hold_against_day(view: &mut View, at: Dated, fact: &Fact) {
    if let Some(likeness) = likeness(&fact.event) {
        let second = fact.occurred.instant().map(jiff::Timestamp::as_second);
        let alike = |written: &&Written| {
            // Two instants that differ are two facts; a bare day may be either of them.
            let at_odds = written.second.zip(second).is_some_and(|(one, other)| one != other);
            written.likeness == likeness && !at_odds
        };
        let twin = view.today.iter().find(alike).map(|written| written.at.event);
        if let Some(twin) = twin {
            found(view, DUPLICATE, at, Some(twin), enrolment(&fact.event));
        }
        view.today.push(Written { likeness, second, at });
    }
    match &fact.event {
        Event::Intake(Intake::JourneyOpened(opened)) => {
            if opened.personal.born.is_some_and(|born| born > fact.occurred.day()) {
                found(view, BORN_AFTER_OPENING, at, None, None);
            }
            if opened.language.as_str() == "und" {
                found(view, LANGUAGE_MISSING, at, None, None);
            }
        }
        Event::Intake(Intake::Enrolled(enrolled)) => {
            let open =
                view.stays.values().find(|stay| stay.programme == enrolled.programme && stay.exit.is_none());
            if let Some(open) = open.map(|stay| stay.entry.event) {
                found(view, OVERLAPPING_ENROLMENT, at, Some(open), Some(&enrolled.enrolment));
            }
        }
        Event::Milestone(Milestone::Exited(exited)) => {
            let known = exited.destination.as_ref().is_some_and(|to| to.kind != DestinationKind::Unknown);
            if !known {
                found(view, DESTINATION_MISSING, at, None, Some(&exited.enrolment));
            }
        }
        Event::Transaction(Transaction::ServiceDelivered(_)) => {
            let stay = enrolment(&fact.event).and_then(|key| view.stays.get(key));
            if let Some(exit) = stay.and_then(|stay| stay.exit).filter(|exit| exit.day < at.day) {
                found(view, SERVICE_AFTER_EXIT, at, Some(exit.event), enrolment(&fact.event));
            }
        }
        // The rules of the domain say all there is to say of the others.
        Event::Intake(_)
        | Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Milestone(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => {}
    }
}

/// What later facts are held against.
fn note(view: &mut View, at: Dated, event: &Event) {
    match event {
        Event::Intake(Intake::Enrolled(enrolled)) => {
            let stay = Stay {
                programme: enrolled.programme.clone(),
                entry: at,
                exit: None,
                last: at,
                site: enrolled.site.clone(),
                workers: enrolled.worker.iter().map(|worker| (at.day, worker.clone())).collect(),
            };
            view.stays.entry(enrolled.enrolment.clone()).or_insert(stay);
        }
        Event::Intake(Intake::WorkerAssigned(assigned)) => {
            let of = |key: &Key| assigned.enrolment.as_ref().is_none_or(|enrolment| enrolment == key);
            for (_, stay) in view.stays.iter_mut().filter(|(key, _)| of(key)) {
                stay.workers.push((at.day, assigned.worker.clone()));
            }
        }
        Event::Transaction(Transaction::ServiceDelivered(_) | Transaction::SupportPaid(_)) => {
            let key = enrolment(event).cloned();
            let open = view
                .stays
                .iter_mut()
                .filter(|(known, stay)| stay.exit.is_none() && key.as_ref().is_none_or(|key| key == *known));
            // A service that names no enrolment may belong to any that is open.
            for (key, stay) in open {
                let gap = gap(key, stay, at, view.died);
                view.problems.extend(gap);
                stay.last = at;
            }
        }
        Event::Milestone(Milestone::Exited(exited)) => {
            let key = &exited.enrolment;
            let stay = view.stays.get_mut(key).filter(|stay| stay.exit.is_none());
            if let Some(stay) = stay {
                stay.exit = Some(at);
                let gap = gap(key, stay, at, view.died);
                view.problems.extend(gap);
                let moved = view.problems.iter_mut().filter(|problem| {
                    problem.rule.as_str() == OVERLAPPING_ENROLMENT
                        && problem.other == Some(stay.entry.event)
                        && problem.from == at.day
                });
                // Who leaves one enrolment and begins the next on one day was never in both.
                moved.for_each(|problem| problem.until = Some(at.day));
            }
        }
        Event::Milestone(Milestone::Died(_)) if view.died.is_none() => {
            view.died = Some(at.day);
        }
        // Nothing is measured from these.
        Event::Intake(_)
        | Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Milestone(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => {}
    }
}

/// The problem of a year without a service, where the gap that ends now was as long.
fn gap(key: &Key, stay: &Stay, now: Dated, died: Option<Day>) -> Option<Problem> {
    let until = died.map_or(now.day, |died| died.min(now.day));
    Some(forgotten(key, stay, Some(until))).filter(Problem::ever_stood)
}

/// An enrolment as it stands once a year has passed since its last service.
fn forgotten(key: &Key, stay: &Stay, until: Option<Day>) -> Problem {
    Problem {
        rule: code(NO_SERVICE_FOR_A_YEAR),
        event: stay.entry.event,
        by: stay.entry.by,
        enrolment: Some(key.clone()),
        other: (stay.last.event != stay.entry.event).then_some(stay.last.event),
        from: stay.last.day.plus(STALE_AFTER_DAYS).plus(1),
        until,
    }
}

/// Every problem there ever was, with those that only time makes.
pub(crate) fn problems(view: &View) -> impl Iterator<Item = Problem> {
    let open = view.stays.iter().filter(|(_, stay)| stay.exit.is_none());
    let forgotten = open.map(|(key, stay)| forgotten(key, stay, view.died));
    let of_hmis = hud::problems(&view.hud, view.died);
    view.problems.iter().cloned().chain(forgotten).chain(of_hmis).filter(Problem::ever_stood)
}

fn found(view: &mut View, rule: &str, at: Dated, other: Option<EventId>, enrolment: Option<&Key>) {
    view.problems.push(Problem {
        rule: code(rule),
        event: at.event,
        by: at.by,
        other,
        enrolment: enrolment.cloned(),
        from: at.day,
        until: None,
    });
}
