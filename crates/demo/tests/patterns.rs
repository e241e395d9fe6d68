//! What the invented record should teach whoever studies it.

use std::{collections::HashMap, sync::LazyLock};

use jiff::civil::Date;
use throughline_demo::Demo;
use throughline_domain::{
    CheckIn, Code, Event, FollowUpResult, Intake, JourneyId, Milestone, Role, Transaction,
};
use uuid::Uuid;

/// One participant, as a reader of the record would sum them up.
#[derive(Default)]
struct Seen {
    role: Option<Role>,
    enrolled: Option<(Date, Code, Code)>,
    services: Vec<Date>,
    areas: Vec<Code>,
    exited: Option<(Date, String)>,
    /// Day and value, 0 to 1.
    readings: Vec<(Date, f64)>,
    followed_up: bool,
    lost: bool,
}

/// Four thousand journeys, told once for all tests.
static PEOPLE: LazyLock<HashMap<JourneyId, Seen>> = LazyLock::new(seen);

fn seen() -> HashMap<JourneyId, Seen> {
    let mut people: HashMap<JourneyId, Seen> = HashMap::new();
    let demo = Demo::new(5, 4_000, jiff::civil::date(2026, 3, 2), Uuid::nil());
    for draft in demo.flat_map(|portion| portion.drafts) {
        let one = people.entry(draft.journey).or_default();
        let day = draft.occurred.day();
        match draft.event {
            Event::Intake(Intake::JourneyOpened(opened)) => one.role = Some(opened.role),
            Event::Intake(Intake::Enrolled(enrolled)) if one.enrolled.is_none() => {
                let site = enrolled.site.expect("everybody enrols at a site");
                one.enrolled = Some((day, enrolled.programme, site));
            }
            Event::Transaction(Transaction::ServiceDelivered(service)) => {
                one.services.push(day);
                if !one.areas.contains(&service.life_area) {
                    one.areas.push(service.life_area);
                }
            }
            Event::CheckIn(CheckIn::CheckInHeld(_)) => one.services.push(day),
            Event::Milestone(Milestone::Exited(exited)) => {
                one.exited = Some((day, exited.reason.map(|reason| reason.to_string()).unwrap_or_default()));
            }
            Event::CheckIn(CheckIn::ReadingTaken(reading)) => {
                one.readings.push((day, reading.scale.share(reading.value)));
            }
            Event::Milestone(Milestone::FollowUpHeld(held)) if held.outcome.is_some() => {
                one.followed_up = true;
                one.lost |= held.result == FollowUpResult::Lost;
            }
            _ => {}
        }
    }
    people
}

fn share(of: impl Iterator<Item = bool>) -> f64 {
    let (mut yes, mut all) = (0, 0);
    for one in of {
        yes += usize::from(one);
        all += 1;
    }
    assert!(all > 50, "only {all} to tell from");
    f64::from(u32::try_from(yes).expect("a small sample")) / f64::from(all)
}

#[test]
fn outcomes_of_the_broadly_engaged_last_longer() {
    let people = &*PEOPLE;
    let followed = || people.values().filter(|one| one.followed_up);
    let lasts = |one: &Seen| !one.lost;
    let broad = share(followed().filter(|one| one.areas.len() >= 4).map(lasts));
    let narrow = share(followed().filter(|one| one.areas.len() <= 2).map(lasts));
    assert!(broad > narrow + 0.05, "{broad} of the broad and {narrow} of the narrow lasted");
}

#[test]
fn silence_comes_before_dropping_out() {
    let people = &*PEOPLE;
    let quiet_before_exit = |reason: &'static str| {
        let left = people.values().filter_map(move |one| {
            let (day, why) = one.exited.as_ref()?;
            let last = one.services.iter().filter(|served| *served <= day).max()?;
            (why == reason).then(|| (*day - *last).get_days() > 45)
        });
        share(left)
    };
    let (lost, completed) = (quiet_before_exit("lost-contact"), quiet_before_exit("completed"));
    assert!(lost > 0.6 && completed < 0.25, "{lost} of the lost and {completed} of the completed were quiet");
}

#[test]
fn contact_thins_out_before_it_ends() {
    let people = &*PEOPLE;
    let last_gap_longest = |reason: &'static str| {
        let left = people.values().filter_map(move |one| {
            let (day, why) = one.exited.as_ref()?;
            let mut days: Vec<Date> = one.services.iter().copied().filter(|served| served <= day).collect();
            days.sort();
            let gaps: Vec<i32> = days.windows(2).map(|pair| (pair[1] - pair[0]).get_days()).collect();
            let (last, earlier) = gaps.split_last()?;
            let mean = f64::from(earlier.iter().sum::<i32>()) / earlier.len() as f64;
            (why == reason && earlier.len() > 2).then(|| f64::from(*last) > 1.5 * mean)
        });
        share(left)
    };
    let (lost, completed) = (last_gap_longest("lost-contact"), last_gap_longest("completed"));
    assert!(lost > completed + 0.1, "{lost} of the lost and {completed} of the completed thinned out");
}

#[test]
fn a_changed_programme_engages_clients_more_where_it_changed() {
    let people = &*PEOPLE;
    let change = jiff::civil::date(2026, 3, 2).saturating_sub(jiff::Span::new().days(1_461 - 640));
    let everywhere = change.saturating_add(jiff::Span::new().days(365));
    let mean = |sites: &[&str], after: bool| {
        let (mut sum, mut count) = (0.0, 0);
        for one in people.values() {
            let Some((enrolled, programme, site)) = &one.enrolled else { continue };
            if programme.as_str() != "job-readiness" || !sites.contains(&site.as_str()) {
                continue;
            }
            let period = if after { *enrolled >= change } else { *enrolled < change };
            let within = one.readings.iter().filter(|(day, _)| {
                period && (if after { *day >= change && *day < everywhere } else { *day < change })
            });
            for (_, reading) in within {
                sum += reading;
                count += 1;
            }
        }
        assert!(count > 200, "only {count} readings");
        sum / f64::from(count)
    };
    let changed = ["hoopfontein", "emseni"];
    let unchanged = ["kruispad", "seebries", "langkloof-oos"];
    let gain = mean(&changed, true) - mean(&changed, false);
    let trend = mean(&unchanged, true) - mean(&unchanged, false);
    assert!(gain - trend > 0.05, "gained {gain} where it changed, {trend} where it did not");
}

#[test]
fn all_kinds_of_clients_are_there_in_their_shares() {
    let people = &*PEOPLE;
    let of = |role| people.values().filter(|one| one.role == Some(role)).count();
    assert!((3_300..=3_500).contains(&of(Role::Participant)), "{}", of(Role::Participant));
    assert!((220..=340).contains(&of(Role::Volunteer)), "{}", of(Role::Volunteer));
    assert!((180..=300).contains(&of(Role::Donor)), "{}", of(Role::Donor));
    assert!((50..=110).contains(&of(Role::Caregiver)), "{}", of(Role::Caregiver));
}

/// Run in release, with `--ignored --nocapture`, to see how large and how fast the largest record is.
#[test]
#[ignore = "the full size takes a while"]
fn a_hundred_thousand_clients_are_told_in_bounded_memory() {
    let mut facts: HashMap<&'static str, usize> = HashMap::new();
    let (mut portions, mut largest, mut all) = (0, 0, 0);
    for portion in Demo::new(1, 100_000, jiff::civil::date(2026, 3, 2), Uuid::nil()) {
        portions += 1;
        largest = largest.max(portion.drafts.len());
        all += portion.drafts.len();
        for draft in &portion.drafts {
            *facts.entry(draft.event.fact_name()).or_default() += 1;
        }
    }
    println!("{all} drafts in {portions} portions, the largest of {largest}");
    let mut facts: Vec<_> = facts.into_iter().collect();
    facts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (fact, count) in facts {
        println!("{fact:24} {count:8}");
    }
    assert!(all > 4_500_000);
}
