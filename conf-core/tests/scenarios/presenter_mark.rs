//! One person holds the presenter mark, and it never gets lost with them.

use conf_core::{Command, Denied, Event, Role, Source};

use crate::support::{Room, publish};

#[test]
fn the_first_moderator_in_presents() {
    let mut room = Room::open();
    room.join("bob", Role::Participant);
    assert_eq!(room.view("bob").presenter, None);
    let ann = room.join("ann", Role::Moderator);
    assert_eq!(room.view("bob").presenter, Some(ann));
    room.join("dan", Role::Moderator);
    assert_eq!(room.view("bob").presenter, Some(ann));
}

#[test]
fn when_the_presenter_leaves_the_longest_present_moderator_takes_over() {
    let mut room = Room::with_ann_bob_and_cleo();
    let dan = room.join("dan", Role::Moderator);
    room.join("eve", Role::Moderator);
    let target = room.id("bob");
    room.ask("ann", Command::GivePresenter { target });
    room.lose_link("ann");

    room.ask("bob", Command::Leave);
    let moved = Event::PresenterChanged { presenter: Some(dan), by: None };
    assert_eq!(room.happened()[1], moved, "Ann is longer here, but cannot be reached");
}

#[test]
fn without_a_moderator_nobody_presents_until_one_comes() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.ask("ann", Command::Leave);
    assert_eq!(room.view("bob").presenter, None);
    let dan = room.join("dan", Role::Moderator);
    assert_eq!(room.view("bob").presenter, Some(dan));
}

#[test]
fn a_moderator_who_comes_back_to_a_meeting_without_presenter_presents() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("ann", Command::GivePresenter { target });
    room.lose_link("ann");
    room.ask("bob", Command::Leave);
    assert_eq!(room.view("cleo").presenter, None);
    let ann = room.join("ann", Role::Moderator);
    assert_eq!(room.view("cleo").presenter, Some(ann));
}

#[test]
fn the_mark_is_given_by_moderators_and_a_screen_shared_by_it_ends_with_it() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    let denied = room.refused("bob", Command::GivePresenter { target: bob });
    assert!(matches!(denied, Denied::NotAllowed { .. }));

    room.ask("ann", Command::GivePresenter { target: bob });
    room.ask("bob", publish(Source::Screen));
    room.ask("bob", publish(Source::ScreenAudio));
    let happened = room.ask("ann", Command::GivePresenter { target: cleo });
    let stopped = |source| Event::Stopped { participant: bob, source, by: ann };
    assert_eq!(
        happened,
        [
            Event::PresenterChanged { presenter: Some(cleo), by: Some(ann) },
            stopped(Source::Screen),
            stopped(Source::ScreenAudio),
        ]
    );
}
