//! Verifying a backup where it lies: it is read, and nothing is written into it.

use std::{
    collections::HashSet,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use throughline_domain::{JourneyId, Position};
use throughline_proof::{Checkpoint, SigningKey, TiledTree, VerifierKey};
use throughline_vault::{Error as Unopened, MasterKey, Owner, SLOTS_FILE, Standing, Vault};

use super::{PROBLEMS_MAX, Problem, Verified, hexadecimal};
use crate::{
    Error,
    backup::{BACKUP_FILE, Words, read_words},
    codec::Malformed,
    directory::{ERASURES, JOURNAL, KEYS},
    erasing::{self, Certificate, Named},
    frame::{self, Frame},
    journal::Piece,
    record::Hash,
    segments::Segments,
    tree::{self, Files, Head, Signed},
};

/// Looks at every frame: that it is as it was written and follows the one before, that the keys of its events are there,
/// that the backup ends as it did when it was taken, and that its events are those that the log signed; and at what was
/// erased, that the log said so. What is sealed stays closed.
pub(super) fn verify(
    path: &Path,
    master: Option<&MasterKey>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Verified, Error> {
    let files = Files::new(tree::path(path));
    let mut look = Look { slots: path.join(KEYS).join(SLOTS_FILE), ..Look::default() };
    let words = look.words(path)?;
    for missing in words.iter().flat_map(|words| &words.within).map(|name| path.join(name)) {
        if !missing.exists() {
            look.problem(0, &missing, "it was in the backup and is not".to_owned());
        }
    }
    match Vault::open_to_read(&path.join(KEYS), master).map_err(Error::from) {
        Ok(vault) => {
            let key = tree::signing_key(&vault);
            look.head(&files, &key, words.as_ref())?;
            look.erasures(&path.join(ERASURES), &key.verifier())?;
            look.vault = Some(vault);
        }
        Err(error) => look.told(error)?,
    }
    let journal = path.join(JOURNAL);
    if journal.exists() {
        let segments = Segments::list(&journal)?;
        look.follow(&segments, progress)?;
        look.end(words.as_ref(), &segments, &files);
    } else {
        look.problem(0, &journal, "the journal is missing".to_owned());
    }
    look.found.problems.sort_by_key(|problem| problem.position);
    Ok(look.found)
}

/// What was met so far.
#[derive(Default)]
struct Look {
    found: Verified,
    signed: Option<Checkpoint>,
    /// None where they cannot be told from one another.
    vault: Option<Vault>,
    /// The file of the keys.
    slots: PathBuf,
    /// Journeys that were told to lack theirs.
    keyless: HashSet<JourneyId>,
    /// Where the last frame begins.
    last: u64,
    /// Where the next frame should begin.
    next: u64,
    /// Hash of the frame before; none after what is damaged.
    previous: Option<Hash>,
    tree: TiledTree,
    /// Whether every leaf so far is in the tree.
    broken: bool,
    /// The root over as many events as the log signed.
    at_head: Option<Hash>,
}

impl Look {
    fn problem(&mut self, position: u64, file: &Path, what: String) {
        if self.found.problems.len() < PROBLEMS_MAX {
            let file = file.display().to_string();
            self.found.problems.push(Problem { position: Position(position), file, what });
        }
    }

    /// Takes an error that tells of damage as a problem; any other says that looking itself failed.
    fn told(&mut self, error: Error) -> Result<(), Error> {
        match error {
            Error::Damaged { file, position, what } | Error::BackupDamaged { file, position, what } => {
                self.problem(position.0, Path::new(&file), what);
            }
            Error::Vault(Unopened::Damaged { path, what }) => self.problem(0, &path, what.to_owned()),
            Error::BadCertificate { path, what } => self.problem(0, &path, what),
            error => return Err(error),
        }
        Ok(())
    }

    /// What the backup says of itself, where it can be read.
    fn words(&mut self, path: &Path) -> Result<Option<Words>, Error> {
        let file = path.join(BACKUP_FILE);
        if !file.exists() {
            let what = "it is missing: whether the backup was finished, and where it ends, is not known";
            self.problem(0, &file, what.to_owned());
            return Ok(None);
        }
        match read_words(path) {
            Ok(words) => return Ok(Some(words)),
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::InvalidData => {
                self.problem(0, &file, "it does not say which backup this is".to_owned());
            }
            Err(error) => self.told(error)?,
        }
        Ok(None)
    }

    /// Takes the checkpoint that the log signed. A log signs one when it is made, so that only a copy without events can
    /// be without.
    fn head(&mut self, files: &Files, key: &SigningKey, words: Option<&Words>) -> Result<(), Error> {
        match tree::head(files, key)? {
            Head::Signed(checkpoint, _) => {
                self.found.checkpoint = Some(Signed::of(&checkpoint, &key.verifier()));
                self.signed = Some(checkpoint);
            }
            Head::Missing if words.is_none_or(|words| words.events > 0) || files.root().exists() => {
                let what = "the signed checkpoint is missing; which events the log signed is not known";
                self.problem(0, &files.checkpoint(), what.to_owned());
            }
            Head::Missing => {}
            Head::Bad(why) => {
                self.problem(0, &files.checkpoint(), format!("the checkpoint is not the log's: {why}"));
            }
        }
        Ok(())
    }

    /// Reads orders to erase and certificates as a restore does, which refuses the backup for one that is wrong.
    fn erasures(&mut self, directory: &Path, key: &VerifierKey) -> Result<(), Error> {
        for file in erasing::list(directory)? {
            let read = match file {
                Named::Order(path) => erasing::read_order(&path).map(drop),
                Named::Certificate(path, ..) => erasing::read_text(&path).and_then(|note| {
                    let opened = Certificate::open(&note.unwrap_or_default(), key);
                    opened.map(drop).map_err(|what| erasing::bad(&path, what))
                }),
            };
            if let Err(error) = read {
                self.told(error)?;
            }
        }
        Ok(())
    }

    fn follow(&mut self, segments: &Segments, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<(), Error> {
        let total = segments.firsts().iter().map(|first| segments.length(*first)).sum();
        let mut done = 0;
        self.previous = Some([0; 32]);
        for first in segments.firsts() {
            let (segment, file) = (segments.read(*first)?, segments.file(*first));
            for piece in &segment.pieces {
                match piece {
                    Piece::Frame { at, first, end, previous } => {
                        if *first != self.next || self.previous.is_some_and(|hash| hash != *previous) {
                            let next = self.next;
                            let what =
                                format!("a frame begins at {first} that does not follow what ends at {next}");
                            self.problem(next.min(*first), &file, what);
                            self.broken = true;
                        }
                        let bytes = &segment.bytes[at.clone()];
                        if let Err(error) = self.leaves(bytes, *first) {
                            self.problem(*first, &file, error.to_string());
                            self.broken = true;
                        }
                        self.found.events += end - first;
                        self.found.frames += 1;
                        (self.last, self.next, self.previous) = (*first, *end, Some(frame::hash(bytes)));
                    }
                    Piece::Bad { what, .. } => {
                        self.problem(self.next, &file, what.clone());
                        (self.previous, self.broken) = (None, true);
                    }
                }
            }
            done += segment.bytes.len() as u64;
            progress(done, total);
        }
        Ok(())
    }

    /// Takes the leaves of a frame into the tree, and looks for the keys of its events.
    fn leaves(&mut self, bytes: &[u8], first: u64) -> Result<(), Malformed> {
        for (position, _, record) in Frame::parse(bytes, first)?.records()? {
            self.tree.push(record.leaf(position)?);
            if self.signed.as_ref().is_some_and(|signed| signed.size == self.tree.size()) {
                self.at_head = Some(self.tree.root());
            }
            if let Owner::Journey(journey) = record.owner()? {
                self.keys(position, journey);
            }
        }
        Ok(())
    }

    /// Whether there are keys for a journey that has events, or what destroying them left.
    fn keys(&mut self, position: u64, journey: JourneyId) {
        let standing = self.vault.as_ref().map(|vault| vault.standing(journey));
        if standing == Some(Standing::Unknown) && self.keyless.insert(journey) {
            let what = format!("the keys of journey {journey}, which begins here, are missing or damaged");
            self.problem(position, &self.slots.clone(), what);
        }
    }

    /// Compares what was met with what the backup, and the log, said that there is.
    fn end(&mut self, words: Option<&Words>, segments: &Segments, files: &Files) {
        let last = self.previous.map(|hash| hexadecimal(&hash));
        if let Some(words) = words
            && !self.broken
            && (self.next, last.as_deref()) != (words.events, Some(words.last_frame.as_str()))
        {
            let what = format!(
                "it ends after {} events, and not as it did when it was taken, after {}",
                self.next, words.events
            );
            // As many events that end in another frame: what that frame says is not what was copied.
            let at = if self.next == words.events { self.last } else { self.next.min(words.events) };
            self.problem(at, segments.path(), what);
        }
        if let Some(Checkpoint { size, root, .. }) = self.signed.clone()
            && !self.broken
            && (size > self.next || self.at_head.is_some_and(|made| made != root))
        {
            let what = format!("the log signed {size} other events than these");
            self.problem(size.min(self.next), &files.checkpoint(), what);
        }
        if self.found.problems.is_empty() {
            self.found.root = Some(hexadecimal(&self.tree.root()));
        }
    }
}
