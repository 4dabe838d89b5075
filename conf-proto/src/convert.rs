//! From the wire to commands, and from events to the wire: one direction per type.

mod breakout;
mod chat;
mod file;
mod papers;
mod person;
mod poll;
#[cfg(test)]
mod tests;
mod vote;

use conf_core::event::{EndReason, FileTaken, LeaveReason};
use conf_core::id::{MeetingId, ParticipantId};
use conf_core::text::{
    ChatText, DisplayName, FileName, MinutesText, PollQuestion, PollText, ReportText, TextError,
};
use conf_core::view::{self, Place, TimerView, View};
use conf_core::{Command, Denied, Entry, Event, Personal, Signal, Span};

use self::breakout::{breakouts_opened, breakouts_seen, planned};
use self::chat::{chat_line, chat_page, older_chat};
use self::papers::{attendance, figures, learning, minutes};
use self::person::{arrived, lobby_entry, participant, waits};
use self::poll::{answers_meant, poll_event, poll_seen};
use self::vote::vote_event;
use crate::caption::{self, CaptionLine, CaptionWriter};
use crate::chat::ChatLine;
use crate::client::ClientBody;
use crate::error::Problem;
use crate::lobby::WaitReason;
use crate::server::{EventFrame, RoomEvent, ServerMessage};
use crate::signal::RoomSignal;
use crate::tools::{Picked, Timer};
use crate::view::{RoomView, SharedLayout};
use crate::vote::SecretVote;

/// What a client's message means to the meeting.
#[derive(Debug)]
pub enum Meaning {
    /// A command for the meeting.
    Command(Command),
    /// Something the session itself answers (`hello`, `offer`, `wish`, `ping`).
    Session(ClientBody),
}

/// Reads a client's message as a command.
///
/// # Errors
/// When a text in it is empty or too long.
pub fn meaning(body: ClientBody) -> Result<Meaning, Problem> {
    Ok(Meaning::Command(match body {
        ClientBody::Leave => Command::Leave,
        ClientBody::End => Command::End,
        ClientBody::Publish { source } => Command::Publish { source },
        ClientBody::Stop { target, source } => Command::Stop { target, source },
        ClientBody::Mute { target } => Command::Mute { target },
        ClientBody::MuteAll { but_presenter } => Command::MuteAll { but_presenter },
        ClientBody::Unmute => Command::Unmute,
        ClientBody::AskToUnmute { target } => Command::AskToUnmute { target },
        ClientBody::RaiseHand => Command::RaiseHand,
        ClientBody::LowerHand { target } => Command::LowerHand { target },
        ClientBody::LowerAllHands => Command::LowerAllHands,
        ClientBody::React { reaction } => Command::React { reaction },
        ClientBody::Chat { text, to, answers } => {
            Command::SendChat { text: ChatText::new(&text).map_err(text_problem)?, to, answers }
        }
        ClientBody::Rename { target, name } => {
            Command::Rename { target, name: DisplayName::new(&name).map_err(text_problem)? }
        }
        ClientBody::Report { target, text } => {
            Command::Report { target, text: ReportText::new(&text).map_err(text_problem)? }
        }
        ClientBody::EditChat { message, text } => {
            Command::EditChat { message, text: ChatText::new(&text).map_err(text_problem)? }
        }
        ClientBody::DeleteChat { message } => Command::DeleteChat { message },
        ClientBody::ReactChat { message, reaction, on } => {
            Command::ReactChat { message, reaction, on }
        }
        ClientBody::ClearChat => Command::ClearChat,
        ClientBody::OfferFile { name, bytes, to } => {
            Command::OfferFile { name: FileName::new(&name).map_err(text_problem)?, bytes, to }
        }
        ClientBody::DeleteFile { file } => Command::DeleteFile { file },
        ClientBody::Typing { to } => Command::Typing { to },
        ClientBody::LiveText { text } => Command::LiveText {
            text: text.map(|text| ChatText::new(&text)).transpose().map_err(text_problem)?,
        },
        ClientBody::SetCaptionWriter { language, target } => {
            Command::SetCaptionWriter { language, target }
        }
        ClientBody::DraftCaption { language, text } => Command::DraftCaption {
            language,
            text: text.as_deref().map(caption::words).transpose()?,
        },
        ClientBody::WriteCaption { language, text } => {
            Command::WriteCaption { language, text: caption::words(&text)? }
        }
        ClientBody::CorrectCaption { line, text } => {
            Command::CorrectCaption { line, text: caption::words(&text)? }
        }
        ClientBody::ShowChat { with, before } => Command::ShowChat { with, before },
        ClientBody::SaveCaptions { language } => Command::SaveCaptions { language },
        ClientBody::StartPoll { question, answers, several, anonymous, right } => {
            Command::StartPoll {
                question: PollQuestion::new(&question).map_err(text_problem)?,
                answers: answers_meant(answers).map_err(text_problem)?,
                several,
                anonymous,
                right,
            }
        }
        ClientBody::Vote { poll, choices } => Command::Vote { poll, choices },
        ClientBody::AnswerPoll { poll, text } => {
            Command::AnswerPoll { poll, text: PollText::new(&text).map_err(text_problem)? }
        }
        ClientBody::ClosePoll { poll } => Command::ClosePoll { poll },
        ClientBody::PublishPoll { poll } => Command::PublishPoll { poll },
        ClientBody::PutPollAway { poll } => Command::PutPollAway { poll },
        ClientBody::WithdrawPoll { poll } => Command::WithdrawPoll { poll },
        ClientBody::OpenBreakouts { breakouts, choice, minutes } => Command::OpenBreakouts {
            breakouts: breakouts
                .into_iter()
                .map(planned)
                .collect::<Result<_, _>>()
                .map_err(text_problem)?,
            choice,
            minutes,
        },
        ClientBody::AssignBreakout { target, breakout } => {
            Command::AssignBreakout { target, breakout }
        }
        ClientBody::EnterBreakout { breakout } => Command::EnterBreakout { breakout },
        ClientBody::CallHelp => Command::CallHelp,
        ClientBody::ExtendBreakouts { minutes } => Command::ExtendBreakouts { minutes },
        ClientBody::TellBreakouts { text } => {
            Command::TellBreakouts { text: ChatText::new(&text).map_err(text_problem)? }
        }
        ClientBody::CloseBreakouts => Command::CloseBreakouts,
        ClientBody::CloseVote { vote } => Command::CloseVote { vote },
        ClientBody::GivePresenter { target } => Command::GivePresenter { target },
        ClientBody::TakePresenter => Command::TakePresenter,
        ClientBody::AskToPresent => Command::AskToPresent,
        ClientBody::DeclinePresenter { target } => Command::DeclinePresenter { target },
        ClientBody::Promote { target } => Command::Promote { target },
        ClientBody::Demote { target } => Command::Demote { target },
        ClientBody::SetException { target, lock, on } => Command::SetException { target, lock, on },
        ClientBody::SetLock { lock, on } => Command::SetLock { lock, on },
        ClientBody::Admit { target } => Command::Admit { target },
        ClientBody::AdmitAll => Command::AdmitAll,
        ClientBody::Deny { target } => Command::Deny { target },
        ClientBody::SetGuests { policy } => Command::SetGuests { policy },
        ClientBody::SetLobbyMessage { text } => Command::SetLobbyMessage {
            text: text.map(|text| ChatText::new(&text)).transpose().map_err(text_problem)?,
        },
        ClientBody::SetJoinMuted { on } => Command::SetJoinMuted { on },
        ClientBody::Remove { target, ban } => Command::Remove { target, ban },
        ClientBody::RotateLink => Command::RotateLink,
        ClientBody::Spotlight { target } => Command::SetSpotlight { target },
        ClientBody::ShareLayout { layout } => Command::ShareLayout { layout },
        ClientBody::SetMinuteTaker { target } => Command::SetMinuteTaker { target },
        ClientBody::WriteMinutes { text, over } => {
            let blank = text.trim().is_empty();
            let text = (!blank).then(|| MinutesText::new(&text)).transpose();
            Command::WriteMinutes { text: text.map_err(text_problem)?, over }
        }
        ClientBody::ReleaseMinutes { on } => Command::ReleaseMinutes { on },
        ClientBody::ShowAttendance { from } => Command::ShowAttendance { from },
        ClientBody::ShowLearning { from } => Command::ShowLearning { from },
        ClientBody::ShowOwnLearning => Command::ShowOwnLearning,
        ClientBody::SetTimer { span, runs } => Command::SetTimer { span: span.map(Span), runs },
        ClientBody::PauseTimer => Command::PauseTimer,
        ClientBody::ResumeTimer => Command::ResumeTimer,
        ClientBody::StopTimer => Command::StopTimer,
        ClientBody::Pick { moderators } => Command::Pick { moderators },
        ClientBody::SetAway { on } => Command::SetAway { on },
        ClientBody::SetInterpreter { target, on } => Command::SetInterpreter { target, on },
        other => return Ok(Meaning::Session(other)),
    }))
}

/// A bad text as a problem.
#[must_use]
pub fn text_problem(error: TextError) -> Problem {
    let detail = error.to_string();
    match error {
        TextError::Empty { max, .. } => Problem::new("text_empty", detail).with("max", max),
        TextError::TooLong { found, max, .. } => {
            Problem::new("text_too_long", detail).with("found", found).with("max", max)
        }
    }
}

/// A refusal as a problem.
#[must_use]
pub fn denied_problem(denied: &Denied) -> Problem {
    let problem = Problem::new(denied.code(), denied.to_string());
    match denied {
        Denied::Full { max }
        | Denied::TooFast { max }
        | Denied::TooManyReactions { max }
        | Denied::TooManyLanguages { max }
        | Denied::PollChoices { max }
        | Denied::PollFull { max }
        | Denied::BreakoutCount { max }
        | Denied::BreakoutMinutes { max }
        | Denied::TooManyFiles { max }
        | Denied::UploadsRunning { max }
        | Denied::VoteChoices { max }
        | Denied::LobbyFull { max } => problem.with("max", max),
        Denied::FileTooLarge { max } | Denied::FilesFull { max } => problem.with("max", max),
        Denied::ClaimRefused { reason } => problem.with("reason", reason),
        _ => problem,
    }
}

/// An entry of the journal as clients see it; `None` for what clients are not told.
///
/// `name_of` gives the name under which a chat message is shown.
#[must_use]
pub fn event_frame(
    entry: &Entry,
    name_of: impl Fn(ParticipantId) -> Option<String>,
) -> Option<EventFrame> {
    let event = match &entry.event {
        Event::Opened { .. } => return None,
        Event::Joined(who) => RoomEvent::Joined { participant: arrived(who) },
        Event::Rejoined { participant, .. } => RoomEvent::Rejoined { participant: *participant },
        Event::LinkLost { participant, .. } => RoomEvent::LinkLost { participant: *participant },
        Event::Left { participant, reason } => {
            let removed_by = match reason {
                LeaveReason::Removed { by, .. } => Some(*by),
                _ => None,
            };
            RoomEvent::Left { participant: *participant, removed_by }
        }
        Event::RoleChanged { participant, role, by } => {
            RoomEvent::Role { participant: *participant, role: *role, by: *by }
        }
        Event::Renamed { participant, name, by } => RoomEvent::Renamed {
            participant: *participant,
            name: text_of(name, |n| n.as_str()),
            by: *by,
        },
        Event::Published { participant, source } => {
            RoomEvent::Published { participant: *participant, source: *source }
        }
        Event::Stopped { participant, source, by } => {
            RoomEvent::Stopped { participant: *participant, source: *source, by: *by }
        }
        Event::Muted { participant, by } => RoomEvent::Muted { participant: *participant, by: *by },
        Event::Unmuted { participant } => RoomEvent::Unmuted { participant: *participant },
        Event::HandRaised { participant } => RoomEvent::HandRaised { participant: *participant },
        Event::HandLowered { participant, by } => {
            RoomEvent::HandLowered { participant: *participant, by: *by }
        }
        Event::ChatSent { message, from, text, to, answers } => RoomEvent::Chat {
            line: ChatLine {
                id: *message,
                from: *from,
                name: name_of(*from),
                text: text_of(text, |t| t.as_str()),
                at: entry.at.0,
                to: *to,
                to_name: to.and_then(name_of),
                answers: *answers,
                edited_at: None,
                deleted_by: None,
                reactions: Vec::new(),
            },
        },
        Event::ChatEdited { message, text, .. } => {
            RoomEvent::ChatEdited { message: *message, text: text_of(text, |t| t.as_str()) }
        }
        Event::ChatDeleted { message, by, .. } => {
            RoomEvent::ChatDeleted { message: *message, by: *by }
        }
        Event::ChatReacted { message, by, reaction, on } => {
            RoomEvent::ChatReacted { message: *message, by: *by, reaction: *reaction, on: *on }
        }
        Event::ChatCleared { by, .. } => RoomEvent::ChatCleared { by: *by },
        Event::FileShared(handed) => {
            RoomEvent::FileShared { file: file::handed(handed, entry.at, &name_of) }
        }
        Event::FileDeleted(FileTaken { file, by, .. }) => {
            RoomEvent::FileDeleted { file: *file, by: *by }
        }
        Event::PollStarted { .. }
        | Event::Voted { .. }
        | Event::PollKeySet(_)
        | Event::PollAnswered(_)
        | Event::PollTurnout { .. }
        | Event::PollClosed(_)
        | Event::PollTallied(_)
        | Event::PollPublished(_)
        | Event::PollPutAway(_)
        | Event::PollWithdrawn(_) => poll_event(entry)?,
        Event::VoteOpened(_)
        | Event::BallotGiven(_)
        | Event::BallotsCounted(_)
        | Event::VoteClosing(_)
        | Event::VoteClosed(_) => vote_event(entry)?,
        Event::CaptionWriterSet { language, participant, by } => {
            RoomEvent::CaptionWriter { writer: CaptionWriter::new(language, *participant), by: *by }
        }
        Event::CaptionWriterEnded { language, participant, by } => RoomEvent::CaptionWriterEnded {
            writer: CaptionWriter::new(language, *participant),
            by: *by,
        },
        Event::CaptionWritten { line, by, language, text } => RoomEvent::Caption {
            line: CaptionLine {
                id: *line,
                by: *by,
                language: language.clone(),
                at: entry.at.0,
                text: text_of(text, |t| t.as_str()),
            },
        },
        Event::CaptionCorrected { line, text, .. } => {
            RoomEvent::CaptionCorrected { line: *line, text: text_of(text, |t| t.as_str()) }
        }
        Event::BreakoutsOpened { breakouts, choice, until, .. } => {
            RoomEvent::BreakoutsOpened { breakouts: breakouts_opened(breakouts, *choice, *until) }
        }
        Event::BreakoutAssigned { participant, breakout, by } => {
            RoomEvent::BreakoutAssigned { participant: *participant, breakout: *breakout, by: *by }
        }
        Event::BreakoutEntered { participant, breakout } => {
            RoomEvent::BreakoutEntered { participant: *participant, breakout: *breakout }
        }
        Event::BreakoutLeft { participant, breakout } => {
            RoomEvent::BreakoutLeft { participant: *participant, breakout: *breakout }
        }
        Event::HelpCalled { participant, breakout } => {
            RoomEvent::HelpCalled { participant: *participant, breakout: *breakout }
        }
        Event::HelpEnded { participant, breakout, by } => {
            RoomEvent::HelpEnded { participant: *participant, breakout: *breakout, by: *by }
        }
        Event::BreakoutsExtended { until, by } => {
            RoomEvent::BreakoutsExtended { until: until.0, by: *by }
        }
        Event::BreakoutsTold { by, text } => RoomEvent::BreakoutsTold {
            by: *by,
            name: name_of(*by),
            text: text_of(text, |t| t.as_str()),
        },
        Event::BreakoutsClosed { by } => RoomEvent::BreakoutsClosed { by: *by },
        Event::LocksInherited { locks, .. } => {
            RoomEvent::LocksInherited { locks: locks.iter().collect() }
        }
        Event::ExceptionsInherited(lifted) => RoomEvent::ExceptionsInherited(lifted.into()),
        Event::PresenterChanged { presenter, .. } => {
            RoomEvent::Presenter { participant: *presenter }
        }
        Event::PresenterAsked { participant } => {
            RoomEvent::PresenterAsked { participant: *participant }
        }
        Event::PresenterAskEnded { participant, by } => {
            RoomEvent::PresenterAskEnded { participant: *participant, by: *by }
        }
        Event::ExceptionChanged { participant, lock, on, by } => {
            RoomEvent::Exception { participant: *participant, lock: *lock, on: *on, by: *by }
        }
        Event::LockChanged { lock, on, by } => RoomEvent::Lock { lock: *lock, on: *on, by: *by },
        Event::WaitBegan(who) => RoomEvent::Waiting { entry: waits(who, entry.at) },
        Event::WaitResumed { participant, .. } => {
            RoomEvent::WaitingLink { participant: *participant, connected: true }
        }
        Event::WaitLinkLost { participant, .. } => {
            RoomEvent::WaitingLink { participant: *participant, connected: false }
        }
        Event::WaitEnded { participant, .. } => RoomEvent::WaitEnded { participant: *participant },
        Event::GuestsSet { policy, by } => RoomEvent::Guests { policy: *policy, by: *by },
        Event::LobbyMessageSet { text, .. } => RoomEvent::LobbyMessage {
            text: text.as_ref().and_then(|text| text_of(text, |t| t.as_str())),
        },
        Event::JoinMutedSet { on, .. } => RoomEvent::JoinMuted { on: *on },
        Event::LinkRotated { by, .. } => RoomEvent::LinkRotated { by: *by },
        Event::SpotlightChanged { participant, .. } => {
            RoomEvent::Spotlight { participant: *participant }
        }
        Event::LayoutShared { layout, by } => RoomEvent::Layout { layout: *layout, by: *by },
        Event::MinutesWritten { by, text, version, .. } => RoomEvent::MinutesWritten {
            by: *by,
            text: text.as_ref().and_then(|text| text_of(text, |t| t.as_str())),
            version: *version,
        },
        Event::MinutesReleased { on, by } => RoomEvent::MinutesReleased { on: *on, by: *by },
        Event::MinuteTakerChanged { participant, .. } => {
            RoomEvent::MinuteTaker { participant: *participant }
        }
        Event::InterpreterChanged { participant, on, .. } => {
            RoomEvent::Interpreter { participant: *participant, on: *on }
        }
        Event::TimerSet { span, runs, .. } => {
            RoomEvent::TimerSet { span: span.map(|span| span.0), runs: *runs }
        }
        Event::TimerPaused { .. } => RoomEvent::TimerPaused,
        Event::TimerResumed { .. } => RoomEvent::TimerResumed,
        Event::TimerStopped { .. } => RoomEvent::TimerStopped,
        Event::Picked { participant, by, .. } => {
            RoomEvent::Picked { participant: *participant, by: *by }
        }
        Event::AwayChanged { participant, on } => {
            RoomEvent::Away { participant: *participant, on: *on }
        }
        Event::Ended { reason, .. } => RoomEvent::Ended {
            reason: match reason {
                EndReason::EndedByModerator => "ended_by_moderator",
                EndReason::Empty => "empty",
                EndReason::Unattended => "unattended",
                EndReason::CalledBack => "called_back",
                _ => "time_limit",
            }
            .to_owned(),
        },
        _ => return None,
    };
    Some(EventFrame { seq: entry.seq, at: entry.at.0, event })
}

/// Of whom one knows from now on, and of whom no longer, as clients see it.
#[must_use]
pub fn shown_frame(shown: &view::Shown) -> EventFrame {
    EventFrame { seq: shown.seq, at: shown.at.0, event: RoomEvent::Shown(person::shown(shown)) }
}

/// A signal as clients see it; `None` for what clients are not told.
#[must_use]
pub fn room_signal(signal: &Signal) -> Option<RoomSignal> {
    Some(match signal {
        Signal::AskedToUnmute { by } => RoomSignal::AskedToUnmute { by: *by },
        Signal::Typing { by, to } => RoomSignal::Typing { by: *by, to: *to },
        Signal::LiveText { by, text } => RoomSignal::LiveText {
            by: *by,
            text: text.as_ref().map(|text| text.as_str().to_owned()),
        },
        Signal::Reacted { by, reaction } => RoomSignal::Reacted { by: *by, reaction: *reaction },
        Signal::Chat(page) => chat_page(page),
        Signal::Attendance(page) => attendance(page),
        Signal::Learning(page) => learning(page),
        Signal::OwnLearning(own) => RoomSignal::OwnLearning { figures: figures(own) },
        Signal::PollTurnout { poll, voted } => {
            RoomSignal::PollTurnout { poll: *poll, voted: *voted }
        }
        Signal::Caption { .. } | Signal::CaptionText { .. } => return caption::signal(signal),
        _ => return None,
    })
}

/// The answer to a `hello` that has to wait.
#[must_use]
pub fn waiting(
    re: u32,
    meeting: MeetingId,
    participant: ParticipantId,
    place: &Place,
) -> ServerMessage {
    ServerMessage::Waiting {
        re,
        participant,
        meeting,
        reason: wait_reason(place.reason),
        position: place.position,
        message: place.message.as_ref().map(|text| text.as_str().to_owned()),
    }
}

/// News for a session in the lobby.
#[must_use]
pub fn lobby(place: &Place) -> ServerMessage {
    ServerMessage::Lobby {
        reason: wait_reason(place.reason),
        position: place.position,
        message: place.message.as_ref().map(|text| text.as_str().to_owned()),
    }
}

const fn wait_reason(reason: view::WaitReason) -> WaitReason {
    match reason {
        view::WaitReason::Guest => WaitReason::Guest,
        view::WaitReason::NoModerator => WaitReason::NoModerator,
    }
}

/// A view as clients see it.
#[must_use]
pub fn room_view(view: &View) -> RoomView {
    RoomView {
        room: view.room,
        name: view.name.as_str().to_owned(),
        opened_at: view.opened_at.0,
        participants: view.participants.iter().map(participant).collect(),
        presenter: view.presenter,
        asking_to_present: view.asking_to_present.clone(),
        hands: view.hands.clone(),
        chat: view.chat.iter().map(chat_line).collect(),
        private: view.private.iter().map(chat_line).collect(),
        older_chat: older_chat(&view.older_chat),
        caption_writers: view.caption_writers.iter().map(CaptionWriter::from).collect(),
        captions: view.captions.iter().map(CaptionLine::from).collect(),
        files: view.files.iter().map(file::shared).collect(),
        file_rules: file::rules(&view.file_limits),
        polls: view.polls.iter().map(poll_seen).collect(),
        timer: view.timer.as_ref().map(timer),
        picked: view.picked.map(|pick| Picked { participant: pick.participant, at: pick.at.0 }),
        breakouts: view.breakouts.as_ref().map(breakouts_seen),
        votes: view.votes.iter().map(SecretVote::seen).collect(),
        locks: view.locks.iter().collect(),
        guests: view.guests,
        join_muted: view.join_muted,
        spotlight: view.spotlight,
        layout: view
            .layout
            .map(|shared| SharedLayout { layout: shared.layout, since: shared.since.0 }),
        minute_taker: view.minute_taker,
        minutes: view.minutes.as_ref().map(minutes),
        attendance: view.attendance,
        learning: view.learning,
        lobby: view.lobby.iter().map(lobby_entry).collect(),
        lobby_message: view.lobby_message.as_ref().map(|text| text.as_str().to_owned()),
    }
}

fn timer(timer: &TimerView) -> Timer {
    Timer {
        span: timer.span.map(|span| span.0),
        passed: timer.passed.0,
        since: timer.since.map(|at| at.0),
    }
}

pub(crate) fn text_of<T>(personal: &Personal<T>, text: impl Fn(&T) -> &str) -> Option<String> {
    personal.as_ref().map(|value| text(value).to_owned())
}
