//! What a peer may be given whatever it wishes, and ICE restarts without an offer: the parts of
//! WHIP and WHEP that a shard decides.

mod support;

use std::collections::BTreeSet;

use conf_media::{
    EndpointId, TrackId,
    shard::{Command, Event, OfferRefused, Scope, Wished},
};
use support::{Plan, World, ms};

/// Two who send and one who listens, all open, with everything flowing.
fn two_and_a_viewer(seed: u64) -> (World, usize, usize, usize) {
    let mut world = World::seeded(seed);
    let alice = world.join(Plan::full());
    let bob = world.join(Plan::full());
    let viewer = world.join(Plan::viewer());
    for peer in [alice, bob] {
        world.open_all(peer);
    }
    world.run_until(ms(3_000), |w| [alice, bob, viewer].iter().all(|peer| w.connected(*peer)));
    world.run_for(ms(1_000));
    (world, alice, bob, viewer)
}

fn narrow(world: &mut World, peer: usize, scope: Scope) {
    let endpoint = world.peers[peer].id;
    world.command(Command::Scope { endpoint, scope, height: 360 });
    world.run_for(ms(500));
}

fn given(world: &World, peer: usize) -> BTreeSet<TrackId> {
    world.slots(peer).into_values().collect()
}

/// Whose packets arrive in the next second, by the slots they arrive in.
fn arriving(world: &mut World, peer: usize) -> BTreeSet<TrackId> {
    let since = world.clock.now();
    world.run_for(ms(1_000));
    let slots = world.slots(peer);
    let fresh = |mid: &str| world.peers[peer].in_slot(mid).iter().any(|p| p.at >= since);
    slots.into_iter().filter(|(mid, _)| fresh(mid)).map(|(_, track)| track).collect()
}

#[test]
fn only_what_is_named_arrives_and_all_again_when_the_scope_is_lifted() {
    let (mut world, alice, bob, viewer) = two_and_a_viewer(1);
    let all: BTreeSet<_> =
        [alice, bob].iter().flat_map(|peer| world.peers[*peer].tracks()).collect();
    assert_eq!(given(&world, viewer), all, "nobody is left out by default");

    let hers: BTreeSet<_> = world.peers[alice].tracks().into_iter().collect();
    narrow(&mut world, viewer, Scope::Only(hers.iter().copied().collect()));
    assert_eq!(given(&world, viewer), hers);
    assert_eq!(arriving(&mut world, viewer), hers, "and nothing else is sent");

    narrow(&mut world, viewer, Scope::All);
    assert_eq!(arriving(&mut world, viewer), all);
}

#[test]
fn a_wish_reaches_nothing_outside_the_scope() {
    let (mut world, alice, bob, viewer) = two_and_a_viewer(2);
    let his = world.peers[bob].video();
    let both_his = world.peers[bob].tracks();
    narrow(&mut world, viewer, Scope::AllBut(both_his));
    world.wish(viewer, &[(his, 360)]);
    world.run_for(ms(500));
    assert!(!given(&world, viewer).contains(&his), "a wish by name");
    // Whoever speaks: he is the only one left out, so she is shown in every turn.
    world.wish_for(viewer, &[(Wished::Speaker(0), 360), (Wished::Speaker(1), 360)]);
    let arrives = arriving(&mut world, viewer);
    assert!(arrives.contains(&world.peers[alice].video()), "{arrives:?}");
    assert!(!arrives.contains(&his) && !arrives.contains(&world.peers[bob].audio()), "{arrives:?}");
}

#[test]
fn a_hidden_camera_ends_at_once_and_comes_back_whatever_is_wished() {
    let (mut world, alice, bob, viewer) = two_and_a_viewer(6);
    let (his, hers) = (world.peers[bob].video(), world.peers[alice].video());
    let endpoint = world.peers[viewer].id;
    let show = |world: &mut World, shown: Option<Vec<TrackId>>| {
        world.command(Command::Cameras { endpoint, shown });
        world.run_for(ms(200));
    };
    show(&mut world, Some(vec![hers]));
    let seen = arriving(&mut world, viewer);
    assert!(seen.contains(&hers) && !seen.contains(&his), "without a wish: {seen:?}");
    assert!(seen.contains(&world.peers[bob].audio()), "he is heard: {seen:?}");
    world.wish(viewer, &[(his, 360)]);
    assert!(!arriving(&mut world, viewer).contains(&his), "a wish by name");
    world.wish_for(viewer, &[(Wished::Speaker(0), 360), (Wished::Speaker(1), 360)]);
    assert!(!arriving(&mut world, viewer).contains(&his), "a wish for who speaks");

    show(&mut world, None);
    assert!(arriving(&mut world, viewer).contains(&his), "he comes back");
    let refused = world.stats().refused_commands;
    world.command(Command::Cameras { endpoint: EndpointId(4_711), shown: None });
    assert_eq!(world.stats().refused_commands, refused + 1);
}

#[test]
fn one_who_left_cannot_be_narrowed_or_restarted() {
    let (mut world, alice, ..) = two_and_a_viewer(3);
    let endpoint = EndpointId(4_711);
    let before = world.stats().refused_commands;
    world.command(Command::Scope { endpoint, scope: Scope::All, height: 360 });
    assert_eq!(world.stats().refused_commands, before + 1);

    let credentials = ("abcd".to_owned(), "0123456789012345678901".to_owned());
    world.command(Command::Restart { endpoint, number: 9, credentials });
    let refused = Event::Answered {
        endpoint,
        number: 9,
        result: Err(OfferRefused::UnknownEndpoint(endpoint)),
    };
    assert!(world.events.contains(&refused), "{:?}", world.events.last());
    assert!(!arriving(&mut world, alice).is_empty(), "the others notice nothing");
}

#[test]
fn credentials_that_are_none_are_refused_and_the_old_ones_stay_valid() {
    let (mut world, _, bob, viewer) = two_and_a_viewer(4);
    let endpoint = world.peers[viewer].id;
    // Too short (RFC 8839, section 5.4: four and 22 characters), too long, with a line break.
    let pwd = "0123456789012345678901".to_owned();
    for (number, credentials) in (10..).zip([
        ("abc".to_owned(), pwd.clone()),
        ("abcd".to_owned(), "short".to_owned()),
        ("a".repeat(257), pwd.clone()),
        ("ab\r\ncd".to_owned(), pwd),
    ]) {
        world.command(Command::Restart { endpoint, number, credentials });
        let refused = world.events.iter().any(|event| {
            matches!(event, Event::Answered { endpoint: e, number: n, result: Err(OfferRefused::Description(_)) }
                if *e == endpoint && *n == number)
        });
        assert!(refused, "number {number}: {:?}", world.events.last());
    }
    // Longer than consent lasts (RFC 7675: 30 s): checks with the old credentials keep it.
    world.run_for(ms(35_000));
    assert!(arriving(&mut world, viewer).contains(&world.peers[bob].video()));
}
