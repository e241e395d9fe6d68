//! Logs made from backups.

use std::path::Path;

use throughline_domain::Position;
use throughline_vault::Vault;

use crate::{
    Copied, Error,
    backup::{Copy, KEY_FILES, backup_damaged, copy_keys, make_empty, read_words, refusal},
    directory::{Directory, JOURNAL, KEYS},
    healing::{self, Depth},
    journal::Setup,
    segments::Segments,
    tree::{self, Files},
};

/// Makes a log in `dir`, which must be empty or not there yet, from a backup; all of it, or the commits that end at or
/// before the position `to`. A commit is restored whole or not at all. Every frame is checked on its way. A restore
/// that was cut short leaves a directory that nothing takes for a log.
pub fn restore(
    backup: &Path,
    dir: &Path,
    to: Option<Position>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Copied, Error> {
    let (events, last_frame) = read_words(backup)?;
    let keys = backup.join(KEYS);
    if let Some(missing) = KEY_FILES.iter().map(|name| keys.join(name)).find(|file| !file.exists()) {
        return Err(refusal(
            &missing,
            "it is not in the backup; put the keys back from where they are kept, then restore again",
        ));
    }
    make_empty(dir)?;
    let directory = Directory::take(dir)?;
    directory.mark_restoring()?;
    copy_keys(&keys, &directory.keys())?;
    let vault = Vault::open(&directory.keys())?;
    let from = backup.join(JOURNAL);
    let segments = Segments::list(&from)?;
    let end = to.map_or(events, |to| to.0.saturating_add(1).min(events));
    let mut copy = Copy { to: directory.journal(), end, of_backup: true, ..Copy::default() };
    let copied = copy.run(&segments, &|first| segments.read(first), progress)?;
    let whole = match end {
        end if end == events => (copied.events, &copied.last_frame) == (events, &last_frame),
        end => copied.events == end || copy.met_end,
    };
    if !whole {
        let what = "the backup does not end as it did when it was taken";
        return Err(backup_damaged(&from, copied.events, what));
    }
    // Makes sled from the journal; only then does the directory say that it holds a log.
    let healed = healing::open(&directory, Setup::default(), Depth::Tail)?;
    healed.store.flush()?;
    let head = tree::read_checkpoint(backup)?;
    let copies = (&healed.store, &healed.journal);
    tree::make(&Files::new(directory.tree()), copies, &vault, head.as_deref())?;
    directory.mark()?;
    Ok(copied)
}
