//! What changed between two moments of the record, by whom and why.

use serde_json::json;

use crate::world::{ANNA, World, contact, event, id};

#[tokio::test]
async fn two_moments_differ_by_what_was_added_corrected_and_taken_back_between_them() {
    let world = World::with_anna().await;
    world.append(ANNA, &json!([contact(3, "2026-03-05"), contact(4, "2026-03-04")])).await.is(201);
    world.at("2026-06-02T08:00:00Z");
    let facts = json!({
        "event": id(3), "why": "wrong-date", "occurred": "2026-03-06",
        "type": "throughline.transaction.contact-made.v1",
        "facts": { "format": "phone", "begun_by": "client", "exchange": "two-way" },
    });
    let corrected = event(5, "amendment.corrected", "2026-06-02", &facts);
    let retracted =
        event(6, "amendment.retracted", "2026-06-02", &json!({ "event": id(4), "why": "wrong-person" }));
    world.append(ANNA, &json!([corrected, retracted, contact(7, "2026-05-01")])).await.is(201);
    for from in ["3", "2026-06-01T12:00:00Z"] {
        let path = format!("/v1/journeys/{ANNA}/compare?from={from}&min_position=6");
        let compared = world.get(&path).await.is(200).json();
        assert_eq!(compared["from"]["position"], 3);
        assert_eq!(compared["to"]["position"], 6);
        assert_eq!(compared["added"].as_array().map(Vec::len), Some(1));
        assert_eq!(compared["added"][0]["id"], id(7));
        let change = &compared["corrected"][0];
        assert_eq!(
            (change["event_id"].clone(), change["by"]["event_id"].clone()),
            (json!(id(3)), json!(id(5)))
        );
        assert_eq!(change["before"]["data"]["occurred"], "2026-03-05");
        assert_eq!(change["after"]["data"]["occurred"], "2026-03-06");
        assert_eq!(change["by"]["why"], "wrong-date");
        assert_eq!(change["by"]["recorded_at"], "2026-06-02T08:00:00Z");
        let gone = &compared["removed"][0];
        assert_eq!(
            (gone["event_id"].clone(), gone["by"]["why"].clone()),
            (json!(id(4)), json!("wrong-person"))
        );
        let views = compared["views"].as_array().expect("views");
        assert!(views.iter().any(|view| view["view"] == "engagement"), "{views:?}");
    }
}

#[tokio::test]
async fn a_moment_beside_itself_differs_in_nothing() {
    let world = World::with_anna().await;
    let compared = world.get(&format!("/v1/journeys/{ANNA}/compare?from=1&to=1")).await.is(200).json();
    for part in ["added", "corrected", "removed", "views"] {
        assert_eq!(compared[part], json!([]), "{part}");
    }
}

#[tokio::test]
async fn before_a_journey_was_opened_nothing_was_known_of_it() {
    let world = World::with_anna().await;
    let compared =
        world.get(&format!("/v1/journeys/{ANNA}/compare?from=2026-01-01T00:00:00Z")).await.is(200).json();
    assert_eq!(compared["from"]["position"], json!(null));
    assert_eq!(compared["added"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn moments_the_wrong_way_round_or_missing_are_refused() {
    let world = World::with_anna().await;
    let swapped =
        world.get(&format!("/v1/journeys/{ANNA}/compare?from=1&to=0")).await.refuses(422, "invalid-query");
    assert_eq!(swapped.fault(), "from");
    world.get(&format!("/v1/journeys/{ANNA}/compare")).await.refuses(422, "invalid-query");
    world.get(&format!("/v1/journeys/{ANNA}/compare?from=7")).await.refuses(422, "beyond-head");
}
