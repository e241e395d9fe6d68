//! UmaDB, a server of its own, asked over gRPC: <https://docs.rs/umadb/0.7.8>.
//!
//! The server runs with its defaults; it answers an append after it has synced its file. The messages are those of its
//! `umadb.proto`, written out here, and its connections are made with what its own client sets, without TLS.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use prost::Message;
use tokio::runtime::Runtime;
use tonic::{
    Request,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;
use uuid::Uuid;

use crate::log::{
    drive::Slice,
    event::{self, PAYLOAD_BYTES, TYPE},
    journal,
};

const APPEND: &str = "/umadb.v1.DCB/Append";

#[derive(Clone, PartialEq, Message)]
#[allow(clippy::struct_field_names, reason = "the names are those of `umadb.proto`")]
struct Event {
    #[prost(string, tag = "1")]
    event_type: String,
    #[prost(string, repeated, tag = "2")]
    tags: Vec<String>,
    #[prost(bytes = "vec", tag = "3")]
    data: Vec<u8>,
    #[prost(string, tag = "4")]
    uuid: String,
}

#[derive(Clone, PartialEq, Message)]
struct AppendRequest {
    #[prost(message, repeated, tag = "1")]
    events: Vec<Event>,
}

#[derive(Clone, PartialEq, Message)]
struct AppendResponse {
    #[prost(uint64, tag = "1")]
    position: u64,
}

/// A server, and the connections to it. It is killed when dropped.
pub struct UmaDb {
    version: String,
    server: Child,
    file: PathBuf,
    connections: Vec<Connection>,
    /// Appended so far.
    events: u64,
}

struct Connection {
    grpc: Grpc<Channel>,
    /// Numbers its events, apart from those of the others.
    next: u64,
}

impl UmaDb {
    /// What the program calls itself; none where there is none.
    fn version() -> Option<String> {
        let told = Command::new("umadb").arg("--version").output().ok()?.stdout;
        Some(String::from_utf8_lossy(&told).trim().to_owned())
    }

    /// What to call it in a table.
    pub fn named(&self) -> String {
        format!("{} over gRPC", self.version)
    }

    /// Starts a server in a directory and connects to it; none where there is no such program.
    pub fn start(directory: &Path, connections: usize, runtime: &Runtime) -> Result<Option<Self>> {
        let Some(version) = Self::version() else { return Ok(None) };
        // Free when it was asked for; the server cannot be given a socket.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let file = directory.join("uma.db");
        let server = Command::new("umadb")
            .args(["--listen", &address, "--db-path"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut peer = Self { version, server, file, connections: Vec::new(), events: 0 };
        let patience = Instant::now() + Duration::from_secs(20);
        for nth in 0..connections {
            let grpc = runtime.block_on(connect(&address, patience))?;
            peer.connections.push(Connection { grpc, next: (nth as u64) << 40 });
        }
        Ok(Some(peer))
    }

    /// Lets every connection append until the time is up.
    pub fn slice(&mut self, runtime: &Runtime, batch: u64, journeys: u64, each: Duration) -> Result<Slice> {
        let begun = Instant::now();
        let tasks: Vec<_> = std::mem::take(&mut self.connections)
            .into_iter()
            .map(|connection| runtime.spawn(connection.append(begun + each, batch, journeys)))
            .collect();
        let mut events = 0;
        for task in tasks {
            let (connection, appended) = runtime.block_on(task)??;
            self.connections.push(connection);
            events += appended;
        }
        self.events += events;
        Ok(Slice { events, took: begun.elapsed() })
    }

    /// How many events it took.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Stops the server, as dropping it does.
    pub fn stop(self) {
        drop(self);
    }

    pub fn disk_bytes_per_event(&self) -> Result<f64> {
        Ok(journal::disk_bytes(&self.file)? as f64 / self.events as f64)
    }
}

impl Connection {
    async fn append(mut self, until: Instant, batch: u64, journeys: u64) -> Result<(Self, u64)> {
        let mut appended = 0;
        while Instant::now() < until {
            let events = (self.next..self.next + batch)
                .map(|number| Event {
                    event_type: TYPE.to_owned(),
                    tags: vec![format!("journey:{}", event::journey(number % journeys))],
                    data: vec![b'x'; PAYLOAD_BYTES],
                    uuid: Uuid::from_u128(u128::from(number)).to_string(),
                })
                .collect();
            self.next += batch;
            self.grpc.ready().await?;
            let codec = ProstCodec::<AppendRequest, AppendResponse>::new();
            let path = PathAndQuery::from_static(APPEND);
            self.grpc.unary(Request::new(AppendRequest { events }), path, codec).await?;
            appended += batch;
        }
        Ok((self, appended))
    }
}

async fn connect(address: &str, patience: Instant) -> Result<Grpc<Channel>> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(5))
        .keep_alive_timeout(Duration::from_secs(10))
        .initial_stream_window_size(Some(4 * 1024 * 1024))
        .initial_connection_window_size(Some(8 * 1024 * 1024));
    loop {
        match endpoint.connect().await {
            Ok(channel) => return Ok(Grpc::new(channel)),
            Err(error) if Instant::now() > patience => {
                return Err(error).context("umadb does not answer");
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

impl Drop for UmaDb {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
