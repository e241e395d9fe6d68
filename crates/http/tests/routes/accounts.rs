//! Caseloads, grants and the glass; in whose name something is written; what is written down before it is answered.

use axum::{body::Body, http::Request};
use serde_json::{Value as Json, json};
use throughline_access::{Entry, Role, Wanted};

use crate::{
    matrix::{Cast, Client, FOREIGN_KEY, actor},
    world::{World, contact, enrolled, event, id, opened},
};

impl Cast {
    fn noted(&self, account: &str) -> Vec<Entry> {
        let wanted = Wanted { account: Some(actor(account)), ..Wanted::default() };
        self.world.access.log(&wanted, 1000).expect("the access log").entries
    }

    async fn get(&self, token: &str, path: &str) -> crate::world::Answer {
        self.world.ask(token, "GET", path, None).await
    }

    async fn append(&self, token: &str, journey: &str, body: &Json) -> crate::world::Answer {
        self.world.ask(token, "POST", &format!("/v1/journeys/{journey}/events"), Some(body)).await
    }
}

/// An event without an actor.
fn unsigned(mut event: Json) -> Json {
    event["data"].as_object_mut().expect("an object").remove("actor");
    event
}

fn by(mut event: Json, actor: &str) -> Json {
    event["data"]["actor"] = json!(actor);
    event
}

#[tokio::test]
async fn lists_work_lists_and_figures_of_staff_are_of_their_caseload() {
    let cast = Cast::new().await;
    let list = cast.get(&cast.staff, "/v1/journeys").await.is(200).json();
    let mut seen: Vec<&str> = list["journeys"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["journey"].as_str())
        .collect();
    seen.sort_unstable();
    let [own, granted] = [Client::Own, Client::Granted].map(|client| cast.journey(client).to_string());
    assert_eq!(seen, [own.as_str(), granted.as_str()]);
    for list in ["going-quiet", "follow-ups-due", "promises", "data-quality"] {
        let whole = cast.get(&cast.supervisor, &format!("/v1/worklists/{list}")).await.is(200).json();
        let mine = cast.get(&cast.staff, &format!("/v1/worklists/{list}")).await.is(200).json();
        let foreign = |page: &Json| page.to_string().contains(&cast.journey(Client::Foreign).to_string());
        assert!(!foreign(&mine), "{list}: {mine}");
        if list == "going-quiet" {
            assert!(
                foreign(&whole) && mine["total"].as_u64() > Some(0),
                "the list would show the foreign client"
            );
        }
    }
    for (token, clients) in [(&cast.staff, 2), (&cast.supervisor, 3)] {
        let figures = cast.get(token, "/v1/engagement").await.is(200).json();
        assert_eq!(figures["groups"][0]["clients"], clients);
        let by_worker =
            cast.get(token, "/v1/engagement?group_by=worker&compare=last_year").await.is(200).json();
        let counted: u64 = by_worker["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .filter_map(|group| group["clients"].as_u64())
            .sum();
        assert_eq!(counted, clients);
    }
    let nobody = cast.world.account("worker:w70", &[Role::Staff], None);
    let list = cast.get(&nobody, "/v1/journeys").await.is(200).json();
    assert_eq!(list["journeys"], json!([]), "staff who are no worker have no caseload");
}

#[tokio::test]
async fn who_may_not_see_a_client_is_not_told_whether_there_is_one() {
    let cast = Cast::new().await;
    let foreign = cast.journey(Client::Foreign).to_string();
    let none = id(4_242);
    let said = async |method: &str, path: String, body: Option<Json>| {
        let mut answer = cast.world.ask(&cast.staff, method, &path, body.as_ref()).await.is(403).json();
        answer.as_object_mut().expect("a problem").remove("instance");
        answer
    };
    for rest in
        ["", "/history", "/engagement", "/compare?from=0", "?if=1", "/history?cursor=AA", "/history?limit=0"]
    {
        let [one, other] =
            [foreign.as_str(), none.as_str()].map(|journey| format!("/v1/journeys/{journey}{rest}"));
        assert_eq!(said("GET", one, None).await, said("GET", other, None).await, "{rest}");
    }
    let events = |journey: &str| format!("/v1/journeys/{journey}/events");
    for body in [
        unsigned(contact(50, "2026-03-05")),
        json!([unsigned(opened(51)), unsigned(enrolled(52, "e", "2026-03-02"))]),
    ] {
        let body = Some(body);
        assert_eq!(
            said("POST", events(&foreign), body.clone()).await,
            said("POST", events(&none), body).await
        );
    }
    for wrong in [json!([]), json!({ "id": "x" }), json!({})] {
        let answers =
            [foreign.as_str(), none.as_str()].map(|journey| cast.append(&cast.staff, journey, &wrong));
        let [one, other] = answers;
        let (one, other) = (one.await, other.await);
        assert_eq!((one.status, &one.json()["detail"]), (other.status, &other.json()["detail"]));
    }
    for key in [FOREIGN_KEY, "hmis:1"] {
        cast.world
            .ask(&cast.staff, "POST", "/v1/journeys/look-up", Some(&json!({ "key": key })))
            .await
            .refuses(403, "not-in-caseload");
    }
    let found = cast
        .world
        .ask(&cast.supervisor, "POST", "/v1/journeys/look-up", Some(&json!({ "key": FOREIGN_KEY })))
        .await;
    assert_eq!(found.is(200).json()["journey"], foreign);
    let refused = cast
        .get(&cast.staff, &format!("/v1/journeys/{FOREIGN_KEY}/history"))
        .await
        .refuses(403, "not-in-caseload");
    assert!(!refused.text().contains("62547"), "{}", refused.text());
    let metrics = cast.get(&cast.admin, "/metrics").await.is(200).text();
    assert!(!metrics.contains("62547") && !metrics.contains(&foreign));
}

#[tokio::test]
async fn a_client_passes_from_one_worker_to_the_next_with_the_record() {
    let cast = Cast::new().await;
    let own = cast.journey(Client::Own).to_string();
    let path = format!("/v1/journeys/{own}/history");
    cast.get(&cast.staff, &path).await.is(200);
    let assigned = event(
        60,
        "intake.worker-assigned",
        "2026-04-01",
        &json!({ "enrolment": "stay-own", "worker": "w2" }),
    );
    cast.append(&cast.writer, &own, &assigned).await.is(201);
    cast.get(&cast.staff, &path).await.refuses(403, "not-in-caseload");
    let next = cast.world.account("worker:w2", &[Role::Staff], Some("w2"));
    cast.get(&next, &path).await.is(200);
    let exited = event(
        61,
        "milestone.exited",
        "2026-04-09",
        &json!({ "enrolment": "stay-own", "reason": "completed" }),
    );
    let exited = cast.append(&cast.writer, &own, &exited).await;
    assert!(exited.status == 201, "{}", exited.text());
    cast.get(&next, &path).await.is(200);
}

#[tokio::test]
async fn a_record_merged_into_another_goes_with_it_and_one_split_off_does_not() {
    let cast = Cast::new().await;
    let [own, foreign] = [Client::Own, Client::Foreign].map(|client| cast.journey(client).to_string());
    let merged =
        event(70, "amendment.journeys-merged", "2026-05-01", &json!({ "kept": own, "absorbed": foreign }));
    for token in [&cast.staff] {
        cast.append(token, &own, &unsigned(merged.clone())).await.refuses(403, "not-in-caseload");
    }
    cast.get(&cast.staff, &format!("/v1/journeys/{foreign}")).await.refuses(403, "not-in-caseload");
    cast.append(&cast.supervisor, &own, &unsigned(merged)).await.is(201);
    cast.get(&cast.staff, &format!("/v1/journeys/{foreign}/history")).await.is(200);
    let history = cast.get(&cast.staff, &format!("/v1/journeys/{own}/history")).await.is(200);
    assert!(history.text().contains("foreignwords"), "what was merged is the client's own life now");

    let cast = Cast::new().await;
    let own = cast.journey(Client::Own).to_string();
    let other = id(9_900);
    let split = event(
        71,
        "amendment.journeys-split",
        "2026-05-01",
        &json!({ "from": own, "into": other, "events": [id(1002)] }),
    );
    cast.append(&cast.supervisor, &own, &unsigned(split)).await.is(201);
    let theirs = json!([unsigned(opened(73)), unsigned(enrolled(72, "e-split", "2026-05-02"))]);
    let mut theirs_by_another = theirs.clone();
    theirs_by_another[1]["data"]["facts"]["worker"] = json!("w2");
    cast.append(&cast.supervisor, &other, &theirs_by_another).await.is(201);
    cast.get(&cast.staff, &format!("/v1/journeys/{other}/history")).await.refuses(403, "not-in-caseload");
    for query in ["", "?corrections=applied", "?order=newest"] {
        let history =
            cast.get(&cast.staff, &format!("/v1/journeys/{own}/history{query}")).await.is(200).text();
        assert!(!history.contains("e-split") && !history.contains("\"ownwords\""), "{query}: {history}");
        assert!(history.contains("stay-own"), "{query}: {history}");
    }
    let whole = cast.get(&cast.supervisor, &format!("/v1/journeys/{own}/history")).await.is(200).text();
    assert!(whole.contains("e-split") && whole.contains("\"ownwords\""));
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
async fn staff_open_a_journey_that_becomes_their_own_and_no_other() {
    let cast = Cast::new().await;
    let new = id(7_777);
    let mut mine = unsigned(enrolled(91, "e-1", "2026-03-02"));
    cast.append(&cast.staff, &new, &json!([unsigned(opened(90)), mine.clone()]))
        .await
        .refuses(403, "not-in-caseload");
    cast.append(&cast.staff, &new, &unsigned(opened(90))).await.refuses(403, "not-in-caseload");
    mine["data"]["facts"]["worker"] = json!("w1");
    cast.append(&cast.staff, &new, &json!([unsigned(opened(90)), mine])).await.is(201);
    cast.get(&cast.staff, &format!("/v1/journeys/{new}")).await.is(200);
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
async fn the_glass_is_broken_with_a_reason_for_a_while_and_by_those_who_see_a_caseload() {
    let cast = Cast::new().await;
    let foreign = cast.journey(Client::Foreign).to_string();
    let path = format!("/v1/journeys/{foreign}/break-glass");
    let reason = json!({ "reason": "collapsed at the desk" });
    cast.world
        .ask(&cast.staff, "POST", &path, Some(&json!({ "reason": " " })))
        .await
        .refuses(422, "invalid-body");
    cast.get(&cast.staff, &format!("/v1/journeys/{foreign}")).await.refuses(403, "not-in-caseload");
    for token in [&cast.auditor, &cast.supervisor, &cast.evaluator, &cast.admin, &cast.writer] {
        cast.world.ask(token, "POST", &path, Some(&reason)).await.refuses(403, "no-leave");
    }
    let broken = cast.world.ask(&cast.staff, "POST", &path, Some(&reason)).await.is(201).json();
    assert_eq!(broken["journey"], foreign);
    let history = cast.get(&cast.staff, &format!("/v1/journeys/{foreign}/history")).await.is(200);
    assert!(history.text().contains("foreignwords"));
    let until: jiff::Timestamp = broken["until"].as_str().expect("a time").parse().expect("a time");
    cast.world.at(&until.to_string());
    cast.get(&cast.staff, &format!("/v1/journeys/{foreign}")).await.refuses(403, "not-in-caseload");
    cast.world
        .ask(&cast.staff, "POST", &format!("/v1/journeys/{}/break-glass", id(4_242)), Some(&reason))
        .await
        .refuses(404, "unknown-journey");
    let log = cast.get(&cast.auditor, &format!("/v1/access-log?client={foreign}")).await.is(200).json();
    let facts: Vec<&str> =
        log["entries"].as_array().expect("lines").iter().filter_map(|entry| entry["fact"].as_str()).collect();
    assert_eq!(facts.iter().filter(|fact| **fact == "glass-broken").count(), 1, "{facts:?}");
    assert!(facts.contains(&"record-read") && facts.contains(&"refused"), "{facts:?}");
    let tried = cast.noted("worker:w1").iter().filter(|entry| entry.fact == "glass-broken").count();
    assert_eq!(tried, 2, "the one about nobody stands there too");
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
    assert_eq!(noted[before + 7].why.as_ref().map(|why| why.as_str()), Some("not-in-caseload"));
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
