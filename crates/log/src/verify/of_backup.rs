//! Verifying a backup where it lies: it is read, and nothing is written into it.

use std::path::Path;

use throughline_domain::Position;
use throughline_proof::{Checkpoint, TiledTree};
use throughline_vault::{MasterKey, Vault};

use super::{PROBLEMS_MAX, Problem, Verified, hexadecimal};
use crate::{
    Error,
    backup::{Words, read_words},
    codec::Malformed,
    directory::{JOURNAL, KEYS},
    frame::{self, Frame},
    journal::Piece,
    record::Hash,
    segments::Segments,
    tree::{self, Files, Head, Signed},
};

/// Looks at every frame: that it is as it was written and follows the one before, that the backup ends as it did when it
/// was taken, and that its events are those that the log signed. What is sealed stays closed.
pub(super) fn verify(
    path: &Path,
    master: Option<&MasterKey>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Verified, Error> {
    let words = read_words(path)?;
    let key = tree::signing_key(&Vault::open(&path.join(KEYS), master)?);
    let files = Files::new(tree::path(path));
    let (signed, head) = match tree::head(&files, &key)? {
        Head::Signed(checkpoint, _) => (Some(checkpoint), None),
        // A log that was never served, or has no events, has none.
        Head::Missing => (None, None),
        Head::Bad(why) => (None, Some(format!("the checkpoint is not the log's: {why}"))),
    };
    let mut look = Look { signed, ..Look::default() };
    look.found.checkpoint = look.signed.as_ref().map(|signed| Signed::of(signed, &key.verifier()));
    if let Some(what) = head {
        look.problem(0, &files.checkpoint(), what);
    }
    for missing in words.within.iter().map(|name| path.join(name)).filter(|log| !log.exists()) {
        look.problem(0, &missing, "it was in the backup and is not".to_owned());
    }
    let segments = Segments::list(&path.join(JOURNAL))?;
    look.follow(&segments, progress)?;
    look.end(&words, &segments, &files);
    Ok(look.found)
}

/// What was met so far.
#[derive(Default)]
struct Look {
    found: Verified,
    signed: Option<Checkpoint>,
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
                        (self.next, self.previous) = (*end, Some(frame::hash(bytes)));
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

    /// Takes the leaves of a frame into the tree.
    fn leaves(&mut self, bytes: &[u8], first: u64) -> Result<(), Malformed> {
        for (position, _, record) in Frame::parse(bytes, first)?.records()? {
            self.tree.push(record.leaf(position)?);
            if self.signed.as_ref().is_some_and(|signed| signed.size == self.tree.size()) {
                self.at_head = Some(self.tree.root());
            }
        }
        Ok(())
    }

    /// Compares what was met with what the backup, and the log, said that there is.
    fn end(&mut self, words: &Words, segments: &Segments, files: &Files) {
        let last = self.previous.map(|hash| hexadecimal(&hash));
        if !self.broken && (self.next, last.as_deref()) != (words.events, Some(words.last_frame.as_str())) {
            let what = format!(
                "it ends after {} events, and not as it did when it was taken, after {}",
                self.next, words.events
            );
            self.problem(self.next.min(words.events), segments.path(), what);
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
