//! The ends of what can be written and asked: nothing there breaks an answer, or the views of everybody else.

use serde_json::{Value as Json, json};
use throughline_domain::testing::examples_json;

use crate::world::{ANNA, World, event};

const FIRST_DAY: &str = "-009999-01-02";
const LAST_DAY: &str = "9999-12-31";

#[tokio::test]
async fn any_day_can_be_asked_about_in_any_view() {
    let world = World::with_anna().await;
    let lists = world.get("/v1/worklists").await.is(200).json();
    let names: Vec<&str> = world.runtime.projectors().iter().map(|projector| projector.name()).collect();
    for day in [FIRST_DAY, "0001-01-01", "1970-01-01", LAST_DAY] {
        for name in &names {
            world.get(&format!("/v1/journeys/{ANNA}/{name}?on={day}&min_position=1")).await.is(200);
            world.get(&format!("/v1/journeys/{ANNA}/{name}?valid_at={day}")).await.is(200);
            world.get(&format!("/v1/{name}?on={day}")).await.is(200);
        }
        for list in lists["worklists"].as_array().expect("lists") {
            world.get(&format!("{}?on={day}", list["link"].as_str().expect("a path"))).await.is(200);
        }
        world.get(&format!("/v1/journeys/{ANNA}/compare?from=0&on={day}")).await.is(200);
    }
}

#[tokio::test]
async fn a_life_at_the_ends_of_time_is_told_or_refused_and_the_views_go_on() {
    let world = World::with_anna().await;
    for (nth, day) in [FIRST_DAY, "0001-01-01", LAST_DAY].into_iter().enumerate() {
        let journey = format!("00000000-0000-4000-8000-00000000e00{nth}");
        for (n, (type_name, facts, _)) in examples_json().into_iter().enumerate() {
            let short = type_name.trim_start_matches("throughline.").trim_end_matches(".v1");
            let n = 1000 * (nth as u128 + 1) + n as u128;
            let answer = world.append(&journey, &event(n, short, day, &stretched(facts, day))).await;
            assert!(answer.status.as_u16() < 500, "{type_name} on {day}: {}", answer.text());
        }
    }
    let last = world.runtime.log().events() - 1;
    for day in [FIRST_DAY, "2026-06-01", LAST_DAY] {
        for (nth, projector) in
            (0..3).flat_map(|nth| world.runtime.projectors().iter().map(move |each| (nth, each)))
        {
            let name = projector.name();
            let one = format!("/v1/journeys/00000000-0000-4000-8000-00000000e00{nth}/{name}");
            let answer = world.get(&format!("{one}?min_position={last}&on={day}")).await;
            assert!([200, 404].contains(&answer.status.as_u16()), "{name} on {day}: {}", answer.text());
            world.get(&format!("/v1/{name}?on={day}&compare=last_year")).await;
        }
    }
    world.get("/v1/worklists/promises?on=9999-12-31").await.is(200);
}

/// The same facts with every date and number at an end of what it can be.
fn stretched(facts: Json, day: &str) -> Json {
    match facts {
        Json::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, stretched(value, day))).collect()
        }
        Json::Array(items) => items.into_iter().map(|item| stretched(item, day)).collect(),
        Json::Number(number) if number.is_u64() => json!(60_000),
        Json::String(text) if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() => json!(day),
        other => other,
    }
}
