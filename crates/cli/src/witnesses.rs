//! The log's side of being witnessed: once a minute its checkpoint goes to those who are to be asked. Nothing waits for it.

use std::{
    path::Path,
    sync::{
        Arc, Weak,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use throughline_http::Witnesses;
use throughline_proof::{ConsistencyProof, Note, VerifierKey, hashes_of};
use throughline_runtime::Runtime;
use throughline_witness::{Client, Error, ask};

use crate::{args::WitnessNamed, clock::Clock, data::Data};

/// How often a witness is asked.
const ASK_EVERY: Duration = Duration::from_mins(1);
/// How long after the start it is asked first.
const FIRST_AFTER: Duration = Duration::from_secs(1);

/// The witnesses of a log, by what is kept in its directory.
pub fn open(data: &Data, runtime: &Runtime, named: &[WitnessNamed]) -> Result<Arc<Witnesses>> {
    let log = VerifierKey::parse(&runtime.log().tree().verifier_key())?;
    let path = data.root().join("tree/witnessed");
    let keys = named.iter().map(|witness| witness.key.clone()).collect();
    let witnesses = Witnesses::open(&path, &log, keys);
    Ok(Arc::new(witnesses.with_context(|| format!("{} cannot be read", path.display()))?))
}

/// By what is asked: it trusts the authorities in this file besides the usual ones.
pub fn client(authorities: Option<&Path>) -> Result<Client> {
    Ok(authorities.map(Client::trusting).transpose()?.unwrap_or_default())
}

/// Asks witnesses until it is dropped.
pub struct Asking {
    /// Nothing is sent: the asking ends when it is gone. What is under way is not waited for; it holds no log.
    _stop: Sender<()>,
}

impl Asking {
    /// Begins to ask those that have a URL.
    pub fn start(
        runtime: &Arc<Runtime>,
        witnesses: &Arc<Witnesses>,
        named: &[WitnessNamed],
        client: Client,
        clock: &Clock,
    ) -> Result<Self> {
        let (stop, stopped) = channel();
        let asked: Vec<_> =
            named.iter().filter_map(|witness| Some((witness.key.clone(), witness.url.clone()?))).collect();
        let (runtime, witnesses, clock) = (Arc::downgrade(runtime), Arc::clone(witnesses), Arc::clone(clock));
        let work = move || {
            let mut pause = FIRST_AFTER;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = ASK_EVERY;
                // All cosign one checkpoint, so that it has all their signatures.
                let Some(head) = head(&runtime) else { continue };
                for (key, url) in &asked {
                    if let Err(error) = ask_one(&client, (key, url), &head, &runtime, &witnesses, &clock) {
                        let witness = key.name();
                        tracing::warn!(%error, witness, "the log was not witnessed; it is asked again in a minute");
                    }
                }
            }
        };
        thread::Builder::new().name("witnesses".to_owned()).spawn(work)?;
        Ok(Self { _stop: stop })
    }
}

/// The log's checkpoint, and the key that signed it; none before the first, and once the log is closing.
fn head(runtime: &Weak<Runtime>) -> Option<(Note, VerifierKey)> {
    // The log is in hand only while it is read: a witness that is slow does not keep it open.
    let runtime = runtime.upgrade()?;
    let tree = runtime.log().tree();
    Some((Note::parse(&tree.checkpoint()?).ok()?, VerifierKey::parse(&tree.verifier_key()).ok()?))
}

fn ask_one(
    client: &Client,
    (key, url): (&VerifierKey, &str),
    (note, log): &(Note, VerifierKey),
    runtime: &Weak<Runtime>,
    witnesses: &Witnesses,
    clock: &Clock,
) -> Result<()> {
    let size = throughline_proof::Checkpoint::parse(note.text())?.size;
    let mut prove = |old: u64| {
        let failed = |why: String| Error::Unanswered { url: "the log".to_owned(), why };
        let runtime = runtime.upgrade().ok_or_else(|| failed("it is closing".to_owned()))?;
        let read = &mut |tile| {
            let bytes = runtime.log().tree().tile(tile).map_err(|error| failed(error.to_string()))?;
            Ok::<_, Error>(hashes_of(&bytes.ok_or_else(|| failed(format!("there is no {tile}")))?)?)
        };
        ConsistencyProof::make(old, size, read)
    };
    let old = witnesses.last_of(key).map_or(0, |last| last.events);
    let cosigned = ask(client, url, note, old, &mut prove)?;
    witnesses.take(&cosigned, log, clock())?;
    Ok(())
}
