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
use crate::vote;

/// A list of names, one for each variant: a new one must not compile until it has a name
/// here, and with it a file.
macro_rules! named {
    ($list:ident: $of:ident, $($variant:ident => $name:literal,)*) => {
        const $list: &[&str] = &[$($name),*];
        const _: fn(&$of) -> &'static str = |one| match one {
            $($of::$variant { .. } => $name,)*
        };
    };
}

named!(
    CLIENT: ClientBody,
    Hello => "hello",
    Offer => "offer",
    Wish => "wish",
    Ping => "ping",
    Leave => "leave",
    End => "end",
    Publish => "publish",
    Stop => "stop",
    Mute => "mute",
    Unmute => "unmute",
    RaiseHand => "raise_hand",
    LowerHand => "lower_hand",
    LowerAllHands => "lower_all_hands",
    React => "react",
    SetTimer => "set_timer",
    PauseTimer => "pause_timer",
    ResumeTimer => "resume_timer",
    StopTimer => "stop_timer",
    Pick => "pick",
    Chat => "chat",
    GivePresenter => "give_presenter",
    SetLock => "set_lock",
    Admit => "admit",
    AdmitAll => "admit_all",
    Deny => "deny",
    SetGuests => "set_guests",
    SetLobbyMessage => "set_lobby_message",
    SetJoinMuted => "set_join_muted",
    Remove => "remove",
    RotateLink => "rotate_link",
    Spotlight => "spotlight",
    EditChat => "edit_chat",
    DeleteChat => "delete_chat",
    ReactChat => "react_chat",
    ClearChat => "clear_chat",
    OfferFile => "offer_file",
    FileToken => "file_token",
    DeleteFile => "delete_file",
    Typing => "typing",
    LiveText => "live_text",
    AskToUnmute => "ask_to_unmute",
    MuteAll => "mute_all",
    TakePresenter => "take_presenter",
    AskToPresent => "ask_to_present",
    DeclinePresenter => "decline_presenter",
    Promote => "promote",
    Demote => "demote",
    SetException => "set_exception",
    Rename => "rename",
    Report => "report",
    ShareLayout => "share_layout",
    SetMinuteTaker => "set_minute_taker",
    WriteMinutes => "write_minutes",
    ReleaseMinutes => "release_minutes",
    ShowAttendance => "show_attendance",
    ShowLearning => "show_learning",
    ShowOwnLearning => "show_own_learning",
    SetInterpreter => "set_interpreter",
    SetAway => "set_away",
    SetCaptionWriter => "set_caption_writer",
    DraftCaption => "draft_caption",
    WriteCaption => "write_caption",
    CorrectCaption => "correct_caption",
    ShowChat => "show_chat",
    SaveCaptions => "save_captions",
    StartPoll => "start_poll",
    Vote => "vote",
    AnswerPoll => "answer_poll",
    ClosePoll => "close_poll",
    PublishPoll => "publish_poll",
    PutPollAway => "put_poll_away",
    WithdrawPoll => "withdraw_poll",
    OpenBreakouts => "open_breakouts",
    AssignBreakout => "assign_breakout",
    EnterBreakout => "enter_breakout",
    CallHelp => "call_help",
    ExtendBreakouts => "extend_breakouts",
    TellBreakouts => "tell_breakouts",
    CloseBreakouts => "close_breakouts",
    OpenVote => "open_vote",
    TakeBallot => "take_ballot",
    CloseVote => "close_vote",
);

named!(
    SERVER: ServerMessage,
    Welcome => "welcome",
    Done => "done",
    Refused => "refused",
    Answer => "answer",
    Slots => "slots",
    Speaking => "speaking",
    Bye => "bye",
    Waiting => "waiting",
    Lobby => "lobby",
    Layers => "layers",
    Quality => "quality",
    GuestLink => "guest_link",
    BreakoutPass => "breakout_pass",
    Upload => "upload",
    FileToken => "file_token",
    Ballot => "ballot",
    Storage => "storage",
    Withheld => "withheld",
    Signal => "signal",
    Room => "room",
    Event => "event",
);

named!(
    EVENT: RoomEvent,
    Joined => "joined",
    Shown => "shown",
    LinkLost => "link_lost",
    Rejoined => "rejoined",
    Left => "left",
    Published => "published",
    Stopped => "stopped",
    Muted => "muted",
    Unmuted => "unmuted",
    HandRaised => "hand_raised",
    HandLowered => "hand_lowered",
    Chat => "chat",
    Presenter => "presenter",
    Lock => "lock",
    Ended => "ended",
    Waiting => "waiting",
    WaitingLink => "waiting_link",
    WaitEnded => "wait_ended",
    Guests => "guests",
    LobbyMessage => "lobby_message",
    JoinMuted => "join_muted",
    LinkRotated => "link_rotated",
    Spotlight => "spotlight",
    Role => "role",
    Renamed => "renamed",
    PresenterAsked => "presenter_asked",
    PresenterAskEnded => "presenter_ask_ended",
    Exception => "exception",
    Layout => "layout",
    MinuteTaker => "minute_taker",
    MinutesWritten => "minutes_written",
    MinutesReleased => "minutes_released",
    Interpreter => "interpreter",
    ChatEdited => "chat_edited",
    ChatDeleted => "chat_deleted",
    ChatReacted => "chat_reacted",
    ChatCleared => "chat_cleared",
    FileShared => "file_shared",
    FileDeleted => "file_deleted",
    Away => "away",
    CaptionWriter => "caption_writer",
    CaptionWriterEnded => "caption_writer_ended",
    Caption => "caption",
    CaptionCorrected => "caption_corrected",
    TimerSet => "timer_set",
    TimerPaused => "timer_paused",
    TimerResumed => "timer_resumed",
    TimerStopped => "timer_stopped",
    Picked => "picked",
    PollStarted => "poll_started",
    Voted => "voted",
    PollKeySet => "poll_key_set",
    PollAnswered => "poll_answered",
    PollTurnout => "poll_turnout",
    PollClosed => "poll_closed",
    PollTallied => "poll_tallied",
    PollPublished => "poll_published",
    PollPutAway => "poll_put_away",
    PollWithdrawn => "poll_withdrawn",
    BreakoutsOpened => "breakouts_opened",
    BreakoutAssigned => "breakout_assigned",
    BreakoutEntered => "breakout_entered",
    BreakoutLeft => "breakout_left",
    HelpCalled => "help_called",
    HelpEnded => "help_ended",
    BreakoutsExtended => "breakouts_extended",
    BreakoutsTold => "breakouts_told",
    BreakoutsClosed => "breakouts_closed",
    LocksInherited => "locks_inherited",
    ExceptionsInherited => "exceptions_inherited",
    VoteOpened => "vote_opened",
    VoteTurnout => "vote_turnout",
    VoteClosing => "vote_closing",
    VoteClosed => "vote_closed",
);

named!(
    SIGNAL: RoomSignal,
    AskedToUnmute => "asked_to_unmute",
    Typing => "typing",
    LiveText => "live_text",
    Reacted => "reacted",
    Attendance => "attendance",
    Learning => "learning",
    OwnLearning => "own_learning",
    PollTurnout => "poll_turnout",
    Caption => "caption",
    Chat => "chat",
    CaptionText => "caption_text",
);

/// What these carry has names of its own, and examples under those.
const IN_PARTS: [&str; 2] = ["signal", "event"];

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
        assert_eq!(unchanged::<ClientMessage>(&format!("client-{kind}"))["type"], *kind);
    }
    for kind in SERVER.iter().filter(|kind| !IN_PARTS.contains(kind)) {
        assert_eq!(unchanged::<ServerMessage>(&format!("server-{kind}"))["type"], *kind);
    }
    for kind in EVENT {
        assert_eq!(unchanged::<ServerMessage>(&format!("event-{kind}"))["event"]["type"], *kind);
    }
    for kind in SIGNAL {
        assert_eq!(unchanged::<ServerMessage>(&format!("signal-{kind}"))["signal"]["type"], *kind);
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
    unchanged::<rest::ReportMade>("rest-report-made");
    unchanged::<vote::SecretBallot>("rest-secret-ballot");
    unchanged::<vote::BallotReceipt>("rest-ballot-receipt");
    unchanged::<vote::VoteList>("rest-vote-list");
}

#[test]
fn no_example_belongs_to_a_message_that_is_gone() {
    let mut known: BTreeSet<String> = BTreeSet::from(["server-welcome-resumed".to_owned()]);
    known.extend(CLIENT.iter().map(|kind| format!("client-{kind}")));
    known.extend(SERVER.iter().map(|kind| format!("server-{kind}")));
    known.extend(SIGNAL.iter().map(|kind| format!("signal-{kind}")));
    known.extend(EVENT.iter().map(|kind| format!("event-{kind}")));
    for file in std::fs::read_dir(folder()).expect("the folder is there") {
        let path = file.expect("the folder can be read").path();
        let name = path.file_stem().expect("files have names").to_string_lossy().into_owned();
        assert!(name.starts_with("rest-") || known.contains(&name), "{name} is of no message");
    }
}
