//! Anything changed in any file is found: by the manifest, and where somebody renewed the manifest, by the proofs.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use throughline_access::Names;
use throughline_replay::pack::Files;

use crate::world::{World, found, renewed};

const TRIALS: usize = 600;

type Random = ChaCha8Rng;

/// Changes one thing in a pack; its name. Whether anything is different now, the caller looks.
fn change(files: &mut Files, random: &mut Random) -> &'static str {
    let names: Vec<String> = files.keys().cloned().collect();
    let name = &names[random.random_range(0..names.len())];
    let other = &names[random.random_range(0..names.len())];
    let mut bytes = files[name].clone();
    let at = random.random_range(0..=bytes.len());
    let what = match random.random_range(0..9) {
        0 if at < bytes.len() => {
            bytes[at] ^= 1 << random.random_range(0..8);
            "edit a bit"
        }
        1 if at < bytes.len() => {
            bytes[at] = random.random_range(b' '..b'~');
            "edit a character"
        }
        2 => {
            bytes.insert(at, random.random());
            "insert a byte"
        }
        3 if at < bytes.len() => {
            bytes.remove(at);
            "drop a byte"
        }
        4 => {
            bytes.truncate(at);
            "truncate"
        }
        5 => {
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            if lines.len() > 1 {
                let (one, two) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
                lines.swap(one, two);
            }
            bytes = lines.concat();
            "swap lines"
        }
        6 => {
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            if !lines.is_empty() {
                let line = lines.remove(random.random_range(0..lines.len()));
                if random.random() {
                    lines.insert(random.random_range(0..=lines.len()), line);
                    lines.insert(random.random_range(0..=lines.len()), line);
                }
            }
            bytes = lines.concat();
            "drop or double a line"
        }
        7 => {
            files.remove(name);
            if random.random() {
                files.insert(format!("{name}.1"), bytes);
            }
            return "drop or rename a file";
        }
        _ => {
            let theirs = files[other].clone();
            files.insert(other.clone(), bytes);
            files.insert(name.clone(), theirs);
            return "swap files";
        }
    };
    files.insert(name.clone(), bytes);
    what
}

fn packs() -> [Files; 2] {
    let world = World::with_anna();
    [world.pack(|_| ()).files, world.pack(|wanted| wanted.names = Names::Withheld).files]
}

fn trials(packs: &[Files], seed: u64, after: impl Fn(Files) -> Option<Files>) -> (usize, Vec<String>) {
    let mut random = Random::seed_from_u64(seed);
    let (mut tried, mut missed) = (0, Vec::new());
    while tried < TRIALS {
        let original = &packs[tried % packs.len()];
        let mut files = original.clone();
        let what = change(&mut files, &mut random);
        let Some(files) = Some(files).filter(|files| files != original).and_then(&after) else { continue };
        tried += 1;
        if found(&files).ok {
            let differ = files.iter().find(|(name, bytes)| original.get(*name) != Some(bytes));
            missed.push(format!("{what} in {:?}", differ.map(|(name, _)| name)));
        }
    }
    (tried, missed)
}

#[test]
fn whatever_is_changed_in_a_pack_is_found() {
    let (tried, missed) = trials(&packs(), 1, Some);
    println!("{tried} tried, {} found", tried - missed.len());
    assert_eq!(missed, [""; 0], "of {tried}");
}

#[test]
fn whatever_is_changed_and_then_named_by_a_new_manifest_is_found() {
    let renew = |files: Files| {
        // What is no manifest any more cannot be renewed.
        let manifest = files.get("manifest.json")?;
        serde_json::from_slice::<throughline_replay::pack::Manifest>(manifest).ok()?;
        Some(renewed(files))
    };
    let original = packs();
    let renew = |files: Files| renew(files).filter(|files| !original.contains(files));
    let (tried, missed) = trials(&original, 2, renew);
    println!("{tried} tried, {} found", tried - missed.len());
    assert_eq!(missed, [""; 0], "of {tried}");
}

#[test]
fn any_bytes_in_place_of_a_file_are_read_or_refused() {
    let [files, _] = packs();
    let mut random = Random::seed_from_u64(3);
    for name in files.keys().filter(|name| *name != "manifest.json") {
        for _ in 0..20 {
            let length = random.random_range(0..400);
            let bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
            let mut files = files.clone();
            files.insert(name.clone(), bytes);
            assert!(!found(&renewed(files)).ok, "{name}");
        }
    }
}
