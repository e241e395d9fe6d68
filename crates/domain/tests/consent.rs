//! Whether consent holds on a day, and by which event: told in any order, put right, taken back, merged.

use serde_json::{Value as Json, json};
use throughline_domain::{
    Code, Consent, Draft, Given, JourneyId, amend, lives,
    testing::{day, draft, event, event_id, journey_id, recorded},
};

const ANNA: u128 = 1;
const BEN: u128 = 2;

fn given(id: u128, on: &str) -> Draft {
    given_until(id, on, None)
}

fn given_until(id: u128, on: &str, until: Option<&str>) -> Draft {
    told(id, on, "intake.consent-given", json!({ "scope": "research", "until": until }))
}

fn withdrawn(id: u128, on: &str) -> Draft {
    told(id, on, "intake.consent-withdrawn", json!({ "scope": "research" }))
}

fn told(id: u128, on: &str, name: &str, facts: Json) -> Draft {
    draft(journey_id(ANNA), id, on, event(name, facts))
}

fn corrected(id: u128, of: u128, occurred: Option<&str>, until: Option<&str>) -> Draft {
    let facts = json!({
        "event": event_id(of), "why": "typing-error", "occurred": occurred,
        "type": "throughline.intake.consent-given.v1", "facts": { "scope": "research", "until": until },
    });
    told(id, "2026-05-01", "amendment.corrected", facts)
}

fn retracted(id: u128, of: u128) -> Draft {
    told(id, "2026-05-01", "amendment.retracted", json!({ "event": event_id(of), "why": "wrong-person" }))
}

fn of(journey: JourneyId, drafts: Vec<Draft>, on: &str) -> Consent {
    let life = amend(journey, recorded(drafts));
    Consent::of(&life, &Code::new("research").expect("a code"), day(on))
}

/// How Anna's consent to research stands on a day, the same in whatever order facts were written down.
#[track_caller]
fn on(day: &str, drafts: &[Draft]) -> Consent {
    let stands = of(journey_id(ANNA), drafts.to_vec(), day);
    let is_amended = drafts.iter().any(|draft| draft.event.type_name().contains(".amendment."));
    if !is_amended {
        let backwards = drafts.iter().rev().cloned().collect();
        assert_eq!(of(journey_id(ANNA), backwards, day), stands, "written down in another order");
    }
    stands
}

fn live(event: u128, on: &str, until: Option<&str>) -> Consent {
    Consent::Live(since(event, on, until))
}

fn since(event: u128, on: &str, until: Option<&str>) -> Given {
    Given { event: event_id(event), given: day(on), until: until.map(day) }
}

fn taken_back(by: u128, on: &str) -> Consent {
    Consent::Withdrawn { on: day(on), by: event_id(by) }
}

#[test]
fn consent_holds_from_the_day_it_is_given_and_for_its_scope_alone() {
    let told = [given(1, "2026-03-05")];
    assert_eq!(on("2026-03-04", &told), Consent::NeverGiven);
    assert_eq!(on("2026-03-05", &told), live(1, "2026-03-05", None));
    assert_eq!(on("2036-03-05", &told), live(1, "2026-03-05", None));
    let life = amend(journey_id(ANNA), recorded(told.to_vec()));
    let other = Code::new("data-sharing").expect("a code");
    assert_eq!(Consent::of(&life, &other, day("2026-03-05")), Consent::NeverGiven);
    assert_eq!(on("2026-03-05", &[]), Consent::NeverGiven);
}

#[test]
fn it_holds_on_its_last_day_and_not_on_the_day_after() {
    let told = [given_until(1, "2026-03-05", Some("2026-06-30"))];
    assert_eq!(on("2026-06-30", &told), live(1, "2026-03-05", Some("2026-06-30")));
    assert_eq!(on("2026-07-01", &told), Consent::Ended(since(1, "2026-03-05", Some("2026-06-30"))));
}

#[test]
fn taken_back_it_holds_no_more_until_it_is_given_again() {
    let told = [given(1, "2026-01-01"), withdrawn(2, "2026-02-01"), given(3, "2026-03-01")];
    assert_eq!(on("2026-01-31", &told), live(1, "2026-01-01", None));
    assert_eq!(on("2026-02-01", &told), taken_back(2, "2026-02-01"));
    assert_eq!(on("2026-02-28", &told), taken_back(2, "2026-02-01"));
    assert_eq!(on("2026-03-01", &told), live(3, "2026-03-01", None));
}

#[test]
fn what_is_given_last_counts_even_where_it_ends_sooner() {
    let told = [given(1, "2026-01-01"), given_until(2, "2026-02-01", Some("2026-02-10"))];
    assert_eq!(on("2026-02-10", &told), live(2, "2026-02-01", Some("2026-02-10")));
    assert_eq!(on("2026-02-11", &told), Consent::Ended(since(2, "2026-02-01", Some("2026-02-10"))));
    let at_once = [given(1, "2026-01-01"), given_until(2, "2026-01-01", Some("2026-02-10"))];
    assert_eq!(on("2026-02-11", &at_once), Consent::Ended(since(2, "2026-01-01", Some("2026-02-10"))));
}

/// Data that stayed can still leave; data that left does not come back.
#[test]
fn on_one_day_the_withdrawal_wins_unless_the_giving_is_known_to_be_later() {
    let same_day = |given_at: &str, withdrawn_at: &str| {
        on("2026-03-05", &[given(1, "2026-01-01"), withdrawn(2, withdrawn_at), given(3, given_at)])
    };
    let refused = taken_back(2, "2026-03-05");
    assert_eq!(same_day("2026-03-05", "2026-03-05"), refused, "neither time is known");
    assert_eq!(same_day("2026-03-05T16:00:00+02:00", "2026-03-05"), refused, "one time is not known");
    assert_eq!(same_day("2026-03-05", "2026-03-05T09:00:00+02:00"), refused, "one time is not known");
    assert_eq!(same_day("2026-03-05T09:00:00+02:00", "2026-03-05T16:00:00+02:00"), refused);
    assert_eq!(
        same_day("2026-03-05T16:00:00+02:00", "2026-03-05T09:00:00+02:00"),
        live(3, "2026-03-05", None)
    );
    // By the instant and not by the clock on the wall: 09:30 in UTC comes after 11:00 two hours further east.
    assert_eq!(same_day("2026-03-05T09:30:00Z", "2026-03-05T11:00:00+02:00"), live(3, "2026-03-05", None));
}

#[test]
fn a_corrected_end_counts_from_the_first_day_on() {
    let told = [given(1, "2026-01-01"), corrected(2, 1, None, Some("2026-02-01"))];
    assert_eq!(on("2026-02-01", &told), live(1, "2026-01-01", Some("2026-02-01")));
    assert_eq!(on("2026-03-01", &told), Consent::Ended(since(1, "2026-01-01", Some("2026-02-01"))));
    let moved = [given(1, "2026-01-01"), corrected(2, 1, Some("2026-04-01"), None)];
    assert_eq!(on("2026-03-01", &moved), Consent::NeverGiven);
    let undone = [&told[..], &[retracted(3, 2)]].concat();
    assert_eq!(on("2026-03-01", &undone), live(1, "2026-01-01", None));
}

#[test]
fn a_consent_entered_by_mistake_was_never_given_and_a_mistaken_withdrawal_changes_nothing() {
    assert_eq!(on("2026-03-01", &[given(1, "2026-01-01"), retracted(2, 1)]), Consent::NeverGiven);
    let told = [given(1, "2026-01-01"), withdrawn(2, "2026-02-01"), retracted(3, 2)];
    assert_eq!(on("2026-03-01", &told), live(1, "2026-01-01", None));
}

#[test]
fn a_withdrawal_written_down_late_counts_from_its_day() {
    let told = [given(1, "2026-01-01"), given(2, "2026-03-01"), withdrawn(3, "2026-02-01")];
    assert_eq!(on("2026-02-15", &told), taken_back(3, "2026-02-01"));
    assert_eq!(on("2026-03-15", &told), live(2, "2026-03-01", None));
}

#[test]
fn a_journey_merged_away_brings_its_consents_to_the_one_that_keeps_it() {
    let ben = |id, on, name, facts| Draft { journey: journey_id(BEN), ..told(id, on, name, facts) };
    let merged = json!({ "kept": journey_id(ANNA), "absorbed": journey_id(BEN) });
    let mut drafts = vec![
        ben(1, "2026-01-01", "intake.consent-given", json!({ "scope": "research" })),
        told(2, "2026-05-01", "amendment.journeys-merged", merged.clone()),
        ben(3, "2026-05-01", "amendment.journeys-merged", merged),
    ];
    let whose = |drafts: &[Draft]| lives(&recorded(drafts.to_vec()), &recorded(drafts.to_vec()));
    assert_eq!(of(journey_id(ANNA), drafts.clone(), "2026-06-01"), live(1, "2026-01-01", None));
    assert!(whose(&drafts).into_iter().eq([journey_id(ANNA)]));
    drafts.push(withdrawn(4, "2026-05-20"));
    assert_eq!(of(journey_id(ANNA), drafts.clone(), "2026-06-01"), taken_back(4, "2026-05-20"));
    // Two again once the merge is taken back: each with its own.
    drafts.push(retracted(5, 2));
    assert_eq!(of(journey_id(ANNA), drafts.clone(), "2026-06-01"), taken_back(4, "2026-05-20"));
    assert_eq!(of(journey_id(BEN), drafts.clone(), "2026-06-01"), live(1, "2026-01-01", None));
    assert!(whose(&drafts).into_iter().eq([journey_id(ANNA), journey_id(BEN)]));
}

#[test]
fn an_event_split_off_belongs_to_the_life_it_went_to() {
    let split = json!({ "from": journey_id(ANNA), "into": journey_id(BEN), "events": [event_id(1)] });
    let drafts = vec![given(1, "2026-01-01"), told(2, "2026-05-01", "amendment.journeys-split", split)];
    let known = recorded(drafts.clone());
    assert!(lives(&known[..1], &known).into_iter().eq([journey_id(BEN)]));
    assert_eq!(of(journey_id(ANNA), drafts.clone(), "2026-06-01"), Consent::NeverGiven);
    assert_eq!(of(journey_id(BEN), drafts, "2026-06-01"), live(1, "2026-01-01", None));
}

#[test]
fn a_destroyed_key_and_a_programmes_own_stream_tell_of_nobodys_life() {
    let whose = |drafts: &[Draft]| {
        let known = recorded(drafts.to_vec());
        lives(&known, &known)
    };
    let destroyed = json!({ "level": "all", "requested_by": "client", "reason": "asked-to-be-forgotten" });
    assert!(whose(&[told(1, "2026-05-01", "amendment.key-destroyed", destroyed)]).is_empty());
    let described = json!({ "programme": "housing-first" });
    let put_right = json!({
        "event": event_id(2), "why": "typing-error",
        "type": "throughline.programme.programme-described.v1", "facts": described,
    });
    let mut drafts = vec![
        told(2, "2026-05-01", "programme.programme-described", described.clone()),
        told(3, "2026-05-02", "amendment.corrected", put_right),
        retracted(4, 3),
    ];
    assert!(whose(&drafts).is_empty());
    // A client's fact that strayed into it is still about somebody, taken back or not.
    drafts.push(told(5, "2026-05-03", "check-in.check-in-missed", json!({ "reason": "illness" })));
    drafts.push(retracted(6, 5));
    assert!(whose(&drafts).into_iter().eq([journey_id(ANNA)]));
}
