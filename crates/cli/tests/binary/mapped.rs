//! CSV files by a mapping, a proposed mapping, and files of events, through the command line.

use std::{fs, path::Path};

use serde_json::json;

use crate::place::{Place, text};

const MAPPING: &str = r#"version = 1
source = "desk"

[[tables]]
file = "visits.csv"
journey = "client"
key = "nr"

[[tables.facts]]
fact = "throughline.transaction.service-delivered.v1"
on = { date = "day" }
facts = { service = { column = "what" }, life_area = "wellbeing", format = "in-person" }
"#;
const VISITS: &str =
    "nr,client,day,what\n1,c1,2025-01-05,counselling\n2,c1,2025-01-12,workshop\n3,c2,,workshop\n";

/// A directory with the visits, and the mapping beside it.
fn visits(place: &Place) -> (String, String) {
    let directory = place.beside("files");
    fs::create_dir_all(&directory).expect("a directory beside the data");
    fs::write(directory.join("visits.csv"), VISITS).expect("a file beside the data");
    (place.file("desk.toml", MAPPING), text(&directory).to_owned())
}

#[test]
fn files_come_in_by_a_mapping_and_a_journey_is_named_by_its_source() {
    let place = Place::empty();
    let (mapping, directory) = visits(&place);
    let rehearsed = place.json(["import", "csv", "--mapping", &mapping, &directory, "--dry-run"]);
    assert_eq!((&rehearsed["events"], &rehearsed["rejected"]), (&json!(3), &json!(1)));
    assert!(!place.data().exists(), "a rehearsal makes no log");

    let file = place.beside("rejected.csv");
    let args =
        ["import", "csv", "--mapping", &mapping, &directory, "--strict", "--rejected", text(&file), "--json"];
    let report = place.run(args).is(1).json();
    assert_eq!(
        (&report["source"], &report["rows"], &report["events"]),
        (&json!("desk"), &json!(3), &json!(3))
    );
    let rejected = fs::read_to_string(&file).expect("the rejected row");
    assert!(rejected.contains("visits.csv,4,day,date-missing"), "{rejected}");
    let again = place.json(["import", "csv", "--mapping", &mapping, &directory]);
    assert_eq!((&again["events"], &again["repeated"]), (&json!(0), &json!(3)));
    let history = place.json(["history", "desk:c1"]);
    assert_eq!(history["events"].as_array().map(Vec::len), Some(3), "opened, and two services: {history}");
    place.json(["show", "desk:c1", "--on", "2025-02-01"]);

    fs::write(Path::new(&directory).join("visits.csv"), &VISITS[..VISITS.find("2,c1").expect("row 2")])
        .expect("less");
    let full = place.json(["import", "csv", "--mapping", &mapping, &directory, "--full"]);
    assert_eq!(full["retractions"], 1, "{full}");
}

#[test]
fn a_mapping_that_does_not_hold_is_refused_with_its_lines_and_makes_no_log() {
    let place = Place::empty();
    let (_, directory) = visits(&place);
    let bad =
        place.file("bad.toml", &MAPPING.replace("service = ", "servise = ").replace("source = \"desk\"", ""));
    place.run(["import", "csv", "--mapping", &bad, &directory]).refuses(
        3,
        &["bad.toml", "line 1", "`source` names no system", "line 12", "did you mean `service`?"],
    );
    let column = place.file("column.toml", &MAPPING.replace("\"what\"", "\"kind\""));
    place
        .run(["import", "csv", "--mapping", &column, &directory])
        .refuses(3, &["line 12", "has no column `kind`"]);
    assert!(!place.data().exists(), "nothing was begun");
    place.run(["import", "csv", &directory]).refuses(2, &["--mapping"]);
}

#[test]
fn a_proposal_is_printed_and_works_once_a_fact_is_chosen() {
    let place = Place::empty();
    let (_, directory) = visits(&place);
    let proposal = place.run(["import", "csv", "--guess", &directory]).is(0).out;
    assert!(!place.data().exists(), "a proposal makes no log");
    let block = proposal.find("#: fact = \"throughline.check-in.check-in-held.v1\"").expect("a check-in");
    let end = proposal[block..].find("\n\n").map_or(proposal.len(), |end| block + end);
    let begin = proposal[..block].rfind("#: [[tables.facts]]").expect("its beginning");
    let chosen =
        format!("{}{}{}", &proposal[..begin], proposal[begin..end].replace("#: ", ""), &proposal[end..]);
    let mapping = place.file("chosen.toml", &chosen);
    let report = place.json(["import", "csv", "--mapping", &mapping, &directory]);
    assert_eq!((&report["rows"], &report["events"], &report["rejected"]), (&json!(3), &json!(3), &json!(1)));
}

#[test]
fn events_come_in_from_a_file_or_standard_input() {
    let from = Place::with_demo();
    let history = from.json(["history", "demo:1"]);
    let events = history["events"].as_array().expect("events");
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    let place = Place::empty();
    let file = place.file("events.ndjson", &format!("{}\nnot an event\n", lines.join("\n")));
    let rehearsed = place.run(["import", "events", &file, "--dry-run", "--json"]).is(0).json();
    assert_eq!(rehearsed["events"], lines.len());
    let report = place.run(["import", "events", &file, "--strict", "--json"]).is(1).json();
    assert_eq!((&report["events"], &report["rejected"]), (&json!(lines.len()), &json!(1)));
    let list = format!("[{}]", lines.join(","));
    let again = place.run_with(["import", "events", "-", "--json"], &list).is(0).json();
    assert_eq!((&again["events"], &again["repeated"]), (&json!(0), &json!(lines.len())));
}
