//! How often one address may ask. A bound on floods and on programs gone wild; people do not come near it.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::{extract::Request, http::HeaderName};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::connections::Peer;

/// Each proxy on the way adds whom it speaks for at the end.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Requests after which addresses that have been quiet are forgotten.
const UPKEEP_REQUESTS: u64 = 4096;

/// A bound on the requests of one address.
pub struct Rates {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    behind_proxy: bool,
    requests: AtomicU64,
}

impl Rates {
    /// So many requests a second from one address, twice as many at once. Behind a proxy it is the address that the
    /// proxy names last in `X-Forwarded-For`; only then is that header believed.
    pub fn new(per_second: NonZeroU32, behind_proxy: bool) -> Self {
        let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
        let limiter = RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst));
        Self { limiter, behind_proxy, requests: AtomicU64::new(0) }
    }

    /// Counts a request, or says how long its address has to wait. One whose address is not known is not counted: it
    /// came over no network.
    pub(crate) fn take(&self, request: &Request) -> Result<(), Duration> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % UPKEEP_REQUESTS == UPKEEP_REQUESTS - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let Some(address) = self.address(request) else { return Ok(()) };
        let refused = |until: governor::NotUntil<_>| until.wait_time_from(DefaultClock::default().now());
        self.limiter.check_key(&address).map_err(refused)
    }

    fn address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let told = || {
            let last = request.headers().get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
            last.rsplit(',').next()?.trim().parse().ok()
        };
        let address = if self.behind_proxy { told().or(peer) } else { peer };
        address.map(one_network)
    }
}

/// Who has one IPv6 address has all of its network.
fn one_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::body::Body;

    use super::*;

    fn from(peer: &str, forwarded: &[&str]) -> Request {
        let mut request = Request::new(Body::empty());
        let peer: SocketAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(Peer(peer));
        for told in forwarded {
            request.headers_mut().append(FORWARDED_FOR, told.parse().expect("a header"));
        }
        request
    }

    fn rates(behind_proxy: bool) -> Rates {
        Rates::new(NonZeroU32::new(5).expect("five"), behind_proxy)
    }

    #[test]
    fn who_asks_too_often_waits_and_nobody_else_does() {
        let rates = rates(false);
        let wild = from("192.0.2.1:1", &[]);
        let asked = (0..100).take_while(|_| rates.take(&wild).is_ok()).count();
        assert!((10..100).contains(&asked), "{asked} were let through");
        let wait = rates.take(&wild).expect_err("it has asked enough");
        assert!(wait <= Duration::from_millis(200), "{wait:?}");
        assert!(rates.take(&from("192.0.2.2:1", &[])).is_ok());
    }

    #[test]
    fn a_header_that_anybody_can_send_is_believed_behind_a_proxy_alone_and_only_its_end() {
        let open = rates(false);
        assert_eq!(open.address(&from("192.0.2.1:1", &["198.51.100.7"])), Some("192.0.2.1".parse().unwrap()));
        let proxied = rates(true);
        let told = from("192.0.2.1:1", &["203.0.113.9, 198.51.100.1", "1.2.3.4, 198.51.100.7"]);
        assert_eq!(proxied.address(&told), Some("198.51.100.7".parse().unwrap()));
        assert_eq!(proxied.address(&from("192.0.2.1:1", &["who?"])), Some("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn one_network_counts_as_one() {
        let rates = rates(false);
        let (a, b) = (from("[2001:db8::1]:1", &[]), from("[2001:db8::ffff:2]:1", &[]));
        assert_eq!(rates.address(&a), rates.address(&b));
        assert_ne!(rates.address(&a), rates.address(&from("[2001:db8:0:1::1]:1", &[])));
    }
}
