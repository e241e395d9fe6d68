//! Verifying a directory that nobody has open.

use std::path::Path;

use throughline_domain::Position;
use throughline_vault::{MasterKey, Vault};

use super::{Compared, PROBLEMS_MAX, Problem, Verified, Verifier, of_backup};
use crate::{
    Error,
    directory::{self, Directory, FORMAT_FILE, INDEX, JOURNAL, SLED},
    frame, index,
    journal::{Journal, Piece, Setup},
    keys,
    segments::Segments,
    store::Store,
    tree::{self, TreeCheck},
};

/// [`Log::verify`] for a directory that nobody has open, even where damage keeps the log from opening. Nothing is
/// healed. A backup is read where it lies, and stays as it was taken.
pub fn verify(path: &Path, deep: bool, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Verified, Error> {
    verify_with_key(path, None, deep, progress)
}

/// The same, with a master key that is kept elsewhere than in `keys/master.key`.
pub fn verify_with_key(
    path: &Path,
    master: Option<&MasterKey>,
    deep: bool,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Verified, Error> {
    if is_backup(path) {
        return of_backup::verify(path, master, progress);
    }
    let directory = Directory::lock(path)?;
    let format = match directory::check_format(path) {
        Err(Error::Damaged { file, position, what }) => Some(Problem { position, file, what }),
        checked => checked.map(|()| None)?,
    };
    let vault = keys::settled(&directory, master)?;
    let known = index::events_on_disk(&directory.index());
    // Opened where it is missing, sled would be made anew, and an empty log is found whole.
    let mut found = if directory.frames().exists() {
        verify_both(&directory, &vault, known, deep, progress)?
    } else {
        verify_journal(&directory, &vault, known, progress)?
    };
    found.problems.splice(0..0, format);
    if !found.problems.is_empty() {
        found.root = None;
    }
    Ok(found)
}

/// Whether a backup lies here, or what is left of one: a journal that no log was ever opened on, or a log within a backup.
pub fn is_backup(path: &Path) -> bool {
    let is = |path: &Path| directory::check_no_backup(path).is_err();
    let opened = [FORMAT_FILE, SLED, INDEX].iter().any(|part| path.join(part).exists());
    is(path) || !opened && path.is_dir() && (path.join(JOURNAL).exists() || path.parent().is_some_and(is))
}

fn verify_both(
    directory: &Directory,
    vault: &Vault,
    known: u64,
    deep: bool,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Verified, Error> {
    let store = Store::open(&directory.frames())?;
    let journal_path = directory.journal();
    let journal =
        if journal_path.exists() { Some(Journal::open(&journal_path, Setup::default())?) } else { None };
    // A damaged last frame does not say where the log ends, but its own position does say where to look.
    let events = match store.end() {
        Ok(end) => end.events,
        Err(Error::Damaged { position, .. }) => position.0 + 1,
        Err(error) => return Err(error),
    };
    let check = TreeCheck::begin(&directory.tree(), &tree::signing_key(vault), events, false)?;
    let compared = Compared { journal: journal.as_ref(), running: false, known };
    let mut found = Verifier::new(&store, vault, check).run(events, deep, compared, progress)?;
    if found.problems.is_empty() {
        found.problems.extend(forgotten(directory, events, known));
    }
    Ok(found)
}

/// That the index knows of more events than there are.
fn forgotten(directory: &Directory, events: u64, known: u64) -> Option<Problem> {
    let what = format!("the index knows of {known} events; those from here on are missing");
    (events < known).then(|| problem(events, &directory.index(), &what))
}

fn problem(position: u64, file: &Path, what: &str) -> Problem {
    Problem { position: Position(position), file: file.display().to_string(), what: what.to_owned() }
}

/// Looks at the frames of the journal alone, where there is no sled: what a repair would make it from.
fn verify_journal(
    directory: &Directory,
    vault: &Vault,
    known: u64,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Verified, Error> {
    let check = TreeCheck::begin(&directory.tree(), &tree::signing_key(vault), known, false)?;
    let (checkpoint, problems) = (check.signed(), Vec::new());
    let mut found = Verified { events: 0, frames: 0, root: None, checkpoint, problems };
    let what = "sled is missing; opening the log, or a repair, makes it again from the journal";
    found.problems.push(problem(0, &directory.frames(), what));
    let path = directory.journal();
    if !path.exists() {
        found.problems.push(problem(0, &path, "the journal is missing too"));
        return Ok(found);
    }
    let segments = Segments::list(&path)?;
    let total = segments.firsts().iter().map(|first| segments.length(*first)).sum();
    let (mut next, mut previous, mut done) = (0, Some([0; 32]), 0);
    for first in segments.firsts() {
        let (segment, file) = (segments.read(*first)?, segments.file(*first));
        for piece in &segment.pieces {
            match piece {
                Piece::Frame { at, first, end, previous: names } => {
                    if *first != next || previous.is_some_and(|hash| hash != *names) {
                        let what =
                            format!("a frame begins at {first} that does not follow what ends at {next}");
                        found.problems.push(problem(next.min(*first), &file, &what));
                    }
                    found.events += end - first;
                    found.frames += 1;
                    (next, previous) = (*end, Some(frame::hash(&segment.bytes[at.clone()])));
                }
                Piece::Bad { what, .. } => {
                    found.problems.push(problem(next, &file, what));
                    previous = None;
                }
            }
        }
        done += segment.bytes.len() as u64;
        progress(done, total);
    }
    found.problems.truncate(PROBLEMS_MAX - 1);
    found.problems.extend(forgotten(directory, next, known));
    found.problems.extend(check.end(next, false, None, ""));
    Ok(found)
}
