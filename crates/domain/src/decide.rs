//! Decisions: what may be written down. The rules themselves are in `rules`; they are the same for what is decided
//! here and for imported history, where a broken one is shown and not refused.

use jiff::{SignedDuration, Timestamp, tz::Offset};
use uuid::Uuid;

use crate::{
    Amendment, Corrected, Draft, ErasureLevel, Event, EventId, Fact, Intake, Journey, JourneyId,
    JourneysMerged, JourneysSplit, Note, Occurred, Retracted,
    journey::{Mark, Standing},
    rules::{self, rule},
};

/// How far a reporter's clock may run ahead of ours.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// What may not be written down, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct Rejection {
    /// The rule's stable code; [`crate::RULES`] lists all.
    pub rule: &'static str,
    /// RFC 6901 pointer from the event's data: `/facts/enrolment`.
    pub pointer: String,
    /// What is wrong, the value, and the remedy.
    pub message: String,
}

impl Rejection {
    pub(crate) fn new(rule: &'static str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { rule, pointer: pointer.into(), message: message.into() }
    }
}

/// Decides on a draft for this journey: what to append, or the first rule it breaks.
///
/// `journey` is the state of `draft.journey` ([`Journey::of_recorded`]). A merge or split comes back with its twin
/// for the other journey. An event the journey already has is let through: the log knows a repeated report from
/// another event under the same id. Nothing may occur later than `now` and [`CLOCK_SKEW`]; a bare date may be at
/// most the date of that moment in UTC, which no place on earth is ahead of by more than its own clock's error.
pub fn decide(journey: &Journey, draft: Draft, now: Timestamp) -> Result<Vec<Draft>, Rejection> {
    if !journey.has(draft.event_id) {
        may_be_written(journey, &draft, now)?;
    }
    let twin = twin(&draft);
    Ok(std::iter::once(draft).chain(twin).collect())
}

/// The rules this fact breaks, given what the journey was before it or is as a whole.
///
/// Used on imported history, which is kept as it was written down: what was broken is shown, and heals once the
/// history is put right. Rules about the clock and about amendments of other events are not asked.
pub fn breaks(journey: &Journey, fact: &Fact) -> Vec<Rejection> {
    rules::broken(journey, fact)
}

fn may_be_written(journey: &Journey, draft: &Draft, now: Timestamp) -> Result<(), Rejection> {
    if let Event::Access(_) = draft.event {
        return Err(rules::of_the_access_log(&draft.event));
    }
    takes_facts(journey, draft)?;
    not_in_the_future("/occurred", draft.occurred, now)?;
    let opens = matches!(draft.event, Event::Intake(Intake::JourneyOpened(_)) | Event::Programme(_));
    let erases = matches!(draft.event, Event::Amendment(Amendment::KeyDestroyed(_)));
    if !opens && !erases && !journey.is_open() && journey.programme.is_none() {
        return Err(rules::not_opened(&draft.event));
    }
    if let Event::Amendment(amendment) = &draft.event {
        amends(journey, draft.journey, amendment, now)?;
    }
    let fact = Fact {
        id: draft.event_id,
        occurred: draft.occurred,
        eyes: draft.eyes,
        actor: draft.actor.clone(),
        on_behalf_of: draft.on_behalf_of.clone(),
        event: draft.event.clone(),
    };
    first(breaks(journey, &fact))?;
    if let Event::Amendment(Amendment::Corrected(corrected)) = &draft.event {
        corrected_fact_fits(journey, &fact, corrected)?;
    }
    Ok(())
}

fn first(broken: Vec<Rejection>) -> Result<(), Rejection> {
    broken.into_iter().next().map_or(Ok(()), Err)
}

/// A journey merged away or erased takes nothing more; one merged away can still be erased.
fn takes_facts(journey: &Journey, draft: &Draft) -> Result<(), Rejection> {
    let erases = matches!(draft.event, Event::Amendment(Amendment::KeyDestroyed(_)));
    if let Some(kept) = journey.merged_into.filter(|_| !erases) {
        return Err(Rejection::new(
            rule::MERGED,
            "",
            format!("journey {} was merged into {kept}; record it there", draft.journey),
        ));
    }
    match journey.erased {
        Some(ErasureLevel::All) => Err(Rejection::new(
            rule::ERASED,
            "",
            format!("journey {} was erased; open a new journey instead", draft.journey),
        )),
        Some(ErasureLevel::Identity) if has_personal(&draft.event) => Err(Rejection::new(
            rule::ERASED_IDENTITY,
            "/personal",
            "the key for names and words of this journey was destroyed; leave the personal part out",
        )),
        Some(ErasureLevel::Identity) | None => Ok(()),
    }
}

fn has_personal(event: &Event) -> bool {
    event.personal_json().as_object().is_some_and(|fields| !fields.is_empty())
}

fn not_in_the_future(pointer: &str, occurred: Occurred, now: Timestamp) -> Result<(), Rejection> {
    let latest = now.saturating_add(CLOCK_SKEW).expect("adding hours to an instant saturates");
    let future = match occurred {
        Occurred::At(instant, _) => instant > latest,
        Occurred::On(day) => day > Offset::UTC.to_datetime(latest).date(),
    };
    if !future {
        return Ok(());
    }
    let message = format!(
        "`{occurred}` has not happened yet (it is {now} here); record it once it has, and plans as plans \
         (`due`, `planned`)"
    );
    Err(Rejection::new(rule::FUTURE, pointer, message))
}

fn amends(journey: &Journey, id: JourneyId, amendment: &Amendment, now: Timestamp) -> Result<(), Rejection> {
    match amendment {
        Amendment::Corrected(corrected) => {
            if let Some(occurred) = corrected.occurred {
                not_in_the_future("/facts/occurred", occurred, now)?;
            }
            correctable(journey, corrected)
        }
        Amendment::Retracted(retracted) => retractable(journey, retracted),
        Amendment::JourneysMerged(merged) => may_merge(journey, id, merged),
        Amendment::JourneysSplit(split) => may_split(journey, id, split),
        Amendment::KeyDestroyed(_) => Ok(()),
    }
}

fn correctable(journey: &Journey, corrected: &Corrected) -> Result<(), Rejection> {
    match standing(journey, "/facts/event", corrected.event)? {
        Standing::Fact(_) | Standing::Correction(_) => Ok(()),
        Standing::Retraction(_) | Standing::Move | Standing::Erasure | Standing::TakenBack => {
            Err(Rejection::new(
                rule::AMENDMENT_NOT_CORRECTABLE,
                "/facts/event",
                format!("event {} is an amendment; retract it, then record what is right", corrected.event),
            ))
        }
    }
}

fn retractable(journey: &Journey, retracted: &Retracted) -> Result<(), Rejection> {
    if standing(journey, "/facts/event", retracted.event)? == Standing::Erasure {
        return Err(Rejection::new(
            rule::ERASURE_FINAL,
            "/facts/event",
            format!(
                "event {} says that a key was destroyed, and no retraction brings it back",
                retracted.event
            ),
        ));
    }
    Ok(())
}

/// How an event of this journey stands, if it is in force.
fn standing(journey: &Journey, pointer: &str, event: EventId) -> Result<Standing, Rejection> {
    match journey.events.get(&event) {
        None => Err(Rejection::new(
            rule::EVENT_UNKNOWN,
            pointer,
            format!("this journey has no event {event}; look it up in the journey's history"),
        )),
        Some(Standing::TakenBack) => Err(Rejection::new(
            rule::EVENT_TAKEN_BACK,
            pointer,
            format!("event {event} was taken back already; retract the retraction to let it stand again"),
        )),
        Some(standing) => Ok(*standing),
    }
}

fn may_merge(journey: &Journey, id: JourneyId, merged: &JourneysMerged) -> Result<(), Rejection> {
    let JourneysMerged { kept, absorbed, .. } = merged;
    if id != *kept && id != *absorbed {
        return Err(Rejection::new(
            rule::NOT_THIS_JOURNEY,
            "/facts/kept",
            format!("neither {kept} nor {absorbed} is this journey, {id}; record the merge in one of them"),
        ));
    }
    if journey.absorbed.contains(absorbed) {
        return Err(Rejection::new(
            rule::MERGED_ALREADY,
            "/facts/absorbed",
            format!("{absorbed} is part of this journey already; nothing is left to merge"),
        ));
    }
    Ok(())
}

fn may_split(journey: &Journey, id: JourneyId, split: &JourneysSplit) -> Result<(), Rejection> {
    if id != split.from {
        return Err(Rejection::new(
            rule::NOT_THIS_JOURNEY,
            "/facts/from",
            format!(
                "{} is not this journey, {id}; record the split in the journey that holds the events",
                split.from
            ),
        ));
    }
    for (nth, event) in split.events.iter().enumerate() {
        standing(journey, &format!("/facts/events/{nth}"), *event)?;
    }
    Ok(())
}

/// The fact inside a correction is held to the same rules, in the place of the event it replaces.
fn corrected_fact_fits(journey: &Journey, fact: &Fact, corrected: &Corrected) -> Result<(), Rejection> {
    let original = journey.original(corrected.event);
    let day = match journey.events.get(&original) {
        Some(Standing::Fact(day)) => Occurred::On(day.0),
        _ => fact.occurred,
    };
    let inner = Fact {
        id: original,
        occurred: corrected.occurred.unwrap_or(day),
        event: (*corrected.fact).clone(),
        ..fact.clone()
    };
    first(breaks(journey, &inner)).map_err(|rejection| Rejection {
        pointer: match rejection.pointer.strip_prefix("/facts") {
            Some(rest) => format!("/facts/facts{rest}"),
            None if rejection.pointer == "/occurred" => "/facts/occurred".to_owned(),
            None => rejection.pointer,
        },
        ..rejection
    })
}

/// A merge or split is written in both journeys. The twin's id follows from the original's, so that the same merge
/// reported again is the same twin; its remark stays with the original.
fn twin(draft: &Draft) -> Option<Draft> {
    let (other, event): (JourneyId, Event) = match &draft.event {
        Event::Amendment(Amendment::JourneysMerged(merged)) => {
            let other = if merged.kept == draft.journey { merged.absorbed } else { merged.kept };
            (other, JourneysMerged { personal: Note::default(), ..merged.clone() }.into())
        }
        Event::Amendment(Amendment::JourneysSplit(split)) => {
            let other = if split.from == draft.journey { split.into } else { split.from };
            (other, JourneysSplit { personal: Note::default(), ..split.clone() }.into())
        }
        _ => return None,
    };
    let event_id = EventId::new(Uuid::new_v5(&draft.event_id.uuid(), &other.bytes()));
    Some(Draft { event_id, journey: other, cause: Some(draft.event_id), event, ..draft.clone() })
}

impl Mark {
    /// `2026-03-01 (event 6f1c…)`, for messages.
    pub(crate) fn told(self) -> String {
        format!("{} (event {})", self.day.0, self.event)
    }
}
