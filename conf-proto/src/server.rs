//! What a server says.

mod bye;
mod debug;

use conf_core::Reaction;
use conf_core::admission::policy::GuestPolicy;
use conf_core::id::{CaptionId, MeetingId, MessageId, ParticipantId, PollId};
use conf_core::policy::lock::Lock;
use conf_core::policy::role::Role;
use conf_core::stage::layout::Layout;
use conf_core::stage::source::Source;
use serde::{Deserialize, Serialize};

use crate::caption::{CaptionLine, CaptionWriter};
use crate::chat::ChatLine;
use crate::error::Problem;
use crate::lobby::{LobbyEntry, WaitReason};
use crate::media::{Answer, Quality, Slot, WithheldPicture};
use crate::poll::{Poll, PollVote};
use crate::signal::RoomSignal;
use crate::view::{Participant, RoomView};

pub use bye::ByeReason;

/// One frame from a server.
///
/// Frames with a `seq` are the meeting's journal as this client may see it:
/// numbers grow, gaps are normal. Frames without one are answers or transient.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServerMessage {
    /// Answers `hello`: the session is open. Either `room` is the meeting in
    /// full, or (after a resume) `events` is what was missed.
    Welcome {
        /// The number of the `hello`.
        re: u32,
        /// The protocol spoken.
        protocol: u16,
        /// Who this session speaks for.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// The meeting this session is in.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        meeting: MeetingId,
        /// The server's clock in UTC milliseconds, by which `at` and `since` are reckoned.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        now: u64,
        /// Complete up to this number.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
        /// The meeting in full; absent when resumed. For a participant who was here
        /// before, their own `sources` in it are what holds: what is missing was stopped
        /// meanwhile and is not published again unless the person asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        room: Option<Box<RoomView>>,
        /// What was missed since the resumed number; empty when `room` is there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<EventFrame>>", optional))]
        events: Vec<EventFrame>,
        /// The answer to the offer in the `hello`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        answer: Option<Answer>,
        /// Whether a media connection is alive or being set up. When false the
        /// client sends a fresh `offer`.
        media: bool,
    },
    /// Answers `hello`: the session waits in the lobby. A `welcome` to the same
    /// number follows once it is let in, or a `bye`. Until then only `ping` and
    /// `leave` are taken; an offer in the `hello` is not kept.
    Waiting {
        /// The number of the `hello`.
        re: u32,
        /// Who this session speaks for, now and once it is let in.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        participant: ParticipantId,
        /// The meeting it waits for.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        meeting: MeetingId,
        /// Why.
        reason: WaitReason,
        /// The place in the queue, counted from 1.
        position: u32,
        /// What the moderators tell those who wait.
        message: Option<String>,
    },
    /// News for a session in the lobby. Transient.
    Lobby {
        /// Why it waits now.
        reason: WaitReason,
        /// The place in the queue, counted from 1.
        position: u32,
        /// What the moderators tell those who wait.
        message: Option<String>,
    },
    /// What was asked holds, and is kept.
    Done {
        /// The number of the request.
        re: u32,
    },
    /// What was asked was refused; nothing changed.
    Refused {
        /// The number of the request.
        re: u32,
        /// Why.
        problem: Problem,
    },
    /// Answers an `offer`.
    Answer {
        /// The number of the request.
        re: u32,
        /// The answer.
        answer: Answer,
    },
    /// Something happened in the meeting.
    Event(EventFrame),
    /// What one may see of the meeting is another thing now, since one became a moderator or no
    /// longer is one. Replaces what was known, like the `room` of a `welcome`.
    Room {
        /// Complete up to this number.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
        /// The meeting in full.
        room: Box<RoomView>,
    },
    /// Which sources the slots carry now; slots not named are unchanged. Transient.
    Slots {
        /// The changed slots.
        slots: Vec<Slot>,
    },
    /// Who is speaking now, loudest first; replaces the last list. Transient.
    Speaking {
        /// At most as many as there are audio slots.
        #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
        participants: Vec<ParticipantId>,
    },
    /// Which encodings of one of this client's own sources anybody is shown. Transient.
    Layers {
        /// Which source.
        #[cfg_attr(feature = "typescript", ts(type = "Source"))]
        source: Source,
        /// One for each `rid` of the line, in the order of the offer; the
        /// client stops encoding those that are `false`.
        wanted: Vec<bool>,
    },
    /// How well people are connected; those not named are as before. Transient.
    Quality {
        /// What changed.
        people: Vec<Quality>,
    },
    /// Which pictures this client is not given as wished because its own connection does not
    /// carry them. Complete each time: what is not named comes as wished. It begins as nothing
    /// with each `welcome`. Transient.
    Withheld {
        /// At most as many as there are slots for pictures.
        pictures: Vec<WithheldPicture>,
    },
    /// Answers `rotate_link`: the new guest link, told to the asker alone.
    GuestLink {
        /// The number of the request.
        re: u32,
        /// The link as a path with its key in the fragment: `/r/room_…#KEY`.
        path: String,
    },
    /// Whether what happens in the meeting can be kept just now. While it cannot,
    /// what is asked is refused and nothing is lost; sound and pictures go on. Transient.
    Storage {
        /// Whether it can.
        ok: bool,
    },
    /// Something to know now or not at all; a client that reads slowly may not get it. Transient.
    Signal {
        /// What.
        signal: RoomSignal,
    },
    /// The session is over; the socket closes next.
    Bye {
        /// Why.
        reason: ByeReason,
    },
}

/// One thing that happened.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EventFrame {
    /// The journal's number.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: u64,
    /// What.
    pub event: RoomEvent,
}

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
    /// Someone asks everyone something.
    PollStarted {
        /// What.
        poll: Poll,
    },
    /// Someone voted, or voted differently. Told to moderators, to who asks and to who voted.
    Voted {
        /// In which poll.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who, and what.
        vote: PollVote,
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
    },
    /// What came of a poll is for everyone to see.
    PollPublished {
        /// Of which.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        poll: PollId,
        /// Who published it.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        by: ParticipantId,
        /// How many chose each, in the order of the choices.
        counts: Vec<u32>,
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
        /// `ended_by_moderator`, `empty`, `time_limit` or `unattended`.
        reason: String,
    },
}
