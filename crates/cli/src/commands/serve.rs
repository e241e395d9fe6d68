//! `serve`: the data directory over HTTP, until told to stop.

use std::{future::Future, io, net::SocketAddr, num::NonZeroU32, sync::Arc};

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use throughline_http::{Host, Hosts, Rates, State, Tls, Visitors};
use throughline_witness::Client;
use tokio::{net::TcpListener, signal};
use tracing_subscriber::EnvFilter;

use super::{Context, Outcome, first};
use crate::{
    args::{self, WitnessNamed},
    data::Opened,
    left::TakingIn,
    output::{self, Output},
    rules::KeepingUp,
    witnesses::{self, Asking},
};

pub fn run(context: &Context, args: &args::Serve) -> Result<Outcome> {
    log_to_stderr();
    let front = Front {
        tls: tls(args.bind, &args.encrypted)?,
        rates: rates(args.rate_limit, &args.encrypted),
        hosts: args.hosts.clone(),
        // The proxy knows by which names it is asked, and passes on one of its own making.
        any_host: args.encrypted.behind_proxy && args.hosts.is_empty(),
        witnesses: args.witnesses.clone(),
        client: witnesses::client(args.ca_cert.as_deref())?,
    };
    let listening = Listening::bind(args.bind, front)?;
    let opened = context.data.open(context.clock.clone())?;
    let access = context.data.open_access(context.clock.clone())?;
    let first = first::account(&access)?;
    let _taking_in = TakingIn::start(context.data.deeds(), Arc::clone(&access))?;
    let visitors = Visitors::ByToken(access);
    listening.serve(context, &opened, visitors, |url| {
        if let Some(first) = &first {
            first::say(first, url);
        }
        let directory = context.data.root();
        output::say(format!("serving {} at {url}", directory.display()));
        output::say(format!("  pages     {url}/\n  API       {url}/docs"));
        match context.output {
            Output::Json => {
                context.output.result(&json!({ "url": url, "directory": directory }), String::new)
            }
            Output::Text => Ok(()),
        }
    })
}

/// What stands between the service and who asks it.
#[derive(Default)]
pub struct Front {
    tls: Option<Tls>,
    rates: Option<Rates>,
    hosts: Vec<Host>,
    any_host: bool,
    witnesses: Vec<WitnessNamed>,
    /// By what they are asked.
    client: Client,
}

/// How often one address may ask; without end at 0.
pub fn rates(per_second: u32, args: &args::Encrypted) -> Option<Rates> {
    NonZeroU32::new(per_second).map(|rate| Rates::new(rate, args.behind_proxy))
}

/// What encrypts at this address, if anything is to; refused where others would be answered in the clear.
pub fn tls(bind: SocketAddr, args: &args::Encrypted) -> Result<Option<Tls>> {
    if let (Some(certificates), Some(key)) = (&args.tls_cert, &args.tls_key) {
        return Ok(Some(Tls::read(certificates, key)?));
    }
    if !args.behind_proxy && !bind.ip().is_loopback() {
        bail!(
            "{bind} can be reached by others, and nothing would encrypt what is said; give --tls-cert and --tls-key, or \
             --behind-proxy where a proxy in front does it"
        );
    }
    Ok(None)
}

/// A port that was got before anything long is begun.
pub struct Listening {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
    front: Front,
}

impl Listening {
    /// Listens, or says who might be in the way.
    pub fn bind(bind: SocketAddr, front: Front) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(bind)).with_context(|| {
            format!(
                "cannot listen on {bind}; another program may hold the port: choose one with --port or --bind"
            )
        })?;
        let address = listener.local_addr()?;
        Ok(Self { runtime, listener, address, front })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        let scheme = if self.front.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until interrupted; then finishes what was begun. `announce` gets the address as soon as whoever hears of
    /// it can ask, and can ask it to stop.
    pub fn serve(
        self,
        context: &Context,
        opened: &Opened,
        visitors: Visitors,
        announce: impl FnOnce(&str) -> Result<()>,
    ) -> Result<Outcome> {
        let interrupted = {
            let _entered = self.runtime.enter();
            interrupted()?
        };
        let url = self.url();
        let Front { tls, rates, hosts, any_host, witnesses: named, client } = self.front;
        let hosts = (!any_host).then(|| Hosts::new(self.address, hosts, tls.clone()));
        let witnesses = witnesses::open(&context.data, &opened.runtime, &named)?;
        let note = context.data.serving(&url)?;
        opened.runtime.start();
        let rules = KeepingUp::start(&opened.runtime, &context.clock)?;
        announce(&url)?;
        let asking = Asking::start(&opened.runtime, &witnesses, &named, client, &context.clock)?;
        let state = State::new(Arc::clone(&opened.runtime), Arc::clone(&context.clock), visitors)
            .with_bench(super::backtest::bench())
            .with_rates(rates)
            .with_hosts(hosts)
            .with_witnesses(witnesses);
        let serving = throughline_http::serve(self.listener, tls, state, interrupted);
        let served = self.runtime.block_on(serving);
        output::say("stopping: finishing what was begun");
        drop((rules, asking));
        opened.runtime.stop();
        drop(note);
        served?;
        Ok(Outcome::Done)
    }
}

/// Listens from now on for being asked to stop; what comes back resolves when that happens.
#[cfg(unix)]
pub fn interrupted() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// What comes back resolves when the process is asked to stop.
#[cfg(not(unix))]
pub fn interrupted() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        signal::ctrl_c().await.ok();
    })
}

/// Messages of the service go to standard error; `THROUGHLINE_LOG` sets how many.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("THROUGHLINE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,throughline=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init().ok();
}
