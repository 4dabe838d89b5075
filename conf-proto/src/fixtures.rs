//! Every message has a committed example that reads and writes unchanged; the
//! browser client's tests read the same files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::{ClientBody, ClientMessage};
use crate::rest;
use crate::server::{RoomEvent, ServerMessage};
use crate::signal::RoomSignal;

const CLIENT: [&str; 48] = [
    "hello",
    "offer",
    "wish",
    "ping",
    "leave",
    "end",
    "publish",
    "stop",
    "mute",
    "unmute",
    "raise_hand",
    "lower_hand",
    "chat",
    "give_presenter",
    "set_lock",
    "admit",
    "admit_all",
    "deny",
    "set_guests",
    "set_lobby_message",
    "set_join_muted",
    "remove",
    "rotate_link",
    "spotlight",
    "edit_chat",
    "delete_chat",
    "react_chat",
    "clear_chat",
    "typing",
    "live_text",
    "ask_to_unmute",
    "mute_all",
    "take_presenter",
    "ask_to_present",
    "decline_presenter",
    "promote",
    "demote",
    "set_exception",
    "rename",
    "report",
    "set_minute_taker",
    "set_interpreter",
    "set_away",
    "start_poll",
    "vote",
    "close_poll",
    "publish_poll",
    "withdraw_poll",
];

const SERVER: [&str; 16] = [
    "welcome",
    "done",
    "refused",
    "answer",
    "slots",
    "speaking",
    "bye",
    "waiting",
    "lobby",
    "layers",
    "quality",
    "guest_link",
    "storage",
    "withheld",
    "signal",
    "room",
];

const EVENT: [&str; 40] = [
    "joined",
    "link_lost",
    "rejoined",
    "left",
    "published",
    "stopped",
    "muted",
    "unmuted",
    "hand_raised",
    "hand_lowered",
    "chat",
    "presenter",
    "lock",
    "ended",
    "waiting",
    "waiting_link",
    "wait_ended",
    "guests",
    "lobby_message",
    "join_muted",
    "link_rotated",
    "spotlight",
    "role",
    "renamed",
    "presenter_asked",
    "presenter_ask_ended",
    "exception",
    "minute_taker",
    "interpreter",
    "chat_edited",
    "chat_deleted",
    "chat_reacted",
    "chat_cleared",
    "away",
    "poll_started",
    "voted",
    "poll_turnout",
    "poll_closed",
    "poll_published",
    "poll_withdrawn",
];

/// Signals besides the one that is the example of the message itself.
const SIGNAL: [&str; 2] = ["typing", "live_text"];

// A new variant must not compile until it has a name here, and with it a file.
const _: fn(&ClientBody) -> &'static str = |body| match body {
    ClientBody::Hello { .. } => CLIENT[0],
    ClientBody::Offer { .. } => CLIENT[1],
    ClientBody::Wish { .. } => CLIENT[2],
    ClientBody::Ping => CLIENT[3],
    ClientBody::Leave => CLIENT[4],
    ClientBody::End => CLIENT[5],
    ClientBody::Publish { .. } => CLIENT[6],
    ClientBody::Stop { .. } => CLIENT[7],
    ClientBody::Mute { .. } => CLIENT[8],
    ClientBody::Unmute => CLIENT[9],
    ClientBody::RaiseHand => CLIENT[10],
    ClientBody::LowerHand { .. } => CLIENT[11],
    ClientBody::Chat { .. } => CLIENT[12],
    ClientBody::GivePresenter { .. } => CLIENT[13],
    ClientBody::SetLock { .. } => CLIENT[14],
    ClientBody::Admit { .. } => CLIENT[15],
    ClientBody::AdmitAll => CLIENT[16],
    ClientBody::Deny { .. } => CLIENT[17],
    ClientBody::SetGuests { .. } => CLIENT[18],
    ClientBody::SetLobbyMessage { .. } => CLIENT[19],
    ClientBody::SetJoinMuted { .. } => CLIENT[20],
    ClientBody::Remove { .. } => CLIENT[21],
    ClientBody::RotateLink => CLIENT[22],
    ClientBody::Spotlight { .. } => CLIENT[23],
    ClientBody::AskToUnmute { .. } => CLIENT[30],
    ClientBody::MuteAll { .. } => CLIENT[31],
    ClientBody::TakePresenter => CLIENT[32],
    ClientBody::AskToPresent => CLIENT[33],
    ClientBody::DeclinePresenter { .. } => CLIENT[34],
    ClientBody::Promote { .. } => CLIENT[35],
    ClientBody::Demote { .. } => CLIENT[36],
    ClientBody::SetException { .. } => CLIENT[37],
    ClientBody::Rename { .. } => CLIENT[38],
    ClientBody::Report { .. } => CLIENT[39],
    ClientBody::SetMinuteTaker { .. } => CLIENT[40],
    ClientBody::SetInterpreter { .. } => CLIENT[41],
    ClientBody::EditChat { .. } => CLIENT[24],
    ClientBody::DeleteChat { .. } => CLIENT[25],
    ClientBody::ReactChat { .. } => CLIENT[26],
    ClientBody::ClearChat => CLIENT[27],
    ClientBody::Typing { .. } => CLIENT[28],
    ClientBody::LiveText { .. } => CLIENT[29],
    ClientBody::SetAway { .. } => CLIENT[42],
    ClientBody::StartPoll { .. } => CLIENT[43],
    ClientBody::Vote { .. } => CLIENT[44],
    ClientBody::ClosePoll { .. } => CLIENT[45],
    ClientBody::PublishPoll { .. } => CLIENT[46],
    ClientBody::WithdrawPoll { .. } => CLIENT[47],
};

const _: fn(&ServerMessage) -> &'static str = |message| match message {
    ServerMessage::Welcome { .. } => SERVER[0],
    ServerMessage::Done { .. } => SERVER[1],
    ServerMessage::Refused { .. } => SERVER[2],
    ServerMessage::Answer { .. } => SERVER[3],
    ServerMessage::Slots { .. } => SERVER[4],
    ServerMessage::Speaking { .. } => SERVER[5],
    ServerMessage::Bye { .. } => SERVER[6],
    ServerMessage::Waiting { .. } => SERVER[7],
    ServerMessage::Lobby { .. } => SERVER[8],
    ServerMessage::Layers { .. } => SERVER[9],
    ServerMessage::Quality { .. } => SERVER[10],
    ServerMessage::GuestLink { .. } => SERVER[11],
    ServerMessage::Storage { .. } => SERVER[12],
    ServerMessage::Withheld { .. } => SERVER[13],
    ServerMessage::Room { .. } => SERVER[15],
    ServerMessage::Signal { signal } => match signal {
        RoomSignal::AskedToUnmute { .. } => SERVER[14],
        RoomSignal::Typing { .. } => SIGNAL[0],
        RoomSignal::LiveText { .. } => SIGNAL[1],
    },
    ServerMessage::Event(frame) => match frame.event {
        RoomEvent::Joined { .. } => EVENT[0],
        RoomEvent::LinkLost { .. } => EVENT[1],
        RoomEvent::Rejoined { .. } => EVENT[2],
        RoomEvent::Left { .. } => EVENT[3],
        RoomEvent::Published { .. } => EVENT[4],
        RoomEvent::Stopped { .. } => EVENT[5],
        RoomEvent::Muted { .. } => EVENT[6],
        RoomEvent::Unmuted { .. } => EVENT[7],
        RoomEvent::HandRaised { .. } => EVENT[8],
        RoomEvent::HandLowered { .. } => EVENT[9],
        RoomEvent::Chat { .. } => EVENT[10],
        RoomEvent::Presenter { .. } => EVENT[11],
        RoomEvent::Lock { .. } => EVENT[12],
        RoomEvent::Ended { .. } => EVENT[13],
        RoomEvent::Waiting { .. } => EVENT[14],
        RoomEvent::WaitingLink { .. } => EVENT[15],
        RoomEvent::WaitEnded { .. } => EVENT[16],
        RoomEvent::Guests { .. } => EVENT[17],
        RoomEvent::LobbyMessage { .. } => EVENT[18],
        RoomEvent::JoinMuted { .. } => EVENT[19],
        RoomEvent::LinkRotated { .. } => EVENT[20],
        RoomEvent::Spotlight { .. } => EVENT[21],
        RoomEvent::Role { .. } => EVENT[22],
        RoomEvent::Renamed { .. } => EVENT[23],
        RoomEvent::PresenterAsked { .. } => EVENT[24],
        RoomEvent::PresenterAskEnded { .. } => EVENT[25],
        RoomEvent::Exception { .. } => EVENT[26],
        RoomEvent::MinuteTaker { .. } => EVENT[27],
        RoomEvent::Interpreter { .. } => EVENT[28],
        RoomEvent::ChatEdited { .. } => EVENT[29],
        RoomEvent::ChatDeleted { .. } => EVENT[30],
        RoomEvent::ChatReacted { .. } => EVENT[31],
        RoomEvent::ChatCleared { .. } => EVENT[32],
        RoomEvent::Away { .. } => EVENT[33],
        RoomEvent::PollStarted { .. } => EVENT[34],
        RoomEvent::Voted { .. } => EVENT[35],
        RoomEvent::PollTurnout { .. } => EVENT[36],
        RoomEvent::PollClosed { .. } => EVENT[37],
        RoomEvent::PollPublished { .. } => EVENT[38],
        RoomEvent::PollWithdrawn { .. } => EVENT[39],
    },
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Reads the example as `T`, writes it again, and expects the same JSON; returns it.
fn unchanged<T: DeserializeOwned + Serialize>(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json")))
        .unwrap_or_else(|error| panic!("{name}.json: {error}"));
    let written: Value = serde_json::from_str(&text).expect("fixtures are JSON");
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&read).expect("messages are JSON"), written, "{name}");
    written
}

#[test]
fn every_message_reads_and_writes_unchanged() {
    for kind in CLIENT {
        assert_eq!(unchanged::<ClientMessage>(&format!("client-{kind}"))["type"], kind);
    }
    for kind in SERVER {
        assert_eq!(unchanged::<ServerMessage>(&format!("server-{kind}"))["type"], kind);
    }
    for kind in EVENT {
        assert_eq!(unchanged::<ServerMessage>(&format!("event-{kind}"))["event"]["type"], kind);
    }
    for kind in SIGNAL {
        assert_eq!(unchanged::<ServerMessage>(&format!("signal-{kind}"))["signal"]["type"], kind);
    }
    unchanged::<ServerMessage>("server-welcome-resumed");
    unchanged::<rest::About>("rest-about");
    unchanged::<rest::NewRoom>("rest-new-room");
    unchanged::<rest::RoomMade>("rest-room-made");
    unchanged::<rest::LookRequest>("rest-look-request");
    unchanged::<rest::Look>("rest-look");
    unchanged::<rest::TokenRequest>("rest-token-request");
    unchanged::<rest::TokenMade>("rest-token-made");
    unchanged::<rest::GrantRequest>("rest-grant-request");
}

#[test]
fn no_example_belongs_to_a_message_that_is_gone() {
    let mut known: BTreeSet<String> = BTreeSet::from(["server-welcome-resumed".to_owned()]);
    known.extend(CLIENT.map(|kind| format!("client-{kind}")));
    known.extend(SERVER.map(|kind| format!("server-{kind}")));
    known.extend(SIGNAL.map(|kind| format!("signal-{kind}")));
    known.extend(EVENT.map(|kind| format!("event-{kind}")));
    for file in std::fs::read_dir(folder()).expect("the folder is there") {
        let path = file.expect("the folder can be read").path();
        let name = path.file_stem().expect("files have names").to_string_lossy().into_owned();
        assert!(name.starts_with("rest-") || known.contains(&name), "{name} is of no message");
    }
}
