//! What a log sends: the size the witness saw last, the proof that the log goes on from there, and its checkpoint.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use throughline_proof::{ConsistencyProof, Error, Note};

const WHAT: &str = "add-checkpoint request";

/// Lines of proof; no tree of 2^63 leaves needs more.
const PROOF_LINES_MAX: usize = 63;

/// The body of `POST /add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// How many leaves the witness saw last.
    pub old: u64,
    /// That the checkpoint's tree begins with those.
    pub proof: ConsistencyProof,
    /// The checkpoint, with signatures.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads the body; whose checkpoint it is and what the proof shows is found out by the witness.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::Malformed { what: WHAT, why: why.to_owned() };
        let (head, checkpoint) =
            body.split_once("\n\n").ok_or_else(|| bad("no empty line ends its proof"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(size).ok_or_else(|| bad("its first line is not `old` and a size"))?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == PROOF_LINES_MAX {
                return Err(bad("it has more than 63 lines of proof"));
            }
            let hash = STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
            hashes.push(hash.ok_or_else(|| bad("a line of its proof is not 32 bytes in base64"))?);
        }
        Ok(Self { old, proof: ConsistencyProof::new(hashes)?, checkpoint: Note::parse(checkpoint)? })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.hashes().iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// A size as the formats have it: digits alone, no leading zero.
pub(crate) fn size(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    (digits && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}
