//! Durable appends over the network on this machine: our service over HTTP, UmaDB over gRPC.

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use jiff::Timestamp;
use throughline_access::{NewAccount, Role};
use throughline_cli::data::Data;
use throughline_domain::Actor;
use throughline_log::{EventLog, Log};
use tokio::runtime::Runtime;

use super::{
    bare::Bare,
    drive::{Slices, rate},
    event::Events,
    journal::Journal,
    peers::{self, UmaDb},
    progress,
    service::Service,
    table::{Goal, Row, Spread},
};

const CONNECTIONS: usize = 64;

/// Journeys that are open beforehand, so that each grows as a client's does and not without end.
const JOURNEYS: u64 = 20_000;

/// Events of the peer's for the bytes that each takes on the disk, how many at a time, and how long at most.
const PEER_EVENTS: u64 = 100_000;
const BATCH: u64 = 1_000;
const PEER_PATIENCE: Duration = Duration::from_secs(30);

pub fn rows(directory: &Path, slices: Slices) -> Result<Vec<Row>> {
    let directory = tempfile::tempdir_in(directory)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let data = directory.path().join("ours");
    open_journeys(&data)?;
    let token = writer(&data)?;
    let mut ours = Service::start(&data, CONNECTIONS, &token, &runtime)?;
    let mut peer = UmaDb::start(directory.path(), CONNECTIONS, &runtime)?;
    let mut bare = Bare::new(directory.path())?;
    let mut journal = Journal::of(&data);
    let (mut our_rates, mut bare_rates, mut idle_rates) = (Vec::new(), Vec::new(), Vec::new());
    let mut peer_rates = Vec::new();
    ours.slice(&runtime, JOURNEYS, slices.each / 2)?;
    for round in 0..slices.rounds {
        let mut ask_peer = || -> Result<()> {
            let Some(peer) = &mut peer else { return Ok(()) };
            thread::sleep(slices.pause);
            peer_rates.push(peer.slice(&runtime, 1, JOURNEYS, slices.each)?.rate());
            Ok(())
        };
        if round % 2 == 1 {
            ask_peer()?;
        }
        thread::sleep(slices.pause);
        journal.new_frames()?;
        let slice = ours.slice(&runtime, JOURNEYS, slices.each)?;
        let frames = journal.new_frames()?;
        thread::sleep(slices.pause);
        our_rates.push(slice.rate());
        bare_rates.push(rate(slice.events, bare.growing(&frames)?));
        idle_rates.push(ours.idle_slice(&runtime, slices.each / 4)?.rate());
        if round % 2 == 0 {
            ask_peer()?;
        }
        progress(format_args!(
            "over HTTP: round {} of {}, {:.0} events/s",
            round + 1,
            slices.rounds,
            slice.rate()
        ));
    }
    let row = Row::new(
        format!("the same over HTTP, {CONNECTIONS} connections"),
        "events/s",
        Spread::of(our_rates.clone()),
    )
    .beside("bare write + fdatasync", &our_rates, &bare_rates, None)
    .beside("`GET /healthz` of the same service", &our_rates, &idle_rates, None);
    let goal = Some(Goal::AtLeast(3.0));
    let Some(peer) = peer else { return Ok(vec![row.without(peers::umadb_missing().to_owned(), goal)]) };
    // Ours is stopped first, so that it has no part in what comes.
    drop(ours);
    let row = row.beside(&peer.named(), &our_rates, &peer_rates, goal);
    peer.stop();
    Ok([row].into_iter().chain(peer_disk(directory.path(), &runtime)?).collect())
}

/// A token of an account that may append.
fn writer(data: &Path) -> Result<String> {
    let data = Data::new(data);
    let access = data.open_access(Arc::new(Timestamp::now))?;
    let account = Actor::new("system:desk")?;
    access.open_account(
        &account,
        NewAccount { roles: [Role::Writer].into(), ..NewAccount::named(account.clone()) },
    )?;
    Ok(access.issue_token(&account, &account, None, None)?.text.to_string())
}

/// Makes a data directory in which the journeys are open.
fn open_journeys(data: &Path) -> Result<()> {
    let log = Log::open(data, Arc::new(Timestamp::now))?;
    let events = Events::new();
    for first in (0..JOURNEYS).step_by(10_000) {
        log.append((first..first + 10_000).map(|number| events.opened(number)).collect(), &[])?;
    }
    Ok(())
}

/// Bytes that the peer takes on the disk for an event, appended in batches by one connection.
fn peer_disk(directory: &Path, runtime: &Runtime) -> Result<Option<Row>> {
    let directory = tempfile::tempdir_in(directory)?;
    let Some(mut peer) = UmaDb::start(directory.path(), 1, runtime)? else { return Ok(None) };
    let begun = Instant::now();
    while peer.events() < PEER_EVENTS && begun.elapsed() < PEER_PATIENCE {
        peer.slice(runtime, BATCH, JOURNEYS, Duration::from_millis(500))?;
    }
    progress(format_args!("disk of a peer: {} events", peer.events()));
    let what = format!("disk for each of {} events of a peer, batches of {BATCH}", peer.events());
    let bytes = Spread::of(vec![peer.disk_bytes_per_event()?]);
    Ok(Some(Row::new(what, "bytes", None).alone(peer.named(), bytes)))
}
