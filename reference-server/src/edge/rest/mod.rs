//! The calls a page makes before it opens a session, and the operator's.

pub(crate) mod reports;
pub(crate) mod room;
pub(crate) mod vote;

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use conf_proto::Problem;
use conf_proto::rest::About;
use serde::de::DeserializeOwned;

use super::peer::Origin;
use super::problem::Refusal;
use crate::app::App;

/// `GET /api/v1/about`.
pub(crate) async fn about(
    State(app): State<Arc<App>>,
    Extension(origin): Extension<Origin>,
) -> Json<About> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Json(About { version, key_needed: app.access.key_needed(origin) })
}

/// Reads a JSON body.
///
/// Another content type is refused: it is what a form of a foreign page could send
/// without asking us first.
fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !essence.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        let problem = Problem::new("malformed", "expected content type application/json");
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem));
    }
    let body = body.map_err(|rejection| {
        Refusal::new(rejection.status(), Problem::new("malformed", rejection.body_text()))
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        let detail = error.to_string().chars().take(300).collect::<String>();
        Refusal::new(StatusCode::BAD_REQUEST, Problem::new("malformed", detail))
    })
}
