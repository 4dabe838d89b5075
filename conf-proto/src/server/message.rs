//! One frame from a server.

use crate::error::Problem;
use crate::lobby::WaitReason;
use crate::media::{Answer, Quality, Slot, WithheldPicture};
use crate::signal::RoomSignal;
use crate::view::RoomView;
use conf_core::id::{FileId, MeetingId, ParticipantId};
use conf_core::stage::source::Source;
use serde::{Deserialize, Serialize};

use super::{ByeReason, EventFrame};

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
    /// Answers `take_ballot`: the blind signature.
    Ballot {
        /// The number of the request.
        re: u32,
        /// As many bytes as the key has, in Base64.
        signature: String,
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
    /// Answers `enter_breakout`: what admits to the breakout's meeting, told to the asker alone.
    BreakoutPass {
        /// The number of the request.
        re: u32,
        /// The join token, for the `hello` of a session of its own.
        token: String,
    },
    /// Answers `offer_file`: the bytes are to be sent now, once, by
    /// `PUT /api/v1/rooms/{room}/files/{file}`.
    Upload {
        /// The number of the request.
        re: u32,
        /// The file's id.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        file: FileId,
        /// Goes with the request as `Authorization: Bearer`.
        token: String,
    },
    /// Answers `file_token`: opens the files one may see, by
    /// `GET /api/v1/rooms/{room}/files/{file}`, while this session lasts.
    FileToken {
        /// The number of the request.
        re: u32,
        /// Goes with the requests as `Authorization: Bearer`.
        token: String,
        /// For how many seconds.
        seconds: u32,
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
