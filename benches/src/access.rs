//! What it costs over HTTP that who asks is known and what is read is written down: each read waits for its entry of the
//! access log to be durable.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use throughline_access::{Access, NewAccount, Role};
use throughline_domain::{Actor, Draft};
use throughline_http::{State, Visitors};
use throughline_log::{Clock, Error, EventLog, Expected, Log, Receipt};
use tokio::net::TcpListener;

use crate::{
    log::{
        bare::Bare,
        drive::{Slice, Slices, drive, rate},
        journal::{Frame, Journal},
        table::{self, Row, Spread},
    },
    query::Client,
    timing::timed,
    world::{self, World},
};

/// How much to measure.
#[derive(Args)]
pub struct Options {
    /// Clients made up.
    #[arg(long, default_value_t = 5_000)]
    clients: usize,
    /// How often each rate is taken; the table has the median.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// How long it is taken each time.
    #[arg(long, default_value_t = 500, value_name = "MILLISECONDS")]
    slice: u64,
}

/// How many ask at once.
const CONNECTIONS: [usize; 3] = [1, 8, 64];

impl Options {
    /// As much as fits a measurement of everything.
    pub fn small() -> Self {
        Self { clients: 1_000, rounds: 5, slice: 250 }
    }
}

/// Measures, and prints the table.
pub fn measure(options: &Options) -> Result<()> {
    let world = world::with_clients(options.clients)?;
    world.runtime.rebuild(None, &|_, _| {})?;
    let each = Duration::from_millis(options.slice);
    let slices = Slices { rounds: options.rounds, each, pause: each / 4 };
    let served = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let forgets = Arc::new(AtomicBool::new(false));
    let data = world.dir().join("access");
    let address = serve(&served, &world, &data, &forgets)?;
    let mut bare = Bare::new(world.dir())?;
    let mut rows = Vec::new();
    let list = |_: u64| "/v1/journeys?limit=20".to_owned();
    let view = |number: u64| {
        let sample = &world.sample;
        format!("/v1/journeys/{}/engagement", sample[usize::try_from(number).unwrap_or(0) % sample.len()])
    };
    for connections in CONNECTIONS {
        let asking = Asking { address, connections, slices, forgets: &forgets, data: &data };
        rows.extend(asking.rows("one client's view", &view, &mut bare)?);
        rows.extend(asking.rows("a list of 20 clients", &list, &mut bare)?);
    }
    println!(
        "\nAccess control over HTTP, {} clients: median (least–most) of {} slices of {} ms\n\n{}",
        options.clients,
        options.rounds,
        options.slice,
        table::markdown(&rows)
    );
    served.shutdown_background();
    Ok(())
}

/// The service, in this process. Whoever asks is one account, and every read is written down first, unless it `forgets`.
fn serve(
    served: &tokio::runtime::Runtime,
    world: &World,
    data: &Path,
    forgets: &Arc<AtomicBool>,
) -> Result<SocketAddr> {
    let clock: Clock = Arc::new(Timestamp::now);
    let log = Forgetful { log: Log::open(data, Arc::clone(&clock))?, forgets: Arc::clone(forgets) };
    let access = Arc::new(Access::open(Arc::new(log), clock)?);
    let account = Actor::new("supervisor:s1")?;
    let new = NewAccount { roles: [Role::Supervisor].into(), ..NewAccount::named(account.clone()) };
    access.open_account(&account, new)?;
    let visitors = Visitors::SignedIn { access, account };
    let state = State::new(Arc::clone(&world.runtime), Arc::new(Timestamp::now), visitors);
    let listener = served.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    served.spawn(throughline_http::serve(listener, None, state, std::future::pending()));
    Ok(address)
}

/// An access log that, while told to, takes what it is given for written.
struct Forgetful {
    log: Log,
    forgets: Arc<AtomicBool>,
}

impl EventLog for Forgetful {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        if self.forgets.load(Ordering::Relaxed) {
            return Ok(Receipt { events: Vec::new() });
        }
        self.log.append(batch, expected)
    }

    throughline_log::pass_on!(log: events, wait_beyond, read, read_journey, version, position, tree, find);
    throughline_log::pass_on!(log: events_at, head, scan, seal, open_sealed, namespace, derive);
}

/// So many connections, each asking again as soon as it is answered.
struct Asking<'a> {
    address: SocketAddr,
    connections: usize,
    slices: Slices,
    forgets: &'a AtomicBool,
    data: &'a Path,
}

impl Asking<'_> {
    fn rows(&self, what: &str, path: &(dyn Fn(u64) -> String + Sync), bare: &mut Bare) -> Result<Vec<Row>> {
        let mut journal = Journal::of(self.data);
        let healthz = |_: u64| "/healthz".to_owned();
        let (mut written, mut forgotten, mut idle) = (Vec::new(), Vec::new(), Vec::new());
        let (mut synced, mut shared) = (Vec::new(), Vec::new());
        self.slice(path)?;
        for round in 0..self.slices.rounds {
            let mut without = || -> Result<()> {
                self.forgets.store(true, Ordering::Relaxed);
                forgotten.push(self.slice(path)?.rate());
                self.forgets.store(false, Ordering::Relaxed);
                Ok(())
            };
            if round % 2 == 1 {
                without()?;
            }
            journal.new_frames()?;
            written.push(self.slice(path)?.rate());
            let frames = journal.new_frames()?;
            if round % 2 == 0 {
                without()?;
            }
            idle.push(self.slice(&healthz)?.rate());
            let entries: u64 = frames.iter().map(|frame: &Frame| frame.events).sum();
            shared.push(rate(entries, Duration::from_secs(frames.len().max(1) as u64)));
            synced.push(rate(entries, bare.growing(&frames)?));
        }
        let many = match self.connections {
            1 => "1 connection".to_owned(),
            many => format!("{many} connections"),
        };
        eprintln!("access: {what}, {many}");
        let row =
            Row::new(format!("{what}, written down, {many}"), "requests/s", Spread::of(written.clone()))
                .beside("the same, not written down", &written, &forgotten, None)
                .beside("`GET /healthz`", &written, &idle, None)
                .beside("its entries' frames, bare write + fdatasync", &written, &synced, None);
        Ok(vec![row, Row::new(format!("entries that share a sync, {many}"), "entries", Spread::of(shared))])
    }

    fn slice(&self, path: &(dyn Fn(u64) -> String + Sync)) -> Result<Slice> {
        std::thread::sleep(self.slices.pause);
        let next = AtomicU64::new(0);
        let clients =
            (0..self.connections).map(|_| Client::connect(self.address)).collect::<Result<Vec<_>>>()?;
        let clients: Vec<_> = clients.into_iter().map(std::sync::Mutex::new).collect();
        drive(self.connections, 1, self.slices.each, &next, |number| {
            // As many askers as connections: one is always free.
            let mut free = clients.iter().filter_map(|client| client.try_lock().ok());
            let mut client = free.next().expect("each asker has a connection");
            let path = path(number);
            let (answered, took) = timed(|| client.get(&path));
            answered.map(|()| took)
        })
    }
}
