//! Guests wait: they are let in, sent away, or go; they learn their place and nothing else.

use conf_core::event::WaitEnd;
use conf_core::id::ClaimId;
use conf_core::output::{Audience, HangupReason};
use conf_core::text::ChatText;
use conf_core::view::{Place, WaitReason};
use conf_core::{
    Claim, Command, Denied, Event, GuestPolicy, Input, Output, Role, Source, Span, Standing,
};

use crate::support::{Room, claim, config, guest, publish};

fn place(position: u32, message: Option<&str>) -> Place {
    let message = message.map(|text| ChatText::new(text).expect("a valid text"));
    Place { reason: WaitReason::Guest, position, message }
}

/// Ann moderates; Bob, Cleo and Dan wait, in this order.
fn three_wait() -> Room {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    for name in ["bob", "cleo", "dan"] {
        room.wait(name);
    }
    room
}

/// Who was told of a change of their place by the last input.
fn moved(room: &Room) -> Vec<Place> {
    let told = |output: &Output| match output {
        Output::Moved { place, .. } => Some(place.clone()),
        _ => None,
    };
    room.watched.outputs.iter().filter_map(told).collect()
}

#[test]
fn a_guest_waits_under_the_id_they_will_have_and_only_moderators_are_told() {
    let mut room = Room::with_ann_bob_and_cleo();
    let dan = room.wait("dan");
    let session = room.session("dan");
    let waiting = Output::Waiting { session, participant: dan, place: place(1, None) };
    assert!(room.watched.outputs.contains(&waiting));
    for output in &room.watched.outputs {
        if let Output::Deliver { to, .. } = output {
            assert_eq!(*to, Audience::Moderators);
        }
    }
    assert_eq!(room.view("ann").lobby[0].id, dan);
    assert!(room.view("bob").lobby.is_empty());
    assert_eq!(room.watched.meeting.view(dan), None, "nothing of the meeting");

    room.ask("ann", Command::Admit { target: dan });
    assert!(room.is_in("dan"));
    let admitted = Output::Admitted { session, participant: dan };
    assert!(room.watched.outputs.contains(&admitted));
    assert_eq!(room.place("dan"), None);
    room.ask("dan", publish(Source::Microphone));
    assert!(room.passes("dan", Source::Microphone));
}

#[test]
fn members_and_moderators_do_not_wait() {
    let mut room = Room::open();
    let moderating = Claim { standing: Standing::Guest, ..claim("ann", Role::Moderator) };
    assert_eq!(room.try_arrive(moderating), Ok(true));
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Ok(true));
}

#[test]
fn those_behind_move_up_and_are_told_and_the_others_are_not() {
    let mut room = three_wait();
    let cleo = room.id("cleo");
    room.ask("ann", Command::Admit { target: cleo });
    assert_eq!(moved(&room), [place(2, None)], "Dan alone moves");
    assert_eq!(room.place("bob"), Some(place(1, None)));

    room.ask("ann", publish(Source::Camera));
    assert_eq!(moved(&room), [], "what happens in the meeting is not told to them");
    room.ask("bob", Command::Leave);
    assert_eq!(moved(&room), [place(1, None)]);
}

#[test]
fn a_message_reaches_those_who_wait_and_those_who_come_later() {
    let mut room = three_wait();
    let say = |text: Option<&str>| Command::SetLobbyMessage {
        text: text.map(|text| ChatText::new(text).expect("a valid text")),
    };
    room.ask("ann", say(Some("five minutes")));
    assert_eq!(moved(&room).len(), 3);
    room.wait("eve");
    assert_eq!(room.place("eve"), Some(place(4, Some("five minutes"))));
    assert!(room.view("ann").lobby_message.is_some());
    assert_eq!(room.ask("ann", say(Some("five minutes"))), [], "nothing new");
    room.ask("ann", say(None));
    assert_eq!(room.place("eve"), Some(place(4, None)));
}

#[test]
fn all_are_let_in_in_their_order_as_far_as_there_are_places() {
    let mut room = Room::open_with(config().max_participants(3));
    room.join("ann", Role::Moderator);
    for name in ["bob", "cleo", "dan"] {
        room.wait(name);
    }
    room.ask("ann", Command::AdmitAll);
    assert!(room.is_in("bob") && room.is_in("cleo") && !room.is_in("dan"));
    let target = room.id("dan");
    assert_eq!(room.refused("ann", Command::Admit { target }), Denied::Full { max: 3 });
    assert_eq!(room.refused("ann", Command::AdmitAll), Denied::Full { max: 3 });
    room.ask("bob", Command::Leave);
    assert!(!room.is_in("dan"), "a free place alone lets nobody in who must be asked about");
    room.ask("ann", Command::AdmitAll);
    assert!(room.is_in("dan"));
}

#[test]
fn who_is_sent_away_is_hung_up_and_comes_again_only_with_a_new_claim() {
    let mut room = three_wait();
    let (target, session) = (room.id("bob"), room.session("bob"));
    room.ask("ann", Command::Deny { target });
    let hangup = Output::Hangup { session, reason: HangupReason::Denied };
    assert!(room.watched.outputs.contains(&hangup));
    assert_eq!(room.try_arrive(guest("bob")), Err(Denied::NotLetIn));
    room.watched.restart();
    assert_eq!(room.try_arrive(guest("bob")), Err(Denied::NotLetIn), "also after a restart");

    let renewed = Claim { id: ClaimId::from_number(77), ..guest("bob") };
    assert_eq!(room.try_arrive(renewed), Ok(false), "asked about once more");
    assert_ne!(room.id("bob"), target);
}

#[test]
fn a_reload_keeps_the_place_in_the_queue_and_the_newest_session_wins() {
    let mut room = three_wait();
    let (bob, old) = (room.id("bob"), room.session("bob"));
    room.lose_link("bob");
    room.pass(Span::from_secs(59));
    assert_eq!(room.wait("bob"), bob);
    assert_eq!(room.place("bob"), Some(place(1, None)));

    let before = room.session("bob");
    assert_eq!(room.wait("bob"), bob);
    let hangup = Output::Hangup { session: before, reason: HangupReason::Replaced };
    assert!(room.watched.outputs.contains(&hangup));
    room.hand_in(Input::LinkLost { session: old }).expect("ignored");
    room.hand_in(Input::LinkLost { session: before }).expect("ignored");
    assert!(room.view("ann").lobby[0].connected);
}

#[test]
fn who_does_not_come_back_to_the_lobby_gives_up_the_place() {
    let mut room = three_wait();
    let bob = room.id("bob");
    room.lose_link("bob");
    assert!(!room.view("ann").lobby[0].connected);
    let gone = Event::WaitEnded { participant: bob, reason: WaitEnd::LinkLost };
    assert_eq!(room.pass(Span::from_secs(60)), [gone]);
    room.wait("bob");
    assert_eq!(room.place("bob"), Some(place(3, None)), "at the end");
}

#[test]
fn who_is_let_in_while_the_link_is_lost_has_a_place_that_is_kept_as_long() {
    let mut room = three_wait();
    let bob = room.id("bob");
    room.lose_link("bob");
    room.pass(Span::from_secs(30));
    room.ask("ann", Command::Admit { target: bob });
    let admitted = |output: &Output| matches!(output, Output::Admitted { .. });
    assert!(!room.watched.outputs.iter().any(admitted), "there is nobody to show the meeting to");
    assert!(!room.see("bob").expect("a place").connected);
    assert_eq!(room.try_join(guest("bob")), Ok(bob));
    assert!(room.see("bob").expect("a place").connected);
}

#[test]
fn an_open_lobby_lets_guests_straight_in_and_those_who_wait_too() {
    let mut room = three_wait();
    room.lose_link("dan");
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Accept });
    assert!(room.is_in("bob") && room.is_in("cleo"));
    assert!(!room.is_in("dan"), "who is not there is not let in by itself");
    assert_eq!(room.try_arrive(guest("dan")), Ok(true), "but on coming back");
    assert_eq!(room.try_arrive(guest("eve")), Ok(true));
}

#[test]
fn a_closed_lobby_refuses_guests_and_leaves_those_who_wait_waiting() {
    let mut room = three_wait();
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Deny });
    let refused = room.try_arrive(guest("eve"));
    assert_eq!(refused, Err(Denied::GuestsRefused));
    assert_eq!(room.place("bob"), Some(place(1, None)));
    assert_eq!(room.wait("bob"), room.id("bob"), "a reload is no arrival");
}

#[test]
fn the_lobby_has_a_bound() {
    let mut room = Room::open_with(config().lobby_places(2));
    room.join("ann", Role::Moderator);
    room.wait("bob");
    room.wait("cleo");
    assert_eq!(room.try_arrive(guest("dan")), Err(Denied::LobbyFull { max: 2 }));
}

#[test]
fn the_same_person_with_other_rights_waits_anew_or_waits_no_more() {
    let mut room = three_wait();
    let bob = room.id("bob");
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Ok(true), "as a member");
    assert_ne!(room.id("bob"), bob);
    assert_eq!(room.view("ann").lobby.len(), 2);

    // And back: a member who comes again as a guest is asked about like any guest.
    assert_eq!(room.try_arrive(guest("bob")), Ok(false));
    assert_eq!(room.view("ann").lobby.len(), 3);
    assert_eq!(room.view("ann").participants.len(), 1);
}

#[test]
fn those_who_wait_are_hung_up_when_the_meeting_ends() {
    let mut room = three_wait();
    room.ask("ann", Command::End);
    let hung_up = |output: &&Output| matches!(output, Output::Hangup { .. });
    assert_eq!(room.watched.outputs.iter().filter(hung_up).count(), 4);
}
