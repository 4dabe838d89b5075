//! Whoever presents arranges the pictures for all, also for who comes later.

use conf_core::policy::action::Action;
use conf_core::view::SharedLayout;
use conf_core::{Command, Denied, Event, Layout, Role, Span};

use crate::support::{Room, START};

fn share(layout: Option<Layout>) -> Command {
    Command::ShareLayout { layout }
}

#[test]
fn the_presenter_shares_a_layout_and_a_late_joiner_gets_it() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, bob) = (room.id("ann"), room.id("bob"));
    let action = Action::ShareLayout;
    let denied = Denied::NotAllowed { action, role: Role::Participant };
    assert_eq!(room.refused("bob", share(Some(Layout::Screen))), denied);
    room.ask("ann", Command::GivePresenter { target: bob });
    room.ask("bob", share(Some(Layout::Presentation)));
    room.join("dora", Role::Participant);
    let shared = SharedLayout { layout: Layout::Presentation, since: START };
    assert_eq!(room.view("dora").layout, Some(shared));

    // Who shared it goes: it stays, and a moderator ends it.
    room.ask("bob", Command::Leave);
    assert_eq!(room.view("dora").layout, Some(shared));
    assert_eq!(room.ask("ann", share(None)), [Event::LayoutShared { layout: None, by: ann }]);
    assert_eq!(room.ask("ann", share(None)), [], "each arranges their own already");
    assert_eq!(room.view("dora").layout, None);
}

#[test]
fn the_same_layout_brings_those_back_who_left_it_and_not_at_every_click() {
    let mut room = Room::with_ann_bob_and_cleo();
    let layout = Some(Layout::Cameras);
    assert_eq!(room.ask("ann", share(layout)).len(), 1);
    assert_eq!(room.ask("ann", share(layout)), []);
    room.pass(Span::from_secs(5));
    assert_eq!(room.ask("ann", share(layout)).len(), 1);
    let since = START + Span::from_secs(5);
    assert_eq!(room.view("cleo").layout.map(|shared| shared.since), Some(since));
    assert_eq!(room.ask("ann", share(Some(Layout::Grid))).len(), 1, "another at once");
}
