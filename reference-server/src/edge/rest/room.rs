//! Rooms: making one, and turning a link's key into a join token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Extension, Json};
use conf_core::id::{ClaimId, IdSource, RoomId};
use conf_core::text::{DisplayName, RoomName, Subject, TextError};
use conf_core::{Claim, MeetingConfig, Role, SourceSet, Span, Standing, Unattended};
use conf_proto::Problem;
use conf_proto::convert::text_problem;
use conf_proto::rest::{
    GrantRequest, Look, LookRequest, NewRoom, RoomMade, TokenMade, TokenRequest,
};

use super::read;
use crate::app::App;
use crate::clock::utc_now;
use crate::edge::Answer;
use crate::edge::peer::Origin;
use crate::edge::problem::Refusal;
use crate::identity::grant::{ISSUER, TENANT};
use crate::identity::{LinkKey, OsIds, grant, link};
use crate::store::{self, Link, RoomRecord, StoreError};

pub(super) type Body = Result<Bytes, BytesRejection>;

/// `POST /api/v1/rooms`.
pub(crate) async fn make(
    State(app): State<Arc<App>>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RoomMade>), Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if app.access.key_needed(origin) && !app.operator.admits(authorization) {
        let problem = Problem::new("key_needed", "making a room needs the operator's key");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, problem));
    }
    let asked: NewRoom = read(&headers, body)?;
    let name = RoomName::new(&asked.name).map_err(bad_text)?;
    check_minutes(asked.unattended)?;
    let room = RoomId::from_number(OsIds.draw());
    let (moderator_key, guest_key) = (LinkKey::random(), LinkKey::random());
    let new = store::NewRoom {
        room,
        tenant: TENANT.to_owned(),
        config: MeetingConfig::new(name.clone())
            .guests(asked.guests)
            .starter(asked.starter)
            .unattended(asked.unattended)
            .join_muted(asked.join_muted)
            .late_chat(asked.late_chat)
            .attendance(asked.attendance)
            .learning(asked.learning)
            .video_codec(asked.video_codec),
        links: vec![
            opens(&moderator_key, Role::Moderator, Standing::Member),
            opens(&guest_key, Role::Participant, Standing::Guest),
        ],
        at: utc_now(),
    };
    app.store.create_room(&new).await.map_err(failed)?;
    tracing::info!(%room, "a room is made");
    let made = RoomMade {
        room,
        name: name.as_str().to_owned(),
        moderator_path: moderator_key.path(room),
        guest_path: guest_key.path(room),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// `POST /api/v1/rooms/{room}/look`.
pub(crate) async fn look(
    State(app): State<Arc<App>>,
    Path(room): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Look> {
    let LookRequest { key } = read(&headers, body)?;
    let (record, link) = find(&app, &room, &key).await?;
    let MeetingConfig { name, attendance, learning, .. } = record.config;
    let name = name.as_str().to_owned();
    Ok(Json(Look { name, role: link.role, standing: link.standing, attendance, learning }))
}

/// `POST /api/v1/rooms/{room}/tokens`.
pub(crate) async fn token(
    State(app): State<Arc<App>>,
    Path(room): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<TokenMade> {
    let TokenRequest { key, name } = read(&headers, body)?;
    let (record, link) = find(&app, &room, &key).await?;
    let name = DisplayName::new(&name).map_err(bad_text)?;
    // Whoever comes by a link is nobody in particular: a subject of their own, per token.
    let subject = format!("{:032x}", OsIds.draw());
    let subject = Subject::new(&subject).map_err(bad_text)?;
    let expires_at = utc_now() + app.token_lifetime;
    let claim = Claim {
        id: ClaimId::from_number(OsIds.draw()),
        issuer: ISSUER.to_owned(),
        tenant: record.tenant,
        room: record.room,
        subject: subject.into(),
        name: name.into(),
        role: link.role,
        standing: link.standing,
        sources: SourceSet::ALL,
        guest_link: (link.standing == Standing::Guest).then_some(link.number),
        expires_at,
    };
    let token = app.tokens.mint(&claim).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a token could not be made");
        Refusal::unavailable()
    })?;
    Ok(Json(TokenMade { token, expires_at: expires_at.0 }))
}

/// `POST /api/v1/rooms/{room}/grants`.
pub(crate) async fn grant(
    State(app): State<Arc<App>>,
    Extension(origin): Extension<Origin>,
    Path(room): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<TokenMade> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if app.access.key_needed(origin) && !app.operator.admits(authorization) {
        let problem = Problem::new("key_needed", "a grant needs the operator's key");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, problem));
    }
    let GrantRequest { role, name, hours } = read(&headers, body)?;
    let no_such_room = || {
        let problem = Problem::new("no_such_room", "the room is not there");
        Refusal::new(StatusCode::NOT_FOUND, problem)
    };
    let room: RoomId = room.parse().map_err(|_| no_such_room())?;
    let record = app.store.room(room).await.map_err(failed)?.ok_or_else(no_such_room)?;
    // Into a breakout the meeting it belongs to lets people, and nobody else does.
    if record.config.breakout_of.is_some() {
        return Err(no_such_room());
    }
    let lifetime = match hours {
        None => app.token_lifetime,
        Some(hours @ 1..=MAX_GRANT_HOURS) => Span::from_mins(u64::from(hours) * 60),
        Some(found) => {
            let detail = format!("hours is {found}, expected 1 to {MAX_GRANT_HOURS}");
            let problem = Problem::new("malformed", detail);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, problem));
        }
    };
    let expires_at = utc_now() + lifetime;
    let name = name.as_deref().unwrap_or("Stream");
    let claim = grant::grant(room, role, name, expires_at).map_err(bad_text)?;
    let token = app.tokens.mint_for_any(&claim).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a token could not be made");
        Refusal::unavailable()
    })?;
    Ok(Json(TokenMade { token, expires_at: expires_at.0 }))
}

/// Longest a machine's token may admit, in hours: a year.
const MAX_GRANT_HOURS: u32 = 366 * 24;

/// The room and the link a key opens. Whether it is the room or the key that is
/// wrong is not told.
async fn find(app: &App, room: &str, key: &str) -> Result<(RoomRecord, Link), Refusal> {
    let no_such_link = || {
        let problem = Problem::new("no_such_link", "no room has a link with this key");
        Refusal::new(StatusCode::NOT_FOUND, problem)
    };
    let room: RoomId = room.parse().map_err(|_| no_such_link())?;
    let record = app.store.room(room).await.map_err(failed)?.ok_or_else(no_such_link)?;
    let link = link::find(&record.links, key).cloned().ok_or_else(no_such_link)?;
    Ok((record, link))
}

/// Most minutes a meeting may go on without a moderator: a day.
const MOST_MINUTES: u16 = 1_440;

fn check_minutes(unattended: Unattended) -> Result<(), Refusal> {
    let Unattended::CloseAfterMinutes(found) = unattended else { return Ok(()) };
    if (1..=MOST_MINUTES).contains(&found) {
        return Ok(());
    }
    let detail = format!("close_after_minutes is {found}, expected 1 to {MOST_MINUTES}");
    let problem = Problem::new("minutes_out_of_range", detail)
        .with("found", found)
        .with("min", 1)
        .with("max", MOST_MINUTES);
    Err(Refusal::new(StatusCode::BAD_REQUEST, problem))
}

fn opens(key: &LinkKey, role: Role, standing: Standing) -> Link {
    Link { key_hash: key.hash(), role, standing, number: 0 }
}

fn bad_text(error: TextError) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, text_problem(error))
}

fn failed(error: StoreError) -> Refusal {
    tracing::error!(error = &error as &dyn std::error::Error, "the store did not answer a request");
    Refusal::unavailable()
}
