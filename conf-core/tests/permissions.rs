//! The whole authority table, printed for reviewers and tried on real meetings.
//!
//! `permissions.txt` is compared with what the code says. After a wanted
//! change, run with `CONF_BLESS=1` and have the difference reviewed.
// Writing the reviewed file is the one thing a test may do to a disk here.
#![allow(clippy::disallowed_methods)]

mod support;

use std::fmt::Write as _;

use conf_core::id::{FileId, MessageId, ParticipantId, PollId};
use conf_core::policy::action::Action;
use conf_core::policy::lock::{Lock, LockSet};
use conf_core::policy::{Actor, Verdict, lock_on, verdict};
use conf_core::text::{ChatText, DisplayName, MinutesText, ReportText};
use conf_core::{
    Answers, Claim, Command, Denied, GuestPolicy, Layout, Output, Reaction, Role, Source, Standing,
    Voters,
};
use support::{
    Room, ask_all, caption, chat, claim, config, divide, divided, german, guest, offer, open_vote,
    opened, publish, report, say, sent, started, whisper,
};

/// Every column: role, guest or member, without the presenter mark or with it.
fn columns() -> Vec<Actor> {
    let mut columns = Vec::new();
    for role in [Role::Moderator, Role::Participant, Role::Service] {
        for standing in [Standing::Member, Standing::Guest] {
            for presenter in [false, true] {
                columns.push(Actor { role, standing, presenter });
            }
        }
    }
    columns
}

/// Every line: an action, and the lock that concerns it, off or on.
fn lines() -> Vec<(Action, Option<Lock>)> {
    let mut lines = Vec::new();
    for &action in Action::ALL {
        lines.push((action, None));
        lines.extend(lock_on(action).map(|lock| (action, Some(lock))));
    }
    lines
}

fn only(lock: Option<Lock>) -> LockSet {
    lock.map_or(LockSet::NONE, |lock| LockSet::NONE.set(lock, true))
}

fn print(text: &mut String, line: &str, cells: impl IntoIterator<Item = &'static str>) {
    let _ = write!(text, "{line:36}");
    for cell in cells {
        let _ = write!(text, "{cell:9}");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

/// The table as reviewers read it.
fn printed() -> String {
    let mut text = String::from(
        "Who may do what. Printed by tests/permissions.rs, which also tries every cell on a real
meeting. A star: while holding the presenter mark (a service never does). locked: yes, but
for the lock that is on. Locks that a line does not name change nothing in it. Publishing is
also bound by the claim; who comes in may have to wait in the lobby first, and who waits can
only leave. The last line is the outcome of trying every command there is.

",
    );
    let columns = columns();
    print(
        &mut text,
        "",
        columns.iter().map(|actor| match actor.role {
            Role::Moderator => "moderat.",
            Role::Participant => "particip",
            Role::Service => "service",
        }),
    );
    print(
        &mut text,
        "",
        columns.iter().map(|actor| match (actor.standing, actor.presenter) {
            (Standing::Member, false) => "member",
            (Standing::Member, true) => "member*",
            (Standing::Guest, false) => "guest",
            (Standing::Guest, true) => "guest*",
        }),
    );
    for (action, lock) in lines() {
        let line = match lock {
            None => format!("{action:?}"),
            Some(lock) => format!("    while {lock:?} is locked"),
        };
        print(
            &mut text,
            &line,
            columns.iter().map(|actor| match verdict(*actor, only(lock), action) {
                Verdict::Allowed => "yes",
                Verdict::NotAllowed => "no",
                Verdict::Locked(_) => "locked",
            }),
        );
    }
    print(
        &mut text,
        "open another's microphone",
        columns.iter().map(|actor| if opens_anothers_microphone(*actor) { "YES" } else { "no" }),
    );
    text
}

/// A room with a host, `actor` and another moderator, everyone as the column says.
fn room_for(actor: Actor) -> Room {
    let mut room = empty_room();
    if !room.try_arrive(claim_of(actor)).expect("taken in") {
        let target = room.id("actor");
        room.ask("host", Command::Admit { target });
    }
    room.join("other", Role::Moderator);
    if actor.presenter && actor.role != Role::Service {
        let target = room.id("actor");
        room.ask("host", Command::GivePresenter { target });
    }
    room
}

/// A room with a host, and another guest in the lobby.
fn empty_room() -> Room {
    let mut room = Room::open_with(config().attendance(true).learning(true));
    room.join("host", Role::Moderator);
    room.try_arrive(guest("waiting")).expect("taken in to wait");
    room
}

fn claim_of(actor: Actor) -> Claim {
    Claim { standing: actor.standing, ..claim("actor", actor.role) }
}

/// Makes what `action` needs, before any lock is on, and gives the command that is it.
fn prepare(room: &mut Room, action: Action, actor: Actor) -> Command {
    let (own, other) = (room.id("actor"), room.id("other"));
    let machine = actor.role == Role::Service;
    let can_speak = !machine || actor.standing == Standing::Member;
    let unknown = MessageId::from_number(0);
    match action {
        Action::Leave => Command::Leave,
        Action::End => Command::End,
        Action::PublishMicrophone => publish(Source::Microphone),
        Action::PublishCamera => publish(Source::Camera),
        Action::PublishScreen => publish(Source::Screen),
        Action::PublishScreenAudio => {
            // Without the screen there is nothing the sound could go with.
            let _ = room.try_ask("actor", publish(Source::Screen));
            publish(Source::ScreenAudio)
        }
        Action::StopOwn => {
            if can_speak {
                room.ask("actor", publish(Source::Camera));
            }
            Command::Stop { target: own, source: Source::Camera }
        }
        Action::StopCameraOfOther => {
            room.ask("other", publish(Source::Camera));
            Command::Stop { target: other, source: Source::Camera }
        }
        Action::StopScreenOfOther => {
            room.ask("other", publish(Source::Screen));
            Command::Stop { target: other, source: Source::Screen }
        }
        Action::StopMicrophoneOfOther => {
            room.ask("other", publish(Source::Microphone));
            Command::Stop { target: other, source: Source::Microphone }
        }
        Action::MuteSelf => {
            if can_speak {
                room.ask("actor", publish(Source::Microphone));
            }
            Command::Mute { target: own }
        }
        Action::MuteOther => {
            room.ask("other", publish(Source::Microphone));
            Command::Mute { target: other }
        }
        Action::MuteAll => {
            room.ask("other", publish(Source::Microphone));
            Command::MuteAll { but_presenter: true }
        }
        Action::UnmuteSelf => {
            if can_speak {
                room.ask("actor", publish(Source::Microphone));
                room.ask("actor", Command::Mute { target: own });
            }
            Command::Unmute
        }
        Action::AskToUnmute => Command::AskToUnmute { target: other },
        Action::RaiseHand => Command::RaiseHand,
        Action::LowerOwnHand => {
            if !machine {
                room.ask("actor", Command::RaiseHand);
            }
            Command::LowerHand { target: own }
        }
        Action::LowerHandOfOther => {
            room.ask("other", Command::RaiseHand);
            Command::LowerHand { target: other }
        }
        Action::LowerAllHands => {
            room.ask("other", Command::RaiseHand);
            Command::LowerAllHands
        }
        Action::React => Command::React { reaction: Reaction::Clap },
        Action::SendChat => say("hello"),
        Action::RenameSelf => {
            Command::Rename { target: own, name: DisplayName::new("anew").expect("a valid name") }
        }
        Action::RenameOther => {
            Command::Rename { target: other, name: DisplayName::new("anew").expect("a valid name") }
        }
        Action::ReportSelf | Action::ReportOther => {
            let target = if action == Action::ReportSelf { own } else { other };
            Command::Report { target, text: ReportText::new("they disturb").expect("a valid text") }
        }
        Action::SendPrivateChat => {
            let to = room.join("bob", Role::Participant);
            whisper(to, "hello")
        }
        Action::SendPrivateChatToModerator => whisper(other, "hello"),
        Action::EditOwnChat => {
            let message = if machine { unknown } else { sent(&room.ask("actor", say("helo"))) };
            Command::EditChat { message, text: chat("hello") }
        }
        Action::EditChatOfOther => {
            let message = sent(&room.ask("other", say("helo")));
            Command::EditChat { message, text: chat("hello") }
        }
        Action::DeleteOwnChat => {
            let message = if machine { unknown } else { sent(&room.ask("actor", say("hello"))) };
            Command::DeleteChat { message }
        }
        Action::DeleteChatOfOther => {
            Command::DeleteChat { message: sent(&room.ask("other", say("hello"))) }
        }
        Action::DeletePrivateChatOfOther => {
            // A machine takes no private messages: it has none to reach for.
            let hello = room.try_ask("other", whisper(own, "hello"));
            Command::DeleteChat { message: hello.map_or(unknown, |happened| sent(&happened)) }
        }
        Action::ReactChat => {
            let message = sent(&room.ask("other", say("hello")));
            Command::ReactChat { message, reaction: Reaction::Heart, on: true }
        }
        Action::ClearChat => {
            room.ask("other", say("hello"));
            Command::ClearChat
        }
        Action::SetCaptionWriter => {
            Command::SetCaptionWriter { language: german(), target: Some(other) }
        }
        Action::GiveUpCaptions => {
            have_write(room, own);
            Command::SetCaptionWriter { language: german(), target: None }
        }
        Action::WriteCaption => {
            have_write(room, own);
            caption("hello")
        }
        Action::WriteCaptionUnasked => {
            have_write(room, other);
            caption("hello")
        }
        Action::ShowChat => {
            let before = sent(&room.ask("other", say("hello")));
            Command::ShowChat { with: None, before }
        }
        Action::SaveCaptions => Command::SaveCaptions { language: german() },
        Action::ShareFile => offer("plan.pdf", 10, None),
        Action::DeleteOwnFile => {
            let file = room.hand_on("actor", offer("plan.pdf", 10, None));
            Command::DeleteFile { file: file.unwrap_or(FileId::from_number(0)) }
        }
        Action::DeleteFileOfOther => {
            let file = room.hand_on("other", offer("plan.pdf", 10, None));
            Command::DeleteFile { file: file.expect("a moderator may") }
        }
        Action::DeletePrivateFileOfOther => {
            // A machine is handed nothing: it has none to reach for.
            let file = room.hand_on("other", offer("plan.pdf", 10, Some(own)));
            Command::DeleteFile { file: file.unwrap_or(FileId::from_number(0)) }
        }
        Action::StartPoll => ask_all(Answers::YesNo),
        Action::Vote => {
            let poll = started(&room.ask("other", ask_all(Answers::YesNo)));
            Command::Vote { poll, choices: vec![0] }
        }
        Action::CloseOwnPoll => Command::ClosePoll { poll: own_poll(room) },
        Action::ClosePollOfOther => {
            Command::ClosePoll { poll: started(&room.ask("other", ask_all(Answers::YesNo))) }
        }
        Action::PublishOwnPoll => {
            let poll = own_poll(room);
            let _ = room.try_ask("host", Command::ClosePoll { poll });
            Command::PublishPoll { poll }
        }
        Action::PublishPollOfOther => {
            let poll = started(&room.ask("other", ask_all(Answers::YesNo)));
            room.ask("other", Command::ClosePoll { poll });
            Command::WithdrawPoll { poll }
        }
        Action::OpenBreakouts => divide(&[other], &[], false),
        Action::AssignBreakout => {
            room.ask("other", divide(&[other], &[], false));
            Command::AssignBreakout { target: other, breakout: Some(1) }
        }
        Action::ChooseBreakout => {
            room.ask("other", divide(&[], &[], true));
            Command::AssignBreakout { target: own, breakout: Some(1) }
        }
        Action::EnterBreakout => {
            let theirs = if machine { other } else { own };
            room.ask("other", divide(&[theirs], &[], false));
            Command::EnterBreakout { breakout: 0 }
        }
        Action::CallHelp => {
            let theirs = if machine { other } else { own };
            let rooms = divided(&room.ask("other", divide(&[theirs], &[], false)));
            room.hand_in(report(rooms[0], &[theirs])).expect("breakouts report");
            Command::CallHelp
        }
        Action::ExtendBreakouts => {
            room.ask("other", divide(&[other], &[], false));
            Command::ExtendBreakouts { minutes: 5 }
        }
        Action::TellBreakouts => {
            room.ask("other", divide(&[other], &[], false));
            Command::TellBreakouts { text: chat("two more minutes") }
        }
        Action::CloseBreakouts => {
            room.ask("other", divide(&[other], &[], false));
            Command::CloseBreakouts
        }
        Action::OpenVote => open_vote(Voters::Everyone),
        Action::TakeBallot => {
            let vote = opened(&room.ask("other", open_vote(Voters::Everyone)));
            Command::TakeBallot { vote }
        }
        Action::CloseVote => {
            let vote = opened(&room.ask("other", open_vote(Voters::Everyone)));
            Command::CloseVote { vote }
        }
        Action::GivePresenter => Command::GivePresenter { target: other },
        Action::TakePresenter => Command::TakePresenter,
        // Who presents need not ask; that they may shows once they do not.
        Action::AskToPresent => {
            room.ask("host", Command::TakePresenter);
            Command::AskToPresent
        }
        Action::WithdrawAsk => {
            room.ask("host", Command::TakePresenter);
            let _ = room.try_ask("actor", Command::AskToPresent);
            Command::DeclinePresenter { target: own }
        }
        Action::DeclineAsk => {
            let asker = room.join("asker", Role::Participant);
            room.ask("asker", Command::AskToPresent);
            Command::DeclinePresenter { target: asker }
        }
        Action::Promote => Command::Promote { target: room.join("member", Role::Participant) },
        Action::Demote => Command::Demote { target: other },
        Action::SetException => {
            let target = room.join("member", Role::Participant);
            room.ask("host", Command::SetLock { lock: Lock::Chat, on: true });
            Command::SetException { target, lock: Lock::Chat, on: true }
        }
        Action::SetLock => Command::SetLock { lock: Lock::Chat, on: true },
        Action::Enter => unreachable!("coming in is no command"),
        Action::Admit => Command::Admit { target: room.id("waiting") },
        Action::AdmitAll => Command::AdmitAll,
        Action::Deny => Command::Deny { target: room.id("waiting") },
        Action::SetGuests => Command::SetGuests { policy: GuestPolicy::Deny },
        Action::SetLobbyMessage => {
            let text = ChatText::new("soon").expect("a valid text");
            Command::SetLobbyMessage { text: Some(text) }
        }
        Action::SetJoinMuted => Command::SetJoinMuted { on: true },
        Action::RemoveSelf => Command::Remove { target: own, ban: false },
        Action::RemoveOther => Command::Remove { target: other, ban: true },
        Action::RotateLink => Command::RotateLink,
        Action::SetSpotlight => Command::SetSpotlight { target: Some(other) },
        Action::ShareLayout => Command::ShareLayout { layout: Some(Layout::Speaker) },
        Action::SetMinuteTaker => Command::SetMinuteTaker { target: Some(other) },
        Action::TakeMinutes | Action::AmendMinutes => {
            if action == Action::TakeMinutes {
                // A machine takes no minutes.
                let _ = room.try_ask("host", Command::SetMinuteTaker { target: Some(own) });
            }
            let text = MinutesText::new("We begin.").expect("a valid text");
            Command::WriteMinutes { text: Some(text), over: 0 }
        }
        Action::ReleaseMinutes => Command::ReleaseMinutes { on: true },
        Action::ShowAttendance => Command::ShowAttendance { from: 0 },
        Action::ShowLearning => Command::ShowLearning { from: 0 },
        Action::ShowOwnLearning => Command::ShowOwnLearning,
        Action::SetInterpreter => Command::SetInterpreter { target: other, on: true },
        Action::RunTimer => Command::SetTimer { span: None, runs: true },
        Action::Pick => Command::Pick { moderators: true },
        Action::SetAway => Command::SetAway { on: true },
    }
}

/// Has `target` write captions, if they can be asked to.
fn have_write(room: &mut Room, target: ParticipantId) {
    let command = Command::SetCaptionWriter { language: german(), target: Some(target) };
    let _ = room.try_ask("host", command);
}

/// A poll the actor started while they presented, or an unknown one where they never may.
fn own_poll(room: &mut Room) -> PollId {
    let target = room.id("actor");
    let before = room.view("host").presenter;
    let _ = room.try_ask("host", Command::GivePresenter { target });
    let asked = room.try_ask("actor", ask_all(Answers::YesNo));
    if let Some(target) = before {
        room.ask("host", Command::GivePresenter { target });
    }
    asked.map_or(PollId::from_number(0), |happened| started(&happened))
}

/// Whether `actor` is a machine that cannot be in the position `action` is about.
fn machine_without(actor: Actor, action: Action) -> bool {
    let position = [
        Action::DeletePrivateChatOfOther,
        Action::DeletePrivateFileOfOther,
        Action::GiveUpCaptions,
        Action::TakeMinutes,
        Action::WriteCaption,
    ];
    actor.role == Role::Service && position.contains(&action)
}

/// Every action there is a command for.
fn commands() -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(|action| *action != Action::Enter)
}

/// Tries every command an actor could send while another is muted.
fn opens_anothers_microphone(actor: Actor) -> bool {
    let mut opened = false;
    for action in commands() {
        let mut room = room_for(actor);
        let bob = room.join("bob", Role::Participant);
        room.ask("bob", publish(Source::Microphone));
        room.ask("host", Command::Mute { target: bob });
        let command = prepare(&mut room, action, actor);
        let aimed = match command {
            Command::Stop { source, .. } => Command::Stop { target: bob, source },
            Command::Mute { .. } => Command::Mute { target: bob },
            Command::AskToUnmute { .. } => Command::AskToUnmute { target: bob },
            Command::LowerHand { .. } => Command::LowerHand { target: bob },
            Command::AssignBreakout { breakout, .. } => {
                Command::AssignBreakout { target: bob, breakout }
            }
            Command::GivePresenter { .. } => Command::GivePresenter { target: bob },
            Command::DeclinePresenter { .. } => Command::DeclinePresenter { target: bob },
            Command::Promote { .. } => Command::Promote { target: bob },
            Command::Demote { .. } => Command::Demote { target: bob },
            Command::SetException { lock, on, .. } => {
                Command::SetException { target: bob, lock, on }
            }
            Command::SetSpotlight { .. } => Command::SetSpotlight { target: Some(bob) },
            Command::SetCaptionWriter { language, .. } => {
                Command::SetCaptionWriter { language, target: Some(bob) }
            }
            Command::SetMinuteTaker { .. } => Command::SetMinuteTaker { target: Some(bob) },
            Command::SetInterpreter { on, .. } => Command::SetInterpreter { target: bob, on },
            Command::Rename { name, .. } => Command::Rename { target: bob, name },
            Command::Report { text, .. } => Command::Report { target: bob, text },
            other => other,
        };
        let unlock = Command::SetLock { lock: Lock::Microphone, on: false };
        let lock = Command::SetLock { lock: Lock::Microphone, on: true };
        for command in [aimed, lock, unlock] {
            // Refused or not: what counts is whether Bob is heard.
            let _ = room.try_ask("actor", command);
            opened |= room.passes("bob", Source::Microphone);
            opened |= room.watched.outputs.iter().any(|output| {
                matches!(output, Output::Gate { participant, open: true, .. } if *participant == bob)
            });
        }
    }
    opened
}

#[test]
fn the_table_is_the_reviewed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/permissions.txt");
    let printed = printed();
    if std::env::var("CONF_BLESS").is_ok() {
        std::fs::write(path, &printed).expect("the reviewed file can be written");
    }
    let reviewed = std::fs::read_to_string(path).expect("the reviewed file is there");
    assert_eq!(printed, reviewed, "the table changed: review it, then run with CONF_BLESS=1");
}

#[test]
fn a_meeting_does_in_every_cell_what_the_table_says() {
    for (action, lock) in lines().into_iter().filter(|(action, _)| *action != Action::Enter) {
        for actor in columns() {
            if actor.role == Role::Service && actor.presenter {
                continue; // No machine is given the mark; the next test shows it.
            }
            let mut room = room_for(actor);
            let command = prepare(&mut room, action, actor);
            if machine_without(actor, action) {
                continue;
            }
            let meant = room.watched.meeting.action_of(&command, room.id("actor"));
            assert_eq!(meant, action);
            if let Some(lock) = lock {
                room.ask("host", Command::SetLock { lock, on: true });
            }
            let answer = room.try_ask("actor", command);
            let cell = format!("{action:?}, {lock:?}, {actor:?}");
            match verdict(actor, only(lock), action) {
                Verdict::Allowed => {
                    answer.unwrap_or_else(|denied| panic!("{cell}: {denied}"));
                    assert!(!room.watched.outputs.is_empty(), "{cell}: something happens");
                }
                Verdict::NotAllowed => {
                    let role = actor.role;
                    assert_eq!(answer, Err(Denied::NotAllowed { action, role }), "{cell}");
                }
                Verdict::Locked(lock) => {
                    assert_eq!(answer, Err(Denied::Locked { action, lock }), "{cell}");
                }
            }
        }
    }
}

#[test]
fn the_lock_of_the_room_stands_in_the_way_of_newcomers_as_the_table_says() {
    for lock in [None, Some(Lock::Entry)] {
        for actor in columns().into_iter().filter(|actor| !actor.presenter) {
            let mut room = empty_room();
            if let Some(lock) = lock {
                room.ask("host", Command::SetLock { lock, on: true });
            }
            let answer = room.try_arrive(claim_of(actor));
            match verdict(actor, only(lock), Action::Enter) {
                Verdict::Allowed => {
                    let waits = actor.standing == Standing::Guest && actor.role != Role::Moderator;
                    assert_eq!(answer, Ok(!waits), "{lock:?}, {actor:?}");
                }
                Verdict::Locked(lock) => {
                    let denied = Denied::Locked { action: Action::Enter, lock };
                    assert_eq!(denied.code(), "room_locked");
                    assert_eq!(answer, Err(denied), "{lock:?}, {actor:?}");
                }
                Verdict::NotAllowed => panic!("{actor:?} may come in"),
            }
        }
    }
}

#[test]
fn who_waits_can_only_leave() {
    for action in commands() {
        let mut room = empty_room();
        room.join("other", Role::Moderator);
        room.try_arrive(Claim { standing: Standing::Guest, ..claim("actor", Role::Participant) })
            .expect("taken in to wait");
        let host = Actor { role: Role::Service, standing: Standing::Guest, presenter: false };
        let command = prepare(&mut room, action, host);
        let answer = room.try_ask("actor", command);
        if action == Action::Leave {
            assert!(answer.is_ok(), "{answer:?}");
        } else {
            assert_eq!(answer, Err(Denied::Waiting), "{action:?}");
        }
    }
}

#[test]
fn a_lock_concerns_only_the_actions_printed_with_it() {
    let every_lock = Lock::ALL.into_iter().fold(LockSet::NONE, |set, lock| set.set(lock, true));
    for &action in Action::ALL {
        for actor in columns() {
            let others = lock_on(action).map_or(every_lock, |lock| every_lock.set(lock, false));
            let unlocked = verdict(actor, LockSet::NONE, action);
            assert_eq!(verdict(actor, others, action), unlocked, "{action:?}, {actor:?}");
        }
    }
}

#[test]
fn a_machine_is_never_given_the_presenter_mark() {
    let mut room = Room::open();
    room.join("host", Role::Moderator);
    let target = room.join("recorder", Role::Service);
    let denied = room.refused("host", Command::GivePresenter { target });
    assert_eq!(denied, Denied::CannotPresent { role: Role::Service });
}
