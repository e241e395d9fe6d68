//! `keys`: where the master key comes from, and another one.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;
use throughline_log::{KeyStatus, MasterKey, Rotated};

use super::{Context, Outcome};
use crate::{
    args::{KeysWhat, LOGS_WITHIN},
    operator, output,
};

#[derive(Serialize)]
struct Status {
    /// Where the master key comes from.
    from: String,
    #[serde(flatten)]
    keys: KeyStatus,
}

pub fn run(context: &Context, what: &KeysWhat) -> Result<Outcome> {
    context.data.require()?;
    match what {
        KeysWhat::Status => status(context),
        KeysWhat::Rotate { new_master_key_file } => rotate(context, new_master_key_file.as_deref()),
    }
}

fn status(context: &Context) -> Result<Outcome> {
    let keys = throughline_log::key_status(context.data.root(), context.data.master())?;
    let status = Status { from: context.data.master_from(), keys };
    context.output.result(&status, || {
        let Status { from, keys: KeyStatus { master_key, master_key_file, journeys, deidentified, erased } } = &status;
        let beside = match master_key_file {
            Some(path) if context.data.master().is_some() => format!(
                "\n{} is there too, and is not used: a copy of it with the keys opens everything only if it is the same \
                 key; take it away once you are sure that the one from {from} is kept",
                path.display()
            ),
            _ => String::new(),
        };
        format!(
            "master key {master_key} from {from}{beside}\n\
             {journeys} journeys have or had keys: {deidentified} are de-identified, {erased} are erased"
        )
    })?;
    Ok(Outcome::Done)
}

fn rotate(context: &Context, file: Option<&Path>) -> Result<Outcome> {
    context.data.require()?;
    if file.is_none() && context.data.master().is_some() {
        bail!(
            "the master key comes from {}; name the file of the new one with --new-master-key-file",
            context.data.master_from()
        );
    }
    let new = file.map(new_key).transpose()?;
    operator::operates(context, "rotate-keys")?;
    let rotated =
        throughline_log::rotate(context.data.root(), LOGS_WITHIN, context.data.master(), new.as_ref())
            .map_err(|error| context.data.told(error))?;
    operator::settles(context);
    context.output.result(&rotated, || {
        let Rotated { rewrapped, master_key, master_key_file } = &rotated;
        let place = match (master_key_file, file) {
            (Some(kept), _) => kept.display().to_string(),
            (None, Some(file)) => file.display().to_string(),
            (None, None) => "outside".to_owned(),
        };
        format!(
            "the keys of {rewrapped} journeys are wrapped by master key {master_key} now, in {place}\n\
             keep a copy of it away from this machine: without it nothing can be read\n\
             backups of keys from before need the old master key; when those are gone, destroy its copies"
        )
    })?;
    Ok(Outcome::Done)
}

/// The new master key of a file; made there where there is none.
fn new_key(file: &Path) -> Result<MasterKey> {
    if file.exists() {
        return Ok(MasterKey::read(file)?);
    }
    let key = MasterKey::generate()?;
    key.write_new(file)?;
    output::say(format!("a new master key was made in {}", file.display()));
    Ok(key)
}
