//! `PATCH` and `DELETE`: a connection that is there.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use conf_core::id::RoomId;
use conf_proto::Problem;
use tokio::sync::oneshot;

use super::{FRAGMENT, check_kind, etag, fragment, gone, malformed, not_taken, refused, text, who};
use crate::app::App;
use crate::edge::problem::Refusal;
use crate::edge::quota::Remote;
use crate::room::ask::{Ask, OwnerHandle, Patch};
use crate::room::streams::{StreamKey, Unbegun};

type Answer = Result<Response, Refusal>;

/// `PATCH /streams/{room}/{key}`: candidates, which are not needed, or new credentials (RFC 9725,
/// section 4.3).
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    app.quotas.request(remote).map_err(Refusal::too_many)?;
    check_kind(&headers, FRAGMENT)?;
    let (owner, key) = find(&app, &path, &headers)?;
    let version = expected(&headers)?;
    let body = body.map_err(|rejection| {
        Refusal::new(rejection.status(), Problem::new("malformed", rejection.body_text()))
    })?;
    let sent = text(&body)?;
    if !fragment::is_one(sent) {
        return Err(malformed("the body is no fragment of a session description"));
    }
    let (verdict, judged) = oneshot::channel();
    let credentials = fragment::credentials(sent);
    let patch = Patch { key, version, credentials, verdict };
    owner.ask(Ask::Patch(Box::new(patch))).map_err(not_taken)?;
    let begun = judged.await.map_err(|_| gone())?.map_err(unmade)?;
    if begun.sdp.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let mut response = Response::new(Body::from(begun.sdp));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FRAGMENT));
    headers.insert(header::ETAG, etag(begun.version));
    Ok(response)
}

/// `DELETE /streams/{room}/{key}`: the connection is over.
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    app.quotas.request(remote).map_err(Refusal::too_many)?;
    let (owner, key) = find(&app, &path, &headers)?;
    let (verdict, judged) = oneshot::channel();
    owner.ask(Ask::End { key, verdict }).map_err(not_taken)?;
    judged.await.map_err(|_| gone())?.map_err(unmade)?;
    Ok(StatusCode::OK.into_response())
}

/// The meeting of a connection, and its key. Where a token was needed for the one, it is for the
/// other; the key alone is no secret a log has never seen.
fn find(
    app: &App,
    (room, key): &(String, String),
    headers: &HeaderMap,
) -> Result<(OwnerHandle, StreamKey), Refusal> {
    let room: RoomId = room.parse().map_err(|_| gone())?;
    let key = StreamKey::parse(key).ok_or_else(gone)?;
    let live = app.directory.live(room);
    if !live.as_ref().is_some_and(|owner| owner.open) {
        who::token(app, room, headers)?;
    }
    Ok((live.ok_or_else(gone)?, key))
}

/// Which ICE session a request is for; `None` for whichever there is.
fn expected(headers: &HeaderMap) -> Result<Option<u32>, Refusal> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        let detail = "expected If-Match with the entity tag of the ICE session, or `*`";
        let problem = Problem::new("if_match_needed", detail);
        return Err(Refusal::new(StatusCode::PRECONDITION_REQUIRED, problem));
    };
    let value = value.to_str().unwrap_or_default().trim();
    if value == "*" {
        return Ok(None);
    }
    let number = value.strip_prefix("\"ice-").and_then(|rest| rest.strip_suffix('"'));
    let number = number.and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(other_version)
}

fn other_version() -> Refusal {
    let detail = "the connection is in another ICE session than If-Match names";
    Refusal::new(StatusCode::PRECONDITION_FAILED, Problem::new("other_ice_session", detail))
}

fn unmade(unbegun: Unbegun) -> Refusal {
    match unbegun {
        Unbegun::Problem(problem) => refused(problem),
        Unbegun::OtherVersion => other_version(),
        Unbegun::Gone | Unbegun::NoFeed(_) => gone(),
    }
}
