//! The events of an import, line by line: read, decided as any report is, and where asked for recorded. Each
//! journey's come in the order of its lines.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use throughline_domain::{
    Draft, Event, EventId, Fact, Journey, JourneyId, Position, Recorded, Rejection, Version, decide,
};
use throughline_exchange::{
    cloud_event::{self, Invalid},
    json::Sent,
    ndjson::{self, InvalidLine},
};
use throughline_log::{AsOf, Error as LogError};
use throughline_runtime::{Error, Runtime};

use crate::{gate::Visit, problem::Kind};

/// Events of one journey recorded together.
const CHUNK_EVENTS: usize = 500;
/// How often a busy log is asked again, a little later each time.
const TRIES_MAX: u32 = 20;

/// A line that did not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The line, or of a list the place in it, from 1.
    pub line: u64,
    /// The kind of problem, or the rule that refuses it.
    pub code: &'static str,
    /// Where in the event.
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

impl Refused {
    fn new(line: u64, kind: Kind, detail: impl Into<String>) -> Self {
        let hint = kind.about().trim().to_owned();
        Self { line, code: kind.code(), pointer: String::new(), detail: detail.into(), hint }
    }

    fn by_rule(line: u64, rejection: Rejection) -> Self {
        let pointer = format!("/data{}", rejection.pointer);
        let hint = hint(rejection.rule);
        Self { line, code: rejection.rule, pointer, detail: rejection.message, hint }
    }
}

/// What to do about a finding, by its code.
pub(crate) fn hint(code: &str) -> String {
    if let Some(rule) = throughline_domain::RULES.iter().find(|rule| rule.code == code) {
        return format!("the rule `{code}` refuses {}", rule.refuses);
    }
    if let Some(finding) = throughline_exchange::import::Finding::of(code) {
        return finding.hint().to_owned();
    }
    Kind::ALL.iter().find(|kind| kind.code() == code).map_or("", |kind| kind.about()).trim().to_owned()
}

/// The lines of a body: each with its number and the event it holds.
pub(crate) type Lines = Vec<(u64, Result<Draft, Refused>)>;

/// One event a line.
pub(crate) fn of_ndjson(bytes: &[u8]) -> Lines {
    ndjson::Events::new(bytes, None, None)
        .map(|(line, event)| {
            let refused = |error: InvalidLine| match error {
                InvalidLine::Invalid(invalid) => not_an_event(line, invalid),
                InvalidLine::TooLong { .. } => Refused::new(line, Kind::EventTooLarge, error.to_string()),
                InvalidLine::NotJson(_) | InvalidLine::Io(_) => {
                    Refused::new(line, Kind::MalformedBody, error.to_string())
                }
            };
            (line, event.map_err(refused))
        })
        .collect()
}

/// A list of events.
pub(crate) fn of_list(events: Vec<Sent>) -> Lines {
    let event = |(line, sent): (u64, Sent)| {
        let event = sent.once().and_then(|event| cloud_event::from_json(event, None, None));
        (line, event.map_err(|invalid| not_an_event(line, invalid)))
    };
    (1..).zip(events).map(event).collect()
}

/// Refuses lines in another's name. What another system recorded is told as such, with `imported`, by whoever answers for
/// an import; only a machine that brings events is taken at its word.
pub(crate) fn signed(lines: Lines, visit: &Visit) -> Lines {
    let signed = |(line, event): (u64, Result<Draft, Refused>)| {
        let event = event.and_then(|draft| {
            let told = if draft.source.is_some() { Ok(()) } else { visit.signs(&draft.actor, "/data/actor") };
            told.map(|()| draft).map_err(|problem| Refused {
                pointer: "/data/actor".to_owned(),
                hint: "write where it comes from in `imported`: `system`, `table` and, where known, `row`"
                    .to_owned(),
                ..Refused::new(line, Kind::AnotherName, problem.detail())
            })
        });
        (line, event)
    };
    lines.into_iter().map(signed).collect()
}

fn not_an_event(line: u64, invalid: Invalid) -> Refused {
    let Invalid { pointer, problem, hint } = invalid;
    Refused { line, code: Kind::InvalidEvent.code(), pointer, detail: problem, hint }
}

/// Lines of one journey, in their order.
pub(crate) type Group = (JourneyId, Vec<(u64, Draft)>);

/// The lines by journey, and those that hold no event.
pub(crate) fn by_journey(lines: Lines) -> (Vec<Group>, Vec<Refused>) {
    let (mut groups, mut refused): (Vec<Group>, Vec<Refused>) = (Vec::new(), Vec::new());
    let mut places: HashMap<JourneyId, usize> = HashMap::new();
    for (line, event) in lines {
        match event {
            Ok(draft) => {
                let place = *places.entry(draft.journey).or_insert_with(|| {
                    groups.push((draft.journey, Vec::new()));
                    groups.len() - 1
                });
                groups[place].1.push((line, draft));
            }
            Err(problem) => refused.push(problem),
        }
    }
    (groups, refused)
}

/// What became of the lines of one journey.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Events written, or in a rehearsal: that would be.
    pub events: u64,
    /// Lines whose events were there already.
    pub repeated: u64,
    /// Lines that say what another line of the same body says.
    pub twice: Vec<u64>,
    pub refused: Vec<Refused>,
    /// Where events stand, those that were there already too.
    pub positions: Vec<Position>,
    /// Lines that may be recorded.
    pub left: Vec<(u64, Draft)>,
}

/// Decides the lines of a journey, one after another, as if each were recorded.
pub(crate) fn check(runtime: &Runtime, group: Group, now: Timestamp) -> Result<Settled, Error> {
    let (journey, lines) = group;
    let mut recorded = match runtime.life(journey, AsOf::Now) {
        Ok(life) => life.recorded,
        Err(Error::UnknownJourney(_)) => Vec::new(),
        Err(other) => return Err(other),
    };
    let mut state = Journey::of_recorded(journey, &recorded);
    let (mut settled, mut seen) = (Settled::default(), HashMap::<EventId, usize>::new());
    for (line, draft) in lines {
        if let Some(before) = seen.get(&draft.event_id) {
            if settled.left[*before].1 == draft {
                settled.twice.push(line);
            } else {
                settled.refused.push(Refused::new(
                    line,
                    Kind::EventIdTaken,
                    "another line has this event's id",
                ));
            }
            continue;
        }
        if let Some(known) = runtime.log().find(draft.event_id)? {
            if known.draft == draft {
                settled.repeated += 1;
                settled.positions.push(known.position);
            } else {
                let said = format!("the event at position {} has this id", known.position);
                settled.refused.push(Refused::new(line, Kind::EventIdTaken, said));
            }
            continue;
        }
        match decide(&state, draft.clone(), now) {
            Err(rejection) => settled.refused.push(Refused::by_rule(line, rejection)),
            Ok(drafts) => {
                settled.events += drafts.len() as u64;
                follow(&mut state, &mut recorded, &draft, now);
                seen.insert(draft.event_id, settled.left.len());
                settled.left.push((line, draft));
            }
        }
    }
    Ok(settled)
}

/// Brings the state past one more draft; an amendment changes what came before, so from there on it is folded anew.
fn follow(state: &mut Journey, recorded: &mut Vec<Recorded>, draft: &Draft, now: Timestamp) {
    let position = Position(u64::MAX);
    let next = Recorded { position, version: Version::default(), recorded_at: now, draft: draft.clone() };
    recorded.push(next.clone());
    if let Event::Amendment(_) = draft.event {
        *state = Journey::of_recorded(draft.journey, recorded);
    } else {
        state.fold(&Fact::unamended(next));
    }
}

/// Records what was decided. An error ends the import; what was written stays written.
pub(crate) fn record(runtime: &Arc<Runtime>, settled: &mut Settled, now: Timestamp) -> Result<(), Error> {
    settled.events = 0;
    let mut waiting = std::mem::take(&mut settled.left);
    let (mut chunk, mut tries) = (CHUNK_EVENTS, 0);
    while !waiting.is_empty() {
        let size = chunk.min(waiting.len());
        let drafts: Vec<Draft> = waiting[..size].iter().map(|(_, draft)| draft.clone()).collect();
        let mut refuse =
            |waiting: &mut Vec<(u64, Draft)>, goes: &dyn Fn(&Draft) -> bool, kind: Kind, said: &str| {
                let lines: BTreeSet<u64> =
                    waiting.iter().filter(|(_, draft)| goes(draft)).map(|(line, _)| *line).collect();
                waiting.retain(|(line, _)| !lines.contains(line));
                settled.refused.extend(lines.into_iter().map(|line| Refused::new(line, kind, said)));
            };
        match runtime.record(&drafts, None, now) {
            Ok(receipt) => {
                let repeated = receipt.events.iter().filter(|stored| stored.repeated).count();
                settled.repeated += repeated as u64;
                settled.positions.extend(receipt.events.iter().map(|stored| stored.position));
                settled.events += (receipt.events.len() - repeated) as u64;
                waiting.drain(..size);
                tries = 0;
            }
            Err(Error::Rejected { index, rejection }) => {
                let (line, _) = waiting.remove(index);
                settled.refused.push(Refused::by_rule(line, rejection));
            }
            Err(Error::Log(error @ LogError::EventIdTaken { event_id, .. })) => {
                refuse(
                    &mut waiting,
                    &|draft| draft.event_id == event_id,
                    Kind::EventIdTaken,
                    &error.to_string(),
                );
            }
            Err(Error::Log(error @ LogError::EventTooLarge { event_id, .. })) => {
                refuse(
                    &mut waiting,
                    &|draft| draft.event_id == event_id,
                    Kind::EventTooLarge,
                    &error.to_string(),
                );
            }
            Err(Error::Log(error @ LogError::Erased(_))) => {
                refuse(&mut waiting, &|_| true, Kind::Erased, &error.to_string());
            }
            Err(Error::Log(error @ LogError::Deidentified(_))) => {
                refuse(&mut waiting, &|_| true, Kind::Deidentified, &error.to_string());
            }
            Err(Error::Log(LogError::BatchTooLarge { .. } | LogError::TooManyEvents { .. })) if size > 1 => {
                chunk = size / 2;
            }
            Err(Error::Log(LogError::Busy | LogError::Conflict { .. })) if tries < TRIES_MAX => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(50 * u64::from(tries)));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// How many different lines are among these.
pub(crate) fn rows<'a>(refused: impl IntoIterator<Item = &'a Refused>) -> usize {
    refused.into_iter().map(|refused| refused.line).collect::<HashSet<_>>().len()
}
