//! How much of a meeting is simulated in how much of a processor's time.

#![allow(clippy::print_stdout, reason = "what was found is for people to look at")]

mod support;

use std::time::Duration;

use conf_sim::Link;
use support::{Plan, World, ms};

/// What the simulation has to give: at less, stories of minutes in twenty seeds are not run any more.
const LEAST: f64 = 50.0;
const SPAN: Duration = Duration::from_secs(15);
/// Whoever else uses the machine takes caches and clock from a try, and so adds to its time.
const TRIES: usize = 4;

/// The processor time this thread has taken, as Linux counts it.
fn spent() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.expect("nanoseconds come first"))
}

#[test]
fn four_people_meet_for_an_hour_in_a_minute() {
    let mut world = World::seeded(1);
    for peer in 0..4 {
        world.join(Plan::full());
        world.open_all(peer);
        let link = Link::new().delay(ms(20)).jitter(ms(3)).bursts(0.01, 2.0);
        world.link(world.peers[peer].address, link);
    }
    world.run_until(ms(5_000), |w| (0..4).all(|peer| w.connected(peer)));
    for peer in &mut world.peers {
        peer.forgetful = true;
    }
    let mut found = Vec::new();
    for _ in 0..TRIES {
        let before = (spent(), world.stats().forwarded_packets);
        world.run_for(SPAN);
        let (took, packets) = (spent() - before.0, world.stats().forwarded_packets - before.1);
        // Everybody gets three voices and three pictures.
        assert!(packets > 12 * 100 * SPAN.as_secs(), "{packets} packets");
        found.push(SPAN.as_secs_f64() / took.as_secs_f64());
    }
    println!("room-minutes in a minute of a processor: {found:.0?}");
    assert!(found.iter().any(|minutes| *minutes >= LEAST), "{found:.0?}, at least {LEAST} once");
}
