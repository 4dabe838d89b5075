//! From an HTTP request to a signalling session: `GET /api/v1/signal`.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use conf_proto::Problem;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::session;
use crate::app::App;
use crate::edge::problem::Refusal;
use crate::edge::quota::Remote;

/// Opens a session, for pages of our own origin and for clients that are no browser.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    mut request: Request,
) -> Response {
    let Some(key) = handshake(&request) else {
        let problem = Problem::new("no_websocket", "expected a WebSocket handshake, version 13");
        let mut refusal = Refusal::new(StatusCode::UPGRADE_REQUIRED, problem).into_response();
        let headers = refusal.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return refusal;
    };
    if !same_origin(request.headers(), request.uri()) {
        let problem = Problem::new("wrong_origin", "the page's origin is not this host");
        return Refusal::new(StatusCode::FORBIDDEN, problem).into_response();
    }
    let held = match app.quotas.socket(remote) {
        Ok(held) => held,
        Err(too_much) => return Refusal::too_many(too_much).into_response(),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        // Fails when the client is gone before it has read our consent.
        if let Ok(upgraded) = upgrade.await {
            session::run(app, upgraded, held).await;
        }
    });
    let mut consent = Response::new(Body::empty());
    *consent.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = consent.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, key);
    consent
}

/// The answer to the key of a handshake (RFC 6455, section 4.2.1); none when it is none. Over
/// HTTP/2 browsers open a connection of their own for it, as we do not announce the other way.
fn handshake(request: &Request) -> Option<HeaderValue> {
    let headers = request.headers();
    let names = |name: header::HeaderName, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|word| word.trim().eq_ignore_ascii_case(wanted)))
    };
    let asked = request.method() == Method::GET
        && names(header::CONNECTION, "upgrade")
        && names(header::UPGRADE, "websocket")
        && names(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| asked)?;
    derive_accept_key(key.as_bytes()).parse().ok()
}

/// Whether a browser's `Origin` (RFC 6454) names the host that was asked. A
/// request without one is no browser's, and needs a token like any other.
fn same_origin(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(|authority| authority.as_str()));
    let named = origin.to_str().ok().and_then(|origin| {
        origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
    });
    matches!((named, host), (Some(named), Some(host)) if named.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header value"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a header value"));
        }
        same_origin(&headers, &Uri::from_static("/api/v1/signal"))
    }

    #[test]
    fn only_our_own_pages_and_clients_that_are_no_browser_may_open_a_session() {
        assert!(asked(Some("https://meet.example.org"), "meet.example.org"));
        assert!(asked(Some("http://127.0.0.1:8080"), "127.0.0.1:8080"));
        assert!(asked(None, "meet.example.org"));
        for other in ["https://evil.example", "null", "https://meet.example.org:444", ""] {
            assert!(!asked(Some(other), "meet.example.org"), "{other}");
        }
    }
}
