//! What the log answers of its tree: the checkpoint, tiles, bundles of entries, and proofs.

use std::time::Duration;

use jiff::Timestamp;
use throughline_domain::Position;
use throughline_proof::{InclusionProof, Level, TILE_WIDTH, Tile, TlogProof, leaf_hash};

use super::{SignedCheckpoint, damaged, leaves, witnessed};
use crate::{Error, Evidence, Log, codec::Malformed};

/// What the last checkpoint covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// How many events; 0 before the first checkpoint.
    pub events: u64,
    /// When it was signed; none before the first.
    pub signed_at: Option<Timestamp>,
    /// Why no newer one can be written at the moment; events are taken all the same.
    pub failing: Option<String>,
}

/// Under which checkpoint something is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// The last.
    Newest,
    /// The last that witnesses cosigned, with their cosignatures.
    Witnessed,
}

/// The transparency tree of a log, as it is published.
pub trait PublishedTree {
    /// What the last checkpoint covers.
    fn covered(&self) -> Covered;

    /// Waits until a checkpoint covers the event at this position, or the time is up; whether one does.
    fn wait_covered(&self, position: Position, at_most: Duration) -> bool;

    /// The signed checkpoint, as C2SP tlog-checkpoint has it; none before the first.
    fn checkpoint(&self) -> Option<String>;

    /// The newest checkpoint that witnesses cosigned, with all cosignatures of it that are kept; none before the first.
    fn witnessed(&self) -> Result<Option<String>, Error>;

    /// By what the checkpoint's signature is checked.
    fn verifier_key(&self) -> String;

    /// The bytes of a tile or a bundle of entries, as C2SP tlog-tiles has them; none where the tree up to the checkpoint
    /// has no such tile. A tile that is full by now is still answered as partial as it was.
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error>;

    /// The proof that the event at this position is in the log, its leaf's data as `extra`; none where that checkpoint does
    /// not cover it yet.
    fn proof(&self, position: Position, under: Under) -> Result<Option<TlogProof>, Error>;

    /// The events at these positions as they were sealed, each with its proof and with what opens it alone, under one
    /// checkpoint over the first `events` of the log at least: one that witnesses cosigned, or else the last. None where
    /// that does not cover them yet.
    fn evidence(&self, positions: &[Position], events: u64) -> Result<Option<Evidence>, Error>;
}

impl PublishedTree for Log {
    fn covered(&self) -> Covered {
        let head = self.tree.head();
        Covered {
            events: head.as_ref().map_or(0, |head| head.checkpoint.size),
            signed_at: head.map(|head| head.at),
            failing: self.tree.failing(),
        }
    }

    fn wait_covered(&self, position: Position, at_most: Duration) -> bool {
        self.tree.wait_covered(position.0.saturating_add(1), at_most)
    }

    fn checkpoint(&self) -> Option<String> {
        self.tree.head().map(|head| head.note.to_string())
    }

    fn witnessed(&self) -> Result<Option<String>, Error> {
        Ok(self.signed(Under::Witnessed)?.map(|signed| signed.note.to_string()))
    }

    fn verifier_key(&self) -> String {
        self.tree.key.verifier().to_string()
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        let there = Tile::within(tile.level, tile.index, self.tree.covered());
        if there.is_none_or(|there| there.width < tile.width) {
            return Ok(None);
        }
        match tile.level {
            Level::Hashes(_) => Ok(Some(self.tree.files.hashes(tile)?.into_flattened())),
            Level::Entries => {
                let first = tile.index * TILE_WIDTH;
                self.mending(|| leaves::bundle(&self.store, first, first + u64::from(tile.width))).map(Some)
            }
        }
    }

    fn proof(&self, position: Position, under: Under) -> Result<Option<TlogProof>, Error> {
        let index = position.0;
        let head = self.signed(under)?.filter(|head| index < head.checkpoint.size);
        let Some(SignedCheckpoint { checkpoint: signed, note }) = head else { return Ok(None) };
        let leaf = self.mending(|| {
            let kept = self.store.holding(index)?;
            let missing = || self.store.damaged(index, Malformed("the frame is missing".to_owned()));
            let kept = kept.ok_or_else(missing)?;
            let frame = self.store.check(&kept)?;
            let records = frame
                .records_where(|position, _| position == index)
                .map_err(|error| self.store.damaged(kept.first, error))?;
            let (_, _, record) = records.first().ok_or_else(missing)?;
            record.leaf_data(index).map_err(|error| self.store.damaged(index, error))
        })?;
        let files = &self.tree.files;
        let wrong = |what: String| damaged(files.root(), index, what);
        let read = &mut |tile| files.hashes(tile).map_err(Unmade::Tile);
        let inclusion = InclusionProof::make(index, signed.size, read).map_err(|unmade| match unmade {
            Unmade::Tile(error) => error,
            Unmade::Proof(error) => wrong(error.to_string()),
        })?;
        // A tile that was damaged since the log was opened would make a proof of nothing.
        inclusion
            .check(index, &leaf_hash(&leaf), signed.size, &signed.root)
            .map_err(|_| wrong("the tiles do not lead from the event to the signed root".to_owned()))?;
        Ok(Some(TlogProof { extra: Some(leaf), index, inclusion, checkpoint: note }))
    }

    fn evidence(&self, positions: &[Position], events: u64) -> Result<Option<Evidence>, Error> {
        crate::evidence::gather(self, positions, events)
    }
}

impl Log {
    /// The checkpoint to prove under.
    pub(crate) fn signed(&self, under: Under) -> Result<Option<SignedCheckpoint>, Error> {
        let Some(head) = self.tree.head() else { return Ok(None) };
        match under {
            Under::Newest => {
                let (checkpoint, note) = (head.checkpoint.clone(), head.note.clone());
                Ok(Some(SignedCheckpoint { checkpoint, note }))
            }
            Under::Witnessed => {
                witnessed::newest(&self.tree.files, &self.tree.key.verifier(), head.checkpoint.size)
            }
        }
    }
}

/// Why a proof could not be made.
pub(crate) enum Unmade {
    Tile(Error),
    Proof(throughline_proof::Error),
}

impl From<throughline_proof::Error> for Unmade {
    fn from(error: throughline_proof::Error) -> Self {
        Self::Proof(error)
    }
}
