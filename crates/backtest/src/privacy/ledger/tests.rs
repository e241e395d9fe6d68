//! Whoever attacks here knows nothing of equations: they try every filling there is.

use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;

use super::*;

/// Two figures of one group: of the same clients some are counted in the one, some in the other. Those not counted in the
/// first are told as missing; those not counted in the second follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Group {
    counted: u64,
    missing: u64,
    other: u64,
}

impl Group {
    fn of(self) -> u64 {
        self.counted + self.missing
    }

    fn rest(self) -> u64 {
        self.of() - self.other
    }

    /// Every count of it, those that are only worked out last.
    fn counts(self) -> [u64; 5] {
        [self.counted, self.missing, self.other, self.of(), self.rest()]
    }

    fn and(self, more: Self) -> Self {
        Self {
            counted: self.counted + more.counted,
            missing: self.missing + more.missing,
            other: self.other + more.other,
        }
    }
}

/// Whether the first figure of a group is shown, the second, and of the first how many are missing.
type Seen = [bool; 3];

/// What is shown of these groups and, last, of all together.
fn shown(groups: &[Group]) -> Vec<Seen> {
    let mut ledger = Ledger::default();
    let total = total(groups);
    let mut columns: [Vec<Count>; 4] = Default::default();
    let mut pieces = Vec::new();
    for (nth, group) in groups.iter().chain([&total]).enumerate() {
        let weight = if nth == groups.len() { 1_000 } else { 10 + u32::try_from(group.of()).unwrap() };
        let (first, second) = (ledger.piece(None, weight), ledger.piece(None, weight));
        let why = ledger.piece(Some(first), weight / 10);
        let [counted, missing, other, of, rest] = group.counts().map(|value| ledger.count(value));
        for (count, piece) in [(counted, first), (missing, why), (of, first), (other, second), (of, second)] {
            ledger.write(count, piece);
        }
        ledger.adds_up(&[counted, missing], &[of]);
        ledger.adds_up(&[other, rest], &[of]);
        columns.iter_mut().zip([counted, missing, other, of]).for_each(|(column, count)| column.push(count));
        pieces.push([first, second, why]);
    }
    for column in &columns {
        let (whole, parts) = column.split_last().expect("a total");
        ledger.adds_up(parts, &[*whole]);
    }
    let settled = ledger.settle();
    pieces.iter().map(|pieces| pieces.map(|piece| !settled.hides(piece))).collect()
}

fn total(groups: &[Group]) -> Group {
    groups.iter().copied().reduce(Group::and).expect("a group")
}

/// What a group looks like, or a total, to whoever sees only this of it: nothing where a count cannot be read.
fn look(group: Group, seen: Seen) -> [Option<u64>; 4] {
    let [counted, missing, other, of, _] = group.counts();
    let of = (seen[0] || seen[1]).then_some(of);
    [seen[0].then_some(counted), seen[2].then_some(missing), seen[1].then_some(other), of]
}

/// The largest count that is tried.
const MOST: u64 = 14;

/// Every group that looks like this one; whoever tries knows which counts that are written somewhere are nobody, and which
/// are not.
fn fillings(truth: Group, seen: Seen) -> Vec<Group> {
    let range = |value: u64| if value == 0 { 0..=0 } else { 1..=MOST };
    let mut all = Vec::new();
    for counted in range(truth.counted) {
        for missing in range(truth.missing) {
            for other in u64::from(truth.other > 0)..=if truth.other == 0 { 0 } else { counted + missing } {
                let group = Group { counted, missing, other };
                let stays_nobody = |(count, truth): (u64, u64)| truth > 0 || count == 0;
                let fits = group.counts().into_iter().zip(truth.counts()).all(stays_nobody);
                if fits && look(group, seen) == look(truth, seen) {
                    all.push(group);
                }
            }
        }
    }
    all
}

/// The values that each count of one group can have, with everything that is shown as it is.
fn values(groups: &[Group], seen: &[Seen], nth: usize) -> [BTreeSet<u64>; 5] {
    let (of_total, whole) = (seen[groups.len()], look(total(groups), seen[groups.len()]));
    let masked = |group: Group| look(group, of_total);
    let mut sums: HashSet<[Option<u64>; 4]> =
        HashSet::from([masked(Group { counted: 0, missing: 0, other: 0 })]);
    let add = |one: [Option<u64>; 4], more: [Option<u64>; 4]| {
        std::array::from_fn(|at| one[at].zip(more[at]).map(|(one, more)| one + more))
    };
    for (at, group) in groups.iter().enumerate().filter(|(at, _)| *at != nth) {
        let looks: HashSet<_> = fillings(*group, seen[at]).into_iter().map(masked).collect();
        sums = sums.iter().flat_map(|sum| looks.iter().map(move |look| add(*sum, *look))).collect();
    }
    let mut values: [BTreeSet<u64>; 5] = Default::default();
    let left = |look: [Option<u64>; 4]| {
        let left = std::array::from_fn::<_, 4, _>(|at| {
            whole[at].zip(look[at]).map(|(all, part)| all.checked_sub(part))
        });
        left.iter().all(|left| *left != Some(None)).then(|| left.map(Option::flatten))
    };
    for group in fillings(groups[nth], seen[nth]) {
        if left(masked(group)).is_some_and(|left| sums.contains(&left)) {
            values.iter_mut().zip(group.counts()).for_each(|(values, count)| {
                values.insert(count);
            });
        }
    }
    values
}

/// Two groups with both figures, or more with the first alone: so many fillings can be tried.
fn groups() -> impl Strategy<Value = Vec<Group>> {
    let alone = |groups: Vec<Group>| groups.into_iter().map(|group| Group { other: 0, ..group }).collect();
    prop_oneof![prop::collection::vec(group(), 2), prop::collection::vec(group(), 3..5).prop_map(alone)]
}

fn group() -> impl Strategy<Value = Group> {
    let count = || prop_oneof![1 => Just(0), 3 => 1..11_u64, 4 => 11..14_u64];
    (count(), count(), 0..=100_u64).prop_map(|(counted, missing, share)| Group {
        counted,
        missing,
        other: (counted + missing) * share / 100,
    })
}

/// What is told though it must not be: the group, and the count.
fn told(groups: &[Group], seen: &[Seen]) -> Option<(usize, u64)> {
    (0..groups.len()).find_map(|nth| {
        let values = values(groups, seen, nth);
        let pinned = groups[nth]
            .counts()
            .into_iter()
            .zip(values)
            .find(|(count, values)| (1..11).contains(count) && values.len() == 1);
        pinned.map(|(count, _)| (nth, count))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_filling_tried_pins_a_small_count(groups in groups()) {
        let seen = shown(&groups);
        prop_assert_eq!(told(&groups, &seen), None, "{:?} shown as {:?}", groups, seen);
    }
}

#[test]
fn two_that_are_hidden_and_make_two_are_one_each_and_so_more_is_hidden() {
    let mut ledger = Ledger::default();
    let pieces = [1, 1, 40, 42].map(|weight| ledger.piece(None, weight));
    let counts = [1, 1, 40, 42].map(|value| ledger.count(value));
    for (count, piece) in counts.into_iter().zip(pieces) {
        ledger.write(count, piece);
    }
    ledger.adds_up(&counts[..3], &[counts[3]]);
    let settled = ledger.settle();
    assert_eq!(pieces.map(|piece| settled.hides(piece)), [true, true, true, false]);
}

#[test]
fn what_follows_from_three_sums_at_once_is_found() {
    // a + b and b + c and a + c are told: each of the three follows, though no sum alone tells it.
    let mut ledger = Ledger::default();
    let small = [3, 20, 30].map(|value: u32| {
        let (count, piece) = (ledger.count(value.into()), ledger.piece(None, value));
        ledger.write(count, piece);
        (count, piece)
    });
    ledger.hide(small[1].1);
    ledger.hide(small[2].1);
    let pairs = [(0, 1), (1, 2), (0, 2)].map(|(one, other)| {
        let whole = [3, 20, 30][one] + [3, 20, 30][other];
        let (count, piece) = (ledger.count(whole), ledger.piece(None, 100));
        ledger.write(count, piece);
        ledger.adds_up(&[small[one].0, small[other].0], &[count]);
        piece
    });
    let settled = ledger.settle();
    assert!(pairs.iter().any(|piece| settled.hides(*piece)));
}

#[test]
fn none_and_eleven_are_shown_and_a_secret_of_any_size_is_not() {
    let mut ledger = Ledger::default();
    let pieces = [0, 11, 200, 10].map(|value| {
        let (count, piece) = (ledger.count(value), ledger.piece(None, 0));
        ledger.write(count, piece);
        if value == 200 {
            ledger.keep_secret(count);
        }
        piece
    });
    let settled = ledger.settle();
    assert_eq!(pieces.map(|piece| settled.hides(piece)), [false, false, true, true]);
}
