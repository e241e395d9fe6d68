//! A journey's keys looked up once for many of its events, rather than for each part of each.

use std::sync::PoisonError;

use throughline_domain::JourneyId;

use crate::{
    Error, Nonce, Owner, Part, Vault,
    aead::{self, Key},
    vault::{Keys, State},
};

/// The keys of one journey, lent by [`Vault::lend`], and the log's own.
pub struct Lent<'a> {
    vault: &'a Vault,
    journey: JourneyId,
    keys: Option<&'a Keys>,
}

impl Vault {
    /// Lends a journey's keys for as long as the call takes. Nobody's keys are destroyed meanwhile, and no journey's made:
    /// what is done with them should be short, some hundred events at most. No other method of the vault may be called
    /// within.
    pub fn lend<T>(&self, journey: JourneyId, use_them: impl FnOnce(&Lent<'_>) -> T) -> T {
        let held = self.journeys.read().unwrap_or_else(PoisonError::into_inner);
        use_them(&Lent { vault: self, journey, keys: held.get(&journey) })
    }
}

impl Lent<'_> {
    /// Opens, where they stand, bytes that [`Vault::seal`] sealed with the same nonce and `aad`: how many there are then,
    /// from the first on. None where the key was destroyed.
    pub fn unseal_in_place(
        &self,
        owner: Owner,
        part: Part,
        nonce: &Nonce,
        aad: &[u8],
        sealed: &mut [u8],
    ) -> Result<Option<usize>, Error> {
        let key = match owner {
            Owner::Log => Some(&self.vault.log_key),
            Owner::Journey(journey) if journey == self.journey => self.key(part)?,
            Owner::Journey(other) => return Err(Error::NoKey(other)),
        };
        key.map(|key| aead::open_in_place(key, nonce, aad, sealed)).transpose()
    }

    /// None where it was destroyed.
    pub(crate) fn key(&self, part: Part) -> Result<Option<&Key>, Error> {
        let keys = self.keys.ok_or(Error::NoKey(self.journey))?;
        match &keys.keys[part as usize] {
            State::Destroyed => Ok(None),
            State::Unreadable => Err(Error::KeyDamaged(self.journey)),
            State::Held(cell) => {
                if let Some(key) = cell.get() {
                    return Ok(Some(key));
                }
                let key = self.vault.unwrap_key(self.journey, keys.slot, part)?;
                Ok(Some(cell.get_or_init(|| key)))
            }
        }
    }
}
