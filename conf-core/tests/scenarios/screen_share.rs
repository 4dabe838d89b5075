//! One screen at a time, shared by a moderator or whoever presents, its sound with it.

use conf_core::{Command, Denied, Role, Source};

use crate::support::{Room, publish};

#[test]
fn one_screen_at_a_time() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Moderator);
    room.ask("ann", publish(Source::Screen));
    assert_eq!(room.refused("dan", publish(Source::Screen)), Denied::ScreenTaken);
    assert!(matches!(room.refused("bob", publish(Source::Screen)), Denied::NotAllowed { .. }));

    let target = room.id("ann");
    room.ask("dan", Command::Stop { target, source: Source::Screen });
    room.ask("dan", publish(Source::Screen));
    assert!(room.passes("dan", Source::Screen));
    assert!(!room.passes("ann", Source::Screen));
}

#[test]
fn the_sound_of_a_screen_comes_and_goes_with_it() {
    let mut room = Room::with_ann_bob_and_cleo();
    let denied = Denied::NotPublished { found: Source::Screen };
    assert_eq!(room.refused("ann", publish(Source::ScreenAudio)), denied);
    room.ask("ann", publish(Source::Screen));
    room.ask("ann", publish(Source::ScreenAudio));
    let target = room.id("ann");
    room.ask("ann", Command::Stop { target, source: Source::Screen });
    assert!(!room.passes("ann", Source::ScreenAudio));
}

#[test]
fn leaving_frees_the_screen() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("dan", Role::Moderator);
    room.ask("ann", publish(Source::Screen));
    room.ask("ann", Command::Leave);
    room.ask("dan", publish(Source::Screen));
}
