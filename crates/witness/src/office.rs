//! The witness's directory: what it decided is on disk, synced, before the cosignature leaves.
//!
//! ```text
//! lock          held while a witness runs
//! witness.key   the name and the 32 secret bytes in hexadecimal, for the owner's eyes alone
//! witness.vkey  by what cosignatures are checked
//! seen/…        one note a log: the last checkpoint that was cosigned, by SHA-256 of the log's origin
//! evidence/…    two checkpoints that cannot both be true
//! ```

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};
use throughline_proof::{SigningKey, VerifierKey};
use zeroize::Zeroizing;

use crate::{AddCheckpoint, Error, Misdeed, Refusal, Seen, Witness};

/// Tells the time in seconds since 1970-01-01T00:00Z.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Pieces of evidence that are kept; one is enough to show that a log cannot be trusted.
const EVIDENCE_MAX: usize = 100;

/// A witness with its directory.
pub struct Office {
    path: PathBuf,
    witness: Mutex<Witness>,
    clock: Clock,
    /// Locked; the lock goes with the file.
    _lock: File,
}

impl Office {
    /// Takes the directory, and makes it, with a new key under `name`, where it is missing. A name that is not given is
    /// made from the key.
    pub fn open(path: &Path, name: Option<&str>, logs: &[VerifierKey], clock: Clock) -> Result<Self, Error> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at(path))?;
        let lock_path = path.join("lock");
        let lock = File::options().create(true).append(true).open(&lock_path).map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Held(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(at(&lock_path)(source)),
        }
        let mut witness = Witness::new(key(path, name)?, logs.iter().cloned());
        write(&path.join("witness.vkey"), format!("{}\n", witness.cosigner()).as_bytes(), 0o644)?;
        for log in logs {
            let file = seen_file(path, log.name());
            if let Some(note) = read(&file)? {
                let damaged = |error: throughline_proof::Error| damaged(&file, &error.to_string());
                witness.remember(witness.read_seen(&note, log).map_err(damaged)?);
            }
        }
        Ok(Self { path: path.to_owned(), witness: Mutex::new(witness), clock, _lock: lock })
    }

    /// By what its cosignatures are checked.
    pub fn cosigner(&self) -> VerifierKey {
        self.witness().cosigner()
    }

    /// The key of a log that is watched.
    pub fn log(&self, origin: &str) -> Option<VerifierKey> {
        self.witness().log(origin).cloned()
    }

    /// What was cosigned last of a log.
    pub fn seen(&self, origin: &str) -> Option<Seen> {
        self.witness().seen(origin).cloned()
    }

    /// Cosigns a checkpoint that goes on from what was seen; durable when it returns. A fork is kept as evidence.
    pub fn add_checkpoint(&self, request: &AddCheckpoint) -> Result<Seen, Error> {
        // In hand from the check until it is on disk: two requests at once cannot lead back.
        let mut witness = self.witness();
        let seen = match witness.add_checkpoint(request, (self.clock)()) {
            Err(Refusal::OtherRoot(misdeed)) => return Err(self.caught(*misdeed)?),
            decided => decided?,
        };
        write(&seen_file(&self.path, &seen.checkpoint.origin), seen.note.to_string().as_bytes(), 0o644)?;
        witness.remember(seen.clone());
        Ok(seen)
    }

    /// Keeps two checkpoints that cannot both be true, and says where.
    pub fn caught(&self, misdeed: Misdeed) -> Result<Error, Error> {
        let Misdeed { seen, shown } = &misdeed;
        let text = format!("{misdeed}\n\ncosigned:\n\n{seen}\nsigned later:\n\n{shown}");
        let kind = if misdeed.is_rollback() { "rollback" } else { "fork" };
        // By the two texts: shown again, it is the same piece.
        let name = Sha256::new_with_prefix(seen.text()).chain_update(shown.text()).finalize();
        let folder = self.path.join("evidence");
        let evidence = folder.join(format!("{kind}-{}.txt", hexadecimal(&name[..8])));
        DirBuilder::new().recursive(true).create(&folder).map_err(at(&folder))?;
        if !evidence.exists() && self.evidence()?.len() < EVIDENCE_MAX {
            write(&evidence, text.as_bytes(), 0o644)?;
        }
        tracing::error!(%misdeed, "a log was caught");
        Ok(Error::Caught { misdeed: Box::new(misdeed), evidence })
    }

    /// The pieces of evidence, by name.
    pub fn evidence(&self) -> Result<Vec<String>, Error> {
        let folder = self.path.join("evidence");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(at(&folder))?,
        };
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<io::Result<Vec<_>>>().map_err(at(&folder))?;
        names.retain(|name| Path::new(name).extension().is_some_and(|kind| kind == "txt"));
        names.sort_unstable();
        Ok(names)
    }

    /// What it saw last, for people.
    pub fn standing(&self) -> Result<String, Error> {
        let mut text = format!("witness {}\n", self.cosigner());
        for (key, seen) in self.witness().logs() {
            let seen = seen.map_or_else(
                || "nothing cosigned yet\n".to_owned(),
                |seen| format!("cosigned {} s after 1970-01-01T00:00Z:\n{}", seen.time, seen.note),
            );
            text = format!("{text}\nlog {key}\n{seen}");
        }
        for name in self.evidence()? {
            text = format!("{text}\nrefused, and kept as evidence: {name}\n");
        }
        Ok(text)
    }

    fn witness(&self) -> MutexGuard<'_, Witness> {
        self.witness.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key in this directory; a new one where there is none.
fn key(path: &Path, name: Option<&str>) -> Result<SigningKey, Error> {
    let file = path.join("witness.key");
    if let Some(text) = read(&file)?.map(Zeroizing::new) {
        let bad = || damaged(&file, "it is not a name and 64 hexadecimal digits");
        let (kept, seed) = text.trim_end().split_once(' ').ok_or_else(bad)?;
        if let Some(name) = name.filter(|name| *name != kept) {
            return Err(damaged(&file, &format!("its key is of {kept}, not of {name}")));
        }
        return Ok(SigningKey::new(kept, &*seed_of(seed).ok_or_else(bad)?)?);
    }
    // A witness that forgot its key but not what it saw would refuse its own notes.
    if path.join("seen").exists() {
        return Err(damaged(&file, "it is missing, and logs were witnessed with it"));
    }
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|error| at(&file)(io::Error::other(error)))?;
    let of_key = || {
        let fingerprint = Sha256::digest(SigningKey::public_key(&seed));
        format!("throughline-witness/{}", hexadecimal(&fingerprint[..8]))
    };
    let key = SigningKey::new(&name.map_or_else(of_key, str::to_owned), &seed)?;
    let text = Zeroizing::new(format!("{} {}\n", key.name(), hexadecimal(seed.as_slice())));
    write(&file, text.as_bytes(), 0o600)?;
    Ok(key)
}

fn seed_of(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (nth, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * nth..2 * nth + 2], 16).ok()?;
    }
    Some(seed)
}

fn seen_file(path: &Path, origin: &str) -> PathBuf {
    path.join("seen").join(hexadecimal(&Sha256::digest(origin)))
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(text.map_err(at(path))?)),
    }
}

/// Writes a file whole: beside, synced, renamed, and the directories synced too.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let parent = path.parent().expect("every file has its directory");
    let put = || -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        // What a crash left behind may have another mode.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        for directory in parent.ancestors().take(2).filter(|directory| !directory.as_os_str().is_empty()) {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    };
    put().map_err(at(path))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes all");
        text
    })
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + Copy + '_ {
    move |source| Error::Io { path: path.to_owned(), source }
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::Damaged { path: path.to_owned(), why: why.to_owned() }
}
