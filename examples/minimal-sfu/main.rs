//! A meeting place for browsers in one file: everyone who opens the page sees and hears everyone
//! else. No rooms, no roles, nobody is asked for a name.
//!
//! `cargo run -p conf-examples --bin minimal-sfu`, then open the printed address in two tabs.
#![allow(clippy::print_stdout, reason = "the address is told on the terminal")]

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::Html,
    routing::{get, post},
};
use conf_media::{
    EndpointId, GroupId, TrackId,
    driver::{DriverConfig, MediaPool},
    rtp::Codec,
    shard::{Command, Event, Offer},
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::oneshot};

/// Everyone is here.
const GROUP: GroupId = GroupId(1);

/// A browser's offer.
#[derive(Deserialize)]
struct Asked {
    sdp: String,
    /// The mids of the lines it sends on.
    sends: Vec<String>,
}

/// What it is given back.
#[derive(Serialize)]
struct Answer {
    sdp: String,
}

/// Who waits for an answer, by the endpoint it is for.
type Waiting = Arc<Mutex<HashMap<EndpointId, oneshot::Sender<Result<String, String>>>>>;

struct Place {
    pool: MediaPool,
    waiting: Waiting,
    next: AtomicU64,
}

impl Place {
    fn open(media: SocketAddr) -> Result<Arc<Self>> {
        let waiting = Waiting::default();
        let answers = waiting.clone();
        // Called on the media thread: hand on and return.
        let pool = MediaPool::start(DriverConfig::new(media), move |event| {
            if let Event::Answered { endpoint, result, .. } = event
                && let Some(asker) =
                    answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&endpoint)
            {
                // An asker that went away no longer wants its answer.
                let _ = asker.send(result.map_err(|error| error.to_string()));
            }
        })?;
        Ok(Arc::new(Self { pool, waiting, next: AtomicU64::new(1) }))
    }

    fn draw(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Connects a browser and lets everyone see what it sends.
    async fn answer(&self, asked: Asked) -> Result<String, (StatusCode, String)> {
        let busy =
            |error: conf_media::driver::Busy| (StatusCode::SERVICE_UNAVAILABLE, error.to_string());
        let endpoint = EndpointId(self.draw());
        let tracks: BTreeMap<String, TrackId> =
            asked.sends.into_iter().map(|mid| (mid, TrackId(self.draw()))).collect();
        let opened: Vec<TrackId> = tracks.values().copied().collect();
        let (sender, answered) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(endpoint, sender);
        let offer = Offer {
            number: 1,
            sdp: asked.sdp,
            tracks,
            cameras: Default::default(),
            video: Codec::Vp8,
        };
        self.pool.send(Command::Connect { endpoint, group: GROUP, offer }).map_err(busy)?;
        let answer = answered
            .await
            .map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "media has stopped".to_owned()))?
            .map_err(|refused| (StatusCode::UNPROCESSABLE_ENTITY, refused))?;
        for track in opened {
            self.pool.send(Command::Gate { track, open: true }).map_err(busy)?;
        }
        Ok(answer)
    }
}

async fn offer(
    State(place): State<Arc<Place>>,
    Json(asked): Json<Asked>,
) -> Result<Json<Answer>, (StatusCode, String)> {
    Ok(Json(Answer { sdp: place.answer(asked).await? }))
}

#[tokio::main]
async fn main() -> Result<()> {
    let place = Place::open("127.0.0.1:0".parse()?)?;
    let app = Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/offer", post(offer))
        .with_state(place.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the page")?;
    println!("http://{} (media on {})", listener.local_addr()?, place.pool.local_addr());
    axum::serve(listener, app).await?;
    Ok(())
}

#[cfg(test)]
#[tokio::test]
async fn an_offer_is_answered_and_nonsense_is_refused() {
    use conf_media::{MediaKind, shard::wired};
    let place = Place::open("127.0.0.1:0".parse().unwrap()).unwrap();
    let asked = |sdp: String| Asked { sdp, sends: vec!["0".to_owned()] };
    let offer = wired::offer(&[(TrackId(1), MediaKind::Audio)], (1, 1), 1);
    let answer = place.answer(asked(offer.sdp)).await.unwrap();
    assert!(answer.contains(&format!(" {} typ host", place.pool.local_addr().port())));
    let (status, _) = place.answer(asked("nonsense".to_owned())).await.unwrap_err();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
