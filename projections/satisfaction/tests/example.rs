//! One whole answer as it goes over the wire, in `answer.json`, and what `docs/views/satisfaction.md` shows of it. `THROUGHLINE_RENEW_GOLDEN=1` writes it anew.

use serde_json::{Value, json};
use throughline_domain::{Eyes, Fact};
use throughline_projection::testing::{fact, given};
use throughline_satisfaction::Satisfaction;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/views/satisfaction.md");
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/answer.json");

/// A client who asked, was heard late, complained, and was asked how it went.
fn life() -> Vec<Fact> {
    let client = |when, name, facts: Value| fact(when, Eyes::Client, name, facts);
    let staff = |when, name, facts: Value| fact(when, Eyes::Staff, name, facts);
    let intake = json!({"process": "intake", "worker": "w3"});
    let scale = json!({"min": 1, "max": 5});
    vec![
        staff(
            "2026-03-02",
            "expectation-set",
            json!({"expectation": "e1", "about": "first-visit", "due": "2026-03-13"}),
        ),
        client(
            "2026-03-02T09:00:00+02:00",
            "request-received",
            json!({"request": "r1", "about": "housing", "format": "phone", "due": "2026-03-04"}),
        ),
        staff(
            "2026-03-05T15:00:00+02:00",
            "request-answered",
            json!({"request": "r1", "answer": "referred"}),
        ),
        client("2026-03-06", "concern-raised", json!({"concern": "c1", "about": "waiting"})),
        staff("2026-03-10", "concern-acknowledged", json!({"concern": "c1"})),
        staff(
            "2026-03-16",
            "survey-sent",
            json!({"survey": "s1", "instrument": "csat", "about": intake, "format": "written"}),
        ),
        client(
            "2026-03-20",
            "satisfaction-rated",
            json!({"survey": "s1", "about": {}, "instrument": "csat", "value": 2, "scale": scale}),
        ),
        staff(
            "2026-03-23",
            "survey-sent",
            json!({"survey": "s2", "instrument": "csat", "about": {"process": "referral"},
            "format": "written", "closes": "2026-04-06"}),
        ),
        client("2026-03-30", "gift-received", json!({"gift": "g1", "kind": "money"})),
        staff("2026-03-31", "thanks-sent", json!({"for_gift": "g1", "format": "written"})),
    ]
}

#[test]
fn an_answer_keeps_its_form() {
    let answer = serde_json::to_string_pretty(&answer()).expect("an answer is JSON") + "\n";
    if renewed() {
        std::fs::write(GOLDEN, answer).expect("the golden answer can be written");
    } else {
        let golden = std::fs::read_to_string(GOLDEN).expect("the golden answer is there");
        assert_eq!(
            parsed(&golden),
            parsed(&answer),
            "run this test with THROUGHLINE_RENEW_GOLDEN=1 and read what changed"
        );
    }
}

#[test]
fn the_page_shows_what_the_projector_answers() {
    let mut answer = answer();
    // The page leaves out the lists behind the numbers.
    for part in ["requests", "concerns", "expectations", "thanks"] {
        answer[part].as_object_mut().expect("a part").remove("each");
    }
    let csat = answer["ratings"]["csat"].take();
    answer["ratings"] = json!({"csat": csat});
    let answer = serde_json::to_string_pretty(&answer).expect("an answer is JSON");
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let (before, rest) = page.split_once("```json\n").expect("the page has an example");
    let (shown, after) = rest.split_once("\n```").expect("the example ends");
    if renewed() {
        std::fs::write(PAGE, format!("{before}```json\n{answer}\n```{after}"))
            .expect("the page can be written");
    } else {
        assert_eq!(
            parsed(shown),
            parsed(&answer),
            "run this test with THROUGHLINE_RENEW_GOLDEN=1 and read what changed"
        );
    }
}

fn answer() -> Value {
    serde_json::to_value(given::<Satisfaction>(life()).on("2026-04-10")).expect("an answer is JSON")
}

/// Whatever order its fields are written in.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("an answer is JSON")
}

fn renewed() -> bool {
    std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some()
}
