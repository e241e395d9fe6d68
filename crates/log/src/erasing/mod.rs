//! Erasing: keys are destroyed for ever, the log tells of it, and a certificate says so to people.
//!
//! The order of things is what makes it safe against a kill. First the order is durable in `erasures/`; then the keys are
//! overwritten; then the log tells of it; then, once views are emptied, the certificate is signed and the order is taken
//! away. An order that is found when a log is opened is carried out from wherever it was. A certificate whose keys are
//! there again, because an older copy of the keys was put back, is carried out again.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use throughline_domain::{ErasureLevel, EventId, JourneyId, Recorded, Version};
use throughline_vault::{Standing, Vault};
use uuid::Uuid;

use crate::{
    AsOf, Clock, Error, EventLog, Log,
    directory::{gone, make_private, sync, write_whole},
    tree,
};

mod order;

pub(crate) use order::Order;
pub use order::{Certificate, Erasure};

/// What the id of an event that tells of an erasure is derived from, so that it is recorded once.
const EVENT_NAME: &str = "throughline key destroyed v1";

const ORDER: &str = "order";
const CERTIFICATE: &str = "txt";

/// The directory `erasures/` of an open log.
pub(crate) struct Erasures {
    path: PathBuf,
    clock: Clock,
    /// Held for a whole erasure, so that two of one journey are one.
    one: Mutex<()>,
}

impl Erasures {
    pub(crate) fn new(path: PathBuf, clock: Clock) -> Self {
        Self { path, clock, one: Mutex::new(()) }
    }
}

impl Log {
    /// De-identifies or erases a journey and signs the certificate. Again is no error and gives the same one. Whoever
    /// keeps views of this log calls [`EventLog::destroy_keys`] and [`EventLog::certify`] instead, and empties them
    /// between the two.
    pub fn erase(
        &self,
        journey: JourneyId,
        level: ErasureLevel,
        order: &Erasure,
    ) -> Result<Certificate, Error> {
        self.destroy(journey, level, order)?;
        self.certificate(journey, level)
    }

    pub(crate) fn destroy(
        &self,
        journey: JourneyId,
        level: ErasureLevel,
        words: &Erasure,
    ) -> Result<u64, Error> {
        let _one = self.erasures.one.lock().unwrap_or_else(PoisonError::into_inner);
        if EventLog::version(self, journey)? == Version(0) {
            return Err(Error::UnknownJourney(journey));
        }
        if covers(self.vault.standing(journey), level) && self.told(journey, level)?.is_some() {
            return Ok(self.events());
        }
        let path = order_file(&self.erasures.path, journey, level);
        let order = if let Some(order) = read_order(&path)? {
            order
        } else {
            let at = (self.erasures.clock)();
            let order =
                Order { journey, level, words: words.clone(), at, event_id: self.event_of(journey, level) };
            write_order(&self.erasures.path, &order)?;
            order
        };
        point!(ErasureOrdered);
        self.carry_out(&order)
    }

    /// Overwrites the keys, and tells of it; how many events the log has then.
    fn carry_out(&self, order: &Order) -> Result<u64, Error> {
        {
            // Nothing is being sealed meanwhile, so that nothing sealed comes after the event that tells of it.
            let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            destroy_in(&self.vault, order.journey, order.level)?;
        }
        point!(KeysDestroyed);
        let receipt = self.append(vec![order.draft()], &[])?;
        point!(ErasureRecorded);
        Ok(receipt.events.iter().map(|stored| stored.position.0 + 1).max().unwrap_or_else(|| self.events()))
    }

    pub(crate) fn certificate(&self, journey: JourneyId, level: ErasureLevel) -> Result<Certificate, Error> {
        let directory = &self.erasures.path;
        let key = tree::signing_key(&self.vault);
        for level in [level, ErasureLevel::All] {
            let path = certificate_file(directory, journey, level);
            if let Some(note) = read_text(&path)? {
                let certificate =
                    Certificate::open(&note, &key.verifier()).map_err(|what| bad(&path, what))?;
                remove(&order_file(directory, journey, level))?;
                return Ok(certificate);
            }
        }
        let told = self.told(journey, level)?.ok_or(Error::UnknownJourney(journey))?;
        let order = Order::of(&told).expect("what tells of an erasure is an order carried out");
        let certificate = Certificate::sign(&order, &told, &key);
        make_private(directory)?;
        write_certificate(directory, &certificate)?;
        point!(ErasureCertified);
        remove(&order_file(directory, journey, order.level))?;
        Ok(certificate)
    }

    /// The first event that tells that so much of a journey was erased.
    fn told(&self, journey: JourneyId, level: ErasureLevel) -> Result<Option<Recorded>, Error> {
        let history = self.read_journey(journey, AsOf::Now)?;
        let mut told = history
            .events
            .into_iter()
            .filter(|recorded| Order::of(recorded).is_some_and(|order| order.level >= level));
        Ok(told.next())
    }

    /// Finishes what a kill left of erasures, and does again what an older copy of the keys brought back.
    pub(crate) fn settle_erasures(&self) -> Result<(), Error> {
        let directory = &self.erasures.path;
        for file in list(directory)? {
            let order = match &file {
                Named::Order(path) => read_order(path)?,
                Named::Certificate(path, journey, level) => {
                    if covers(self.vault.standing(*journey), *level) {
                        continue;
                    }
                    tracing::warn!(%journey, "keys that were destroyed were there again; they are destroyed again");
                    let note = read_text(path)?.unwrap_or_default();
                    let key = tree::signing_key(&self.vault).verifier();
                    Some(Certificate::open(&note, &key).map_err(|what| bad(path, what))?.order())
                }
            };
            let Some(order) = order else { continue };
            // The keys are gone in any case; that the log tells of it can wait until it takes writes again.
            match self.carry_out(&order) {
                Ok(_) => self.certificate(order.journey, order.level).map(drop)?,
                Err(error @ (Error::Full { .. } | Error::ReadOnly(_))) => {
                    tracing::error!(%error, "an erasure is carried out and not recorded yet; the next opening records it");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn event_of(&self, journey: JourneyId, level: ErasureLevel) -> EventId {
        let name = format!("{EVENT_NAME}/{journey}/{level}");
        EventId::new(Uuid::new_v5(&self.vault.namespace(), name.as_bytes()))
    }
}

/// Whether nothing more is to be destroyed for this level.
pub(crate) fn covers(standing: Standing, level: ErasureLevel) -> bool {
    match (standing, level) {
        (Standing::Erased, _) | (Standing::Deidentified, ErasureLevel::Identity) => true,
        (Standing::Deidentified | Standing::Open | Standing::Unknown, _) => false,
    }
}

/// Destroys the keys of a journey, known here or not.
pub(crate) fn destroy_in(vault: &Vault, journey: JourneyId, level: ErasureLevel) -> Result<(), Error> {
    if covers(vault.standing(journey), level) {
        return Ok(());
    }
    Ok(vault.bar(journey, level)?)
}

/// A file of `erasures/`, by its name.
pub(crate) enum Named {
    Order(PathBuf),
    Certificate(PathBuf, JourneyId, ErasureLevel),
}

/// What lies in a directory of erasures, orders first; nothing where there is none. Other files are passed over.
pub(crate) fn list(directory: &Path) -> Result<Vec<Named>, Error> {
    let io = |source| Error::Io { path: directory.to_owned(), source };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(io(source)),
    };
    let (mut orders, mut certificates) = (Vec::new(), Vec::new());
    for entry in entries {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let Some((journey, level, kind)) = parts_of(&name) else { continue };
        match kind {
            ORDER => orders.push(Named::Order(path)),
            CERTIFICATE => certificates.push(Named::Certificate(path, journey, level)),
            _ => {}
        }
    }
    orders.extend(certificates);
    Ok(orders)
}

fn parts_of(name: &str) -> Option<(JourneyId, ErasureLevel, &str)> {
    let mut parts = name.splitn(3, '.');
    let journey = parts.next()?.parse().ok()?;
    let level = parts.next()?;
    let level = ErasureLevel::ALL.iter().copied().find(|known| known.code() == level)?;
    Some((journey, level, parts.next()?))
}

fn order_file(directory: &Path, journey: JourneyId, level: ErasureLevel) -> PathBuf {
    directory.join(format!("{journey}.{level}.{ORDER}"))
}

fn certificate_file(directory: &Path, journey: JourneyId, level: ErasureLevel) -> PathBuf {
    directory.join(format!("{journey}.{level}.{CERTIFICATE}"))
}

/// Makes an order durable.
pub(crate) fn write_order(directory: &Path, order: &Order) -> Result<(), Error> {
    make_private(directory)?;
    if let Some(parent) = directory.parent() {
        sync(parent)?;
    }
    write_whole(&order_file(directory, order.journey, order.level), order.to_text().as_bytes(), 0o600)
}

/// Puts a certificate among the others.
pub(crate) fn write_certificate(directory: &Path, certificate: &Certificate) -> Result<(), Error> {
    let path = certificate_file(directory, certificate.journey, certificate.level);
    write_whole(&path, certificate.note.as_bytes(), 0o600)
}

pub(crate) fn read_order(path: &Path) -> Result<Option<Order>, Error> {
    let Some(text) = read_text(path)? else { return Ok(None) };
    Order::parse(&text).map(Some).ok_or_else(|| bad(path, "this is no order to erase".to_owned()))
}

pub(crate) fn read_text(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(bad(path, "it is no text".to_owned())),
        Err(source) => Err(Error::Io { path: path.to_owned(), source }),
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    gone(fs::remove_file(path), path)
}

pub(crate) fn bad(path: &Path, what: String) -> Error {
    Error::BadCertificate { path: path.to_owned(), what }
}
