//! Logs made from backups.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use serde::Serialize;
use throughline_domain::{EventId, Position};
use throughline_vault::{MASTER_FILE, MasterKey, SLOTS_FILE, Vault};

use crate::{
    Copied, Error,
    backup::{Copy, backup_damaged, copy_keys, make_empty, read_words, refusal},
    directory::{Directory, ERASURES, JOURNAL, KEYS, make_private},
    erasing::{self, Certificate, Named, Order},
    frame::Frame,
    healing::{self, Depth},
    journal::{Piece, Setup},
    opening::{Opened, Opener},
    segments::Segments,
    tree::{self, Files},
};

/// How a log is made from a backup.
#[derive(Debug, Clone, Copy, Default)]
pub struct Restoring<'a> {
    /// Only the commits that end at or before this position.
    pub to: Option<Position>,
    /// The master key, where it is not in the backup.
    pub master: Option<&'a MasterKey>,
    /// Directories of certificates: what was erased since the backup was taken.
    pub erasures: &'a [PathBuf],
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The events.
    #[serde(flatten)]
    pub copied: Copied,
    /// Journeys whose keys were in the backup and are destroyed, for they were erased since or before.
    pub erased_again: u64,
    /// Certificates of erasures that were looked at.
    pub certificates: u64,
}

/// Makes a log in `dir`, which must be empty or not there yet, from a backup; all of it, or the commits that end at or
/// before the position `to`. A commit is restored whole or not at all. Every frame is checked on its way. A restore
/// that was cut short leaves a directory that nothing takes for a log.
pub fn restore(
    backup: &Path,
    dir: &Path,
    to: Option<Position>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Copied, Error> {
    restore_with(backup, dir, Restoring { to, ..Restoring::default() }, progress)
        .map(|restored| restored.copied)
}

/// The same, with a master key from elsewhere, and with certificates of what was erased since. Whatever the backup's own
/// events, or certificates signed by this log, say was erased is erased again before the directory is a log: its keys
/// are destroyed, and the first opening records it where the restored events do not tell of it.
pub fn restore_with(
    backup: &Path,
    dir: &Path,
    how: Restoring<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Restored, Error> {
    let Restoring { to, master, erasures } = how;
    let (events, last_frame) = read_words(backup)?;
    let keys = backup.join(KEYS);
    let needed = if master.is_some() { &[SLOTS_FILE][..] } else { &[MASTER_FILE, SLOTS_FILE] };
    if let Some(missing) = needed.iter().map(|name| keys.join(name)).find(|file| !file.exists()) {
        return Err(refusal(
            &missing,
            "it is not in the backup; put the keys back from where they are kept, or name the master key, then restore \
             again",
        ));
    }
    // Read before anything is made: a certificate that is none is a reason to look again.
    let (vault, known) = (Vault::open(&keys, master)?, backup.join(ERASURES));
    let mut ordered = Ordered::default();
    for directory in std::iter::once(&known).chain(erasures) {
        ordered.read(directory, &vault)?;
    }
    drop(vault);
    make_empty(dir)?;
    let directory = Directory::take(dir)?;
    directory.mark_restoring()?;
    copy_keys(&keys, &directory.keys(), master.is_none())?;
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
    let vault = Vault::open(&directory.keys(), master)?;
    let head = tree::read_checkpoint(backup)?;
    let copies = (&healed.store, &healed.journal);
    tree::make(&Files::new(directory.tree()), copies, &vault, head.as_deref())?;
    ordered.tell(&segments, &Opener { store: &healed.store, vault: &vault }, copied.events)?;
    let erased_again = ordered.carry_out(&directory, &vault)?;
    directory.mark()?;
    Ok(Restored { copied, erased_again, certificates: ordered.certificates.len() as u64 })
}

/// What was erased, as far as anything at hand says so.
#[derive(Default)]
struct Ordered {
    certificates: Vec<Certificate>,
    orders: Vec<Order>,
    /// Events that tell of an erasure and are restored.
    told: HashSet<EventId>,
}

impl Ordered {
    /// Takes the orders and certificates of a directory; one that this log did not sign is refused.
    fn read(&mut self, directory: &Path, vault: &Vault) -> Result<(), Error> {
        let key = tree::signing_key(vault).verifier();
        for file in erasing::list(directory)? {
            match file {
                Named::Order(path) => self.orders.extend(erasing::read_order(&path)?),
                Named::Certificate(path, ..) => {
                    let note = erasing::read_text(&path)?.unwrap_or_default();
                    let certificate =
                        Certificate::open(&note, &key).map_err(|what| erasing::bad(&path, what))?;
                    self.certificates.push(certificate);
                }
            }
        }
        Ok(())
    }

    /// Takes what the backup's own events tell, those beyond the restored ones too.
    fn tell(&mut self, backup: &Segments, opener: &Opener<'_>, restored: u64) -> Result<(), Error> {
        for segment_first in backup.firsts() {
            let segment = backup.read(*segment_first)?;
            let file = backup.file(*segment_first);
            for piece in &segment.pieces {
                let Piece::Frame { at, first, .. } = piece else { continue };
                let told = told_in(&segment.bytes[at.clone()], *first, opener)
                    .map_err(|error| backup_damaged(&file, *first, &error.to_string()))?;
                for (position, order) in told {
                    if position < restored {
                        self.told.insert(order.event_id);
                    }
                    self.orders.push(order);
                }
            }
        }
        Ok(())
    }

    /// Destroys every key that is to be, and leaves orders for what the restored events do not tell of; how many
    /// journeys had keys that are destroyed now.
    fn carry_out(&self, directory: &Directory, vault: &Vault) -> Result<u64, Error> {
        let erasures = directory.erasures();
        let of_certificates = self.certificates.iter().map(Certificate::order);
        let mut again = HashSet::new();
        for order in self.orders.iter().cloned().chain(of_certificates) {
            if !self.told.contains(&order.event_id) {
                erasing::write_order(&erasures, &order)?;
            }
            if !erasing::covers(vault.standing(order.journey), order.level) {
                again.insert(order.journey);
                erasing::destroy_in(vault, order.journey, order.level)?;
            }
        }
        if !self.certificates.is_empty() {
            make_private(&erasures)?;
        }
        for certificate in &self.certificates {
            let file = erasing::certificate_file(&erasures, certificate.journey, certificate.level);
            erasing::write(&file, &certificate.note)?;
        }
        Ok(again.len() as u64)
    }
}

/// The orders behind the events of a frame that tell of erasures, with their positions.
fn told_in(frame: &[u8], first: u64, opener: &Opener<'_>) -> Result<Vec<(u64, Order)>, Error> {
    let damaged = |error| opener.store.damaged(first, error);
    let frame = Frame::parse(frame, first).map_err(damaged)?;
    let records = frame.records_where(|_, record| record.tells_of_erasure()).map_err(damaged)?;
    let mut told = Vec::new();
    for (position, _, record) in records {
        if let Opened::Event(recorded) = opener.open(position, &record)? {
            told.extend(Order::of(&recorded).map(|order| (position, order)));
        }
    }
    Ok(told)
}
