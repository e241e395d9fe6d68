//! Events from a file: CloudEvents one a line (NDJSON), or a JSON list of them, into any number of journeys.
//!
//! It takes what another system, or a log's own export, says as it is: ids, days and sources stay. Start at [`import`].

mod pieces;

use std::{collections::HashMap, io::BufRead};

use throughline_domain::{Actor, Amendment, Code, Draft, Event, EventId};
use throughline_log::EventLog;

use self::pieces::{Piece, Pieces};
use crate::{
    cloud_event,
    import::{Appends, Error, FileState, Finding, Ids, Job, Options, Outcome, Problem, Report, Row, beside},
    json::Sent,
};

/// Imports events into the log; `name` is how the report calls them.
///
/// Every event ends as written, as a warning, or as a rejection with its line, or its place in the list. Running it
/// again adds nothing. Another event under an id that the log knows is rejected: what was written is corrected by a
/// correction, not by the same id. Memory grows by some 30 bytes for each event, by which a repeated id is found.
pub fn import(
    input: impl BufRead,
    name: &str,
    log: &dyn EventLog,
    options: Options<'_>,
) -> Result<Report, Error> {
    beside(log, options.brought, |appends| read(input, name, log, appends, options))
}

fn read(
    input: impl BufRead,
    name: &str,
    log: &dyn EventLog,
    appends: Appends<'_>,
    mut options: Options<'_>,
) -> Result<Report, Error> {
    let failed = |source| Error::Io { path: name.into(), source };
    let ids = Ids::new(log.namespace(), Code::new("events").expect("a code"));
    let mut pieces = Pieces::of(input).map_err(failed)?;
    let mut job = Job::new("events", log, appends, &ids, 0, &mut options);
    job.format(if pieces.is_list() { "CloudEvents, a JSON list" } else { "CloudEvents, one a line" });
    let file = job.begin(name, FileState::Read);
    let actor = Actor::new("system:import").expect("an actor");
    let mut seen: HashMap<EventId, u64> = HashMap::new();
    let mut row = Row::default();
    while let Some((number, piece)) = pieces.next().map_err(failed)? {
        let bytes = match piece {
            Piece::Event(bytes) => bytes,
            Piece::Broken(finding, text) => {
                if !job.row(file, number, Outcome::Rejected(&Problem::row(finding), text))? {
                    return job.close();
                }
                continue;
            }
        };
        row.fill(&bytes, &[bytes.len()]);
        job.read(&row);
        let goes_on = match event(&bytes, &actor, log, &mut seen)? {
            Ok(Known::New(draft)) => job.row(file, number, Outcome::Facts(&mut vec![*draft], &[]))?,
            Ok(Known::Repeated) => {
                let again = [Problem::row(Finding::RowRepeated)];
                job.row(file, number, Outcome::Facts(&mut Vec::new(), &again))?
            }
            Err(problem) => {
                let text = String::from_utf8_lossy(&bytes).trim().to_owned();
                job.row(file, number, Outcome::Rejected(&problem, text))?
            }
        };
        if !goes_on {
            return job.close();
        }
    }
    job.close()
}

/// What is known of an event that can be taken.
enum Known {
    /// Not met in this file.
    New(Box<Draft>),
    /// The same event stood in this file before.
    Repeated,
}

/// One event, and whether its id is free for it.
fn event(
    bytes: &[u8],
    actor: &Actor,
    log: &dyn EventLog,
    seen: &mut HashMap<EventId, u64>,
) -> Result<Result<Known, Problem>, Error> {
    let draft = match draft(bytes, actor) {
        Ok(draft) => draft,
        Err(problem) => return Ok(Err(problem)),
    };
    if matches!(draft.event, Event::Amendment(Amendment::KeyDestroyed(_))) {
        // It would say what is not so, and a restore would make it so.
        return Ok(Err(Problem::row(Finding::ErasureElsewhere)));
    }
    let content = fingerprint(&draft);
    match seen.get(&draft.event_id) {
        Some(before) if *before == content => return Ok(Ok(Known::Repeated)),
        Some(_) => return Ok(Err(Problem::row(Finding::KeyRepeated))),
        None => {}
    }
    if log.find(draft.event_id)?.is_some_and(|known| known.draft != draft) {
        return Ok(Err(Problem::row(Finding::EventIdTaken)));
    }
    seen.insert(draft.event_id, content);
    Ok(Ok(Known::New(Box::new(draft))))
}

fn draft(bytes: &[u8], actor: &Actor) -> Result<Draft, Problem> {
    let not_an_event = |column: String, value: Option<String>| Problem {
        finding: Finding::NotAnEvent,
        column: column.into(),
        value,
    };
    let sent: Sent = serde_json::from_slice(bytes)
        .map_err(|error| not_an_event(String::new(), Some(format!("not JSON: {error}"))))?;
    let event = sent.once().and_then(|value| cloud_event::from_json(value, None, Some(actor.clone())));
    event.map_err(|invalid| {
        // What stands in the personal part is shown to nobody.
        let shown = !invalid.pointer.starts_with("/data/personal");
        let said = shown.then(|| invalid.problem.chars().take(120).collect());
        not_an_event(invalid.pointer, said)
    })
}

/// What two events of one id must share to be the same event.
fn fingerprint(draft: &Draft) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (draft.journey, draft.occurred, draft.event.type_name()).hash(&mut hasher);
    draft.event.facts_json().to_string().hash(&mut hasher);
    draft.event.personal_json().to_string().hash(&mut hasher);
    hasher.finish()
}
