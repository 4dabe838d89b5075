//! `POST`: an offer in, a connection and its answer out.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use conf_core::Claim;
use conf_proto::Problem;
use serde::Deserialize;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::who::{self, Place};
use super::{FRAGMENT, SDP, check_kind, etag, malformed, not_taken, offer, refused, text};
use crate::app::App;
use crate::edge::peer::Origin;
use crate::edge::problem::Refusal;
use crate::edge::quota::Remote;
use crate::room::ask::{Ask, Begin, NotTaken, unavailable};
use crate::room::streams::{Begun, Feed, FeedName, Unbegun, Way};

/// Longest a feed is waited for, in seconds: a connection on which nothing was answered for
/// fifteen is cut.
const MAX_WAIT_S: u64 = 10;

/// How often a meeting that turns out to have just ended is asked for anew.
const TRIES: u32 = 5;

/// What a query may say.
#[derive(Deserialize)]
pub(super) struct Patience {
    /// Seconds to wait for a feed.
    #[serde(default)]
    wait: u64,
}

type Answer = Result<Response, Refusal>;

/// What a path asks for.
struct Wanted<'a> {
    room: &'a str,
    id: Option<&'a str>,
    play: bool,
    feed: Option<&'a str>,
}

macro_rules! handler {
    ($(#[$doc:meta])* $name:ident, $path:ty, |$parts:ident| $wanted:expr) => {
        $(#[$doc])*
        pub(super) async fn $name(
            State(app): State<Arc<App>>,
            Extension(remote): Extension<Remote>,
            Extension(origin): Extension<Origin>,
            Path($parts): Path<$path>,
            Query(patience): Query<Patience>,
            headers: HeaderMap,
            body: Result<Bytes, BytesRejection>,
        ) -> Answer {
            let wanted = $wanted;
            begin(&app, remote, origin, wanted, &patience, &headers, body).await
        }
    };
}

handler!(
    /// `POST /whip/{room}`: somebody sends.
    whip_anonymous, String,
    |room| Wanted { room: &room, id: None, play: false, feed: None }
);
handler!(
    /// `POST /whip/{room}/{id}`: `id` sends.
    whip, (String, String),
    |path| Wanted { room: &path.0, id: Some(&path.1), play: false, feed: None }
);
handler!(
    /// `POST /whep/{room}`: somebody receives what there is.
    whep_anonymous, String,
    |room| Wanted { room: &room, id: None, play: true, feed: None }
);
handler!(
    /// `POST /whep/{room}/{id}`: `id` receives what the others send.
    whep, (String, String),
    |path| Wanted { room: &path.0, id: Some(&path.1), play: true, feed: None }
);
handler!(
    /// `POST /whep/{room}/{id}/{feed}`: `id` receives what `feed` sends.
    whep_feed, (String, String, String),
    |path| Wanted { room: &path.0, id: Some(&path.1), play: true, feed: Some(&path.2) }
);

async fn begin(
    app: &App,
    remote: Remote,
    origin: Origin,
    wanted: Wanted<'_>,
    patience: &Patience,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    app.quotas.join(remote).map_err(Refusal::too_many)?;
    check_kind(headers, SDP)?;
    let place = Place::of(app, origin, headers, wanted.room)?;
    let claim = who::claim(app, place, headers, wanted.id)?;
    let body = body.map_err(|rejection| {
        Refusal::new(rejection.status(), Problem::new("malformed", rejection.body_text()))
    })?;
    let sdp = text(&body)?;
    if !sdp.starts_with("v=0") {
        return Err(malformed("the body is no session description: expected `v=0` first"));
    }
    let way = way(&wanted, &claim, sdp)?;
    let until = Instant::now() + Duration::from_secs(patience.wait.min(MAX_WAIT_S));
    let mut tries = 0;
    loop {
        let mut held = app.quotas.socket(remote).map_err(Refusal::too_many)?;
        held.joined();
        let (verdict, judged) = oneshot::channel();
        let begin = Begin {
            claim: claim.clone(),
            way: way.clone(),
            sdp: sdp.to_owned(),
            place: Some(Box::new(held)),
            verdict,
        };
        let taken = place.owner(app).ask(Ask::Begin(Box::new(begin)));
        let ended = match (taken, judged.await) {
            (Err(NotTaken::Busy), _) => return Err(not_taken(NotTaken::Busy)),
            (Ok(()), Ok(Ok(begun))) => return Ok(made(place, &begun)),
            (Ok(()), Ok(Err(Unbegun::NoFeed(mut published)))) => {
                let changed = timeout_at(until, published.changed()).await;
                // Looked at again, or the meeting ended meanwhile: the next one may have it.
                if changed.is_err() {
                    return Err(refused(no_feed(&wanted)));
                }
                false
            }
            (Ok(()), Ok(Err(Unbegun::Problem(problem)))) if problem.code != "ended" => {
                return Err(refused(problem));
            }
            // The meeting ended before it looked: the room's next one will.
            _ => true,
        };
        tries += u32::from(ended);
        if tries >= TRIES {
            return Err(refused(unavailable()));
        }
    }
}

fn way(wanted: &Wanted<'_>, claim: &Claim, sdp: &str) -> Result<Way, Refusal> {
    if !wanted.play {
        return offer::sent(sdp).map(Way::Send).map_err(refused);
    }
    offer::check_received(sdp).map_err(refused)?;
    let feed = wanted.feed.map(|feed| match feed.parse() {
        Ok(participant) => Ok(FeedName::Participant(participant)),
        Err(_) => who::subject(feed)
            .map(|subject| FeedName::Holder { issuer: claim.issuer.clone(), subject }),
    });
    Ok(Way::Play(feed.transpose()?.map(|of| Feed { of, who: None })))
}

fn no_feed(wanted: &Wanted<'_>) -> Problem {
    let feed = wanted.feed.unwrap_or_default();
    let detail =
        format!("nobody called `{feed}` sends anything in this room; `?wait=seconds` waits");
    Problem::new("no_such_feed", detail).with("feed", feed)
}

/// The answer to an offer (RFC 9725, section 4.2). There are no ICE servers to link to: this one is
/// reached directly.
fn made(place: Place, begun: &Begun) -> Response {
    let mut response = Response::new(Body::from(begun.sdp.clone()));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(SDP));
    let location = format!("/streams/{}/{}", place.room(), begun.key.expose());
    // Ids in hex are always a header value.
    let location = HeaderValue::from_str(&location).expect("a path of ids");
    headers.insert(header::LOCATION, location);
    headers.insert(header::ETAG, etag(begun.version));
    let patched = HeaderValue::from_static(FRAGMENT);
    headers.insert(header::HeaderName::from_static("accept-patch"), patched);
    response
}
