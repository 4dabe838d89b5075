//! A participant asks to present; a moderator gives it, declines, or takes it away.

use conf_core::{Command, Denied, Event, Role, Source};

use crate::support::{Room, defaults, publish};

#[test]
fn requests_stand_in_order_and_end_with_an_answer() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob, cleo) = (room.id("ann"), room.id("bob"), room.id("cleo"));
    room.ask("cleo", Command::AskToPresent);
    room.ask("bob", Command::AskToPresent);
    assert_eq!(room.ask("bob", Command::AskToPresent), [], "asking twice is asking once");
    assert_eq!(room.view("ann").asking_to_present, [cleo, bob]);
    assert_eq!(room.view("bob").asking_to_present, [bob], "others need not know who asks");

    let declined = room.ask("ann", Command::DeclinePresenter { target: cleo });
    assert_eq!(declined, [Event::PresenterAskEnded { participant: cleo, by: ann }]);
    room.ask("ann", Command::GivePresenter { target: bob });
    assert_eq!(room.view("ann").asking_to_present, []);
    assert_eq!(room.ask("bob", Command::AskToPresent), [], "who presents need not ask");
}

#[test]
fn a_request_is_its_askers_own_and_goes_with_them() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (bob, cleo) = (room.id("bob"), room.id("cleo"));
    for name in ["bob", "cleo"] {
        room.ask(name, Command::AskToPresent);
    }
    let denied = room.refused("bob", Command::DeclinePresenter { target: cleo });
    assert!(matches!(denied, Denied::NotAllowed { .. }));
    room.ask("bob", Command::DeclinePresenter { target: bob });
    room.ask("cleo", Command::Leave);
    assert_eq!(room.view("ann").asking_to_present, []);
}

#[test]
fn once_the_mark_is_taken_away_nobody_gets_it_by_coming() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    room.ask("ann", Command::GivePresenter { target: bob });
    room.ask("bob", publish(Source::Screen));
    let happened = room.ask("ann", Command::TakePresenter);
    let taken = Event::PresenterChanged { presenter: None, by: Some(ann) };
    let stopped = Event::Stopped { participant: bob, source: Source::Screen, by: ann };
    assert_eq!(happened, [taken, stopped]);
    assert_eq!(room.ask("ann", Command::TakePresenter), []);
    room.join("dan", Role::Moderator);
    room.join("ann", Role::Moderator);
    assert_eq!(room.view("ann").presenter, None);
}

#[test]
fn whoever_presents_shares_a_screen_only_after_a_moderators_release() {
    let mut room = Room::open_with(defaults());
    room.join("ann", Role::Moderator);
    let target = room.join("bob", Role::Participant);
    let lock = conf_core::policy::lock::Lock::Screen;
    room.ask("ann", publish(Source::Screen));
    let own = room.id("ann");
    room.ask("ann", Command::Stop { target: own, source: Source::Screen });
    room.ask("ann", Command::GivePresenter { target });
    assert!(matches!(room.refused("bob", publish(Source::Screen)), Denied::Locked { .. }));
    room.ask("ann", Command::SetException { target, lock, on: true });
    room.ask("bob", publish(Source::Screen));
    room.ask("ann", Command::SetException { target, lock, on: false });
    assert!(!room.passes("bob", Source::Screen));
    room.ask("ann", Command::SetLock { lock, on: false });
    room.ask("bob", publish(Source::Screen));
}
