//! Who asks for a connection: the claim of a token, and the id in the path.

use aws_lc_rs::digest::{Context, SHA256};
use axum::http::{HeaderMap, StatusCode, header};
use conf_core::id::{ClaimId, IdSource, RoomId};
use conf_core::text::{DisplayName, Subject};
use conf_core::{Claim, Role, SourceSet, Span, Standing};
use conf_proto::Problem;
use conf_proto::convert::text_problem;

use crate::app::App;
use crate::clock::utc_now;
use crate::edge::peer::Origin;
use crate::edge::problem::Refusal;
use crate::identity::tokens::Reach;
use crate::identity::{OsIds, bearer};
use crate::room::ask::OwnerHandle;
use crate::room::recover::OPEN_TENANT;

/// A room as a path names it. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One that was made.
    Made(RoomId),
    /// One that is there as long as somebody is in it.
    Open(RoomId),
}

impl Place {
    /// The room `text` names.
    ///
    /// An open room's name is any text that is no room's id. Only this machine gets in, and no
    /// page of another site: no token keeps those out here.
    pub(super) fn of(
        app: &App,
        origin: Origin,
        headers: &HeaderMap,
        text: &str,
    ) -> Result<Self, Refusal> {
        if let Ok(room) = text.parse() {
            return Ok(Self::Made(room));
        }
        let named = (1..=MAX_NAME).contains(&text.len());
        let ours = origin == Origin::ThisMachine && crate::edge::peer::is_own_page(headers);
        if app.open_rooms && named && ours {
            return Ok(Self::Open(RoomId::from_number(digest(&[b"open room", text.as_bytes()]))));
        }
        let problem = Problem::new("no_such_room", "the room is not there");
        Err(Refusal::new(StatusCode::NOT_FOUND, problem))
    }

    /// The id the meeting is found by.
    pub(super) fn room(self) -> RoomId {
        match self {
            Self::Made(room) | Self::Open(room) => room,
        }
    }

    /// Its meeting's owner, started if need be.
    pub(super) fn owner(self, app: &App) -> OwnerHandle {
        match self {
            Self::Made(room) => app.directory.owner(room),
            Self::Open(room) => app.directory.open_room(room),
        }
    }
}

/// The claim by which `id`, or nobody in particular, comes into `place`.
///
/// The holder of an ordinary token is one person under every path, and may name no other. A token
/// for any id names whom it likes, and somebody new where it names nobody.
pub(super) fn claim(
    app: &App,
    place: Place,
    headers: &HeaderMap,
    id: Option<&str>,
) -> Result<Claim, Refusal> {
    let named = id.map(subject).transpose()?;
    let (claim, reach) = match place {
        Place::Open(room) => (open_claim(room)?, Reach::AnyId),
        Place::Made(room) => token(app, room, headers)?,
    };
    match (reach, named) {
        (Reach::Holder, None) => Ok(claim),
        (Reach::Holder, Some(subject)) if claim.subject.as_ref() == Some(&subject) => Ok(claim),
        (Reach::Holder, Some(_)) => {
            let detail = "the token is for its holder alone, whose id this is not";
            Err(Refusal::new(StatusCode::FORBIDDEN, Problem::new("other_id", detail)))
        }
        (Reach::AnyId, named) => {
            let anonymous = || subject(&format!("{:032x}", OsIds.draw()));
            let name = named.as_ref().and_then(|id| DisplayName::new(id.as_str()).ok());
            let subject = named.map_or_else(anonymous, Ok)?;
            // To remove one person is not to refuse the token for all others.
            let number = claim.id.number().to_be_bytes();
            let id = ClaimId::from_number(digest(&[&number, subject.as_str().as_bytes()]));
            let name = name.map_or(claim.name, Into::into);
            Ok(Claim { id, subject: subject.into(), name, ..claim })
        }
    }
}

/// Checks the token of a request for `room`.
pub(super) fn token(
    app: &App,
    room: RoomId,
    headers: &HeaderMap,
) -> Result<(Claim, Reach), Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let refuse = |status, code, detail: &str| Refusal::new(status, Problem::new(code, detail));
    let Some(text) = bearer::bearer(authorization) else {
        let detail = "expected `Authorization: Bearer` and a token";
        return Err(refuse(StatusCode::UNAUTHORIZED, "token_needed", detail));
    };
    let (claim, reach) = app
        .tokens
        .verify_reach(text, utc_now())
        .map_err(|error| refuse(StatusCode::UNAUTHORIZED, error.code(), &error.to_string()))?;
    if claim.room != room {
        let detail = "the token is for another room";
        return Err(refuse(StatusCode::FORBIDDEN, "token_other_room", detail));
    }
    Ok((claim, reach))
}

/// An id in a path, as it was written.
pub(super) fn subject(text: &str) -> Result<Subject, Refusal> {
    let refuse = |problem| Refusal::new(StatusCode::BAD_REQUEST, problem);
    let subject = Subject::new(text).map_err(|error| refuse(text_problem(error)))?;
    if subject.as_str() != text {
        let detail = "an id has no control characters and no space around it";
        return Err(refuse(Problem::new("malformed", detail)));
    }
    Ok(subject)
}

/// Longest name of an open room, in bytes.
const MAX_NAME: usize = 128;

/// How long a claim into an open room admits; nobody presents one twice.
const OPEN_LIFETIME: Span = Span::from_mins(1);

fn open_claim(room: RoomId) -> Result<Claim, Refusal> {
    let name = DisplayName::new("Guest")
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, text_problem(error)))?;
    Ok(Claim {
        id: ClaimId::from_number(room.number()),
        issuer: "open".to_owned(),
        tenant: OPEN_TENANT.to_owned(),
        room,
        subject: subject("guest")?.into(),
        name: name.into(),
        // Machines alone hold no meeting, and here there may be nobody else.
        role: Role::Participant,
        standing: Standing::Member,
        sources: SourceSet::ALL,
        guest_link: None,
        expires_at: utc_now() + OPEN_LIFETIME,
    })
}

/// 128 bits that stand for these parts, each told from the next.
fn digest(parts: &[&[u8]]) -> u128 {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let digest = context.finish();
    let first = digest.as_ref().iter().take(16);
    first.fold(0, |number, byte| number << 8 | u128::from(*byte))
}
