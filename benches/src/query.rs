//! One client's views over HTTP, beside the barest answer of the same server on the same connection.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use anyhow::{Result, bail};
use jiff::Timestamp;
use throughline_access::{Access, NewAccount, Role};
use throughline_domain::Actor;
use throughline_http::{State, Visitors};
use throughline_log::{Clock, Log};
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    memory,
    timing::{quantile_ms, timed},
    world::{self, World},
};

pub fn measure(clients: usize, requests: usize) -> Result<()> {
    println!("\nOver HTTP, one connection, {clients} clients");
    let world = world::with_clients(clients)?;
    println!("{} events; building views", throughline_log::EventLog::events(&*world.log));
    world.runtime.rebuild(None, &|_, _| {})?;
    let server = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let state = State::new(Arc::clone(&world.runtime), Arc::new(Timestamp::now), visitors(&world)?);
    let serving = server.spawn(throughline_http::serve(listener, None, state, async move {
        stopped.await.ok();
    }));
    ask(address, &world, requests)?;
    stop.send(()).ok();
    server.block_on(serving)??;
    println!("peak memory {}", memory::peak());
    Ok(())
}

/// Whoever asks is one account, and every answer is written down first, as in service.
fn visitors(world: &World) -> Result<Visitors> {
    let clock: Clock = Arc::new(Timestamp::now);
    let log = Log::open(&world.dir().join("access"), Arc::clone(&clock))?;
    let access = Arc::new(Access::open(Arc::new(log), clock)?);
    let account = Actor::new("supervisor:s1")?;
    let new = NewAccount { roles: [Role::Supervisor].into(), ..NewAccount::named(account.clone()) };
    access.open_account(&account, new)?;
    Ok(Visitors::SignedIn { access, account })
}

fn ask(address: SocketAddr, world: &World, requests: usize) -> Result<()> {
    let mut client = Client::connect(address)?;
    println!("{:>40} {:>10} {:>10} {:>8}", "path", "median ms", "p99 ms", "× bare");
    let bare = client.times(requests, |_| "/healthz".to_owned())?;
    let bare_ms = quantile_ms(&bare, 0.5);
    println!("{:>40} {bare_ms:>10.3} {:>10.3} {:>8.1}", "/healthz", quantile_ms(&bare, 0.99), 1.0);
    for view in ["engagement", "satisfaction", "outcomes", "quality"] {
        let of = |number: usize| format!("/v1/journeys/{}/{view}", world.sample[number % world.sample.len()]);
        let times = client.times(requests, of)?;
        let (median, p99) = (quantile_ms(&times, 0.5), quantile_ms(&times, 0.99));
        println!(
            "{:>40} {median:>10.3} {p99:>10.3} {:>8.1}",
            format!("/v1/journeys/{{id}}/{view}"),
            median / bare_ms
        );
    }
    for path in [
        "/v1/worklists/going-quiet",
        "/v1/worklists/promises",
        "/v1/worklists/follow-ups-due",
        "/v1/outcomes",
    ] {
        let times = client.times(20, |_| format!("{path}?programme=job-readiness"))?;
        println!("{path:>40} {:>10.3} {:>10.3}", quantile_ms(&times, 0.5), quantile_ms(&times, 0.99));
    }
    Ok(())
}

/// A plain HTTP/1.1 client on one kept connection.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// How long each of these requests took, sorted.
    fn times(&mut self, requests: usize, path: impl Fn(usize) -> String) -> Result<Vec<Duration>> {
        let mut times = Vec::with_capacity(requests);
        for number in 0..requests {
            let path = path(number);
            let (answered, took) = timed(|| self.get(&path));
            answered?;
            times.push(took);
        }
        times.sort_unstable();
        Ok(times)
    }

    pub fn get(&mut self, path: &str) -> Result<()> {
        write!(self.stream.get_mut(), "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        let mut status = String::new();
        self.stream.read_line(&mut status)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        if !status.contains(" 200 ") {
            bail!("{path}: {} {}", status.trim(), String::from_utf8_lossy(&body));
        }
        Ok(())
    }
}
