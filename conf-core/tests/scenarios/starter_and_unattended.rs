//! No moderator yet, or none any more: wait, go on, or end.

use conf_core::event::EndReason;
use conf_core::view::WaitReason;
use conf_core::{Command, Event, GuestPolicy, Role, Span, Starter, Unattended};

use crate::support::{Room, claim, config, guest};

#[test]
fn until_the_first_moderator_comes_everyone_waits_and_then_comes_in_by_themselves() {
    let mut room = Room::open_with(config().starter(Starter::Moderator));
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Ok(false));
    room.wait("cleo");
    for name in ["bob", "cleo"] {
        let place = room.place(name).expect("they wait");
        assert_eq!(place.reason, WaitReason::NoModerator);
    }
    room.join("ann", Role::Moderator);
    assert!(room.is_in("bob"));
    let place = room.place("cleo").expect("guests are asked about");
    assert_eq!((place.reason, place.position), (WaitReason::Guest, 1));

    room.ask("ann", Command::Leave);
    assert_eq!(room.try_arrive(claim("dan", Role::Participant)), Ok(true), "it was started");
}

#[test]
fn with_an_open_lobby_guests_too_come_in_with_the_first_moderator() {
    let open = config().starter(Starter::Moderator).guests(GuestPolicy::Accept);
    let mut room = Room::open_with(open);
    room.wait("bob");
    room.join("ann", Role::Moderator);
    assert!(room.is_in("bob"));
}

#[test]
fn a_meeting_that_people_wait_for_does_not_end_as_empty() {
    let mut room = Room::open_with(config().starter(Starter::Moderator));
    room.wait("bob");
    assert_eq!(room.pass(Span::from_mins(30)), []);
    room.ask("bob", Command::Leave);
    let reason = EndReason::Empty;
    assert_eq!(room.pass(Span::from_mins(5)), [Event::Ended { reason, by: None }]);
}

#[test]
fn while_no_moderator_is_connected_newcomers_wait_until_one_is_back() {
    let mut room = Room::open_with(config().unattended(Unattended::Wait));
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Ok(false));
    room.join("ann", Role::Moderator);
    assert!(room.is_in("bob"));
    room.lose_link("ann");
    assert_eq!(room.try_arrive(claim("cleo", Role::Participant)), Ok(false));
    assert!(room.is_in("bob"), "those who are in stay");
    room.lose_link("bob");
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Ok(true), "and may come back");
    room.join("ann", Role::Moderator);
    assert!(room.is_in("cleo"));
}

#[test]
fn without_a_moderator_a_meeting_goes_on_for_the_minutes_set_and_then_ends() {
    let mut room = Room::open_with(config().unattended(Unattended::CloseAfterMinutes(3)));
    room.join("bob", Role::Participant);
    assert_eq!(room.pass(Span::from_mins(60)), [], "there was no moderator yet");
    room.join("ann", Role::Moderator);
    room.join("eve", Role::Moderator);
    room.ask("eve", Command::Leave);
    assert_eq!(room.pass(Span::from_mins(60)), [], "one of them is there");

    room.lose_link("ann");
    room.pass(Span::from_secs(179));
    room.join("ann", Role::Moderator);
    assert_eq!(room.pass(Span::from_mins(60)), [], "back in time");

    room.lose_link("ann");
    room.pass(Span::from_secs(179));
    assert!(!room.watched.meeting.is_ended());
    let ended = Event::Ended { reason: EndReason::Unattended, by: None };
    assert_eq!(room.pass(Span::from_secs(1)), [ended]);
}

#[test]
fn a_restart_starts_the_minutes_and_does_not_forget_that_the_meeting_was_started() {
    let set = config().starter(Starter::Moderator).unattended(Unattended::CloseAfterMinutes(3));
    let mut room = Room::open_with(set);
    room.join("ann", Role::Moderator);
    room.join("bob", Role::Participant);
    room.watched.restart();
    room.join("bob", Role::Participant);
    assert_eq!(room.try_arrive(guest("cleo")), Ok(false));
    assert_eq!(room.place("cleo").expect("waits").reason, WaitReason::Guest);
    let happened = room.pass(Span::from_mins(3));
    assert_eq!(happened.last().map(Event::kind), Some("ended"));
}
