//! Replaying a record: audit packs, and the record step by step.

use axum::{body::Body, http::Request};
use serde_json::{Value as Json, json};
use throughline_access::Role;
use throughline_replay::pack;

use crate::world::{ANNA, Answer, World, agreed, contact, event, id};

/// Anna with a contact that was put right.
async fn corrected() -> World {
    let world = World::with_anna().await;
    world.append(ANNA, &json!([contact(3, "2026-03-05"), contact(4, "2026-03-09")])).await.is(201);
    let facts = json!({
        "event": id(3), "why": "wrong-date", "occurred": "2026-03-06",
        "type": "throughline.transaction.contact-made.v1",
        "facts": { "format": "phone", "begun_by": "client", "exchange": "two-way" },
    });
    world.append(ANNA, &json!([event(5, "amendment.corrected", "2026-06-01", &facts)])).await.is(201);
    world
}

pub async fn ask(world: &World, token: Option<&str>, body: &Json) -> Answer {
    let mut request = Request::post("/v1/audit-packs").header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    world.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

pub fn verified(answer: &Answer) -> pack::Verdict {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("audit-pack.tar");
    std::fs::write(&file, &answer.body).expect("a file");
    pack::verify(&pack::read(&file).expect("a pack"), None)
}

#[tokio::test]
async fn a_pack_comes_as_one_file_that_proves_itself() {
    let world = corrected().await;
    world.append(ANNA, &json!([agreed(6, "data-sharing", "2026-05-01")])).await.is(201);
    let answer = ask(&world, None, &json!({ "journey": ANNA })).await.is(200);
    assert_eq!(answer.header("content-type"), "application/x-tar");
    assert_eq!(answer.header("cache-control"), "no-store");
    let verdict = verified(&answer);
    assert_eq!((verdict.problems, verdict.events), (Vec::new(), 6));
    let asked = json!({ "journey": ANNA, "as_of": "3", "fact": "contact-made", "valid_at": "2026-03-05" });
    let verdict = verified(&ask(&world, None, &asked).await.is(200));
    assert_eq!(verdict.problems, []);
    let tally = verdict.tally.expect("nothing is wrong");
    assert_eq!((tally.shown, tally.left_out), (1, 3));
}

#[tokio::test]
async fn an_auditor_takes_a_pack_that_opens_no_names_and_staff_take_none() {
    let world = World::by_token().await;
    let writer = world.account("machine:desk", &[Role::Writer], None);
    let auditor = world.account("worker:a1", &[Role::Auditor], None);
    let staff = world.account("worker:w17", &[Role::Staff], Some("w17"));
    let mut opened = crate::world::opened(1);
    opened["data"]["personal"] = json!({ "name": "Anna Example" });
    let bearer = format!("Bearer {writer}");
    world
        .append_with(
            ANNA,
            &json!([opened, agreed(2, "data-sharing", "2026-03-01")]),
            &[("authorization", &bearer)],
        )
        .await
        .is(201);
    let asked = json!({ "journey": ANNA });
    let answer = ask(&world, Some(&auditor), &asked).await.is(200);
    assert!(!String::from_utf8_lossy(&answer.body).contains("Anna Example"));
    let verdict = verified(&answer);
    assert_eq!(verdict.problems, []);
    assert_eq!(verdict.names, Some(pack::NamesAre::Withheld));
    ask(&world, Some(&staff), &asked).await.refuses(403, "no-leave");
}

#[tokio::test]
async fn a_pack_of_what_there_is_not_is_refused_with_its_place() {
    let world = corrected().await;
    for (body, status, code, fault) in [
        (json!({ "journey": id(99) }), 404, "unknown-journey", "id"),
        (json!({ "journey": "nobody" }), 422, "invalid-path", "/journey"),
        (json!({ "journey": ANNA, "family": "gossip" }), 422, "invalid-body", "/family"),
        (json!({ "journey": ANNA, "fact": "gossip" }), 422, "invalid-body", "/fact"),
        (json!({ "journey": ANNA, "as_of": "soon" }), 422, "invalid-body", "/as_of"),
        (json!({ "journey": ANNA, "as_of": "99" }), 422, "beyond-head", "as_of"),
        (json!({ "journey": ANNA, "purpose": "What for?" }), 422, "invalid-body", ""),
        (json!({ "journey": ANNA, "whole": true }), 422, "invalid-body", ""),
    ] {
        let answer = ask(&world, None, &body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (status, Some(code)), "{body}");
        if !fault.is_empty() {
            assert_eq!(answer.fault(), fault, "{body}");
        }
    }
}

#[tokio::test]
async fn the_record_is_stepped_through_event_by_event() {
    let world = corrected().await;
    let step = |position: u64| format!("/v1/journeys/{ANNA}/replay?position={position}");
    let page = world.get(&step(2)).await.is(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let page = page.text();
    assert!(page.contains("<h2>Event 3 of 5</h2>"), "{page}");
    assert!(page.contains("<td>2026-03-05</td>") || page.contains("happened 2026-03-05"));
    assert!(page.contains(&format!("rel=\"prev\" href=\"{}\"", step(1))));
    assert!(page.contains(&format!("rel=\"next\" href=\"{}\"", step(3))));
    // What became of it since, by whom and why.
    assert!(page.contains(&format!("corrected at <a href=\"{}\">position 4</a> by worker:w17", step(4))));
    assert!(page.contains(": wrong date"));
    assert!(!page.contains("<script"));
    let last = world.get(&format!("/v1/journeys/{ANNA}/replay")).await.is(200).text();
    assert!(last.contains("<h2>Event 5 of 5</h2>") && !last.contains("rel=\"next\""));
    assert!(last.contains(&format!(
        "Corrects <a href=\"{}\">position 2</a> (contact made). Why: wrong date.",
        step(2)
    )));
    assert!(last.contains("<td>2026-03-05</td><td>2026-03-06</td>"));
    // A contact begins what the view of engagement says of contacts.
    assert!(page.contains("What it changed in the views") && page.contains("<h3>engagement</h3>"));
    world.get(&format!("/v1/journeys/{}/replay", id(99))).await.refuses(404, "unknown-journey");
}
