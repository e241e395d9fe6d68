//! What witnesses hand over: the checkpoint that they cosigned.

use axum::{
    extract::{self, Request},
    response::Response,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use throughline_access::Need;
use throughline_proof::{Note, VerifierKey};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, text},
    parameters::{NoParameters, Query},
    problem::{Kind, Problem},
    refuse::broken,
    small_body::bounded,
    witnesses::{Unwitnessed, Witnessed},
};

/// The largest body, in bytes: a checkpoint and signatures of it.
const BYTES_MAX: usize = 64 * 1024;

/// What was taken in.
#[derive(Debug, Serialize, ToSchema)]
struct Taken {
    /// The witnesses whose cosignatures are good.
    witnessed: Vec<LastWitnessed>,
}

/// What a witness cosigned last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastWitnessed {
    /// The name of the witness's key.
    witness: String,
    /// How many events the checkpoint covers.
    events: u64,
    /// When the witness signed, by its own clock.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The same in words.
    ago: String,
}

impl LastWitnessed {
    pub fn new(witnessed: &Witnessed, now: Timestamp) -> Self {
        let Witnessed { name, events, at, .. } = witnessed;
        Self { witness: name.clone(), events: *events, at: *at, ago: witnessed.ago(now) }
    }
}

/// `POST /cosignatures`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "The log's checkpoint with the signature of a witness, as C2SP tlog-cosignature has it. The signature of a \
                 witness that is known is the leave; the last of each is kept, and told with the checkpoint.";
    let operation = Operation::new(Need::Nothing, "Proof", "cosignatures", "Hand over a cosignature", about)
        .query::<NoParameters>()
        .body(
            "The cosigned checkpoint, a signed note",
            &[("text/plain", text())],
            &json!("throughline/…\n1204\n…=\n\n— throughline/… …\n— witness.example …\n"),
        )
        .answers::<Taken>("The cosignature is good")
        .refuses(&[Kind::NotCosigned]);
    api.post("/cosignatures", cosignatures, operation)
}

async fn cosignatures(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
    request: Request,
) -> Result<Response, Problem> {
    let body = bounded(request, BYTES_MAX).await?;
    let no_note =
        |why: String| Kind::MalformedBody.because(format!("the body is no cosigned checkpoint: {why}"));
    let text = str::from_utf8(&body).map_err(|error| no_note(error.to_string()))?;
    let note = Note::parse(text).map_err(|error| no_note(error.to_string()))?;
    let (witnesses, runtime, now) = (state.witnesses.clone(), state.runtime.clone(), state.now());
    let take = move || {
        let key = VerifierKey::parse(&runtime.log().tree().verifier_key())
            .map_err(|error| broken(&format!("the log's key: {error}")))?;
        witnesses.take(&note, &key, now).map_err(|error| match error {
            Unwitnessed::Io(error) => broken(&format!("a cosignature cannot be kept: {error}")),
            error => Kind::NotCosigned.because(error.to_string()),
        })
    };
    let taken = state.blocking.read(take).await?;
    let witnessed = taken.iter().map(|witnessed| LastWitnessed::new(witnessed, now)).collect();
    Ok(answer::page(&Taken { witnessed }, None))
}
