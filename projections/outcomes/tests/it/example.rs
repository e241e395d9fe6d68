//! One whole answer as it goes over the wire, in `answer.json`. `THROUGHLINE_GOLDEN=renew` writes it anew.

use serde_json::{Value, json};

use crate::lives::*;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/answer.json");

#[test]
fn an_answer_keeps_its_form() {
    let plan = plan_with(
        2,
        json!({
            "enrolment": "e1",
            "indicators": [{ "indicator": "arrears", "life_area": "money", "baseline": 400, "target": 0 }],
            "changes": [{ "step": "budgeting", "departure": "added", "reason": "client-asked" }],
            "windows": [
                { "window": "90d", "first_day": 75, "target_day": 90, "last_day": 105, "required": true },
                { "window": "1y", "first_day": 335, "target_day": 365, "last_day": 395, "required": true }
            ]
        }),
    );
    let client = life([
        opened(0),
        enrolled(1, "e1"),
        plan,
        difficulty(5, "d1"),
        service(10, Some("e1")),
        overcome(25, "d1"),
        measured(40, "arrears", 100.0),
        reached_in(50, "home", Some("e1")),
        tried(138, "not-reached"),
        look(140, "still-holds"),
        lost(200),
        reached_in(240, "home", Some("e1")),
        enrolled(260, "e2"),
        grown(300, "volunteer"),
        look_in(310, Some("home"), Some("90d"), "still-holds"),
    ]);
    let answer = serde_json::to_value(client.on(&day(320))).expect("an answer is JSON");
    if std::env::var("THROUGHLINE_GOLDEN").is_ok_and(|asked| asked == "renew") {
        let text = serde_json::to_string_pretty(&answer).expect("JSON is text");
        std::fs::write(GOLDEN, text + "\n").expect("the golden file is written");
    }
    let golden = std::fs::read_to_string(GOLDEN).expect("tests/it/answer.json is there");
    assert_eq!(answer, serde_json::from_str::<Value>(&golden).expect("the golden file is JSON"));
}
