//! A lesson in groups, as the meeting decides it: who belongs where, who is where, who calls.

use conf_core::event::LeaveReason;
use conf_core::output::Audience;
use conf_core::policy::lock::{Lock, LockSet};
use conf_core::view::{BreakoutView, BreakoutsView};
use conf_core::{Command, Denied, Event, Input, Output, Report, Role, Source, Span};

use crate::support::{Room, chat, claim, divide, divided, publish, report};

fn seen(room: &Room, name: &str) -> BreakoutsView {
    room.view(name).breakouts.expect("breakouts are shown")
}

fn one(room: &Room, name: &str, number: usize) -> BreakoutView {
    seen(room, name).breakouts.swap_remove(number)
}

const fn enter(breakout: u8) -> Command {
    Command::EnterBreakout { breakout }
}

#[test]
fn people_go_where_they_belong_and_moderators_anywhere() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    assert_eq!(room.refused("bob", enter(0)), Denied::NoBreakouts);
    let rooms = divided(&room.ask("ann", divide(&[bob], &[cleo], false)));
    assert_ne!(rooms[0], rooms[1]);
    assert_eq!(room.refused("ann", divide(&[bob], &[cleo], false)), Denied::BreakoutsOpen);

    assert!(matches!(room.ask("bob", enter(0))[..], [Event::BreakoutPassed { .. }]));
    let told = |output: &Output| matches!(output, Output::Deliver { .. });
    assert!(!room.watched.outputs.iter().any(told), "what lets somebody in is told to nobody");
    assert_eq!(room.refused("bob", enter(1)), Denied::NotTheirBreakout);
    assert_eq!(room.refused("bob", enter(2)), Denied::NoSuchBreakout);
    room.ask("ann", enter(1));
    let choose = Command::AssignBreakout { target: bob, breakout: Some(1) };
    assert_eq!(room.refused("bob", choose), Denied::NoChoice);

    let people = &room.watched.meeting.rules()[&rooms[0]].people;
    let roles: Vec<_> = people.values().map(|sent| sent.role).collect();
    assert_eq!(roles.len(), 2, "Bob, and whoever moderates");
    assert!(roles.contains(&Role::Moderator) && roles.contains(&Role::Participant));
    room.ask("ann", Command::AssignBreakout { target: bob, breakout: Some(1) });
    assert_eq!(room.watched.meeting.rules()[&rooms[0]].people.len(), 1, "Bob was moved");
    room.ask("ann", Command::Promote { target: cleo });
    assert_eq!(room.watched.meeting.rules()[&rooms[0]].people.len(), 2, "Cleo may go anywhere");
    room.ask("bob", Command::Leave);
    assert_eq!(room.watched.meeting.rules()[&rooms[1]].people.len(), 2, "whoever left is out");
    let _ = ann;
}

#[test]
fn what_is_lifted_for_somebody_goes_with_them() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [bob, cleo] = ["bob", "cleo"].map(|name| room.id(name));
    let rooms = divided(&room.ask("ann", divide(&[bob, cleo], &[], false)));
    let lifted = |room: &Room| -> Vec<LockSet> {
        let rule = room.watched.meeting.rules().remove(&rooms[0]).expect("the first is open");
        rule.people.into_values().map(|sent| sent.exceptions).collect()
    };
    assert_eq!(lifted(&room), [LockSet::NONE; 3]);
    let camera = Lock::Camera;
    room.ask("ann", Command::SetLock { lock: camera, on: true });
    room.ask("ann", Command::SetException { target: bob, lock: camera, on: true });
    let only = LockSet::NONE.set(camera, true);
    let mut told = lifted(&room);
    told.retain(|exceptions| *exceptions != LockSet::NONE);
    assert_eq!(told, [only], "for Bob alone");
    room.ask("ann", Command::SetLock { lock: camera, on: false });
    assert_eq!(lifted(&room), [LockSet::NONE; 3]);
}

#[test]
fn who_is_in_a_breakout_is_neither_seen_nor_heard_in_the_main_room() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [bob, cleo] = ["bob", "cleo"].map(|name| room.id(name));
    room.ask("bob", publish(Source::Microphone));
    room.ask("bob", publish(Source::Camera));
    let rooms = divided(&room.ask("ann", divide(&[bob], &[cleo], false)));
    room.hand_in(report(rooms[0], &[bob])).expect("a breakout reports");
    assert!(!room.passes("bob", Source::Microphone) && !room.passes("bob", Source::Camera));
    assert_eq!(room.refused("bob", publish(Source::Camera)), Denied::Elsewhere);
    assert_eq!(one(&room, "cleo", 0).inside, [bob], "everyone sees where he is");
    room.hand_in(report(rooms[0], &[bob])).expect("a breakout reports");
    assert_eq!(room.happened(), [], "the same once more is no news");
    room.hand_in(report(rooms[0], &[])).expect("a breakout reports");
    room.ask("bob", publish(Source::Camera));
    assert!(room.passes("bob", Source::Camera));
}

#[test]
fn a_breakout_calls_once_and_a_moderator_who_comes_is_the_answer() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    let rooms = divided(&room.ask("ann", divide(&[bob, cleo], &[], false)));
    assert_eq!(room.refused("bob", Command::CallHelp), Denied::NotTheirBreakout);
    room.hand_in(report(rooms[0], &[bob, cleo])).expect("a breakout reports");
    let called = Event::HelpCalled { participant: bob, breakout: 0 };
    assert_eq!(room.ask("bob", Command::CallHelp), [called]);
    let to = Audience::ModeratorsAnd(bob);
    let told = |o: &Output| matches!(o, Output::Deliver { to: audience, .. } if *audience == to);
    assert!(room.watched.outputs.iter().any(told));
    assert_eq!(room.refused("cleo", Command::CallHelp), Denied::AskedAlready);
    assert_eq!(one(&room, "ann", 0).called_by, Some(bob));
    assert_eq!(one(&room, "cleo", 0).called_by, None);
    room.hand_in(report(rooms[0], &[ann, bob, cleo])).expect("a breakout reports");
    let came = Event::HelpEnded { participant: bob, breakout: 0, by: ann };
    assert!(room.happened().contains(&came));
    assert_eq!(one(&room, "ann", 0).called_by, None);
}

#[test]
fn breakouts_close_when_called_back_and_when_their_time_is_over() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [bob, cleo] = ["bob", "cleo"].map(|name| room.id(name));
    let Command::OpenBreakouts { breakouts, choice, .. } = divide(&[bob], &[cleo], false) else {
        unreachable!("it opens breakouts")
    };
    let open = |minutes| Command::OpenBreakouts { breakouts: breakouts.clone(), choice, minutes };
    assert_eq!(room.refused("ann", open(Some(0))), Denied::BreakoutMinutes { max: 1_440 });
    room.ask("ann", open(Some(10)));
    assert_eq!(room.refused("bob", Command::CloseBreakouts).code(), "not_allowed");
    room.ask("ann", Command::ExtendBreakouts { minutes: 5 });
    let told = room.ask("ann", Command::TellBreakouts { text: chat("half time") });
    assert!(matches!(told[..], [Event::BreakoutsTold { .. }]));
    assert_eq!(room.pass(Span::from_mins(14)), []);
    assert_eq!(room.pass(Span::from_mins(1)), [Event::BreakoutsClosed { by: None }]);
    assert!(room.watched.meeting.rules().is_empty(), "none goes on");

    let last = seen(&room, "ann");
    assert!(!last.open, "kept for the next time");
    assert_eq!(last.breakouts[0].members, [bob]);
    assert_eq!(room.view("bob").breakouts, None);
    room.ask("ann", open(None));
    assert_eq!(seen(&room, "bob").until, None);
    let ann = room.id("ann");
    let closed = Event::BreakoutsClosed { by: Some(ann) };
    assert_eq!(room.ask("ann", Command::CloseBreakouts), [closed]);
    assert_eq!(room.ask("ann", Command::CloseBreakouts), []);
}

#[test]
fn a_late_comer_is_offered_a_group_and_chooses_where_everyone_does() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", divide(&[], &[], true));
    let dan = room.join("dan", Role::Participant);
    assert_eq!(seen(&room, "dan").breakouts.len(), 2);
    assert_eq!(room.refused("dan", enter(1)), Denied::NotTheirBreakout);
    room.ask("dan", Command::AssignBreakout { target: dan, breakout: Some(1) });
    room.ask("dan", enter(1));
    room.ask("dan", Command::AssignBreakout { target: dan, breakout: None });
    let bob = room.id("bob");
    let other = Command::AssignBreakout { target: bob, breakout: Some(1) };
    assert_eq!(room.refused("dan", other).code(), "not_allowed");
}

#[test]
fn a_ban_in_a_breakout_counts_in_the_main_room_if_whoever_decided_it_moderates_there() {
    let mut room = Room::with_ann_bob_and_cleo();
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| room.id(name));
    let rooms = divided(&room.ask("ann", divide(&[bob, cleo], &[], false)));
    let banned = |by| Input::Report {
        room: rooms[0],
        report: Report { banned: [(bob, by)].into(), ..Report::default() },
    };
    room.hand_in(banned(cleo)).expect("a breakout reports");
    assert!(room.is_in("bob"), "who only moderates a breakout bans from there");
    room.hand_in(banned(ann)).expect("a breakout reports");
    let reason = LeaveReason::Removed { by: ann, ban: true };
    assert_eq!(room.happened()[0], Event::Left { participant: bob, reason });
    assert_eq!(room.try_join(claim("bob", Role::Participant)), Err(Denied::Removed));
}

#[test]
fn there_are_two_to_twenty_breakouts_of_people() {
    let mut room = Room::with_ann_bob_and_cleo();
    let recorder = room.join("recorder", Role::Service);
    let machine = room.refused("ann", divide(&[recorder], &[], false));
    assert_eq!(machine, Denied::NotAPerson);
    let Command::OpenBreakouts { breakouts, .. } = divide(&[], &[], false) else {
        unreachable!("it opens breakouts")
    };
    for count in [1, 21] {
        let breakouts = breakouts.iter().cycle().take(count).cloned().collect();
        let open = Command::OpenBreakouts { breakouts, choice: false, minutes: None };
        assert_eq!(room.refused("ann", open), Denied::BreakoutCount { max: 20 });
    }
}
