//! The signed head of a log: [tlog-checkpoint](https://c2sp.org/tlog-checkpoint).

use std::fmt;

use crate::{
    Error, Hash, Note, SigningKey, VerifierKey,
    text::{self, check_name},
};

const WHAT: &str = "checkpoint";

/// What a log says of itself: so many leaves, and this root over them.
///
/// Its text is three lines: origin, size, base64 of the root. Lines after them are kept, and mean nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log; the name of the key that signs.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Further lines, each with its newline.
    extension: String,
}

impl Checkpoint {
    /// The checkpoint of a log.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, Error> {
        check_name(origin)?;
        Ok(Self { origin: origin.to_owned(), size, root, extension: String::new() })
    }

    /// Reads the text of a checkpoint, believed or not.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::malformed(WHAT, why);
        let mut lines = text.splitn(4, '\n');
        let (Some(origin), Some(size), Some(root), Some(extension)) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(bad("it has fewer than three lines"));
        };
        check_name(origin)?;
        let size = text::number(size).ok_or_else(|| bad("its second line is no number"))?;
        let root = text::hash(WHAT, root)?;
        if !extension.is_empty()
            && (!extension.ends_with('\n') || extension.split_inclusive('\n').any(|l| l == "\n"))
        {
            return Err(bad("one of its further lines is empty or has no end"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extension: extension.to_owned() })
    }

    /// Reads the checkpoint of the log whose key this is, where that key signed it.
    pub fn open(note: &Note, key: &VerifierKey) -> Result<Self, Error> {
        let checkpoint = Self::parse(note.verify(key)?)?;
        if checkpoint.origin != key.name() {
            return Err(Error::OtherLog { found: checkpoint.origin, expected: key.name().to_owned() });
        }
        Ok(checkpoint)
    }

    /// The note that says so, signed by the log.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, Error> {
        let mut note = Note::new(&self.to_string())?;
        note.add(key.sign(note.text()))?;
        Ok(note)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n{}", self.origin, self.size, text::base64(&self.root), self.extension)
    }
}
