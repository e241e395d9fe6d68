//! Events from a file, one a line or in a list: taken as they are, each accounted for.

mod mapping;
mod recorder;

use std::sync::atomic::AtomicBool;

use mapping::options;
use proptest::prelude::*;
use recorder::Recorder;
use serde_json::{Value as Json, json};
use throughline_domain::{Position, Recorded, Version};
use throughline_exchange::{
    cloud_event, events,
    import::{Finding, Rejected, RejectedCsv, Report},
};

const JOURNEY: &str = "0b7f9d52-1f63-4a63-8f0e-5a1f0c7d0b01";

fn import(log: &Recorder, text: &[u8]) -> (Report, Vec<Rejected>) {
    let cancel = AtomicBool::new(false);
    let mut rows = Vec::new();
    let mut push = |row: &Rejected| {
        rows.push(row.clone());
        Ok(())
    };
    let mut quiet = |_| {};
    let options = options(&cancel, &mut quiet, &mut push);
    let report = events::import(text, "events.ndjson", log, options).expect("no file stops an import");
    assert_eq!(report.rows, report.files[0].clean + report.files[0].warnings + report.files[0].rejected);
    (report, rows)
}

fn opened() -> Json {
    json!({
        "specversion": "1.0", "id": "6f1c0f9a-6f0e-4a52-9a0e-3f7f5f0c0a01", "source": "/desk", "subject": JOURNEY,
        "type": "throughline.intake.journey-opened.v1",
        "data": { "occurred": "2026-03-01", "eyes": "staff", "facts": { "role": "participant", "language": "en" } }
    })
}

fn missed(reason: &str) -> Json {
    json!({
        "specversion": "1.0", "id": "6f1c0f9a-6f0e-4a52-9a0e-3f7f5f0c0a02", "source": "/desk", "subject": JOURNEY,
        "type": "throughline.check-in.check-in-missed.v1",
        "data": { "occurred": "2026-03-02", "eyes": "staff", "actor": "worker:w1", "facts": { "reason": reason } }
    })
}

#[test]
fn lines_and_lists_come_in_once() {
    let lines = format!("{}\n\n{}\n", opened(), missed("illness"));
    let log = Recorder::default();
    let (report, _) = import(&log, lines.as_bytes());
    assert_eq!((report.rows, report.events, report.rejected), (2, 2, 0));
    let (again, _) = import(&log, lines.as_bytes());
    assert_eq!((again.events, again.repeated), (0, 2));

    let list = serde_json::to_string_pretty(&json!([opened(), missed("illness")])).expect("JSON");
    let other = Recorder::default();
    let (report, _) = import(&other, list.as_bytes());
    assert_eq!((report.rows, report.events), (2, 2));
    assert_eq!(log.all()[1].draft, other.all()[1].draft);
}

#[test]
fn what_leaves_a_log_comes_into_another() {
    let log = Recorder::default();
    import(&log, format!("{}\n{}\n", opened(), missed("illness")).as_bytes());
    let told = |one: &Recorded| cloud_event::to_json(one).to_string();
    let left: Vec<String> = log.all().iter().take(2).map(told).collect();
    let other = Recorder::default();
    let (report, rejected) = import(&other, left.join("\n").as_bytes());
    assert!(rejected.is_empty(), "{rejected:#?}");
    assert_eq!(
        (report.events, other.all()[0].position, other.all()[1].version),
        (2, Position(0), Version(2))
    );
    assert_eq!(other.all()[1].draft, log.all()[1].draft);
}

#[test]
fn a_field_named_twice_says_two_things_and_the_event_is_rejected() {
    let inside = missed("illness").to_string().replace(r#""reason":"#, r#""reason":"forgot","reason":"#);
    let outside = opened().to_string().replace(r#""source":"#, r#""source":"/other","source":"#);
    let whole = format!("{}\n{outside}\n{inside}\n", opened());
    let list = format!("[{},{outside},{inside}]", opened());
    for text in [whole, list] {
        let (report, rejected) = import(&Recorder::default(), text.as_bytes());
        assert_eq!((report.rows, report.events, report.rejected), (3, 1, 2));
        let mut csv = RejectedCsv::new(Vec::new());
        csv.write(&rejected[0]).expect("memory");
        let written = String::from_utf8(csv.finish().expect("memory")).expect("text");
        assert!(written.contains(",2,/source,not-an-event,`source` is there twice,"), "{written}");
        let told: Vec<_> = rejected
            .iter()
            .map(|row| (row.row, row.problem.finding, &*row.problem.column, row.problem.value.as_deref()))
            .collect();
        let wrong = Finding::NotAnEvent;
        assert_eq!(
            told,
            [
                (2, wrong, "/source", Some("`source` is there twice")),
                (3, wrong, "/data/facts/reason", Some("`reason` is there twice")),
            ]
        );
    }
}

#[test]
fn a_bad_event_is_rejected_with_its_line_and_what_is_wrong() {
    let mut nobody = opened();
    nobody["data"]["personal"] = json!({ "name": 7 });
    nobody["id"] = json!("6f1c0f9a-6f0e-4a52-9a0e-3f7f5f0c0a03");
    let mut misspelt = missed("illness");
    misspelt["data"]["facts"] = json!({ "reason": "NOT A CODE" });
    let text = format!(
        "{}\n{{\"id\":\n{misspelt}\n{nobody}\n{}\n{}\n",
        opened(),
        missed("illness"),
        missed("forgot")
    );
    let log = Recorder::default();
    let (report, rejected) = import(&log, text.as_bytes());
    assert_eq!((report.rows, report.events, report.rejected), (6, 2, 4));
    assert_eq!(report.rows, text.lines().filter(|line| !line.is_empty()).count() as u64);
    let told: Vec<_> =
        rejected.iter().map(|row| (row.row, row.problem.finding, &*row.problem.column)).collect();
    assert_eq!(
        told,
        [
            (2, Finding::NotAnEvent, ""),
            (3, Finding::NotAnEvent, "/data/facts/reason"),
            (4, Finding::NotAnEvent, "/data/personal/name"),
            (6, Finding::KeyRepeated, ""),
        ]
    );
    assert!(rejected[1].problem.value.as_deref().is_some_and(|said| said.contains("NOT A CODE")));
    assert_eq!(rejected[2].problem.value, None, "what is personal is shown to nobody");
    assert!(rejected[0].record.starts_with("{\"id\":"));

    let (later, rejected) = import(&log, missed("forgot").to_string().as_bytes());
    assert_eq!((later.events, rejected[0].problem.finding), (0, Finding::EventIdTaken));
}

/// Line by line, by a count of its own: each gave its event, or was the same again, or was rejected, and no two of these.
#[test]
fn every_line_of_a_file_ends_in_one_place() {
    let numbered = |nr: usize, reason: &str| {
        let mut event = missed(reason);
        event["id"] = json!(format!("6f1c0f9a-6f0e-4a52-9a0e-{nr:012x}"));
        event.to_string()
    };
    let (mut lines, mut again, mut bad) = (vec![opened().to_string()], Vec::new(), Vec::new());
    for nr in 1..=400 {
        let line = lines.len() as u64 + 1;
        lines.push(match nr % 9 {
            2 => String::new(),
            4 => {
                again.push(line);
                numbered(nr - 1, "illness")
            }
            5 => {
                bad.push(line);
                numbered(nr - 2, "forgot")
            }
            7 => {
                bad.push(line);
                numbered(nr, "NO CODE")
            }
            8 => {
                bad.push(line);
                "{\"id\": 7".to_owned()
            }
            _ => numbered(nr, "illness"),
        });
    }
    let log = Recorder::default();
    let (report, rejected) = import(&log, lines.join("\r\n").as_bytes());
    assert_eq!(rejected.iter().map(|row| row.row).collect::<Vec<_>>(), bad);
    let told = log.all().into_iter().filter(|one| one.draft.event.fact_name() != "import-finished").count();
    let filled = lines.iter().filter(|line| !line.is_empty()).count();
    assert_eq!(told + again.len() + bad.len(), filled);
    assert_eq!(
        [report.rows, report.events, report.warnings, report.rejected],
        [filled, told, again.len(), bad.len()].map(|count| count as u64)
    );
    assert_eq!(
        report.findings.iter().map(|count| count.rows).sum::<u64>(),
        report.warnings + report.rejected
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_stop_an_import(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        import(&Recorder::default(), &bytes);
    }

    #[test]
    fn no_list_stops_an_import(text in "\\[[\\[\\]{}\",:\\\\a1 \\n]{0,80}") {
        import(&Recorder::default(), text.as_bytes());
    }
}
