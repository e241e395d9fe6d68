//! Backtests: a spec is checked at once, registered, and run in the background; its report as JSON and as a page.

use std::{collections::BTreeSet, error::Error, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract,
    http::{HeaderMap, header},
    response::Response,
};
use http_body_util::LengthLimitError;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use throughline_access::{Ids, Need};
use throughline_backtest::{Cell, Finished, Report, Spec, Table, register, render, spec};
use throughline_domain::{BacktestFinished, EventId, JourneyId};
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation, reference, text},
    backtesting::{self, BacktestState, Job},
    blocking::Blocking,
    conditional::one,
    gate::Visit,
    jobs::Job as _,
    parameters::{BacktestPath, NoParameters, Query},
    problem::{Fault, Kind, Problem},
};

/// How long a body may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(30);
const MEDIA_TYPES: [&str; 2] = ["application/toml", "text/plain"];
const EXAMPLE: &str = include_str!("../../../../docs/specs/missed-check-ins.toml");

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct BacktestQuery {
    /// Register the spec and do not run it yet.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    register_only: bool,
}

/// A backtest: how it stands, and its report once it is done.
#[derive(Debug, Serialize, ToSchema)]
struct Backtest {
    /// Its id: that of the event that registered its spec. The same spec has the same.
    id: EventId,
    /// How it stands.
    state: BacktestState,
    /// SHA-256 of its spec, in hexadecimal.
    spec: String,
    /// When it was begun here.
    begun: Option<String>,
    /// When it ended.
    ended: Option<String>,
    /// Events read.
    events: u64,
    /// Events there are to read.
    events_total: u64,
    /// People judged, once that has begun; unset where there are few, for then their number is nobody's business.
    people: Option<u64>,
    /// Why it could not go on.
    failed: Option<String>,
    /// How its first run ended, as the log has it.
    noted: Option<Noted>,
    /// Its report.
    #[schema(value_type = Option<Report>)]
    report: Option<Json>,
    /// Where the report is as a page.
    page: Option<String>,
}

/// How the first run of a spec ended.
#[derive(Debug, Serialize, ToSchema)]
struct Noted {
    /// `given`, or `refused` where a guard said no.
    answer: String,
    /// The guard that said no.
    guard: Option<String>,
    /// SHA-256 of its report. Another run of the spec gives the same, unless something was erased since or the program is
    /// another.
    report: String,
    /// How many events it read.
    events: u64,
}

/// `POST /v1/backtests`, `GET` and `DELETE /v1/backtests/{id}`, `GET /v1/backtests/{id}/report.html`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "The body is a spec in TOML, at most 16 KiB; `docs/backtest.md` names every field. It is checked at once: what \
                 is wrong is told with its line and what to write. It is registered on the log before anything is read, and \
                 run in the background, one at a time. Sent again, the same spec reads the same events and gives the same \
                 report.";
    let contents = MEDIA_TYPES.map(|media_type| (media_type, text()));
    let begin = Operation::new(Need::Backtest, "Backtests", "backtest", "Run a backtest", about)
        .query::<BacktestQuery>()
        .body("The spec", &contents, &json!(EXAMPLE))
        .describes::<Backtest>()
        .describes::<Report>()
        .answers_as(
            202,
            "Begun; `Location` is where it tells how far it is",
            "application/json",
            reference("Backtest"),
        )
        .answers_header("Location", "Where the backtest is")
        .refuses(&[Kind::InvalidSpec, Kind::BacktestRunning, Kind::ReadOnly, Kind::Full]);
    let path = "The backtest";
    let refusals = [Kind::InvalidPath, Kind::UnknownBacktest];
    let about = "The report is there as long as the service remembers the backtest; that its spec was registered, and how \
                 its first run ended, stays. Counts of people below 11, and what they follow from, are withheld.";
    let one = Operation::new(Need::Backtest, "Backtests", "backtest_report", "One backtest", about)
        .path("id", path)
        .query::<NoParameters>()
        .answers::<Backtest>("How it stands, and its report")
        .refuses(&refusals);
    let about = "One file without scripts and without anything fetched from elsewhere.";
    let page = Operation::new(Need::Backtest, "Backtests", "backtest_page", "The report as a page", about)
        .path("id", path)
        .query::<NoParameters>()
        .answers_as(200, "The report", "text/html", text())
        .refuses(&refusals)
        .refuses(&[Kind::NoReport]);
    let about =
        "Nothing of it is kept but that its spec was registered. One that has ended is left as it is.";
    let stop = Operation::new(Need::Backtest, "Backtests", "cancel_backtest", "Stop a backtest", about)
        .path("id", path)
        .query::<NoParameters>()
        .answers::<Backtest>("How it stood when it was asked to stop")
        .refuses(&refusals);
    api.post("/v1/backtests", begin_backtest, begin)
        .get("/v1/backtests/{id}", backtest, one)
        .delete("/v1/backtests/{id}", cancel, stop)
        .get("/v1/backtests/{id}/report.html", page_of, page)
}

async fn begin_backtest(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(BacktestQuery { register_only }): Query<BacktestQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let text = arrived(&headers, body).await?;
    Spec::parse(&text)?;
    let hash = register::hash_of(&text);
    let id = register::id_of(state.runtime.log().namespace(), &hash);
    let location = format!("/v1/backtests/{id}");
    if register_only {
        let worker = state.clone();
        state
            .blocking
            .append(move || Ok(register::register(&**worker.runtime.log(), &text, worker.now())?))
            .await?;
        return answer::accepted(&location, &known(&state, id).await?);
    }
    let mut turn = match state.backtests.take_turn() {
        Ok(turn) => turn,
        // Sent twice, it is run once.
        Err(Some(job)) if job.id == id => return answer::accepted(&location, &shown(&state, &visit, &job)),
        Err(job) => {
            let which = job.map_or_else(|| "one".to_owned(), |job| job.id.to_string());
            return Err(Kind::BacktestRunning.because(format!(
                "{which} is under way; one backtest is run at a time, try again in a few seconds"
            )));
        }
    };
    let job = turn.begin(Job::new(id, hash, visit.account().clone(), state.now()));
    let begun = shown(&state, &visit, &job);
    let worker = state.clone();
    Blocking::in_background(move || backtesting::run(&worker, turn, &job, &text));
    answer::accepted(&location, &begun)
}

async fn arrived(headers: &HeaderMap, body: Body) -> Result<String, Problem> {
    let given = one(headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !MEDIA_TYPES.contains(&essence.as_str()) {
        let hint = format!("send {}", MEDIA_TYPES.join(" or "));
        return Err(Kind::WrongMediaType
            .because("the body has no `Content-Type` that a spec is taken from")
            .at(Fault::header("Content-Type").hint(hint)));
    }
    let bytes = match tokio::time::timeout(ARRIVAL_MAX, to_bytes(body, spec::BYTES_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
            return Err(Kind::TooLarge.because(format!(
                "the spec is longer than {} bytes; ask one question in one spec",
                spec::BYTES_MAX
            )));
        }
        Ok(Err(_)) => return Err(Kind::MalformedBody.because("the body broke off before its end")),
        Err(_) => {
            let seconds = ARRIVAL_MAX.as_secs();
            return Err(Kind::SlowBody.because(format!("the body did not arrive within {seconds} seconds")));
        }
    };
    String::from_utf8(bytes.into()).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n');
        let fault = Fault { row: Some(line.count() + 1), ..Fault::default() };
        Kind::MalformedBody.because("the spec is not UTF-8").at(fault.hint("save the file as UTF-8"))
    })
}

async fn backtest(
    extract::State(state): extract::State<State>,
    visit: Visit,
    BacktestPath(id): BacktestPath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    if let Some(job) = state.backtests.find(id) {
        return Ok(answer::page(&shown(&state, &visit, &job), None));
    }
    Ok(answer::page(&known(&state, id).await?, None))
}

async fn cancel(
    extract::State(state): extract::State<State>,
    visit: Visit,
    BacktestPath(id): BacktestPath,
    query: Query<NoParameters>,
) -> Result<Response, Problem> {
    if let Some(job) = state.backtests.find(id).filter(|job| job.is_running()) {
        if visit.leave.ids == Ids::Pseudonyms && job.by != *visit.account() {
            return Err(Kind::NoLeave
                .because("somebody else began this backtest; only they, or a supervisor, stop it"));
        }
        job.cancel();
    }
    backtest(extract::State(state), visit, BacktestPath(id), query).await
}

async fn page_of(
    extract::State(state): extract::State<State>,
    visit: Visit,
    BacktestPath(id): BacktestPath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let Some(job) = state.backtests.find(id) else {
        known(&state, id).await?;
        return Err(Kind::NoReport.because("the service has no report of this backtest; send its spec again"));
    };
    let stands = job.so_far();
    let Some(finished) = stands.finished else {
        let why = match stands.state {
            BacktestState::Running => "the backtest is under way; ask again when it is done".to_owned(),
            _ => stands.failed.unwrap_or_else(|| "the backtest was stopped; send its spec again".to_owned()),
        };
        return Err(Kind::NoReport.because(why));
    };
    Ok(answer::plain(
        "text/html; charset=utf-8",
        renamed(&state, &visit, &finished, render::html(&finished.report.page)),
    ))
}

/// What the log knows of a backtest.
async fn known(state: &State, id: EventId) -> Result<Backtest, Problem> {
    let runtime = state.runtime.clone();
    let read = move || {
        let log = &**runtime.log();
        let Some(text) = register::text_of(log, id)? else { return Ok(None) };
        let hash = register::hash_of(&text);
        let noted = register::Tries::read(log)?.finished(&hash).map(noted);
        Ok(Some((hash, noted)))
    };
    let found = state.blocking.read(read).await?;
    let (spec, noted) = found.ok_or_else(|| {
        Kind::UnknownBacktest
            .because(format!(
                "no backtest {id} is under way or was lately, and no spec is registered under it"
            ))
            .at(Fault::parameter("id").hint("send the spec to `POST /v1/backtests`"))
    })?;
    Ok(Backtest {
        id,
        state: BacktestState::Registered,
        spec,
        begun: None,
        ended: None,
        events: 0,
        events_total: 0,
        people: None,
        failed: None,
        noted,
        report: None,
        page: None,
    })
}

fn noted(told: &BacktestFinished) -> Noted {
    Noted {
        answer: told.answer.to_string(),
        guard: told.guard.as_ref().map(ToString::to_string),
        report: told.report.to_string(),
        events: told.events,
    }
}

/// A report as the caller may see it: under pseudonyms, those it names one by one go by ids of the account's own.
fn renamed(state: &State, visit: &Visit, finished: &Finished, text: String) -> String {
    if visit.leave.ids == Ids::Real {
        return text;
    }
    let tables = finished.report.page.page().tables();
    with_ids(text, tables, |journey| state.pseudonyms.of(visit.account(), journey))
}

/// The text with another id for each person whom these tables name.
fn with_ids<'a>(
    mut text: String,
    tables: impl Iterator<Item = &'a Table>,
    other: impl Fn(JourneyId) -> JourneyId,
) -> String {
    let cells = tables.flat_map(|table| table.rows.iter().flatten());
    let people: BTreeSet<&str> = cells
        .filter_map(|cell| match cell {
            Cell::Person(person) => Some(person.as_str()),
            _ => None,
        })
        .collect();
    for person in people {
        let own = person.parse().map(|journey| other(journey).to_string());
        text = text.replace(person, &own.unwrap_or_default());
    }
    text
}

fn shown(state: &State, visit: &Visit, job: &Job) -> Backtest {
    let stands = job.so_far();
    let report = stands.finished.and_then(|finished| {
        let json = String::from_utf8_lossy(&finished.json).into_owned();
        serde_json::from_str(&renamed(state, visit, &finished, json)).ok()
    });
    Backtest {
        id: job.id,
        state: stands.state,
        spec: job.spec.clone(),
        begun: Some(job.begun.to_string()),
        ended: stands.ended.map(|ended| ended.to_string()),
        events: stands.events,
        events_total: stands.events_total,
        people: stands
            .people
            .filter(|people| *people == 0 || *people >= u64::from(throughline_backtest::MIN_CELL)),
        failed: stands.failed,
        noted: None,
        page: report.is_some().then(|| format!("/v1/backtests/{}/report.html", job.id)),
        report,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_a_report_names_goes_by_another_id_wherever_the_id_stands() {
        let person = |n: u8| JourneyId::from_bytes([n; 16]);
        let rows = vec![vec![Cell::Person(person(1).to_string())], vec![Cell::Person(person(2).to_string())]];
        let table = Table { columns: vec!["journey".to_owned()], rows, ..Table::default() };
        let text = format!("{0} {1} <td>{0}</td> {2}", person(1), person(2), person(3));
        let other = |journey: JourneyId| JourneyId::from_bytes(journey.bytes().map(|byte| byte + 100));
        let expected = format!("{0} {1} <td>{0}</td> {2}", person(101), person(102), person(3));
        assert_eq!(with_ids(text, [table].iter(), other), expected);
    }
}
