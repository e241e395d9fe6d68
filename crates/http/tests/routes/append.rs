//! Appending: read your write, versions as conditions, and the same thing sent twice.

use serde_json::json;

use crate::world::{ANNA, World, contact, enrolled, event, id, opened};

#[tokio::test]
async fn a_writer_reads_what_was_written() {
    let world = World::new().await;
    let answer = world.append(ANNA, &json!([opened(1), enrolled(2, "e-1", "2026-03-02")])).await.is(201);
    let receipt = answer.json();
    assert_eq!(answer.header("etag"), "\"2\"");
    assert_eq!(receipt["position"], 1);
    assert_eq!(receipt["version"], 2);
    assert_eq!(receipt["events"][0]["event_id"], id(1));
    assert_eq!(receipt["events"][0]["recorded_at"], "2026-06-01T08:00:00Z");
    assert_eq!(receipt["events"][1]["repeated"], false);
    let view = world.get(&format!("/v1/journeys/{ANNA}/engagement?min_position=1")).await.is(200).json();
    assert_eq!(view["version"], 2);
    assert_eq!(view["applied_position"], 1);
    assert_eq!(view["on"], "2026-06-01");
}

#[tokio::test]
async fn one_event_and_a_batch_are_taken_in_every_media_type_that_fits() {
    let world = World::new().await;
    let one = opened(1).to_string();
    world.post(ANNA, "application/cloudevents+json; charset=utf-8", one, &[]).await.is(201);
    let batch = json!([contact(2, "2026-03-03"), contact(3, "2026-03-04")]).to_string();
    world.post(ANNA, "application/cloudevents-batch+json", batch.clone(), &[]).await.is(201);
    world.append(ANNA, &contact(4, "2026-03-05")).await.is(201);
    let wrong =
        world.post(ANNA, "application/cloudevents+json", batch, &[]).await.refuses(422, "invalid-event");
    assert!(wrong.json()["detail"].as_str().expect("words").contains("cloudevents-batch+json"));
}

#[tokio::test]
async fn of_a_batch_all_events_are_written_or_none() {
    let world = World::with_anna().await;
    let bad =
        event(4, "milestone.exited", "2026-04-01", &json!({ "enrolment": "e-9", "reason": "completed" }));
    let refused = world.append(ANNA, &json!([contact(3, "2026-03-03"), bad])).await.refuses(422, "rejected");
    assert_eq!(refused.fault(), "/1/data/facts/enrolment");
    let history = world.get(&format!("/v1/journeys/{ANNA}/history")).await.is(200);
    assert_eq!(history.json()["total"], 2);
}

#[tokio::test]
async fn a_stale_writer_is_refused_with_the_current_version() {
    let world = World::with_anna().await;
    let fresh = [("if-match", "\"2\"")];
    let answer = world.append_with(ANNA, &contact(3, "2026-03-03"), &fresh).await.is(201);
    assert_eq!(answer.header("etag"), "\"3\"");
    let stale =
        world.append_with(ANNA, &contact(4, "2026-03-04"), &fresh).await.refuses(412, "stale-version");
    assert_eq!(stale.json()["version"], 3);
    assert_eq!(stale.header("etag"), "\"3\"");
    let any = world.append_with(ANNA, &contact(4, "2026-03-04"), &[("if-match", "*")]).await;
    any.is(201);
}

#[tokio::test]
async fn the_tag_of_any_journey_answer_serves_as_a_condition() {
    let world = World::with_anna().await;
    for path in ["", "/history", "/engagement?min_position=1", "/compare?from=0"] {
        let tag = world.get(&format!("/v1/journeys/{ANNA}{path}")).await.is(200).header("etag").to_owned();
        let repeated =
            world.append_with(ANNA, &enrolled(2, "e-1", "2026-03-02"), &[("if-match", &tag)]).await;
        repeated.is(201);
        let wrong = tag.replace("\"2", "\"1");
        let stale = world.append_with(ANNA, &contact(9, "2026-03-09"), &[("if-match", &wrong)]).await;
        stale.refuses(412, "stale-version");
    }
}

#[tokio::test]
async fn a_journey_is_opened_once() {
    let world = World::new().await;
    let new = [("if-none-match", "*")];
    world.append_with(ANNA, &opened(1), &new).await.is(201);
    let again = world.append_with(ANNA, &contact(2, "2026-03-02"), &new).await.refuses(412, "stale-version");
    assert_eq!(again.fault(), "If-None-Match");
    assert_eq!(again.json()["version"], 1);
    let other = "00000000-0000-4000-8000-00000000b001";
    let open = world.append_with(other, &opened(3), &[("if-match", "*")]).await;
    open.refuses(412, "stale-version");
}

#[tokio::test]
async fn an_event_reported_again_is_recognised_and_another_under_its_id_is_refused() {
    let world = World::with_anna().await;
    let again = world.append(ANNA, &opened(1)).await.is(201).json();
    assert_eq!(again["events"][0]["repeated"], true);
    assert_eq!(again["events"][0]["position"], 0);
    assert_eq!(again["version"], 2, "the version is the journey's, not the event's");
    let other = world.append(ANNA, &json!([contact(2, "2026-03-03")])).await.refuses(409, "event-id-taken");
    assert_eq!(other.fault(), "/0/id");
}

#[tokio::test]
async fn a_request_sent_again_with_its_key_is_answered_again_word_for_word() {
    let world = World::with_anna().await;
    let key = [("idempotency-key", "7c1d")];
    let first = world.append_with(ANNA, &contact(3, "2026-03-03"), &key).await.is(201);
    let again = world.append_with(ANNA, &contact(3, "2026-03-03"), &key).await.is(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("etag"), again.header("etag"));
    let other = world.append_with(ANNA, &contact(4, "2026-03-03"), &key).await.refuses(422, "key-reused");
    assert_eq!(other.fault(), "Idempotency-Key");
}

#[tokio::test]
async fn a_refused_request_frees_its_key() {
    let world = World::with_anna().await;
    let key = [("idempotency-key", "7c1d")];
    world.append_with(ANNA, &contact(3, "2031-03-03"), &key).await.refuses(422, "rejected");
    world.append_with(ANNA, &contact(3, "2026-03-03"), &key).await.is(201);
}

#[tokio::test]
async fn an_imported_person_is_named_by_the_key_of_the_system_they_come_from() {
    let world = World::new().await;
    let receipt = world.append("hmis:62547", &opened(1)).await.is(201).json();
    let journey = receipt["journey"].as_str().expect("an id").to_owned();
    let by_key = world.get("/v1/journeys/hmis:62547").await.is(200).json();
    assert_eq!(by_key["journey"], journey);
    assert_eq!(world.get(&format!("/v1/journeys/{journey}")).await.is(200).json()["journey"], journey);
}

#[tokio::test]
async fn a_merge_is_written_in_both_journeys_and_read_as_one_life() {
    let world = World::with_anna().await;
    let other = "00000000-0000-4000-8000-00000000b001";
    world.append(other, &json!([opened(10), contact(11, "2026-03-10")])).await.is(201);
    let merge =
        event(20, "amendment.journeys-merged", "2026-05-01", &json!({ "kept": ANNA, "absorbed": other }));
    let receipt = world.append(ANNA, &merge).await.is(201).json();
    assert_eq!(receipt["events"].as_array().expect("events").len(), 2);
    assert_eq!(receipt["version"], 3);
    let kept = world
        .get(&format!("/v1/journeys/{ANNA}/history?corrections=applied&fact=contact-made"))
        .await
        .is(200);
    assert_eq!(kept.json()["events"][0]["id"], id(11));
    assert!(
        kept.header("etag").starts_with("\"3-"),
        "the answer rests on more than the journey's own events"
    );
    let absorbed = world.get(&format!("/v1/journeys/{other}")).await.is(200).json();
    assert_eq!(absorbed["merged_into"], ANNA);
}
