//! Journal and sled brought to the same frames: what one lost, the other restores, and what both lost a backup does
//! where one is named.
//!
//! A frame is believed where its checksum is right and it names the frame before it by its hash. The whole is walked
//! ([`walk`]) only where something is amiss; of a log that is well, the last segment is walked, and of every other its
//! end. What lies beyond a frame that nobody has is looked through in [`gaps`].

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use throughline_domain::Position;

use crate::{
    Error, Problem,
    directory::{Directory, JOURNAL},
    frame::{self, Frame},
    journal::{Journal, Setup},
    record::Hash,
    segments::Segments,
    store::Store,
};

pub(crate) mod gaps;
mod walk;

use walk::Walk;

/// Journal and sled with the same frames, up to the first that neither has.
pub(crate) struct Healed {
    pub journal: Arc<Journal>,
    pub store: Arc<Store>,
    /// What was not as it should be, and is now.
    pub mended: Vec<Problem>,
    /// Where it went no further.
    pub stopped: Option<Stopped>,
}

/// A place at which neither has the frame, or both have another.
pub(crate) struct Stopped {
    pub position: u64,
    /// Hash of the frame before.
    pub previous: Hash,
    pub file: String,
    pub what: String,
}

/// How much is looked at where nothing is amiss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Tail,
    Everything,
}

/// Why the two could not be compared.
enum Stop {
    /// Sled cannot read its own files; the journal may know all that was in them.
    Sled(Error),
    Other(Error),
}

/// Opens the frames of this directory and heals what can be healed. A frame that neither has is an error.
pub(crate) fn open(directory: &Directory, setup: Setup, depth: Depth) -> Result<Healed, Error> {
    let healed = mend(directory, setup, depth, None)?;
    match healed.stopped {
        None => Ok(healed),
        Some(Stopped { position, file, what, .. }) => {
            Err(Error::Damaged { file, position: Position(position), what })
        }
    }
}

/// Heals what can be healed, with the frames of a backup where neither journal nor sled has them.
pub(crate) fn mend(
    directory: &Directory,
    setup: Setup,
    depth: Depth,
    backup: Option<&Path>,
) -> Result<Healed, Error> {
    let (journal_path, sled_path) = (directory.journal(), directory.frames());
    let sled_there = sled_path.exists();
    let journal = Arc::new(Journal::open(&journal_path, setup)?);
    let only_copy = backup.is_none() && journal.segments().is_empty();
    if directory.is_marked() && !sled_there && only_copy {
        return Err(Error::Damaged {
            file: directory.path().display().to_string(),
            position: Position(0),
            what: "sled and the journal's segments are missing".to_owned(),
        });
    }
    let mut mended = Vec::new();
    let open_store = |depth, mended: &mut Vec<Problem>| -> Result<(Store, Option<Stopped>), Stop> {
        let store = Store::open(&sled_path).map_err(Stop::of_sled)?;
        let stopped = heal(&journal, &store, depth, backup, mended)?;
        Ok((store, stopped))
    };
    let opened = match open_store(depth, &mut mended) {
        Err(Stop::Sled(error)) if !only_copy => {
            let aside = set_aside(&sled_path)?;
            point!(SledSetAside);
            mended.push(Problem {
                position: Position(0),
                file: sled_path.display().to_string(),
                what: format!("{error}; it was set aside as {} and made again", aside.display()),
            });
            open_store(Depth::Everything, &mut mended)
        }
        opened => opened,
    };
    let (store, stopped) = opened.map_err(|(Stop::Sled(error) | Stop::Other(error))| error)?;
    for mend in &mended {
        tracing::warn!(file = mend.file, position = mend.position.0, what = mend.what, "the log was healed");
    }
    if !mended.is_empty() {
        store.flush()?;
    }
    if stopped.is_none() {
        journal.resume(store.last()?.as_ref().map_or(&[], |last| &last.bytes))?;
    }
    Ok(Healed { journal, store: Arc::new(store), mended, stopped })
}

fn heal(
    journal: &Journal,
    store: &Store,
    depth: Depth,
    backup: Option<&Path>,
    mended: &mut Vec<Problem>,
) -> Result<Option<Stopped>, Stop> {
    let start = match depth {
        Depth::Tail => agreed(journal, store)?,
        Depth::Everything => None,
    };
    let (next, previous) = start.unwrap_or_default();
    let backup = backup.map(|backup| Segments::list(&backup.join(JOURNAL))).transpose()?;
    Walk::new(journal, store, backup, (next, previous), mended).run()
}

/// Where the last segment begins, and the hash of the frame before it; where every segment before it ends with the
/// frame that sled has there. None where something is amiss.
fn agreed(journal: &Journal, store: &Store) -> Result<Option<(u64, Hash)>, Stop> {
    let segments = journal.segments();
    let (Some(0), Some(last)) = (segments.first(), segments.last()) else { return Ok(None) };
    let mut previous = Hash::default();
    for pair in segments.windows(2) {
        let Some(kept) = store.holding(pair[1] - 1).map_err(Stop::of_sled)? else { return Ok(None) };
        let ends = Frame::parse(&kept.bytes, kept.first).is_ok_and(|frame| frame.end() == pair[1]);
        if !ends || kept.first < pair[0] || !journal.ends_with(pair[0], &kept.bytes)? {
            return Ok(None);
        }
        previous = frame::hash(&kept.bytes);
    }
    Ok(Some((*last, previous)))
}

impl Stop {
    /// What sled says of itself; that the disk or its rights say no is not sled's doing.
    fn of_sled(error: Error) -> Self {
        let outside = |kind| {
            matches!(
                kind,
                ErrorKind::PermissionDenied
                    | ErrorKind::StorageFull
                    | ErrorKind::QuotaExceeded
                    | ErrorKind::ReadOnlyFilesystem
            )
        };
        match error {
            Error::Damaged { .. } => Self::Sled(error),
            Error::Io { ref source, .. } if !outside(source.kind()) => Self::Sled(error),
            error => Self::Other(error),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Gives a directory another name, the first that is free.
fn set_aside(path: &Path) -> Result<PathBuf, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let aside =
        (1..=u32::MAX).map(|n| path.with_extension(format!("aside-{n}"))).find(|aside| !aside.exists());
    let aside = aside.expect("one of four thousand million names is free");
    fs::rename(path, &aside).map_err(io)?;
    Ok(aside)
}
