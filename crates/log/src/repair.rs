//! Heals what can be healed, and tells what it did.

use std::path::Path;

use serde::Serialize;

use crate::{
    Error, Problem,
    directory::Directory,
    healing::{self, Depth},
    journal::Setup,
};

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Repaired {
    /// Events the log has now.
    pub events: u64,
    /// What was not as it was written, and is now, by position.
    pub mended: Vec<Problem>,
}

/// Compares every frame of the journal and of sled in a directory that nobody has open, and restores in each what only
/// the other has. Nothing that was acknowledged is taken out; files that cannot be used are set aside. The first place
/// that neither can restore is an error that names it: everything before it was healed.
pub fn repair(path: &Path) -> Result<Repaired, Error> {
    repair_with(path, Setup::default())
}

pub(crate) fn repair_with(path: &Path, setup: Setup) -> Result<Repaired, Error> {
    let directory = Directory::take(path)?;
    let healed = healing::open(&directory, setup, Depth::Everything)?;
    let mut mended = healed.mended;
    mended.sort_by_key(|mend| mend.position);
    healed.store.flush()?;
    Ok(Repaired { events: healed.store.end()?.events, mended })
}
