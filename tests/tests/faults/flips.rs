//! One bit flipped in any file of the directory: what is read is what was written, or it is said what is not.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use throughline_tests::faults::Dice;

use crate::{
    counts::Counts,
    whole::{Read, Whole},
};

/// Copies read at a time: reading waits for sled more than it works.
const AT_ONCE: usize = 4;

/// What became of a bit.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// Every answer as before, the byte as it was written or its file made anew, verification finds nothing.
    Healed,
    /// Every answer as before, verification finds nothing, and the byte is still another: it means nothing.
    Harmless,
    /// It was said what is wrong and where; what was said to help helped.
    NamedAndRepaired,
    /// It was said what is wrong and where; a backup helps.
    Named,
    /// An answer is another one and nothing was said, or the process did not end well.
    Undetected(String),
}

/// A bit of a file.
type Flip<'a> = (&'a Path, usize, u8);

/// Flips bits in every file, `times` in each and more in large ones; several copies at a time.
pub fn lap(seed: u64, whole: &Whole, times: u64) -> (Vec<String>, Counts) {
    let mut dice = Dice::of(&[seed, 0x666c_6970]);
    let mut flips: Vec<Flip<'_>> = Vec::new();
    for (file, used) in &whole.files {
        let more = times * u64::from(used.ilog2()) / 12;
        flips.extend((0..times + more).map(|_| (file.as_path(), dice.place(*used), 1 << dice.below(8))));
    }
    let (told, next) = (Mutex::new((Vec::new(), Counts::default())), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((file, at, bit)) = flips.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let fate = flipped(whole, file, *at, *bit);
                    let (broken, counts) = &mut *told.lock().expect("no trial panics");
                    counts.one(format!("bit flipped in {}: {}", kind(file), words(&fate)));
                    if let Fate::Undetected(what) = fate {
                        broken.push(format!("{}, byte {at}, bit {bit:#x}: {what}", file.display()));
                    }
                }
            });
        }
    });
    told.into_inner().expect("no trial panics")
}

fn words(fate: &Fate) -> &'static str {
    match fate {
        Fate::Healed => "healed",
        Fate::Harmless => "harmless",
        Fate::NamedAndRepaired => "named, and repaired as told",
        Fate::Named => "named",
        Fate::Undetected(_) => "UNDETECTED",
    }
}

/// What a file is, without its number.
fn kind(file: &Path) -> String {
    let mut parts = file.iter().map(|part| part.to_string_lossy());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let extension = file.extension().map(|extension| extension.to_string_lossy().into_owned());
    match (first.as_ref(), extension.as_deref()) {
        ("tree", _) if second == "tile" => "tree/tile/*".to_owned(),
        ("journal" | "index", Some(extension)) => format!("{first}/*.{extension}"),
        _ if second.starts_with("snap.") => format!("{first}/snap.*"),
        _ if second == "blobs" => format!("{first}/blobs/*"),
        _ => file.display().to_string(),
    }
}

/// Flips one bit of a copy and says what becomes of it.
fn flipped(whole: &Whole, file: &Path, at: usize, bit: u8) -> Fate {
    let copy = whole.copy();
    let data = copy.path().join("data");
    let path = data.join(file);
    let mut bytes = fs::read(&path).expect("a file of the copy");
    bytes[at] ^= bit;
    fs::write(&path, &bytes).expect("a file of the copy");
    let read = whole.read(&data, false);
    if let Some(what) = silently_other(whole, &read) {
        return Fate::Undetected(what);
    }
    if read.errors.is_empty() {
        let still = fs::read(&path).is_ok_and(|now| now.get(at) == Some(&bytes[at]));
        return match (still, file.starts_with("journal") || file.starts_with("tree")) {
            (true, true) => {
                Fate::Undetected("the byte is still another, and verification finds nothing".into())
            }
            (true, false) => Fate::Harmless,
            (false, _) => Fate::Healed,
        };
    }
    if let Some(unclear) = read.errors.iter().find(|error| !names_a_place(error)) {
        return Fate::Undetected(format!("it is said that something is wrong, and not where: {unclear}"));
    }
    mended(whole, file, &data, &read)
}

/// Does what is said to help.
fn mended(whole: &Whole, file: &Path, data: &Path, read: &Read) -> Fate {
    let part = file.iter().next().unwrap_or_default();
    if part == "index" || part == "views" {
        let _ = fs::remove_dir_all(data.join(part));
    }
    let again = whole.read(data, part == "sled" || part == "journal" || part == "tree");
    if let Some(what) = silently_other(whole, &again) {
        return Fate::Undetected(format!("after the repair: {what}"));
    }
    let first = |read: &Read| read.errors.first().cloned().unwrap_or_default();
    match (again.errors.is_empty(), part == "keys" || part == "FORMAT") {
        (true, _) => Fate::NamedAndRepaired,
        (false, true) => Fate::Named,
        // One copy was damaged by one bit: the other must make up for it.
        (false, false) => {
            Fate::Undetected(format!("it was named and is not repaired: {}; {}", first(read), first(&again)))
        }
    }
}

/// An answer that is another than before, or missing where no error says so.
fn silently_other(whole: &Whole, read: &Read) -> Option<String> {
    if let Some(failed) = &read.failed {
        return Some(failed.clone());
    }
    let other: BTreeMap<_, _> = read
        .answers
        .iter()
        .filter(|(what, answer)| {
            *what != "repair" && whole.answers.get(*what).is_none_or(|before| before != *answer)
        })
        .collect();
    if let Some((what, answer)) = other.first_key_value() {
        return Some(format!(
            "{} answers are others and nothing was said: {what} {answer}, and was {:?}; errors: {:?}",
            other.len(),
            whole.answers.get(*what),
            read.errors.first()
        ));
    }
    let missing: Vec<_> = whole.answers.keys().filter(|what| !read.answers.contains_key(*what)).collect();
    (read.errors.is_empty() && !missing.is_empty())
        .then(|| format!("{} answers are missing and nothing was said: {}", missing.len(), missing[0]))
}

/// Whether an error says where: a file, or a journey whose key it is.
fn names_a_place(error: &str) -> bool {
    ["/data/", "journey", "views "].iter().any(|place| error.contains(place))
}
