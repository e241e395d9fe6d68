//! The page at `/`: what is here, in English or Afrikaans, with links that work.

use axum::{
    extract,
    http::{HeaderMap, header},
    response::Response,
};
use serde::{Deserialize, Serialize};
use throughline_access::Need;
use throughline_runtime::Projectors;
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation, text},
    manual::{escaped, head},
    parameters::Query,
    witnesses::Witnessed,
};

/// The languages of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Tongue {
    /// English.
    En,
    /// Afrikaans.
    Af,
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct IndexQuery {
    /// `en` or `af`; by `Accept-Language` unless set.
    #[param(inline)]
    lang: Option<Tongue>,
}

/// The words of the page in one language.
struct Words {
    tag: &'static str,
    about: &'static str,
    other: (&'static str, &'static str, &'static str),
    journeys: &'static str,
    events: &'static str,
    figures: &'static str,
    work: &'static str,
    vocabularies: &'static str,
    docs: &'static str,
    openapi: &'static str,
    ready: &'static str,
    metrics: &'static str,
    here: [&'static str; 3],
}

const ENGLISH: Words = Words {
    tag: "en",
    about: "Each client's journey as an immutable stream of events, and what it shows.",
    other: ("/?lang=af", "af", "Lees in Afrikaans"),
    journeys: "Journeys, with filters",
    events: "Every event, by position",
    figures: "figures over all clients",
    work: "What to look at today",
    vocabularies: "What the codes are called",
    docs: "How to use all of this, route by route",
    openapi: "The same for programs (OpenAPI 3.1)",
    ready: "Whether the service is ready",
    metrics: "What the service counts",
    here: ["What is recorded", "What it shows", "About this service"],
};

const AFRIKAANS: Words = Words {
    tag: "af",
    about: "Elke kliënt se reis as ’n onveranderlike stroom gebeure, en wat dit wys.",
    other: ("/?lang=en", "en", "Read in English"),
    journeys: "Reise, met filters",
    events: "Elke gebeurtenis, volgens posisie",
    figures: "syfers oor alle kliënte",
    work: "Waarna vandag gekyk moet word",
    vocabularies: "Wat die kodes genoem word",
    docs: "Hoe om dit alles te gebruik, roete vir roete",
    openapi: "Dieselfde vir programme (OpenAPI 3.1)",
    ready: "Of die diens gereed is",
    metrics: "Wat die diens tel",
    here: ["Wat aangeteken is", "Wat dit wys", "Oor hierdie diens"],
};

/// `GET /`.
pub(crate) fn routes(api: Api, projectors: &Projectors) -> Api {
    let views: Vec<&'static str> = projectors.iter().map(|projector| projector.name()).collect();
    let lists: Vec<(&'static str, &'static str)> = projectors
        .iter()
        .flat_map(|projector| projector.work_lists().iter().map(|list| (list.name, list.about)))
        .collect();
    let pages = [ENGLISH, AFRIKAANS].map(|words| page(&words, &views, &lists));
    let operation = Operation::new(Need::Nothing, "About", "index", "What is here", "")
        .query::<IndexQuery>()
        .answers_as(200, "A page with links", "text/html", text());
    let handler = move |extract::State(state): extract::State<State>,
                        Query(query): Query<IndexQuery>,
                        headers: HeaderMap| async move {
        let [english, afrikaans] = pages;
        let tongue = query.lang.unwrap_or_else(|| preferred(&headers));
        let html = match tongue {
            Tongue::En => english,
            Tongue::Af => afrikaans,
        };
        let html = html.replace(WITNESSED, &witnessed(&state, tongue));
        let mut response: Response = answer::plain("text/html; charset=utf-8", html);
        response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Accept-Language"));
        response
    };
    api.get("/", handler, operation)
}

/// Where the page says who witnessed the log, and when.
const WITNESSED: &str = "<!-- witnessed -->";

/// A line for each witness.
fn witnessed(state: &State, tongue: Tongue) -> String {
    let now = state.now();
    let line = |witnessed: &Witnessed| {
        let name = escaped(&witnessed.name);
        let minutes = (now.as_second() - witnessed.at.as_second()).max(0) / 60;
        match tongue {
            Tongue::En => format!("<p class=\"quiet\">{name}: {}</p>", witnessed.ago(now)),
            Tongue::Af => format!("<p class=\"quiet\">{name}: laas {minutes} minute gelede getuig</p>"),
        }
    };
    state.witnesses.standing().iter().map(line).collect()
}

/// The first of our languages that the reader names; English where none is.
fn preferred(headers: &HeaderMap) -> Tongue {
    let named =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tongues = named.split(',').filter_map(|range| {
        match range.split([';', '-']).next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "en" => Some(Tongue::En),
            "af" => Some(Tongue::Af),
            _ => None,
        }
    });
    tongues.into_iter().next().unwrap_or(Tongue::En)
}

fn page(words: &Words, views: &[&str], lists: &[(&str, &str)]) -> String {
    let (other, other_tag, other_words) = words.other;
    let line = |path: &str, about: &str| {
        format!("<li><a href=\"{0}\"><code>{0}</code></a> — {1}</li>", escaped(path), escaped(about))
    };
    let recorded = [line("/v1/journeys", words.journeys), line("/v1/events", words.events)].concat();
    let figures: String = views
        .iter()
        .map(|view| line(&format!("/v1/{view}"), &format!("{view}: {}", words.figures)))
        .collect();
    let work: String =
        lists.iter().map(|(name, about)| line(&format!("/v1/worklists/{name}"), about)).collect();
    let service = [
        line("/docs", words.docs),
        line("/openapi.json", words.openapi),
        line("/v1/vocabularies", words.vocabularies),
        line("/readyz", words.ready),
        line("/metrics", words.metrics),
    ]
    .concat();
    let [first, second, third] = words.here;
    format!(
        "{}<header><h1>Throughline</h1><p>{}</p><nav aria-label=\"Language\"><a href=\"{other}\" lang=\"{other_tag}\" \
         hreflang=\"{other_tag}\">{other_words}</a></nav></header><main>\
         <h2>{first}</h2><ul class=\"plain\">{recorded}</ul>\
         <h2>{second}</h2><ul class=\"plain\">{figures}{}{work}</ul>\
         <h2>{third}</h2><ul class=\"plain\">{service}</ul>{WITNESSED}</main></body></html>",
        head("Throughline", words.tag),
        escaped(words.about),
        line("/v1/worklists", words.work),
    )
}
