//! Views of one client: as known and as lived, on a day; the overview.

use serde_json::json;

use crate::world::{ANNA, World, contact, event, id};

#[tokio::test]
async fn a_correction_changes_the_view_now_but_not_as_known_before() {
    let world = World::with_anna().await;
    world.append(ANNA, &contact(3, "2026-05-20")).await.is(201);
    let view = |query: String| {
        let world = &world;
        async move {
            let path = format!("/v1/journeys/{ANNA}/engagement?on=2026-06-01{query}");
            world.get(&path).await.is(200).json()["view"].clone()
        }
    };
    let before = view("&min_position=2".to_owned()).await;
    world.at("2026-06-02T08:00:00Z");
    let retracted =
        event(4, "amendment.retracted", "2026-06-02", &json!({ "event": id(3), "why": "wrong-person" }));
    world.append(ANNA, &retracted).await.is(201);
    let after = view("&min_position=3".to_owned()).await;
    assert_ne!(before, after);
    assert_eq!(view("&as_of=2".to_owned()).await, before);
    assert_eq!(view("&as_of=2026-06-01T23:00:00Z".to_owned()).await, before);
    assert_eq!(view("&as_of=3".to_owned()).await, after);
}

#[tokio::test]
async fn a_life_lived_until_a_day_knows_nothing_of_what_came_later() {
    let world = World::with_anna().await;
    let path = format!("/v1/journeys/{ANNA}/engagement");
    let early = world.get(&format!("{path}?valid_at=2026-04-01&min_position=1")).await.is(200).json();
    assert_eq!(early["on"], "2026-04-01", "the day it is asked is the day it is lived until");
    world.append(ANNA, &contact(3, "2026-05-20")).await.is(201);
    let later = world.get(&format!("{path}?valid_at=2026-04-01&min_position=2")).await.is(200).json();
    assert_eq!(early["view"], later["view"]);
}

#[tokio::test]
async fn a_tag_of_a_view_goes_with_the_day_it_was_asked() {
    let world = World::with_anna().await;
    let path = format!("/v1/journeys/{ANNA}/engagement");
    let tag = world.get(&format!("{path}?min_position=1")).await.is(200).header("etag").to_owned();
    assert!(tag.starts_with("\"2-"), "{tag}");
    world.get_with(&path, "if-none-match", &tag).await.is(304);
    world.at("2026-07-15T08:00:00Z");
    world.get_with(&path, "if-none-match", &tag).await.is(200);
}

#[tokio::test]
async fn every_projector_registered_answers_for_one_client_and_for_all() {
    let world = World::with_anna().await;
    for projector in world.runtime.projectors().iter() {
        let name = projector.name();
        let one = world.get(&format!("/v1/journeys/{ANNA}/{name}?min_position=1")).await.is(200).json();
        assert!(one["view"].is_object(), "{name}");
        let all = world.get(&format!("/v1/{name}?min_position=1")).await.is(200).json();
        assert_eq!(all["groups"][0]["clients"], 1, "{name}");
    }
}

#[tokio::test]
async fn the_overview_says_where_the_client_stands_and_its_links_work() {
    let world = World::with_anna().await;
    let overview = world.get(&format!("/v1/journeys/{ANNA}?min_position=1")).await.is(200);
    assert_eq!(overview.header("etag"), "\"2\"");
    let overview = overview.json();
    assert_eq!(overview["placement"]["places"][0]["programme"], "housing-first");
    assert_eq!(overview["lived"], json!(["2026-03-01", "2026-03-02"]));
    assert_eq!(overview["facts"], 2);
    for (name, link) in overview["links"].as_object().expect("links") {
        assert_eq!(world.get(link.as_str().expect("a path")).await.status, 200, "{name}");
    }
    let before = world.get(&format!("/v1/journeys/{ANNA}?valid_at=2026-03-01")).await.is(200).json();
    assert_eq!(before["placement"]["places"], json!([]));
}
