//! A copy of a tree with all its entries, that can be verified alone: without the log, its keys or this service.

use std::path::Path;

use serde::Serialize;
use throughline_proof::{
    Checkpoint, EntryBundle, Level, Note, TILE_WIDTH, Tile, TiledTree, VerifierKey, leaf_hash,
};

use super::{
    Files, OTHER_ROOT, Signed, beyond, checking::below, damaged, files, files::Written, path, witnessed,
};
use crate::{
    Error,
    backup::refusal,
    directory::{self, JOURNAL},
    frame::Frame,
    journal::Piece,
    segments::Segments,
};

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Exported {
    /// The checkpoint of the export.
    pub checkpoint: Signed,
    /// Bytes of its entries.
    pub entry_bytes: u64,
    /// How many events of it witnesses cosigned; none where no witness did.
    pub witnessed: Option<u64>,
}

/// Copies the tree of the data directory `data` up to its checkpoint into `to`, with a bundle of entries for every 256
/// events. `to` is new, empty, or an earlier export of the same log, to which it adds. The log may be open in this or
/// another process. Entries are read from the journal, and lead to the signed root, or nothing is signed in `to`.
pub fn export(data: &Path, to: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Exported, Error> {
    directory::check_format(data)?;
    let (from, to) = (Files::new(path(data)), Files::new(to.to_owned()));
    let vkey = text(&from.vkey())?;
    let key =
        VerifierKey::parse(vkey.trim_end()).map_err(|error| damaged(&from.vkey(), 0, error.to_string()))?;
    let note = text(&from.checkpoint())?;
    let wrong = |error: throughline_proof::Error| damaged(&from.checkpoint(), 0, error.to_string());
    let signed = Note::parse(&note).and_then(|note| Checkpoint::open(&note, &key)).map_err(wrong)?;
    std::fs::create_dir_all(to.root()).map_err(|source| files::io_error(to.root(), source))?;
    match files::read(&to.vkey())? {
        Some(known) if known == vkey.as_bytes() => {}
        Some(_) => return Err(refusal(to.root(), "it is the export of another log; name a new directory")),
        None if below(to.root())?.is_empty() => {}
        None => return Err(refusal(to.root(), "it is not empty; name a new directory")),
    }
    let mut written = to.write();
    written.put(&to.vkey(), vkey.as_bytes())?;
    let (mut tree, mut bundle, mut entry_bytes) = (TiledTree::default(), Vec::new(), 0);
    leaves(data, signed.size, &mut |leaf| {
        let bad =
            |error: throughline_proof::Error| damaged(&data.join(JOURNAL), tree.size(), error.to_string());
        EntryBundle::push(&mut bundle, leaf).map_err(bad)?;
        for (tile, hashes) in tree.push(leaf_hash(leaf)) {
            written.tile(&tile, &hashes)?;
        }
        if tree.size() % TILE_WIDTH == 0 || tree.size() == signed.size {
            let tile = Tile::within(Level::Entries, (tree.size() - 1) / TILE_WIDTH, tree.size());
            written.put(&to.tile(&tile.expect("it holds the last entry")), &bundle)?;
            entry_bytes += bundle.len() as u64;
            bundle.clear();
            progress(tree.size(), signed.size);
        }
        Ok(())
    })?;
    for (tile, hashes) in tree.partial() {
        written.tile(&tile, hashes)?;
    }
    if tree.root() != signed.root {
        return Err(damaged(&data.join(JOURNAL), 0, OTHER_ROOT));
    }
    written.sync()?;
    let mut written = to.write();
    let witnessed = copy_witnessed(&from, &to, &mut written, (&key, signed.size))?;
    written.put(&to.checkpoint(), note.as_bytes())?;
    written.sync()?;
    remove_earlier(&to, signed.size);
    Ok(Exported { checkpoint: Signed::of(&signed, &key), entry_bytes, witnessed })
}

/// Copies what witnesses cosigned, up to the checkpoint of the export; how many events that covers.
fn copy_witnessed(
    from: &Files,
    to: &Files,
    written: &mut Written<'_>,
    (key, size): (&VerifierKey, u64),
) -> Result<Option<u64>, Error> {
    for (path, signed) in witnessed::kept(from, key)? {
        if let Some(signed) = signed.filter(|signed| signed.checkpoint.size <= size) {
            let name = path.file_name().expect("it lies in a directory");
            written.put(&to.witnessed().join(name), signed.note.to_string().as_bytes())?;
        }
    }
    Ok(witnessed::newest(to, key, size)?.map(|signed| signed.checkpoint.size))
}

/// Reads the leaves of the first `events` events from the journal, in their order.
fn leaves(data: &Path, events: u64, visit: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
    let segments = Segments::list(&data.join(JOURNAL))?;
    let mut next = 0;
    for first in segments.firsts().iter().take_while(|first| **first < events) {
        let (segment, file) = (segments.read(*first)?, segments.file(*first));
        for piece in &segment.pieces {
            match piece {
                _ if next >= events => return Ok(()),
                Piece::Frame { at, first, end, .. } if *first == next => {
                    let wrong = |error: crate::codec::Malformed| damaged(&file, next, error.to_string());
                    let frame = Frame::parse(&segment.bytes[at.clone()], next).map_err(wrong)?;
                    for (position, _, record) in frame.records_where(|n, _| n < events).map_err(wrong)? {
                        visit(&record.leaf_data(position).map_err(wrong)?)?;
                    }
                    next = *end;
                }
                Piece::Frame { .. } => return Err(damaged(&file, next, "the frame is missing")),
                Piece::Bad { what, .. } => return Err(damaged(&file, next, what.clone())),
            }
        }
    }
    if next < events { Err(damaged(segments.path(), next, beyond(events, next))) } else { Ok(()) }
}

/// Removes the partial tiles of an earlier export.
fn remove_earlier(files: &Files, size: u64) {
    for path in below(&files.root().join("tile")).unwrap_or_default() {
        let name = path.strip_prefix(files.root()).unwrap_or(&path).display().to_string();
        let Ok(tile) = Tile::parse(&name) else { continue };
        if !tile.is_full() && Tile::within(tile.level, tile.index, size) != Some(tile) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn text(path: &Path) -> Result<String, Error> {
    let bytes =
        files::read(path)?.ok_or_else(|| damaged(path, 0, "it is missing; open the log to have it made"))?;
    String::from_utf8(bytes).map_err(|_| damaged(path, 0, "it is no text"))
}
