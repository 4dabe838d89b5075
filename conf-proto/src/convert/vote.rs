//! Secret votes between the wire and the meeting.

use conf_core::event::{BallotGiven, VoteClosed, VoteClosing};
use conf_core::{Entry, Event};

use crate::server::RoomEvent;
use crate::vote::SecretVote;

/// What clients are told of an entry about a secret vote; `None` if it is about something else,
/// or of ballots, which are told to nobody before the list is out.
pub(super) fn vote_event(entry: &Entry) -> Option<RoomEvent> {
    Some(match &entry.event {
        Event::VoteOpened(opened) => {
            RoomEvent::VoteOpened { vote: Box::new(SecretVote::opened(entry.at, opened)) }
        }
        // To whom is nobody else's business.
        Event::BallotGiven(BallotGiven { vote, given, .. }) => {
            RoomEvent::VoteTurnout { vote: *vote, given: *given }
        }
        Event::VoteClosing(VoteClosing { vote, by, until }) => {
            RoomEvent::VoteClosing { vote: *vote, by: *by, until: until.0 }
        }
        Event::VoteClosed(VoteClosed { vote, cast, counts }) => {
            RoomEvent::VoteClosed { vote: *vote, cast: *cast, counts: counts.clone() }
        }
        _ => return None,
    })
}
