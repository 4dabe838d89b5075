//! From an HTTP request to a signalling session: `GET /api/v1/signal`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use conf_proto::{MAX_CLIENT_FRAME, Problem};

use super::session;
use crate::app::App;
use crate::edge::problem::Refusal;
use crate::edge::quota::Remote;

/// Bytes read from a socket at a time; every open socket has a buffer of this
/// size, also one that says nothing.
const READ_BUFFER: usize = 8 * 1024;

/// Opens a session, for pages of our own origin and for clients that are no browser.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    headers: HeaderMap,
    uri: Uri,
    socket: WebSocketUpgrade,
) -> Response {
    if !same_origin(&headers, &uri) {
        let problem = Problem::new("wrong_origin", "the page's origin is not this host");
        return Refusal::new(StatusCode::FORBIDDEN, problem).into_response();
    }
    let held = match app.quotas.socket(remote) {
        Ok(held) => held,
        Err(too_much) => return Refusal::too_many(too_much).into_response(),
    };
    socket
        .max_message_size(MAX_CLIENT_FRAME)
        .max_frame_size(MAX_CLIENT_FRAME)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(move |socket| session::run(app, socket, held))
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
