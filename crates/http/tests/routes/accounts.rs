//! In whose name something is written, what goes by one account and not by another, what is written down before it is
//! answered, and the keeping of accounts.

use axum::{body::Body, http::Request};
use serde_json::{Value as Json, json};
use throughline_domain::Code;

use crate::{
    caseload::unsigned,
    matrix::{Cast, Client, FOREIGN_KEY},
    world::{World, contact, id},
};

fn by(mut event: Json, actor: &str) -> Json {
    event["data"]["actor"] = json!(actor);
    event
}

#[tokio::test]
async fn nobody_writes_in_anothers_name_but_a_machine_that_says_who_did() {
    let cast = Cast::new().await;
    let own = cast.journey(Client::Own).to_string();
    let refused = cast
        .append(&cast.staff, &own, &by(contact(80, "2026-03-05"), "worker:w2"))
        .await
        .refuses(403, "another-name");
    assert_eq!(refused.fault(), "/data/actor");
    let batch = json!([unsigned(contact(81, "2026-03-05")), by(contact(82, "2026-03-06"), "worker:w9")]);
    assert_eq!(
        cast.append(&cast.staff, &own, &batch).await.refuses(403, "another-name").fault(),
        "/1/data/actor"
    );
    cast.append(&cast.supervisor, &own, &by(contact(83, "2026-03-05"), "worker:w1"))
        .await
        .refuses(403, "another-name");
    let mut covered = unsigned(contact(84, "2026-03-05"));
    covered["data"]["on_behalf_of"] = json!("worker:w2");
    cast.append(&cast.staff, &own, &covered).await.is(201);
    cast.append(&cast.writer, &own, &by(contact(85, "2026-03-05"), "worker:w2")).await.is(201);
    let history = cast.get(&cast.staff, &format!("/v1/journeys/{own}/history")).await.is(200).json();
    let events = history["events"].as_array().expect("events").clone();
    let told = |n: u128| {
        events.iter().find(|event| event["id"] == id(n)).map(|event| event["data"]["actor"].clone())
    };
    assert_eq!((told(84), told(85), told(82)), (Some(json!("worker:w1")), Some(json!("worker:w2")), None));

    // In an import what another recorded is told as imported; a machine is taken at its word.
    let line = |n: u128, imported: bool| {
        let mut line = by(contact(n, "2026-03-07"), "worker:w2");
        line["subject"] = json!(own);
        if imported {
            line["data"]["imported"] = json!({ "system": "old", "table": "visits" });
        }
        line
    };
    for (token, lines, refused) in [
        (&cast.supervisor, json!([line(86, false), line(87, true)]), 1),
        (&cast.writer, json!([line(88, false), line(89, true)]), 0),
    ] {
        let begun = cast.world.ask(token, "POST", "/v1/imports?mode=validate", Some(&lines)).await.is(202);
        let place = begun.header("location").to_owned();
        let job = loop {
            let job = cast.get(token, &place).await.is(200).json();
            if job["state"] != "running" {
                break job;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        };
        assert_eq!(job["refused"].as_array().map(Vec::len), Some(refused), "{job}");
        if refused == 1 {
            assert_eq!(
                (&job["refused"][0]["code"], &job["refused"][0]["pointer"]),
                (&json!("another-name"), &json!("/data/actor"))
            );
            cast.get(&cast.writer, &place).await.refuses(404, "unknown-import");
            cast.world.ask(&cast.writer, "DELETE", &place, None).await.refuses(404, "unknown-import");
        }
    }
}

#[tokio::test]
async fn an_answer_given_to_one_account_is_not_given_again_to_another() {
    let cast = Cast::new().await;
    let own = cast.journey(Client::Own).to_string();
    let send = async |token: &str, n: u128| {
        let request = Request::post(format!("/v1/journeys/{own}/events")).header("idempotency-key", "k");
        let request = request
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        cast.world
            .send(
                request.body(Body::from(unsigned(contact(n, "2026-03-05")).to_string())).expect("a request"),
            )
            .await
    };
    let first = send(&cast.supervisor, 95).await.is(201);
    assert_eq!(send(&cast.supervisor, 95).await.is(201).body, first.body);
    send(&cast.supervisor, 96).await.refuses(422, "key-reused");
    send(&cast.staff, 95).await.refuses(409, "event-id-taken");
    send(&cast.staff, 97).await.is(201);
    send(&cast.auditor, 95).await.refuses(403, "no-leave");
}

#[tokio::test]
async fn a_cursor_is_good_for_the_account_it_was_given_to() {
    let cast = Cast::new().await;
    let next = async |token: &str| {
        cast.get(token, "/v1/journeys?limit=1").await.is(200).json()["next"]
            .as_str()
            .expect("a page")
            .to_owned()
    };
    let supervisors = next(&cast.supervisor).await;
    cast.get(&cast.supervisor, &supervisors).await.is(200);
    for token in [&cast.staff, &cast.auditor, &cast.evaluator] {
        cast.get(token, &supervisors).await.refuses(422, "invalid-cursor");
    }
    let history = format!("/v1/journeys/{}/history?limit=1", cast.journey(Client::Own));
    let mine =
        cast.get(&cast.staff, &history).await.is(200).json()["next"].as_str().expect("a page").to_owned();
    cast.get(&cast.supervisor, &mine).await.refuses(422, "invalid-cursor");
}

#[tokio::test]
async fn a_tag_of_what_was_shown_with_names_withheld_is_not_that_of_the_whole() {
    let cast = Cast::new().await;
    let path = format!("/v1/journeys/{}/history", cast.journey(Client::Own));
    let ask = async |token: &str, tag: &str| {
        let request = Request::get(&path)
            .header("authorization", format!("Bearer {token}"))
            .header("if-none-match", tag);
        cast.world.send(request.body(Body::empty()).expect("a request")).await
    };
    let whole = ask(&cast.supervisor, "x").await.is(200);
    let withheld = ask(&cast.auditor, "x").await.is(200);
    assert_ne!(whole.header("etag"), withheld.header("etag"));
    assert!(whole.header("vary").contains("Authorization"));
    ask(&cast.auditor, whole.header("etag")).await.is(200);
    ask(&cast.auditor, withheld.header("etag")).await.is(304);
}

#[tokio::test]
async fn every_look_and_every_refusal_is_written_down_before_it_is_answered() {
    let cast = Cast::new().await;
    let own = cast.journey(Client::Own);
    let before = cast.noted("worker:w1").len();
    let asked = [
        (format!("/v1/journeys/{own}"), "record-read", "journey"),
        (format!("/v1/journeys/{own}/history"), "record-read", "history"),
        (format!("/v1/journeys/{own}/engagement"), "record-read", "engagement-of-journey"),
        (format!("/v1/journeys/{own}/compare?from=0"), "record-read", "compare"),
        ("/v1/journeys".to_owned(), "list-read", "journeys"),
        ("/v1/worklists/going-quiet".to_owned(), "list-read", "worklist"),
        ("/v1/outcomes".to_owned(), "list-read", "outcomes-figures"),
        (format!("/v1/journeys/{}", cast.journey(Client::Foreign)), "refused", "journey"),
        ("/v1/accounts".to_owned(), "refused", "accounts"),
    ];
    for (path, _, _) in &asked {
        cast.get(&cast.staff, path).await;
    }
    let noted = cast.noted("worker:w1");
    let told: Vec<(&str, &str)> = noted[before..]
        .iter()
        .map(|entry| (entry.fact, entry.what.as_ref().map_or("", |what| what.as_str())))
        .collect();
    assert_eq!(told, asked.each_ref().map(|(_, fact, what)| (*fact, *what)));
    assert_eq!(noted[before].client, Some(own));
    assert_eq!(noted[before + 4].clients, Some(2));
    assert_eq!(noted[before + 7].why.as_ref().map(Code::as_str), Some("not-in-caseload"));
    // Who is not known is noted, as far as there is room; who names nothing is not.
    let strangers = || cast.noted("system:stranger").len();
    cast.get("", "/v1/journeys").await.refuses(401, "not-signed-in");
    let known = strangers();
    for _ in 0..100 {
        cast.get("tlt_guess", "/v1/journeys").await.refuses(401, "not-signed-in");
    }
    assert_eq!((known, strangers()), (0, 60));
}

#[tokio::test]
async fn accounts_tokens_and_grants_are_kept_over_http() {
    let cast = Cast::new().await;
    let admin = async |method: &str, path: &str, body: Option<Json>| {
        cast.world.ask(&cast.admin, method, path, body.as_ref()).await
    };
    admin("POST", "/v1/accounts", Some(json!({ "name": "worker:w50", "roles": ["staff"], "worker": "w2" })))
        .await
        .is(201);
    admin("POST", "/v1/accounts", Some(json!({ "name": "worker:w50", "roles": ["staff"] })))
        .await
        .refuses(409, "account-exists");
    admin("POST", "/v1/accounts", Some(json!({ "name": "Jan", "roles": ["staff"] })))
        .await
        .refuses(422, "invalid-body");
    let wrong = admin("POST", "/v1/accounts", Some(json!({ "name": "x:1", "roles": ["king"] })))
        .await
        .refuses(422, "invalid-body");
    assert_eq!(wrong.fault(), "/roles/0");
    admin("POST", "/v1/accounts", Some(json!({ "name": "x:1", "roles": [] })))
        .await
        .refuses(422, "invalid-body");
    let large = json!({ "name": "x:1", "roles": vec!["staff"; 5000] });
    admin("POST", "/v1/accounts", Some(large)).await.refuses(413, "too-large");
    let issued =
        admin("POST", "/v1/accounts/worker:w50/tokens", Some(json!({ "label": "laptop", "days": 1 })))
            .await
            .is(201);
    assert_eq!(issued.header("cache-control"), "no-store");
    let (token, token_id) =
        (issued.json()["token"].as_str().expect("a token").to_owned(), issued.json()["id"].clone());
    let foreign = format!("/v1/journeys/{}", cast.journey(Client::Foreign));
    cast.get(&token, &foreign).await.is(200);
    let tokens = admin("GET", "/v1/accounts/worker:w50/tokens", None).await.is(200);
    assert!(
        tokens.json()["tokens"][0]["id"] == token_id && !tokens.text().contains(&token[4..]),
        "{}",
        tokens.text()
    );
    admin("POST", "/v1/accounts/worker:w50/roles", Some(json!({ "roles": ["auditor"] }))).await.is(200);
    assert!(!cast.get(&token, &format!("{foreign}/history")).await.is(200).text().contains("foreignwords"));
    let grant = json!({ "account": "worker:w50", "client": FOREIGN_KEY, "names": true, "why": "asked by the client" });
    let given = admin("POST", "/v1/grants", Some(grant)).await.is(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert!(cast.get(&token, &format!("{foreign}/history")).await.is(200).text().contains("foreignwords"));
    assert!(admin("GET", "/v1/grants", None).await.is(200).text().contains(&given));
    admin("DELETE", &format!("/v1/grants/{given}"), None).await.is(200);
    assert!(!cast.get(&token, &format!("{foreign}/history")).await.is(200).text().contains("foreignwords"));
    admin("POST", "/v1/grants", Some(json!({ "account": "admin:k1", "why": "for me" })))
        .await
        .refuses(403, "no-leave");
    admin("DELETE", &format!("/v1/tokens/{}", token_id.as_str().expect("an id")), None).await.is(200);
    cast.get(&token, &foreign).await.refuses(401, "not-signed-in");
    admin("DELETE", "/v1/accounts/worker:w50", None).await.is(200);
    admin("POST", "/v1/accounts/worker:w50/tokens", Some(json!({}))).await.refuses(409, "account-closed");
    admin("GET", "/v1/accounts/worker:w51/tokens", None).await.refuses(404, "unknown-account");
}

#[tokio::test]
async fn where_it_cannot_be_written_down_nothing_is_answered() {
    let world = World::unwritable().await;
    for path in ["/v1/journeys", "/v1/engagement", "/v1/events"] {
        world.get(path).await.refuses(503, "unrecorded");
    }
    let own = format!("/v1/journeys/{}", crate::world::ANNA);
    let refused = world.get(&own).await.refuses(503, "unrecorded");
    assert_eq!(refused.header("retry-after"), "5");
    assert!(!refused.text().contains("participant"));
    world.get("/healthz").await.is(200);
    world.get("/v1/vocabularies").await.is(200);
}

#[tokio::test]
async fn two_roles_are_not_more_than_the_greater_of_them() {
    use throughline_access::Role;
    let cast = Cast::new().await;
    let both = cast.world.account("worker:w60", &[Role::Staff, Role::Evaluator], Some("w1"));
    let list = cast.get(&both, "/v1/journeys").await.is(200);
    assert!(!list.text().contains(&cast.journey(Client::Foreign).to_string()), "{}", list.text());
    let both = cast.world.account("worker:w61", &[Role::Staff, Role::Auditor], Some("w1"));
    let foreign = format!("/v1/journeys/{}/history", cast.journey(Client::Foreign));
    assert!(!cast.get(&both, &foreign).await.is(200).text().contains("foreignwords"));
}
