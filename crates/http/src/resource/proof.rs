//! The transparency tree as a tiled log, and the proof of one event: C2SP tlog-tiles and tlog-proof.

use std::time::Duration;

use axum::{
    extract,
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use throughline_access::Need;
use throughline_domain::EventId;
use throughline_log::Under;
use throughline_proof::{Level, Tile};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    State, answer,
    api::{Api, Operation, text},
    parameters::{NoParameters, Query},
    problem::{Fault, Kind, Problem},
};

/// How long a request waits for a checkpoint to cover its event; one is signed every half second.
const SIGNED_WITHIN: Duration = Duration::from_secs(2);

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// What a path names never changes; who may read it may keep it, and nobody else may keep it for them.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// What the proof of an event is asked with.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ProofQuery {
    /// Whether witnesses are to have cosigned the checkpoint: `true` for no other, `false` for the newest. Unless set, where
    /// one that they cosigned covers the event.
    witnessed: Option<bool>,
}

/// `GET /checkpoint`, `GET /checkpoint/witnessed`, `GET /tile/…`, `GET /tile/entries/…` and `GET /v1/events/{id}/proof`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "The log's signed head, as C2SP tlog-checkpoint has it: origin, number of events, root of the Merkle \
                 tree over their public headers, and an Ed25519 signature. At most a second behind the last append.";
    let checkpoint = Operation::new(Need::Nothing, "Proof", "checkpoint", "The signed checkpoint", about)
        .query::<NoParameters>()
        .answers_as(200, "The checkpoint", "text/plain", text())
        .refuses(&[Kind::NotSigned]);
    let about = "The newest checkpoint that witnesses cosigned, with all their cosignatures of it: what to rely on, since no \
                 keeper of a log alone can have made it. `/checkpoint` is newer, and seldom cosigned while the log grows.";
    let witnessed =
        Operation::new(Need::Nothing, "Proof", "checkpoint-witnessed", "The witnessed checkpoint", about)
            .query::<NoParameters>()
            .answers_as(200, "The checkpoint", "text/plain", text())
            .refuses(&[Kind::NotWitnessed]);
    let about = "Hashes of the tree, as C2SP tlog-tiles has them: `tile/0/x001/067`, `tile/1/000.p/12`. Nothing past the \
                 checkpoint is answered; what is answered never changes.";
    let tile = Operation::new(Need::Nothing, "Proof", "tile", "A tile of hashes", about)
        .path("path", "The rest of the tile's path: `0/000`, `1/000.p/12`")
        .query::<NoParameters>()
        .answers_as(200, "The tile's hashes", BYTES, text())
        .answers_header("Cache-Control", "To be kept for ever")
        .refuses(&[Kind::UnknownTile]);
    let about = "Bundles of the tree's entries, as C2SP tlog-tiles has them: `tile/entries/x001/067`. An entry is an event's \
                 public header: nothing that is sealed, but when what kind of thing became known of which pseudonym; so it \
                 takes the same leave as the events themselves.";
    let entries = Operation::new(Need::ReadFeed, "Proof", "entries", "A bundle of entries", about)
        .path("path", "The rest of the bundle's path: `000`, `x001/067.p/12`")
        .query::<NoParameters>()
        .answers_as(200, "The bundle's entries", BYTES, text())
        .answers_header("Cache-Control", "To be kept for ever")
        .refuses(&[Kind::UnknownTile]);
    let about = "That the event is in the log, as C2SP tlog-proof has it: its leaf's data (`extra`), its position, the \
                 way to the root, and a signed checkpoint: that of `/checkpoint/witnessed` where it covers the event, else \
                 the newest. Whoever has the log's key can check it alone, for ever, also \
                 when the event itself was erased.";
    let proof = Operation::new(Need::SignedIn, "Proof", "event-proof", "The proof of one event", about)
        .path("id", "The event's id, a UUID")
        .query::<ProofQuery>()
        .answers_as(200, "The proof", "text/plain", text())
        .refuses(&[Kind::InvalidPath, Kind::UnknownEvent, Kind::NotSigned, Kind::NotWitnessed]);
    api.get("/checkpoint", checkpoint_text, checkpoint)
        .get("/checkpoint/witnessed", witnessed_text, witnessed)
        .get("/tile/{*path}", hashes, tile)
        .get("/tile/entries/{*path}", bundle, entries)
        .get("/v1/events/{id}/proof", proof_text, proof)
}

async fn checkpoint_text(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let checkpoint = state.runtime.log().tree().checkpoint();
    let checkpoint =
        checkpoint.ok_or_else(|| Kind::NotSigned.because("the log has signed no checkpoint yet"))?;
    Ok(answer::plain(TEXT, state.witnesses.cosigned(checkpoint)))
}

async fn witnessed_text(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let runtime = state.runtime.clone();
    let witnessed = state.blocking.read(move || Ok(runtime.log().tree().witnessed()?)).await?;
    let none = || Kind::NotWitnessed.because("no witness has cosigned a checkpoint of this log yet");
    Ok(answer::plain(TEXT, witnessed.ok_or_else(none)?))
}

async fn hashes(
    extract::State(state): extract::State<State>,
    extract::Path(path): extract::Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    published(&state, &path, |level| level != Level::Entries).await
}

async fn bundle(
    extract::State(state): extract::State<State>,
    extract::Path(path): extract::Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    published(&state, &format!("entries/{path}"), |level| level == Level::Entries).await
}

async fn published(state: &State, path: &str, takes: fn(Level) -> bool) -> Result<Response, Problem> {
    let shown: String = path.chars().take(120).collect();
    let unknown = || Kind::UnknownTile.because(format!("the tree up to the checkpoint has no `{shown}`"));
    let tile = Tile::parse(&format!("tile/{path}"))
        .map_err(|error| Kind::UnknownTile.because(format!("`{shown}`: {error}")))?;
    if !takes(tile.level) {
        return Err(unknown());
    }
    let runtime = state.runtime.clone();
    let bytes = state.blocking.read(move || Ok(runtime.log().tree().tile(tile)?)).await?;
    let mut response = answer::plain(BYTES, bytes.ok_or_else(unknown)?);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
    Ok(response)
}

async fn proof_text(
    extract::State(state): extract::State<State>,
    extract::Path(id): extract::Path<String>,
    Query(ProofQuery { witnessed }): Query<ProofQuery>,
) -> Result<Response, Problem> {
    let shown: String = id.chars().take(120).collect();
    let id = Uuid::parse_str(&id).map_err(|_| {
        Kind::InvalidPath
            .because(format!("`{shown}` is no event's id"))
            .at(Fault::parameter("id").hint("send the event's UUID"))
    })?;
    let runtime = state.runtime.clone();
    let work = move || {
        let (log, event) = (runtime.log(), EventId::from_bytes(*id.as_bytes()));
        let unknown = || Kind::UnknownEvent.because(format!("the log has no event `{shown}`"));
        let position = log.position(event)?.ok_or_else(unknown)?;
        if witnessed != Some(false)
            && let Some(proof) = log.tree().proof(position, Under::Witnessed)?
        {
            return Ok(proof.to_string());
        }
        if witnessed == Some(true) {
            let detail = format!("no witness has cosigned a checkpoint that covers position {position} yet");
            return Err(Kind::NotWitnessed.because(detail));
        }
        log.tree().wait_covered(position, SIGNED_WITHIN);
        let unsigned = || {
            let why = log.tree().covered().failing.map(|why| format!(": {why}")).unwrap_or_default();
            Kind::NotSigned.because(format!("no checkpoint covers position {position} yet{why}"))
        };
        Ok(log.tree().proof(position, Under::Newest)?.ok_or_else(unsigned)?.to_string())
    };
    Ok(answer::plain(TEXT, state.blocking.read(work).await?))
}
