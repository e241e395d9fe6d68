//! One event's proof as one text: [tlog-proof](https://c2sp.org/tlog-proof).

use std::fmt;

use crate::{Checkpoint, Error, Hash, InclusionProof, Note, VerifierKey, leaf_hash, text};

const WHAT: &str = "proof of a transparency log";
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Bytes of a proof: a note, an entry in base64, and 64 hashes.
const PROOF_BYTES_MAX: usize = 1024 * 1024;

/// That a leaf is in a log, with all that is needed to check it but the log's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Whatever the log adds, which nothing proves. Throughline adds the leaf's data, whose hash the proof is of.
    pub extra: Option<Vec<u8>>,
    /// The leaf's place in the tree.
    pub index: u64,
    /// The way from the leaf to the root.
    pub inclusion: InclusionProof,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl TlogProof {
    /// Reads a proof. What it proves is found out by [`TlogProof::check`].
    pub fn parse(proof: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::malformed(WHAT, why);
        if proof.len() > PROOF_BYTES_MAX {
            return Err(bad("it is past 1 MiB"));
        }
        let (head, note) = proof.split_once("\n\n").ok_or_else(|| bad("no empty line ends its hashes"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(bad("it does not begin with `c2sp.org/tlog-proof@v1`"));
        }
        let mut line = lines.next();
        let extra = line.and_then(|line| line.strip_prefix("extra "));
        let extra = extra.map(|extra| text::bytes(WHAT, extra)).transpose()?;
        if extra.is_some() {
            line = lines.next();
        }
        let index = line.and_then(|line| text::number(line.strip_prefix("index ")?));
        let index = index.ok_or_else(|| bad("it has no index"))?;
        let hashes = lines.map(|line| text::hash(WHAT, line)).collect::<Result<_, _>>()?;
        Ok(Self { extra, index, inclusion: InclusionProof::new(hashes)?, checkpoint: Note::parse(note)? })
    }

    /// Whether this leaf is in the log whose key this is, at the place that the proof names; the checkpoint that says so.
    pub fn check(&self, leaf: &Hash, key: &VerifierKey) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        self.inclusion.check(self.index, leaf, checkpoint.size, &checkpoint.root)?;
        Ok(checkpoint)
    }

    /// The data of the leaf that the proof brings along, where the proof holds for it.
    pub fn check_extra(&self, key: &VerifierKey) -> Result<(&[u8], Checkpoint), Error> {
        let data = self.extra.as_deref().ok_or_else(|| Error::malformed(WHAT, "it brings no leaf along"))?;
        Ok((data, self.check(&leaf_hash(data), key)?))
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", text::base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in self.inclusion.hashes() {
            writeln!(f, "{}", text::base64(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
