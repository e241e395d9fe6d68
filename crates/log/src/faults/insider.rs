//! Somebody who can write every file and has no key: whatever is changed, verification finds it.
//!
//! `THROUGHLINE_MUTATIONS=5000` tries more.

use std::collections::HashMap;

use throughline_domain::JourneyId;
use throughline_vault::Vault;

use super::{healing::in_sled, *};
use crate::{
    EventLog,
    frame::{self, Frame},
    record::{Bytes, Record},
    verify,
};

/// Mutations tried unless told otherwise.
const MUTATIONS: u64 = 190;

/// Events of the log, and of the older copy of it.
const EVENTS: usize = 700;
const OLDER: u64 = 400;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Change {
    EditActor,
    EditSealed,
    EditTime,
    Drop,
    Swap,
    Insert,
    Truncate,
    Fork,
    Rollback,
    TileByte,
    TileCut,
    TileGone,
    TileSwapped,
    TileAdded,
    CheckpointByte,
    CheckpointCut,
    CheckpointOfAnother,
    CheckpointGone,
    KeyByte,
}

const CHANGES: [Change; 19] = [
    Change::EditActor,
    Change::EditSealed,
    Change::EditTime,
    Change::Drop,
    Change::Swap,
    Change::Insert,
    Change::Truncate,
    Change::Fork,
    Change::Rollback,
    Change::TileByte,
    Change::TileCut,
    Change::TileGone,
    Change::TileSwapped,
    Change::TileAdded,
    Change::CheckpointByte,
    Change::CheckpointCut,
    Change::CheckpointOfAnother,
    Change::CheckpointGone,
    Change::KeyByte,
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..64).map(|_| self.below(256).to_le_bytes()[0]).collect()
    }

    /// Two different numbers below this one.
    fn two(&mut self, end: usize) -> (usize, usize) {
        let first = self.below(end);
        (first, (first + 1 + self.below(end - 1)) % end)
    }
}

/// 700 events of seven journeys, two to a frame; the keys of two journeys are destroyed, so that nothing opens their parts.
fn log_to_change() -> Data {
    let data = Data::new();
    let log = open(data.path(), data.clock(), FaultyDisk::new(None), 64 << 20).unwrap();
    let drafts: Vec<_> = (0..700).map(|id| served(journey(id % 7), id)).collect();
    for batch in drafts.chunks(2) {
        log.append(batch.to_vec(), &[]).unwrap();
    }
    drop(log);
    let vault = Vault::open(&data.path().join("keys"), None).unwrap();
    for erased in [0, 3] {
        vault.destroy(journey(erased), throughline_domain::ErasureLevel::All).unwrap();
    }
    assert_eq!(verify(data.path(), true, &|_, _| {}).unwrap().problems, []);
    data
}

/// Writes other frames to both copies, every checksum, hash chain, version and previous leaf as it should be.
fn rewrite(data: &Data, change: impl FnOnce(&mut Vec<Record<'_>>)) {
    let path = data.path().join("journal").join(crate::journal::name(0));
    let bytes = fs::read(&path).unwrap();
    let segment = crate::journal::Segment::parse(0, bytes.clone(), false);
    let mut records: Vec<Record<'_>> = Vec::new();
    for piece in &segment.pieces {
        let crate::journal::Piece::Frame { at, first, .. } = piece else { panic!("a whole journal") };
        let frame = Frame::parse(&bytes[at.clone()], *first).unwrap();
        records.extend(frame.records().unwrap().into_iter().map(|(_, _, record)| record));
    }
    change(&mut records);
    let (mut frames, mut previous) = (Vec::new(), [0; 32]);
    let mut journeys: HashMap<JourneyId, (u64, [u8; 32])> = HashMap::new();
    let (mut position, mut recorded_at) = (0, i64::MIN);
    for pair in records.chunks_mut(2) {
        let (first, mut body) = (position, Vec::new());
        for record in pair.iter_mut() {
            let (version, leaf) = journeys.get(&record.journey()).copied().unwrap_or_default();
            (record.version, record.previous_leaf) = (version + 1, leaf);
            recorded_at = record.recorded_at.max(recorded_at);
            record.recorded_at = recorded_at;
            journeys.insert(record.journey(), (record.version, record.leaf(position).unwrap()));
            record.write(&mut body);
            position += 1;
        }
        let frame = frame::build(first, u32::try_from(pair.len()).unwrap(), &previous, &body);
        previous = frame::hash(&frame);
        frames.push((first, frame));
    }
    fs::write(&path, frames.iter().flat_map(|(_, frame)| frame.clone()).collect::<Vec<u8>>()).unwrap();
    let _ = fs::remove_dir_all(data.path().join("index"));
    in_sled(data, |tree| {
        tree.clear().unwrap();
        for (first, frame) in frames {
            tree.insert(first.to_be_bytes(), frame).unwrap();
        }
    });
}

fn tiles(data: &Data) -> Vec<PathBuf> {
    fn below(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    below(&data.path().join("tree/tile"), &mut found);
    found.sort();
    found
}

/// Changes a copy; the first position that is another now, where it is known.
fn change(data: &Data, older: &Data, other: &Data, what: Change, dice: &mut Dice) -> Option<u64> {
    let (one, two) = dice.two(EVENTS);
    let first = one as u64;
    match what {
        Change::EditActor => rewrite(data, |records| records[one].actor = "worker:w2"),
        Change::EditSealed => {
            let sealed: &'static [u8] = Vec::leak(dice.bytes());
            rewrite(data, |records| records[one].facts = Bytes(sealed));
        }
        Change::EditTime => {
            rewrite(data, |records| records.iter_mut().skip(one).for_each(|record| record.recorded_at += 1));
        }
        Change::Drop => rewrite(data, |records| {
            records.remove(one);
        }),
        Change::Swap => {
            rewrite(data, |records| records.swap(one, two));
            return Some(one.min(two) as u64);
        }
        Change::Insert => rewrite(data, |records| {
            let mut copy = records[two].clone();
            copy.event_id[0] ^= 0xff;
            copy.nonce[0] ^= 1;
            records.insert(one, copy);
        }),
        Change::Truncate => rewrite(data, |records| records.truncate(one)),
        Change::Fork => {
            // The same events from here on in another order: a history that never was.
            let one = one.min(EVENTS - 2);
            rewrite(data, |records| records[one..].reverse());
            return Some(one as u64);
        }
        Change::Rollback => {
            fs::remove_dir_all(data.path().join("index")).unwrap();
            for copy in ["journal", "sled"] {
                fs::remove_dir_all(data.path().join(copy)).unwrap();
                copy_directory(&older.path().join(copy), &data.path().join(copy));
            }
            return Some(OLDER);
        }
        _ => {
            change_tree(data, other, what, dice);
            return None;
        }
    }
    Some(first)
}

/// Changes the files of the tree, or which there are.
fn change_tree(data: &Data, other: &Data, what: Change, dice: &mut Dice) {
    let (tree, tiles) = (data.path().join("tree"), tiles(data));
    let (head, tile) = (tree.join("checkpoint"), &tiles[dice.below(tiles.len())]);
    let flip = |path: &Path, dice: &mut Dice| {
        let mut bytes = fs::read(path).unwrap();
        let place = dice.below(bytes.len());
        bytes[place] ^= 1 << dice.below(8);
        fs::write(path, bytes).unwrap();
    };
    let cut = |path: &Path, dice: &mut Dice| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..dice.below(bytes.len())]).unwrap();
    };
    match what {
        Change::TileByte => flip(tile, dice),
        Change::TileCut => cut(tile, dice),
        Change::TileGone => fs::remove_file(current(&tiles, dice)).unwrap(),
        Change::TileSwapped => {
            let (a, b) = (tree.join("tile/0/000"), tree.join("tile/0/001"));
            let first = fs::read(&a).unwrap();
            fs::copy(&b, &a).unwrap();
            fs::write(&b, first).unwrap();
        }
        Change::TileAdded => {
            let names = ["0/003", "0/x001/000", "1/001", "2/000.p/1", "0/002.p/250", "0/note"];
            let path = tree.join("tile").join(names[dice.below(names.len())]);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &dice.bytes()[..32]).unwrap();
        }
        Change::CheckpointByte => flip(&head, dice),
        Change::CheckpointCut => cut(&head, dice),
        Change::CheckpointOfAnother => {
            fs::copy(other.path().join("tree/checkpoint"), &head).unwrap();
        }
        Change::CheckpointGone => fs::remove_file(&head).unwrap(),
        Change::KeyByte => flip(&tree.join("log.vkey"), dice),
        _ => panic!("{what:?} is a change of frames"),
    }
}

/// One of the tiles that the checkpoint needs.
fn current<'a>(tiles: &'a [PathBuf], dice: &mut Dice) -> &'a Path {
    let needed: Vec<_> = tiles
        .iter()
        .filter(|tile| !tile.to_string_lossy().contains(".p/") || tile.ends_with("002.p/188"))
        .collect();
    needed[dice.below(needed.len())]
}

#[test]
fn whatever_somebody_without_the_key_changes_is_found_and_the_first_position_named() {
    let tried = std::env::var("THROUGHLINE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(MUTATIONS);
    let (whole, other) = (log_to_change(), log_to_change());
    let older = copy_of(&whole);
    rewrite(&older, |records| records.truncate(400));
    let mut dice = Dice(1);
    let mut found: std::collections::BTreeMap<Change, (u64, u64, u64)> =
        CHANGES.map(|what| (what, (0, 0, 0))).into();
    for nth in 0..tried {
        let what = CHANGES[usize::try_from(nth).unwrap() % CHANGES.len()];
        let copy = copy_of(&whole);
        let first = change(&copy, &older, &other, what, &mut dice);
        let report = verify(copy.path(), true, &|_, _| {}).unwrap();
        let by_tree = report
            .problems
            .iter()
            .any(|problem| problem.file.contains("/tree/") || problem.what.contains("signed"));
        assert!(!report.problems.is_empty() && report.root.is_none(), "{what:?} was not found");
        assert!(by_tree, "{what:?} was not found by the tree: {:?}", report.problems);
        if let Some(first) = first {
            let named = report.problems.iter().map(|problem| problem.position.0).min().unwrap();
            let shown = &report.problems[..report.problems.len().min(5)];
            assert_eq!(named, first, "{what:?}: {shown:?}");
        }
        let counts = found.get_mut(&what).unwrap();
        counts.0 += 1;
        counts.1 += 1;
        // What the tail alone tells is told at once when the log is opened.
        counts.2 += u64::from(open(copy.path(), copy.clock(), FaultyDisk::new(None), 64 << 20).is_err());
    }
    for (what, (tried, found, refused)) in found {
        say(&format!("{what:?}: {tried} tried, {found} found by verification, {refused} refused at opening"));
    }
}

#[allow(clippy::print_stderr, reason = "counts are told to who asks for them")]
fn say(text: &str) {
    eprintln!("{text}");
}
