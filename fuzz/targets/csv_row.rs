//! Rows of other systems: a CSV file by a mapping, and the tables of an HMIS export. The first byte says which file the
//! bytes are of. Every row has one end, and nothing is written.
#![no_main]

use std::{fs, path::Path, sync::Arc, sync::LazyLock, sync::atomic::AtomicBool};

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use throughline_exchange::{
    hmis,
    import::{BATCH_EVENTS, Completeness, Options, Report},
    mapped::{self, Mapping},
};
use throughline_log::Log;

const MAPPING: &str = r#"
version = 1
source = "fuzz"

[[tables]]
file = "rows.csv"
journey = "who"
key = "nr"
deleted = [{ column = "gone", is = "1" }]
recorded = "at"

[[tables.facts]]
fact = "throughline.intake.journey-opened.v1"
on = { date = "day" }

[[tables.facts]]
fact = "throughline.transaction.service-delivered.v1"
on = { date = "day" }
[tables.facts.facts]
service = { column = "what", map = { C = "counselling", W = "job-skills-workshop" } }
life_area = "employment"
format = "in-person"
minutes = { column = "hours", times = 60 }
[tables.facts.personal]
note = { column = "remarks" }
"#;

/// The tables whose bytes are made up, each beside the others as they are.
const TABLES: [&str; 5] = ["Export.csv", "Client.csv", "Enrollment.csv", "Exit.csv", "Services.csv"];

struct World {
    log: Log,
    mapping: Mapping,
    directory: TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let in_memory = Path::new("/dev/shm");
    let directory =
        if in_memory.exists() { TempDir::new_in(in_memory) } else { TempDir::new() }.expect("room for files");
    let log = Log::open(&directory.path().join("log"), Arc::new(|| jiff::Timestamp::UNIX_EPOCH));
    let mapping = Mapping::parse(MAPPING).unwrap_or_else(|error| panic!("{error}"));
    for table in ["mapped", "hmis"] {
        fs::create_dir(directory.path().join(table)).expect("a directory");
    }
    for (name, text) in USUAL {
        fs::write(directory.path().join("hmis").join(name), text).expect("a file");
    }
    World { log: log.expect("a log"), mapping, directory }
});

const USUAL: [(&str, &str); 4] = [
    (
        "Export.csv",
        "ExportID,SourceType,SourceID,SourceName,ExportDate,ExportStartDate,ExportEndDate,SoftwareName,CSVVersion\n\
         1,1,X,X,2026-01-02 00:00:00,2025-01-01,2026-01-01,X,2026 v1.0\n",
    ),
    (
        "Client.csv",
        "PersonalID,FirstName,LastName,DOB,DOBDataQuality,DateCreated,DateUpdated,UserID,DateDeleted,ExportID\n\
         1,A,B,1980-01-01,1,2025-01-01 00:00:00,2025-01-01 00:00:00,U,,1\n",
    ),
    (
        "Enrollment.csv",
        "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,RelationshipToHoH,DateCreated,DateUpdated,UserID,DateDeleted,ExportID\n\
         1,1,P,2025-02-03,H,1,2025-02-03 00:00:00,2025-02-03 00:00:00,U,,1\n",
    ),
    (
        "Exit.csv",
        "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DateCreated,DateUpdated,UserID,DateDeleted,ExportID\n\
         1,1,1,2025-05-06,410,2025-05-06 00:00:00,2025-05-06 00:00:00,U,,1\n",
    ),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let world = &*WORLD;
    let put = |directory: &str, name: &str, bytes: &[u8]| {
        fs::write(world.directory.path().join(directory).join(name), bytes).expect("a file");
    };
    if which % 2 == 0 {
        put("mapped", "rows.csv", bytes);
        let directory = world.directory.path().join("mapped");
        rehearse(|options| mapped::import(&world.mapping, &directory, &world.log, options).ok());
        return;
    }
    let table = TABLES[usize::from(which / 2) % TABLES.len()];
    put("hmis", table, bytes);
    let directory = world.directory.path().join("hmis");
    rehearse(|options| hmis::import(&directory, &world.log, options).ok());
    match USUAL.iter().find(|(name, _)| *name == table) {
        Some((name, text)) => put("hmis", name, text.as_bytes()),
        None => fs::remove_file(directory.join(table)).expect("it was written"),
    }
});

/// Imports without writing; every row read has one end.
fn rehearse(import: impl FnOnce(Options<'_>) -> Option<Report>) {
    let report = import(Options {
        dry_run: true,
        completeness: Completeness::Full,
        batch_events: BATCH_EVENTS,
        today: date(2026, 1, 2),
        cancel: &AtomicBool::new(false),
        brought: &|_, _| {},
        progress: &mut |_| {},
        rejected: &mut |_| Ok(()),
    });
    drop(report);
}
