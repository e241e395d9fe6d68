//! Heals what can be healed, and tells what it did and what nobody can heal.

use std::path::Path;

use serde::Serialize;
use throughline_domain::Position;
use throughline_vault::MasterKey;

use crate::{
    Error, Problem, backup,
    directory::{self, Directory},
    healing::{self, Depth, gaps},
    index,
    journal::Setup,
    keys,
    segments::Segments,
    tree,
};

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Repaired {
    /// Events from the first on, without a gap, that can be read now.
    pub events: u64,
    /// What was not as it was written, and is now, by position.
    pub mended: Vec<Problem>,
    /// What could not be mended, by position; empty where the log is whole.
    pub gaps: Vec<Gap>,
    /// Events after the first gap that the journal or sled still has.
    pub events_beyond: u64,
}

/// Events that no copy has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Gap {
    /// The first of them.
    pub from: Position,
    /// The last of them; none where nothing says how many there were.
    pub to: Option<Position>,
    /// The files or stores looked in.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

/// Compares every frame of the journal and of sled in a directory that nobody has open, and restores in each what only
/// the other has; what neither has, from the backup, where one is named and the chain of frames says that it belongs
/// here. Nothing that was acknowledged is taken out; files that cannot be used are set aside. Up to the first gap
/// everything is healed; what lies beyond is looked through and left as it is.
pub fn repair(path: &Path, backup: Option<&Path>) -> Result<Repaired, Error> {
    repair_with_key(path, None, backup)
}

/// The same, with a master key that is kept elsewhere than in `keys/master.key`.
pub fn repair_with_key(
    path: &Path,
    master: Option<&MasterKey>,
    backup: Option<&Path>,
) -> Result<Repaired, Error> {
    repair_with(path, master, backup, Setup::default())
}

pub(crate) fn repair_with(
    path: &Path,
    master: Option<&MasterKey>,
    backup: Option<&Path>,
    setup: Setup,
) -> Result<Repaired, Error> {
    if let Some(backup) = backup {
        backup::read_words(backup)?;
    }
    let directory = Directory::lock(path)?;
    let format = match directory::check_format(path) {
        Err(Error::Damaged { file, what, .. }) => Some((file, what)),
        checked => checked.map(|()| None)?,
    };
    // Asked first, for an index that fits the log no more is made anew.
    let known = index::events_on_disk(&directory.index());
    let mut repaired = match mend(&directory, master, backup, setup, known) {
        Err(Error::Damaged { file, position, what }) => Repaired {
            events: position.0,
            mended: Vec::new(),
            gaps: vec![Gap { from: position, to: known.checked_sub(1).map(Position), file, what }],
            events_beyond: 0,
        },
        mended => mended?,
    };
    if let Some((file, what)) = format.filter(|_| repaired.gaps.is_empty()) {
        // The frames can be read, so it was this one.
        directory.mark()?;
        let what = format!("{what}; written again");
        repaired.mended.push(Problem { position: Position(0), file, what });
    }
    repaired.mended.sort_by_key(|mend| mend.position);
    Ok(repaired)
}

fn mend(
    directory: &Directory,
    master: Option<&MasterKey>,
    backup: Option<&Path>,
    setup: Setup,
    known: u64,
) -> Result<Repaired, Error> {
    let healed = healing::mend(directory, setup, Depth::Everything, backup)?;
    healed.store.flush()?;
    let mended = healed.mended;
    if let Some(stopped) = healed.stopped {
        let mut journal = Segments::list(&directory.journal())?;
        let from = (stopped.position, stopped.previous);
        let beyond = gaps::look(&mut journal, &healed.store, from, known)?;
        let (gaps, events_beyond) = (beyond.gaps, beyond.readable);
        return Ok(Repaired { events: stopped.position, mended, gaps, events_beyond });
    }
    let events = healed.store.end()?.events;
    let mut mended = mended;
    // Without the keys nothing can be signed, and opening the log says so.
    let denied = match keys::settled(directory, master) {
        Ok(vault) => {
            let copies = (&healed.store, &healed.journal);
            tree::repair(&directory.tree(), copies, &vault, &mut mended)?
        }
        Err(_) => None,
    };
    let forgotten = (events < known).then(|| Gap {
        from: Position(events),
        to: Some(Position(known - 1)),
        file: directory.index().display().to_string(),
        what: "the index knows these events, and neither the journal nor sled has them".to_owned(),
    });
    Ok(Repaired { events, mended, gaps: forgotten.or(denied).into_iter().collect(), events_beyond: 0 })
}
