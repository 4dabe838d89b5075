//! WHIP (RFC 9725) and WHEP over plain HTTP/1.1: offers in, answers out, DELETE ends.
//!
//! - `POST /whip/{room}/{id}` publishes as `id`
//! - `POST /whep/{room}/{id}` plays what all others in the room send
//! - both answer 201 with the SDP and a `Location`; `DELETE` there ends the session

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The longest offer: 300 lines of a browser are about 330 kB.
const LONGEST_OFFER: usize = 1 << 20;
const SDP: &str = "application/sdp";

/// Which way media goes, seen from the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// WHIP: the asker sends.
    Publish,
    /// WHEP: the asker receives.
    Play,
}

/// A session that is wanted.
#[derive(Debug)]
pub struct Wanted {
    /// Publish or play.
    pub way: Way,
    /// The room's name.
    pub room: String,
    /// Who asks; what the same one publishes is not played back.
    pub id: String,
    /// The SDP offer.
    pub offer: String,
}

/// A session that was made.
#[derive(Debug)]
pub struct Made {
    /// Names the session, for its end.
    pub session: u64,
    /// The SDP answer.
    pub answer: String,
}

/// What is asked of the SFU.
#[derive(Debug)]
pub enum Command {
    /// Make a session; or say what is wrong with the offer.
    Make(Wanted, oneshot::Sender<Result<Made, String>>),
    /// End one; answers whether there was one.
    End(u64, oneshot::Sender<bool>),
}

/// Hands a command to the SFU; `false` when it has too many already.
pub type Commands = Arc<dyn Fn(Command) -> bool + Send + Sync>;

/// Answers requests until the listener fails.
///
/// # Errors
/// As the listener gives them.
pub async fn serve(listener: TcpListener, commands: Commands) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/whip/{room}/{id}", post(publish))
        .route("/whep/{room}/{id}", post(play))
        .route("/session/{session}", delete(end))
        .layer(DefaultBodyLimit::max(LONGEST_OFFER))
        .with_state(commands);
    axum::serve(listener, routes).await
}

async fn publish(
    State(commands): State<Commands>,
    Path((room, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    make(&commands, Way::Publish, room, id, &headers, &body).await
}

async fn play(
    State(commands): State<Commands>,
    Path((room, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    make(&commands, Way::Play, room, id, &headers, &body).await
}

async fn make(
    commands: &Commands,
    way: Way,
    room: String,
    id: String,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.starts_with(SDP) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected application/sdp").into_response();
    }
    let Ok(offer) = std::str::from_utf8(body) else {
        return (StatusCode::BAD_REQUEST, "the offer is not UTF-8").into_response();
    };
    let (reply, made) = oneshot::channel();
    let wanted = Wanted { way, room, id, offer: offer.to_owned() };
    if !commands(Command::Make(wanted, reply)) {
        return busy();
    }
    match made.await {
        Ok(Ok(Made { session, answer })) => {
            let location = format!("/session/{session}");
            let headers = [(CONTENT_TYPE, SDP.to_owned()), (LOCATION, location)];
            (StatusCode::CREATED, headers, answer).into_response()
        }
        Ok(Err(reason)) => (StatusCode::BAD_REQUEST, reason).into_response(),
        Err(_) => busy(),
    }
}

async fn end(State(commands): State<Commands>, Path(session): Path<u64>) -> Response {
    let (reply, ended) = oneshot::channel();
    if !commands(Command::End(session, reply)) {
        return busy();
    }
    match ended.await {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => (StatusCode::NOT_FOUND, "no such session").into_response(),
        Err(_) => busy(),
    }
}

fn busy() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "too much at once").into_response()
}
