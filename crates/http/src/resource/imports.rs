//! Imports: events of another system in one body, checked or recorded in the background, and the reports of every
//! import.

mod answers;

use std::{error::Error, sync::Arc, time::Duration};

use axum::{
    body::{Bytes, to_bytes},
    extract,
    http::{HeaderMap, Uri, header},
    response::Response,
};
use http_body_util::LengthLimitError;
use serde::Deserialize;
use serde_json::json;
use throughline_access::{Bringing, Need};
use throughline_domain::{Code, EventId, Recorded};
use throughline_exchange::{
    import::{Kept, content_of, report_id, reports_stream},
    json::Sent,
};
use throughline_log::AsOf;
use utoipa::IntoParams;
use uuid::Uuid;

use self::answers::{ImportJob, ImportsPage, ListedImport, counts, of_kept, shown};
use crate::{
    State, answer,
    api::{Api, Operation, reference, text},
    blocking::Blocking,
    conditional::one,
    cursor,
    gate::Visit,
    importing::{self, ImportMode, Job},
    lines::{self, Lines},
    openapi,
    parameters::{ImportPath, Limit, NoParameters, Query},
    problem::{Fault, Kind, Problem},
    reading::{applied_position, next_page},
    refuse::unrecorded,
};

/// The largest body, in bytes.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long a body may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(50);
/// Reports of events sent over HTTP are kept under this source.
const SOURCE: &str = "events";

const LINES: [&str; 2] = ["application/x-ndjson", "application/ndjson"];
const LISTS: [&str; 2] = ["application/cloudevents-batch+json", "application/json"];

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// `validate` says what would come in and writes nothing; `commit` writes what can be written.
    #[param(inline)]
    mode: ImportMode,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ImportsQuery {
    /// Where to go on, as `next` gave it.
    cursor: Option<String>,
    /// Reports on a page, 1 to 1000; 100 unless set.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Limit,
}

/// `POST` and `GET /v1/imports`, `GET` and `DELETE /v1/imports/{id}`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "Each line is a CloudEvent with its `subject`. It is decided as an append is, journey by journey, each in \
                 the order of its lines; a line that is refused keeps no other back. The work goes on in the background: \
                 the answer says where to look. One import at a time; a body has at most 64 MiB. Sent again, what is \
                 there already is not written again. Which account sent it, and where its events stand, is in the access log.";
    let mut contents: Vec<_> = LINES.iter().map(|media_type| (*media_type, text())).collect();
    contents.extend(LISTS.iter().map(|media_type| (*media_type, openapi::list())));
    let example = json!({
        "specversion": "1.0", "id": "0b0f6a3e-3c0f-4a52-9a3f-2f6c54e1a001", "source": "old-system",
        "type": "throughline.intake.journey-opened.v1", "subject": "11111111-1111-4111-8111-111111111111",
        "data": {
            "occurred": "2026-03-01", "eyes": "staff", "actor": "worker:w17",
            "facts": { "role": "participant", "language": "en" }
        }
    });
    let begin = Operation::new(Need::Import, "Imports", "import", "Import events", about)
        .query::<ImportQuery>()
        .body("Events, one a line or as a list", &contents, &example)
        .describes::<ImportJob>()
        .answers_as(
            202,
            "Begun; `Location` is where it tells how far it is",
            "application/json",
            reference("ImportJob"),
        )
        .answers_header("Location", "Where the import is")
        .refuses(&[Kind::ImportRunning]);
    let about =
        "Every import that came to its end with something new in the log: by this service or by a command.";
    let list = Operation::new(Need::Import, "Imports", "imports", "The reports of imports", about)
        .query::<ImportsQuery>()
        .answers::<ImportsPage>("A page of reports, the oldest first")
        .paged();
    let about = "By the id an import was begun with, or that of the event that keeps its report. Refused lines are there \
                 as long as the service remembers the import; counts, files and findings stay.";
    let path = "The import";
    let one = Operation::new(Need::Import, "Imports", "import_report", "One import", about)
        .path("id", path)
        .query::<NoParameters>()
        .answers::<ImportJob>("How it stands, and its report")
        .refuses(&[Kind::InvalidPath, Kind::UnknownImport]);
    let about = "It stops before the next journey. What was written stays written; sent again, it goes on. One that has \
                 ended is left as it is.";
    let stop = Operation::new(Need::Import, "Imports", "cancel_import", "Stop an import", about)
        .path("id", path)
        .query::<NoParameters>()
        .answers::<ImportJob>("How it stood when it was asked to stop")
        .refuses(&[Kind::InvalidPath, Kind::UnknownImport]);
    api.post("/v1/imports", begin_import, begin)
        .get("/v1/imports", imports, list)
        .get("/v1/imports/{id}", import, one)
        .delete("/v1/imports/{id}", cancel, stop)
}

async fn begin_import(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(ImportQuery { mode }): Query<ImportQuery>,
    headers: HeaderMap,
    body: axum::body::Body,
) -> Result<Response, Problem> {
    let is_list = is_list(&headers)?;
    // The turn comes before the body, so that there is never more than one body of this size in memory.
    let mut turn = state.imports.take_turn().map_err(|job| {
        let which =
            job.map_or_else(|| "one is being sent".to_owned(), |job| format!("{} is under way", job.id));
        Kind::ImportRunning
            .because(format!("{which}; one import is done at a time, try again in a few seconds"))
    })?;
    let bytes = arrived(body).await?;
    let (read_by, who) = (state.clone(), visit.clone());
    let (lines, content) = state
        .blocking
        .read(move || {
            let lines = lines::signed(read(&bytes, is_list)?, &who);
            Ok((lines, content_of(read_by.runtime.log().namespace(), &bytes)))
        })
        .await?;
    let source = Code::new(SOURCE).expect("a code");
    let kept = report_id(state.runtime.log().namespace(), &source, &content);
    let id = match mode {
        ImportMode::Commit => kept,
        ImportMode::Validate => EventId::new(Uuid::new_v5(&Uuid::from_bytes(kept.bytes()), b"validate")),
    };
    let access = Arc::clone(state.visitors.access());
    let (caller, what) = (visit.visitor.caller.clone(), visit.what().clone());
    let bringing = match mode {
        ImportMode::Validate => None,
        ImportMode::Commit => {
            let begun = move || Bringing::begun(access, caller, what).map_err(|error| unrecorded(&error));
            Some(state.blocking.append(begun).await?)
        }
    };
    let told = importing::unbegun(source, content, lines.len() as u64);
    let job = turn.begin(Job::new(id, mode, visit.account().clone(), told, state.now()));
    let (worker, work) = (state.clone(), job.clone());
    let begun = shown(&job);
    Blocking::in_background(move || importing::run(&worker, turn, &work, lines, bringing));
    answer::accepted(&format!("/v1/imports/{id}"), &begun)
}

fn is_list(headers: &HeaderMap) -> Result<bool, Problem> {
    let given = one(headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if LINES.contains(&essence.as_str()) {
        return Ok(false);
    }
    if LISTS.contains(&essence.as_str()) {
        return Ok(true);
    }
    let hint = format!("send {} or {}", LINES.join(", "), LISTS.join(", "));
    Err(Kind::WrongMediaType
        .because("the body has no `Content-Type` that events are imported from")
        .at(Fault::header("Content-Type").hint(hint)))
}

async fn arrived(body: axum::body::Body) -> Result<Bytes, Problem> {
    match tokio::time::timeout(ARRIVAL_MAX, to_bytes(body, BYTES_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
            Err(Kind::TooLarge.because(format!(
                "the body is past the limit of {BYTES_MAX} bytes; send the events in parts"
            )))
        }
        Ok(Err(_)) => Err(Kind::MalformedBody.because("the body broke off before its end")),
        Err(_) => Err(Kind::SlowBody
            .because(format!("the body did not arrive within {} seconds", ARRIVAL_MAX.as_secs()))),
    }
}

fn read(bytes: &[u8], is_list: bool) -> Result<Lines, Problem> {
    if !is_list {
        return Ok(lines::of_ndjson(bytes));
    }
    if let Ok(events) = serde_json::from_slice(bytes) {
        return Ok(lines::of_list(events));
    }
    match serde_json::from_slice::<Sent>(bytes) {
        Ok(_) => Err(Kind::InvalidEvent
            .because("a list of events is an array; send lines as `application/x-ndjson`")
            .at(Fault::pointer(""))),
        Err(error) => {
            let fault = Fault { row: Some(error.line()), column: Some(error.column()), ..Fault::default() };
            Err(Kind::MalformedBody
                .because(error.to_string())
                .at(fault.hint("send a JSON array of CloudEvents, or one a line as `application/x-ndjson`")))
        }
    }
}

async fn imports(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(ImportsQuery { cursor, limit: Limit(limit) }): Query<ImportsQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let walk = cursor::Query::of(visit.account(), &"imports");
    let after = cursor.map(|cursor| walk.place::<8>(&cursor)).transpose()?.map_or(0, u64::from_be_bytes);
    let runtime = state.runtime.clone();
    let (recorded, total) = state
        .blocking
        .read(move || {
            let log = runtime.log();
            let history = log.read_journey(reports_stream(log.namespace()), AsOf::Now)?;
            Ok((history.events, log.events()))
        })
        .await?;
    // Nothing that is kept says which account sent it, so a machine sees what it sent only while that is remembered.
    let seen = |recorded: &Recorded| visit.reads_imports() && recorded.version.0 > after;
    let mut listed: Vec<Recorded> = recorded.into_iter().filter(seen).take(limit + 1).collect();
    let more = listed.len() > limit;
    listed.truncate(limit);
    let last = listed.last().filter(|_| more).map(|recorded| recorded.version.0.to_be_bytes());
    let next = last.map(|last| next_page(&uri, &[("cursor", &walk.cursor(&last))]));
    let imports = listed.into_iter().filter_map(Kept::of).map(|kept| ListedImport {
        id: kept.id,
        recorded_at: kept.recorded_at.to_string(),
        counts: counts(&kept.told),
        link: format!("/v1/imports/{}", kept.id),
    });
    let page = ImportsPage {
        applied_position: applied_position(total),
        imports: imports.collect(),
        running: state.imports.running().filter(|job| sees(&visit, job)).map(|job| shown(&job)),
        next: next.clone(),
    };
    Ok(answer::page(&page, next.as_deref()))
}

async fn import(
    extract::State(state): extract::State<State>,
    visit: Visit,
    ImportPath(id): ImportPath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    if let Some(job) = state.imports.find(id).filter(|job| sees(&visit, job)) {
        return Ok(answer::page(&shown(&job), None));
    }
    if !visit.reads_imports() {
        return Err(unknown(id));
    }
    let runtime = state.runtime.clone();
    let found = state.blocking.read(move || Ok(runtime.log().find(id)?)).await?;
    let kept = found.and_then(Kept::of).ok_or_else(|| unknown(id))?;
    Ok(answer::page(&of_kept(kept), None))
}

async fn cancel(
    extract::State(state): extract::State<State>,
    visit: Visit,
    ImportPath(id): ImportPath,
    query: Query<NoParameters>,
) -> Result<Response, Problem> {
    if let Some(job) = state.imports.find(id).filter(|job| sees(&visit, job)) {
        job.cancel();
    }
    import(extract::State(state), visit, ImportPath(id), query).await
}

/// A report holds values of the rows that were sent. A machine that brings events sees those it sent itself.
fn sees(visit: &Visit, job: &Job) -> bool {
    visit.reads_imports() || job.by == *visit.account()
}

fn unknown(id: EventId) -> Problem {
    Kind::UnknownImport
        .because(format!("no import {id} is under way or was lately, and no report is kept under it"))
        .at(Fault::parameter("id").hint("GET /v1/imports lists them"))
}
