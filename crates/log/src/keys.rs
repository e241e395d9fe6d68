//! The keys of a data directory: opening them, with the master key beside them or from elsewhere, and rotating it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use throughline_vault::{MASTER_FILE, MasterKey, NewMaster, SLOTS_FILE, Step, Vault};

use crate::{
    Error,
    directory::{self, Directory, KEYS},
};

/// What there is of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyStatus {
    /// Which master key wraps them: an id derived from it that says nothing of its bytes.
    pub master_key: String,
    /// The file of the master key beside the keys, where there is one.
    pub master_key_file: Option<PathBuf>,
    /// Journeys that ever had keys.
    pub journeys: u64,
    /// Those of them whose personal key was destroyed.
    pub deidentified: u64,
    /// Those of them whose keys were both destroyed.
    pub erased: u64,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// Journeys whose keys were wrapped anew, those of the logs within counted too.
    pub rewrapped: u64,
    /// The new master key's id.
    pub master_key: String,
    /// Where it is beside the keys; none where it is kept elsewhere.
    pub master_key_file: Option<PathBuf>,
}

/// Opens the keys of a directory that this process holds, making them where there is no log yet.
pub(crate) fn open(directory: &Directory, master: Option<&MasterKey>) -> Result<Vault, Error> {
    if directory.is_marked() {
        return settled(directory, master);
    }
    Ok(Vault::open_or_create(&directory.keys(), master)?)
}

/// Opens the keys that are there, once a rotation that was cut short is undone or finished.
pub(crate) fn settled(directory: &Directory, master: Option<&MasterKey>) -> Result<Vault, Error> {
    if throughline_vault::settle(&directory.keys(), &reached)? {
        tracing::warn!("a rotation of the master key had been cut short; it was undone or finished");
    }
    Ok(Vault::open(&directory.keys(), master)?)
}

/// What there is of keys in a directory, held by somebody or not. Nothing is changed.
pub fn key_status(path: &Path, master: Option<&MasterKey>) -> Result<KeyStatus, Error> {
    directory::check_format(path)?;
    let keys = path.join(KEYS);
    let vault = Vault::open(&keys, master)?;
    let standings = vault.standings();
    let beside = keys.join(MASTER_FILE);
    Ok(KeyStatus {
        master_key: vault.master_id().to_string(),
        master_key_file: beside.exists().then_some(beside),
        journeys: standings.open + standings.deidentified + standings.erased,
        deidentified: standings.deidentified,
        erased: standings.erased,
    })
}

/// Wraps every key of a directory that nobody has open by another master key: by `new`, which is kept elsewhere, or by
/// one that is made beside the keys. `within` names logs in the directory that are opened with the same master key
/// (`access`); those that are there are rotated with it, all or none. A kill at any moment leaves what the next opening
/// undoes or finishes.
pub fn rotate(
    path: &Path,
    within: &[&str],
    master: Option<&MasterKey>,
    new: Option<&MasterKey>,
) -> Result<Rotated, Error> {
    let directory = Directory::take(path)?;
    let within: Vec<&str> =
        within.iter().copied().filter(|log| path.join(log).join(KEYS).join(SLOTS_FILE).exists()).collect();
    let _held =
        within.iter().map(|log| Directory::lock(&path.join(log))).collect::<Result<Vec<_>, Error>>()?;
    let others: Vec<String> = within.iter().map(|log| format!("../{log}/{KEYS}")).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let keys = directory.keys();
    let to = new.map_or(NewMaster::Here, NewMaster::Elsewhere);
    let rewrapped = throughline_vault::rotate(&keys, &others, master, to, &reached)?;
    let status = key_status(path, new)?;
    Ok(Rotated { rewrapped, master_key: status.master_key, master_key_file: status.master_key_file })
}

/// Tells the fault suite how far a rotation is.
fn reached(step: Step) {
    match step {
        Step::Begun => {
            point!(RotationBegun);
        }
        Step::Prepared => {
            point!(RotationPrepared);
        }
        Step::Decided => {
            point!(RotationDecided);
        }
        Step::SetAside => {
            point!(RotationSetAside);
        }
        Step::Replaced => {
            point!(RotationReplaced);
        }
        Step::Finished => {
            point!(RotationFinished);
        }
    }
}
