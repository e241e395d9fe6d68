//! Nothing of a client leaves without consent for what it is to be used for.

use serde_json::{Value as Json, json};
use throughline_access::Wanted;
use throughline_domain::JourneyId;

use crate::{
    replay::{ask, verified},
    world::{ANNA, World, agreed, event},
};

async fn withdrawn(world: &World, n: u128, on: &str) {
    let withdrawal = event(n, "intake.consent-withdrawn", on, &json!({ "scope": "data-sharing" }));
    world.append(ANNA, &json!([withdrawal])).await.is(201);
}

/// Why there is no pack.
async fn refused(world: &World, asked: &Json) -> String {
    let answer = ask(world, None, asked).await.refuses(403, "no-consent");
    assert_eq!(answer.fault(), "/purpose");
    answer.json()["detail"].as_str().expect("what is missing").to_owned()
}

/// What the access log has of exports: fact, purpose, why it was refused.
fn noted(world: &World) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let anna: JourneyId = ANNA.parse().expect("an id");
    let wanted = Wanted { client: Some(anna), ..Wanted::default() };
    let entries = world.access.log(&wanted, 100).expect("read").entries;
    let of_packs = entries
        .into_iter()
        .filter(|entry| entry.what.as_ref().is_some_and(|what| what.as_str() == "audit-pack"));
    of_packs
        .map(|entry| {
            (entry.fact, entry.purpose.map(|code| code.to_string()), entry.why.map(|code| code.to_string()))
        })
        .collect()
}

#[tokio::test]
async fn a_pack_needs_the_clients_consent_for_its_purpose_today() {
    let world = World::with_anna().await;
    for asked in [
        json!({ "journey": ANNA }),
        json!({ "journey": ANNA, "withhold_names": true }),
        json!({ "journey": ANNA, "family": "milestone" }),
    ] {
        let detail = refused(&world, &asked).await;
        for word in [ANNA, "`data-sharing`", "2026-06-01", "never given", "`consent-given`"] {
            assert!(detail.contains(word), "{detail}");
        }
    }
    world.append(ANNA, &json!([agreed(3, "data-sharing", "2026-05-01")])).await.is(201);
    let verdict = verified(&ask(&world, None, &json!({ "journey": ANNA })).await.is(200));
    assert_eq!(verdict.problems, []);
    let manifest = verdict.manifest.expect("a manifest");
    assert_eq!(manifest.asked.purpose.as_str(), "data-sharing");
    assert_eq!(manifest.consents.len(), 1);
    // Consent to one use is none to another.
    let research = json!({ "journey": ANNA, "purpose": "research" });
    refused(&world, &research).await;
    world.append(ANNA, &json!([agreed(4, "research", "2026-05-01")])).await.is(201);
    ask(&world, None, &research).await.is(200);
    let why = || Some("no-consent".to_owned());
    let refusal = ("refused", None, why());
    let export = |purpose: &str| ("exported", Some(purpose.to_owned()), None);
    assert_eq!(
        noted(&world),
        [
            refusal.clone(),
            refusal.clone(),
            refusal.clone(),
            export("data-sharing"),
            refusal,
            export("research")
        ]
    );
}

#[tokio::test]
async fn consent_taken_back_refuses_what_was_known_and_lived_before_it_too() {
    let world = World::with_anna().await;
    world.append(ANNA, &json!([agreed(3, "data-sharing", "2026-05-01")])).await.is(201);
    let before = [
        json!({ "journey": ANNA }),
        json!({ "journey": ANNA, "as_of": "2" }),
        json!({ "journey": ANNA, "as_of": "2026-06-01T08:00:00Z" }),
        json!({ "journey": ANNA, "valid_at": "2026-05-15" }),
    ];
    for asked in &before {
        assert_eq!(verified(&ask(&world, None, asked).await.is(200)).problems, [], "{asked}");
    }
    world.at("2026-06-03T08:00:00Z");
    withdrawn(&world, 4, "2026-06-02").await;
    for asked in &before {
        let detail = refused(&world, asked).await;
        assert!(detail.contains("taken back on 2026-06-02"), "{detail}");
    }
    assert_eq!(noted(&world).iter().filter(|(fact, ..)| *fact == "refused").count(), before.len());
}

#[tokio::test]
async fn consent_with_a_last_day_lets_nothing_leave_on_the_day_after() {
    let world = World::with_anna().await;
    let until = json!({ "scope": "data-sharing", "until": "2026-06-10" });
    world.append(ANNA, &json!([event(3, "intake.consent-given", "2026-05-01", &until)])).await.is(201);
    let asked = json!({ "journey": ANNA, "as_of": "2" });
    world.at("2026-06-10T23:59:00Z");
    ask(&world, None, &asked).await.is(200);
    world.at("2026-06-11T00:00:00Z");
    let detail = refused(&world, &asked).await;
    assert!(detail.contains("given on 2026-05-01, ended on 2026-06-10"), "{detail}");
}

#[tokio::test]
async fn a_refusal_that_cannot_be_written_down_is_not_even_told() {
    let world = World::unwritable().await;
    ask(&world, None, &json!({ "journey": ANNA })).await.refuses(503, "unrecorded");
}
