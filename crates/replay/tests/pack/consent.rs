//! Nothing leaves without the consent of those it is about, by what is known now.

use serde_json::{Value as Json, json};
use throughline_access::Names;
use throughline_domain::{Code, Consent, ErasureLevel, Position, testing::journey_id};
use throughline_log::AsOf;
use throughline_replay::{
    Error,
    pack::{Filter, Manifest, NoConsent, Wanted},
};
use throughline_vault::Vault;

use crate::world::{ANNA, BEN, World, agreed, anna, contact, first, found, opened, renewed, said, text};

const MARCH: &str = "2026-03-01";

/// Anna, who agrees in March; three events.
fn agreeing() -> World {
    let world = World::new();
    world.write(opened(1, ANNA, "Anna Example"));
    world.write(agreed(2, ANNA, MARCH)).write(contact(3, ANNA, "2026-03-05", "She called back."));
    world
}

fn withdrawn(world: &World, id: u128, day: &str) {
    let facts = json!({ "scope": "data-sharing" });
    world.write(said(id, ANNA, day, "intake.consent-withdrawn", &facts, &json!({})));
}

/// Why there is no pack.
#[track_caller]
fn refused(world: &World, ask: impl FnOnce(&mut Wanted)) -> NoConsent {
    match world.ask(ask).map(|pack| pack.tally) {
        Err(Error::NoConsent(missing)) => missing,
        other => panic!("not refused for want of consent: {other:?}"),
    }
}

#[test]
fn what_nobody_agreed_to_is_refused_with_what_is_missing_and_the_remedy() {
    let world = World::new();
    world.write(opened(1, ANNA, "Anna Example"));
    let missing = refused(&world, |_| ());
    assert_eq!((missing.journey, missing.stands), (anna(), Consent::NeverGiven));
    let said = missing.to_string();
    for word in ["`data-sharing`", "2026-07-01", "never given", "record `consent-given`", "purpose"] {
        assert!(said.contains(word), "{said}");
    }
    // Consent to one thing is none to another.
    world.write(agreed(2, ANNA, MARCH));
    let research = Code::new("research").unwrap();
    let missing = refused(&world, |wanted| wanted.purpose = research.clone());
    assert_eq!((missing.purpose, missing.stands), (research, Consent::NeverGiven));
    world.pack(|_| ());
}

#[test]
fn de_identified_facts_are_still_about_somebody() {
    let world = World::new();
    world.write(opened(1, ANNA, "Anna Example"));
    refused(&world, |wanted| wanted.names = Names::Withheld);
    let world = world.with_keys(|vault: &Vault| vault.destroy(anna(), ErasureLevel::Identity).unwrap());
    refused(&world, |_| ());
    world.write(agreed(2, ANNA, MARCH));
    assert_eq!(found(&world.pack(|_| ()).files).problems, []);
}

#[test]
fn of_whom_nothing_can_be_read_nobody_needs_to_agree() {
    let world = World::new();
    world.write(opened(1, ANNA, "Anna Example"));
    let world = world.with_keys(|vault: &Vault| vault.destroy(anna(), ErasureLevel::All).unwrap());
    let pack = world.pack(|_| ());
    assert_eq!((found(&pack.files).problems, pack.tally.closed), (Vec::new(), 1));
    assert!(pack.manifest.consents.is_empty());
    assert!(text(&pack.files, "index.html").contains("nobody: nothing about a client can be read here"));
}

#[test]
fn consent_taken_back_since_refuses_a_pack_of_what_was_known_before() {
    let world = agreeing();
    let as_of = |wanted: &mut Wanted| wanted.as_of = AsOf::Position(Position(2));
    assert_eq!(found(&world.pack(as_of).files).problems, []);
    withdrawn(&world, 4, "2026-06-30");
    for missing in [
        refused(&world, |_| ()),
        refused(&world, as_of),
        refused(&world, |wanted| wanted.filter.valid_at = Some("2026-03-31".parse().unwrap())),
        refused(&world, |wanted| wanted.filter = Filter::of(Some("transaction"), None, None, None).unwrap()),
    ] {
        assert!(missing.to_string().contains("taken back on 2026-06-30"), "{missing}");
    }
    // Given since, it opens what was known before it was given too.
    world.write(agreed(5, ANNA, "2026-07-01"));
    assert_eq!(found(&world.pack(as_of).files).problems, []);
    assert_eq!(found(&world.pack(|_| ()).files).problems, []);
}

/// The day of the pack, not of what it shows; and the day at the client's, where it has begun already.
#[test]
fn consent_counts_on_the_day_on_which_the_pack_is_made() {
    let world = World::new();
    let until = json!({ "scope": "data-sharing", "until": "2026-06-30" });
    world.write(opened(1, ANNA, "Anna Example"));
    world.write(said(2, ANNA, MARCH, "intake.consent-given", &until, &json!({})));
    let made = |time: &'static str| move |wanted: &mut Wanted| wanted.made_at = time.parse().unwrap();
    world.pack(made("2026-06-30T23:59:59Z"));
    let missing = refused(&world, made("2026-07-01T00:00:00Z"));
    assert!(missing.to_string().contains("given on 2026-03-01, ended on 2026-06-30"), "{missing}");
    refused(&world, made("2026-02-28T12:00:00Z"));
    withdrawn(&world, 3, "2026-06-02");
    let missing = refused(&world, made("2026-06-01T23:00:00Z"));
    assert!(missing.to_string().contains("taken back on 2026-06-02"), "{missing}");
}

#[test]
fn everybody_in_a_pack_must_agree_and_one_merged_away_agrees_by_the_one_that_keeps_it() {
    let world = World::new();
    world.write(opened(1, ANNA, "Anna Example")).write(agreed(2, ANNA, MARCH));
    world.write(opened(3, BEN, "Ben Other"));
    // Ben's visit was written down as Anna's: it is his, in her stream.
    world.write(contact(4, ANNA, "2026-03-05", "Not hers."));
    let moved = json!({ "from": anna(), "into": journey_id(BEN), "events": [throughline_domain::testing::event_id(4)] });
    for (id, journey) in [(5, ANNA), (6, BEN)] {
        world.write(said(id, journey, "2026-06-01", "amendment.journeys-split", &moved, &json!({})));
    }
    let missing = refused(&world, |_| ());
    assert_eq!((missing.journey, missing.stands), (journey_id(BEN), Consent::NeverGiven));
    // Ben is Anna after all: her consent is his.
    let merged = json!({ "kept": anna(), "absorbed": journey_id(BEN) });
    for (id, journey) in [(7, ANNA), (8, BEN)] {
        world.write(said(id, journey, "2026-06-01", "amendment.journeys-merged", &merged, &json!({})));
    }
    for journey in [ANNA, BEN] {
        let pack = world.pack(|wanted| wanted.journey = journey_id(journey));
        assert_eq!(found(&pack.files).problems, []);
        assert!(pack.manifest.consents.keys().eq([&anna()]));
        assert_eq!(pack.tally.journeys.len(), 2);
    }
    withdrawn(&world, 9, "2026-06-02");
    assert_eq!(refused(&world, |wanted| wanted.journey = journey_id(BEN)).journey, anna());
}

#[test]
fn a_pack_says_for_what_and_by_which_consent_it_was_made() {
    let pack = agreeing().pack(|_| ());
    let manifest: Json = serde_json::from_str(text(&pack.files, "manifest.json")).unwrap();
    assert_eq!(manifest["asked"]["purpose"], "data-sharing");
    let event = throughline_domain::testing::event_id(2);
    let given = json!({ "event": event, "given": MARCH, "until": null });
    assert_eq!(manifest["consents"], json!({ anna().to_string(): given }));
    let page = text(&pack.files, "index.html");
    let said = format!("journey {}, given on 2026-03-01, without an end (event {event})", anna());
    assert!(page.contains("<th scope=\"row\">purpose</th><td>data-sharing</td>") && page.contains(&said));
}

#[test]
fn a_manifest_that_names_another_consent_than_the_events_give_is_found() {
    let files = agreeing().pack(|_| ()).files;
    let forged = |change: &dyn Fn(&mut Manifest)| {
        let mut files = files.clone();
        let mut manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
        change(&mut manifest);
        files.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
        first(&renewed(files))
    };
    let (_, file, what) = forged(&|manifest| manifest.consents.clear());
    assert_eq!(file, "manifest.json");
    assert!(what.contains("not those that the events give"), "{what}");
    let (_, _, what) = forged(&|manifest| {
        manifest.consents.values_mut().for_each(|given| given.until = Some("2030-01-01".parse().unwrap()));
    });
    assert!(what.contains("not those that the events give"), "{what}");
    let (_, _, what) = forged(&|manifest| manifest.asked.purpose = Code::new("research").unwrap());
    assert!(what.contains("never given"), "{what}");
    // Where the pack looks back, it must name one at least.
    let (_, _, what) = forged(&|manifest| {
        manifest.consents.clear();
        manifest.asked.as_of = Some("2".to_owned());
    });
    assert!(what.contains("nobody's consent is named"), "{what}");
}
