//! The bytes of files: in by `PUT`, out by `GET /api/v1/rooms/{room}/files/{file}`.
//!
//! What admits is a token in a header that a session was given; there is no cookie.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use conf_core::id::{FileId, RoomId};
use conf_core::{Denied, START_BYTES, Upload};
use conf_proto::Problem;
use conf_proto::convert::denied_problem;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::door::Alive;
use super::problem::Refusal;
use super::quota::Remote;
use super::range::{Asked, asked};
use crate::app::App;
use crate::identity::bearer;
use crate::room::ask::{Ask, NotTaken, OwnerHandle, busy, unavailable};
use crate::room::files::{FileAsk, FileToken, Incoming, Outgoing, TOKEN_OVER};
use crate::store::{FilePlace, Receiving, StoreError};

/// Most files on their way to the server at a time, of all meetings: each holds a piece in memory.
pub(crate) const MOST_UPLOADS: usize = 64;

/// How long an upload may stand still.
const STILL_FOR: Duration = Duration::from_secs(20);

/// How fast an upload is over time, at the least, in bytes a second; beside [`STILL_FOR`], so
/// that nobody holds a place for hours.
const LEAST_PACE: u64 = 16 * 1024;

/// How long what still comes of a refused upload is let pass.
const LET_PASS_FOR: Duration = Duration::from_secs(5);

/// What is asked of a browser that would open it all the same: no script, no origin.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// `PUT`: takes in what was granted.
pub(crate) async fn take(
    State(app): State<Arc<App>>,
    Extension(remote): Extension<Remote>,
    alive: Option<Extension<Alive>>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    app.quotas.request(remote).map_err(Refusal::too_many)?;
    let (owner, file, token) = addressed(&app, &path, &headers)?;
    let slot = Arc::clone(&app.uploads).try_acquire_owned();
    let slot = slot.map_err(|_| refused(busy()))?;
    let (verdict, judged) = oneshot::channel();
    ask(&owner, FileAsk::Begin { file, token, verdict })?;
    let incoming = judged.await.map_err(|_| refused(unavailable()))?.map_err(refused)?;
    let alive = alive.map(|Extension(alive)| alive).unwrap_or_default();
    let arriving = arrive(app, owner, incoming, body, alive, slot);
    // In a task of its own: whoever goes away must not leave half of it behind.
    match tokio::spawn(arriving).await {
        Ok(outcome) => outcome.map(|()| StatusCode::NO_CONTENT),
        Err(_) => Err(refused(unavailable())),
    }
}

/// `GET`: gives out what its asker may see.
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (owner, file, token) = addressed(&app, &path, &headers)?;
    let (verdict, judged) = oneshot::channel();
    ask(&owner, FileAsk::Read { file, token, verdict })?;
    let outgoing = judged.await.map_err(|_| refused(unavailable()))?.map_err(refused)?;
    let Outgoing { meeting, file } = outgoing;
    let place = FilePlace { meeting, file: file.id, from: file.from };
    // What is under an id never changes.
    let tag = format!("\"{}\"", file.id);
    let (status, part) = match asked(&headers, file.bytes, &tag) {
        Asked::Whole => (StatusCode::OK, 0..file.bytes),
        Asked::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Asked::Beyond => return Ok(beyond(file.bytes)),
    };
    let reading = app.store.files().open(place, file.bytes, part.clone()).await;
    let reading = reading.map_err(failed)?.ok_or_else(no_such_file)?;
    let pieces = futures_util::stream::try_unfold(reading, |mut reading| async {
        let piece = reading.next().await.inspect_err(log)?;
        Ok::<_, StoreError>(piece.map(|piece| (Bytes::from(piece), reading)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let name = file.name.as_ref().map_or("file", |name| name.as_str());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind.media_type()));
    headers.insert(header::CONTENT_LENGTH, (part.end - part.start).into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, written(&tag));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{}", part.start, part.end - 1, file.bytes);
        headers.insert(header::CONTENT_RANGE, written(&range));
    }
    headers.insert(header::CONTENT_DISPOSITION, attachment(name));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    Ok(response)
}

/// The answer to whoever asks for what lies beyond the end of a file.
fn beyond(bytes: u64) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_RANGE, written(&format!("bytes */{bytes}")));
    response
}

/// Ids, numbers and signs as a header.
fn written(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("printable ASCII")
}

/// Takes all of it in and has it handed on; otherwise nothing of it is left.
async fn arrive(
    app: Arc<App>,
    owner: OwnerHandle,
    incoming: Incoming,
    body: Body,
    alive: Alive,
    _slot: OwnedSemaphorePermit,
) -> Result<(), Refusal> {
    let Incoming { meeting, upload } = incoming;
    let Upload { file, from, .. } = upload;
    let files = app.store.files();
    let mut body = body.into_data_stream();
    let kept = match files.begin(FilePlace { meeting, file, from }, upload.bytes).await {
        Ok(Some(receiving)) => receive(receiving, &upload, &mut body, &alive).await,
        Ok(None) => Err(no_such_file()),
        Err(error) => Err(failed(error)),
    };
    if let Err(refusal) = kept {
        // Waits for room in the inbox: it must be told. A meeting that is over does not mind.
        let _ = owner.inbox.send(Ask::File(FileAsk::Ended { file })).await;
        let _ = timeout(LET_PASS_FOR, let_pass(body, upload.bytes)).await;
        return Err(refusal);
    }
    let (verdict, judged) = oneshot::channel();
    let told = owner.inbox.send(Ask::File(FileAsk::Arrived { file, verdict })).await;
    let shared = match (told, judged.await) {
        (Ok(()), Ok(shared)) => shared.map_err(refused),
        // Whether it was handed on the journal says: the meeting sweeps what it does not know.
        _ => return Err(refused(unavailable())),
    };
    if shared.is_err()
        && let Err(error) = files.remove(meeting, file).await
    {
        log(&error);
    }
    shared
}

/// Writes what comes, as long as it is what was granted.
async fn receive(
    mut receiving: Receiving,
    upload: &Upload,
    body: &mut BodyDataStream,
    alive: &Alive,
) -> Result<(), Refusal> {
    let whole = Duration::from_secs(upload.bytes / LEAST_PACE) + STILL_FOR;
    let end = Instant::now() + whole;
    let (mut taken, mut start) = (0_u64, Vec::new());
    loop {
        let next = timeout_at(end, timeout(STILL_FOR, body.next())).await;
        let Ok(Ok(next)) = next else {
            let problem = Problem::new("upload_too_slow", "the file came too slowly");
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, problem));
        };
        let Some(bytes) = next else { break };
        let bytes = bytes.map_err(|_| other_size(upload.bytes, taken))?;
        taken = taken.saturating_add(bytes.len() as u64);
        if taken > upload.bytes {
            return Err(other_size(upload.bytes, taken));
        }
        if start.len() < START_BYTES {
            start.extend(bytes.iter().take(START_BYTES - start.len()));
            let known = start.len() == START_BYTES || taken == upload.bytes;
            if known && !upload.kind.begins_with(&start) {
                let problem = Problem::new("file_content", "it does not begin as its name says");
                return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem));
            }
        }
        receiving.write(&bytes).await.map_err(failed)?;
        alive.well();
    }
    if taken != upload.bytes {
        return Err(other_size(upload.bytes, taken));
    }
    receiving.finish().await.map_err(failed)
}

/// Lets what still comes go by, at most as much as was granted: many hear an answer only once
/// they have said everything, and would take a closed connection for a failing network.
async fn let_pass(mut body: BodyDataStream, most: u64) {
    let mut gone = 0;
    while let Some(Ok(bytes)) = body.next().await
        && gone < most
    {
        gone += bytes.len() as u64;
    }
}

/// The meeting, the file and the token of a request.
fn addressed(
    app: &App,
    (room, file): &(String, String),
    headers: &HeaderMap,
) -> Result<(OwnerHandle, FileId, FileToken), Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = bearer::bearer(authorization).and_then(FileToken::parse) else {
        let problem = Problem::new(TOKEN_OVER, "expected `Authorization: Bearer` and a token");
        return Err(refused(problem));
    };
    let room: RoomId = room.parse().map_err(|_| no_such_file())?;
    let file: FileId = file.parse().map_err(|_| no_such_file())?;
    Ok((app.directory.live(room).ok_or_else(no_such_file)?, file, token))
}

fn ask(owner: &OwnerHandle, ask: FileAsk) -> Result<(), Refusal> {
    owner.ask(Ask::File(ask)).map_err(|why| match why {
        NotTaken::Busy => refused(busy()),
        NotTaken::Ended => no_such_file(),
    })
}

/// A refusal over HTTP. What it means for the asker is told by the code.
fn refused(problem: Problem) -> Refusal {
    let status = match problem.code.as_str() {
        TOKEN_OVER => StatusCode::UNAUTHORIZED,
        "no_such_file" => StatusCode::NOT_FOUND,
        "busy" | "unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    Refusal::new(status, problem)
}

fn no_such_file() -> Refusal {
    refused(denied_problem(&Denied::NoSuchFile))
}

fn other_size(expected: u64, found: u64) -> Refusal {
    let detail = format!("{expected} bytes were granted, found {found}");
    Refusal::new(StatusCode::BAD_REQUEST, Problem::new("file_size", detail))
}

fn failed(error: StoreError) -> Refusal {
    log(&error);
    if matches!(error, StoreError::DiskFull) {
        let problem = Problem::new("disk_full", "the server has no room for files just now");
        return Refusal::new(StatusCode::INSUFFICIENT_STORAGE, problem);
    }
    Refusal::unavailable()
}

fn log(error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "a file could not be written or read");
}

/// A name to save under (RFC 6266, section 4.3; RFC 8187): for saving alone, never to be shown.
fn attachment(name: &str) -> HeaderValue {
    let mut value = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    // Letters, digits and a few signs are always a header value.
    HeaderValue::from_str(&value).expect("an escaped name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_escaped_whatever_is_in_it() {
        let value = attachment("Plan \"für\" Montag;\r\n.pdf");
        assert_eq!(
            value.to_str().expect("ASCII"),
            "attachment; filename*=UTF-8''Plan%20%22f%C3%BCr%22%20Montag%3B%0D%0A.pdf"
        );
    }
}
