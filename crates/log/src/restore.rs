//! Logs made from backups.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use serde::Serialize;
use throughline_domain::{EventId, Position};
use throughline_vault::{MASTER_FILE, MasterKey, SLOTS_FILE, Vault};

use crate::{
    Copied, Error,
    backup::{Copy, Words, backup_damaged, copy_keys, read_words, refusal},
    directory::{Directory, ERASURES, JOURNAL, KEYS, make_private, sync},
    erasing::{self, Certificate, Named, Order},
    frame::Frame,
    healing::{self, Depth},
    journal::{Piece, Setup},
    opening::{Opened, Opener},
    segments::Segments,
    tree::{self, Files},
    unfinished,
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
    /// Logs within, by the names of their directories: restored whole where the backup has them.
    pub within: &'a [&'a str],
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
    /// The logs within that the backup has, by the names of their directories.
    #[serde(skip)]
    pub within: BTreeMap<String, Copied>,
}

/// Makes a log in `dir`, which must be empty or not there yet, or was left by a restore that was cut short; all of it, or the commits that end at or
/// before the position `to`. A commit is restored whole or not at all. Every frame is checked on its way. A restore
/// that was cut short leaves a directory that nothing takes for a log, and that a restore begins anew.
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
    let Restoring { to, master, erasures, within } = how;
    // All that can be refused is refused before anything is made.
    let source = Source::look(backup, master, erasures)?;
    if let Some(missing) = source.words.within.iter().find(|name| !backup.join(name).exists()) {
        return Err(refusal(
            &backup.join(missing),
            "it was in the backup and is not; put it back, or take another backup",
        ));
    }
    let within: Vec<&str> = within.iter().copied().filter(|name| backup.join(name).exists()).collect();
    let one_master = match master {
        Some(master) => master.clone(),
        None => MasterKey::read(&backup.join(KEYS).join(MASTER_FILE))?,
    };
    let others: Vec<Source> = within
        .iter()
        .map(|name| Source::look(&backup.join(name), Some(&one_master), &[]))
        .collect::<Result<_, _>>()?;
    let directory = unfinished::begin(dir, how.within)?;
    directory.mark_restoring()?;
    point!(CopyBegun);
    let mut restored = source.make(&directory, to, master, progress)?;
    for (name, other) in within.into_iter().zip(others) {
        let place = Directory::take(&dir.join(name))?;
        let made = other.make(&place, None, Some(&one_master), &|_, _| {})?;
        place.mark()?;
        point!(LogCopied);
        restored.within.insert(name.to_owned(), made.copied);
    }
    sync(dir)?;
    directory.mark()?;
    Ok(restored)
}

/// A backup of one log, looked at.
struct Source {
    backup: PathBuf,
    words: Words,
    ordered: Ordered,
}

impl Source {
    fn look(backup: &Path, master: Option<&MasterKey>, erasures: &[PathBuf]) -> Result<Self, Error> {
        let words = read_words(backup)?;
        let keys = backup.join(KEYS);
        let needed = if master.is_some() { &[SLOTS_FILE][..] } else { &[MASTER_FILE, SLOTS_FILE] };
        if let Some(missing) = needed.iter().map(|name| keys.join(name)).find(|file| !file.exists()) {
            return Err(refusal(
                &missing,
                "it is not in the backup; put the keys back from where they are kept, or name the master key, then \
                 restore again",
            ));
        }
        // A certificate that is none is a reason to look again.
        let (vault, known) = (Vault::open_to_read(&keys, master)?, backup.join(ERASURES));
        let mut ordered = Ordered::default();
        for directory in std::iter::once(&known).chain(erasures) {
            ordered.read(directory, &vault)?;
        }
        Ok(Self { backup: backup.to_owned(), words, ordered })
    }

    /// Makes the log, all but what says that it is one.
    fn make(
        mut self,
        directory: &Directory,
        to: Option<Position>,
        master: Option<&MasterKey>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Restored, Error> {
        copy_keys(&self.backup.join(KEYS), &directory.keys(), master.is_none())?;
        point!(KeysCopied);
        let Words { events, last_frame, .. } = &self.words;
        let from = self.backup.join(JOURNAL);
        let segments = Segments::list(&from)?;
        let end = to.map_or(*events, |to| to.0.saturating_add(1).min(*events));
        let mut copy = Copy { to: directory.journal(), end, of_backup: true, ..Copy::default() };
        let copied = copy.run(&segments, &|first| segments.read(first), progress)?;
        let whole = match end {
            end if end == *events => (copied.events, &copied.last_frame) == (*events, last_frame),
            end => copied.events == end || copy.met_end,
        };
        if !whole {
            let what = "the backup does not end as it did when it was taken";
            return Err(backup_damaged(&from, copied.events, what));
        }
        point!(FramesCopied);
        // Makes sled from the journal; only then can the directory say that it holds a log.
        let healed = healing::open(directory, Setup::default(), Depth::Tail)?;
        healed.store.flush()?;
        let vault = Vault::open(&directory.keys(), master)?;
        let head = tree::read_checkpoint(&self.backup)?;
        let copies = (&healed.store, &healed.journal);
        tree::make(&Files::new(directory.tree()), copies, &vault, head.as_deref())?;
        self.ordered.tell(&segments, &Opener { store: &healed.store, vault: &vault }, copied.events)?;
        let erased_again = self.ordered.carry_out(directory, &vault)?;
        let certificates = self.ordered.certificates.len() as u64;
        Ok(Restored { copied, erased_again, certificates, within: BTreeMap::new() })
    }
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
            erasing::write_certificate(&erasures, certificate)?;
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
