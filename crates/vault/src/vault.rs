//! The vault of one log.

use std::{
    collections::{HashMap, hash_map},
    path::Path,
    sync::{Mutex, OnceLock, PoisonError, RwLock},
};

use throughline_domain::{ErasureLevel, JourneyId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Error, MasterId, MasterKey,
    aead::{self, Key, Nonce, Tag},
    files::{private_directory, read_if_there, write_private},
    slots::{Field, Slot, Slots, WRAPPED_BYTES},
};

/// The master key, where it is kept beside the keys.
pub const MASTER_FILE: &str = "master.key";
/// The wrapped keys.
pub const SLOTS_FILE: &str = "journeys.keys";
pub(crate) const SECRETS_AAD: &[u8] = b"throughline log secrets v1";
const KEY_AAD: &[u8] = b"throughline journey key v1";

/// Which of a journey's two keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// Of coded facts.
    Facts = 0,
    /// Of names, contacts and words.
    Personal = 1,
}

/// Whose keys seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A journey's: they can be destroyed.
    Journey(JourneyId),
    /// The log's own: what must stay readable when a journey is erased, such as that it was erased.
    Log,
}

/// What has become of a journey's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There never were any.
    Unknown,
    /// Both are there.
    Open,
    /// The personal key was destroyed.
    Deidentified,
    /// Both were destroyed.
    Erased,
}

/// How many journeys have keys, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standings {
    /// Both keys are there.
    pub open: u64,
    /// The personal key was destroyed.
    pub deidentified: u64,
    /// Both were destroyed.
    pub erased: u64,
}

/// The keys of one log, in a directory of their own. Safe to share between threads; one process at a time.
pub struct Vault {
    pub(crate) master: MasterKey,
    namespace: Uuid,
    pub(crate) log_key: Key,
    slots: Slots,
    pub(crate) journeys: RwLock<HashMap<JourneyId, Keys>>,
    /// Number of the next slot; none once a write failed, for then the file's end is not known.
    next_slot: Mutex<Option<u64>>,
}

/// One journey's slot and its keys in the order of [`Part`].
pub(crate) struct Keys {
    pub slot: u64,
    pub keys: [State; 2],
}

pub(crate) enum State {
    /// Unwrapped at first use.
    Held(OnceLock<Key>),
    Destroyed,
    Unreadable,
}

impl Vault {
    /// Opens the vault in `dir`, which must be there. Without a master key it is the one beside the wrapped keys.
    pub fn open(dir: &Path, master: Option<&MasterKey>) -> Result<Self, Error> {
        Self::open_as(dir, master, true)
    }

    /// The same for whoever only reads, also where nothing can be written. Keys are neither made nor destroyed in it.
    pub fn open_to_read(dir: &Path, master: Option<&MasterKey>) -> Result<Self, Error> {
        Self::open_as(dir, master, false)
    }

    fn open_as(dir: &Path, master: Option<&MasterKey>, writable: bool) -> Result<Self, Error> {
        let slots_path = dir.join(SLOTS_FILE);
        let bytes = read_if_there(&slots_path)?.ok_or(Error::KeysMissing(slots_path.clone()))?;
        let (master, given) = match master {
            Some(master) => (master.clone(), "the one given".to_owned()),
            None => (kept_master(dir)?, dir.join(MASTER_FILE).display().to_string()),
        };
        let (slots, read) = Slots::open(&slots_path, &bytes, writable)?;
        let secrets = aead::unwrap(&master.0, SECRETS_AAD, &read.secrets).map_err(|_| {
            Error::MasterWrong { path: slots_path, given, is: master.id(), needs: read.master }
        })?;
        let (namespace, log_key) =
            secrets.split_first_chunk::<16>().expect("the wrapped secrets have a fixed length");
        let log_key = log_key.try_into().expect("the wrapped secrets have a fixed length");
        // Of two slots of one journey the later holds: the earlier was torn before anything used it.
        let journeys = read.slots.into_iter().map(|slot| (slot.journey, Keys::from(slot))).collect();
        Ok(Self {
            master,
            namespace: Uuid::from_bytes(*namespace),
            log_key: Zeroizing::new(log_key),
            slots,
            journeys: RwLock::new(journeys),
            next_slot: Mutex::new(Some(read.count)),
        })
    }

    /// Opens the vault in `dir`, first making whatever a new one lacks; a master key only where none is given. One that
    /// is missing beside wrapped keys is never made anew.
    pub fn open_or_create(dir: &Path, master: Option<&MasterKey>) -> Result<Self, Error> {
        private_directory(dir)?;
        let (master_path, slots_path) = (dir.join(MASTER_FILE), dir.join(SLOTS_FILE));
        if read_if_there(&slots_path)?.is_none() {
            let master = match master {
                Some(master) => master.clone(),
                None if master_path.exists() => kept_master(dir)?,
                None => {
                    let master = MasterKey::generate()?;
                    write_private(&master_path, &*master.0)?;
                    master
                }
            };
            let namespace = uuid::Builder::from_random_bytes(aead::random()?).into_uuid();
            let mut secrets = Zeroizing::new(namespace.as_bytes().to_vec());
            secrets.extend_from_slice(&*aead::new_key()?);
            Slots::create(&slots_path, &aead::wrap(&master.0, SECRETS_AAD, &secrets)?, master.id())?;
        }
        Self::open(dir, master)
    }

    /// Which master key wraps these keys.
    pub fn master_id(&self) -> MasterId {
        self.master.id()
    }

    /// How many journeys have keys, and what became of them.
    pub fn standings(&self) -> Standings {
        let held = self.journeys.read().unwrap_or_else(PoisonError::into_inner);
        let mut standings = Standings::default();
        for keys in held.values() {
            match keys.standing() {
                Standing::Unknown => {}
                Standing::Open => standings.open += 1,
                Standing::Deidentified => standings.deidentified += 1,
                Standing::Erased => standings.erased += 1,
            }
        }
        standings
    }

    /// A secret of this log, made once: the namespace of ids derived from other systems' keys.
    pub fn namespace(&self) -> Uuid {
        self.namespace
    }

    /// A secret of this log for one purpose, the same each time: HKDF-SHA256 of the log's own key, without salt. Purposes
    /// are storage formats: never change one.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        aead::derive(&self.log_key, purpose)
    }

    /// `count` new nonces.
    pub fn nonces(&self, count: usize) -> Result<Vec<Nonce>, Error> {
        let mut nonces = vec![[0; aead::NONCE_BYTES]; count];
        getrandom::fill(nonces.as_flattened_mut()).map_err(Error::Random)?;
        Ok(nonces)
    }

    /// Makes the keys of those journeys that have none, on disk and synced when this returns; one sync for all.
    pub fn ensure(&self, journeys: &[JourneyId]) -> Result<(), Error> {
        let mut next_slot = self.next_slot.lock().unwrap_or_else(PoisonError::into_inner);
        let first = next_slot.ok_or(Error::Stopped)?;
        let mut made: HashMap<JourneyId, [Key; 2]> = HashMap::new();
        for journey in journeys {
            match self.standing(*journey) {
                Standing::Erased => return Err(Error::Destroyed(*journey)),
                Standing::Open | Standing::Deidentified => {}
                Standing::Unknown => {
                    if let hash_map::Entry::Vacant(entry) = made.entry(*journey) {
                        entry.insert([aead::new_key()?, aead::new_key()?]);
                    }
                }
            }
        }
        if made.is_empty() {
            return Ok(());
        }
        let mut wrapped = Vec::with_capacity(made.len());
        for (journey, [facts, personal]) in &made {
            let facts = aead::wrap(&self.master.0, &key_aad(*journey, Part::Facts), &**facts)?;
            let personal = aead::wrap(&self.master.0, &key_aad(*journey, Part::Personal), &**personal)?;
            wrapped.push((*journey, [facts, personal]));
        }
        let order: Vec<JourneyId> = wrapped.iter().map(|(journey, _)| *journey).collect();
        if let Err(error) = self.slots.append(first, wrapped.into_iter()) {
            *next_slot = None;
            return Err(error);
        }
        *next_slot = Some(first + order.len() as u64);
        let mut held = self.journeys.write().unwrap_or_else(PoisonError::into_inner);
        for (slot, journey) in (first..).zip(order) {
            if let Some(keys) = made.remove(&journey) {
                held.insert(journey, Keys { slot, keys: keys.map(|key| State::Held(OnceLock::from(key))) });
            }
        }
        Ok(())
    }

    /// What has become of the journey's keys. A slot that a crash left half-written counts as unknown, for nothing
    /// was sealed with it; one that was damaged later is told by the events that no longer open.
    pub fn standing(&self, journey: JourneyId) -> Standing {
        let held = self.journeys.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&journey).map_or(Standing::Unknown, Keys::standing)
    }

    /// Seals bytes and binds them to `aad`. None where the key was destroyed.
    pub fn seal(
        &self,
        owner: Owner,
        part: Part,
        nonce: &Nonce,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        self.with_key(owner, part, |key| Ok(aead::seal(key, nonce, aad, plaintext)))
    }

    /// Seals bytes where they stand and binds them to `aad`; the tag that belongs behind them. None where the key was
    /// destroyed: nothing was changed then.
    pub fn seal_in_place(
        &self,
        owner: Owner,
        part: Part,
        nonce: &Nonce,
        aad: &[u8],
        bytes: &mut [u8],
    ) -> Result<Option<Tag>, Error> {
        self.with_key(owner, part, |key| Ok(aead::seal_in_place(key, nonce, aad, bytes)))
    }

    /// Opens what [`Vault::seal`] sealed with the same nonce and `aad`. None where the key was destroyed.
    pub fn unseal(
        &self,
        owner: Owner,
        part: Part,
        nonce: &Nonce,
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        self.with_key(owner, part, |key| aead::open(key, nonce, aad, sealed))
    }

    /// Destroys the personal key, or both. Overwritten with zeros and synced when this returns; again is no error.
    pub fn destroy(&self, journey: JourneyId, level: ErasureLevel) -> Result<(), Error> {
        let parts: &[Part] = match level {
            ErasureLevel::Identity => &[Part::Personal],
            // The personal key first: a crash between the two leaves a journey de-identified, never the reverse.
            ErasureLevel::All => &[Part::Personal, Part::Facts],
        };
        let mut held = self.journeys.write().unwrap_or_else(PoisonError::into_inner);
        let keys = held.get_mut(&journey).ok_or(Error::NoKey(journey))?;
        for part in parts {
            self.slots.destroy(keys.slot, *part)?;
            keys.keys[*part as usize] = State::Destroyed;
        }
        Ok(())
    }

    /// Sees to it that a journey that never had keys here never gets those that are destroyed: what [`Vault::destroy`]
    /// would have left of it. For journeys that were erased elsewhere.
    pub fn bar(&self, journey: JourneyId, level: ErasureLevel) -> Result<(), Error> {
        if self.standing(journey) == Standing::Unknown {
            if level == ErasureLevel::Identity {
                self.ensure(&[journey])?;
                return self.destroy(journey, level);
            }
            let mut next_slot = self.next_slot.lock().unwrap_or_else(PoisonError::into_inner);
            let slot = next_slot.ok_or(Error::Stopped)?;
            let destroyed = [(); 2].map(|()| vec![0; WRAPPED_BYTES]);
            if let Err(error) = self.slots.append(slot, std::iter::once((journey, destroyed))) {
                *next_slot = None;
                return Err(error);
            }
            *next_slot = Some(slot + 1);
            let keys = [(); 2].map(|()| State::Destroyed);
            self.journeys
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(journey, Keys { slot, keys });
            return Ok(());
        }
        self.destroy(journey, level)
    }

    /// The bytes of a key, for tests that look for them where they must not be.
    #[cfg(any(test, feature = "faults"))]
    pub fn key_bytes(&self, journey: JourneyId, part: Part) -> Result<Option<Vec<u8>>, Error> {
        self.with_key(Owner::Journey(journey), part, |key| Ok(key.to_vec()))
    }

    pub(crate) fn with_key<T>(
        &self,
        owner: Owner,
        part: Part,
        use_it: impl FnOnce(&Key) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match owner {
            Owner::Log => use_it(&self.log_key).map(Some),
            Owner::Journey(journey) => self.lend(journey, |lent| lent.key(part)?.map(use_it).transpose()),
        }
    }

    pub(crate) fn unwrap_key(&self, journey: JourneyId, slot: u64, part: Part) -> Result<Key, Error> {
        let wrapped = self.slots.wrapped(slot, part)?;
        let key = aead::unwrap(&self.master.0, &key_aad(journey, part), &wrapped)
            .map_err(|_| Error::KeyDamaged(journey))?;
        Ok(Zeroizing::new(key.as_slice().try_into().map_err(|_| Error::KeyDamaged(journey))?))
    }
}

impl Keys {
    fn standing(&self) -> Standing {
        match &self.keys {
            [State::Unreadable, _] | [State::Held(_), State::Unreadable] => Standing::Unknown,
            [State::Destroyed, _] => Standing::Erased,
            [State::Held(_), State::Destroyed] => Standing::Deidentified,
            [State::Held(_), State::Held(_)] => Standing::Open,
        }
    }
}

/// The master key beside the wrapped keys.
pub(crate) fn kept_master(dir: &Path) -> Result<MasterKey, Error> {
    let path = dir.join(MASTER_FILE);
    let bytes = Zeroizing::new(read_if_there(&path)?.ok_or_else(|| Error::MasterMissing(path.clone()))?);
    MasterKey::of_file(&path, &bytes)
}

impl From<Slot> for Keys {
    fn from(slot: Slot) -> Self {
        let keys = slot.fields.map(|field| match field {
            Field::Wrapped => State::Held(OnceLock::new()),
            Field::Destroyed => State::Destroyed,
            Field::Unreadable => State::Unreadable,
        });
        Self { slot: slot.number, keys }
    }
}

/// Binds a wrapped key to its journey and part, so that slots cannot be swapped.
pub(crate) fn key_aad(journey: JourneyId, part: Part) -> Vec<u8> {
    [KEY_AAD, &journey.bytes(), &[part as u8]].concat()
}
