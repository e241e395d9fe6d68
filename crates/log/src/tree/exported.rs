//! Verifying a tree that lies alone: an export, or a copy of `tree/`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde::Serialize;
use throughline_proof::{
    Checkpoint, EntryBundle, Hash, Leaf, Level, Note, TILE_WIDTH, Tile, VerifierKey, leaf_hash,
};

use super::{
    Files, Signed, SignedCheckpoint, TreeCheck,
    checking::{below, problem},
    files, witnessed,
};
use crate::{Error, Problem, verify::hexadecimal};

/// What looking at an exported tree found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VerifiedExport {
    /// Events whose leaves were looked at.
    pub events: u64,
    /// Whether their entries were there; a tree without them is checked from its hashes alone.
    pub entries: bool,
    /// The root over the leaves, in hexadecimal; only where nothing is wrong.
    pub root: Option<String>,
    /// The checkpoint, where it is signed by the key.
    pub checkpoint: Option<Signed>,
    /// What is wrong, by position; empty where nothing is.
    pub problems: Vec<Problem>,
}

/// A checkpoint that witnesses cosigned, and the file that it is in.
struct Witnessed {
    path: PathBuf,
    checkpoint: Checkpoint,
}

/// Whether this directory is a tree for itself.
pub fn is_export(path: &Path) -> bool {
    path.join("checkpoint").is_file() && !path.join("FORMAT").exists()
}

/// Verifies an exported tree, or one that was copied out of a data directory, with nothing but what lies there: that the
/// key signed the checkpoint, that every entry is a leaf in its place, that entries and tiles lead to the signed root, and
/// that each journey's events follow each other. Without `key`, the key that lies there is believed.
pub fn verify_export(
    dir: &Path,
    key: Option<&str>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<VerifiedExport, Error> {
    let files = Files::new(dir.to_owned());
    let entries = dir.join("tile/entries").is_dir();
    let mut found = VerifiedExport { events: 0, entries, root: None, checkpoint: None, problems: Vec::new() };
    let (key, signed) = match believe(&files, key)? {
        Ok(believed) => believed,
        Err(problem) => return Ok(VerifiedExport { problems: vec![problem], ..found }),
    };
    found.checkpoint = Some(Signed::of(&signed, &key));
    let leaves = if entries { "tile/entries" } else { "tile/0" };
    let leaves = dir.join(leaves).display().to_string();
    let kept = witnessed::kept(&files, &key)?;
    let mut looking = Looking {
        check: TreeCheck::of(files.clone(), key, Some(signed.clone()), false),
        files,
        witnessed: Vec::new(),
        journeys: HashMap::new(),
        recorded_at: i64::MIN,
        next: 0,
        problems: Vec::new(),
    };
    looking.await_witnessed(kept, signed.size);
    let whole = looking.run(entries, signed.size, progress)?;
    looking.look_beside(signed.size)?;
    let (root, next) = (looking.check.root(), looking.next);
    found.problems = looking.problems;
    found.problems.extend(looking.check.end(signed.size, whole, None, &leaves));
    found.problems.sort_by_key(|problem| problem.position);
    found.events = next;
    found.root = found.problems.is_empty().then(|| hexadecimal(&root));
    Ok(found)
}

/// The key that is believed, and the checkpoint that it signed; or why there is none.
fn believe(files: &Files, given: Option<&str>) -> Result<Result<(VerifierKey, Checkpoint), Problem>, Error> {
    let (vkey, checkpoint) = (files.vkey(), files.checkpoint());
    let beside = files::read(&vkey)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let key = match (given, beside) {
        (None, None) => return Ok(Err(problem(0, &vkey, "it is missing; name the log's key".to_owned()))),
        (Some(given), Some(beside)) if beside != format!("{given}\n") => {
            return Ok(Err(problem(0, &vkey, format!("it is another key than the one given, {given}"))));
        }
        (Some(given), _) => given.to_owned(),
        (None, Some(beside)) => match beside.strip_suffix('\n') {
            Some(key) => key.to_owned(),
            None => return Ok(Err(problem(0, &vkey, "it does not end with its line".to_owned()))),
        },
    };
    let key = match VerifierKey::parse(&key) {
        Ok(key) => key,
        Err(error) => return Ok(Err(problem(0, &vkey, error.to_string()))),
    };
    let bytes = files::read(&checkpoint)?.unwrap_or_default();
    let signed = || Checkpoint::open(&Note::parse(str::from_utf8(&bytes).ok()?).ok()?, &key).ok();
    Ok(match signed() {
        Some(signed) => Ok((key, signed)),
        None => Err(problem(0, &checkpoint, format!("it is no checkpoint that the key {key} signed"))),
    })
}

/// A tree on its way through.
struct Looking {
    check: TreeCheck,
    files: Files,
    /// Not come across yet.
    witnessed: Vec<Witnessed>,
    /// Version and leaf of each journey's last event.
    journeys: HashMap<[u8; 16], (u64, Hash)>,
    recorded_at: i64,
    next: u64,
    problems: Vec<Problem>,
}

impl Looking {
    /// Goes through all leaves; whether there were so many.
    fn run(&mut self, entries: bool, size: u64, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<bool, Error> {
        while self.next < size {
            let index = self.next / TILE_WIDTH;
            let level = if entries { Level::Entries } else { Level::Hashes(0) };
            let tile = Tile::within(level, index, size).expect("it has the next leaf");
            let path = self.files.tile(&tile);
            let Some(bytes) = files::read(&path)? else {
                self.problem(self.next, &path, "it is missing".to_owned());
                return Ok(false);
            };
            let taken =
                if entries { self.take_entries(&path, tile, &bytes) } else { self.take_hashes(tile, &bytes) };
            if let Err(error) = taken {
                self.problem(self.next, &path, error.to_string());
                return Ok(false);
            }
            progress(self.next, size);
        }
        Ok(true)
    }

    fn take_hashes(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), throughline_proof::Error> {
        let hashes = throughline_proof::hashes_of(bytes)?;
        self.count("tile", tile, hashes.len())?;
        for leaf in hashes {
            self.take(leaf);
        }
        Ok(())
    }

    fn take_entries(
        &mut self,
        path: &Path,
        tile: Tile,
        bytes: &[u8],
    ) -> Result<(), throughline_proof::Error> {
        let bundle = EntryBundle::parse(bytes)?;
        self.count("entry bundle", tile, bundle.entries().len())?;
        for data in bundle.entries() {
            let leaf = leaf_hash(data);
            match Leaf::parse(data) {
                Ok(said) => self.follow(path, &said, leaf),
                Err(error) => self.problem(self.next, path, error.to_string()),
            }
            self.take(leaf);
        }
        Ok(())
    }

    fn take(&mut self, leaf: Hash) {
        self.check.push(leaf);
        self.next += 1;
        let reached = self.witnessed.extract_if(.., |witnessed| witnessed.checkpoint.size == self.next);
        for Witnessed { path, checkpoint } in reached.collect::<Vec<_>>() {
            if self.check.root() != checkpoint.root {
                self.problem(self.next, &path, "witnesses cosigned another history than this".to_owned());
            }
        }
    }

    /// What witnesses cosigned, to be compared on the way.
    fn await_witnessed(&mut self, kept: Vec<(PathBuf, Option<SignedCheckpoint>)>, size: u64) {
        for (path, signed) in kept {
            match signed.map(|signed| signed.checkpoint) {
                None => self.problem(0, &path, "it is no checkpoint that the log's key signed".to_owned()),
                Some(checkpoint) if checkpoint.size > size => {
                    let said = format!(
                        "witnesses cosigned {} events, and the checkpoint covers {size}",
                        checkpoint.size
                    );
                    self.problem(size, &path, said);
                }
                Some(checkpoint) => self.witnessed.push(Witnessed { path, checkpoint }),
            }
        }
    }

    fn count(&self, what: &'static str, tile: Tile, found: usize) -> Result<(), throughline_proof::Error> {
        if found == usize::from(tile.width) {
            return Ok(());
        }
        let why = format!("it has {found} of {} from {} on", tile.width, self.next);
        Err(throughline_proof::Error::Malformed { what, why })
    }

    /// Whether an event is in its place, and follows the journey's event before it.
    fn follow(&mut self, path: &Path, leaf: &Leaf<'_>, hash: Hash) {
        let header = &leaf.header;
        if header.position != self.next {
            self.problem(self.next, path, format!("it is the event of position {}", header.position));
        }
        if header.recorded_at < self.recorded_at {
            self.problem(self.next, path, "it was recorded before the event before it".to_owned());
        }
        self.recorded_at = header.recorded_at;
        let before = self.journeys.insert(header.journey, (header.journey_version, hash));
        let (version, previous) = before.unwrap_or_default();
        if (header.journey_version, header.previous_leaf) != (version + 1, previous) {
            self.problem(self.next, path, "it does not follow the journey's event before it".to_owned());
        }
    }

    /// Looks for files that do not belong to the tree.
    fn look_beside(&mut self, size: u64) -> Result<(), Error> {
        let root = self.files.root().to_owned();
        for path in below(&root)? {
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            let belongs = match Tile::parse(&name) {
                Ok(tile) if tile.level == Level::Entries => {
                    Tile::within(tile.level, tile.index, size) == Some(tile)
                }
                Ok(_) => true,
                Err(_) => {
                    path == self.files.checkpoint()
                        || path == self.files.vkey()
                        || path.parent() == Some(&self.files.witnessed())
                }
            };
            if !belongs {
                self.problem(size, &path, "it belongs to no tree of this checkpoint".to_owned());
            }
        }
        Ok(())
    }

    fn problem(&mut self, position: u64, file: &Path, what: String) {
        if self.problems.len() < 1000 {
            self.problems.push(problem(position, file, what));
        }
    }
}
