//! Removed, with or without a ban: what it closes, and who can come back.

use conf_core::event::LeaveReason;
use conf_core::id::ClaimId;
use conf_core::output::HangupReason;
use conf_core::{Claim, Command, Denied, Event, GuestPolicy, Output, Role, Source, Standing};

use crate::support::{Room, claim, config, guest, publish};

fn with_new_id(claim: Claim) -> Claim {
    Claim { id: ClaimId::from_number(4_711), ..claim }
}

#[test]
fn who_is_removed_is_hung_up_and_everything_of_theirs_closes_first() {
    let mut room = Room::with_ann_bob_and_cleo();
    let (ann, target, session) = (room.id("ann"), room.id("bob"), room.session("bob"));
    room.ask("bob", publish(Source::Camera));
    let happened = room.ask("ann", Command::Remove { target, ban: false });
    let reason = LeaveReason::Removed { by: ann, ban: false };
    assert_eq!(happened, [Event::Left { participant: target, reason }]);
    assert!(room.watched.outputs[0].closes());
    let hangup = Output::Hangup { session, reason: HangupReason::Removed };
    assert_eq!(room.watched.outputs.last(), Some(&hangup));
}

#[test]
fn the_claims_of_who_was_removed_admit_no_more_and_a_new_one_does() {
    let mut room = Room::with_ann_bob_and_cleo();
    // Bob came twice, by two claims.
    let second = Claim { id: ClaimId::from_number(5), ..claim("bob", Role::Participant) };
    room.try_join(second.clone()).expect("the same person");
    let target = room.id("bob");
    room.ask("ann", Command::Remove { target, ban: false });
    assert_eq!(room.try_arrive(second), Err(Denied::Removed));
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Err(Denied::Removed));
    room.watched.restart();
    assert_eq!(room.try_arrive(claim("bob", Role::Participant)), Err(Denied::Removed));
    let renewed = with_new_id(claim("bob", Role::Participant));
    assert_eq!(room.try_arrive(renewed), Ok(true), "a member with a new claim is not banned");
}

#[test]
fn who_is_banned_is_refused_under_any_claim_also_after_a_restart() {
    let mut room = Room::with_ann_bob_and_cleo();
    let target = room.id("bob");
    room.ask("ann", Command::Remove { target, ban: true });
    let renewed = || with_new_id(claim("bob", Role::Moderator));
    assert_eq!(room.try_arrive(renewed()), Err(Denied::Removed));
    room.watched.restart();
    assert_eq!(room.try_arrive(renewed()), Err(Denied::Removed));
    let elsewhere = Claim { issuer: "another".to_owned(), ..renewed() };
    assert_eq!(room.try_arrive(elsewhere), Ok(true), "somebody else by the same name");
}

#[test]
fn once_anybody_was_removed_guests_wait_even_with_an_open_lobby() {
    let mut room = Room::open_with(config().guests(GuestPolicy::Accept));
    room.join("ann", Role::Moderator);
    room.try_join(guest("bob")).expect("straight in");
    let target = room.id("bob");
    room.ask("ann", Command::Remove { target, ban: false });
    assert_eq!(room.try_arrive(with_new_id(guest("bob"))), Ok(false), "asked about");
    assert_eq!(room.try_arrive(guest("cleo")), Ok(false), "and so is every other guest");
    assert_eq!(room.try_arrive(claim("dan", Role::Participant)), Ok(true), "members are not");
    let moderating = Claim { standing: Standing::Guest, ..claim("eve", Role::Moderator) };
    assert_eq!(room.try_arrive(moderating), Ok(true), "nor are moderators");
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Ask });
    room.ask("ann", Command::SetGuests { policy: GuestPolicy::Accept });
    assert!(!room.is_in("cleo"), "opening the lobby again changes nothing of that");
}

#[test]
fn a_moderator_can_remove_another_and_machines_but_not_themselves() {
    let mut room = Room::with_ann_bob_and_cleo();
    room.join("eve", Role::Moderator);
    room.join("recorder", Role::Service);
    let own = room.id("ann");
    let denied = room.refused("ann", Command::Remove { target: own, ban: false });
    assert_eq!(denied.code(), "not_allowed");
    for name in ["eve", "recorder"] {
        let target = room.id(name);
        room.ask("ann", Command::Remove { target, ban: false });
        assert!(!room.is_in(name));
    }
    let denied = room.refused("ann", Command::Remove { target: own, ban: true });
    assert_eq!(denied.code(), "not_allowed");
}

#[test]
fn a_replaced_guest_link_admits_no_newcomer_and_keeps_whom_it_brought() {
    let mut room = Room::open_with(config().guests(GuestPolicy::Ask));
    room.join("ann", Role::Moderator);
    room.wait("bob");
    let target = room.wait("cleo");
    room.ask("ann", Command::Admit { target });
    room.ask("ann", Command::RotateLink);

    assert_eq!(room.try_arrive(guest("dan")), Err(Denied::LinkReplaced));
    assert_eq!(room.try_arrive(guest("bob")), Ok(false), "who waits goes on waiting");
    assert_eq!(room.try_arrive(guest("cleo")), Ok(true), "who is in comes back");
    room.watched.restart();
    assert_eq!(room.try_arrive(guest("dan")), Err(Denied::LinkReplaced));
    let by_the_new = Claim { guest_link: Some(1), ..guest("dan") };
    assert_eq!(room.try_arrive(by_the_new), Ok(false));

    // Who left and comes by the link of old is no longer somebody known.
    room.try_join(guest("cleo")).expect("her place is kept over the restart");
    room.ask("cleo", Command::Leave);
    assert_eq!(room.try_arrive(guest("cleo")), Err(Denied::LinkReplaced));
}
