//! Whether checkpoint and tiles say what the frames say.

use std::{collections::BTreeSet, fs, path::Path};

use serde::Serialize;
use throughline_domain::Position;
use throughline_proof::{Checkpoint, Hash, Level, SigningKey, TILE_WIDTH, Tile, TiledTree, VerifierKey};

use super::{
    Files, Head, OTHER_ROOT, beyond,
    files::{self, first_leaf},
    head, opening,
};
use crate::{Error, Problem, store::Store, verify::hexadecimal};

/// Wrong leaves and tiles remembered; past these more would not help.
const WRONG_MAX: usize = 100;

/// What a signed checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Signed {
    /// Which log; the name of its key.
    pub origin: String,
    /// How many events it covers.
    pub events: u64,
    /// The root over them, in hexadecimal.
    pub root: String,
    /// The key that its signature was checked with: `name+key id+key`.
    pub key: String,
}

impl Signed {
    pub(crate) fn of(checkpoint: &Checkpoint, key: &VerifierKey) -> Self {
        Self {
            origin: checkpoint.origin.clone(),
            events: checkpoint.size,
            root: hexadecimal(&checkpoint.root),
            key: key.to_string(),
        }
    }
}

/// A hash of a tile that is another than the leaves make.
struct Wrong {
    /// The first event that it is about.
    position: u64,
    /// How many events it is about.
    span: u64,
    file: String,
}

/// A tree on its way through verification: it is made anew from leaves, and compared with what is there.
pub(crate) struct TreeCheck {
    files: Files,
    signed: Option<Checkpoint>,
    key: VerifierKey,
    problems: Vec<Problem>,
    tree: TiledTree,
    /// The root and the partial tiles at the size of the checkpoint, once that is reached.
    at_head: Option<Hash>,
    wrong: Vec<Wrong>,
    known: BTreeSet<Tile>,
    /// Whether appends go on meanwhile: then partial tiles come and go.
    running: bool,
}

impl TreeCheck {
    /// Reads the signed head. `events` are known to be there; where there are some, a head is missed.
    pub(crate) fn begin(root: &Path, key: &SigningKey, events: u64, running: bool) -> Result<Self, Error> {
        let files = Files::new(root.to_owned());
        let found = head(&files, key)?;
        let mut check = Self::of(files, key.verifier(), None, running);
        let file = check.files.checkpoint();
        match found {
            Head::Signed(checkpoint, _) => check.signed = Some(checkpoint),
            Head::Bad(why) => check.problem(0, &file, opening::bad_head(&why)),
            Head::Missing if events > 0 || check.files.root().exists() => {
                let what = "the signed checkpoint is missing; opening the log signs the events as they are then, so \
                            compare it with a copy kept elsewhere";
                check.problem(0, &file, what.to_owned());
            }
            Head::Missing => {}
        }
        let vkey = files::read(&check.files.vkey())?;
        let own = format!("{}\n", key.verifier());
        if check.signed.is_some() && vkey.as_deref() != Some(own.as_bytes()) {
            let file = check.files.vkey();
            check.problem(0, &file, "it is not the log's key; opening the log puts it right".to_owned());
        }
        Ok(check)
    }

    /// Checks against a head that is believed.
    pub(crate) fn of(files: Files, key: VerifierKey, signed: Option<Checkpoint>, running: bool) -> Self {
        Self {
            files,
            signed,
            key,
            problems: Vec::new(),
            tree: TiledTree::default(),
            at_head: None,
            wrong: Vec::new(),
            known: BTreeSet::new(),
            running,
        }
    }

    /// What the signed head says.
    pub(crate) fn signed(&self) -> Option<Signed> {
        self.signed.as_ref().map(|signed| Signed::of(signed, &self.key))
    }

    /// Takes in the leaf of the next event.
    pub(crate) fn push(&mut self, leaf: Hash) {
        if self.tree.size() == 0 && self.covers(0) {
            self.reach_head();
        }
        for (tile, hashes) in self.tree.push(leaf) {
            self.compare(tile, &hashes, first_leaf(&tile.full()) < self.size());
        }
        if self.covers(self.tree.size()) {
            self.reach_head();
        }
    }

    /// Whether the log signed what the leaves deny: another root, or more events.
    pub(crate) fn denies(&self, events: u64) -> bool {
        let Some(signed) = &self.signed else { return false };
        let at_head = if signed.size == 0 { None } else { self.at_head };
        signed.size > events || at_head.is_some_and(|root| root != signed.root)
    }

    /// The root over all leaves.
    pub(crate) fn root(&self) -> Hash {
        self.tree.root()
    }

    /// What is wrong, once all leaves were taken in: so many that the log has `events`; `whole` where none was missing.
    /// `frames` names where the leaves came from; what is wrong with them from `told` on was told, and what follows from
    /// it is not told again.
    pub(crate) fn end(mut self, events: u64, whole: bool, told: Option<u64>, frames: &str) -> Vec<Problem> {
        if self.tree.size() == 0 && self.covers(0) {
            self.reach_head();
        }
        let Some(signed) = self.signed.clone() else { return self.problems };
        let file = self.files.checkpoint();
        if signed.size > events && told != Some(events) {
            self.problem(events, &file, beyond(signed.size, events));
        }
        if !whole || told == Some(0) {
            return self.problems;
        }
        // Where some are missing at the end, what is there can still be others.
        if signed.size > self.tree.size() {
            self.compare_edge();
        }
        let short_and_other = signed.size > self.tree.size() && !self.wrong.is_empty();
        let as_signed = self.at_head.is_none_or(|root| root == signed.root) && !short_and_other;
        let mut wrong = std::mem::take(&mut self.wrong);
        if !as_signed {
            // Another leaf makes other hashes above it: the leaf alone is told.
            let leaves: Vec<u64> =
                wrong.iter().filter(|wrong| wrong.span == 1).map(|wrong| wrong.position).collect();
            let follows = |wrong: &Wrong| {
                wrong.span > 1
                    && leaves.iter().any(|leaf| (wrong.position..wrong.position + wrong.span).contains(leaf))
            };
            wrong.retain(|wrong| !follows(wrong));
            let first = wrong.iter().map(|wrong| wrong.position).min().unwrap_or(0);
            if told.is_none_or(|told| first <= told) {
                self.problem(first, Path::new(frames), OTHER_ROOT.to_owned());
            }
        }
        let what = if as_signed {
            "the tile is another than the events make; `throughline repair` makes it again"
        } else {
            "the tile is another than the events make"
        };
        for Wrong { position, file, .. } in
            wrong.iter().filter(|wrong| told.is_none_or(|told| wrong.position < told))
        {
            self.problem(*position, Path::new(file), what.to_owned());
        }
        if told.is_none()
            && let Err(error) = self.strays(events)
        {
            let root = self.files.root().to_owned();
            self.problem(0, &root, error.to_string());
        }
        self.problems
    }

    fn size(&self) -> u64 {
        self.signed.as_ref().map_or(0, |signed| signed.size)
    }

    fn covers(&self, size: u64) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.size == size)
    }

    fn reach_head(&mut self) {
        self.at_head = Some(self.tree.root());
        let partial: Vec<_> = self.tree.partial().map(|(tile, hashes)| (tile, hashes.to_vec())).collect();
        for (tile, hashes) in partial {
            self.compare(tile, &hashes, !self.running);
        }
    }

    /// Compares the leaves of the last tile with what its file has of them.
    fn compare_edge(&mut self) {
        let Some((tile, leaves)) = self.tree.partial().find(|(tile, _)| tile.level == Level::Hashes(0))
        else {
            return;
        };
        let Ok(known) = self.files.hashes(tile) else { return };
        if let Some(nth) = known.iter().zip(leaves).position(|(known, leaf)| known != leaf) {
            let (position, file) =
                (first_leaf(&tile) + nth as u64, self.files.tile(&tile).display().to_string());
            self.wrong.push(Wrong { position, span: 1, file });
        }
    }

    /// Compares a tile with its file. One that `must` be there is missed.
    fn compare(&mut self, tile: Tile, hashes: &[Hash], must: bool) {
        self.known.insert(tile);
        let path = self.files.tile(&tile);
        let first = first_leaf(&tile);
        let found = match files::read(&path) {
            Ok(Some(found)) => found,
            Ok(None) if must => {
                self.problem(first, &path, "the tile is missing; `throughline repair` makes it again".into());
                return;
            }
            Ok(None) => return,
            Err(error) => return self.problem(first, &path, error.to_string()),
        };
        if found != hashes.as_flattened() && self.wrong.len() < WRONG_MAX {
            let (known, _) = found.as_chunks();
            let other = known.iter().zip(hashes).position(|(known, made)| known != made);
            let nth = other.unwrap_or(known.len().min(hashes.len()).saturating_sub(1)) as u64;
            let span = first_leaf(&Tile { index: 1, ..tile }) / TILE_WIDTH;
            let (position, file) = (first + nth * span, path.display().to_string());
            self.wrong.push(Wrong { position, span, file });
        }
    }

    /// Files below `tile/` that are no tiles of this log, and partial tiles of earlier checkpoints.
    fn strays(&mut self, events: u64) -> Result<(), Error> {
        for path in below(&self.files.root().join("tile"))? {
            let name = path.strip_prefix(self.files.root()).unwrap_or(&path).display().to_string();
            let Ok(tile) = Tile::parse(&name) else {
                // What a crash left half-written beside its place.
                if path.extension().is_none_or(|extension| extension != "new") {
                    self.problem(0, &path, "it is the name of no tile".to_owned());
                }
                continue;
            };
            if self.known.contains(&tile) || tile.level == Level::Entries {
                continue;
            }
            if Tile::within(tile.level, tile.index, events).is_none_or(|there| there.width < tile.width) {
                // Appends go on.
                if self.running {
                    continue;
                }
                let what = format!("the tile is about more than the {events} events that the log has");
                self.problem(events, &path, what);
            } else if !tile.is_full() && !self.is_prefix(&tile) {
                let what = "the partial tile is no part of the one that followed it; it may be deleted";
                self.problem(first_leaf(&tile), &path, what.to_owned());
            }
        }
        Ok(())
    }

    /// Whether an earlier partial tile is the beginning of what is at its place now.
    fn is_prefix(&self, tile: &Tile) -> bool {
        let Ok(Some(found)) = files::read(&self.files.tile(tile)) else { return self.running };
        let now = Tile::within(tile.level, tile.index, self.size()).unwrap_or(*tile);
        let now = files::read(&self.files.tile(&now)).ok().flatten().unwrap_or_default();
        found.len() == 32 * usize::from(tile.width) && (now.starts_with(&found) || found.starts_with(&now))
    }

    fn problem(&mut self, position: u64, file: &Path, what: String) {
        if self.problems.len() < WRONG_MAX {
            self.problems.push(problem(position, file, what));
        }
    }
}

pub(super) fn problem(position: u64, file: &Path, what: String) -> Problem {
    Problem { position: Position(position), file: file.display().to_string(), what }
}

/// The tail of a tree alone: the checkpoint's signature and size, and the right edge.
pub(crate) fn look_at_edge(check: TreeCheck, store: &Store, events: u64) -> Result<Vec<Problem>, Error> {
    let mut check = check;
    let Some(signed) = check.signed.clone() else { return Ok(check.problems) };
    match opening::edge(&check.files, store, events, &signed) {
        Ok(Some(_)) => {}
        Ok(None) => {
            let root = check.files.root().to_owned();
            let what = "the tiles at the end do not lead to the signed root, or the last events are others; --deep says \
                        which";
            check.problem(signed.size.saturating_sub(1), &root, what.to_owned());
        }
        Err(Error::Damaged { file, position, what }) => check.problem(position.0, Path::new(&file), what),
        Err(error) => return Err(error),
    }
    Ok(check.problems)
}

/// Every file below a directory, in order.
pub(super) fn below(root: &Path) -> Result<Vec<std::path::PathBuf>, Error> {
    let io = |source| files::io_error(root, source);
    let mut found = Vec::new();
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(io)?,
    };
    for entry in entries {
        let entry = entry.map_err(io)?;
        if entry.file_type().map_err(io)?.is_dir() {
            found.extend(below(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
