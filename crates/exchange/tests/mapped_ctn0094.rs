//! Three real trials through the mapping of the book: every row accounted for, the published counts reached from the
//! events, and one person's life as it stands in the raw rows.

mod account;
mod mapping;
mod recorder;

use std::collections::{BTreeMap, BTreeSet};

use mapping::{data, found, import, journey, published, told};
use recorder::Recorder;
use serde_json::Value as Json;
use throughline_domain::{CheckIn, Event, Intake, JourneyId, Milestone, Transaction, Value};
use throughline_exchange::import::{Finding, Report};

/// The expected counts of the set, from `EXPECTED.json`.
fn expected(directory: &std::path::Path) -> Json {
    let text = std::fs::read_to_string(directory.join("EXPECTED.json")).expect("the expected figures");
    serde_json::from_str(&text).expect("JSON")
}

fn of_file<'a>(report: &'a Report, file: &str) -> &'a throughline_exchange::import::FileCount {
    report
        .files
        .iter()
        .find(|count| count.file == file)
        .unwrap_or_else(|| panic!("{file} is not accounted for"))
}

/// One import, looked at from all sides: it is the slow part.
#[test]
fn three_trials_come_in_row_by_row_and_give_the_published_counts() {
    let Some(directory) = data("ctn0094") else { return };
    let expected = expected(&directory);
    let mapping = published("ctn0094");
    let log = Recorder::default();
    let (report, rejected) = import(&log, &mapping, &directory);

    every_published_row_is_read(&report);
    account::every_row_is_counted(&directory, &report);
    account::every_row_ended_in_one_place(&report, &rejected, &log);
    assert_eq!(found(&report, "visit.csv", Finding::RowRepeated), 1, "one row stands there twice");
    assert_eq!(found(&report, "screening_date.csv", Finding::LeftOut), 223, "rows with neither day");
    assert_eq!(
        found(&report, "demographics.csv", Finding::LeftOut),
        4,
        "rows that say nothing of the person"
    );
    // A missed visit of somebody never randomised has no day; nor have six days in hospital.
    let without_day = |file: &str| rejected.iter().filter(|row| row.file == file).count();
    assert_eq!((without_day("visit.csv"), without_day("detox.csv"), rejected.len()), (33, 6, 39));
    assert!(rejected.iter().all(|row| row.problem.finding == Finding::DateMissing));

    let events: Vec<_> =
        log.all().into_iter().filter(|one| one.draft.event.fact_name() != "import-finished").collect();
    the_published_counts_hold(&events, &expected);
    let count = |is: &dyn Fn(&Event) -> bool| events.iter().filter(|one| is(&one.draft.event)).count() as u64;
    let doses = count(
        &|event| matches!(event, Event::Transaction(Transaction::ServiceDelivered(dose)) if dose.service.as_str() == "medication-dose"),
    );
    assert_eq!(doses, 216_242);
    assert_eq!(count(&|event| indicator(event).is_some_and(|name| name == "dose-mg")), 216_242);
    assert_eq!(
        count(&|event| indicator(event).is_some_and(|name| name.starts_with("urine-screen-"))),
        42_906
    );
    assert_eq!(count(&|event| indicator(event) == Some("urine-screen-opioid")), 13_548);
    assert_eq!(count(&|event| matches!(event, Event::CheckIn(CheckIn::CheckInHeld(_)))), 40_977 + 25);
    assert_eq!(count(&|event| matches!(event, Event::Intake(Intake::IntakeHeld(_)))), 3_560 - 4);
    let missed = count(&|event| matches!(event, Event::CheckIn(CheckIn::CheckInMissed(_))));
    assert_eq!(missed, 5_527 + 5_449 - 33);
    assert_eq!(report.events, events.len() as u64);

    two_persons_by_hand(&log);
    let (again, _) = import(&log, &mapping, &directory);
    assert_eq!(
        (again.events, again.corrections, again.repeated),
        (0, 0, report.events),
        "again adds nothing"
    );
}

fn indicator(event: &Event) -> Option<&str> {
    match event {
        Event::Milestone(Milestone::IndicatorMeasured(measured)) => Some(measured.indicator.as_str()),
        _ => None,
    }
}

fn every_published_row_is_read(report: &Report) {
    let files = [
        ("everybody.csv", 3_560),
        ("demographics.csv", 3_560),
        ("screening_date.csv", 3_430),
        ("randomization.csv", 4_691),
        ("visit.csv", 53_899),
        ("treatment.csv", 216_242),
        ("uds.csv", 42_906),
        ("detox.csv", 1_316),
        ("qol.csv", 657),
        ("meta_study_length.csv", 16),
        ("site_masked.csv", 3_560),
    ];
    for (file, published) in files {
        assert_eq!(of_file(report, file).rows, published, "{file}");
        assert!(of_file(report, file).unread.is_empty(), "{file}: every column is read");
    }
    assert_eq!(of_file(report, "site_masked.csv").merged, 3_560, "every site became part of a journey");
    assert_eq!(report.files.len(), files.len());
}

fn the_published_counts_hold(events: &[throughline_domain::Recorded], expected: &Json) {
    let mut persons: BTreeMap<String, BTreeSet<JourneyId>> = BTreeMap::new();
    let mut arms: BTreeMap<String, u64> = BTreeMap::new();
    for recorded in events {
        match &recorded.draft.event {
            Event::Intake(Intake::JourneyOpened(opened)) => {
                let trial = opened
                    .attributes
                    .iter()
                    .find(|(name, _)| name.as_str() == "trial")
                    .map(|(_, value)| value);
                let Some(Value::Code(trial)) = trial else { panic!("{opened:?}") };
                let project = trial.as_str().trim_start_matches("ctn-00").to_owned();
                assert!(persons.entry(project).or_default().insert(recorded.draft.journey), "opened once");
            }
            Event::Intake(Intake::Enrolled(enrolled)) => {
                let arm = enrolled
                    .attributes
                    .iter()
                    .find(|(name, _)| name.as_str() == "arm")
                    .map(|(_, value)| value);
                let Some(Value::Code(arm)) = arm else { panic!("{enrolled:?}") };
                let project = enrolled.programme.as_str().trim_start_matches("ctn-00");
                *arms.entry(format!("{project}|{arm}")).or_default() += 1;
            }
            _ => {}
        }
    }
    let published = expected["persons_by_project"].as_object().expect("persons by project");
    assert_eq!(persons.len(), published.len());
    for (project, count) in published {
        assert_eq!(persons[project].len() as u64, count.as_u64().expect("a count"), "{project}");
    }
    let published = expected["randomized_by_project_treatment"].as_object().expect("arms");
    assert_eq!(arms.len(), published.len());
    for (arm, count) in published {
        let coded = arm.replace(" + ", "-").replace(' ', "-").to_lowercase();
        assert_eq!(Some(&arms[&coded]), count.as_u64().as_ref(), "{arm}");
    }
}

/// Persons 3 and 2, by hand from the rows of all files. Day 0 is 2000-01-01.
fn two_persons_by_hand(log: &Recorder) {
    let life = |who: &str| log.life(journey("ctn0094", who)).iter().map(told).collect::<Vec<_>>();
    let three = life("3");
    let said = [
        // screening_date.csv: 3,2.0,-7.0; everybody.csv: 3,51; site_masked.csv: 3,27
        "1999-12-25 journey-opened {attributes:{site:27.0,trial:ctn-0051},language:und,role:participant}",
        "1999-12-25 milestone-reached {milestone:study-day-zero}",
        // detox.csv: 3,admission,-6.0 and 3,discharge,-1.0
        "1999-12-26 milestone-reached {life_area:substance-use,milestone:detox-admitted}",
        "1999-12-31 milestone-reached {life_area:substance-use,milestone:detox-discharged}",
        // demographics.csv: 3,23.0,No,Black,Full Time,Yes,More than HS,Never married,No; qol.csv: 3,Yes
        "2000-01-01 intake-held {attributes:{age:23.0,education:above-high-school,hispanic:false,job:full-time,\
         living-stable:true,male:false,marital:never-married,race:black}}",
        "2000-01-01 indicator-measured {indicator:homeless,life_area:housing,stage:entry,value:true}",
        "2000-01-03 milestone-reached {milestone:screened}",
        // uds.csv: 3,Buprenorphine,7.0
        "2000-01-08 indicator-measured {indicator:urine-screen-buprenorphine,life_area:substance-use,value:true}",
        // randomization.csv: 3,Inpatient BUP,1,13.0 and 3,Inpatient BUP,2,13.0
        "2000-01-14 enrolled {attributes:{arm:inpatient-bup,planned-weeks:24.0},enrolment:trial,\
         programme:ctn-0051,site:27}",
        // visit.csv: 3,WK0,no visit with is_other, due on the day of randomisation
        "2000-01-14 check-in-missed {enrolment:trial,reason:other}",
        "2000-01-14 milestone-reached {enrolment:trial,milestone:randomised-again}",
        // visit.csv: 3,WK1,visit,22.0, then WK2,no visit with is_moved, due 14 days after day 13
        "2000-01-23 check-in-held {begun_by:staff,enrolment:trial,exchange:two-way,format:in-person}",
        "2000-01-28 check-in-missed {enrolment:trial,reason:moved-away}",
        "2000-02-04 check-in-missed {enrolment:trial,reason:no-show}",
    ];
    assert_eq!(three[..said.len()], said);
    // 28 visits, 5 screens, 2 detox, 2 randomisations, 2 days of screening, intake, homelessness, opening; no dose.
    assert_eq!(three.len(), 28 + 5 + 2 + 2 + 2 + 1 + 1 + 1);

    // treatment.csv: 2,4.0,7.0 and 2,16.0,8.0; randomised to buprenorphine with enhanced management on day 7.
    let two = life("2");
    let has = |line: &str| assert!(two.iter().any(|said| said == line), "{line}\n{two:#?}");
    has(
        "2000-01-08 service-delivered {enrolment:trial,format:in-person,life_area:substance-use,service:medication-dose}",
    );
    has(
        "2000-01-08 indicator-measured {enrolment:trial,indicator:dose-mg,life_area:substance-use,value:4.0}",
    );
    has(
        "2000-01-09 indicator-measured {enrolment:trial,indicator:dose-mg,life_area:substance-use,value:16.0}",
    );
    has("2000-01-01 indicator-measured {indicator:urine-screen-opioid,life_area:substance-use,value:true}");
}
