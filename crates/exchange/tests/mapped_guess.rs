//! A mapping proposed for files nobody described: TOML that is complete once a fact is chosen.

mod mapping;
mod recorder;

use std::path::Path;

use jiff::civil::date;
use mapping::{data, faults, files, import, mapping};
use recorder::Recorder;
use throughline_exchange::mapped;

const CLIENTS: &str = "ClientID,First name,Last name,Date of birth,Gender,Registered,Phone\n\
    c1,Thandi,Mokoena,1990-05-06,F,2025-01-02,082 555\nc2,Sipho,Dlamini,1988-01-02,M,2025-01-05,083 555\n";
const VISITS: &str = "ClientID,Visit date,Service,Minutes,Came,Remarks\n\
    c1,2025-01-05,counselling,50,yes,She wants to go on\nc1,2025-01-12,workshop,90,no,\n\
    c2,2025-01-12,workshop,90,yes,\nc2,2025-01-19,counselling,45,yes,Second talk went well\n";

fn guess(path: &Path) -> String {
    mapped::guess(path, date(2026, 11, 21)).unwrap_or_else(|error| panic!("{error}"))
}

/// The proposal with the blocks of these facts chosen: `#: ` taken away in front of their lines.
fn choose(proposal: &str, facts: &[&str]) -> String {
    let mut chosen = String::new();
    let mut taking = false;
    let mut lines = proposal.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(proposed) = line.strip_prefix("#:") else {
            taking = false;
            chosen.extend([line, "\n"]);
            continue;
        };
        if proposed.trim() == "[[tables.facts]]" {
            taking = lines.peek().is_some_and(|next| facts.iter().any(|fact| next.contains(fact)));
        }
        let line = if taking { proposed.trim_start() } else { line };
        chosen.extend([line, "\n"]);
    }
    chosen
}

#[test]
fn a_proposal_is_refused_until_a_fact_is_chosen_and_works_then() {
    let directory = files(&[("clients.csv", CLIENTS), ("visits.csv", VISITS)]);
    let proposal = guess(directory.path());
    assert!(proposal.contains("journey = \"ClientID\""), "{proposal}");
    let told = faults(&proposal);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|fault| fault.contains("gives no facts")), "{told:?}");

    let chosen = choose(&proposal, &["journey-opened", "service-delivered"]);
    let log = Recorder::default();
    let (report, rejected) = import(&log, &mapping(&chosen), directory.path());
    assert!(rejected.is_empty() && report.warnings == 0, "{report:#?}\n{chosen}");
    assert_eq!((report.rows, report.events), (6, 6));
    let opened = &log.all()[0].draft;
    assert_eq!(opened.event.personal_json()["name"], "Thandi Mokoena");
    assert_eq!(opened.event.personal_json()["born"], "1990-05-06");
    assert_eq!(opened.occurred.to_string(), "2025-01-02", "the day of registration and not of birth");
    assert_eq!(opened.event.facts_json()["attributes"]["gender"], "f");
    let service = &log.all()[2].draft;
    assert_eq!(service.event.facts_json()["service"], "counselling");
    assert_eq!(service.event.facts_json()["minutes"], 50);
}

#[test]
fn every_fact_that_is_proposed_works() {
    let directory = files(&[("visits.csv", VISITS)]);
    let proposal = guess(&directory.path().join("visits.csv"));
    let proposed: Vec<&str> = proposal.lines().filter_map(|line| line.strip_prefix("#: fact = ")).collect();
    assert!(proposed.len() >= 5, "{proposal}");
    for fact in proposed {
        let chosen = choose(&proposal, &[fact]);
        let (report, rejected) = import(&Recorder::default(), &mapping(&chosen), directory.path());
        assert!(rejected.is_empty(), "{fact}: {rejected:#?}");
        assert!(report.events >= 4, "{fact}: {report:#?}");
    }
}

#[test]
fn other_marks_between_cells_and_files_without_persons_or_days_are_met() {
    let directory = files(&[("uren.csv", "Naam;Uren;Bedrag\nJan;1,5;1.200,50\nPiet;2,25;30,00\n")]);
    let proposal = guess(&directory.path().join("uren.csv"));
    assert!(proposal.contains("delimiter = \";\"\ndecimal = \",\"\n"), "{proposal}");
    assert!(proposal.contains("\"Bedrag\": numbers"), "{proposal}");
    assert!(proposal.contains("journey = { row = \"number\" }"), "{proposal}");
    let chosen = choose(&proposal, &["indicator-measured"]);
    assert!(chosen.contains("CHOOSE the column of the day"), "a second choice is left");
    let chosen = chosen.replace("{ date = \"CHOOSE the column of the day\" }", "2025-01-01");
    let log = Recorder::default();
    import(&log, &mapping(&chosen), directory.path());
    let values: Vec<String> =
        log.all().iter().map(|one| one.draft.event.facts_json()["value"].to_string()).collect();
    assert!(values.contains(&"1200.5".to_owned()), "{values:?}");
}

#[test]
fn odd_names_give_a_proposal_that_is_toml_still() {
    let text = "\"a \"\"b\"\"\",\\x,{y},,née,a b\n1,2,3,4,5,6\n";
    let directory = files(&[("odd name.csv", text)]);
    let proposal = guess(directory.path());
    assert!(faults(&proposal).iter().all(|fault| fault.contains("gives no facts")), "{proposal}");
    let empty = files(&[("empty.csv", "")]);
    assert!(mapped::guess(empty.path(), date(2026, 11, 21)).is_err());
}

#[test]
fn the_real_tables_are_recognised() {
    let Some(directory) = data("ctn0094") else { return };
    let proposal = guess(&directory);
    assert_eq!(proposal.matches("\njourney = \"who\"").count(), 10, "{proposal}");
    assert!(faults(&proposal).iter().all(|fault| fault.contains("gives no facts")));
}
