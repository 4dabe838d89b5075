//! The HTTP face: who may reach it, and which path leads where.

pub(crate) mod door;
pub(crate) mod files;
pub(crate) mod header;
pub(crate) mod ops;
pub(crate) mod peer;
pub(crate) mod problem;
pub(crate) mod quota;
mod range;
pub(crate) mod rest;
pub(crate) mod web;
pub(crate) mod whip;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use axum::{Extension, Json, Router};
use conf_proto::Problem;

use crate::app::App;
use crate::signal::upgrade::upgrade;
use problem::Refusal;
use quota::Remote;

/// Largest body of a REST call, in bytes: two short texts and a key.
const MAX_BODY: usize = 16 * 1024;

/// Every path the server answers.
pub(crate) fn router(app: Arc<App>) -> Router {
    let counted = Router::new()
        .route("/rooms", post(rest::room::make))
        .route("/rooms/{room}/look", post(rest::room::look))
        .route("/rooms/{room}/tokens", post(rest::room::token))
        .route("/rooms/{room}/grants", post(rest::room::grant))
        .route("/reports", get(rest::reports::read))
        .route("/rooms/{room}/votes/{vote}", get(rest::vote::list))
        .route("/rooms/{room}/votes/{vote}/ballots", post(rest::vote::cast))
        .route_layer(from_fn_with_state(Arc::clone(&app), not_too_many));
    let api = Router::new()
        .merge(counted)
        .route("/rooms/{room}/files/{file}", put(files::take).get(files::give))
        .route("/about", get(rest::about))
        .route("/signal", any(upgrade))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn(header::never_stored));
    Router::new()
        .nest("/api/v1", api)
        .merge(whip::router())
        .route("/healthz", get(ops::healthy))
        .route("/readyz", get(ops::ready))
        .route("/metrics", get(ops::metrics))
        .fallback(web::serve)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(&app), peer::admit))
        .layer(from_fn_with_state(Arc::clone(&app), header::strict))
        .with_state(app)
}

/// Lets each remote address ask only so often: guessing a link's key is slow,
/// and making rooms without end is not possible.
async fn not_too_many(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    request: Request,
    next: Next,
) -> Response {
    match app.quotas.request(remote) {
        Ok(()) => next.run(request).await,
        Err(too_much) => Refusal::too_many(too_much).into_response(),
    }
}

async fn no_such_path() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, Problem::new("no_such_path", "no such path"))
}

async fn no_such_method() -> Refusal {
    let problem = Problem::new("no_such_method", "this path does not take this method");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, problem)
}

/// A JSON answer.
pub(crate) type Answer<T> = Result<Json<T>, Refusal>;
