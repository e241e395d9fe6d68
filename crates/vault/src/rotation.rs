//! Another master key: every wrapped key is wrapped anew, and what was wrapped by the old one is overwritten.
//!
//! One rotation can be of several directories, as of a log and of the log of who looked at it. A file beside the first
//! of them, `rotation`, says how far it is: while it says `preparing`, nothing was changed, and what was prepared is
//! taken away; once it says `decided`, all that is left to do needs no key. So a rotation that was cut short is undone
//! or finished by [`settle`], whatever master key is at hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, MasterKey,
    aead::{self, Key},
    files::{read_if_there, rename, wipe, write_private},
    slots::{self, Field, Read, SLOT_BYTES, WRAPPED_BYTES},
    vault::{MASTER_FILE, Part, SECRETS_AAD, SLOTS_FILE, kept_master, key_aad},
};

const STATE_FILE: &str = "rotation";
const STATE_WORDS: &str = "throughline rotation, format 1";
const PREPARING: &str = "preparing";
const DECIDED: &str = "decided";
/// What a line begins with that says where the new master key is.
const MASTER: &str = "master key ";
const KEPT_HERE: &str = "here";
const KEPT_ELSEWHERE: &str = "elsewhere";

/// Where the new master key is to be.
#[derive(Debug, Clone, Copy)]
pub enum NewMaster<'a> {
    /// Beside the wrapped keys; it is made.
    Here,
    /// Elsewhere; it is there already, and none is left beside the keys.
    Elsewhere(&'a MasterKey),
}

/// How far a rotation is, for whoever wants to stop it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was begun and is written down; nothing is prepared.
    Begun,
    /// All is wrapped anew, beside the old.
    Prepared,
    /// It will be finished.
    Decided,
    /// An old file has another name, and the new one is not in its place.
    SetAside,
    /// A new file is in its place, and the old one is not overwritten.
    Replaced,
    /// All is done but to take away the file that says so.
    Finished,
}

/// Wraps the keys of `home`, where the master key may be, and of `others`, named from there (`../access/keys`), by
/// another master key; how many journeys' keys were wrapped. Nobody may have any of them open. What the keys sealed does not change. An error leaves all as it
/// was, or is finished by [`settle`].
pub fn rotate(
    home: &Path,
    others: &[&str],
    master: Option<&MasterKey>,
    new: NewMaster<'_>,
    reached: &dyn Fn(Step),
) -> Result<u64, Error> {
    settle(home, &|_| {})?;
    let old = master.map_or_else(|| kept_master(home), |master| Ok(master.clone()))?;
    let (made, kept_here) = match new {
        NewMaster::Here => (MasterKey::generate()?, true),
        NewMaster::Elsewhere(given) => (given.clone(), false),
    };
    if made.0 == old.0 {
        return Err(Error::SameMaster);
    }
    let dirs = [&["."], others].concat().into_iter().map(str::to_owned).collect();
    let state = State { dirs, kept_here };
    state.write(home, PREPARING)?;
    reached(Step::Begun);
    let prepared = state.prepare(home, &old, &made);
    let rewrapped = match prepared {
        Ok(rewrapped) => rewrapped,
        Err(error) => {
            settle(home, reached)?;
            return Err(error);
        }
    };
    reached(Step::Prepared);
    state.write(home, DECIDED)?;
    reached(Step::Decided);
    settle(home, reached)?;
    Ok(rewrapped)
}

/// Finishes or undoes a rotation that was cut short; whether there was one. Needs no key.
pub fn settle(home: &Path, reached: &dyn Fn(Step)) -> Result<bool, Error> {
    let path = home.join(STATE_FILE);
    let Some(text) = read_if_there(&path)? else { return Ok(false) };
    let damaged = || Error::Damaged { path: path.clone(), what: "it does not say how far a rotation is" };
    let (state, decided) =
        String::from_utf8(text).ok().and_then(|text| State::read(&text)).ok_or_else(damaged)?;
    if decided {
        state.finish(home, reached)?;
    } else {
        state.undo(home)?;
    }
    reached(Step::Finished);
    wipe(&path)?;
    Ok(true)
}

/// What the file `rotation` says.
struct State {
    /// The directories of keys as seen from the home, which is the first.
    dirs: Vec<String>,
    kept_here: bool,
}

impl State {
    fn write(&self, home: &Path, stage: &str) -> Result<(), Error> {
        let kept = if self.kept_here { KEPT_HERE } else { KEPT_ELSEWHERE };
        let mut text = format!("{STATE_WORDS}\n{stage}\n{MASTER}{kept}\n");
        for dir in &self.dirs {
            text.push_str(dir);
            text.push('\n');
        }
        write_private(&home.join(STATE_FILE), text.as_bytes())
    }

    /// What it says, and whether it is decided.
    fn read(text: &str) -> Option<(Self, bool)> {
        let mut lines = text.lines();
        if lines.next()? != STATE_WORDS {
            return None;
        }
        let decided = match lines.next()? {
            PREPARING => false,
            DECIDED => true,
            _ => return None,
        };
        let kept_here = match lines.next()?.strip_prefix(MASTER)? {
            KEPT_HERE => true,
            KEPT_ELSEWHERE => false,
            _ => return None,
        };
        Some((Self { dirs: lines.map(str::to_owned).collect(), kept_here }, decided))
    }

    /// Writes the new files beside the old ones.
    fn prepare(&self, home: &Path, old: &MasterKey, new: &MasterKey) -> Result<u64, Error> {
        let mut rewrapped = 0;
        for dir in &self.dirs {
            let path = home.join(dir).join(SLOTS_FILE);
            let bytes = read_if_there(&path)?.ok_or_else(|| Error::KeysMissing(path.clone()))?;
            let (bytes, count) = rewrap(&path, &bytes, old, new)?;
            write_private(&rotated(&path), &bytes)?;
            rewrapped += count;
        }
        if self.kept_here {
            write_private(&rotated(&home.join(MASTER_FILE)), &*new.0)?;
        }
        Ok(rewrapped)
    }

    fn undo(&self, home: &Path) -> Result<(), Error> {
        for dir in &self.dirs {
            wipe(&rotated(&home.join(dir).join(SLOTS_FILE)))?;
        }
        wipe(&rotated(&home.join(MASTER_FILE)))
    }

    fn finish(&self, home: &Path, reached: &dyn Fn(Step)) -> Result<(), Error> {
        for dir in &self.dirs {
            replace(&home.join(dir).join(SLOTS_FILE), reached)?;
        }
        let master = home.join(MASTER_FILE);
        if self.kept_here {
            return replace(&master, reached);
        }
        if master.exists() {
            rename(&master, &old(&master))?;
        }
        wipe(&old(&master))
    }
}

/// Puts what was prepared in the place of a file, and overwrites the old one. Can be cut short anywhere and done again.
fn replace(path: &Path, reached: &dyn Fn(Step)) -> Result<(), Error> {
    let (new, old) = (rotated(path), old(path));
    if new.exists() {
        if path.exists() {
            rename(path, &old)?;
        }
        reached(Step::SetAside);
        rename(&new, path)?;
    }
    reached(Step::Replaced);
    wipe(&old)
}

/// A file's content under another master key, and how many journeys are in it.
fn rewrap(path: &Path, bytes: &[u8], old: &MasterKey, new: &MasterKey) -> Result<(Vec<u8>, u64), Error> {
    let read = Read::of(path, bytes)?;
    let wrong = |_| Error::MasterWrong {
        path: path.to_owned(),
        given: "the one to be replaced".to_owned(),
        is: old.id(),
        needs: read.master,
    };
    let secrets = aead::unwrap(&old.0, SECRETS_AAD, &read.secrets).map_err(wrong)?;
    let mut rewrapped = slots::header(&aead::wrap(&new.0, SECRETS_AAD, &secrets)?, new.id());
    let mut count = 0;
    for (nth, slot) in read.slots.iter().enumerate() {
        let mut keys = [const { Vec::new() }; 2];
        for part in [Part::Facts, Part::Personal] {
            keys[part as usize] = match slot.fields[part as usize] {
                Field::Destroyed => vec![0; WRAPPED_BYTES],
                Field::Wrapped => {
                    let wrapped = slots::wrapped_in(bytes, slot.number, part);
                    rewrap_key(&wrapped, &key_aad(slot.journey, part), &old.0, &new.0)
                        .map_err(|_| Error::KeyDamaged(slot.journey))?
                }
                Field::Unreadable => Vec::new(),
            };
        }
        if keys.iter().any(Vec::is_empty) {
            // The torn end of an append, which nothing used, is left out; damage is to be mended with the old key.
            let torn = read.slots[nth..].iter().all(|later| later.fields.contains(&Field::Unreadable))
                || read.slots[nth + 1..].iter().any(|later| later.journey == slot.journey);
            if torn {
                continue;
            }
            return Err(Error::KeyDamaged(slot.journey));
        }
        slots::write_slot(&mut rewrapped, slot.journey, &keys);
        count += 1;
    }
    debug_assert_eq!(rewrapped.len() % SLOT_BYTES, slots::HEADER_BYTES % SLOT_BYTES, "slots are whole");
    Ok((rewrapped, count))
}

fn rewrap_key(wrapped: &[u8], aad: &[u8], old: &Key, new: &Key) -> Result<Vec<u8>, Error> {
    aead::wrap(new, aad, &aead::unwrap(old, aad, wrapped)?)
}

/// The new file, until it is in its place.
fn rotated(path: &Path) -> PathBuf {
    with_suffix(path, ".rotated")
}

/// The old file, once the new one is to take its place.
fn old(path: &Path) -> PathBuf {
    with_suffix(path, ".old")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether a rotation was begun here and is not settled.
pub fn is_rotating(home: &Path) -> bool {
    fs::exists(home.join(STATE_FILE)).unwrap_or(true)
}
