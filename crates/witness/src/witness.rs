//! What is cosigned and what is refused. No disk, no network, no clock: state and request in, the next state out.

use std::{collections::BTreeMap, fmt};

use throughline_proof::{Checkpoint, Error, Note, SigningKey, Tree, VerifierKey};

use crate::AddCheckpoint;

/// A key to cosign with, the logs it watches, and what it saw of each last.
#[derive(Debug)]
pub struct Witness {
    key: SigningKey,
    logs: BTreeMap<String, Watched>,
}

#[derive(Debug)]
struct Watched {
    key: VerifierKey,
    seen: Option<Seen>,
}

/// A checkpoint that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What the log said.
    pub checkpoint: Checkpoint,
    /// The same with the log's signature and the witness's.
    pub note: Note,
    /// When, in seconds since 1970-01-01T00:00Z.
    pub time: u64,
}

/// Two checkpoints, both signed by one log, that cannot both be true of a log that only grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misdeed {
    /// What was cosigned.
    pub seen: Note,
    /// What the log said later.
    pub shown: Note,
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is in no form that can be read.
    #[error("{0}")]
    Malformed(Error),
    /// A proof from a larger tree to a smaller one.
    #[error("the old size {old} is past the checkpoint's size {size}")]
    OldIsLarger {
        /// The size it says the witness saw.
        old: u64,
        /// The checkpoint's.
        size: u64,
    },
    /// No log with this origin is watched.
    #[error("the log {0} is not watched here; the keeper of the witness adds it with --log")]
    UnknownLog(String),
    /// The log's key did not sign it.
    #[error("{0}")]
    NotSigned(Error),
    /// The proof does not begin where the witness is.
    #[error("this witness saw the log at size {seen}; prove from there")]
    OtherSize {
        /// The size that the witness cosigned last.
        seen: u64,
    },
    /// As large as what was cosigned, and another tree: the log forked.
    #[error("{0}")]
    OtherRoot(Box<Misdeed>),
    /// A tree that another root was asked for before anything was seen.
    #[error("a tree without leaves has one root, and this is another")]
    NotEmpty,
    /// The proof does not lead from what was cosigned to the checkpoint.
    #[error("{0}")]
    NotConsistent(Error),
}

impl Witness {
    /// A witness of these logs that has seen nothing yet.
    pub fn new(key: SigningKey, logs: impl IntoIterator<Item = VerifierKey>) -> Self {
        let watched = |key: VerifierKey| (key.name().to_owned(), Watched { key, seen: None });
        Self { key, logs: logs.into_iter().map(watched).collect() }
    }

    /// By what its cosignatures are checked.
    pub fn cosigner(&self) -> VerifierKey {
        self.key.cosigner()
    }

    /// The key of a log that is watched.
    pub fn log(&self, origin: &str) -> Option<&VerifierKey> {
        self.logs.get(origin).map(|watched| &watched.key)
    }

    /// What was cosigned last of a log.
    pub fn seen(&self, origin: &str) -> Option<&Seen> {
        self.logs.get(origin)?.seen.as_ref()
    }

    /// The logs that are watched, with what was cosigned last of each.
    pub fn logs(&self) -> impl Iterator<Item = (&VerifierKey, Option<&Seen>)> {
        self.logs.values().map(|watched| (&watched.key, watched.seen.as_ref()))
    }

    /// Cosigns a checkpoint that goes on from what was seen. Nothing of it may leave before [`Witness::remember`] has it,
    /// and the disk too.
    pub fn add_checkpoint(&self, request: &AddCheckpoint, time: u64) -> Result<Seen, Refusal> {
        let said = Checkpoint::parse(request.checkpoint.text()).map_err(Refusal::Malformed)?;
        let unknown = || Refusal::UnknownLog(said.origin.clone());
        let Watched { key, seen } = self.logs.get(&said.origin).ok_or_else(unknown)?;
        let checkpoint = Checkpoint::open(&request.checkpoint, key).map_err(Refusal::NotSigned)?;
        if request.old > checkpoint.size {
            return Err(Refusal::OldIsLarger { old: request.old, size: checkpoint.size });
        }
        let (size, root) = match seen {
            Some(seen) => (seen.checkpoint.size, seen.checkpoint.root),
            None => (0, Tree::default().root()),
        };
        if request.old != size {
            return Err(Refusal::OtherSize { seen: size });
        }
        if checkpoint.size == size && checkpoint.root != root {
            return Err(seen.as_ref().map_or(Refusal::NotEmpty, |seen| {
                Refusal::OtherRoot(Box::new(Misdeed::new(seen, &request.checkpoint)))
            }));
        }
        request
            .proof
            .check((size, &root), (checkpoint.size, &checkpoint.root))
            .map_err(Refusal::NotConsistent)?;
        Ok(self.cosign(checkpoint, &request.checkpoint, key, time))
    }

    /// The note anew, with the two signatures that count: what others put there is not passed on.
    fn cosign(&self, checkpoint: Checkpoint, shown: &Note, log: &VerifierKey, time: u64) -> Seen {
        let mut note = Note::new(shown.text()).expect("it was read from a note");
        let by_log = |name: &str, id| name == log.name() && id == log.id();
        let signed = shown.signatures().iter().find(|signature| by_log(&signature.name, signature.key_id));
        note.add(signed.expect("its signature was checked").clone()).expect("the note has room");
        note.add(self.key.cosign(shown.text(), time)).expect("the note has room");
        Seen { checkpoint, note, time }
    }

    /// Takes in what [`Witness::add_checkpoint`] gave, or what was kept of it.
    pub fn remember(&mut self, seen: Seen) {
        if let Some(watched) = self.logs.get_mut(&seen.checkpoint.origin) {
            watched.seen = Some(seen);
        }
    }

    /// Reads what was kept of a log: the note that [`Seen`] has, by the log's key and this witness's.
    pub fn read_seen(&self, note: &str, log: &VerifierKey) -> Result<Seen, Error> {
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::open(&note, log)?;
        let time = note.cosigned(&self.cosigner())?.time;
        Ok(Seen { checkpoint, note, time })
    }
}

impl Seen {
    /// The witness's signature line, as it answers a log.
    pub fn cosignature(&self) -> String {
        let lines = self.note.signatures().last().map(|signature| format!("{signature}\n"));
        lines.expect("the cosignature is added last")
    }
}

impl Misdeed {
    /// What was cosigned, and what the log's key signed later against it.
    pub fn new(seen: &Seen, shown: &Note) -> Self {
        Self { seen: seen.note.clone(), shown: shown.clone() }
    }

    /// Whether the log took leaves back, rather than changing them.
    pub fn is_rollback(&self) -> bool {
        let size = |note: &Note| Checkpoint::parse(note.text()).map_or(0, |checkpoint| checkpoint.size);
        size(&self.shown) < size(&self.seen)
    }
}

impl fmt::Display for Misdeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |note: &Note| note.text().lines().skip(1).take(2).collect::<Vec<_>>().join(" root ");
        let origin = self.seen.text().lines().next().unwrap_or_default();
        let what = if self.is_rollback() { "took events back" } else { "has two histories" };
        let (seen, shown) = (said(&self.seen), said(&self.shown));
        write!(f, "the log {origin} {what}: cosigned was size {seen}; now it signs size {shown}")
    }
}

impl Refusal {
    /// The HTTP status that tlog-witness has for it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::OldIsLarger { .. } => 400,
            Self::UnknownLog(_) => 404,
            Self::NotSigned(_) => 403,
            Self::OtherSize { .. } | Self::OtherRoot(_) | Self::NotEmpty => 409,
            Self::NotConsistent(_) => 422,
        }
    }
}
