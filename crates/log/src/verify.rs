//! Whether anything that was written is not as it was written.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Serialize;
use throughline_domain::{JourneyId, Position};
use throughline_vault::Vault;

use crate::{
    Error, Log,
    codec::Malformed,
    frame::{self, Frame},
    journal::{Journal, Piece, Segment},
    opening::Opener,
    record::{Hash, Record},
    store::{Kept, Store},
    stored,
    tree::{self, Files, Signed, TreeCheck, Upkeep},
};

mod at_rest;
mod of_backup;

pub use at_rest::{is_backup, verify, verify_with_key};

/// Events at the end that are looked at where not everything is.
const TAIL_EVENTS: u64 = 10_000;

/// Problems told; past these the count alone would not help.
const PROBLEMS_MAX: usize = 1000;

const PORTION_BYTES: usize = 8 * 1024 * 1024;

/// What looking found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verified {
    /// Events looked at.
    pub events: u64,
    /// Frames looked at.
    pub frames: u64,
    /// Root of the Merkle tree over the public headers of all events (RFC 6962), in hexadecimal; only where everything
    /// was looked at and nothing is wrong.
    pub root: Option<String>,
    /// The log's signed checkpoint, where there is one: the events it covers are those that the log signed, where
    /// everything was looked at and nothing is wrong.
    pub checkpoint: Option<Signed>,
    /// What is wrong, by position; empty where nothing is. At most 1,000.
    pub problems: Vec<Problem>,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The first position concerned.
    pub position: Position,
    /// The file or store.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

impl Log {
    /// Looks at everything (`deep`) or at the last 10,000 events: checksums, the chain of frames, positions and versions
    /// without gaps, the chain of each journey, that every part opens whose key is there, and that the journal has the
    /// same frames; that the tree is what the frames make, and its root the one that the log signed. `progress` gets the
    /// events done and to do. Damage is told in the answer; an error says that looking itself failed.
    pub fn verify(&self, deep: bool, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Verified, Error> {
        let (files, key) = (&self.tree.files, &self.tree.key);
        // The checkpoint first: what it covers is there by then.
        let check = match self.tree.upkeep {
            Upkeep::Kept => TreeCheck::begin(files.root(), key, crate::EventLog::events(self), true)?,
            Upkeep::Off => TreeCheck::of(Files::clone(files), key.verifier(), None, true),
        };
        let events = crate::EventLog::events(self);
        let compared = Compared { journal: Some(&self.journal), running: true, known: 0 };
        Verifier::new(&self.store, &self.vault, check).run(events, deep, compared, progress)
    }
}

/// The journal that sled is compared with.
#[derive(Clone, Copy)]
struct Compared<'a> {
    journal: Option<&'a Journal>,
    /// Whether appends go on meanwhile, so that its end may be half-written.
    running: bool,
    /// How many events sled had at least when it was last written out.
    known: u64,
}

struct Verifier<'a> {
    store: &'a Store,
    opener: Opener<'a>,
    found: Verified,
    /// Where the next frame should begin.
    next: u64,
    /// Hash of the frame before; none where it is not known.
    previous: Option<Hash>,
    /// Version and leaf of each journey's last event; only journeys seen since the last gap.
    journeys: HashMap<JourneyId, (u64, Hash)>,
    /// Whether every journey's first event must be seen: from the beginning, and without a gap since.
    whole: bool,
    recorded_at: i64,
    tree: TreeCheck,
}

/// A frame that could be read, and what is wrong inside.
struct Looked<'a> {
    frame: Frame<'a>,
    records: Vec<(u64, Record<'a>, Hash)>,
    wrong: Vec<(u64, String)>,
}

impl<'a> Verifier<'a> {
    fn new(store: &'a Store, vault: &'a Vault, tree: TreeCheck) -> Self {
        Self {
            store,
            opener: Opener { store, vault },
            found: Verified {
                events: 0,
                frames: 0,
                root: None,
                checkpoint: tree.signed(),
                problems: Vec::new(),
            },
            next: 0,
            previous: Some([0; 32]),
            journeys: HashMap::new(),
            whole: true,
            recorded_at: i64::MIN,
            tree,
        }
    }

    fn run(
        mut self,
        events: u64,
        deep: bool,
        compared: Compared<'_>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Verified, Error> {
        if !deep && events > TAIL_EVENTS {
            let first = self.store.holding(events - TAIL_EVENTS)?.map_or(0, |kept| kept.first);
            self.lose_track(first);
        }
        let from = self.next;
        let mut at = from;
        while at < events {
            let portion = self.store.portion(at, events, PORTION_BYTES)?;
            let Some(last) = portion.last() else { break };
            at = last.first + 1;
            let looked: Vec<_> = portion.par_iter().map(|kept| self.look(kept)).collect();
            for (kept, looked) in portion.iter().zip(looked) {
                self.follow(kept, looked);
            }
            progress(self.next.min(events) - from, events - from);
        }
        if self.next < events {
            self.problem(self.next, format!("the events from here to {} are missing", events - 1));
            self.whole = false;
        }
        let in_sled = events;
        let events = self.follow_journal(compared, events)?;
        self.compare(compared, from, events)?;
        let root = self.tree.root();
        let tail = !deep && !self.whole && self.tree.signed().is_some_and(|signed| signed.events <= in_sled);
        let in_tree = if tail {
            tree::look_at_edge(self.tree, self.store, events)?
        } else {
            let told = self.found.problems.iter().map(|problem| problem.position.0).min();
            self.tree.end(events, self.whole, told, &self.store.path().display().to_string())
        };
        self.found.problems.extend(in_tree);
        // What sled lost without a trace shows only where the journal is compared, so the root comes last.
        if self.whole && self.found.problems.is_empty() {
            self.found.root = Some(hexadecimal(&root));
        }
        self.found.problems.sort_by_key(|problem| problem.position);
        Ok(self.found)
    }

    /// What can be said of a frame alone.
    fn look<'k>(&self, kept: &'k Kept) -> Result<Looked<'k>, Malformed> {
        let frame = Frame::parse(&kept.bytes, kept.first)?;
        let records = frame.records()?;
        let wrong = records
            .par_iter()
            .filter_map(|(position, _, record)| Some((*position, self.look_inside(*position, record).err()?)))
            .collect();
        let records = records
            .into_iter()
            .map(|(position, _, record)| {
                let leaf = record.leaf(position)?;
                Ok((position, record, leaf))
            })
            .collect::<Result<_, Malformed>>()?;
        Ok(Looked { frame, records, wrong })
    }

    /// Whether the parts open, and hold the fact that the header says.
    fn look_inside(&self, position: u64, record: &Record<'_>) -> Result<(), String> {
        let parts = self.opener.unseal(position, record).map_err(|error| match error {
            Error::Damaged { what, .. } => what,
            error => error.to_string(),
        })?;
        let Some(parts) = parts else { return Ok(()) };
        let unpacked =
            stored::unpack(record.tag, &parts.facts, &parts.personal).map_err(|Malformed(what)| what)?;
        if record.precision != stored::precision(unpacked.occurred) {
            return Err("the header says another precision than the fact".to_owned());
        }
        Ok(())
    }

    /// Whether a frame follows the one before.
    fn follow(&mut self, kept: &Kept, looked: Result<Looked<'_>, Malformed>) {
        self.found.frames += 1;
        if kept.first != self.next {
            self.problem(
                self.next.min(kept.first),
                format!("a frame begins at {}, not at {}", kept.first, self.next),
            );
            self.lose_track(kept.first);
        }
        let looked = match looked {
            Ok(looked) => looked,
            Err(Malformed(what)) => {
                self.problem(kept.first, what);
                // How many events it had is not known; the next frame tells by where it begins.
                let after = self
                    .store
                    .portion(kept.first + 1, u64::MAX, 1)
                    .ok()
                    .and_then(|next| Some(next.first()?.first));
                self.lose_track(after.unwrap_or(kept.first + 1));
                return;
            }
        };
        if self.previous.is_some_and(|hash| hash != looked.frame.previous) {
            self.problem(kept.first, "the frame does not follow the frame before it".to_owned());
        }
        for (position, what) in looked.wrong {
            self.problem(position, what);
        }
        for (position, record, leaf) in &looked.records {
            self.follow_record(*position, record, *leaf);
        }
        self.previous = Some(frame::hash(&kept.bytes));
        self.next = looked.frame.end();
    }

    fn follow_record(&mut self, position: u64, record: &Record<'_>, leaf: Hash) {
        self.found.events += 1;
        self.tree.push(leaf);
        if record.recorded_at < self.recorded_at {
            self.problem(position, "it was recorded before the event before it".to_owned());
        }
        self.recorded_at = record.recorded_at;
        let before = self.journeys.insert(record.journey(), (record.version, leaf));
        let before = before.or(self.whole.then_some((0, [0; 32])));
        if let Some((version, previous_leaf)) = before {
            if record.version != version + 1 {
                let what = format!("version {} of its journey follows version {version}", record.version);
                self.problem(position, what);
            }
            if record.previous_leaf != previous_leaf {
                self.problem(position, "it does not follow the journey's event before it".to_owned());
            }
        }
    }

    /// Looks at the frames at the end that only the journal has: what sled had not yet written out when a crash ended
    /// the process. Opening the log puts them there. How many events there are with them.
    fn follow_journal(&mut self, compared: Compared<'_>, events: u64) -> Result<u64, Error> {
        let Some(journal) = compared.journal.filter(|_| !compared.running) else { return Ok(events) };
        let Some(last) = journal.segments().last().copied() else { return Ok(events) };
        if self.next != events || last > events || compared.known > events {
            return Ok(events);
        }
        let segment = journal.read(last)?;
        while let Some(bytes) = segment.frame(self.next) {
            let kept = Kept { first: self.next, bytes: bytes.into() };
            let follows =
                Frame::parse(bytes, self.next).is_ok_and(|frame| Some(frame.previous) == self.previous);
            if !follows {
                break;
            }
            self.follow(&kept, self.look(&kept));
        }
        Ok(self.next)
    }

    /// Whether the journal has the frames that sled has, and nothing else, from the segment that holds `from` on.
    fn compare(&mut self, compared: Compared<'_>, from: u64, events: u64) -> Result<(), Error> {
        let segments = compared.journal.map(Journal::segments).unwrap_or_default();
        let (Some(journal), Some(last)) = (compared.journal, segments.last()) else {
            if events > 0 {
                let what = "the journal is missing; opening the log makes it again from sled";
                self.problem_in("journal", 0, what.to_owned());
            }
            return Ok(());
        };
        let skipped = segments.partition_point(|first| *first <= from).saturating_sub(1);
        let mut next = segments[skipped].min(from);
        for (nth, first) in segments.iter().enumerate().skip(skipped) {
            let file = journal.file(*first).display().to_string();
            if *first > next && *first <= events {
                self.problem_in(
                    &file,
                    next,
                    format!("the frames from {next} to {} are missing before it", first - 1),
                );
            }
            next = *first;
            let until = segments.get(nth + 1).copied().unwrap_or(u64::MAX).min(events);
            let sled: HashMap<u64, Kept> = self
                .store
                .portion(*first, until, usize::MAX)?
                .into_iter()
                .map(|kept| (kept.first, kept))
                .collect();
            let segment = journal.read(*first)?;
            next = self.compare_segment(&segment, &file, &sled, next, (events, compared.running));
        }
        if next < events {
            let file = journal.file(*last).display().to_string();
            self.problem_in(&file, next, format!("the events from here to {} are missing", events - 1));
        }
        if next > events && !compared.running {
            let what = format!("the events from here to {} are missing; the journal has them", next - 1);
            self.problem(events, what);
        }
        Ok(())
    }

    /// Compares one segment; the position after its last frame.
    fn compare_segment(
        &mut self,
        segment: &Segment,
        file: &str,
        sled: &HashMap<u64, Kept>,
        mut next: u64,
        (events, running): (u64, bool),
    ) -> u64 {
        let mut told = false;
        for piece in &segment.pieces {
            match piece {
                Piece::Frame { end, .. } if *end > events && running => break,
                Piece::Frame { at, first, end, .. } => {
                    if *first != next && !told {
                        self.problem_in(file, next, format!("a frame begins at {first}, not at {next}"));
                    }
                    // Where sled has nothing, that was told of sled.
                    if sled.get(first).is_some_and(|kept| kept.bytes != segment.bytes[at.clone()]) {
                        self.problem_in(file, *first, "the frame is another one than in sled".to_owned());
                    }
                    (next, told) = (*end, false);
                }
                Piece::Bad { .. } if next == events && running => break,
                Piece::Bad { at, what, .. } => {
                    let what = if next == events {
                        format!("{} bytes after the last frame; opening the log cuts them off", at.len())
                    } else {
                        what.clone()
                    };
                    self.problem_in(file, next, what);
                    told = true;
                }
            }
        }
        next
    }

    /// Goes on at this position, where what was before is not known.
    fn lose_track(&mut self, next: u64) {
        self.next = next;
        self.previous = None;
        self.journeys.clear();
        self.whole = false;
    }

    fn problem(&mut self, position: u64, what: String) {
        self.problem_in(&self.store.path().display().to_string(), position, what);
    }

    fn problem_in(&mut self, file: &str, position: u64, what: String) {
        if self.found.problems.len() < PROBLEMS_MAX {
            self.found.problems.push(Problem { position: Position(position), file: file.to_owned(), what });
        }
    }
}

/// Two lower-case digits per byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}
