//! Secret votes without a session: a ballot comes in, and the list goes out.
//!
//! Nothing of who asks is looked at but the address, for its share of requests.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use conf_core::id::{RoomId, VoteId};
use conf_proto::Problem;
use conf_proto::vote::{BallotReceipt, SecretBallot, VoteList};
use tokio::sync::oneshot;

use super::read;
use super::room::Body;
use crate::app::App;
use crate::edge::Answer;
use crate::edge::problem::Refusal;
use crate::room::ask::{Ask, NotTaken, busy, unavailable};
use crate::room::vote::VoteAsk;

/// `POST /api/v1/rooms/{room}/votes/{vote}/ballots`.
pub(crate) async fn cast(
    State(app): State<Arc<App>>,
    Path((room, vote)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Answer<BallotReceipt> {
    let body: SecretBallot = read(&headers, body)?;
    let ballot = body.read().map_err(refused)?;
    let taken = ask(&app, &room, &vote, |vote, verdict| VoteAsk::Cast { vote, ballot, verdict });
    taken.await?.map_err(refused)?;
    Ok(Json(BallotReceipt { serial: body.serial }))
}

/// `GET /api/v1/rooms/{room}/votes/{vote}`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Path((room, vote)): Path<(String, String)>,
) -> Answer<VoteList> {
    let list = ask(&app, &room, &vote, |vote, verdict| VoteAsk::List { vote, verdict }).await?;
    list.map(Json).ok_or_else(no_such_vote)
}

/// Asks the owner of the room's meeting, if one is on.
async fn ask<T>(
    app: &App,
    room: &str,
    vote: &str,
    what: impl FnOnce(VoteId, oneshot::Sender<T>) -> VoteAsk,
) -> Result<T, Refusal> {
    let (Ok(room), Ok(vote)) = (room.parse::<RoomId>(), vote.parse::<VoteId>()) else {
        return Err(no_such_vote());
    };
    let owner = app.directory.live(room).ok_or_else(no_such_vote)?;
    let (verdict, judged) = oneshot::channel();
    owner.ask(Ask::Vote(Box::new(what(vote, verdict)))).map_err(|not_taken| match not_taken {
        NotTaken::Busy => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, busy()),
        NotTaken::Ended => no_such_vote(),
    })?;
    judged.await.map_err(|_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, unavailable()))
}

fn no_such_vote() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        Problem::new("no_such_vote", "no such vote, or it is not over"),
    )
}

fn refused(problem: Problem) -> Refusal {
    let status = match problem.code.as_str() {
        "no_such_vote" => StatusCode::NOT_FOUND,
        "unavailable" | "busy" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    };
    Refusal::new(status, problem)
}
