//! The service's description of itself: whole, sound, and true of the facts it takes.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use serde_json::{Value as Json, json};
use throughline_access::{NewGrant, Role};
use throughline_domain::{Actor, TYPE_NAMES, Text, testing::examples_json};

use crate::world::{ANNA, World, event, id};

fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Json::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

impl World {
    /// A path of this pattern at which there is something.
    async fn path(&self, pattern: &str) -> String {
        if pattern.starts_with("/v1/accounts/{name}") {
            let name = format!("worker:x{}", self.access.accounts().len());
            self.account(&name, &[Role::Staff], None);
            return pattern.replace("{name}", &name);
        }
        if pattern == "/v1/tokens/{id}" || pattern == "/v1/grants/{id}" {
            let name = format!("worker:x{}", self.access.accounts().len());
            self.account(&name, &[Role::Staff], None);
            let [keeper, account] = ["admin:first", &name].map(|name| Actor::new(name).expect("a pseudonym"));
            let token = self.access.issue_token(&keeper, &account, None, None).expect("a token").id;
            let why = Text::new("covers").expect("a text");
            let grant = NewGrant { to: account, client: None, names: false, until: None, why };
            let grant = self.access.grant(&keeper, grant).expect("a grant");
            let id = if pattern.contains("tokens") { token } else { grant };
            return pattern.replace("{id}", id.as_str());
        }
        let name = if pattern.contains("worklists") { "promises" } else { "facts" };
        if pattern.starts_with("/v1/backtests/{id}") {
            let begun = self.backtest("?register_only=true", crate::backtests::SPEC).await.is(202);
            let id = begun.json()["id"].as_str().expect("an id").to_owned();
            return pattern.replace("{id}", &id);
        }
        if pattern.starts_with("/tile/") || pattern.starts_with("/v1/events/{id}") {
            self.signed(1).await;
            let path = if pattern.contains("entries") { "000.p/1" } else { "0/000.p/1" };
            return pattern.replace("{path}", path).replace("{id}", &id(1));
        }
        if pattern != "/v1/imports/{id}" {
            return pattern.replace("{id}", ANNA).replace("{name}", name);
        }
        let request = Request::post("/v1/imports?mode=validate").header("content-type", "application/json");
        let begun = self.send(request.body(Body::from("[]")).expect("a request")).await.is(202);
        begun.header("location").to_owned()
    }
}

#[tokio::test]
async fn every_path_described_is_served_and_takes_no_other_method() {
    let world = World::with_anna().await.cosigned().await;
    for (pattern, item) in world.description.0["paths"].as_object().expect("paths") {
        let path = world.path(pattern).await;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let request =
                Request::builder().method(method).uri(&path).body(Body::empty()).expect("a request");
            let answer = world.send(request).await;
            let described = item.get(method.to_ascii_lowercase()).is_some();
            assert_eq!(answer.status != 405, described, "{method} {pattern}: {}", answer.status);
            assert_ne!(answer.status, 404, "{method} {pattern}");
            if !described {
                let allowed = answer.header("allow").to_owned();
                let allows = |method: &str| allowed.split(',').any(|found| found == method);
                assert_eq!(allows("GET"), item.get("get").is_some(), "{pattern}: {allowed}");
                assert_eq!(allows("POST"), item.get("post").is_some(), "{pattern}: {allowed}");
            }
        }
    }
}

#[tokio::test]
async fn every_parameter_described_is_taken_and_no_other() {
    let world = World::with_anna().await;
    for (pattern, item) in world.description.0["paths"].as_object().expect("paths") {
        let Some(get) = item.get("get") else { continue };
        let path = world.path(pattern).await;
        let parameters = get["parameters"].as_array().cloned().unwrap_or_default();
        let asked = world.get(&format!("{path}?no_such=1")).await.refuses(422, "invalid-query").json();
        let hint = asked["errors"][0]["hint"].as_str().expect("a hint").to_owned();
        assert_eq!(asked["errors"][0]["parameter"], "no_such");
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().expect("a name");
            assert!(hint.contains(name), "{pattern}: {hint}");
            assert!(parameter["description"].is_string(), "{pattern}: {name} is not described");
            let wrong = world.get(&format!("{path}?{name}=%00")).await;
            assert_eq!(wrong.status, 422, "{pattern} takes anything as {name}");
        }
    }
}

#[tokio::test]
async fn every_name_the_description_refers_to_is_described() {
    let world = World::new().await;
    assert_eq!(world.description.0["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&world.description.0, &mut found);
    for name in found {
        assert!(world.description.0.pointer(&name[1..]).is_some(), "{name} leads nowhere");
    }
    let operations: Vec<&str> = world.description.0["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().into_iter().flat_map(|item| item.values()))
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    assert_eq!(operations.iter().collect::<BTreeSet<_>>().len(), operations.len(), "operation ids differ");
}

#[tokio::test]
async fn an_example_of_every_fact_fits_its_schema_and_a_field_too_many_does_not() {
    let world = World::new().await;
    let mut seen = BTreeSet::new();
    for (type_name, facts, personal) in examples_json() {
        let short = type_name.trim_start_matches("throughline.").to_owned();
        let mut sent = event(1, short.trim_end_matches(".v1"), "2026-03-01", &facts);
        sent["data"]["personal"] = personal;
        let schema = json!({ "$ref": format!("#/components/schemas/{short}") });
        world
            .description
            .holds(&schema, &sent, "")
            .unwrap_or_else(|problem| panic!("{type_name}: {problem}"));
        sent["data"]["facts"]["no_such"] = json!(1);
        assert!(world.description.holds(&schema, &sent, "").is_err(), "{type_name} takes any field");
        seen.insert(type_name);
    }
    assert_eq!(seen, TYPE_NAMES.iter().map(|name| (*name).to_owned()).collect());
    let any = json!({ "$ref": "#/components/schemas/CloudEvent" });
    let wrong = json!({ "specversion": "1.0", "id": id(1), "source": "x", "type": "throughline.none.v1", "data": {} });
    assert!(world.description.holds(&any, &wrong, "").is_err());
}
