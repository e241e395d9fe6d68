//! What was said once and must be said again as it was, whatever is recorded or erased meanwhile. Counts and no ids: what is
//! kept here is sealed with nobody's key.

use std::sync::PoisonError;

use crate::{Error, Runtime};

impl Runtime {
    /// Does this while no event is applied, so that all views say the same of the same people. Appends go on meanwhile.
    pub fn while_still<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        self.load_cards()?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work())
    }

    /// Keeps what was said under this name, on disk when this returns. It outlives rebuilds, and goes with the directory
    /// of the views.
    pub fn keep_said(&self, name: &str, text: &[u8]) -> Result<(), Error> {
        self.store.keep_said(name, text)
    }

    /// What was said under names that begin so, in the order of the names.
    pub fn said(&self, prefix: &str) -> Result<Vec<Vec<u8>>, Error> {
        self.store.said(prefix)
    }
}
