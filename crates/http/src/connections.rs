//! Connections: how many there are at once, how long each may take to say what it wants, and how they end.
//!
//! `axum::serve` bounds none of that, and waits for ever for the first byte; so the loop around hyper is here.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Response, header},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::{Tls, tls::keep_renewed};

/// Connections at once; more wait to be taken.
const CONNECTIONS_MAX: usize = 4096;
/// How long a connection may take to be encrypted.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long the head of a request may take to arrive, the wait for its first byte included.
const HEAD_MAX: Duration = Duration::from_secs(30);
/// How long to rest when the system has no more room for connections.
const OUT_OF_ROOM: Duration = Duration::from_millis(200);
/// How long requests under way may take to end once the service is told to stop.
const DRAIN_MAX: Duration = Duration::from_secs(20);
/// Who came by TLS is told to come no other way, for a year.
const ONLY_BY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

/// Answers what comes on these routes until `stop` resolves, encrypted where there is a certificate; then takes no more
/// connections and finishes the requests under way, as far as they end within 20 seconds.
pub async fn serve_routes(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let turns = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = std::pin::pin!(stop);
    let mut renewing = std::pin::pin!(keep_renewed(tls.clone()));
    loop {
        tokio::select! {
            () = &mut stop => break,
            never = &mut renewing => match never {},
            (stream, peer, turn) = accept(&listener, &turns) => {
                let connection = Connection { peer, router: router.clone(), watcher: graceful.watcher() };
                tokio::spawn(connection.answer(stream, tls.clone(), turn));
            }
        }
    }
    // Nobody is taken any more, and who waits to be is told so.
    drop(listener);
    if timeout(DRAIN_MAX, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            "requests still under way were cut off {} seconds after the stop",
            DRAIN_MAX.as_secs()
        );
    }
    Ok(())
}

/// The next connection, once there is a turn for it.
async fn accept(
    listener: &TcpListener,
    turns: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let turn = turns.clone().acquire_owned().await.expect("turns are never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, turn),
            // One that was given up while it waited is nobody's fault, and says nothing of the next.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken at the moment");
                sleep(OUT_OF_ROOM).await;
            }
        }
    }
}

/// One connection.
struct Connection {
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
}

impl Connection {
    /// Answers its requests, one after another. What goes wrong is between it and whoever opened it.
    async fn answer(self, stream: TcpStream, tls: Option<Tls>, turn: OwnedSemaphorePermit) {
        // Small answers are not held back for more to come.
        stream.set_nodelay(true).ok();
        match tls {
            None => self.serve(stream, false).await,
            Some(tls) => match timeout(HANDSHAKE_MAX, tls.acceptor.accept(stream)).await {
                Ok(Ok(stream)) => self.serve(stream, true).await,
                Ok(Err(error)) => tracing::debug!(%error, "a connection was not encrypted"),
                Err(_) => tracing::debug!("a connection took too long to be encrypted"),
            },
        }
        drop(turn);
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, encrypted: bool) {
        let Self { peer, router, watcher } = self;
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            let answered = tower::ServiceExt::oneshot(router.clone(), request);
            async move {
                let mut response: Response<Body> = answered.await?;
                if encrypted {
                    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ONLY_BY_TLS);
                }
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .serve_connection(TokioIo::new(stream), answer);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
