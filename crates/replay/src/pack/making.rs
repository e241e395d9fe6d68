//! Making a pack out of the log.

use std::time::Duration;

use jiff::Timestamp;
use throughline_access::Names;
use throughline_domain::{Code, JourneyId, Position, Recorded};
use throughline_log::{AsOf, Evidence, Revealed, SealedEvent};
use throughline_proof::{Checkpoint, VerifierKey};
use throughline_runtime::Runtime;

use super::{
    CHECKPOINT, EVENTS, EVENTS_MAX, Files, Filter, INDEX, KEY, MANIFEST, SEALED,
    consent::{Consents, consents, day_of},
    manifest::{Asked, Manifest},
    page::{self, Contents, Shown, Tally},
    proof_name,
    sealed::Line,
};
use crate::{
    Error, known_events,
    written::{self, Amended, Written},
};

/// How long a checkpoint over the last events is waited for.
const COVERED_WITHIN: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The journey.
    pub journey: JourneyId,
    /// As known then.
    pub as_of: AsOf,
    /// Which of its events.
    pub filter: Filter,
    /// Whether names, contacts and words are shown.
    pub names: Names,
    /// For what it is taken out: the scope of consent that is needed.
    pub purpose: Code,
    /// The time at which the pack is made.
    pub made_at: Timestamp,
}

/// A pack.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its files.
    pub files: Files,
    /// Its manifest, which is one of them.
    pub manifest: Manifest,
    /// What is in it.
    pub tally: Tally,
}

impl Pack {
    /// The key that its checkpoint is signed with.
    pub fn key(&self) -> &str {
        self.files.get(KEY).and_then(|key| str::from_utf8(key).ok()).unwrap_or_default().trim_end()
    }
}

/// Makes the pack of a journey and of those linked to it. Blocks until a checkpoint covers what was asked for.
///
/// Everybody about whom something can be read in it must agree to its purpose today, by what is known now, however far back
/// the pack looks.
pub fn make(runtime: &Runtime, wanted: &Wanted) -> Result<Pack, Error> {
    let log = &**runtime.log();
    let head = log.events();
    let events = known_events(log, wanted.as_of)?.min(head);
    let known =
        |events: u64| events.checked_sub(1).map_or(wanted.as_of, |last| AsOf::Position(Position(last)));
    let life = runtime.life(wanted.journey, known(events))?;
    let by_now = if events < head { Some(runtime.life(wanted.journey, known(head))?) } else { None };
    let by_now = by_now.as_ref().unwrap_or(&life);
    let consents = consents(&life.recorded, &by_now.recorded, &wanted.purpose, day_of(wanted.made_at))?;
    let recorded = life.recorded.iter().map(|recorded| recorded.position);
    let mut positions: Vec<Position> =
        recorded.chain(life.closed.iter().map(|closed| closed.position)).collect();
    positions.sort_unstable();
    if positions.len() > EVENTS_MAX {
        return Err(Error::TooMany { events: positions.len(), max: EVENTS_MAX });
    }
    if let Some(last) = events.checked_sub(1)
        && !log.tree().wait_covered(Position(last), COVERED_WITHIN)
    {
        return Err(Error::NotCovered);
    }
    let mut evidence = log.tree().evidence(&positions, events)?.ok_or(Error::NotCovered)?;
    if wanted.names == Names::Withheld {
        evidence.events.iter_mut().for_each(|event| event.personal.opening = None);
    }
    gathered(wanted, events, consents, &evidence)
}

/// The pack of what the log gave.
fn gathered(wanted: &Wanted, events: u64, consents: Consents, evidence: &Evidence) -> Result<Pack, Error> {
    let unreadable = |position, what: String| Error::Unreadable { position: Position(position), what };
    // To the second, which is what people read.
    let made_at = Timestamp::from_second(wanted.made_at.as_second()).unwrap_or(wanted.made_at);
    let asked = Asked::new(wanted);
    let mut files = Files::new();
    let (mut shown, mut sealed, mut tally) = (Vec::new(), String::new(), Tally::default());
    for event in &evidence.events {
        let position = event.proof.index;
        let written = revealed(event).map_err(|what| unreadable(position, what))?;
        files.insert(proof_name(position), event.proof.to_string().into_bytes());
        let line = Line::of(event);
        if wanted.filter.shows(&written) {
            sealed += &line.text();
            sealed.push('\n');
            shown.push(Shown::of(written, &line, asked.names));
        } else {
            tally.left_out += 1;
        }
    }
    tally.count(&shown);
    let lines = event_lines(&shown);
    let key = VerifierKey::parse(&evidence.verifier_key).map_err(|error| unreadable(0, error.to_string()))?;
    let checkpoint =
        Checkpoint::open(&evidence.checkpoint, &key).map_err(|error| unreadable(0, error.to_string()))?;
    let contents = Contents {
        made_at,
        asked: &asked,
        consents: &consents,
        filter: &wanted.filter,
        events,
        checkpoint: &checkpoint,
        key: &key,
        shown: &shown,
        tally: &tally,
    };
    files.insert(INDEX.to_owned(), page::page(&contents).into_bytes());
    files.insert(
        EVENTS.to_owned(),
        lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into(),
    );
    files.insert(SEALED.to_owned(), sealed.into_bytes());
    files.insert(CHECKPOINT.to_owned(), evidence.checkpoint.to_string().into_bytes());
    files.insert(KEY.to_owned(), format!("{key}\n").into_bytes());
    let manifest = Manifest::new(made_at, asked, consents, events, &files);
    files.insert(MANIFEST.to_owned(), manifest.bytes());
    Ok(Pack { files, manifest, tally })
}

/// What an event says, opened with nothing but its openings.
pub(super) fn revealed(event: &SealedEvent) -> Result<Written, String> {
    Ok(match event.reveal().map_err(|error| error.to_string())? {
        Revealed::Event(recorded) => Written::Open(Box::new(recorded)),
        Revealed::Closed(closed) => Written::Closed(closed),
    })
}

/// What can be read of the events shown.
pub(super) fn readable(shown: &[Shown]) -> Vec<Recorded> {
    let open = |shown: &Shown| match &shown.written {
        Written::Open(recorded) => Some((**recorded).clone()),
        Written::Closed(_) => None,
    };
    shown.iter().filter_map(open).collect()
}

/// The events as CloudEvents, one a line, each with what became of it.
pub(super) fn event_lines(shown: &[Shown]) -> Vec<String> {
    let recorded = readable(shown);
    let amended = Amended::of(&recorded);
    let line = |shown: &Shown| {
        // Names that are withheld were never opened.
        let mut json = shown.written.json(Names::Shown);
        let id = shown.written.event_id();
        written::mark(&mut json, amended.corrected_by(id), amended.retracted_by(id));
        json.to_string()
    };
    shown.iter().map(line).collect()
}
