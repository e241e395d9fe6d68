//! What a power cut leaves: of the journal what was durable, of its last bytes anything at all; of sled, which is never
//! synced in a commit, any earlier state.

use std::{collections::HashMap, fs, os::unix::fs::MetadataExt as _, path::Path};

use throughline_tests::faults::Dice;

use crate::{
    counts::Counts,
    process::{Ended, copy, files},
};

/// What became of sled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sled {
    /// It is as the process left it.
    Kept,
    /// It is as it was when the process started.
    Older,
    /// It is gone.
    Gone,
}

/// What of the journal a process knew to be durable.
pub struct Durable {
    bytes: HashMap<u64, u64>,
    names: Vec<String>,
}

impl Durable {
    /// By what it said, and what was there before it.
    pub fn of(ended: &Ended) -> Self {
        let mut durable = Self { bytes: ended.before.bytes.clone(), names: ended.before.names.clone() };
        for line in &ended.lines {
            if let Some(rest) = line.strip_prefix("durable ") {
                let (inode, bytes) = rest.split_once(' ').expect("an inode and bytes");
                durable.bytes.insert(inode.parse().expect("a number"), bytes.parse().expect("a number"));
            } else if let Some(names) = line.strip_prefix("named ") {
                durable.names.extend(names.split(',').map(str::to_owned));
            }
        }
        durable
    }

    /// Does to the journal what the cut does: files without a durable name go, and of each file only what was durable
    /// stays, with or without some bytes that are not what was written.
    pub fn cut(&self, dir: &Path, dice: &mut Dice, counts: &mut Counts) {
        for (name, path) in files(&dir.join("journal")) {
            if !self.names.contains(&name) {
                fs::remove_file(&path).expect("a name that was not durable");
                counts.one("power cut: a name lost");
                continue;
            }
            let data = fs::metadata(&path).expect("a file of the journal");
            let durable = self.bytes.get(&data.ino()).copied().unwrap_or_default();
            let Some(unsure) = data.len().checked_sub(durable).filter(|unsure| *unsure > 0) else { continue };
            let mut bytes = fs::read(&path).expect("a file of the journal");
            let at = usize::try_from(durable).expect("a small file");
            match dice.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.truncate(at + dice.place(usize::try_from(unsure).expect("a small file"))),
                2 => bytes[at..].fill(0),
                _ => bytes[at..].iter_mut().for_each(|byte| *byte = dice.next().to_le_bytes()[0]),
            }
            fs::write(&path, bytes).expect("a file of the journal");
            counts.one("power cut: torn tail");
        }
    }
}

/// Cuts the power: journal, sled and index as the cut may leave them.
pub fn cut(dir: &Path, ended: &Ended, sled: Sled, older: &Path, dice: &mut Dice, counts: &mut Counts) {
    Durable::of(ended).cut(dir, dice, counts);
    counts.one(format!("power cut: sled {}", format!("{sled:?}").to_lowercase()));
    let path = dir.join("sled");
    if sled != Sled::Kept {
        let _ = fs::remove_dir_all(&path);
    }
    if sled == Sled::Older && older.is_dir() {
        copy(older, &path);
    }
    if dice.once_in(3) {
        let _ = fs::remove_dir_all(dir.join("index"));
        counts.one("power cut: index gone");
    }
}
