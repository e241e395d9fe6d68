//! Somebody who has every answer an evaluator is given, and narrows down what is withheld in them: by everything that adds
//! up, again and again, until nothing narrows any more. They find no small count.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use throughline_access::Role;

use crate::pseudonymous::Town;

/// A count: of the year before or not, the way to split, the group, the figure, and the part of it.
type Name = (bool, &'static str, String, String, String);

/// Every count of these groups that is told, by its name. How many clients a group has is the same in every view.
fn told(groups: &Json, way: &'static str, into: &mut BTreeMap<Name, u64>) {
    let view = groups["view"].as_str().expect("a view");
    for group in groups["groups"].as_array().expect("groups") {
        let key = group["key"].to_string();
        let mut tell = |then: bool, figure: &Json, part: &str, count: &Json| {
            if let Some(count) = count.as_f64().filter(|count| *count >= 0.0 && count.fract() == 0.0) {
                let figure = figure.as_str().map(|name| format!("{view}:{name}")).unwrap_or_default();
                let count = format!("{count:.0}").parse().expect("a whole number");
                into.insert((then, way, key.clone(), figure, part.to_owned()), count);
            }
        };
        tell(false, &Json::Null, "clients", &group["clients"]);
        tell(true, &Json::Null, "clients", &group["clients_last_year"]);
        for (then, figure) in group["figures"]
            .as_array()
            .expect("figures")
            .iter()
            .flat_map(|figure| [(false, figure), (true, &figure["last_year"])])
        {
            let name = &figure["name"];
            tell(then, name, "counted", &figure["numerator"]);
            tell(then, name, "of", &figure["denominator"]);
            if figure["numerator"].is_null() && figure["denominator"].is_null() && figure["unit"] != "share" {
                tell(then, name, "counted", &figure["value"]);
            }
            for missing in figure["missing"].as_array().into_iter().flatten() {
                tell(then, name, missing["reason"].as_str().expect("a reason"), &missing["count"]);
            }
        }
    }
}

/// How many reasons to be missing are named without their count. The bounds beside them are not told either.
fn unsaid(groups: &Json) -> usize {
    let groups = groups["groups"].as_array().expect("groups").iter();
    let figures = groups.flat_map(|group| group["figures"].as_array().expect("figures"));
    let both = figures.flat_map(|figure| [figure, &figure["last_year"]]);
    let without = both.filter(|figure| {
        figure["missing"].as_array().is_some_and(|all| all.iter().any(|one| one["count"].is_null()))
    });
    without.inspect(|figure| assert_eq!([&figure["low"], &figure["high"]], [&Json::Null; 2])).count()
}

/// Counts that add up to nothing, each once as it is or once taken off.
type Sum = Vec<(usize, i64)>;

/// Everything that adds up in truth: groups to all together, what is always the same under two names, and a share's rest.
fn sums(truth: &BTreeMap<Name, u64>, places: &mut BTreeMap<Name, usize>) -> Vec<Sum> {
    let mut sums = Vec::new();
    let mut columns: BTreeMap<(bool, String, String), Vec<&Name>> = BTreeMap::new();
    for name in truth.keys() {
        columns.entry((name.0, name.3.clone(), name.4.clone())).or_default().push(name);
    }
    let mut place = |name: &Name| {
        let next = places.len();
        *places.entry(name.clone()).or_insert(next)
    };
    for names in columns.values() {
        let total = names.iter().find(|name| name.1.is_empty());
        for way in ["programme", "site", "worker", "language", "role"] {
            let parts: Vec<&&Name> = names.iter().filter(|name| name.1 == way).collect();
            let sum: u64 = parts.iter().map(|name| truth[**name]).sum();
            if let Some(total) = total.filter(|total| truth[**total] == sum) {
                let whole = (place(total), -1);
                sums.push(parts.iter().map(|name| (place(name), 1)).chain([whole]).collect());
            }
        }
    }
    let by_group = |names: &[&Name]| -> BTreeMap<(&'static str, String), u64> {
        names
            .iter()
            .map(|name| ((name.1, name.2.clone()), truth[*name]))
            .filter(|(_, count)| *count > 0)
            .collect()
    };
    let seen: Vec<_> = columns.iter().map(|(column, names)| (column, by_group(names), names)).collect();
    for (at, (column, values, names)) in seen.iter().enumerate() {
        let same = seen[..at].iter().find(|(other, beside, _)| other.0 == column.0 && beside == values);
        for name in names.iter().filter(|_| same.is_some()) {
            let other =
                same.expect("the same").2.iter().find(|other| (other.1, &other.2) == (name.1, &name.2));
            sums.extend(other.map(|other| vec![(place(name), 1), (place(other), -1)]));
        }
    }
    // Who is counted and who is missing are all.
    for of in truth.keys().filter(|name| name.4 == "of") {
        let clients = (of.0, of.1, of.2.clone(), String::new(), "clients".to_owned());
        let missing = truth.keys().filter(|name| {
            (name.0, name.1, &name.2, &name.3) == (of.0, of.1, &of.2, &of.3)
                && !matches!(name.4.as_str(), "of" | "counted")
        });
        let parts: Vec<&Name> = missing.chain([of]).collect();
        if truth.get(&clients) == Some(&parts.iter().map(|name| truth[*name]).sum()) {
            let whole = (place(&clients), -1);
            sums.push(parts.iter().map(|name| (place(name), 1)).chain([whole]).collect());
        }
    }
    for name in truth.keys().filter(|name| name.4 == "counted") {
        let of = (name.0, name.1, name.2.clone(), name.3.clone(), "of".to_owned());
        if truth.get(&of).is_some_and(|of| *of >= truth[name]) {
            let rest = (name.0, name.1, name.2.clone(), name.3.clone(), "rest".to_owned());
            sums.push(vec![(place(name), 1), (place(&rest), 1), (place(&of), -1)]);
        }
    }
    sums
}

/// The least and the most that each count can be.
fn narrowed(
    sums: &[Sum],
    known: &BTreeMap<usize, u64>,
    somebody: &BTreeSet<usize>,
    counts: usize,
) -> Vec<(i64, i64)> {
    const MOST: i64 = 10_000;
    let exactly = |at: usize| known.get(&at).map(|count| i64::try_from(*count).expect("a count"));
    let unknown = |at: usize| (i64::from(somebody.contains(&at)), MOST);
    let mut ranges: Vec<(i64, i64)> =
        (0..counts).map(|at| exactly(at).map_or_else(|| unknown(at), |count| (count, count))).collect();
    loop {
        let before = ranges.clone();
        for sum in sums {
            for (at, factor) in sum {
                let others = sum.iter().filter(|(other, _)| other != at);
                let (low, high) = others.fold((0, 0), |(low, high), (other, by)| {
                    let (least, most) = ranges[*other];
                    // What is left for this one is the others' sum, the other way round.
                    if by * factor < 0 { (low + least, high + most) } else { (low - most, high - least) }
                });
                let (least, most) = ranges[*at];
                ranges[*at] = (least.max(low), most.min(high));
            }
        }
        if ranges == before {
            return ranges;
        }
    }
}

fn dice(seed: &mut u64, sides: u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*seed >> 33) % sides).expect("a few")
}

#[tokio::test]
async fn nothing_that_is_told_narrows_a_small_count_to_one() {
    for (seed, few, many) in [(1, 0, 45), (2, 0, 45), (3, 0, 45), (4, 9, 141)] {
        let mut seed = seed;
        let clients: Vec<_> = (0..few + many)
            .map(|nth| {
                let programme = if few > 0 {
                    if nth < few { "tiny" } else { "homes" }
                } else {
                    ["homes", "homes", "homes", "jobs", "jobs", "meals", "tiny"][dice(&mut seed, 7)]
                };
                let site =
                    if programme == "tiny" { "west" } else { ["north", "south", "west"][dice(&mut seed, 3)] };
                let worker = u128::try_from(dice(&mut seed, 4)).expect("a few");
                (programme, site, worker, u128::try_from(dice(&mut seed, 6)).expect("a few"))
            })
            .collect();
        let town = Town::of(clients.into_iter()).await;
        let (mut truth, mut shown, mut without) = (BTreeMap::new(), BTreeMap::new(), 0);
        for view in ["engagement", "outcomes", "satisfaction", "quality"] {
            let mut here = BTreeMap::new();
            for way in ["", "programme", "site", "worker", "language", "role"] {
                let by = if way.is_empty() { String::new() } else { format!("&group_by={way}") };
                let path = format!("/v1/{view}?on=2026-06-01&compare=last_year{by}");
                told(&town.get(&town.supervisor, &path).await.is(200).json(), way, &mut truth);
                let answer = town.get(&town.evaluator, &path).await.is(200).json();
                told(&answer, way, &mut here);
                without += unsaid(&answer);
            }
            assert!(here.len() > 10, "{view}: something is told");
            let clients = |shown: &BTreeMap<Name, u64>| -> Vec<Name> {
                shown.keys().filter(|name| name.4 == "clients").cloned().collect()
            };
            assert!(shown.is_empty() || clients(&shown) == clients(&here), "{view} tells of other groups");
            shown.extend(here);
        }
        let mut places = BTreeMap::new();
        let sums = sums(&truth, &mut places);
        let nobody = truth.iter().filter(|(_, count)| **count == 0);
        let known = shown.iter().chain(nobody).filter_map(|(name, count)| Some((*places.get(name)?, *count)));
        let known: BTreeMap<usize, u64> = known.collect();
        assert!(without > 0, "a figure is told without how many are missing from it");
        // Nobody is shown: what is not, is somebody.
        let somebody = truth.iter().filter(|(_, count)| **count > 0);
        let somebody: BTreeSet<usize> = somebody.filter_map(|(name, _)| places.get(name).copied()).collect();
        let ranges = narrowed(&sums, &known, &somebody, places.len());
        let small: BTreeSet<&Name> =
            truth.iter().filter(|(_, count)| (1..11).contains(*count)).map(|(name, _)| name).collect();
        for name in &small {
            assert!(!shown.contains_key(*name), "{name:?} is shown");
            if let Some((least, most)) = places.get(*name).map(|at| ranges[*at]) {
                assert!(least < most, "{name:?} is {least}");
            }
        }
        for (name, at) in places.iter().filter(|(name, _)| name.4 == "rest") {
            let (least, most) = ranges[*at];
            assert!(least < most || !(1..11).contains(&least), "what is left of {name:?} is {least}");
        }
        assert!(small.len() > 10, "there is something to find");
    }
}

#[tokio::test]
async fn a_day_is_not_told_again_a_year_later_with_a_few_more() {
    let town = Town::new().await;
    let path = "/v1/engagement?group_by=programme&compare=last_year";
    town.get(&town.evaluator, path).await.is(200);
    for n in 71..74 {
        town.join(n, "homes").await;
    }
    town.world.at("2027-06-01T08:00:00Z");
    let evaluator = town.world.account("evaluator:e3", &[Role::Evaluator], None);
    let later = town.get(&evaluator, path).await.is(200).json();
    let last_year = |key: &str| {
        let mut groups = later["groups"].as_array().expect("groups").iter();
        groups.find(|group| group["key"] == key).expect("the group")["clients_last_year"].clone()
    };
    assert_eq!(last_year("homes"), Json::Null, "40 were told of that day a year ago; 43 are known now");
    assert_eq!(last_year("jobs"), 15);
}
