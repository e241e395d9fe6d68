//! Every rule, broken and kept.

use std::collections::BTreeSet;

use serde_json::json;
use throughline_projection::testing::nth;

use crate::client::{
    Client, ENTRY, also_enrolled, client, contact, exited, intake, measured, moved_in, night, said,
};

/// A rule, a client who breaks it on a day, and one who keeps it.
struct Case {
    rule: &'static str,
    on: &'static str,
    broken: Client,
    kept: Client,
}

fn case(rule: &'static str, broken: Client, kept: Client) -> Case {
    Case { rule, on: "2026-03-20", broken, kept }
}

fn on(on: &'static str, case: Case) -> Case {
    Case { on, ..case }
}

/// By way of a short stay elsewhere from the street, where the history of homelessness is asked.
fn from_the_street() -> Client {
    client().asked(json!({"living-situation": "hospital", "length-of-stay": "week-to-month",
        "stay-under-threshold": true, "street-or-shelter-before": true, "homeless-since": "2026-01-20"}))
}

fn once_for(months: u8) -> Client {
    from_the_street().asked(json!({"times-homeless-3y": "once", "months-homeless-3y": months}))
}

fn about_the_person() -> Vec<Case> {
    let without = |name: &str| client().opened(name, json!(null));
    vec![
        case("name-incomplete", client().opened("name-quality", json!("partial")), client()),
        case(
            "number-unknown",
            client().opened("ssn-quality", json!("withheld")),
            client().opened("ssn-quality", json!("partial")),
        ),
        case("birth-unknown", client().born(None), client().opened("birth-quality", json!("partial"))),
        case("age-over-100", client().born(Some("1925-01-01")), client().born(Some("1926-01-01"))),
        case("race-unknown", without("race"), client().opened("race", json!("several"))),
        case("veteran-unknown", without("veteran"), without("veteran").asked(json!({"age-band": "13-17"}))),
        case("service-start-missing", without("service-from-year"), client()),
        case("service-end-missing", without("service-until-year"), client()),
        case("theatre-missing", without("served-iraq-ond"), client()),
        case(
            "branch-missing",
            without("military-branch"),
            without("military-branch").opened("veteran", json!(false)),
        ),
        case("discharge-missing", without("discharge"), client()),
        case(
            "service-start-ahead",
            client().opened("service-from-year", json!(2027)),
            client().opened("service-from-year", json!(2026)),
        ),
        case(
            "service-end-ahead",
            client().opened("service-until-year", json!(2027)),
            client().opened("service-until-year", json!(2026)),
        ),
    ]
}

fn at_entry() -> Vec<Case> {
    let stay = |household: &str, when: &str| {
        client().left("2026-03-09", "hmis-410").and(also_enrolled(when, "e2", "hmis-7", household, 2))
    };
    vec![
        case("relationship-missing", client().enrolled("relationship", json!(null)), client()),
        case(
            "relationship-unlisted",
            client().enrolled("relationship", json!("hmis-7")),
            client().enrolled("relationship", json!("child")),
        ),
        case(
            "region-missing",
            client().enrolled("site", json!(null)),
            client().enrolled("site", json!(null)).and(measured(ENTRY, "region", "entry", json!("xx-501"))),
        ),
        case(
            "enrolled-twice-on-one-day",
            client().and(also_enrolled(ENTRY, "e2", "hmis-7", "h2", 2)),
            client().and(also_enrolled(ENTRY, "e2", "hmis-8", "h2", 2)),
        ),
        case("household-used-again", stay("h1", "2026-03-10"), stay("h2", "2026-03-10")),
        case(
            "disability-unknown",
            client().asked(json!({"disability": null})),
            client().asked(json!({"disability": true})),
        ),
    ]
}

fn where_they_lived() -> Vec<Case> {
    let asked = |answers| client().asked(answers);
    let over_three_years = |months: u8| {
        from_the_street().asked(json!({"homeless-since": "2023-03-02", "times-homeless-3y": "once",
            "months-homeless-3y": months}))
    };
    vec![
        case(
            "prior-living-unknown",
            asked(json!({"living-situation": "worker-unable-to-determine"})),
            client()
                .enrolled("relationship", json!("child"))
                .asked(json!({"living-situation": null, "age-band": "5-12"})),
        ),
        case("prior-living-unlisted", asked(json!({"living-situation": "hmis-777"})), client()),
        case(
            "prior-subsidy-missing",
            asked(json!({"living-situation": "rental-with-subsidy"})),
            asked(json!({"living-situation": "rental-with-subsidy", "rental-subsidy": "vash"})),
        ),
        case("length-of-stay-unknown", asked(json!({"length-of-stay": null})), client()),
        case(
            "short-stay-not-asked",
            asked(json!({"length-of-stay": "one-to-three-months"})),
            asked(json!({"living-situation": "rental", "length-of-stay": "one-to-three-months"})),
        ),
        case(
            "street-before-missing",
            from_the_street().asked(json!({"street-or-shelter-before": null})),
            from_the_street().asked(json!({"street-or-shelter-before": false})),
        ),
        case(
            "homeless-since-missing",
            from_the_street().asked(json!({"homeless-since": null})),
            from_the_street(),
        ),
        case(
            "homeless-times-unknown",
            from_the_street().asked(json!({"months-homeless-3y": null})),
            asked(json!({"months-homeless-3y": null})),
        ),
        case(
            "homeless-since-after-entry",
            from_the_street().asked(json!({"homeless-since": "2026-03-03"})),
            from_the_street().asked(json!({"homeless-since": "2026-03-02"})),
        ),
        case(
            "homeless-months-derivable",
            once_for(3).asked(json!({"months-homeless-3y": null})),
            from_the_street().asked(json!({"months-homeless-3y": null})),
        ),
        case("homeless-months-differ", once_for(2), once_for(3)),
        case("homeless-three-years-differ", over_three_years(12), over_three_years(13)),
    ]
}

fn money() -> Vec<Case> {
    let mut cases = Vec::new();
    let missing = [
        ("income-missing-at-entry", "income-any", "entry"),
        ("benefits-missing-at-entry", "benefits", "entry"),
        ("insurance-missing-at-entry", "insurance", "entry"),
        ("income-missing-at-exit", "income-any", "exit"),
        ("insurance-missing-at-exit", "insurance", "exit"),
    ];
    for (rule, any, stage) in missing {
        let left = client().left("2026-03-10", "hmis-410");
        cases.push(case(rule, left.clone().unmeasured(any, stage), left));
    }
    let conflicting = [
        ("income-conflicting-at-entry", "income-any", "income-ssi", "entry"),
        ("benefits-conflicting-at-entry", "benefits", "benefit-snap", "entry"),
        ("insurance-conflicting-at-entry", "insurance", "insurance-medicaid", "entry"),
        ("income-conflicting-at-exit", "income-any", "income-ssi", "exit"),
        ("insurance-conflicting-at-exit", "insurance", "insurance-medicaid", "exit"),
    ];
    for (rule, any, source, stage) in conflicting {
        let day = if stage == "entry" { ENTRY } else { "2026-03-10" };
        let left = client().left("2026-03-10", "hmis-410").unmeasured(any, stage);
        let says = |any_is: bool, source_is: serde_json::Value| {
            let any = measured(day, any, stage, json!(any_is));
            left.clone().and(any).and(measured(day, source, stage, source_is))
        };
        cases.push(case(rule, says(false, json!(true)), says(true, json!(426))));
        cases.push(case(rule, says(true, json!(0)), says(false, json!(0))));
    }
    cases
}

fn at_exit() -> Vec<Case> {
    let left = |to| client().left("2026-03-10", to);
    vec![
        case(
            "destination-subsidy-missing",
            left("hmis-435"),
            left("hmis-435").and(measured("2026-03-10", "destination-subsidy", "exit", json!("vash"))),
        ),
        case("destination-unlisted", left("hmis-777"), left("hmis-99")),
    ]
}

fn in_the_stay() -> Vec<Case> {
    let shelter = || Client::in_project(1);
    let update = |indicator, value| measured("2026-03-10", indicator, "update", json!(value));
    let subsidised = || client().and(update("living-situation", "rental-with-subsidy"));
    let elsewhere = |kind| client().and(also_enrolled("2026-03-10", "e2", "hmis-8", "h2", kind));
    vec![
        case(
            "move-in-outside-stay",
            Client::in_project(13).and(moved_in("2026-03-01")),
            Client::in_project(13).and(moved_in(ENTRY)),
        ),
        case(
            "move-in-outside-stay",
            Client::in_project(13).left("2026-03-10", "hmis-410").and(moved_in("2026-03-11")),
            Client::in_project(13).left("2026-03-10", "hmis-410").and(moved_in("2026-03-10")),
        ),
        case("housed-twice", elsewhere(0), elsewhere(6)),
        case("housed-twice", elsewhere(0), elsewhere(0).left("2026-03-10", "hmis-410")),
        case("entry-night-missing", shelter().and(night("2026-03-03")), shelter().and(night(ENTRY))),
        case(
            "night-on-exit-day",
            shelter().left("2026-03-05", "hmis-410").and(night("2026-03-05")),
            shelter().left("2026-03-05", "hmis-410").and(night("2026-03-04")),
        ),
        case(
            "current-living-unlisted",
            client().and(update("living-situation", "hmis-777")),
            client().and(update("living-situation", "hotel-or-motel")),
        ),
        case("current-subsidy-missing", subsidised(), subsidised().and(update("rental-subsidy", "vash"))),
    ]
}

fn in_time() -> Vec<Case> {
    let shelter = || Client::in_project(1).and(night(ENTRY));
    let street = || Client::in_project(4);
    let referred = || {
        let made = json!({"referral": "r1", "enrolment": "e1", "to": "rapid-rehousing"});
        client().and(said("2026-03-05", "referral-made", made))
    };
    let closed = said("2026-04-04", "referral-closed", json!({"referral": "r1", "result": "accepted"}));
    vec![
        on("2026-06-01", case("night-overdue", shelter(), shelter().and(night("2026-05-31")))),
        on("2026-06-01", case("contact-overdue", street(), street().and(contact("2026-05-31")))),
        on("2028-03-02", case("stay-long", client(), client().left("2028-03-01", "hmis-410"))),
        on("2027-03-03", case("stay-long", shelter(), Client::in_project(3))),
        on(
            "2026-08-30",
            case("move-in-overdue", Client::in_project(3), Client::in_project(3).and(moved_in("2026-08-29"))),
        ),
        on("2026-04-05", case("referral-open", referred(), referred().and(closed))),
    ]
}

fn cases() -> Vec<Case> {
    [about_the_person(), at_entry(), where_they_lived(), money(), at_exit(), in_the_stay(), in_time()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn nothing_is_asked_of_a_client_of_whom_everything_is_known() {
    for kind in [0, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14] {
        assert_eq!(
            Client::in_project(kind).rules("2026-03-20"),
            Vec::<String>::new(),
            "project of type {kind}"
        );
        let left = Client::in_project(kind).left("2026-03-10", "hmis-410");
        assert_eq!(left.rules("2026-03-20"), Vec::<String>::new(), "project of type {kind}");
    }
    assert_eq!(
        client().and(nth(2, intake("2026-03-09", json!({})))).rules("2026-03-20"),
        Vec::<String>::new()
    );
}

#[test]
fn every_rule_is_broken_by_one_client_and_kept_by_the_next() {
    for Case { rule, on, broken, kept } in cases() {
        let count = |client: &Client| client.rules(on).iter().filter(|found| *found == rule).count();
        assert_eq!(count(&broken), 1, "{rule} is broken once: {:?}", broken.rules(on));
        assert_eq!(count(&kept), 0, "{rule} is kept: {:?}", kept.rules(on));
    }
}

#[test]
fn there_is_a_case_for_every_rule_and_every_rule_has_a_name_of_its_own() {
    let tried: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let codes: Vec<&str> = throughline_quality::hmis_rules().map(|rule| rule.code).collect();
    assert_eq!(codes.iter().copied().collect::<BTreeSet<_>>(), tried);
    assert_eq!(codes.len(), tried.len());
}

#[test]
fn an_exit_to_where_nobody_knows_is_the_general_rule_and_no_number_of_no_list() {
    let rules = client().left("2026-03-10", "hmis-30").rules("2026-03-20");
    assert_eq!(rules, ["destination-missing"]);
    assert_eq!(
        client().and(exited("2026-03-10", "hmis-410")).rules("2026-03-20").len(),
        2,
        "two answers at exit"
    );
}
