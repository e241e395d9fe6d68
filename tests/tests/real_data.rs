//! Real histories, imported and read back: whatever the views say of a client is what that client's rows say. The rows
//! are read here a second time, by code that knows nothing of the import.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::atomic::AtomicBool,
};

use jiff::civil::{Date, date};
use serde_json::Value as Json;
use throughline_domain::{Fact, JourneyId};
use throughline_exchange::{
    hmis,
    import::{Completeness, Options, Report},
    journey_id,
};
use throughline_log::{AsOf, EventLog as _};
use throughline_tests::{World, real_data};

/// Destinations in permanent housing, FY2020 (HUD HMIS data dictionary, list 3.12.1). From FY2024 on they are 4xx.
const PERMANENT_2020: [u32; 13] = [3, 10, 11, 19, 20, 21, 22, 23, 26, 28, 31, 33, 34];
/// The last day on which anything was known of the stays of 2014 to 2019.
const END_OF_2019: Date = date(2019, 9, 30);
/// The same for the demo of 2026, which was exported in 2023 and runs to 2022.
const END_OF_2022: Date = date(2022, 9, 30);

/// A row, by the names of its columns.
type Row = BTreeMap<String, String>;

/// An export in a world of its own.
struct Imported {
    world: World,
    folder: PathBuf,
}

impl Imported {
    /// Imports on 2 June 2026; twice on the way, and at the end, the views take in what is there.
    fn of(set: &str) -> Option<Self> {
        let folder = real_data(set)?;
        let imported = Self { world: World::new(), folder };
        imported.world.clock.set("2026-06-02T08:00:00Z".parse().expect("a time"));
        let report = imported.again();
        assert!(report.events > 0);
        assert_eq!(report.rejected, 0);
        assert_eq!(imported.world.log.events(), report.events + 1, "its events, and the report of it");
        Some(imported)
    }

    fn again(&self) -> Report {
        let mut batches = 0;
        let options = Options {
            dry_run: false,
            completeness: Completeness::AsTheSourceSays,
            batch_events: 2_000,
            today: date(2026, 6, 2),
            cancel: &AtomicBool::new(false),
            brought: &|_, _| {},
            progress: &mut |_| {
                batches += 1;
                if [3, 30].contains(&batches) {
                    self.world.caught_up();
                }
            },
            rejected: &mut |_| Ok(()),
        };
        let report = hmis::import(&self.folder, &*self.world.log, options).expect("the export comes in");
        self.world.caught_up();
        report
    }

    fn journey(&self, person: &str) -> JourneyId {
        journey_id(self.world.log.namespace(), &format!("hmis:{person}")).expect("a key")
    }

    fn view(&self, name: &str, person: &str, on: Date) -> Json {
        let answer = self.world.runtime.answer(name, self.journey(person), AsOf::Now, None, on);
        answer.expect("a view of a client who was imported").body
    }

    fn facts(&self, person: &str) -> Vec<Fact> {
        self.world.runtime.life(self.journey(person), AsOf::Now).expect("a life").facts
    }

    /// The rows of a table, all of them.
    fn rows(&self, table: &str) -> Vec<Row> {
        let path = self.folder.join(format!("{table}.csv"));
        let mut rows = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{error}"));
        let head = rows.headers().expect("a header").clone();
        let named = |row: csv::StringRecord| {
            head.iter().zip(&row).map(|(name, cell)| (name.into(), cell.into())).collect()
        };
        rows.records().map(|row| named(row.expect("a row"))).collect()
    }

    /// The rows of a table about one person.
    fn rows_of(&self, table: &str, person: &str) -> Vec<Row> {
        self.rows(table).into_iter().filter(|row| row["PersonalID"] == person).collect()
    }

    fn everybody(&self) -> Vec<String> {
        self.rows("Client").iter().map(|row| row["PersonalID"].clone()).collect()
    }

    /// A person's stays as their rows tell them, by the day they began.
    fn stays(&self, person: &str) -> Vec<Stay> {
        let exits = self.rows_of("Exit", person);
        let mut stays: Vec<Stay> = self
            .rows_of("Enrollment", person)
            .iter()
            .map(|row| Stay {
                began: day(&row["EntryDate"]),
                programme: format!("hmis-{}", row["ProjectID"]),
                exit: exits.iter().find(|exit| exit["EnrollmentID"] == row["EnrollmentID"]).map(|exit| {
                    Exit {
                        on: day(&exit["ExitDate"]),
                        destination: exit["Destination"].parse().expect("a code"),
                    }
                }),
            })
            .collect();
        stays.sort();
        stays
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stay {
    began: Date,
    programme: String,
    exit: Option<Exit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Exit {
    on: Date,
    destination: u32,
}

impl Exit {
    fn is_permanent(self) -> bool {
        PERMANENT_2020.contains(&self.destination) || (400..500).contains(&self.destination)
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

fn array(value: &Json) -> &[Json] {
    value.as_array().unwrap_or_else(|| panic!("no array: {value}"))
}

/// The days on which a fact of this name occurred, with one of its fields.
fn told(facts: &[Fact], name: &str, field: &str) -> Vec<(Date, String)> {
    let named = facts.iter().filter(|fact| fact.event.fact_name() == name);
    let mut told: Vec<(Date, String)> = named
        .map(|fact| {
            let facts = fact.event.facts_json();
            let value = facts.pointer(field).and_then(Json::as_str).unwrap_or_default();
            (fact.occurred.day(), value.to_owned())
        })
        .collect();
    told.sort();
    told
}

fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort();
    values
}

/// The facts of a life against the rows of the stays.
fn facts_are_the_rows(imported: &Imported, person: &str) {
    let (facts, stays) = (imported.facts(person), imported.stays(person));
    let began = sorted(stays.iter().map(|stay| (stay.began, stay.programme.clone())));
    assert_eq!(told(&facts, "enrolled", "/programme"), began, "{person}");
    let held = sorted(stays.iter().map(|stay| (stay.began, String::new())));
    assert_eq!(told(&facts, "intake-held", "/nothing"), held, "{person}");
    let exits: Vec<Exit> = stays.iter().filter_map(|stay| stay.exit).collect();
    let left = sorted(exits.iter().map(|exit| (exit.on, format!("hmis-{}", exit.destination))));
    assert_eq!(told(&facts, "exited", "/destination/code"), left, "{person}");
    let reached = exits.iter().filter(|exit| exit.is_permanent());
    let reached = sorted(reached.map(|exit| (exit.on, "permanent-housing".to_owned())));
    assert_eq!(told(&facts, "outcome-reached", "/what"), reached, "{person}");
    let opened = told(&facts, "journey-opened", "/role");
    assert_eq!(opened, [(stays[0].began, "participant".to_owned())], "{person}");
}

/// The view of outcomes against the rows of the stays.
fn outcomes_are_the_rows(imported: &Imported, person: &str, on: Date) {
    let (view, stays) = (imported.view("outcomes", person, on), imported.stays(person));
    let intake = stays[0].began;
    assert_eq!(view["intake"]["date"], intake.to_string(), "{person}");
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let shown = array(&view["stays"]).iter().map(|stay| {
        assert_eq!(
            stay["end"],
            if stay["recorded"].is_null() { "open" } else { "recorded" },
            "{person}: {stay}"
        );
        let exit = &stay["recorded"];
        (
            text(&stay["began"]["date"]),
            text(&stay["programme"]),
            text(&stay["exit"]),
            text(&exit["destination_code"]),
        )
    });
    let rows = stays.iter().map(|stay| {
        let exit = stay.exit.map(|exit| (exit.on.to_string(), format!("hmis-{}", exit.destination)));
        let (on, destination) = exit.unwrap_or_default();
        (stay.began.to_string(), stay.programme.clone(), on, destination)
    });
    assert_eq!(sorted(shown), sorted(rows), "{person}");

    let permanent =
        stays.iter().filter_map(|stay| Some((stay, stay.exit.filter(|exit| exit.is_permanent())?)));
    let expected = sorted(permanent.map(|(stay, exit)| {
        let later = stays.iter().filter(|later| later.began > exit.on);
        let later = sorted(later.map(|later| (days(exit.on, later.began), later.programme.clone())));
        (exit.on.to_string(), days(intake, exit.on), days(stay.began, exit.on), later)
    }));
    let number = |value: &Json| value.as_i64().unwrap_or_else(|| panic!("{person}: no number: {value}"));
    let found = sorted(array(&view["outcomes"]).iter().map(|outcome| {
        let later = array(&outcome["later_enrolments"]).iter();
        let later = later.map(|later| (number(&later["days_since_exit"]), text(&later["programme"])));
        let later = sorted(later.filter(|(days, _)| *days > 0));
        let from_intake = number(&outcome["days_from_intake"]);
        (text(&outcome["reached"]["date"]), from_intake, number(&outcome["days_from_enrolment"]), later)
    }));
    assert_eq!(found, expected, "{person}");
    for outcome in array(&view["outcomes"]) {
        assert_eq!(outcome["what"], "permanent-housing");
        assert_eq!(outcome["spells"][0]["shown_by"], "destination-recorded", "an exit is no later look");
        assert!(
            outcome["holding"].is_null() && outcome["durability"] != "durable",
            "nobody looked: {outcome}"
        );
    }
}

/// The days on which the rows say that somebody from the programme and the client met.
fn last_contact(imported: &Imported, person: &str) -> Date {
    let days = |table: &str, column: &str| -> Vec<Date> {
        imported.rows_of(table, person).iter().map(|row| day(&row[column])).collect()
    };
    let met = [
        days("Enrollment", "EntryDate"),
        days("Services", "DateProvided"),
        days("CurrentLivingSituation", "InformationDate"),
    ];
    met.concat().into_iter().max().expect("an intake at least")
}

fn engagement_is_the_rows(imported: &Imported, person: &str, on: Date) {
    let silence = &imported.view("engagement", person, on)["silence"];
    let last = last_contact(imported, person);
    assert_eq!(silence["last_contact"]["on"], last.to_string(), "{person}");
    assert_eq!(silence["days"], days(last, on), "{person}");
    assert_eq!(silence["attempts"], 0, "no table tells of attempts");
    assert_ne!(silence["standing"], "in-touch", "{person} has been silent for years");
}

/// Nobody was asked, so nothing is said; above all not that all is well.
fn satisfaction_is_empty_and_honest(imported: &Imported, person: &str, on: Date) {
    let view = imported.view("satisfaction", person, on);
    for (rate, count) in [
        ("/ratings/csat/share", "/ratings/csat/n"),
        ("/ratings/nps/points", "/ratings/nps/n"),
        ("/ratings/surveys/response_rate", "/ratings/surveys/sent"),
        ("/requests/median_days", "/requests/received"),
    ] {
        assert_eq!(view.pointer(rate), Some(&Json::Null), "{person}: {rate}");
        assert_eq!(view.pointer(count), Some(&Json::from(0)), "{person}: {count}");
    }
    assert_eq!(view["concerns"]["raised"], 0);
    assert_eq!(view["expectations"]["set"], 0);
}

fn nothing_was_known_before(imported: &Imported, person: &str) {
    let eve = AsOf::Time("2026-06-01T23:59:59Z".parse().expect("a time"));
    let runtime = &imported.world.runtime;
    let life = runtime.life(imported.journey(person), eve).expect("a life");
    assert_eq!((life.version.0, life.facts.len(), life.recorded.len()), (0, 0, 0), "{person}");
    let then = runtime.answer("outcomes", imported.journey(person), eve, None, END_OF_2022).expect("a view");
    assert!(array(&then.body["stays"]).is_empty() && array(&then.body["outcomes"]).is_empty(), "{person}");
    let morning = AsOf::Time("2026-06-02T08:00:01Z".parse().expect("a time"));
    let life = runtime.life(imported.journey(person), morning).expect("a life");
    assert!(!life.facts.is_empty(), "{person}");
}

fn rebuilt_is_live(imported: &Imported, people: &[String], on: Date) {
    let journeys: Vec<JourneyId> = people.iter().map(|person| imported.journey(person)).collect();
    let live = imported.world.says(&journeys, AsOf::Now, on);
    imported.world.runtime.rebuild(None, &|_, _| {}).expect("the views are rebuilt");
    assert_eq!(live, imported.world.says(&journeys, AsOf::Now, on));
}

fn a_second_import_adds_nothing(imported: &Imported) {
    let before = imported.world.log.events();
    let again = imported.again();
    assert_eq!((again.events, again.repeated + 1), (0, before));
    assert_eq!(imported.world.log.events(), before);
}

/// Exits to permanent housing and the returns after them, computed by others from the same rows.
fn returns_are_those_computed_by_others(imported: &Imported) {
    let path = imported.folder.join("EXPECTED.json");
    let expected: Json = serde_json::from_slice(&fs::read(path).expect("the figures")).expect("JSON");
    let began: BTreeMap<String, (String, String)> = imported
        .rows("Enrollment")
        .into_iter()
        .map(|row| {
            (row["EnrollmentID"].clone(), (row["EntryDate"].clone(), format!("hmis-{}", row["ProjectID"])))
        })
        .collect();
    let (mut exits, mut returns) = (BTreeSet::new(), 0);
    for row in
        expected["results"].as_object().expect("results").values().flat_map(|result| array(&result["detail"]))
    {
        let cell = |nth: usize| row[nth].as_str().expect("text");
        let view = imported.view("outcomes", cell(0), END_OF_2019);
        let (entry, programme) = &began[cell(1)];
        let code = format!("hmis-{}", cell(3));
        let stay = array(&view["stays"]).iter().find(|stay| {
            stay["began"]["date"] == *entry && stay["programme"] == *programme && stay["exit"] == row[2]
        });
        let stay = stay.unwrap_or_else(|| panic!("no such stay: {row}"));
        assert_eq!(stay["recorded"]["destination_code"], code, "{row}");
        assert_eq!(stay["recorded"]["destination"], "permanent", "{row}");
        let outcomes = array(&view["outcomes"]).iter().filter(|outcome| outcome["reached"]["date"] == row[2]);
        let outcomes: Vec<&Json> = outcomes.collect();
        assert!(!outcomes.is_empty(), "no outcome at {row}");
        exits.insert(cell(1).to_owned());
        if let Some(returned) = row[4].as_str() {
            let (entry, programme) = &began[returned];
            let shown = outcomes.iter().any(|outcome| {
                array(&outcome["later_enrolments"]).iter().any(|later| {
                    later["began"]["date"] == *entry
                        && later["programme"] == *programme
                        && later["days_since_exit"] == row[5]
                })
            });
            assert!(shown, "the return of {row} is not among {outcomes:#?}");
            returns += 1;
        }
    }
    assert!(exits.len() > 60 && returns > 100, "{} exits, {returns} returns", exits.len());
}

#[test]
fn five_years_of_stays_are_told_as_their_rows_tell_them() {
    let Some(imported) = Imported::of("hmis/longitudinal_2014_2019") else { return };
    let everybody = imported.everybody();
    assert_eq!(everybody.len(), 64);
    let stays = imported.stays("62547");
    let exits = stays.iter().map(|stay| stay.exit.expect("an exit").destination);
    assert_eq!(exits.collect::<Vec<_>>(), [5, 10, 10, 3, 2, 20], "the rows are read as they stand");
    for person in &everybody {
        facts_are_the_rows(&imported, person);
        outcomes_are_the_rows(&imported, person, END_OF_2019);
        satisfaction_is_empty_and_honest(&imported, person, END_OF_2019);
        nothing_was_known_before(&imported, person);
    }
    engagement_is_the_rows(&imported, "62547", END_OF_2019);
    returns_are_those_computed_by_others(&imported);
    rebuilt_is_live(&imported, &everybody, END_OF_2019);
    a_second_import_adds_nothing(&imported);
}

#[test]
fn a_whole_demo_export_is_told_as_its_rows_tell_it() {
    let Some(imported) = Imported::of("hmis/demo_2026") else { return };
    for person in ["602428", "2616"] {
        facts_are_the_rows(&imported, person);
        outcomes_are_the_rows(&imported, person, END_OF_2022);
        engagement_is_the_rows(&imported, person, END_OF_2022);
        satisfaction_is_empty_and_honest(&imported, person, END_OF_2022);
        nothing_was_known_before(&imported, person);
    }
    let facts = imported.facts("602428");
    let seen = imported.rows_of("CurrentLivingSituation", "602428");
    let seen = sorted(seen.iter().map(|row| (day(&row["InformationDate"]), String::new())));
    assert_eq!(told(&facts, "check-in-held", "/nothing"), seen);
    let referred = imported.rows_of("Event", "602428");
    let made = sorted(referred.iter().map(|row| day(&row["EventDate"])));
    let told_made: Vec<Date> = told(&facts, "referral-made", "/to").into_iter().map(|(on, _)| on).collect();
    assert_eq!(told_made, made);
    let some: Vec<String> = imported.everybody().into_iter().step_by(20).collect();
    rebuilt_is_live(&imported, &some, END_OF_2022);
}
