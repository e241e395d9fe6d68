//! Who witnesses the log, and what each cosigned last: kept beside the tree, told with the checkpoint, never waited for.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use throughline_proof::{Checkpoint, Error, Note, Signature, VerifierKey};

/// How far a witness's clock may be ahead of ours. A cosignature from the future would look fresh for ever.
const AHEAD_SECONDS_MAX: i64 = 300;

/// Where the last words of those are who are no witnesses any more.
const FORMER: &str = "former";

/// The witnesses that are known.
#[derive(Default)]
pub struct Witnesses {
    /// Where their last words are kept: one note each, by the key's id.
    path: PathBuf,
    keys: Vec<VerifierKey>,
    last: Mutex<Vec<Option<Witnessed>>>,
    /// Held while the disk is written, which whoever reads does not wait for.
    writing: Mutex<()>,
}

/// The last checkpoint that a witness cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The witness.
    pub name: String,
    /// How many events it covers.
    pub events: u64,
    /// When the witness signed, by its clock.
    pub at: Timestamp,
    note: Note,
    signature: Signature,
}

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum Unwitnessed {
    /// It proves nothing: of another log, or no witness that is known signed.
    #[error("{0}")]
    Unproved(#[from] Error),
    /// No witness that is known signed it.
    #[error("no witness of this log cosigned it; its keeper names witnesses by `serve --witness`")]
    Stranger,
    /// The time of the signature is not here yet.
    #[error("{name} signed at {at}, which is more than 5 minutes ahead; set the witness's clock")]
    Ahead {
        /// The witness.
        name: String,
        /// When it says it signed.
        at: Timestamp,
    },
    /// It cannot be kept.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Witnesses {
    /// The witnesses with these keys, and what is kept of them in this directory, by the log's key. What is kept of others,
    /// who were witnesses once, goes into `former/`, where nothing relies on it; there it is found when they are again.
    pub fn open(path: &Path, log: &VerifierKey, keys: Vec<VerifierKey>) -> io::Result<Self> {
        let mut last = Vec::new();
        for key in &keys {
            let (own, former) = (path.join(file(key)), path.join(FORMER).join(file(key)));
            let mut found = kept(&own, log, key)?;
            if found.is_none() {
                found = kept(&former, log, key)?;
                if found.is_some() {
                    fs::rename(&former, &own)?;
                }
            }
            last.push(found);
        }
        let relied_on = keys.iter().zip(&last).filter(|(_, kept)| kept.is_some());
        put_aside(path, &relied_on.map(|(key, _)| file(key).into()).collect::<Vec<_>>())?;
        Ok(Self { path: path.to_owned(), keys, last: Mutex::new(last), writing: Mutex::new(()) })
    }

    /// Takes in a checkpoint of the log that witnesses cosigned, in any order; durable when it returns. What is older than
    /// what is kept changes nothing. Blocking.
    pub fn take(
        &self,
        note: &Note,
        log: &VerifierKey,
        now: Timestamp,
    ) -> Result<Vec<Witnessed>, Unwitnessed> {
        Checkpoint::open(note, log)?;
        let mut taken = Vec::new();
        for (nth, key) in self.keys.iter().enumerate() {
            let told = match witnessed(note, log, key) {
                // Not by this one. A signature in its name that does not fit is a reason to refuse the whole.
                Err(Error::NotSigned(_)) => continue,
                told => told?,
            };
            if told.at.as_second() > now.as_second() + AHEAD_SECONDS_MAX {
                return Err(Unwitnessed::Ahead { name: told.name, at: told.at });
            }
            let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = self.last()[nth].clone();
            if kept.is_none_or(|kept| (kept.events, kept.at) < (told.events, told.at)) {
                write(&self.path, &file(key), &told.note.to_string())?;
                self.last()[nth] = Some(told.clone());
            }
            taken.push(told);
        }
        if taken.is_empty() { Err(Unwitnessed::Stranger) } else { Ok(taken) }
    }

    /// The checkpoint with the cosignatures that are of its text.
    pub(crate) fn cosigned(&self, checkpoint: String) -> String {
        let Ok(mut note) = Note::parse(&checkpoint) else { return checkpoint };
        for witnessed in self.standing() {
            if witnessed.note.text() == note.text() {
                // A note has room for 64; what does not fit is left out.
                let _ = note.add(witnessed.signature);
            }
        }
        note.to_string()
    }

    /// What each witness cosigned last.
    pub fn standing(&self) -> Vec<Witnessed> {
        self.last().iter().flatten().cloned().collect()
    }

    /// What this witness cosigned last.
    pub fn last_of(&self, key: &VerifierKey) -> Option<Witnessed> {
        let nth = self.keys.iter().position(|known| known == key)?;
        self.last()[nth].clone()
    }

    fn last(&self) -> MutexGuard<'_, Vec<Option<Witnessed>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Witnessed {
    /// How long ago, in words.
    pub(crate) fn ago(&self, now: Timestamp) -> String {
        match (now.as_second() - self.at.as_second()).max(0) / 60 {
            1 => "last witnessed 1 minute ago".to_owned(),
            minutes => format!("last witnessed {minutes} minutes ago"),
        }
    }
}

/// The checkpoint as this witness cosigned it, with the log's signature and its own.
fn witnessed(note: &Note, log: &VerifierKey, key: &VerifierKey) -> Result<Witnessed, Error> {
    let seconds = note.cosigned(key)?.time;
    let at = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let at = at.ok_or_else(|| Error::BadSignature(key.name().to_owned()))?;
    let by = |key: &VerifierKey| {
        let mut signatures = note.signatures().iter();
        let signature =
            signatures.find(|signature| signature.name == key.name() && signature.key_id == key.id());
        signature.cloned().ok_or_else(|| Error::NotSigned(key.to_string()))
    };
    let (mut kept, signature) = (Note::new(note.text())?, by(key)?);
    kept.add(by(log)?)?;
    kept.add(signature.clone())?;
    let events = Checkpoint::open(note, log)?.size;
    Ok(Witnessed { name: key.name().to_owned(), events, at, note: kept, signature })
}

/// What this witness cosigned last, as it lies in a file; none where the file holds nothing of the kind.
fn kept(path: &Path, log: &VerifierKey, key: &VerifierKey) -> io::Result<Option<Witnessed>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => {
            let bytes = bytes?;
            let note = str::from_utf8(&bytes).ok().and_then(|text| Note::parse(text).ok());
            Ok(note.and_then(|note| witnessed(&note, log, key).ok()))
        }
    }
}

/// Puts all files but these where nothing relies on them.
fn put_aside(folder: &Path, but: &[OsString]) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let former = folder.join(FORMER);
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() && !but.contains(&entry.file_name()) {
            fs::create_dir_all(&former)?;
            fs::rename(entry.path(), former.join(entry.file_name()))?;
        }
    }
    File::open(folder)?.sync_all()
}

/// A name for a file; the key's own may hold anything.
fn file(key: &VerifierKey) -> String {
    format!("{:08x}", u32::from_be_bytes(key.id()))
}

/// Writes a file whole: beside, synced, renamed.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!("{name}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}
