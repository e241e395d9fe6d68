//! History: shown and applied, as known and as lived, filtered and in pages.

use serde_json::{Value as Json, json};

use crate::world::{ANNA, World, contact, event, id};

fn ids(page: &Json) -> Vec<String> {
    let events = page["events"].as_array().expect("events");
    events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
}

fn correction(n: u128, of: u128, facts: &Json) -> Json {
    let mut whole = json!({ "event": id(of), "why": "typing-error" });
    whole.as_object_mut().expect("an object").extend(facts.as_object().expect("an object").clone());
    event(n, "amendment.corrected", "2026-06-01", &whole)
}

/// Anna, with a contact corrected by event 5 and another retracted by event 6.
async fn amended() -> World {
    let world = World::with_anna().await;
    world.append(ANNA, &json!([contact(3, "2026-03-05"), contact(4, "2026-03-04")])).await.is(201);
    world.at("2026-06-02T08:00:00Z");
    let missed =
        json!({ "type": "throughline.check-in.check-in-missed.v1", "facts": { "reason": "illness" } });
    let retracted =
        event(6, "amendment.retracted", "2026-06-01", &json!({ "event": id(4), "why": "wrong-person" }));
    world.append(ANNA, &json!([correction(5, 3, &missed), retracted])).await.is(201);
    world
}

#[tokio::test]
async fn corrections_shown_keep_every_event_and_say_what_became_of_it() {
    let world = amended().await;
    let page = world.get(&format!("/v1/journeys/{ANNA}/history")).await.is(200).json();
    assert_eq!(ids(&page), (1..=6).map(id).collect::<Vec<_>>());
    assert_eq!(page["events"][2]["correctedby"], id(5));
    assert_eq!(page["events"][2]["type"], "throughline.transaction.contact-made.v1");
    assert_eq!(page["events"][3]["retractedby"], id(6));
    assert_eq!(page["events"][0].get("correctedby"), None);
    assert_eq!(page["events"][5]["recordedat"], "2026-06-02T08:00:00Z");
}

#[tokio::test]
async fn corrections_applied_give_the_life_in_the_order_it_happened() {
    let world = amended().await;
    let page = world.get(&format!("/v1/journeys/{ANNA}/history?corrections=applied")).await.is(200).json();
    assert_eq!(ids(&page), [id(1), id(2), id(3)]);
    assert_eq!(page["events"][2]["type"], "throughline.check-in.check-in-missed.v1");
    assert_eq!(page["events"][2]["position"], 2, "it keeps the place where it was first told");
}

#[tokio::test]
async fn what_was_known_before_a_correction_stays_known_as_of_then() {
    let world = amended().await;
    for as_of in ["3", "2026-06-01T12:00:00Z", "2026-06-01T14:00:00%2B02:00", "2026-06-01T14:00:00+02:00"] {
        let path = format!("/v1/journeys/{ANNA}/history?corrections=applied&as_of={as_of}");
        let page = world.get(&path).await.is(200).json();
        assert_eq!(ids(&page), [id(1), id(2), id(4), id(3)], "{as_of}");
        assert_eq!(page["version"], 4);
        assert_eq!(page["events"][3]["type"], "throughline.transaction.contact-made.v1");
    }
    let before =
        world.get(&format!("/v1/journeys/{ANNA}/history?as_of=2026-05-01T00:00:00Z")).await.is(200).json();
    assert_eq!((before["total"].clone(), before["version"].clone()), (json!(0), json!(0)));
}

#[tokio::test]
async fn a_history_is_filtered_by_what_who_and_when() {
    let world = amended().await;
    let total = |query: &'static str| {
        let world = &world;
        async move {
            world.get(&format!("/v1/journeys/{ANNA}/history?{query}")).await.is(200).json()["total"].clone()
        }
    };
    assert_eq!(total("family=transaction").await, 2);
    assert_eq!(total("fact=retracted").await, 1);
    assert_eq!(total("fact=throughline.intake.enrolled.v1").await, 1);
    assert_eq!(total("actor=worker:w17").await, 6);
    assert_eq!(total("actor=worker:w18").await, 0);
    assert_eq!(total("valid_at=2026-03-04").await, 3);
}

#[tokio::test]
async fn pages_show_every_event_once_though_the_journey_grows_meanwhile() {
    let world = amended().await;
    for (order, expected) in [("oldest", [1, 2, 3, 4, 5, 6]), ("newest", [6, 5, 4, 3, 2, 1])] {
        let mut next = Some(format!("/v1/journeys/{ANNA}/history?limit=4&order={order}"));
        let mut seen = Vec::new();
        let mut n = if order == "oldest" { 100 } else { 200 };
        while let Some(path) = next {
            let answer = world.get(&path).await.is(200);
            let page = answer.json();
            next = page["next"].as_str().map(str::to_owned);
            let link = next.as_ref().map(|next| format!("<{next}>; rel=\"next\"")).unwrap_or_default();
            assert_eq!(answer.header("link"), link);
            seen.extend(ids(&page));
            n += 1;
            world.append(ANNA, &contact(n, "2026-04-01")).await.is(201);
        }
        assert!(seen.len() >= 6);
        let known: Vec<String> = expected.into_iter().map(id).collect();
        let seen: Vec<String> = seen.into_iter().filter(|id| known.contains(id)).collect();
        assert_eq!(seen, known, "{order}");
    }
}

#[tokio::test]
async fn a_reader_who_has_the_history_is_told_so() {
    let world = amended().await;
    let path = format!("/v1/journeys/{ANNA}/history");
    let tag = world.get(&path).await.is(200).header("etag").to_owned();
    assert_eq!(tag, "\"6\"");
    let unchanged = world.get_with(&path, "if-none-match", &tag).await.is(304);
    assert!(unchanged.body.is_empty());
    assert_eq!(unchanged.header("etag"), tag);
    world.append(ANNA, &contact(7, "2026-03-09")).await.is(201);
    world.get_with(&path, "if-none-match", &tag).await.is(200);
}

#[tokio::test]
async fn a_correction_of_a_correction_stands_for_the_original_and_taken_back_it_stands_no_more() {
    let world = amended().await;
    let missed =
        json!({ "type": "throughline.check-in.check-in-missed.v1", "facts": { "reason": "forgot" } });
    world.append(ANNA, &correction(7, 5, &missed)).await.is(201);
    let path = format!("/v1/journeys/{ANNA}/history");
    let page = world.get(&path).await.is(200).json();
    assert_eq!(page["events"][2]["correctedby"], id(7));
    assert_eq!(page["events"][4]["correctedby"], id(7));
    assert_eq!(page["events"][6].get("correctedby"), None);
    let back = event(8, "amendment.retracted", "2026-06-02", &json!({ "event": id(7), "why": "mistake" }));
    world.append(ANNA, &back).await.is(201);
    let page = world.get(&path).await.is(200).json();
    assert_eq!(page["events"][2]["correctedby"], id(5));
    assert_eq!(page["events"][6]["retractedby"], id(8));
}
