//! WHIP (RFC 9725) and WHEP: a participant by one HTTP request, who sends or plays.
//!
//! What a request may do is the meeting's to decide; here it is only read, handed over and
//! answered.

mod begin;
mod fragment;
mod offer;
mod session;
mod who;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{patch, post};
use conf_proto::Problem;

use super::problem::Refusal;
use crate::app::App;
use crate::room::ask::{MAX_SDP, NotTaken, busy};

/// What other origins may read of an answer: everything a client of these protocols needs.
const EXPOSED: &str = "Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After";

/// How long a browser may remember what it may ask, in seconds.
const REMEMBERED: &str = "86400";

/// The media type of offers and answers.
const SDP: &str = "application/sdp";

/// The media type of what changes a connection (RFC 8840, section 9).
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// The paths where connections are made, and those where each is found afterwards.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/whip/{room}", post(begin::whip_anonymous))
        .route("/whip/{room}/{id}", post(begin::whip))
        .route("/whep/{room}", post(begin::whep_anonymous))
        .route("/whep/{room}/{id}", post(begin::whep))
        .route("/whep/{room}/{id}/{feed}", post(begin::whep_feed))
        .route("/streams/{room}/{key}", patch(session::change).delete(session::end))
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(MAX_SDP))
        .layer(from_fn(from_anywhere))
}

/// Lets pages of every origin ask and read the answer: what admits is a token the page holds, and
/// no cookie of ours exists. Answers the questions browsers put before such a request.
async fn from_anywhere(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, PATCH, DELETE, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, If-Match"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (HeaderName::from_static("accept-post"), SDP),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn no_such_method() -> Refusal {
    let detail = "expected POST where connections are made, PATCH or DELETE where they are found";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Problem::new("no_such_method", detail))
}

/// Whether a body is of the expected media type; its parameters do not matter.
fn check_kind(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if essence.is_some_and(|kind| kind.eq_ignore_ascii_case(expected)) {
        return Ok(());
    }
    let problem = Problem::new("malformed", format!("expected content type {expected}"));
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem))
}

/// A body as text, if it is one.
fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| malformed("the body is no UTF-8 text"))
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, Problem::new("malformed", detail))
}

/// A meeting's refusal over HTTP. What it means for the asker is told by the code.
fn refused(problem: Problem) -> Refusal {
    let status = match problem.code.as_ref() {
        "offer_refused" => StatusCode::UNPROCESSABLE_ENTITY,
        "no_such_room" | "no_such_feed" => StatusCode::NOT_FOUND,
        "busy" | "unavailable" | "full" | "lobby_full" => StatusCode::SERVICE_UNAVAILABLE,
        "screen_taken" => StatusCode::CONFLICT,
        // Locked, removed, not let in yet, not for this role.
        _ => StatusCode::FORBIDDEN,
    };
    let again_s = match problem.code.as_ref() {
        "waiting" => Some(WAITING_AGAIN_S),
        "busy" | "unavailable" => Some(1),
        _ => None,
    };
    let refusal = Refusal::new(status, problem);
    match again_s {
        Some(again_s) => refusal.again(again_s),
        None => refusal,
    }
}

/// When who waits in the lobby should ask again, in seconds: well within the time their place is
/// kept.
const WAITING_AGAIN_S: u64 = 5;

fn gone() -> Refusal {
    let detail = "no such connection, or not any more";
    Refusal::new(StatusCode::NOT_FOUND, Problem::new("no_such_stream", detail))
}

fn not_taken(why: NotTaken) -> Refusal {
    match why {
        NotTaken::Busy => refused(busy()),
        NotTaken::Ended => gone(),
    }
}

/// The entity tag of an ICE session (RFC 9725, section 4.3.1): one for each restart.
fn etag(version: u32) -> HeaderValue {
    // Digits in quotes are always a header value.
    HeaderValue::from_str(&format!("\"ice-{version}\"")).expect("an entity tag")
}
