use std::{sync::mpsc, time::Duration};

use super::*;
use crate::{EndpointId, GroupId, rtp::Codec, shard::Offer};

const OFFER: &str = include_str!("../../fixtures/sdp/chromium-offer.sdp");

fn pool(listen: &str) -> (MediaPool, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel();
    let config = DriverConfig::new(listen.parse().unwrap());
    let pool = MediaPool::start(config, move |event| {
        let _ = sender.send(event);
    });
    (pool.unwrap(), events)
}

fn connect(endpoint: u64) -> Command {
    let offer =
        Offer { number: 1, sdp: OFFER.to_owned(), tracks: Default::default(), video: Codec::Vp8 };
    Command::Connect { endpoint: EndpointId(endpoint), group: GroupId(1), offer }
}

/// Waits until `condition` holds, at most five seconds.
fn eventually(condition: impl Fn() -> bool) -> bool {
    let (_keep, never) = mpsc::channel::<()>();
    for _ in 0..500 {
        if condition() {
            return true;
        }
        let _ = never.recv_timeout(Duration::from_millis(10));
    }
    false
}

#[test]
fn a_command_is_answered_with_the_real_port() {
    let (pool, events) = pool("127.0.0.1:0");
    assert_ne!(pool.local_addr().port(), 0);
    pool.send(connect(1)).unwrap();
    let event = events.recv_timeout(Duration::from_secs(10)).unwrap();
    let Event::Answered { endpoint, number: 1, result: Ok(sdp) } = event else {
        panic!("{event:?}")
    };
    assert_eq!(endpoint, EndpointId(1));
    let candidate = format!(" 127.0.0.1 {} typ host", pool.local_addr().port());
    assert!(sdp.contains(&candidate), "{sdp}");
}

#[test]
fn datagrams_reach_the_shard_on_both_families() {
    for (listen, from) in [
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("0.0.0.0:0", "127.0.0.1:0"),
        ("[::]:0", "127.0.0.1:0"),
        ("[::]:0", "[::1]:0"),
        ("[::1]:0", "[::1]:0"),
    ] {
        let (pool, _events) = pool(listen);
        let Ok(client) = UdpSocket::bind(from) else {
            // A machine without IPv6 has nothing to show here.
            assert!(from.starts_with("[::1]"), "{from}");
            continue;
        };
        let to = SocketAddr::new(client.local_addr().unwrap().ip(), pool.local_addr().port());
        for _ in 0..100 {
            client.send_to(b"neither STUN nor DTLS nor RTP", to).unwrap();
        }
        client.send_to(&[0x80; 3000], to).unwrap();
        assert!(eventually(|| pool.stats().received_datagrams == 100), "{listen} from {from}");
        assert!(eventually(|| pool.socket_stats().oversized_datagrams == 1));
    }
}

#[test]
fn dropping_the_pool_ends_the_thread_at_once() {
    let (pool, events) = pool("127.0.0.1:0");
    drop(pool);
    // The callback, and with it the sender, went with the thread.
    assert_eq!(
        events.recv_timeout(Duration::from_millis(1)),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn a_callback_that_panics_ends_the_thread_and_send_says_so() {
    let config = DriverConfig::new("127.0.0.1:0".parse().unwrap());
    let pool = MediaPool::start(config, |_| panic!("by the test")).unwrap();
    pool.send(connect(1)).unwrap();
    assert!(eventually(
        || pool.send(Command::Remove { endpoint: EndpointId(2) }) == Err(Busy::Stopped)
    ));
}

#[test]
fn a_taken_port_is_an_error() {
    let (pool, _events) = pool("127.0.0.1:0");
    let taken = MediaPool::start(DriverConfig::new(pool.local_addr()), |_| {});
    assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn a_shard_that_panics_is_made_anew_and_its_endpoints_are_gone() {
    let (pool, events) = pool("127.0.0.1:0");
    let next = || events.recv_timeout(Duration::from_secs(10)).unwrap();
    let answered = |event| matches!(event, Event::Answered { result: Ok(_), .. });
    for endpoint in [1, 2, 3] {
        pool.send(connect(endpoint)).unwrap();
        assert!(answered(next()));
    }
    pool.send(Command::Remove { endpoint: EndpointId(2) }).unwrap();
    let bad =
        Offer { number: 1, sdp: "hello".to_owned(), tracks: Default::default(), video: Codec::Vp8 };
    let (endpoint, group) = (EndpointId(4), GroupId(1));
    pool.send(Command::Connect { endpoint, group, offer: bad }).unwrap();
    assert!(matches!(next(), Event::Answered { result: Err(_), .. }));

    pool.shared.broken.store(true, Ordering::Release);
    pool.wake();
    assert_eq!(next(), Event::Gone { endpoint: EndpointId(1) });
    assert_eq!(next(), Event::Gone { endpoint: EndpointId(3) });
    assert!(eventually(|| pool.socket_stats().panics == 1));

    pool.send(connect(5)).unwrap();
    assert!(answered(next()), "the new shard works");
}
