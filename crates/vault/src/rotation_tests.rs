//! What a rotation promises, wherever it is cut short.

use std::{
    cell::RefCell,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use throughline_domain::{ErasureLevel, JourneyId};

use crate::{
    Error, MASTER_FILE, MasterKey, NewMaster, Owner, Part, SLOTS_FILE, Standing, Step, Vault, rotate, settle,
    wrapped_by,
};

const NONCE: [u8; 24] = [7; 24];
const ACCESS: &str = "../access";

fn journey(n: u8) -> JourneyId {
    JourneyId::from_bytes([n; 16])
}

/// Two directories of keys under one master key, and what they sealed.
struct World {
    dir: tempfile::TempDir,
    master: MasterKey,
    sealed: Vec<u8>,
    looked: Vec<u8>,
}

impl World {
    fn new(kept_here: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (keys, access) = (dir.path().join("keys"), dir.path().join("access"));
        let given = MasterKey::generate().unwrap();
        let vault = Vault::open_or_create(&keys, (!kept_here).then_some(&given)).unwrap();
        let master = if kept_here { MasterKey::read(&keys.join(MASTER_FILE)).unwrap() } else { given };
        vault.ensure(&[journey(1), journey(2), journey(3)]).unwrap();
        vault.destroy(journey(2), ErasureLevel::All).unwrap();
        vault.destroy(journey(3), ErasureLevel::Identity).unwrap();
        let other = Vault::open_or_create(&access, Some(&master)).unwrap();
        other.ensure(&[journey(9)]).unwrap();
        let seal = |vault: &Vault, n| {
            vault.seal(Owner::Journey(journey(n)), Part::Personal, &NONCE, b"", b"words").unwrap().unwrap()
        };
        Self { sealed: seal(&vault, 1), looked: seal(&other, 9), master, dir }
    }

    fn keys(&self) -> std::path::PathBuf {
        self.dir.path().join("keys")
    }

    /// That everything opens with this key, and nothing of a rotation is left.
    fn check(&self, master: Option<&MasterKey>) {
        let vault = Vault::open(&self.keys(), master).unwrap();
        let other = Vault::open(&self.dir.path().join("access"), Some(&vault.master)).unwrap();
        for (vault, n, sealed) in [(&vault, 1, &self.sealed), (&other, 9, &self.looked)] {
            let opened = vault.unseal(Owner::Journey(journey(n)), Part::Personal, &NONCE, b"", sealed);
            assert_eq!(opened.unwrap().unwrap(), b"words");
        }
        assert_eq!(vault.standing(journey(2)), Standing::Erased);
        assert_eq!(vault.standing(journey(3)), Standing::Deidentified);
        let names = files(self.dir.path()).into_iter().map(|(name, _)| name);
        let left: Vec<String> =
            names.filter(|name| !name.ends_with(MASTER_FILE) && !name.ends_with(SLOTS_FILE)).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Every file under a directory with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

fn is_in(dir: &Path, bytes: &[u8]) -> bool {
    files(dir).iter().any(|(_, file)| file.windows(bytes.len()).any(|window| window == bytes))
}

/// Rotates until the nth step is reached and stops there, as if the process were killed; whether it was reached.
fn killed_at(world: &World, nth: usize, master: Option<&MasterKey>, new: NewMaster<'_>) -> Option<Step> {
    let steps = RefCell::new(Vec::new());
    let reached = |step| {
        steps.borrow_mut().push(step);
        assert!(steps.borrow().len() <= nth, "killed");
    };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let ended = catch_unwind(AssertUnwindSafe(|| rotate(&world.keys(), &[ACCESS], master, new, &reached)));
    std::panic::set_hook(hook);
    ended.is_err().then(|| steps.borrow()[nth])
}

#[test]
fn a_rotation_killed_at_any_step_is_finished_or_undone() {
    for kept_here in [true, false] {
        let mut seen = Vec::new();
        for nth in 0.. {
            let world = World::new(kept_here);
            let given = MasterKey::generate().unwrap();
            let old = (!kept_here).then_some(&world.master);
            let new = if kept_here { NewMaster::Here } else { NewMaster::Elsewhere(&given) };
            let Some(step) = killed_at(&world, nth, old, new) else { break };
            seen.push(step);
            let _ = settle(&world.keys(), &|_| {}).unwrap();
            let decided = !matches!(step, Step::Begun | Step::Prepared);
            match (kept_here, decided) {
                (true, _) => world.check(None),
                (false, true) => world.check(Some(&given)),
                (false, false) => world.check(Some(&world.master)),
            }
            assert_eq!(is_in(world.dir.path(), &*world.master.0), kept_here && !decided);
        }
        assert!(seen.len() >= 8, "{seen:?}");
    }
}

#[test]
fn no_byte_of_the_old_master_key_and_of_what_it_wrapped_is_left() {
    let world = World::new(true);
    let wrapped: Vec<Vec<u8>> = ["keys", "access"]
        .iter()
        .flat_map(|dir| {
            let bytes = fs::read(world.dir.path().join(dir).join(SLOTS_FILE)).unwrap();
            [bytes[16..104].to_vec(), bytes[128 + 20..128 + 92].to_vec()]
        })
        .filter(|bytes| bytes.iter().any(|byte| *byte != 0))
        .collect();
    assert!(wrapped.len() >= 3 && wrapped.iter().all(|bytes| is_in(world.dir.path(), bytes)));
    // A name that was taken before the rotation still shows the bytes that were overwritten.
    let kept = world.dir.path().join("kept");
    fs::create_dir(&kept).unwrap();
    for (nth, file) in [world.keys().join(SLOTS_FILE), world.keys().join(MASTER_FILE)].iter().enumerate() {
        fs::hard_link(file, kept.join(nth.to_string())).unwrap();
    }
    assert_eq!(rotate(&world.keys(), &[ACCESS], None, NewMaster::Here, &|_| {}).unwrap(), 4);
    assert!(files(&kept).iter().all(|(_, bytes)| bytes.iter().all(|byte| *byte == 0)));
    fs::remove_dir_all(&kept).unwrap();
    for bytes in wrapped.iter().chain([&world.master.0.to_vec()]) {
        assert!(!is_in(world.dir.path(), bytes));
    }
    world.check(None);
}

#[test]
fn the_master_key_moves_out_and_a_wrong_one_is_told_which_is_needed() {
    let world = World::new(true);
    let given = MasterKey::generate().unwrap();
    rotate(&world.keys(), &[ACCESS], None, NewMaster::Elsewhere(&given), &|_| {}).unwrap();
    assert!(!world.keys().join(MASTER_FILE).exists());
    assert!(matches!(Vault::open(&world.keys(), None), Err(Error::MasterMissing(_))));
    let refused = Vault::open(&world.keys(), Some(&world.master)).err().unwrap();
    assert!(refused.to_string().contains(&given.id().to_string()), "{refused}");
    world.check(Some(&given));
    let same = rotate(&world.keys(), &[ACCESS], Some(&given), NewMaster::Elsewhere(&given), &|_| {});
    assert!(matches!(same, Err(Error::SameMaster)));
    let slots = world.keys().join(SLOTS_FILE);
    assert_eq!(wrapped_by(&slots, &fs::read(&slots).unwrap()).unwrap(), Some(given.id()));
}

#[test]
fn a_damaged_key_stops_a_rotation_and_a_torn_end_does_not() {
    let world = World::new(true);
    let file = world.keys().join(SLOTS_FILE);
    let whole = fs::read(&file).unwrap();
    // The first slot's journey is that of the one whose bytes are changed.
    let mut damaged = whole.clone();
    damaged[128 + 172 + 40] ^= 1;
    let mut torn = whole.clone();
    torn.extend_from_slice(&whole[128..128 + 120]);
    torn.resize(whole.len() + 172, 0);
    for (bytes, goes) in [(damaged, false), (torn, true)] {
        fs::write(&file, &bytes).unwrap();
        let rotated = rotate(&world.keys(), &[], None, NewMaster::Here, &|_| {});
        assert_eq!(rotated.is_ok(), goes, "{rotated:?}");
        if !goes {
            assert_eq!(fs::read(&file).unwrap(), bytes, "nothing was changed");
        }
    }
}
