//! What an evaluator gets: ids of the account's own, and no count of 1 to 10, nor what would tell one.

use std::{collections::BTreeSet, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use throughline_access::Role;
use throughline_domain::JourneyId;
use throughline_http::{State, Visitors, app};
use throughline_runtime::{Projectors, Runtime};

use crate::{
    backtests::SPEC,
    world::{Answer, World, contact, enrolled, event, opened},
};

fn client(n: u128) -> JourneyId {
    format!("7a0e4c11-3b5d-4f6a-8c2e-{n:012x}").parse().expect("an id")
}

/// Clients in four programmes at sites of their own: 40, 15, 12 and 3.
const PROGRAMMES: [(&str, &str, u128); 4] =
    [("homes", "north", 40), ("jobs", "south", 15), ("meals", "east", 12), ("tiny", "west", 3)];

/// How many contacts a client has at most.
pub const MOST_CONTACTS: u128 = 5;

pub struct Town {
    pub world: World,
    pub evaluator: String,
    other: String,
    pub supervisor: String,
}

impl Town {
    pub async fn new() -> Self {
        let clients = PROGRAMMES
            .iter()
            .flat_map(|(programme, site, clients)| (0..*clients).map(move |_| (*programme, *site)));
        let clients = (1..).zip(clients).map(|(n, (programme, site))| (programme, site, n % 3, n % 4));
        Self::of(clients).await
    }

    /// Clients by programme, site, worker, and how many contacts they had; after [`MOST_CONTACTS`] they died.
    pub async fn of(clients: impl Iterator<Item = (&str, &str, u128, u128)>) -> Self {
        let world = World::by_token().await;
        let writer = world.account("machine:m1", &[Role::Writer], None);
        let supervisor = world.account("worker:w9", &[Role::Supervisor], None);
        for (n, (programme, site, worker, contacts)) in (1..).zip(clients) {
            let mut enrolled = enrolled(n * 100 + 1, "hmis-enrolment-7", "2026-03-02");
            enrolled["data"]["facts"]["programme"] = json!(programme);
            enrolled["data"]["facts"]["site"] = json!(site);
            enrolled["data"]["facts"]["worker"] = json!(format!("w{worker}"));
            let mut events = vec![opened(n * 100), enrolled];
            events.extend((0..contacts).map(|day| contact(n * 100 + 10 + day, &format!("2026-03-1{day}"))));
            if contacts == MOST_CONTACTS {
                events.push(event(n * 100 + 20, "milestone.died", "2026-03-20", &json!({})));
            }
            let path = format!("/v1/journeys/{}/events", client(n));
            world.ask(&writer, "POST", &path, Some(&json!(events))).await.is(201);
        }
        let last = world.runtime.log().events() - 1;
        world.ask(&supervisor, "GET", &format!("/v1/journeys?min_position={last}"), None).await.is(200);
        Self {
            evaluator: world.account("evaluator:e1", &[Role::Evaluator], None),
            other: world.account("evaluator:e2", &[Role::Evaluator], None),
            supervisor,
            world,
        }
    }

    /// One more client of a programme.
    pub async fn join(&self, n: u128, programme: &str) {
        let writer = self.world.account(&format!("machine:m{n}"), &[Role::Writer], None);
        let mut enrolled = enrolled(n * 100 + 1, "hmis-enrolment-7", "2026-03-02");
        enrolled["data"]["facts"]["programme"] = json!(programme);
        enrolled["data"]["facts"]["worker"] = json!("w1");
        let path = format!("/v1/journeys/{}/events", client(n));
        self.world.ask(&writer, "POST", &path, Some(&json!([opened(n * 100), enrolled]))).await.is(201);
        let last = self.world.runtime.log().events() - 1;
        self.get(&self.supervisor, &format!("/v1/journeys?min_position={last}")).await.is(200);
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.world.ask(token, "GET", path, None).await
    }

    /// Every client on the account's list, in its order; each page held against the real ids.
    async fn list(&self, token: &str) -> Vec<String> {
        let (mut seen, mut next) = (Vec::new(), Some("/v1/journeys?limit=16".to_owned()));
        while let Some(path) = next {
            let answer = self.get(token, &path).await.is(200);
            let page = answer.json();
            holds_no_real_id(&answer);
            seen.extend(page["journeys"].as_array().expect("a list").iter().map(|one| {
                assert_eq!(one["link"], Json::Null);
                one["journey"].as_str().expect("an id").to_owned()
            }));
            next = page["next"].as_str().map(str::to_owned);
        }
        seen
    }
}

/// No real id in the body or the headers, written or inside a cursor.
fn holds_no_real_id(answer: &Answer) {
    let said = format!("{}{:?}", answer.text(), answer.headers);
    let cursors: Vec<Vec<u8>> = said
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'))
        .filter(|part| part.len() > 20)
        .filter_map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok())
        .collect();
    for n in 1..=70 {
        let id = client(n);
        assert!(!said.contains(&id.to_string()), "{id} in {said}");
        let inside = cursors.iter().any(|bytes| bytes.windows(16).any(|part| part == id.bytes()));
        assert!(!inside, "{id} inside a cursor in {said}");
    }
    assert!(!said.contains("hmis-enrolment"), "{said}");
}

#[tokio::test]
async fn a_list_is_under_ids_of_the_accounts_own_that_stay_and_lead_nowhere() {
    let town = Town::new().await;
    let (mine, again, others) =
        (town.list(&town.evaluator).await, town.list(&town.evaluator).await, town.list(&town.other).await);
    assert_eq!((mine.len(), &mine), (70, &again));
    assert!(mine.is_sorted(), "the order tells nothing of real ids");
    let (mine, others): (BTreeSet<_>, BTreeSet<_>) =
        (mine.into_iter().collect(), others.into_iter().collect());
    assert_eq!((mine.len(), others.len()), (70, 70));
    assert!(mine.is_disjoint(&others));
    let one = mine.iter().next().expect("a client");
    town.get(&town.supervisor, &format!("/v1/journeys/{one}")).await.refuses(404, "unknown-journey");
    let filtered = town.get(&town.evaluator, "/v1/journeys?programme=meals").await.is(200).json();
    let meals: BTreeSet<&str> = filtered["journeys"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["journey"].as_str())
        .collect();
    assert!(meals.len() == 12 && meals.iter().all(|one| mine.contains(*one)), "the same ids under a filter");
}

/// Counts by group; none where withheld.
fn counts(figures: &Json) -> Vec<(Option<String>, Option<u64>)> {
    let groups = figures["groups"].as_array().expect("groups").iter();
    groups.map(|group| (group["key"].as_str().map(str::to_owned), group["clients"].as_u64())).collect()
}

#[tokio::test]
async fn no_count_of_a_few_is_shown_nor_one_that_would_tell_it() {
    let town = Town::new().await;
    for view in ["engagement", "satisfaction", "outcomes", "quality"] {
        let all = town.get(&town.evaluator, &format!("/v1/{view}")).await.is(200).json();
        assert_eq!(counts(&all), [(None, Some(70))], "{view}");
        for by in ["programme", "site"] {
            let answer = town.get(&town.evaluator, &format!("/v1/{view}?group_by={by}")).await.is(200);
            let found = counts(&answer.json());
            let hidden: u64 = PROGRAMMES
                .iter()
                .filter(|(programme, site, _)| {
                    let key = if by == "programme" { programme } else { site };
                    found.iter().any(|(found, count)| found.as_deref() == Some(*key) && count.is_none())
                })
                .map(|(_, _, clients)| u64::try_from(*clients).expect("a few"))
                .sum();
            let shown: u64 = found.iter().filter_map(|(_, count)| *count).sum();
            assert_eq!(shown + hidden, 70, "{view} {by}: {found:?}");
            assert!(hidden > 3, "{view} {by}: the few follow from the total: {found:?}");
            few(&answer.json(), &format!("{view} by {by}"));
        }
        for by in ["worker", "language", "role"] {
            few(&town.get(&town.evaluator, &format!("/v1/{view}?group_by={by}")).await.is(200).json(), by);
        }
    }
    // The two ways to split are the same people: what is withheld in one must not be shown in the other.
    let of = async |by: &str| {
        counts(&town.get(&town.evaluator, &format!("/v1/outcomes?group_by={by}")).await.is(200).json())
    };
    let (by_programme, by_site) = (of("programme").await, of("site").await);
    for (programme, site, _) in PROGRAMMES {
        let withheld = |found: &[(Option<String>, Option<u64>)], key: &str| {
            found.iter().any(|(found, count)| found.as_deref() == Some(key) && count.is_none())
        };
        assert_eq!(withheld(&by_programme, programme), withheld(&by_site, site), "{programme} is {site}");
    }
    let exact = town.get(&town.supervisor, "/v1/outcomes?group_by=programme").await.is(200).json();
    assert!(counts(&exact).contains(&(Some("tiny".to_owned()), Some(3))));
}

/// Fails where a count of 1 to 10 is in these figures.
fn few(figures: &Json, what: &str) {
    for group in figures["groups"].as_array().expect("groups") {
        let is_few = |count: &Json| {
            count.as_f64().is_some_and(|count| count.fract() == 0.0 && (1.0..=10.0).contains(&count))
        };
        assert!(!is_few(&group["clients"]), "{what}: {group}");
        for figure in group["figures"].as_array().expect("figures") {
            let missing = figure["missing"].as_array().expect("a list").iter().map(|one| &one["count"]);
            for count in missing.chain([&figure["numerator"], &figure["denominator"]]) {
                assert!(!is_few(count), "{what} {}: {figure}", group["key"]);
            }
            if figure["unit"] == "clients" {
                assert!(!is_few(&figure["value"]), "{what} {}: {figure}", group["key"]);
            }
            let (of, counted) = (figure["denominator"].as_u64(), figure["numerator"].as_f64());
            if let (Some(of), Some(counted), "share") =
                (of, counted, figure["unit"].as_str().unwrap_or_default())
            {
                let rest = of as f64 - counted;
                assert!(!(1.0..=10.0).contains(&rest), "{what} {}: the rest: {figure}", group["key"]);
            }
        }
        // Of the three in the smallest programme, and at its site, nothing is shown.
        if ["tiny", "west"].contains(&group["key"].as_str().unwrap_or_default()) {
            let mut figures = group["figures"].as_array().expect("figures").iter();
            assert!(group["clients"].is_null(), "{what}");
            assert!(
                figures.all(|figure| figure["value"].is_null() && figure["denominator"].is_null()),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn what_could_be_subtracted_is_not_asked() {
    let town = Town::new().await;
    let ask = async |query: &str| town.get(&town.evaluator, &format!("/v1/outcomes?{query}")).await;
    for (query, parameter) in [
        ("programme=homes", "programme"),
        ("site=north", "site"),
        ("worker=w1", "worker"),
        ("language=af", "language"),
        ("role=participant", "role"),
        ("group_by=attribute:veteran", "group_by"),
        ("on=2026-05-17", "on"),
        ("min_position=3", "min_position"),
    ] {
        assert_eq!(ask(query).await.refuses(422, "invalid-query").fault(), parameter);
    }
    assert_eq!(ask("").await.is(200).json()["on"], "2026-06-01");
    let compared = ask("on=2026-06-01&compare=last_year&group_by=programme").await.is(200).json();
    few(&compared, "compared");
    assert_eq!(
        ask("on=2026-05-01").await.refuses(422, "invalid-query").fault(),
        "on",
        "nothing was laid out in May"
    );
    for path in [
        "/v1/worklists",
        "/v1/worklists/going-quiet",
        "/v1/events",
        "/v1/imports",
        "/metrics",
        "/v1/access-log",
    ] {
        town.get(&town.evaluator, path).await.refuses(403, "no-leave");
    }
}

#[tokio::test]
async fn a_backtest_names_people_by_the_accounts_own_ids() {
    let town = Town::new().await;
    let spec = SPEC.replace("candidate = \"missed_run >= 2\"", "candidate = \"days_since_entry > 3\"");
    let request = axum::http::Request::post("/v1/backtests").header("content-type", "application/toml");
    let request = request.header("authorization", format!("Bearer {}", town.evaluator));
    let begun = town.world.send(request.body(spec.into()).expect("a request")).await.is(202);
    let place = begun.header("location").to_owned();
    let stop = town.world.ask(&town.other, "DELETE", &place, None).await;
    assert!([200, 403].contains(&stop.status.as_u16()), "it is over, or another's");
    for _ in 0..2_000 {
        let answer = town.get(&town.evaluator, &place).await.is(200);
        holds_no_real_id(&answer);
        if answer.json()["state"] != "running" {
            assert_eq!(answer.json()["state"], "done", "{}", answer.json());
            holds_no_real_id(&town.get(&town.evaluator, &format!("{place}/report.html")).await.is(200));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("{place} does not end");
}

/// The same figures, said twice.
async fn twice(town: &Town, path: &str) -> (Json, Json) {
    (town.get(&town.evaluator, path).await.is(200).json(), town.get(&town.other, path).await.is(200).json())
}

#[tokio::test]
async fn a_month_is_told_once_whatever_is_recorded_or_erased_and_however_often_it_is_begun_anew() {
    let mut town = Town::new().await;
    let path = "/v1/engagement?group_by=programme&compare=last_year";
    let (first, second) = twice(&town, path).await;
    assert_eq!(first, second, "the same for every evaluator");
    assert_eq!((&first["known_at"], &first["on"]), (&json!("2026-06-01T08:00:00Z"), &json!("2026-06-01")));
    town.world.at("2026-06-20T10:00:00Z");
    town.join(71, "homes").await;
    assert_eq!(
        twice(&town, path).await,
        (first.clone(), first.clone()),
        "one more client is not told this month"
    );
    assert_eq!(town.get(&town.supervisor, "/v1/engagement").await.is(200).json()["groups"][0]["clients"], 71);
    town.world = town.world.restarted();
    assert_eq!(twice(&town, path).await, (first.clone(), first.clone()), "nor by a service begun anew");
    town.world.runtime.rebuild(None, &|_, _| {}).expect("views built anew");
    let other = town.get(&town.evaluator, "/v1/quality?group_by=site").await.is(200).json();
    assert_eq!(other["known_at"], first["known_at"], "every view is told as of the same moment");
}

#[tokio::test]
async fn a_month_is_not_laid_out_before_the_views_have_caught_up() {
    let mut town = Town::new().await;
    let dir = tempfile::TempDir::new().expect("a directory");
    let projectors = Projectors::new().with::<throughline_engagement::Engagement>();
    let log = Arc::clone(town.world.runtime.log());
    let runtime = Runtime::open(log, dir.path(), projectors).expect("views begun anew");
    let now = town.world.state.now();
    let visitors = Visitors::ByToken(town.world.access.clone());
    town.world.app = app(State::new(runtime.clone(), Arc::new(move || now), visitors));
    town.get(&town.evaluator, "/v1/engagement").await.refuses(503, "catching-up");
    runtime.start();
    let caught_up = town.get(&town.evaluator, "/v1/engagement").await.is(200).json();
    assert_eq!(counts(&caught_up), [(None, Some(70))]);
}

#[tokio::test]
async fn what_moves_by_a_few_from_month_to_month_is_not_told_again() {
    let town = Town::new().await;
    let of = async |path: &str| counts(&town.get(&town.evaluator, path).await.is(200).json());
    let path = "/v1/engagement?group_by=programme";
    let june = of(path).await;
    let find = |found: &[(Option<String>, Option<u64>)], key: &str| {
        found.iter().find(|(found, _)| found.as_deref() == Some(key)).expect("the group").1
    };
    assert_eq!(find(&june, "homes"), Some(40));
    town.world.at("2026-07-01T08:00:00Z");
    for n in 71..74 {
        town.join(n, "homes").await;
    }
    let july = of(path).await;
    assert_eq!(find(&july, "homes"), None, "three more would be told by June and July together");
    assert_eq!(of("/v1/engagement").await, [(None, None)], "and so they would by all together");
    assert_eq!(of("/v1/engagement?group_by=programme&on=2026-06-01").await, june, "June is told as it was");
    town.world.at("2026-08-01T08:00:00Z");
    for n in 74..84 {
        town.join(n, "homes").await;
    }
    let august = of(path).await;
    assert_eq!(find(&august, "homes"), Some(53), "thirteen more since it was told are told");
}

#[tokio::test]
async fn dates_of_one_client_are_as_coarse_as_the_account_sees_them() {
    let town = Town::new().await;
    let admin = town.world.account("admin:k1", &[Role::Admin], None);
    let dates = async |token: &str| -> Vec<String> {
        let list = town.get(token, "/v1/journeys?limit=1000").await.is(200).json();
        let clients = list["journeys"].as_array().expect("a list").iter();
        let mut dates: Vec<String> = clients
            .flat_map(|one| {
                let place = &one["placement"]["places"][0];
                [&one["placement"]["opened"], &place["from"], &place["until"]]
            })
            .filter_map(|date| date.as_str().map(str::to_owned))
            .collect();
        dates.sort();
        dates.dedup();
        dates
    };
    let days = dates(&town.evaluator).await;
    assert!(days.contains(&"2026-03-02".to_owned()), "{days:?}");
    for (coarse, shown) in
        [("month", "2026-03-01"), ("quarter", "2026-01-01"), ("year", "2026-01-01"), ("day", "2026-03-02")]
    {
        let roles = json!({ "roles": ["evaluator"], "dates": coarse });
        let account =
            town.world.ask(&admin, "POST", "/v1/accounts/evaluator:e1/roles", Some(&roles)).await.is(200);
        assert_eq!(account.json()["roles"], json!(["evaluator"]));
        assert_eq!(town.get(&town.evaluator, "/v1/me").await.is(200).json()["dates"], coarse);
        let seen = dates(&town.evaluator).await;
        assert!(
            seen.contains(&shown.to_owned()) && (coarse == "day") == seen.contains(&"2026-03-02".to_owned()),
            "{coarse}: {seen:?}"
        );
        assert_eq!(dates(&town.other).await, days, "the other account's are its own");
    }
    let odd = json!({ "roles": ["evaluator"], "dates": "week" });
    let refused = town.world.ask(&admin, "POST", "/v1/accounts/evaluator:e1/roles", Some(&odd)).await;
    assert_eq!(refused.refuses(422, "invalid-body").fault(), "/dates");
    let opened = json!({ "name": "evaluator:e3", "roles": ["evaluator"], "dates": "year" });
    let opened = town.world.ask(&admin, "POST", "/v1/accounts", Some(&opened)).await.is(201).json();
    assert_eq!(opened["dates"], "year");
    assert_eq!(town.get(&town.supervisor, "/v1/me").await.is(200).json()["dates"], "day");
}
