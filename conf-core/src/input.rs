//! Everything that can happen to a meeting.

use crate::admission::claim::Claim;
use crate::id::{ParticipantId, SessionId};
use crate::policy::lock::Lock;
use crate::stage::source::Source;
use crate::text::ChatText;

/// What the caller tells a meeting.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input {
    /// The time came that [`poll_timeout`](crate::Meeting::poll_timeout) named.
    Tick,
    /// A session presents an accepted claim. The same issuer and subject as
    /// somebody in the roster is that participant again, and the newest session wins.
    Join {
        /// The new session.
        session: SessionId,
        /// The identity it presents.
        claim: Claim,
    },
    /// A session's link broke without a leave. Unknown or replaced sessions are ignored.
    LinkLost {
        /// The session that went.
        session: SessionId,
    },
    /// The server came back from its journal: no link of before is alive.
    Recovered,
    /// A participant asks for something.
    Command {
        /// Who asks, as the server knows it; what a client says of itself is never used.
        from: ParticipantId,
        /// What is asked.
        command: Command,
    },
}

/// What a participant can ask of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Goes for good; the place is not kept.
    Leave,
    /// Ends the meeting for all.
    End,
    /// Starts sending one of one's own sources.
    Publish {
        /// Which.
        source: Source,
    },
    /// Stops a source: one's own, or, as a moderator, another's camera or screen.
    Stop {
        /// Whose.
        target: ParticipantId,
        /// Which.
        source: Source,
    },
    /// Closes a microphone: one's own, or, as a moderator, another's.
    Mute {
        /// Whose.
        target: ParticipantId,
    },
    /// Opens one's own microphone. There is no way to name another's.
    Unmute,
    /// Raises one's own hand.
    RaiseHand,
    /// Lowers a hand: one's own, or, as a moderator, another's.
    LowerHand {
        /// Whose.
        target: ParticipantId,
    },
    /// Says something to everyone.
    SendChat {
        /// What.
        text: ChatText,
    },
    /// Gives the presenter mark to someone, taking it from whoever has it.
    GivePresenter {
        /// To whom.
        target: ParticipantId,
    },
    /// Closes or reopens something for everyone who is not a moderator.
    SetLock {
        /// What.
        lock: Lock,
        /// Closed (`true`) or open.
        on: bool,
    },
}
