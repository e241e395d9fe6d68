//! By which names the service is asked.
//!
//! A browser sends what it has to whatever address a name leads to, and lets the page of that name read the answer. So a
//! page of a stranger, whose name leads to this machine for a while, could read what is open here. It cannot say that it
//! asked by another name: `Host` is the browser's to write. Who asks by a name that is not ours is not answered.

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::Request,
    http::{HeaderValue, Version, header, uri::Authority},
};

use crate::{
    Tls,
    problem::{Fault, Kind, Problem},
};

/// The names and addresses that lead to the service.
#[derive(Clone)]
pub struct Hosts {
    bound: SocketAddr,
    names: BTreeSet<Host>,
    tls: Option<Tls>,
}

/// A host as it is asked for: a name in lower case or an address, without its port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host(String);

/// This is no name of a host.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no host; name it as browsers show it, without a scheme: `throughline.example`")]
pub struct NoHost(String);

impl Hosts {
    /// This machine by its own names, the address that is listened on, these names, and those that the certificate is for.
    pub fn new(bound: SocketAddr, names: impl IntoIterator<Item = Host>, tls: Option<Tls>) -> Self {
        Self { bound, names: names.into_iter().collect(), tls }
    }

    /// Refuses a request that was sent to somebody else.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Problem> {
        let mut headers = request.headers().get_all(header::HOST).iter();
        let (header, second) = (headers.next(), headers.next());
        let target = request.uri().authority().map(Authority::as_str);
        if second.is_some() {
            return Err(unnamed("there is more than one `Host`"));
        }
        // Before HTTP/1.1 there were no names to ask by; no browser asks so.
        if header.is_none() && target.is_none() && request.version() >= Version::HTTP_11 {
            return Err(unnamed("there is no `Host`"));
        }
        let header = header.map(HeaderValue::to_str).transpose();
        let header = header.map_err(|_| unnamed("`Host` is not ASCII"))?;
        for asked in [header, target].into_iter().flatten() {
            let host: Host = asked.parse().map_err(|error: NoHost| unnamed(&error.to_string()))?;
            if !self.leads_here(&host) {
                return Err(self.elsewhere(&host));
            }
        }
        Ok(())
    }

    fn leads_here(&self, host: &Host) -> bool {
        let by_address = |address: IpAddr| {
            // An address leads nowhere but to itself; listening on all, which are ours is not known.
            address.is_loopback() || address == self.bound.ip() || self.bound.ip().is_unspecified()
        };
        self.names.contains(host)
            || host.0.parse().map_or(host.0 == "localhost", by_address)
            || self.tls.as_ref().is_some_and(|tls| tls.is_for(&host.0))
    }

    fn elsewhere(&self, host: &Host) -> Problem {
        let detail = format!(
            "`{host}` is no name of this service; ask for `localhost:{}`, or let its keeper start it with `serve --host {host}`",
            self.bound.port(),
        );
        Kind::WrongHost.because(detail).at(Fault::header("host"))
    }
}

fn unnamed(why: &str) -> Problem {
    Kind::NoHost
        .because(format!("{why}; send one `Host`, the name that is asked for"))
        .at(Fault::header("host"))
}

impl FromStr for Host {
    type Err = NoHost;

    /// A host, with or without a port.
    fn from_str(text: &str) -> Result<Self, NoHost> {
        let no_host = || NoHost(text.chars().filter(|c| !c.is_control()).take(120).collect());
        let authority: Authority = text.parse().map_err(|_| no_host())?;
        let host = authority.host();
        let rest = &text[text.find(host).map_or(0, |at| at + host.len())..];
        let is_port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
        if text.contains('@') || !rest.is_empty() && !rest.strip_prefix(':').is_some_and(is_port) {
            return Err(no_host());
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let bare = bare.unwrap_or_else(|| host.strip_suffix('.').unwrap_or(host)).to_ascii_lowercase();
        // One address has several spellings; it is compared by one of them.
        let host = bare.parse().map_or(bare, |address: IpAddr| address.to_canonical().to_string());
        if host.is_empty() { Err(no_host()) } else { Ok(Self(host)) }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn hosts(bound: &str, names: &[&str]) -> Hosts {
        let names = names.iter().map(|name| name.parse().expect("a host"));
        Hosts::new(bound.parse().expect("an address"), names, None)
    }

    fn asked(hosts: &Hosts, host: &str) -> bool {
        hosts.check(&Request::get("/").header("host", host).body(Body::empty()).expect("a request")).is_ok()
    }

    #[test]
    fn on_loopback_a_strangers_name_does_not_lead_here() {
        let local = hosts("127.0.0.1:8080", &["Clinic.Example"]);
        for ours in [
            "localhost",
            "LocalHost:8080",
            "localhost.:1",
            "127.0.0.1",
            "127.0.0.1:9999",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
            "clinic.example:443",
            "CLINIC.example.",
        ] {
            assert!(asked(&local, ours), "{ours}");
        }
        for other in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evillocalhost",
            "sub.clinic.example",
            "192.168.1.5:8080",
            "0.0.0.0",
            "[::]",
            "",
            ":8080",
            "localhost:x",
            "localhost@evil.example",
            "evil.example@localhost",
            "http://localhost",
            "localhost/",
            "localhost, evil.example",
        ] {
            assert!(!asked(&local, other), "{other}");
        }
    }

    #[test]
    fn what_listens_for_others_goes_by_its_addresses_and_the_names_it_was_given() {
        let one = hosts("192.0.2.7:8443", &["clinic.example"]);
        assert!(asked(&one, "192.0.2.7:8443") && asked(&one, "clinic.example") && asked(&one, "localhost"));
        assert!(!asked(&one, "192.0.2.8") && !asked(&one, "evil.example"));
        let all = hosts("0.0.0.0:8443", &[]);
        assert!(asked(&all, "192.0.2.8:8443") && asked(&all, "[2001:db8::1]"));
        assert!(!asked(&all, "evil.example"));
    }

    #[test]
    fn a_request_names_one_host_and_the_same_in_every_place() {
        let local = hosts("127.0.0.1:8080", &[]);
        let check = |request: axum::http::request::Builder| {
            local.check(&request.body(Body::empty()).expect("a request")).is_ok()
        };
        let get = || Request::get("/");
        assert!(!check(get()), "HTTP/1.1 names a host");
        assert!(check(get().version(Version::HTTP_10)), "HTTP/1.0 may not");
        assert!(!check(get().version(Version::HTTP_10).header("host", "evil.example")));
        assert!(!check(get().header("host", "localhost").header("host", "evil.example")));
        assert!(!check(get().header("host", "localhost").header("host", "localhost")));
        assert!(check(Request::get("http://localhost/")) && !check(Request::get("http://evil.example/")));
        assert!(!check(Request::get("http://evil.example/").header("host", "localhost")));
        assert!(!check(Request::get("http://localhost/").header("host", "evil.example")));
    }
}
