//! Caseloads: whose clients staff see, what they are told of others, and breaking the glass.

use serde_json::{Value as Json, json};
use throughline_access::{Entry, Role, Wanted};

use crate::{
    matrix::{Cast, Client, FOREIGN_KEY, actor},
    world::{contact, enrolled, event, id, opened},
};

impl Cast {
    /// What the access log says of this account.
    pub fn noted(&self, account: &str) -> Vec<Entry> {
        let wanted = Wanted { account: Some(actor(account)), ..Wanted::default() };
        self.world.access.log(&wanted, 1000).expect("the access log").entries
    }

    pub async fn get(&self, token: &str, path: &str) -> crate::world::Answer {
        self.world.ask(token, "GET", path, None).await
    }

    pub async fn append(&self, token: &str, journey: &str, body: &Json) -> crate::world::Answer {
        self.world.ask(token, "POST", &format!("/v1/journeys/{journey}/events"), Some(body)).await
    }
}

/// An event without an actor.
pub fn unsigned(mut event: Json) -> Json {
    event["data"].as_object_mut().expect("an object").remove("actor");
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
    // Nor is what was known before the split, when it still seemed to be the client's own.
    let split_at = cast.world.runtime.log().events() - 4;
    for path in [
        format!("history?as_of={}&corrections=applied", split_at - 1),
        format!("history?as_of={}", split_at - 1),
        format!("compare?from={}", split_at - 1),
    ] {
        let path = format!("/v1/journeys/{own}/{path}");
        let (staff, whole) = (cast.get(&cast.staff, &path).await, cast.get(&cast.supervisor, &path).await);
        assert!(whole.is(200).text().contains("\"ownwords\""), "{path}");
        assert!(!staff.is(200).text().contains("\"ownwords\""), "{path}");
    }
    let facts = async |token: &str| {
        let path = format!("/v1/journeys/{own}?as_of={}", split_at - 1);
        cast.get(token, &path).await.is(200).json()["facts"].as_u64().expect("a count")
    };
    assert_eq!((facts(&cast.staff).await, facts(&cast.supervisor).await), (3, 4));
    let whole = cast.get(&cast.supervisor, &format!("/v1/journeys/{own}/history")).await.is(200).text();
    assert!(whole.contains("e-split") && whole.contains("\"ownwords\""));
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
