//! The example of `docs/views/data-quality.md` is what the projector answers. `THROUGHLINE_RENEW_GOLDEN=1` writes it anew.

use serde_json::json;
use throughline_domain::{Eyes, Fact};
use throughline_projection::testing::{fact, given};
use throughline_quality::Quality;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/views/data-quality.md");

fn life() -> [Fact; 3] {
    let night =
        json!({"enrolment": "e1", "service": "bed-night", "life_area": "housing", "format": "in-person"});
    [
        fact("2026-03-01", Eyes::Staff, "journey-opened", json!({"role": "participant", "language": "af"})),
        fact("2026-03-02", Eyes::Staff, "service-delivered", night),
        fact("2026-03-05", Eyes::Staff, "enrolled", json!({"enrolment": "e1", "programme": "shelter"})),
    ]
}

#[test]
fn the_page_shows_what_the_projector_answers() {
    let answer =
        serde_json::to_string_pretty(&given::<Quality>(life()).on("2026-03-05")).expect("an answer is JSON");
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let (before, rest) = page.split_once("```json\n").expect("the page has an example");
    let (shown, after) = rest.split_once("\n```").expect("the example ends");
    if std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some() {
        std::fs::write(PAGE, format!("{before}```json\n{answer}\n```{after}"))
            .expect("the page can be written");
    } else {
        let parsed = |json| serde_json::from_str::<serde_json::Value>(json).expect("an answer is JSON");
        assert_eq!(
            parsed(shown),
            parsed(&answer),
            "run this test with THROUGHLINE_RENEW_GOLDEN=1 and read what changed"
        );
    }
}
