//! Named points in the life of a commit, an opening, a run of the index, an erasure, a rotation and
//! a copy, at which a process can be stopped.

use std::{fmt, str::FromStr, sync::OnceLock};

/// Where a process is, between two things it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Point {
    /// A new log has its keys, journal and sled, and is not marked as one yet.
    LogMade,
    /// The keys of a commit's new journeys are durable; nothing of the commit is written.
    KeysWritten,
    /// A new segment is there, and empty.
    SegmentBegun,
    /// A frame is in the journal and not synced.
    FrameWritten,
    /// A frame is durable in the journal; nobody can read it yet.
    FrameSynced,
    /// A frame is durable and can be read; nobody was told, and sled may not have it.
    FrameReadable,
    /// A frame is in sled too, and still waits among those that are not.
    FrameInSled,
    /// A sled that could not be read was set aside; there is none now.
    SledSetAside,
    /// A frame was restored to sled from the journal, and more may follow.
    FrameRestored,
    /// A segment was written anew beside its place, or made longer or shorter, and is not synced.
    SegmentRewritten,
    /// A run of the index is whole under another name.
    RunWritten,
    /// A run that holds several others is in its place, and they are still there.
    RunsMerged,
    /// The tiles of a checkpoint are durable, and it is not signed yet.
    TilesWritten,
    /// A checkpoint is durable in its place; partial tiles that nobody needs any more are still there.
    CheckpointWritten,
    /// An erasure is written down to be done; the keys are still there.
    ErasureOrdered,
    /// The keys of an erasure are overwritten; the log does not tell of it yet.
    KeysDestroyed,
    /// The log tells of an erasure; its certificate is not signed.
    ErasureRecorded,
    /// The certificate of an erasure is in its place, and what was written down to be done too.
    ErasureCertified,
    /// A rotation of the master key was begun; nothing is prepared.
    RotationBegun,
    /// All keys are wrapped by the new master key, beside the old.
    RotationPrepared,
    /// A rotation will be finished.
    RotationDecided,
    /// A rotation set an old file aside, and the new one is not in its place.
    RotationSetAside,
    /// A rotation put a new file in its place; the old one is not overwritten.
    RotationReplaced,
    /// A rotation is done, and still says that it is under way.
    RotationFinished,
    /// A directory says that a copy is being made in it, and holds nothing else.
    CopyBegun,
    /// The frames of a log are copied.
    FramesCopied,
    /// The keys of a log are copied; of one that is restored, none is destroyed yet that must be.
    KeysCopied,
    /// A log within the one that is copied is whole; what it lies in says that it is unfinished.
    LogCopied,
}

impl Point {
    /// Those that appending, opening and the index come to.
    pub const ALL: [Self; 14] = [
        Self::LogMade,
        Self::KeysWritten,
        Self::SegmentBegun,
        Self::FrameWritten,
        Self::FrameSynced,
        Self::FrameReadable,
        Self::FrameInSled,
        Self::SledSetAside,
        Self::FrameRestored,
        Self::SegmentRewritten,
        Self::RunWritten,
        Self::RunsMerged,
        Self::TilesWritten,
        Self::CheckpointWritten,
    ];

    /// Those that backups and restores come to.
    pub const OF_COPIES: [Self; 4] = [Self::CopyBegun, Self::FramesCopied, Self::KeysCopied, Self::LogCopied];

    /// Those that erasing and rotating keys come to.
    pub const OF_KEYS: [Self; 10] = [
        Self::ErasureOrdered,
        Self::KeysDestroyed,
        Self::ErasureRecorded,
        Self::ErasureCertified,
        Self::RotationBegun,
        Self::RotationPrepared,
        Self::RotationDecided,
        Self::RotationSetAside,
        Self::RotationReplaced,
        Self::RotationFinished,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let named = |point: &Self| point.to_string() == name;
        Self::ALL
            .into_iter()
            .chain(Self::OF_KEYS)
            .chain(Self::OF_COPIES)
            .find(named)
            .ok_or_else(|| format!("`{name}` is the name of no point"))
    }
}

type Hook = Box<dyn Fn(Point) + Send + Sync>;

static HOOK: OnceLock<Hook> = OnceLock::new();

/// Has this called whenever this process reaches a point, on the thread that reaches it. Set once, before a log opens.
pub fn on_point(hook: impl Fn(Point) + Send + Sync + 'static) {
    assert!(HOOK.set(Box::new(hook)).is_ok(), "a process says once what it does at points");
}

pub(crate) fn reached(point: Point) {
    if let Some(hook) = HOOK.get() {
        hook(point);
    }
}
