//! The seams of the fault suite, and none of them in a build without it: a disk that fails when told to, bugs planted
//! on purpose, and named points at which a process can be stopped.
//!
//! `docs/guides/faults.md` says what the suite does with them. The crate's own tests are here too: what the journal
//! promises in spite of the disk, and must break because of the bugs.

use std::{fmt, path::Path, str::FromStr, sync::Arc};

use throughline_domain::JourneyId;
use throughline_vault::Part;

use crate::{Clock, Error, Log, journal::Setup};

mod faulty;
mod points;

#[cfg(test)]
mod copies;
#[cfg(test)]
#[path = "../../tests/promises/data.rs"]
#[allow(dead_code, reason = "shared with the tests of the promises")]
mod data;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod erasures;
#[cfg(test)]
mod healing;
#[cfg(test)]
mod insider;
#[cfg(test)]
mod places;
#[cfg(test)]
mod seeded;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod witnessed;

pub use faulty::{Fault, FaultyDisk, Told, Trouble};
pub(crate) use points::reached;
pub use points::{Point, on_point};

/// A bug planted on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeded {
    /// Commits are acknowledged while their frames are not durable.
    AcknowledgeBeforeSync,
    /// Nothing is written to the journal.
    SkipJournal,
    /// What the journal has is believed whatever its checksums say.
    IgnoreChecksums,
    /// Two frames change places.
    ReorderFrames,
    /// A sync that failed is taken for one that went well.
    PassOverFailedSync,
    /// However few bytes the disk took, the frame is taken for written.
    TrustWrites,
    /// A new segment's name is not made durable.
    SkipDirectorySync,
    /// A checkpoint is signed and put in its place before the tiles it needs.
    SignBeforeTiles,
    /// At opening, the root of the tree is not compared with the signed one.
    SkipRootCheck,
    /// At opening, the signed checkpoint is passed over.
    IgnoreCheckpoint,
}

impl Seeded {
    /// Those that a process can be begun with. What comes of signing before the tiles is seen only between two writes, by the
    /// tests of this crate.
    pub const ALL: [Self; 9] = [
        Self::AcknowledgeBeforeSync,
        Self::SkipJournal,
        Self::IgnoreChecksums,
        Self::ReorderFrames,
        Self::PassOverFailedSync,
        Self::TrustWrites,
        Self::SkipDirectorySync,
        Self::SkipRootCheck,
        Self::IgnoreCheckpoint,
    ];
}

impl fmt::Display for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl FromStr for Seeded {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let named = |bug: &Self| bug.to_string() == name;
        Self::ALL.into_iter().find(named).ok_or_else(|| format!("`{name}` is the name of no planted bug"))
    }
}

/// [`Log::open`] on this disk, with segments that are full at this size.
pub fn open(path: &Path, clock: Clock, disk: Arc<FaultyDisk>, segment_bytes: u64) -> Result<Log, Error> {
    Log::open_with(path, None, clock, Setup { disk, segment_bytes, ..Setup::default() })
}

impl Log {
    /// The bytes of a journey's keys, for tests that look for them where they must not be.
    pub fn key_bytes(&self, journey: JourneyId) -> Result<Vec<Vec<u8>>, Error> {
        let keys = [Part::Facts, Part::Personal].map(|part| self.vault.key_bytes(journey, part));
        keys.into_iter().filter_map(|key| key.map_err(Error::from).transpose()).collect()
    }
}

#[cfg(test)]
use data::*;
#[cfg(test)]
use places::*;
