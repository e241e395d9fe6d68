//! Lists over many journeys: journeys, figures, work lists, vocabularies.

use serde_json::json;

use crate::world::{World, contact, enrolled, event, opened};

fn journey(n: u32) -> String {
    format!("00000000-0000-4000-8000-0000000000{n:02}")
}

/// Five clients; the n-th with n contacts in March and then nothing, all in one programme.
async fn five() -> World {
    let world = World::new().await;
    for client in 1..=5_u32 {
        let base = u128::from(client) * 100;
        let mut events = vec![opened(base), enrolled(base + 1, "e-1", "2026-03-02")];
        events
            .extend((0..client).map(|day| contact(base + 10 + u128::from(day), &format!("2026-03-1{day}"))));
        if client == 3 {
            let facts = json!({ "request": "q-1", "about": "food-parcel", "format": "in-person", "due": "2026-03-20" });
            events.push(event(base + 50, "transaction.request-received", "2026-03-12", &facts));
        }
        world.append(&journey(client), &json!(events)).await.is(201);
    }
    let last = world.runtime.log().events() - 1;
    world.get(&format!("/v1/journeys?min_position={last}")).await.is(200);
    world
}

#[tokio::test]
async fn journeys_are_listed_in_pages_and_filtered() {
    let world = five().await;
    let mut next = Some("/v1/journeys?limit=2&programme=housing-first".to_owned());
    let (mut seen, mut pages) = (Vec::new(), 0);
    while let Some(path) = next {
        let page = world.get(&path).await.is(200).json();
        let journeys = page["journeys"].as_array().expect("journeys").clone();
        seen.extend(journeys.iter().map(|listed| listed["journey"].as_str().expect("an id").to_owned()));
        next = page["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    assert_eq!((seen, pages), ((1..=5).map(journey).collect::<Vec<_>>(), 3));
    for (query, count) in
        [("role=donor", 0), ("worker=w17&site=north", 5), ("site=south", 0), ("language=af", 5)]
    {
        let listed = world.get(&format!("/v1/journeys?{query}")).await.is(200).json();
        assert_eq!(listed["journeys"].as_array().map(Vec::len), Some(count), "{query}");
    }
}

#[tokio::test]
async fn figures_are_grouped_and_set_beside_the_year_before() {
    let world = five().await;
    let figures = world.get("/v1/engagement?group_by=programme&compare=last_year").await.is(200).json();
    assert_eq!(figures["last_year"], "2025-06-01");
    let group = &figures["groups"][0];
    assert_eq!(group["clients"], 5);
    let gone = &figures["groups"].as_array().expect("groups").iter().map(|group| &group["clients_last_year"]);
    assert!(gone.clone().all(|clients| *clients == 0), "nobody was enrolled a year before");
    let named = group["figures"].as_array().expect("figures");
    assert!(named.iter().all(|figure| figure["name"].is_string() && figure["unit"].is_string()));
    let later = world.get("/v1/engagement?on=2027-06-01&compare=last_year").await.is(200).json();
    let figures = later["groups"][0]["figures"].as_array().expect("figures").clone();
    assert_eq!(later["groups"][0]["clients_last_year"], 5);
    for figure in figures {
        let (now, then) = (figure["value"].as_f64(), figure["last_year"]["value"].as_f64());
        let difference = now.zip(then).map(|(now, then)| now - then);
        assert_eq!(figure["difference"].as_f64(), difference, "{}", figure["name"]);
    }
    world.get("/v1/engagement?group_by=shoe-size").await.refuses(422, "invalid-query");
    world.get("/v1/engagement?group_by=attribute:veteran").await.is(200);
    world.get("/v1/engagement?on=-9999-01-01&compare=last_year").await.refuses(422, "invalid-query");
}

#[tokio::test]
async fn work_lists_are_named_and_paged_most_pressing_first() {
    let world = five().await;
    let lists = world.get("/v1/worklists").await.is(200).json();
    let lists = lists["worklists"].as_array().expect("lists").clone();
    assert!(lists.len() >= 3);
    for list in &lists {
        world.get(list["link"].as_str().expect("a path")).await.is(200);
    }
    let whole = world.get("/v1/worklists/going-quiet").await.is(200).json();
    let days: Vec<i64> =
        whole["items"].as_array().expect("items").iter().filter_map(|item| item["days"].as_i64()).collect();
    assert!(!days.is_empty() && days.is_sorted_by(|a, b| a >= b), "{days:?}");
    let mut next = Some("/v1/worklists/going-quiet?limit=1".to_owned());
    let mut paged = Vec::new();
    while let Some(path) = next {
        let page = world.at("2026-06-02T00:00:00Z").get(&path).await.is(200).json();
        paged
            .extend(page["items"].as_array().expect("items").iter().filter_map(|item| item["days"].as_i64()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(paged.len(), days.len());
    let promises = world.get("/v1/worklists/promises?programme=housing-first").await.is(200).json();
    assert_eq!(promises["items"][0]["journey"], journey(3));
    world.get("/v1/worklists/shopping").await.refuses(404, "unknown-name");
}

#[tokio::test]
async fn lines_of_data_quality_are_filtered_by_who_entered_them_and_where() {
    let world = World::new().await;
    let stay = |n: u128, site: &str, entered_for: &str| {
        let facts = json!({ "enrolment": format!("e-{n}"), "programme": format!("hmis-{n}"), "site": site,
            "attributes": { "project-type": "hmis-2" } });
        let mut stay = event(n, "intake.enrolled", "2026-03-02", &facts);
        stay["data"]["on_behalf_of"] = json!(entered_for);
        stay
    };
    let events = [opened(100), stay(101, "north", "worker:w3"), stay(102, "south", "worker:w4")];
    world.append(&journey(1), &json!(events)).await.is(201);
    let last = world.runtime.log().events() - 1;
    let lines = async |query: &str| {
        let path = format!("/v1/worklists/data-quality?min_position={last}{query}");
        let page = world.get(&path).await.is(200).json();
        page["items"].as_array().expect("items").clone()
    };
    let whole = lines("").await;
    let missing = |items: &[serde_json::Value]| -> Vec<serde_json::Value> {
        items.iter().filter(|item| item["what"] == "relationship-missing").cloned().collect()
    };
    assert_eq!(missing(&whole).len(), 2);
    for (query, site, worker) in [("&worker=w3", "north", "w3"), ("&site=south", "south", "w4")] {
        let found = lines(query).await;
        let here = |item: &serde_json::Value| item["site"] == site && item["worker"] == worker;
        assert!(missing(&found).len() == 1 && missing(&found).iter().all(here), "{query}: {found:?}");
        assert!(found.len() < whole.len());
        let line = &missing(&found)[0];
        assert_eq!((&line["level"], &line["entered"]["published"]), (&json!("high"), &json!([4])));
        assert_eq!(line["entered"]["by"], format!("worker:{worker}"));
    }
    assert!(lines("&worker=w3&site=south").await.is_empty());
}

#[tokio::test]
async fn vocabularies_have_words_in_both_languages_and_facts_lead_to_their_schema() {
    let world = World::new().await;
    let all = world.get("/v1/vocabularies").await.is(200).json();
    for listed in all["vocabularies"].as_array().expect("vocabularies") {
        let one = world.get(listed["link"].as_str().expect("a path")).await.is(200).json();
        let terms = one["terms"].as_array().expect("terms");
        assert_eq!(listed["terms"], terms.len());
        assert!(
            terms.iter().all(|term| term["en"].is_string() && term["af"].is_string()),
            "{}",
            listed["name"]
        );
    }
    let facts = world.get("/v1/vocabularies/facts").await.is(200).json();
    for fact in facts["terms"].as_array().expect("terms") {
        let schema = fact["schema"].as_str().expect("a path").split_once('#').expect("a fragment").1;
        assert!(world.description.0.pointer(schema).is_some(), "{schema}");
    }
    world.get("/v1/vocabularies/shoes").await.refuses(404, "unknown-name");
}
