//! Who is at the other end of a request: how they came, and whether they may.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use conf_proto::Problem;
use ipnet::IpNet;

use super::problem::Refusal;
use super::quota::Remote;
use crate::StartError;
use crate::app::App;
use crate::config::{Config, Transport};

/// How this server may be reached.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// It listens on loopback only.
    loopback: bool,
    transport: Transport,
    proxies: Vec<IpNet>,
}

/// Where a request came from, once forwarding headers were believed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Somebody on this machine, talking to us without a go-between.
    ThisMachine,
    /// Anybody else.
    Elsewhere,
}

impl Access {
    /// The rules that follow from the configuration.
    ///
    /// # Errors
    /// When it would be plain HTTP to the outside.
    pub(crate) fn of(config: &Config) -> Result<Self, StartError> {
        let loopback = config.listen.ip().to_canonical().is_loopback();
        let plain = config.transport == Transport::Plain;
        if plain && !loopback && config.behind_proxy.is_empty() {
            return Err(StartError::PlainHttp { found: config.listen });
        }
        Ok(Self {
            loopback,
            transport: config.transport.clone(),
            proxies: config.behind_proxy.clone(),
        })
    }

    /// Whether anybody but this machine's own users may be behind a request.
    ///
    /// A loopback listener is not enough: a proxy may stand in front of it, and a
    /// page of another site may have pointed its own name at this machine, which
    /// shows in `Host`.
    pub(crate) fn origin(&self, peer: SocketAddr, headers: &HeaderMap) -> Origin {
        const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-forwarded-proto"];
        let direct = peer.ip().to_canonical().is_loopback()
            && !self.trusts(peer.ip())
            && !FORWARDED.iter().any(|name| headers.contains_key(*name));
        let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        if direct && named.is_none_or(is_loopback_name) {
            Origin::ThisMachine
        } else {
            Origin::Elsewhere
        }
    }

    /// Whether making a room needs the operator's key.
    pub(crate) fn key_needed(&self, origin: Origin) -> bool {
        !(self.loopback && self.proxies.is_empty() && origin == Origin::ThisMachine)
    }

    /// Whether the browser at the far end spoke TLS.
    pub(crate) fn browser_came_by_tls(&self, request: &Request) -> bool {
        match self.transport {
            Transport::Certificate { .. } => true,
            // Remembering a certificate made for trying out would lock people out later.
            Transport::SelfSigned => false,
            Transport::Plain => {
                let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
                let proto = request.headers().get("x-forwarded-proto");
                peer.is_some_and(|peer| self.trusts(peer.0.ip()))
                    && proto.is_some_and(|proto| proto == "https")
            }
        }
    }

    /// Whether a peer may talk to us at all. On a plain listener that is not
    /// loopback only the proxies may; a machine's own health checks always may.
    fn admits(&self, peer: IpAddr, path: &str) -> bool {
        let plain = self.transport == Transport::Plain;
        let check = matches!(path, "/healthz" | "/readyz" | "/metrics");
        !plain || self.loopback || self.trusts(peer) || (check && peer.to_canonical().is_loopback())
    }

    /// Whom a request is counted for: the peer, or behind a proxy we trust the
    /// last address that is not a proxy's. What a client writes into the header
    /// itself stands before that and is not believed.
    pub(crate) fn remote(&self, peer: SocketAddr, headers: &HeaderMap) -> Remote {
        let peer = peer.ip();
        if !self.trusts(peer) {
            return Remote::of(peer);
        }
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        let addresses = hops.map_while(|hop| hop.trim().parse::<IpAddr>().ok());
        Remote::of(addresses.into_iter().find(|hop| !self.trusts(*hop)).unwrap_or(peer))
    }

    /// Whether `peer` is a proxy whose forwarding headers are believed.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.proxies.iter().any(|net| net.contains(&peer))
    }
}

/// Turns away who may not be here, and notes where the others came from.
pub(crate) async fn admit(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    if !app.access.admits(peer.ip(), request.uri().path()) {
        let detail = "plain HTTP is for the proxy in front only; use its https address";
        let problem = Problem::new("plain_http", detail);
        return Refusal::new(StatusCode::FORBIDDEN, problem).into_response();
    }
    let origin = app.access.origin(peer, request.headers());
    let remote = app.access.remote(peer, request.headers());
    request.extensions_mut().insert(origin);
    request.extensions_mut().insert(remote);
    next.run(request).await
}

/// Whether a request is of no page at all, or of one this machine itself shows.
pub(crate) fn is_own_page(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    host.is_some_and(|(_, host)| is_loopback_name(host))
}

/// Whether a `Host` value names this machine itself.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(loopback: bool, proxies: &[&str]) -> Access {
        let proxies = proxies.iter().map(|net| net.parse().expect("a network")).collect();
        Access { loopback, transport: Transport::Plain, proxies }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a header value"));
        }
        headers
    }

    fn peer(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_room_is_free_to_make_only_for_this_machine_itself() {
        let local = peer("127.0.0.1:4000");
        let here = headers(&[("host", "localhost:8080")]);
        let alone = access(true, &[]);
        assert!(!alone.key_needed(alone.origin(local, &here)));

        let rebound = headers(&[("host", "evil.example:8080")]);
        assert!(alone.key_needed(alone.origin(local, &rebound)), "a name that is not ours");
        let forwarded = headers(&[("host", "localhost"), ("x-forwarded-for", "203.0.113.9")]);
        assert!(alone.key_needed(alone.origin(local, &forwarded)), "a proxy nobody told us of");

        let proxied = access(true, &["127.0.0.1/32"]);
        assert!(proxied.key_needed(proxied.origin(local, &here)), "a proxy in front");
        let open = access(false, &["10.0.0.0/8"]);
        assert!(open.key_needed(open.origin(local, &here)), "not loopback only");
    }

    #[test]
    fn a_plain_listener_talks_to_its_proxy_and_to_health_checks_only() {
        let access = access(false, &["10.0.0.0/8"]);
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(access.admits(ip("10.1.2.3"), "/"));
        assert!(access.admits(ip("::ffff:10.1.2.3"), "/"));
        assert!(!access.admits(ip("192.0.2.1"), "/"));
        assert!(!access.admits(ip("192.0.2.1"), "/healthz"));
        assert!(!access.admits(ip("127.0.0.1"), "/api/v1/about"));
        assert!(access.admits(ip("127.0.0.1"), "/healthz"));
    }

    #[test]
    fn behind_a_proxy_its_users_are_counted_and_not_what_they_write_themselves() {
        let access = access(true, &["127.0.0.1/32", "10.0.0.0/8"]);
        let proxy = peer("127.0.0.1:4000");
        let of = |text: &str| Remote::of(text.parse().expect("an address"));
        let chain = headers(&[("x-forwarded-for", "198.51.100.1, 203.0.113.9, 10.0.0.3")]);
        assert_eq!(access.remote(proxy, &chain), of("203.0.113.9"));
        assert_eq!(access.remote(proxy, &headers(&[])), of("127.0.0.1"));
        let forged = headers(&[("x-forwarded-for", "somebody")]);
        assert_eq!(access.remote(proxy, &forged), of("127.0.0.1"));
        let direct = peer("192.0.2.1:4000");
        assert_eq!(access.remote(direct, &chain), of("192.0.2.1"), "no proxy of ours");
    }

    #[test]
    fn loopback_is_known_by_its_names() {
        for ours in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]:8080"] {
            assert!(is_loopback_name(ours), "{ours}");
        }
        for other in ["", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1:80"] {
            assert!(!is_loopback_name(other), "{other}");
        }
    }
}
