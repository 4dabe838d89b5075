//! For whoever runs the server: is it alive, is it ready, what does it count.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use conf_proto::Problem;

use super::peer::Origin;
use super::problem::Refusal;
use crate::app::App;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthy() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: it may be sent people.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    if *app.draining.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
    }
    match app.store.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "store\n").into_response()
        }
    }
}

/// `GET /metrics`, for this machine or with the token.
pub(crate) async fn metrics(
    State(app): State<Arc<App>>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = app.metrics_token.as_ref();
    if origin != Origin::ThisMachine && !token.is_some_and(|token| token.admits(authorization)) {
        let problem = Problem::new("key_needed", "metrics are for loopback, or with the token");
        return Refusal::new(StatusCode::UNAUTHORIZED, problem).into_response();
    }
    crate::media::export(&app.media.stats());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}
