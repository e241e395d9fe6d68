//! The file `journeys.keys`: a header, then one slot of fixed size per journey.
//!
//! Header, 128 bytes: magic `TLKEYS\r\n` · u32 format version · u32 slot length · 88 bytes wrapped secrets of the log
//! · 8 bytes id of the master key that wrapped them, zeros where it is not said · zeros · u32 CRC-32C of the 124 bytes
//! before it. All numbers big-endian.
//!
//! Slot, 172 bytes: journey id (16) · u32 CRC-32C of it · twice, for the `facts` and the `personal` key: the wrapped
//! key (72: nonce, ciphertext, tag) and the u32 CRC-32C of those 72 bytes. A destroyed key is 72 zeros *with their
//! checksum*, so that a page the disk never wrote is not taken for a destroyed key.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use throughline_domain::JourneyId;

use crate::{
    Error, MasterId,
    aead::{KEY_BYTES, NONCE_BYTES, TAG_BYTES},
    files::write_private,
    vault::Part,
};

/// Bytes of a wrapped key.
pub(crate) const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// Bytes of the log's wrapped secrets: its namespace and its own key.
pub(crate) const SECRETS_BYTES: usize = NONCE_BYTES + 16 + KEY_BYTES + TAG_BYTES;

const MAGIC: &[u8; 8] = b"TLKEYS\r\n";
const FORMAT: u32 = 1;
const READ_ONLY: &str = "the keys were opened to be read only; none is made or destroyed";
pub(crate) const HEADER_BYTES: usize = 128;
const ID_BYTES: usize = 20;
const KEY_FIELD_BYTES: usize = WRAPPED_BYTES + 4;
pub(crate) const SLOT_BYTES: usize = ID_BYTES + 2 * KEY_FIELD_BYTES;

/// What a key's place in a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A wrapped key.
    Wrapped,
    /// Zeros: it was destroyed.
    Destroyed,
    /// Neither: a torn write or damage.
    Unreadable,
}

/// A slot as found: its number, its journey and its two keys in the order of [`Part`].
pub(crate) struct Slot {
    pub number: u64,
    pub journey: JourneyId,
    pub fields: [Field; 2],
}

/// What a file of keys says.
pub(crate) struct Read {
    /// The log's wrapped secrets.
    pub secrets: Vec<u8>,
    /// The master key that wrapped them, where the file says so.
    pub master: Option<MasterId>,
    /// Every slot that can be told. One whose journey cannot is left out: it is the torn end of an append that nothing
    /// used yet, and if it is not, the journey's events will say that their key is missing.
    pub slots: Vec<Slot>,
    /// How many slots there are, told or not.
    pub count: u64,
}

/// The open file.
pub(crate) struct Slots {
    path: PathBuf,
    file: File,
    writable: bool,
}

impl Slots {
    /// Writes a file without slots.
    pub(crate) fn create(path: &Path, secrets: &[u8], master: MasterId) -> Result<(), Error> {
        write_private(path, &header(secrets, master))
    }

    /// Opens the file whose whole content is `bytes`, and checks it. Not `writable`, it
    /// may lie where nothing can be written.
    pub(crate) fn open(path: &Path, bytes: &[u8], writable: bool) -> Result<(Self, Read), Error> {
        let read = Read::of(path, bytes)?;
        let file = OpenOptions::new()
            .read(true)
            .write(writable)
            .open(path)
            .map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok((Self { path: path.to_owned(), file, writable }, read))
    }

    /// Writes slots from this number on and syncs them. A partial slot left there by a crash is overwritten.
    pub(crate) fn append(
        &self,
        number: u64,
        slots: impl Iterator<Item = (JourneyId, [Vec<u8>; 2])>,
    ) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for (journey, keys) in slots {
            write_slot(&mut bytes, journey, &keys);
        }
        self.write(&bytes, slot_offset(number))
    }

    /// The wrapped key at this place.
    pub(crate) fn wrapped(&self, number: u64, part: Part) -> Result<[u8; WRAPPED_BYTES], Error> {
        let mut wrapped = [0; WRAPPED_BYTES];
        self.file
            .read_exact_at(&mut wrapped, field_offset(number, part))
            .map_err(|source| Error::Io { path: self.path.clone(), source })?;
        Ok(wrapped)
    }

    /// Overwrites the key at this place with zeros, and syncs.
    pub(crate) fn destroy(&self, number: u64, part: Part) -> Result<(), Error> {
        self.write(&field(&[0; WRAPPED_BYTES]), field_offset(number, part))
    }

    fn write(&self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        self.file
            .write_all_at(bytes, offset)
            .and_then(|()| self.file.sync_data())
            .map_err(|error| if self.writable { error } else { io::Error::other(READ_ONLY) })
            .map_err(|source| Error::Io { path: self.path.clone(), source })
    }
}

impl Read {
    /// Checks `bytes`, the whole content of the file at `path`.
    pub(crate) fn of(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |what| Error::Damaged { path: path.to_owned(), what };
        let header = bytes.get(..HEADER_BYTES).ok_or_else(|| damaged("it ends within its header"))?;
        if &header[..8] != MAGIC {
            return Err(damaged("it is no file of keys"));
        }
        let found = u32_at(header, 8);
        if found > FORMAT {
            return Err(Error::NewerFormat { path: path.to_owned(), found, known: FORMAT });
        }
        if u32_at(header, HEADER_BYTES - 4) != crc32c::crc32c(&header[..HEADER_BYTES - 4])
            || u32_at(header, 12) as usize != SLOT_BYTES
        {
            return Err(damaged("its header does not match its checksum"));
        }
        let (secrets, rest) = header[16..].split_at(SECRETS_BYTES);
        let body = &bytes[HEADER_BYTES..];
        let slots =
            (0..).zip(body.chunks_exact(SLOT_BYTES)).filter_map(|(number, slot)| read_slot(number, slot));
        Ok(Self {
            secrets: secrets.to_vec(),
            master: MasterId::from_bytes(*rest.first_chunk().expect("a header has a fixed length")),
            slots: slots.collect(),
            count: (body.len() / SLOT_BYTES) as u64,
        })
    }
}

/// The master key that wrapped the keys in a file with this content; none where it is of a program that did not say.
pub fn wrapped_by(path: &Path, bytes: &[u8]) -> Result<Option<MasterId>, Error> {
    Read::of(path, bytes).map(|read| read.master)
}

/// A file's header.
pub(crate) fn header(secrets: &[u8], master: MasterId) -> Vec<u8> {
    assert_eq!(secrets.len(), SECRETS_BYTES, "the wrapped secrets have a fixed length");
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&FORMAT.to_be_bytes());
    header.extend_from_slice(&u32::try_from(SLOT_BYTES).expect("a slot is small").to_be_bytes());
    header.extend_from_slice(secrets);
    header.extend_from_slice(&master.bytes());
    header.resize(HEADER_BYTES - 4, 0);
    let sum = crc32c::crc32c(&header);
    header.extend_from_slice(&sum.to_be_bytes());
    header
}

/// Adds a slot with these wrapped keys; zeros are a destroyed one.
pub(crate) fn write_slot(bytes: &mut Vec<u8>, journey: JourneyId, keys: &[Vec<u8>; 2]) {
    bytes.extend_from_slice(&journey.bytes());
    bytes.extend_from_slice(&crc32c::crc32c(&journey.bytes()).to_be_bytes());
    for wrapped in keys {
        bytes.extend_from_slice(&field(wrapped));
    }
}

/// The wrapped key at this place of a file's content.
pub(crate) fn wrapped_in(bytes: &[u8], number: u64, part: Part) -> Vec<u8> {
    let at = usize::try_from(field_offset(number, part)).expect("the file is in memory");
    bytes[at..at + WRAPPED_BYTES].to_vec()
}

fn read_slot(number: u64, slot: &[u8]) -> Option<Slot> {
    let (id, rest) = slot.split_first_chunk::<16>()?;
    if u32_at(rest, 0) != crc32c::crc32c(id) {
        return None;
    }
    let fields = [Part::Facts, Part::Personal].map(|part| {
        let start = ID_BYTES + part as usize * KEY_FIELD_BYTES;
        let wrapped = &slot[start..start + WRAPPED_BYTES];
        if u32_at(slot, start + WRAPPED_BYTES) != crc32c::crc32c(wrapped) {
            Field::Unreadable
        } else if wrapped.iter().all(|byte| *byte == 0) {
            Field::Destroyed
        } else {
            Field::Wrapped
        }
    });
    Some(Slot { number, journey: JourneyId::from_bytes(*id), fields })
}

/// A wrapped key with its checksum.
fn field(wrapped: &[u8]) -> Vec<u8> {
    let mut field = wrapped.to_vec();
    field.extend_from_slice(&crc32c::crc32c(wrapped).to_be_bytes());
    field
}

fn slot_offset(number: u64) -> u64 {
    HEADER_BYTES as u64 + number * SLOT_BYTES as u64
}

fn field_offset(number: u64, part: Part) -> u64 {
    slot_offset(number) + (ID_BYTES + part as usize * KEY_FIELD_BYTES) as u64
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}
