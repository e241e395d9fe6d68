//! What the figures of a view say of each other: every sum that holds for every client of the demo is one that the view
//! declares. Whoever withholds small counts reckons with those and no others.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, date};
use throughline_demo::Demo;
use throughline_runtime::{Caseload, Filter};
use throughline_tests::World;
use uuid::Uuid;

const NAMESPACE: Uuid = Uuid::from_u128(0x7468_726f_7567_686c_696e_6500_0000_0001);
const UNTIL: Date = date(2026, 5, 31);
const DAYS: [Date; 3] = [date(2024, 3, 1), date(2025, 5, 1), date(2026, 5, 1)];
const PRIME: i128 = (1 << 61) - 1;

/// Sums that hold because of how the demo's lives are made, and of which other records know nothing, each by the column
/// it is solved for.
const OF_THE_DEMO: [(&str, &str); 4] = [
    ("satisfaction", "concerns-updated-in-time-share/stopped"),
    ("outcomes", "depth/without-share"),
    ("outcomes", "follow-ups-short-of-target/counted"),
    ("outcomes", "relationships-grown/counted"),
];

/// A count of one client on one day, by figure and part.
type Row = BTreeMap<String, i128>;

fn rows(world: &World, view: &str) -> Vec<Row> {
    let clients = world.runtime.journeys(&Filter::default(), None, usize::MAX).unwrap();
    let mut rows = Vec::new();
    for (client, _) in clients {
        let caseload = Caseload { worker: None, named: BTreeSet::from([client]) };
        let filter = Filter { caseload: Some(caseload), ..Filter::default() };
        for day in DAYS {
            let groups = world.runtime.figures(view, &filter, None, day).unwrap();
            let mut row = Row::from([("/clients".to_owned(), i128::from(groups[0].clients))]);
            for figure in &groups[0].figures {
                let is_count = figure.denominator.is_none() && figure.unit != "share";
                let counted = figure.numerator.or(figure.value.filter(|_| is_count));
                let mut add =
                    |part: &str, count: u64| row.insert(format!("{}/{part}", figure.name), i128::from(count));
                if let Some(counted) = counted.filter(|count| *count >= 0.0 && count.fract() == 0.0) {
                    add("counted", format!("{counted:.0}").parse().unwrap());
                }
                if let Some(of) = figure.denominator {
                    add("of", of);
                }
                for missing in &figure.missing {
                    add(missing.reason, missing.count.unwrap());
                }
            }
            row.retain(|_, count| *count != 0);
            rows.push(row);
        }
    }
    rows
}

/// Rows solved modulo a prime, each for its first column.
#[derive(Default)]
struct Solved(BTreeMap<usize, BTreeMap<usize, i128>>);

impl Solved {
    /// Whether the row says something that those before it did not.
    fn add(&mut self, mut row: BTreeMap<usize, i128>) -> bool {
        while let Some((first, factor)) = row.first_key_value().map(|(at, factor)| (*at, *factor)) {
            let Some(known) = self.0.get(&first) else {
                let inverse = power(factor, PRIME - 2);
                for factor in row.values_mut() {
                    *factor = *factor * inverse % PRIME;
                }
                self.0.insert(first, row);
                return true;
            };
            for (at, by) in known {
                let left = row.entry(*at).or_insert(0);
                *left = (*left - factor * by % PRIME).rem_euclid(PRIME);
                if *left == 0 {
                    row.remove(at);
                }
            }
        }
        false
    }
}

fn power(mut base: i128, mut exponent: i128) -> i128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

/// A declared name stands for these columns.
fn named(name: &str, columns: &BTreeMap<String, usize>) -> Vec<usize> {
    let (figure, part) = name.split_once('/').unwrap();
    let is_meant = |column: &str| {
        let (named, of) = column.split_once('/').unwrap();
        of == part
            && figure.split_once('*').map_or(named == figure, |(begin, end)| {
                named.len() >= begin.len() + end.len() && named.starts_with(begin) && named.ends_with(end)
            })
    };
    columns.iter().filter(|(column, _)| is_meant(column)).map(|(_, at)| *at).collect()
}

#[test]
fn every_sum_that_holds_is_declared_and_every_one_declared_holds() {
    let world = World::new();
    for portion in Demo::new(7, 240, UNTIL, NAMESPACE) {
        world.clock.set(portion.recorded_at);
        world.append(&portion.drafts);
    }
    world.caught_up();
    let mut undeclared = Vec::new();
    for projector in world.runtime.projectors().iter() {
        let view = projector.name();
        let rows = rows(&world, view);
        let names: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
        let columns: BTreeMap<String, usize> = names.into_iter().cloned().zip(0..).collect();
        let by_name: Vec<&String> = columns.keys().collect();
        let mut data = Solved::default();
        for row in &rows {
            data.add(row.iter().map(|(name, count)| (columns[name], *count)).collect());
        }
        // Columns that are the same, and the sums declared.
        let mut known = Solved::default();
        let mut chance = BTreeSet::new();
        let mut alike: HashMap<Vec<i128>, usize> = HashMap::new();
        for (name, at) in &columns {
            let values = rows.iter().map(|row| row.get(name).copied().unwrap_or_default()).collect();
            let same = *alike.entry(values).or_insert(*at);
            if same != *at {
                known.add([(same, 1), (*at, PRIME - 1)].into());
            }
        }
        for (one, other) in projector.sums().adds_up {
            let terms = terms(one, other, &columns);
            for row in &rows {
                assert_eq!(sum(&terms, row, &by_name), 0, "{view}: {one:?} is not {other:?} in {row:?}");
            }
            known.add(terms);
        }
        let of_the_demo = OF_THE_DEMO.iter().filter(|(of, _)| *of == view);
        for (_, column) in of_the_demo {
            // As the demo is made, this one is a sum of others.
            chance.insert(columns[*column]);
        }
        // What is solved for a column in the data stands for itself; every other column is a sum of those.
        for (at, terms) in kernel(&data, columns.len()) {
            if !chance.contains(&at) && known.add(terms.clone()) {
                let shown = |factor: i128| if factor > PRIME / 2 { factor - PRIME } else { factor };
                let terms: Vec<String> = terms
                    .iter()
                    .map(|(at, factor)| format!("{:+} {}", shown(*factor), by_name[*at]))
                    .collect();
                undeclared.push(format!("{view}, {}: {}", by_name[at], terms.join(" ")));
            }
        }
    }
    assert!(undeclared.is_empty(), "{}", undeclared.join("\n"));
}

/// What is the same, as terms that add up to nothing.
fn terms(one: &[&str], other: &[&str], columns: &BTreeMap<String, usize>) -> BTreeMap<usize, i128> {
    let side = |names: &[&str], factor: i128| -> Vec<(usize, i128)> {
        names.iter().flat_map(|name| named(name, columns)).map(|at| (at, factor)).collect()
    };
    let mut terms = BTreeMap::new();
    for (at, factor) in side(one, 1).into_iter().chain(side(other, PRIME - 1)) {
        *terms.entry(at).or_insert(0) += factor;
    }
    terms.retain(|_, factor| *factor % PRIME != 0);
    terms
}

fn sum(terms: &BTreeMap<usize, i128>, row: &Row, by_name: &[&String]) -> i128 {
    let count = |at: usize| row.get(by_name[at]).copied().unwrap_or_default();
    terms.iter().map(|(at, factor)| factor * count(*at)).sum::<i128>() % PRIME
}

/// The sums that hold in all these rows: for each column that no row is solved for, one.
fn kernel(data: &Solved, columns: usize) -> Vec<(usize, BTreeMap<usize, i128>)> {
    let free = (0..columns).filter(|at| !data.0.contains_key(at));
    let sums = free.map(|free| {
        let mut terms = BTreeMap::from([(free, 1)]);
        for (pivot, row) in data.0.iter().rev() {
            let sum: i128 = row
                .iter()
                .filter(|(at, _)| *at != pivot)
                .filter_map(|(at, factor)| terms.get(at).map(|term| factor * term % PRIME))
                .sum();
            if sum % PRIME != 0 {
                terms.insert(*pivot, (-sum).rem_euclid(PRIME));
            }
        }
        (free, terms)
    });
    sums.collect()
}
