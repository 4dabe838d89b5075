//! At the door: which claims admit, and how many people fit.

use conf_core::id::RoomId;
use conf_core::{Command, Denied, Event, Output, Personal, Role};

use crate::support::{Room, START, claim, config};

#[test]
fn a_claim_for_elsewhere_or_from_yesterday_admits_nobody() {
    let mut room = Room::open();
    let mut elsewhere = claim("ann", Role::Moderator);
    elsewhere.room = RoomId::from_number(8);
    assert_eq!(room.try_join(elsewhere), Err(Denied::ClaimRefused { reason: "room" }));
    let mut stranger = claim("ann", Role::Moderator);
    stranger.tenant = "another".to_owned();
    assert_eq!(room.try_join(stranger), Err(Denied::ClaimRefused { reason: "tenant" }));
    let mut late = claim("ann", Role::Moderator);
    late.expires_at = START;
    assert_eq!(room.try_join(late), Err(Denied::ClaimRefused { reason: "expired" }));
}

#[test]
fn a_full_meeting_takes_nobody_new_but_everyone_back() {
    let mut room = Room::open_with(config().max_participants(2));
    room.join("ann", Role::Moderator);
    let bob = room.join("bob", Role::Participant);
    room.lose_link("bob");
    let denied = room.try_join(claim("cleo", Role::Participant));
    assert_eq!(denied, Err(Denied::Full { max: 2 }), "a kept place is taken");
    assert_eq!(room.join("bob", Role::Participant), bob);
    room.ask("bob", Command::Leave);
    room.join("cleo", Role::Participant);
}

#[test]
fn people_of_different_issuers_or_without_a_subject_are_different_people() {
    let mut room = Room::open();
    let ann = room.join("ann", Role::Participant);
    let mut other = claim("ann", Role::Participant);
    other.issuer = "another".to_owned();
    assert_ne!(room.try_join(other), Ok(ann));
    let mut nameless = claim("ann", Role::Participant);
    nameless.subject = Personal::Erased;
    let first = room.try_join(nameless.clone());
    assert_ne!(first, Ok(ann));
    assert_ne!(room.try_join(nameless), first);
}

#[test]
fn a_join_is_kept_then_admitted_then_told() {
    let mut room = Room::open();
    room.join("ann", Role::Moderator);
    let kinds: Vec<_> = room
        .watched
        .outputs
        .iter()
        .map(|output| match output {
            Output::Journal(entry) => entry.event.kind(),
            Output::Admitted { .. } => "admitted",
            Output::Deliver { entry, .. } if matches!(entry.event, Event::Joined { .. }) => "told",
            Output::Deliver { .. } => "told more",
            _ => "else",
        })
        .collect();
    assert_eq!(kinds, ["joined", "presenter_changed", "admitted", "told", "told more"]);
}
