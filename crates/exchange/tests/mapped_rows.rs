//! Rows under a mapping: values, conditions, days, dirt; later files; rows of persons nobody lists.

mod mapping;
mod recorder;

use mapping::{files, found, import, journey, mapping, told};
use proptest::prelude::*;
use recorder::Recorder;
use throughline_domain::{Event, Intake};
use throughline_exchange::import::{Finding, Rejected, Report};

const PEOPLE: &str = r#"version = 1
source = "desk"
empty = ["n/a"]

[lookups.programme]
file = "people.csv"
key = "id"
value = "programme"

[[tables]]
file = "people.csv"
journey = "id"
key = "id"

[[tables.facts]]
fact = "throughline.intake.journey-opened.v1"
on = { date = "came" }
facts.attributes = { children = { column = "children", as = "number" } }
personal = { name = { template = "{first} {last}" }, born = { column = "born" } }

[[tables]]
file = "visits.csv"
journey = "who"
key = ["who", "nr"]
deleted = [{ column = "void", is = true }]

[[tables.facts]]
fact = "throughline.transaction.service-delivered.v1"
where = [{ column = "kind", not = "call" }]
on = { date = "on" }
[tables.facts.facts]
service = { column = "kind", map = { C = "counselling", B = "budget-coaching" } }
life_area = "wellbeing"
format = "in-person"
minutes = { column = "hours", times = 60 }
cost = { minor = { column = "cost", times = 100 }, currency = "zar" }
enrolment = { key = ["who"] }
fit = { needed = { column = "needed" } }

[[tables.facts]]
fact = "throughline.transaction.contact-made.v1"
where = [{ column = "kind", is = "call" }, { lookup = "programme", is = "north" }]
on = { instant = "on", offset = "+02:00" }
eyes = { column = "eyes", map = { C = "client", S = "staff" } }
facts = { format = "phone", begun_by = "staff", exchange = "two-way" }
personal = { words = { column = "said" } }
"#;

const WHO: &str = "id,first,last,came,born,children,programme\n1,Thandi,Mokoena,2025-01-02,1990-05-06,2,north\n2,Sipho,,2025-02-03,,n/a,south\n";
const HEAD: &str = "who,nr,kind,on,hours,cost,needed,eyes,said,void\n";

/// The two persons with these visits, in files.
fn visits(rows: &str) -> tempfile::TempDir {
    files(&[("people.csv", WHO), ("visits.csv", &format!("{HEAD}{rows}"))])
}

fn at(rows: &str) -> (Recorder, Report, Vec<Rejected>) {
    let log = Recorder::default();
    let (report, rejected) = import(&log, &mapping(PEOPLE), visits(rows).path());
    (log, report, rejected)
}

fn life(log: &Recorder, person: &str) -> Vec<String> {
    log.life(journey("desk", person)).iter().map(told).collect()
}

#[test]
fn a_row_becomes_the_facts_the_mapping_says() {
    let (log, report, rejected) = at(
        "1,1,C,2025-01-05,1.5,12.50,yes,,,\n1,2,call,2025-01-06 09:30,,,,C,It helps.,\n2,1,B,2025-02-04,,,,,,\n",
    );
    assert!(rejected.is_empty() && report.warnings == 0, "{report:#?}");
    let lines = life(&log, "1");
    assert_eq!(
        lines[0],
        "2025-01-02 journey-opened {attributes:{children:2.0},language:und,role:participant}"
    );
    assert!(
        lines[1].contains("cost:{currency:zar,minor:1250}") && lines[1].contains("minutes:90"),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains("fit:{needed:true}") && lines[1].contains("enrolment:k-"), "{}", lines[1]);
    assert_eq!(
        lines[2],
        "2025-01-06T09:30:00+02:00 contact-made {begun_by:staff,exchange:two-way,format:phone}"
    );
    assert!(!life(&log, "2")[1].contains("cost"), "what is not told is left out: {}", life(&log, "2")[1]);

    let opened = log.all().into_iter().find_map(|one| match one.draft.event {
        Event::Intake(Intake::JourneyOpened(opened)) => Some(opened.personal),
        _ => None,
    });
    let opened = opened.expect("the journey opened");
    assert_eq!(opened.name.map(|name| name.to_string()).as_deref(), Some("Thandi Mokoena"));
    assert_eq!(opened.born, Some(jiff::civil::date(1990, 5, 6)));
    assert_eq!(opened.known_as[0].as_str(), "desk:1");
    let contact =
        log.all().into_iter().find(|one| one.draft.event.fact_name() == "contact-made").expect("a contact");
    assert_eq!(contact.draft.eyes.code(), "client");
    assert_eq!(contact.draft.event.personal_json()["words"], "It helps.");
    let source = contact.draft.source.expect("a source");
    assert_eq!((source.table.as_str(), source.row.expect("a row").as_str()), ("visits", "1/2"));
}

#[test]
fn dirt_costs_its_own_row_or_its_own_field_and_is_told() {
    let rows = "1,1,X,2025-01-05,,,,,,\n\
                1,2,C,5 Jan,,,,,,\n\
                1,3,C,,,,,,,\n\
                ,4,C,2025-01-05,,,,,,\n\
                1,5,C,2025-01-05,an hour,12.505,maybe,,,\n\
                1,6,C,2025-01-05,,,,,,\n\
                1,6,C,2025-01-05,,,,,,\n\
                1,6,B,2025-01-05,,,,,,\n\
                2,7,call,2025-02-05,,,,,,\n\
                1,8,call,2025-01-07,,,,Q,,\n\
                3,9,B,2025-03-01,,,,,,\n\
                1,10,C,2025-01-08,,,,,,,,stray\n\
                1,11,C,3025-01-08,,,,,,\n\
                1,12,C,2025-01-09,,,,,,no\n";
    let (log, report, rejected) = at(rows);
    let of = |finding| found(&report, "visits.csv", finding);
    for (finding, rows) in [
        (Finding::ValueUnmapped, 2),
        (Finding::DateUnreadable, 1),
        (Finding::DateMissing, 1),
        (Finding::PersonMissing, 1),
        (Finding::NumberUnreadable, 2),
        (Finding::FieldInvalid, 1),
        (Finding::RowRepeated, 1),
        (Finding::KeyRepeated, 1),
        (Finding::LeftOut, 1),
        (Finding::PersonUnlisted, 1),
        (Finding::FieldsBeyondHeader, 1),
        (Finding::DateImpossible, 1),
    ] {
        assert_eq!(of(finding), rows, "{finding:?}");
    }
    let rows: Vec<u64> = rejected.iter().map(|row| row.row).collect();
    assert_eq!(rows, [2, 3, 4, 5, 9, 11, 13, 14], "{rejected:#?}");
    assert_eq!(rejected[0].problem.value.as_deref(), Some("X"));
    assert_eq!(rejected[0].problem.column, "kind");
    let five = life(&log, "1").into_iter().find(|line| line.contains("service-delivered")).expect("row 5");
    assert!(!five.contains("minutes") && !five.contains("cost"), "{five}");
    assert_eq!(life(&log, "3")[0], "2025-03-01 journey-opened {language:und,role:participant}");
}

#[test]
fn again_adds_nothing_a_changed_cell_corrects_and_what_is_told_no_more_is_taken_back() {
    let log = Recorder::default();
    let mapping = mapping(PEOPLE);
    let of = |rows: &str| import(&log, &mapping, visits(rows).path()).0;
    let first = of("1,1,C,2025-01-05,1,,,,,\n1,2,C,2025-01-06,1,,,,,\n");
    assert_eq!(first.events, 4);
    let again = of("1,1,C,2025-01-05,1,,,,,\n1,2,C,2025-01-06,1,,,,,\n");
    assert_eq!((again.events, again.repeated, again.warnings), (0, 4, 0));
    let changed = of("1,1,B,2025-01-05,1,,,,,\n1,2,C,2025-01-06,1,,,,,\n");
    assert_eq!((changed.corrections, changed.events), (1, 1));
    assert_eq!(found(&changed, "visits.csv", Finding::ChangedInSource), 1);
    assert!(life(&log, "1")[1].contains("budget-coaching"));
    let back = of("1,1,C,2025-01-05,1,,,,,\n1,2,C,2025-01-06,1,,,,,\n");
    assert_eq!(back.corrections, 1, "changed back is changed again");
    assert!(life(&log, "1")[1].contains("counselling"));
    let another_fact = of("1,1,call,2025-01-05,1,,,C,,\n1,2,C,2025-01-06,1,,,,,\n");
    assert_eq!(
        (another_fact.retractions, another_fact.events),
        (1, 2),
        "a call now, and no service any more"
    );
    let void = of("1,1,call,2025-01-05,1,,,C,,\n1,2,C,2025-01-06,1,,,,,yes\n");
    assert_eq!(void.retractions, 1);
    assert_eq!(life(&log, "1").len(), 2, "{:?}", life(&log, "1"));
}

const EPISODES: &str = r#"version = 1
source = "desk"
delimiter = ";"
decimal = ","

[journey]
role = "volunteer"
language = "af"

[[tables]]
file = "shifts.csv"
journey = "who"
key = { row = "number" }

[[tables.facts]]
fact = "throughline.milestone.indicator-measured.v1"
on = { date = "day" }
facts = { indicator = "hours", value = { column = "hours", as = "number" } }
"#;

#[test]
fn a_journey_that_no_table_opens_begins_with_its_first_row_and_stays_there() {
    let log = Recorder::default();
    let mapping = mapping(EPISODES);
    let of = |rows: &str| {
        let directory = files(&[("shifts.csv", &format!("who;day;hours\n{rows}"))]);
        import(&log, &mapping, directory.path()).0
    };
    let report = of("a;2025-03-05;1,5\na;2025-03-01;2\n");
    assert_eq!((report.events, report.warnings), (3, 0));
    assert_eq!(
        life(&log, "a"),
        [
            "2025-03-01 journey-opened {language:af,role:volunteer}",
            "2025-03-01 indicator-measured {indicator:hours,value:2.0}",
            "2025-03-05 indicator-measured {indicator:hours,value:1.5}",
        ]
    );
    let opened = |log: &Recorder| life(log, "a")[0][..10].to_owned();
    of("a;2025-03-05;1,5\na;2025-04-01;2\n");
    assert_eq!(opened(&log), "2025-03-01", "a later file does not move it on");
    of("a;2025-02-05;1,5\n");
    assert_eq!(opened(&log), "2025-02-05", "an earlier day does move it back");
}

#[test]
fn a_programme_has_its_own_stream_and_attributes_named_by_cells() {
    let text = r#"version = 1
source = "desk"
[anchor]
date = 2020-01-01
[[tables]]
file = "sites.csv"
programme = "site"
key = "site"
[[tables.facts]]
fact = "throughline.programme.programme-described.v1"
on = 2020-01-01
facts.programme = { column = "site" }
facts.attributes."beds-{kind}" = { column = "beds", as = "number" }
"#;
    let log = Recorder::default();
    import(&log, &mapping(text), files(&[("sites.csv", "site,kind,beds\nNorth House,night,12\n")]).path());
    let facts: Vec<String> = log.all().iter().map(|one| one.draft.event.facts_json().to_string()).collect();
    assert_eq!(facts[0], r#"{"attributes":{"beds-night":12.0},"programme":"north-house"}"#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Any bytes: every row ends somewhere, and nothing panics.
    #[test]
    fn no_bytes_stop_an_import(rows in proptest::collection::vec(any::<u8>(), 0..400)) {
        let directory = files(&[("people.csv", WHO), ("visits.csv", "")]);
        let bytes = [HEAD.as_bytes(), &rows].concat();
        std::fs::write(directory.path().join("visits.csv"), bytes).expect("a file for the test");
        let (report, _) = import(&Recorder::default(), &mapping(PEOPLE), directory.path());
        prop_assert_eq!(report.rows, report.files.iter().map(|file| file.rows).sum::<u64>());
    }

    #[test]
    fn no_cells_stop_an_import(cells in proptest::collection::vec("[0-9a-zA-Z:;./\\-,é ]{0,14}", 9)) {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        at(&format!("1,{}\n", quoted.join(",")));
    }
}
