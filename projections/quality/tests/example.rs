//! The example and the rules of `docs/views/data-quality.md` are those of the projector. `THROUGHLINE_RENEW_GOLDEN=1`
//! writes both anew; the table of published checks is written by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

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

/// The rules of HMIS as a table.
fn rules() -> String {
    let mut table = String::from("| rule | level | shown when |\n| --- | --- | --- |\n");
    for rule in throughline_quality::hmis_rules() {
        writeln!(table, "| `{}` | {} | {} |", rule.code, rule.level.code(), rule.explanation)
            .expect("a text grows");
    }
    table
}

#[test]
fn the_page_names_every_rule_of_hmis() {
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let (before, rest) = page.split_once("<!-- rules -->\n").expect("the page has the rules");
    let (shown, after) = rest.split_once("<!-- end of rules -->").expect("the rules end");
    if std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some() {
        std::fs::write(PAGE, format!("{before}<!-- rules -->\n{}<!-- end of rules -->{after}", rules()))
            .expect("the page can be written");
    } else {
        assert_eq!(shown, rules(), "run this test with THROUGHLINE_RENEW_GOLDEN=1 and read what changed");
    }
}

/// What the page says of each published check: the rules, or none.
fn published_on_the_page() -> BTreeMap<u16, BTreeSet<String>> {
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let (_, table) =
        page.split_once("| id | published check | rule here |\n").expect("the page has the checks");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let rules = if cells[2].starts_with("no: ") { Vec::new() } else { cells[2].split(", ").collect() };
        let rules = rules.into_iter().map(|rule| rule.trim_matches('`').to_owned()).collect();
        (cells[0].parse().expect("an id"), rules)
    })
    .collect()
}

#[test]
fn every_published_check_is_a_rule_here_or_the_page_says_why_not() {
    let mut here: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for rule in throughline_quality::HISTORY_RULES.iter().chain(throughline_quality::hmis_rules()) {
        for id in rule.published {
            here.entry(*id).or_default().insert(rule.code.to_owned());
        }
    }
    let page = published_on_the_page();
    assert_eq!(page.len(), 129);
    let stated: BTreeMap<_, _> = page.into_iter().filter(|(_, rules)| !rules.is_empty()).collect();
    assert_eq!(stated, here);
    assert_eq!(stated.len(), 65);
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
