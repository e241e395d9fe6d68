//! The checks of HMIS over a real export: how many problems each rule finds is how many rows break it. The rows are read
//! here a second time, by code that knows nothing of the import or of the view.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::atomic::AtomicBool,
};

use jiff::civil::{Date, date};
use throughline_exchange::{
    hmis,
    import::{Completeness, Options},
};
use throughline_log::EventLog as _;
use throughline_runtime::{Filter, Work};
use throughline_tests::{World, real_data};

/// Long after the last row.
const TODAY: Date = date(2026, 6, 2);
/// The client does not know, will not say, or was not asked.
const UNSAID: [&str; 4] = ["", "8", "9", "99"];
/// Types of projects that ask for income.
const ASKING: [&str; 10] = ["0", "2", "3", "4", "6", "8", "9", "10", "12", "13"];
const PERMANENT: [&str; 4] = ["3", "9", "10", "13"];
const RACES: [&str; 7] = [
    "AmIndAKNative",
    "Asian",
    "BlackAfAmerican",
    "HispanicLatinao",
    "MidEastNAfrican",
    "NativeHIPacific",
    "White",
];
const INCOME: [(&str, &str); 15] = [
    ("Earned", "EarnedAmount"),
    ("Unemployment", "UnemploymentAmount"),
    ("SSI", "SSIAmount"),
    ("SSDI", "SSDIAmount"),
    ("VADisabilityService", "VADisabilityServiceAmount"),
    ("VADisabilityNonService", "VADisabilityNonServiceAmount"),
    ("PrivateDisability", "PrivateDisabilityAmount"),
    ("WorkersComp", "WorkersCompAmount"),
    ("TANF", "TANFAmount"),
    ("GA", "GAAmount"),
    ("SocSecRetirement", "SocSecRetirementAmount"),
    ("Pension", "PensionAmount"),
    ("ChildSupport", "ChildSupportAmount"),
    ("Alimony", "AlimonyAmount"),
    ("OtherIncomeSource", "OtherIncomeAmount"),
];

/// A row, by the names of its columns.
type Row = BTreeMap<String, String>;

/// The tables that the counts are taken from.
struct Rows {
    clients: BTreeMap<String, Row>,
    enrolments: Vec<Row>,
    exits: BTreeMap<String, Row>,
    /// The type of each project.
    kinds: BTreeMap<String, String>,
    /// Income by enrolment and stage.
    incomes: BTreeMap<(String, String), Row>,
    nights: BTreeSet<(String, String)>,
}

fn read(folder: &Path, table: &str) -> Vec<Row> {
    let path = folder.join(format!("{table}.csv"));
    let mut rows = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{error}"));
    let head = rows.headers().expect("a header").clone();
    let named = |row: csv::StringRecord| {
        head.iter().zip(&row).map(|(name, cell)| (name.into(), cell.into())).collect()
    };
    rows.records().map(|row| named(row.expect("a row"))).collect()
}

impl Rows {
    fn of(folder: &Path) -> Self {
        let by = |table: &str, key: &str| -> BTreeMap<String, Row> {
            read(folder, table).into_iter().map(|row| (row[key].clone(), row)).collect()
        };
        let nights = read(folder, "Services").into_iter().filter(|row| row["RecordType"] == "200");
        let incomes = read(folder, "IncomeBenefits").into_iter();
        Self {
            clients: by("Client", "PersonalID"),
            enrolments: read(folder, "Enrollment"),
            exits: by("Exit", "EnrollmentID"),
            kinds: by("Project", "ProjectID")
                .into_iter()
                .map(|(key, row)| (key, row["ProjectType"].clone()))
                .collect(),
            incomes: incomes
                .map(|row| ((row["EnrollmentID"].clone(), row["DataCollectionStage"].clone()), row))
                .collect(),
            nights: nights.map(|row| (row["EnrollmentID"].clone(), row["DateProvided"].clone())).collect(),
        }
    }

    fn stays(&self, breaks: impl Fn(&Row) -> bool) -> usize {
        self.enrolments.iter().filter(|row| breaks(row)).count()
    }

    fn people(&self, breaks: impl Fn(&Row) -> bool) -> usize {
        let enrolled: BTreeSet<&String> = self.enrolments.iter().map(|row| &row["PersonalID"]).collect();
        self.clients.iter().filter(|(key, row)| enrolled.contains(key) && breaks(row)).count()
    }

    fn is_of(&self, stay: &Row, kinds: &[&str]) -> bool {
        kinds.contains(&self.kinds[&stay["ProjectID"]].as_str())
    }

    /// Head of a household, or 18 years old at entry.
    fn answers(&self, stay: &Row) -> bool {
        let born: Option<Date> = self.clients[&stay["PersonalID"]]["DOB"].parse().ok();
        let grown_up = born
            .is_some_and(|born| born.saturating_add(jiff::Span::new().years(18)) <= day(&stay["EntryDate"]));
        stay["RelationshipToHoH"] == "1" || grown_up
    }

    /// Whether there was any income, as answered at this stage, with whether a source is named.
    fn income(&self, stay: &Row, stage: &str) -> Option<(bool, bool)> {
        let row = self.incomes.get(&(stay["EnrollmentID"].clone(), stage.to_owned()))?;
        let amount = |column: &str| row[column].parse::<f64>().unwrap_or(0.0);
        let source = INCOME.iter().any(|(source, sum)| row[*source] == "1" || amount(sum) != 0.0);
        let any = &row["IncomeFromAnySource"];
        (any == "0" || any == "1").then(|| (any == "1", source))
    }

    fn asks_income(&self, stay: &Row) -> bool {
        self.is_of(stay, &ASKING) && self.answers(stay)
    }

    fn moved_in_outside(&self, stay: &Row) -> bool {
        let Ok(moved) = stay["MoveInDate"].parse::<Date>() else { return false };
        let exit = self.exits.get(&stay["EnrollmentID"]);
        self.is_of(stay, &PERMANENT)
            && (moved < day(&stay["EntryDate"]) || exit.is_some_and(|exit| moved > day(&exit["ExitDate"])))
    }

    /// What each rule should find.
    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let unsaid = |row: &Row, column: &str| UNSAID.contains(&row[column].as_str());
        let left = |stay: &Row| self.exits.get(&stay["EnrollmentID"]);
        let night = |stay: &Row, on: &str| {
            self.is_of(stay, &["1"]) && self.nights.contains(&(stay["EnrollmentID"].clone(), on.to_owned()))
        };
        let conflict = |stay: &Row, stage| {
            self.asks_income(stay) && self.income(stay, stage).is_some_and(|(any, source)| any != source)
        };
        let veteran = |row: &Row| row["VeteranStatus"] == "1";
        BTreeMap::from([
            ("relationship-missing", self.stays(|stay| unsaid(stay, "RelationshipToHoH"))),
            ("move-in-outside-stay", self.stays(|stay| self.moved_in_outside(stay))),
            ("disability-unknown", self.stays(|stay| unsaid(stay, "DisablingCondition"))),
            (
                "prior-living-unknown",
                self.stays(|stay| self.answers(stay) && unsaid(stay, "LivingSituation")),
            ),
            ("length-of-stay-unknown", self.stays(|stay| self.answers(stay) && unsaid(stay, "LengthOfStay"))),
            ("income-conflicting-at-entry", self.stays(|stay| conflict(stay, "1"))),
            ("income-conflicting-at-exit", self.stays(|stay| conflict(stay, "3"))),
            (
                "income-missing-at-entry",
                self.stays(|stay| self.asks_income(stay) && self.income(stay, "1").is_none()),
            ),
            (
                "income-missing-at-exit",
                self.stays(|stay| {
                    left(stay).is_some() && self.asks_income(stay) && self.income(stay, "3").is_none()
                }),
            ),
            (
                "entry-night-missing",
                self.stays(|stay| self.is_of(stay, &["1"]) && !night(stay, &stay["EntryDate"])),
            ),
            (
                "night-on-exit-day",
                self.stays(|stay| left(stay).is_some_and(|exit| night(stay, &exit["ExitDate"]))),
            ),
            (
                "destination-missing",
                self.stays(|stay| {
                    left(stay).is_some_and(|exit| {
                        unsaid(exit, "Destination") || ["30", "37"].contains(&exit["Destination"].as_str())
                    })
                }),
            ),
            (
                "destination-subsidy-missing",
                self.stays(|stay| {
                    left(stay).is_some_and(|exit| {
                        exit["Destination"] == "435" && unsaid(exit, "DestinationSubsidyType")
                    })
                }),
            ),
            ("name-incomplete", self.people(|person| person["NameDataQuality"] != "1")),
            ("race-unknown", self.people(|person| RACES.iter().all(|race| person[*race] != "1"))),
            ("branch-missing", self.people(|person| veteran(person) && unsaid(person, "MilitaryBranch"))),
            ("discharge-missing", self.people(|person| veteran(person) && unsaid(person, "DischargeStatus"))),
        ])
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn imported(folder: &Path) -> World {
    let world = World::new();
    world.clock.set("2026-06-02T08:00:00Z".parse().expect("a time"));
    let options = Options {
        dry_run: false,
        batch_events: 5_000,
        today: TODAY,
        completeness: Completeness::default(),
        cancel: &AtomicBool::new(false),
        brought: &|_, _| {},
        progress: &mut |_| {},
        rejected: &mut |_| Ok(()),
    };
    let report = hmis::import(folder, &*world.log, options).expect("the export comes in");
    // One more: the report of the import is an event too.
    assert_eq!((report.rejected, report.events + 1), (0, world.log.events()));
    world.caught_up();
    world
}

fn lines(world: &World, filter: &Filter) -> Vec<Work> {
    world.runtime.work("data-quality", filter, TODAY).expect("the work list")
}

/// Every line has one worker and at most one site, and is on their lists and on no other's.
fn the_lists_of_workers_and_sites_are_the_whole_list(world: &World, whole: &[Work]) {
    let count = |of: &dyn Fn(&Work) -> Option<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for of in whole.iter().filter_map(of) {
            *counts.entry(of).or_default() += 1;
        }
        counts
    };
    let workers = count(&|line| line.worker.as_ref().map(ToString::to_string));
    assert!(workers.len() > 5, "{workers:?}");
    assert_eq!(workers.values().sum::<usize>(), whole.len(), "every row of an export has a user");
    for (worker, lines_there) in workers {
        let filter = Filter { worker: worker.parse().ok(), ..Filter::default() };
        assert_eq!(lines(world, &filter).len(), lines_there, "{worker}");
    }
    for (site, lines_there) in count(&|line| line.site.as_ref().map(ToString::to_string)) {
        let filter = Filter { site: site.parse().ok(), ..Filter::default() };
        assert_eq!(lines(world, &filter).len(), lines_there, "{site}");
    }
}

#[test]
fn each_rule_finds_the_rows_that_break_it() {
    let Some(folder) = real_data("hmis/demo_2026") else { return };
    let world = imported(&folder);
    let whole = lines(&world, &Filter::default());
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &whole {
        *found.entry(line.item.what.as_str()).or_default() += 1;
    }
    let expected = Rows::of(&folder).counts();
    let counted = expected.keys().map(|rule| (*rule, found.get(rule).copied().unwrap_or(0)));
    assert_eq!(counted.collect::<BTreeMap<_, _>>(), expected, "of {found:#?}");
    assert!(expected.values().filter(|count| **count > 0).count() > 12, "{expected:?}");
    the_lists_of_workers_and_sites_are_the_whole_list(&world, &whole);
}
