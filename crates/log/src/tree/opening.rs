//! The tree at the opening of a log: whether the frames are those that were signed.
//!
//! Of a log that is well, only the right edge of the tree is read, and the frames of its last tile. Where something is
//! amiss, all leaves are hashed anew: they say whether the tiles were damaged, which are made again then, or the frames.

use std::{fs, sync::Arc};

use jiff::Timestamp;
use throughline_proof::{Checkpoint, Hash, Level, Note, TILE_WIDTH, Tile, TiledTree};
use throughline_vault::Vault;

use super::{
    Files, Head, OTHER_ROOT, Upkeep, beyond, damaged, head, leaves,
    publish::{Published, Publisher, SignedHead},
    signing_key,
};
use crate::{Clock, Error, journal::Journal, mending::mending, store::Store};

/// Opens the tree of a log with so many events, and refuses where its checkpoint says other than the frames. Of a log
/// that is just being made, `is_new`, no tree is missed.
pub(crate) fn open(
    files: &Files,
    (store, journal): (&Arc<Store>, &Arc<Journal>),
    vault: &Vault,
    (events, is_new): (u64, bool),
    (clock, upkeep): (Clock, Upkeep),
) -> Result<Publisher, Error> {
    let key = signing_key(vault);
    let publisher = |head, tree: TiledTree| Publisher {
        published: Arc::new(Published::new(files.clone(), signing_key(vault), upkeep, head)),
        store: Arc::clone(store),
        journal: Arc::clone(journal),
        clock: Arc::clone(&clock),
        before: tree.size(),
        tree,
    };
    if upkeep == Upkeep::Off {
        return Ok(publisher(None, TiledTree::default()));
    }
    let found = if planted!(files, IgnoreCheckpoint) { Head::Missing } else { head(files, &key)? };
    let (checkpoint, note) = match found {
        Head::Signed(checkpoint, note) => (checkpoint, note),
        Head::Bad(why) => return Err(damaged(&files.checkpoint(), 0, bad_head(&why))),
        Head::Missing => {
            if !is_new {
                let file = files.checkpoint().display().to_string();
                tracing::warn!(
                    file,
                    events,
                    "the signed head of the log is missing, and made again from the frames as they are now; compare \
                     it with a copy kept elsewhere"
                );
            }
            return Ok(publisher(None, TiledTree::default()));
        }
    };
    let tree = if let Some(tree) = edge(files, store, events, &checkpoint)? {
        tree
    } else {
        compare(files, (store, journal), &checkpoint)?;
        tracing::warn!(
            path = %files.root().display(),
            "tiles of the transparency tree are missing or damaged; they are made again from the frames, which \
             are as they were signed"
        );
        TiledTree::default()
    };
    let at = signed_at(files).unwrap_or_else(|| clock());
    Ok(publisher(Some(SignedHead { checkpoint, note, at }), tree))
}

/// Makes the whole tree of a log that is being restored. `head` is the checkpoint that the backup had, put where it
/// belongs: the restored events are compared with it.
pub(crate) fn make(
    files: &Files,
    (store, journal): (&Arc<Store>, &Arc<Journal>),
    vault: &Vault,
    head: Option<&[u8]>,
) -> Result<(), Error> {
    let key = signing_key(vault);
    let events = store.end()?.events;
    if let Some(bytes) = head {
        let note = str::from_utf8(bytes).ok().and_then(|text| Note::parse(text).ok());
        let signed = note.and_then(|note| Checkpoint::open(&note, &key.verifier()).ok());
        let signed = signed.ok_or_else(|| damaged(&files.checkpoint(), 0, bad_head("it is another one")))?;
        if signed.size <= events {
            let mut written = files.write();
            written.put(&files.checkpoint(), bytes)?;
            written.sync()?;
        }
    }
    // The time of signing is told while a log runs, and kept nowhere.
    let clock: Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
    let mut publisher = open(files, (store, journal), vault, (events, true), (clock, Upkeep::Kept))?;
    publisher.begin()?;
    publisher.catch_up(events)
}

pub(super) fn bad_head(why: &str) -> String {
    format!("it is no checkpoint that this log signed ({why}); `throughline repair` sets it aside")
}

/// The tree as the tiles at its right edge have it; none where they do not lead to the signed root, or the last tile's
/// leaves are not those of the frames. A checkpoint over more events than there are is damage.
pub(super) fn edge(
    files: &Files,
    store: &Store,
    events: u64,
    signed: &Checkpoint,
) -> Result<Option<TiledTree>, Error> {
    if signed.size > events {
        return Err(damaged(&files.checkpoint(), events, beyond(signed.size, events)));
    }
    let read = &mut |tile| files.hashes(tile).map_err(Unread::Tile);
    let tree = match TiledTree::read(signed.size, read) {
        Ok(tree) => tree,
        Err(Unread::Tile(Error::Damaged { .. }) | Unread::Proof) => return Ok(None),
        Err(Unread::Tile(error)) => return Err(error),
    };
    if tree.root() != signed.root && !planted!(files, SkipRootCheck) {
        return Ok(None);
    }
    let Some(last) = signed.size.checked_sub(1) else { return Ok(Some(tree)) };
    let first = last - last % TILE_WIDTH;
    let tile =
        Tile::within(Level::Hashes(0), last / TILE_WIDTH, signed.size).expect("the last event has its tile");
    let from_frames = match leaves::all(store, first, signed.size) {
        // A frame that sled lost is told, and restored from the journal, by whoever reads it.
        Err(Error::Damaged { .. }) => return Ok(Some(tree)),
        leaves => leaves?,
    };
    Ok(files.hashes(tile).is_ok_and(|hashes| hashes == from_frames).then_some(tree))
}

/// Compares all events up to the checkpoint with its root, and names the first that is not as its tile has it.
fn compare(files: &Files, (store, journal): (&Store, &Journal), signed: &Checkpoint) -> Result<(), Error> {
    let (mut tree, mut wrong) = (TiledTree::default(), None);
    while tree.size() < signed.size {
        let from = tree.size();
        for leaf in mending(store, journal, || leaves::portion(store, from, signed.size))? {
            if let Some((tile, hashes)) = tree.push(leaf).first()
                && wrong.is_none()
            {
                wrong = first_other(files, tile, hashes);
            }
        }
    }
    if tree.root() == signed.root || planted!(files, SkipRootCheck) {
        return Ok(());
    }
    if let Some((tile, hashes)) = tree.partial().next().filter(|(tile, _)| tile.level == Level::Hashes(0)) {
        wrong = wrong.or_else(|| first_other(files, &tile, hashes));
    }
    Err(damaged(store.path(), wrong.unwrap_or(0), OTHER_ROOT))
}

/// The first event of the tile whose leaf is another than in its file; none where the file cannot tell.
fn first_other(files: &Files, tile: &Tile, hashes: &[Hash]) -> Option<u64> {
    let known = files.hashes(*tile).ok()?;
    let nth = known.iter().zip(hashes).position(|(known, found)| known != found)?;
    Some(tile.index * TILE_WIDTH + nth as u64)
}

/// When the checkpoint's file was written.
fn signed_at(files: &Files) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(files.checkpoint()).ok()?.modified().ok()?).ok()
}

/// Why the edge could not be read.
enum Unread {
    Tile(Error),
    Proof,
}

impl From<throughline_proof::Error> for Unread {
    fn from(_: throughline_proof::Error) -> Self {
        Self::Proof
    }
}
