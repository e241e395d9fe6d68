//! A tree made right again where its files were damaged. What the log signed and its frames deny is never made right: it
//! is told.

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use throughline_domain::Position;
use throughline_proof::TiledTree;
use throughline_vault::Vault;

use super::{Files, Head, TreeCheck, Upkeep, files::io_error, head, leaves, opening, signing_key};
use crate::{Error, Gap, Problem, journal::Journal, store::Store};

/// Compares the whole tree with the frames, which are in order, and makes again what of it was damaged. A checkpoint that
/// this log did not sign is set aside, and the events signed as they are now. A gap is what the log signed and does not
/// have.
pub(crate) fn repair(
    root: &Path,
    (store, journal): (&Arc<Store>, &Arc<Journal>),
    vault: &Vault,
    mended: &mut Vec<Problem>,
) -> Result<Option<Gap>, Error> {
    let (files, key, events) = (Files::new(root.to_owned()), signing_key(vault), store.end()?.events);
    if matches!(head(&files, &key)?, Head::Missing) {
        // Opening the log signs what there is, and says so.
        return Ok(None);
    }
    let mut check = TreeCheck::begin(root, &key, events, false)?;
    let mut next = 0;
    while next < events {
        for leaf in leaves::portion(store, next, events)? {
            check.push(leaf);
            next += 1;
        }
    }
    let frames = store.path().display().to_string();
    let signed = check.signed().map(|signed| signed.events);
    let denied = check.denies(events);
    let problems = check.end(events, true, None, &frames);
    let Some(first) = problems.first() else { return Ok(None) };
    if denied {
        let (file, what) = (first.file.clone(), first.what.clone());
        let to = signed.and_then(|events| events.checked_sub(1)).map(Position);
        return Ok(Some(Gap { from: first.position, to, file, what }));
    }
    if let Head::Bad(_) = head(&files, &key)? {
        set_aside(&files.checkpoint())?;
    }
    // What lies below `tile/` and belongs there is written again where it differs; the rest was named.
    for stray in problems.iter().filter(|problem| problem.file.contains("/tile/")) {
        let _ = fs::remove_file(&stray.file);
    }
    let clock: crate::Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
    let mut publisher =
        opening::open(&files, (store, journal), vault, (events, true), (clock, Upkeep::Kept))?;
    publisher.tree = TiledTree::default();
    publisher.begin()?;
    publisher.catch_up(events)?;
    mended.extend(problems);
    Ok(None)
}

fn set_aside(path: &Path) -> Result<(), Error> {
    let aside = (1..=u32::MAX).map(|n| path.with_extension(format!("aside-{n}")));
    let aside = aside.into_iter().find(|aside| !aside.exists());
    let aside = aside.expect("one of four thousand million names is free");
    fs::rename(path, aside).map_err(|source| io_error(path, source))
}
