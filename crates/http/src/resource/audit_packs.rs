//! One journey's record as a pack that proves itself, in one file.

use axum::{
    extract,
    http::{HeaderValue, header},
    response::Response,
};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use throughline_access::{Names, Need};
use throughline_domain::{Actor, Code, JourneyId};
use throughline_replay::pack::{self, Filter, InvalidFilter, Wanted};
use utoipa::ToSchema;

use crate::{
    State,
    answer::{self, never_stored},
    api::{Api, Operation, reference, text},
    gate::Visit,
    parameters::{Moment, NoParameters, Query},
    problem::{Fault, Kind, Problem},
    sight::{is_in, not_yours},
    small_body::{JSON, SmallBody},
};

const TAR: &str = "application/x-tar";

/// What to take out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PackToMake {
    /// The journey: its UUID, or `source:key` for one that was imported.
    journey: String,
    /// As known then: a time with its offset, or a position; now unless set.
    #[schema(value_type = Option<String>)]
    as_of: Option<Moment>,
    /// As lived until this day.
    #[schema(value_type = Option<String>, format = Date)]
    valid_at: Option<Date>,
    /// Only facts of this family.
    family: Option<String>,
    /// Only this fact, by its short or whole name.
    fact: Option<String>,
    /// Only what this actor recorded.
    actor: Option<Actor>,
    /// For what it is taken out: a scope of consent, which everybody in it must agree to today; `data-sharing` unless set.
    #[schema(value_type = Option<String>)]
    purpose: Option<Code>,
    /// Leave names, contacts and words out, whatever leave there is to see them.
    #[serde(default)]
    withhold_names: bool,
}

/// `POST /v1/audit-packs`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "A folder as a tar: the record oldest to newest as a page and as CloudEvents, each event as it was sealed \
                 with what opens it and nothing else, its proof, the signed checkpoint and the log's key. Checked anywhere, \
                 offline, by `throughline verify FILE --key VKEY`. Amendments are in it whatever the filters say. Without \
                 leave for the names of every journey in it, nothing in it opens names, contacts and words. Refused unless everybody \
                 about whom something can be read in it agrees to its purpose today, by what is known now; the export is noted \
                 with its purpose.";
    let example =
        json!({ "journey": "hmis:62547", "as_of": "2026-03-01T00:00:00Z", "family": "transaction" });
    let operation =
        Operation::new(Need::AuditPack, "Proof", "audit-pack", "Take one journey's record out", about)
            .journey_in_body()
            .query::<NoParameters>()
            .body("What to take out", &[(JSON, reference("PackToMake"))], &example)
            .describes::<PackToMake>()
            .answers_as(200, "The pack", TAR, text())
            .answers_header("Content-Disposition", "The name under which to keep it")
            .refuses(&[
                Kind::InvalidBody,
                Kind::InvalidPath,
                Kind::BeyondHead,
                Kind::TooLarge,
                Kind::NotSigned,
                Kind::NoConsent,
            ]);
    api.post("/v1/audit-packs", make, operation)
}

async fn make(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(asked): SmallBody<PackToMake>,
) -> Result<Response, Problem> {
    let at = |name: &str| Fault::pointer(format!("/{name}"));
    let journey = state.journey_of(&asked.journey, at("journey"))?;
    visit.is_about(journey);
    state.must_see(&visit, journey).await?;
    let purpose = asked.purpose.unwrap_or_else(pack::usual_purpose);
    visit.is_for(purpose.clone());
    let as_of = state.as_of("as_of", asked.as_of)?;
    let filter = Filter::of(asked.family.as_deref(), asked.fact.as_deref(), asked.actor, asked.valid_at);
    let filter = filter.map_err(|wrong| {
        let name = if matches!(wrong, InvalidFilter::Family(..)) { "family" } else { "fact" };
        Kind::InvalidBody.because(wrong.to_string()).at(at(name))
    })?;
    let (blocking, made_at) = (state.blocking.clone(), state.now());
    let tar = blocking
        .read(move || {
            let made = |names| {
                let (filter, purpose) = (filter.clone(), purpose.clone());
                pack::make(&state.runtime, &Wanted { journey, as_of, filter, names, purpose, made_at })
            };
            let asked_for = if asked.withhold_names { Names::Withheld } else { Names::Shown };
            let mut pack = made(asked_for)?;
            let journeys: Vec<JourneyId> = pack.tally.journeys.keys().copied().collect();
            if let Some(caseload) = visit.caseload(&state) {
                for journey in &journeys {
                    if !is_in(&state.runtime, &caseload, *journey)? {
                        return Err(not_yours());
                    }
                }
            }
            // Asked of what is in the pack, for journeys are linked while it is made.
            let named = |journey: &JourneyId| visit.names(&state, *journey) == Names::Shown;
            if asked_for == Names::Shown && !journeys.iter().all(named) {
                pack = made(Names::Withheld)?;
            }
            Ok(pack::tar(&pack.files, &pack.manifest)?)
        })
        .await?;
    let mut response = answer::plain(TAR, tar);
    let name = HeaderValue::from_static("attachment; filename=\"audit-pack.tar\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    never_stored(&mut response);
    Ok(response)
}
