//! The description of the service: for programs as OpenAPI, for people as a page that needs nothing from elsewhere.

use std::sync::{Arc, OnceLock};

use axum::{body::Bytes, response::Response};
use serde_json::Value as Json;
use throughline_access::Need;

use crate::{
    answer,
    api::{Api, Operation, object, text},
    manual,
    parameters::{NoParameters, Query},
    problem::Problem,
    refuse::broken,
};

/// The description, written once when all routes are known.
#[derive(Clone, Default)]
pub(crate) struct Pages(Arc<OnceLock<(Bytes, Bytes)>>);

impl Pages {
    /// Writes the description in both forms.
    pub fn write(&self, document: &Json) {
        let json = serde_json::to_vec(document).expect("a description is JSON");
        self.0.get_or_init(|| (json.into(), manual::page(document).into()));
    }

    fn written(&self) -> Result<(Bytes, Bytes), Problem> {
        self.0.get().cloned().ok_or_else(|| broken("the description was asked for before it was written"))
    }
}

/// `GET /openapi.json`, `GET /docs` and `GET /style.css`.
pub(crate) fn routes(api: Api, pages: &Pages) -> Api {
    let describe = |id: &str, summary: &str, media_type: &str| {
        let schema = if media_type == "application/json" { object() } else { text() };
        Operation::new(Need::Nothing, "About", id, summary, "")
            .query::<NoParameters>()
            .answers_as(200, summary, media_type, schema)
    };
    let (for_programs, for_people) = (pages.clone(), pages.clone());
    let openapi = move |Query(NoParameters {}): Query<NoParameters>| async move {
        for_programs.written().map(|(json, _)| answer::plain("application/json", json))
    };
    let docs = move |Query(NoParameters {}): Query<NoParameters>| async move {
        for_people.written().map(|(_, html)| answer::plain("text/html; charset=utf-8", html))
    };
    api.get(
        "/openapi.json",
        openapi,
        describe("openapi", "This description, as OpenAPI 3.1", "application/json"),
    )
    .get("/docs", docs, describe("docs", "This description, as a page", "text/html"))
    .get("/style.css", style, describe("style", "How the pages look", "text/css"))
}

async fn style(Query(NoParameters {}): Query<NoParameters>) -> Response {
    answer::plain("text/css; charset=utf-8", include_str!("../style.css"))
}
