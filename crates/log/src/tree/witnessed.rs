//! What witnesses cosigned, as it lies in `witnessed/`: one note for each witness, with the log's signature and its own.
//! Whose the cosignatures are is for whoever knows the witnesses' keys; that the log signed the checkpoint, and that it is
//! one of this tree, is looked at here.

use std::{fs, io::ErrorKind, path::PathBuf};

use throughline_proof::{Checkpoint, Note, TiledTree, VerifierKey};

use super::{Files, Unmade, damaged, files};
use crate::Error;

/// A checkpoint, and the note that it was read from.
pub(crate) struct SignedCheckpoint {
    pub checkpoint: Checkpoint,
    pub note: Note,
}

/// The files of `witnessed/`, with what the log signed in each; none where it signed nothing there.
pub(super) fn kept(
    files: &Files,
    key: &VerifierKey,
) -> Result<Vec<(PathBuf, Option<SignedCheckpoint>)>, Error> {
    let folder = files.witnessed();
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| files::io_error(&folder, source))?,
    };
    let mut kept = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| files::io_error(&folder, source))?.path();
        // What is kept of former witnesses is in a folder of its own, and is relied on by nothing.
        if path.is_dir() {
            continue;
        }
        // One that is just being written lies beside its place.
        if path.extension().is_some_and(|extension| extension == "new") {
            continue;
        }
        let Some(bytes) = files::read(&path)? else { continue };
        let signed = || {
            let note = Note::parse(str::from_utf8(&bytes).ok()?).ok()?;
            let checkpoint = Checkpoint::open(&note, key).ok()?;
            Some(SignedCheckpoint { checkpoint, note })
        };
        let signed = signed();
        kept.push((path, signed));
    }
    Ok(kept)
}

/// The newest checkpoint of this tree that witnesses cosigned, with all cosignatures of it; none where there is none among
/// the first `covered` events. One that the log signed over another history is passed over.
pub(super) fn newest(
    files: &Files,
    key: &VerifierKey,
    covered: u64,
) -> Result<Option<SignedCheckpoint>, Error> {
    let mut found: Vec<_> = kept(files, key)?.into_iter().filter_map(|(_, signed)| signed).collect();
    found.retain(|signed| (1..=covered).contains(&signed.checkpoint.size));
    found.sort_by_key(|signed| std::cmp::Reverse(signed.checkpoint.size));
    while !found.is_empty() {
        let text = found[0].note.text().to_owned();
        let (same, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|signed| signed.note.text() == text);
        let mut same = same.into_iter();
        let mut newest = same.next().expect("it has the first");
        if is_of(files, &newest.checkpoint)? {
            for signature in same.flat_map(|signed| signed.note.signatures().to_vec()) {
                // A note has room for 64; what does not fit is left out.
                let _ = newest.note.add(signature);
            }
            return Ok(Some(newest));
        }
        found = others;
    }
    Ok(None)
}

/// Whether the tree begins with what this checkpoint covers.
fn is_of(files: &Files, checkpoint: &Checkpoint) -> Result<bool, Error> {
    let read = &mut |tile| files.hashes(tile).map_err(Unmade::Tile);
    match TiledTree::read(checkpoint.size, read) {
        Ok(tree) => Ok(tree.root() == checkpoint.root),
        Err(Unmade::Tile(error)) => Err(error),
        Err(Unmade::Proof(error)) => Err(damaged(files.root(), 0, error.to_string())),
    }
}
