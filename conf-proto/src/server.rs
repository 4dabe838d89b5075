//! What a server says.

mod bye;
mod debug;
mod frame;
mod message;

use conf_core::Reaction;
use conf_core::admission::policy::GuestPolicy;
use conf_core::id::{CaptionId, FileId, MessageId, ParticipantId, PollId, VoteId};
use conf_core::policy::lock::Lock;
use conf_core::policy::role::Role;
use conf_core::stage::layout::Layout;
use conf_core::stage::source::Source;
use serde::{Deserialize, Serialize};

use crate::breakout::{Breakouts, InheritedExceptions};
use crate::caption::{CaptionLine, CaptionWriter};
use crate::chat::ChatLine;
use crate::file::SharedFile;
use crate::lobby::LobbyEntry;
use crate::poll::{Poll, PollKey, PollSaid, PollVote, PollWritten, PublishedPoll};
use crate::view::{Participant, Shown};
use crate::vote::SecretVote;

pub use self::bye::ByeReason;
pub use self::frame::EventFrame;
pub use self::message::ServerMessage;

/// What happened, as clients see it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RoomEvent {
    /// Someone new is here.
    Joined {
        /// Who.
        participant: Participant,
    },
    /// One who does not see everyone knows of others from now on, or no longer.
    Shown(Shown),
    /// Someone's link broke; their place is kept.
    LinkLost {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
    },
    /// Someone is back.
    Rejoined {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
    },
    /// Someone is gone, with all they published, their hand and marks.
    Left {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Who removed them, if that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<String>", optional))]
        removed_by: Option<ParticipantId>,
    },
    /// Someone was made a moderator, or a participant again. Whom it concerns is told `room` next.
    Role {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// What they are from now on.
        #[cfg_attr(feature = "typescript", ts(type = "Role"))]
        role: Role,
        /// Who decided it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone is called something else from now on.
    Renamed {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Their name; `null` once erased.
        name: Option<String>,
        /// Who changed it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A source began.
    Published {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Source"))]
        source: Source,
    },
    /// A source ended.
    Stopped {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Source"))]
        source: Source,
        /// Who ended it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A microphone was closed.
    Muted {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Who closed it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A microphone was opened by its owner.
    Unmuted {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
    },
    /// A hand went up, behind those already raised.
    HandRaised {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
    },
    /// A hand went down.
    HandLowered {
        /// Whose.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Who lowered it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone said something: to everyone, or, when the line has a `to`, between two.
    Chat {
        /// The message.
        line: ChatLine,
    },
    /// A message says something else now; the frame's `at` is when.
    ChatEdited {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        message: MessageId,
        /// What; `null` once erased, or changed again since.
        text: Option<String>,
    },
    /// A message says nothing any more.
    ChatDeleted {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        message: MessageId,
        /// Who did: its writer or a moderator.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone put a sign to a message, or took theirs back.
    ChatReacted {
        /// To which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        message: MessageId,
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// Which sign.
        #[cfg_attr(feature = "typescript", ts(type = "Reaction"))]
        reaction: Reaction,
        /// Put or taken back.
        on: bool,
    },
    /// The public chat was emptied.
    ChatCleared {
        /// Who did.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// The timer was set anew; it runs, if it does, from the frame's `at`.
    TimerSet {
        /// From how many milliseconds it counts down; `null` counts up.
        #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
        span: Option<u64>,
        /// Whether it runs from now on.
        runs: bool,
    },
    /// The timer rests since the frame's `at`.
    TimerPaused,
    /// The timer goes on from the frame's `at`.
    TimerResumed,
    /// There is no timer any more.
    TimerStopped,
    /// Somebody was picked at random.
    Picked {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Who wanted somebody picked.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone handed on a file: to everyone, or, when it has a `to`, one to another.
    FileShared {
        /// The file.
        file: SharedFile,
    },
    /// A file is gone.
    FileDeleted {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        file: FileId,
        /// Who did: whoever handed it on or a moderator.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone asks everyone something.
    PollStarted {
        /// What.
        poll: Box<Poll>,
    },
    /// What is right in a quiz that was just started. Told to nobody but whoever asks.
    PollKeySet {
        /// In which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// What.
        key: PollKey,
    },
    /// Someone voted, or voted differently. Told to moderators, to who asks and to who voted.
    Voted {
        /// In which poll.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who, and what.
        vote: PollVote,
    },
    /// Someone answered in words of their own, or in others. Told to those a vote is told to.
    PollAnswered {
        /// In which poll.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who, and what.
        answer: PollWritten,
    },
    /// So many have voted by now.
    PollTurnout {
        /// In which poll.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// How many.
        voted: u32,
    },
    /// A poll takes no more votes.
    PollClosed {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who closed it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// How many anonymous votes were too few to be counted without showing them.
        #[serde(default)]
        uncounted: u32,
    },
    /// What came of an anonymous poll that is closed. Told to moderators and to who asks.
    PollTallied {
        /// Of which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// How many chose each, in the order of the choices.
        counts: Vec<u32>,
        /// What was written, where people answered in words of their own.
        #[serde(default)]
        said: Vec<PollSaid>,
    },
    /// What came of a poll is for everyone to see: in front of them, and in the chat.
    PollPublished(PublishedPoll),
    /// What came of a poll is not in front of everyone any more; it stays to be read.
    PollPutAway {
        /// Of which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who put it away.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A closed poll was forgotten.
    PollWithdrawn {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who withdrew it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone writes the captions of a language from now on, instead of whoever did.
    CaptionWriter {
        /// Who, and in which language.
        writer: CaptionWriter,
        /// Who decided it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// The meeting was divided into breakouts.
    BreakoutsOpened {
        /// Which.
        breakouts: Breakouts,
    },
    /// Someone belongs to another breakout, or to none.
    BreakoutAssigned {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// To which, by number from 0; `null` for none.
        breakout: Option<u8>,
        /// Who decided it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone is in a breakout now; what they published here is stopped.
    BreakoutEntered {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// In which, by number from 0.
        breakout: u8,
    },
    /// Someone is not in a breakout any more.
    BreakoutLeft {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Which, by number from 0.
        breakout: u8,
    },
    /// A breakout calls for a moderator. Told to moderators and to who called.
    HelpCalled {
        /// Who called.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// From which, by number from 0.
        breakout: u8,
    },
    /// A moderator came to a breakout that called. Told to moderators and to who called.
    HelpEnded {
        /// Who had called.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// From which, by number from 0.
        breakout: u8,
        /// Who came.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Breakouts close at another time.
    BreakoutsExtended {
        /// When, in UTC milliseconds.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        until: u64,
        /// Who did.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone said something to all breakouts.
    BreakoutsTold {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// Their name; `null` once erased.
        name: Option<String>,
        /// What; `null` once erased.
        text: Option<String>,
    },
    /// Everyone is called back from the breakouts.
    BreakoutsClosed {
        /// Who did; `null` when their time was over.
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        by: Option<ParticipantId>,
    },
    /// In a breakout: locks were set or released in the meeting it belongs to, and are here.
    LocksInherited {
        /// All that is locked from now on.
        #[cfg_attr(feature = "typescript", ts(type = "Lock[]"))]
        locks: Vec<Lock>,
    },
    /// In a breakout: what is lifted for one person, after the meeting it belongs to.
    ExceptionsInherited(InheritedExceptions),
    /// Nobody writes the captions of a language any more.
    CaptionWriterEnded {
        /// Who did, and in which language.
        writer: CaptionWriter,
        /// Who decided it: a moderator, or they themself.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A line of captions was finished.
    Caption {
        /// The line.
        line: CaptionLine,
    },
    /// The writer of a line of captions corrected it.
    CaptionCorrected {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        line: CaptionId,
        /// What it says now; `null` once erased, or corrected again.
        text: Option<String>,
    },
    /// A secret vote began.
    VoteOpened {
        /// The vote.
        vote: Box<SecretVote>,
    },
    /// So many were given a ballot by now.
    VoteTurnout {
        /// In which vote.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        vote: VoteId,
        /// How many.
        given: u32,
    },
    /// A vote gives no more ballots; those on their way may still arrive.
    VoteClosing {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        vote: VoteId,
        /// Who ended it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// When it is over at the latest, in UTC milliseconds.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        until: u64,
    },
    /// A vote is over, and its list is there to be read.
    VoteClosed {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        vote: VoteId,
        /// How many ballots were cast.
        cast: u32,
        /// How many of them chose each, in the order of the choices.
        counts: Vec<u32>,
    },
    /// The presenter mark moved.
    Presenter {
        /// Who has it now.
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        participant: Option<ParticipantId>,
    },
    /// Someone asks for the presenter mark. Told to moderators and to who asks.
    PresenterAsked {
        /// Who, behind those who ask already.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
    },
    /// Someone asks no more, without having got the mark. Told to moderators and to who asked.
    PresenterAskEnded {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Who declined, or they themself who withdrew.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A lock was lifted for one person, or is in force for them again. Told to moderators and
    /// to whom it concerns. A lock that goes off for all ends what was lifted of it.
    Exception {
        /// For whom.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Lock"))]
        lock: Lock,
        /// Lifted or in force.
        on: bool,
        /// Who did.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// A lock was set or released.
    Lock {
        /// Which.
        #[cfg_attr(feature = "typescript", ts(type = "Lock"))]
        lock: Lock,
        /// Closed or open.
        on: bool,
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone waits in the lobby. Told to moderators.
    Waiting {
        /// Who, at the end of the queue.
        entry: LobbyEntry,
    },
    /// Someone in the lobby lost their link or came back. Told to moderators.
    WaitingLink {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Whether their link is alive.
        connected: bool,
    },
    /// Someone waits no more: let in (`joined` says so), sent away, or gone. Told to moderators.
    WaitEnded {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
    },
    /// What happens to those who come by a guest link was set.
    Guests {
        /// From now on.
        #[cfg_attr(feature = "typescript", ts(type = "GuestPolicy"))]
        policy: GuestPolicy,
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// What those in the lobby are told was set. Told to moderators.
    LobbyMessage {
        /// What; `null` when nothing.
        text: Option<String>,
    },
    /// Whether microphones of those who come start closed was set.
    JoinMuted {
        /// Closed or as they wish.
        on: bool,
    },
    /// The guest link was replaced. Told to moderators.
    LinkRotated {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// One person was put in front of everyone.
    Spotlight {
        /// Who; `null` when nobody is any more.
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        participant: Option<ParticipantId>,
    },
    /// Everyone's pictures are arranged, or each arranges their own again.
    Layout {
        /// How; `null` when no layout is shared any more.
        #[cfg_attr(feature = "typescript", ts(type = "Layout | null"))]
        layout: Option<Layout>,
        /// Who did.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone takes the minutes.
    MinuteTaker {
        /// Who; `null` when nobody does any more.
        #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
        participant: Option<ParticipantId>,
    },
    /// The minutes were written anew. Told to those who may read them.
    MinutesWritten {
        /// Who wrote.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// What they say now; `null` for nothing, and once erased.
        text: Option<String>,
        /// How often they were written by now.
        version: u32,
    },
    /// The minutes were shown to everyone, or no longer. A `room` follows for whom they are, or are no longer.
    MinutesReleased {
        /// To everyone.
        on: bool,
        /// Who decided it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
    },
    /// Someone interprets into sign language, or no longer.
    Interpreter {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Whether they do.
        on: bool,
    },
    /// Someone said that they are away for a moment, or back.
    Away {
        /// Who.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// Away or back.
        on: bool,
    },
    /// The meeting is over.
    Ended {
        /// `ended_by_moderator`, `empty`, `time_limit`, `unattended` or `called_back`.
        reason: String,
    },
}
