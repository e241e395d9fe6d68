//! The same for as long as one likes: `just faults 60` for an hour.

use throughline_log::faults::{Point, Seeded};

use crate::{
    alone,
    counts::{Counts, say},
    flips, full, kills, planted,
    seed::{minutes, new_seed, watch},
    service, troubles,
    whole::Whole,
};

/// One scenario, from a seed.
type Scenario = fn(u64) -> (Vec<String>, Counts);

const FLIPS: &str = "flipped bits";

const SCENARIOS: [(&str, Scenario); 7] = [
    ("kill -9", |seed| kills::lap(seed, &Point::ALL, 12)),
    ("a disk in trouble", |seed| troubles::lap(seed, 3)),
    ("planted bugs", planted_bugs),
    ("the service", |seed| service::lap(seed, 3)),
    ("two processes", |seed| alone::lap(seed, 3)),
    ("a small disk", |_| full::lap()),
    (FLIPS, |seed| flips::lap(seed, &Whole::new(seed, 30), 2)),
];

fn planted_bugs(seed: u64) -> (Vec<String>, Counts) {
    let mut counts = Counts::default();
    let mut broken: Vec<String> = planted::found(seed, None, &mut counts)
        .into_iter()
        .map(|(name, what)| format!("{name}: {what}"))
        .collect();
    for bug in Seeded::ALL {
        if planted::found(seed, Some(bug), &mut counts).is_empty() {
            broken.push(format!("{bug} was not caught"));
        }
    }
    (broken, counts)
}

#[test]
#[ignore = "runs for THROUGHLINE_FAULTS_MINUTES; `just faults`"]
fn for_as_long_as_asked() {
    let (watch, minutes, first) = (watch(), minutes(), new_seed());
    say(&format!("{minutes} minutes from seed {first}"));
    let (mut failed, mut lost, mut undetected) = (Vec::new(), 0, 0);
    for lap in 0.. {
        for (name, scenario) in SCENARIOS {
            if watch.seconds() > minutes * 60.0 {
                break;
            }
            let seed = first.wrapping_add(lap);
            let (broken, counts) = scenario(seed);
            counts.keep();
            lost += broken.iter().map(|told| told.matches("LOST:").count()).sum::<usize>();
            undetected += if name == FLIPS { broken.len() } else { 0 };
            if !broken.is_empty() {
                say(&format!("BROKEN: {name}, seed {seed}\n{}", broken.join("\n")));
                failed.push(format!("{name}, seed {seed}"));
            }
        }
        say(&format!("after {:.1} minutes\n{}", watch.seconds() / 60.0, Counts::all().table()));
        if watch.seconds() > minutes * 60.0 {
            break;
        }
    }
    say(&format!(
        "promises broken: {}; acknowledged events lost: {lost}; bits undetected: {undetected}",
        failed.len()
    ));
    assert!(failed.is_empty(), "{failed:?}");
}
