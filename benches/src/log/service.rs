//! Our service in a process of its own, and connections to it.

use std::{
    io::{BufRead, BufReader as LineReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    runtime::Runtime,
};

use super::{
    drive::Slice,
    event::{self, Events},
};

/// Stands for the id in the text of an event.
const ID: &str = "00000000-0000-4000-8000-000000000000";

/// A server, and the connections to it. It is killed when dropped.
pub struct Service {
    server: Child,
    connections: Vec<Connection>,
}

/// HTTP/1.1 on one kept connection.
struct Connection {
    stream: BufReader<TcpStream>,
    /// The text of an event before its id and after.
    text: (String, String),
    /// Numbers its events, apart from those of the others.
    next: u64,
    /// By which it says who asks.
    token: String,
    line: String,
    body: Vec<u8>,
}

impl Service {
    /// Serves a data directory and connects to it, as the account with this token.
    pub fn start(data: &Path, connections: usize, token: &str, runtime: &Runtime) -> Result<Self> {
        let mut server =
            Command::new(std::env::current_exe()?).arg("service").arg(data).stdout(Stdio::piped()).spawn()?;
        let mut told = String::new();
        let stdout = server.stdout.take().context("the service has a standard output")?;
        // Killed when dropped, whatever fails from here on.
        let mut service = Self { server, connections: Vec::new() };
        let mut lines = LineReader::new(stdout);
        let told: Value = loop {
            if lines.read_line(&mut told)? == 0 {
                bail!("the service does not say where it listens");
            }
            if let Ok(whole) = serde_json::from_str(&told) {
                break whole;
            }
        };
        let url = told["url"].as_str().context("the service says where it listens")?;
        let address: SocketAddr = url.trim_start_matches("http://").parse()?;
        let text = event_text();
        for nth in 0..connections {
            let stream = runtime.block_on(TcpStream::connect(address))?;
            stream.set_nodelay(true)?;
            let (stream, text) = (BufReader::new(stream), text.clone());
            let next = (nth as u64) << 40;
            service.connections.push(Connection {
                stream,
                text,
                next,
                token: token.to_owned(),
                line: String::new(),
                body: Vec::new(),
            });
        }
        Ok(service)
    }

    /// Lets every connection append one event after another until the time is up.
    pub fn slice(&mut self, runtime: &Runtime, journeys: u64, each: Duration) -> Result<Slice> {
        self.drive(runtime, each, Some(journeys))
    }

    /// As many requests as there is time for, to which there is nothing to say.
    pub fn idle_slice(&mut self, runtime: &Runtime, each: Duration) -> Result<Slice> {
        self.drive(runtime, each, None)
    }

    fn drive(&mut self, runtime: &Runtime, each: Duration, journeys: Option<u64>) -> Result<Slice> {
        let begun = Instant::now();
        let tasks: Vec<_> = std::mem::take(&mut self.connections)
            .into_iter()
            .map(|connection| runtime.spawn(connection.ask(begun + each, journeys)))
            .collect();
        let mut events = 0;
        for task in tasks {
            let (connection, asked) = runtime.block_on(task)??;
            self.connections.push(connection);
            events += asked;
        }
        Ok(Slice { events, took: begun.elapsed() })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

impl Connection {
    async fn ask(mut self, until: Instant, journeys: Option<u64>) -> Result<(Self, u64)> {
        let mut asked = 0;
        while Instant::now() < until {
            let (request, expected) = match journeys {
                Some(journeys) => (self.append(journeys), " 201 "),
                None => ("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(), " 200 "),
            };
            self.stream.get_mut().write_all(request.as_bytes()).await?;
            self.answer(expected).await?;
            asked += 1;
        }
        Ok((self, asked))
    }

    fn append(&mut self, journeys: u64) -> String {
        let number = self.next;
        self.next += 1;
        let draft_id = event::contact_id(number);
        let journey = event::journey(scattered_over(number, journeys));
        let (before, after) = &self.text;
        let (length, token) = (before.len() + ID.len() + after.len(), &self.token);
        format!(
            "POST /v1/journeys/{journey}/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{before}{draft_id}{after}"
        )
    }

    async fn answer(&mut self, expected: &str) -> Result<()> {
        let mut status = String::new();
        self.stream.read_line(&mut status).await?;
        let mut length = 0;
        loop {
            self.line.clear();
            self.stream.read_line(&mut self.line).await?;
            if self.line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = self.line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).await?;
        if !status.contains(expected) {
            bail!("{}: {}", status.trim(), String::from_utf8_lossy(&self.body));
        }
        Ok(())
    }
}

/// Connections begin their numbers far apart, at places that would all fall on one journey.
fn scattered_over(number: u64, journeys: u64) -> u64 {
    ((number >> 40) * 61 + (number & ((1 << 40) - 1))) % journeys
}

/// The text of an event as a CloudEvent, before its id and after.
pub fn event_text() -> (String, String) {
    let draft = Events::new().contact(0, event::journey(0));
    let event = json!({
        "specversion": "1.0", "id": ID, "source": "/bench", "type": draft.event.type_name(),
        "data": {
            "occurred": draft.occurred, "eyes": draft.eyes, "actor": draft.actor,
            "facts": draft.event.facts_json(), "personal": draft.event.personal_json(),
        },
    });
    let text = event.to_string();
    let (before, after) = text.split_once(ID).expect("the id is in its text");
    (before.to_owned(), after.to_owned())
}
