//! `serve`: the data directory over HTTP, until told to stop.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use throughline_http::State;
use tokio::{net::TcpListener, signal};
use tracing_subscriber::EnvFilter;

use super::{Context, Outcome};
use crate::{data::Opened, output};

pub fn run(context: &Context, bind: SocketAddr) -> Result<Outcome> {
    log_to_stderr();
    let listening = Listening::bind(bind)?;
    let opened = context.data.open(context.clock.clone())?;
    output::say(format!("serving {} at {}", context.data.root().display(), listening.url()));
    output::say(format!("  pages     {}/\n  API       {}/docs", listening.url(), listening.url()));
    listening.serve(context, &opened)
}

/// A port that was got before anything long is begun.
pub struct Listening {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// Listens, or says who might be in the way.
    pub fn bind(bind: SocketAddr) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(bind)).with_context(|| {
            format!(
                "cannot listen on {bind}; another program may hold the port: choose one with --port or --bind"
            )
        })?;
        let address = listener.local_addr()?;
        Ok(Self { runtime, listener, address })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until interrupted; then finishes what was begun.
    pub fn serve(self, context: &Context, opened: &Opened) -> Result<Outcome> {
        let note = context.data.serving(&self.url())?;
        opened.runtime.start();
        let state = State::new(Arc::clone(&opened.runtime), Arc::clone(&context.clock));
        let served = self.runtime.block_on(throughline_http::serve(self.listener, state, interrupted()));
        output::say("stopping: finishing what was begun");
        opened.runtime.stop();
        drop(note);
        served?;
        Ok(Outcome::Done)
    }
}

/// Resolves when the process is asked to stop.
async fn interrupted() {
    #[cfg(unix)]
    {
        let mut terminated = match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(terminated) => terminated,
            Err(error) => {
                tracing::warn!(%error, "cannot hear SIGTERM; stop with Ctrl-C");
                signal::ctrl_c().await.ok();
                return;
            }
        };
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await.ok();
}

/// Messages of the service go to standard error; `THROUGHLINE_LOG` sets how many.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("THROUGHLINE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,throughline=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init().ok();
}
