//! A digest of all that an import read: the same rows, the same digest, in this log alone.

use throughline_domain::Code;
use uuid::Uuid;

use super::ids::named;

/// Bytes taken together before they are hashed.
const PORTION_BYTES: usize = 64 * 1024;

/// Takes in what is read, piece by piece.
#[derive(Debug)]
pub(super) struct Digest {
    chain: Uuid,
    portion: Vec<u8>,
}

impl Digest {
    /// Begins with a secret of the log's.
    pub const fn new(namespace: Uuid) -> Self {
        Self { chain: namespace, portion: Vec::new() }
    }

    /// Where the next piece is written to; [`Digest::taken`] is to be called after.
    pub const fn portion(&mut self) -> &mut Vec<u8> {
        &mut self.portion
    }

    pub fn taken(&mut self) {
        self.portion.push(0);
        if self.portion.len() >= PORTION_BYTES {
            self.chain = named(self.chain, &self.portion);
            self.portion.clear();
        }
    }

    /// The digest of all pieces, in their order.
    pub fn code(&self) -> Code {
        let digest = named(self.chain, &self.portion).simple().to_string();
        Code::new(digest).expect("hexadecimal digits are a code")
    }
}
