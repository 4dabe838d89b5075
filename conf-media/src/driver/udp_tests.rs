use std::{net::UdpSocket, os::fd::AsFd as _, time::Instant};

use super::*;

/// Two sockets on loopback; the receiving one is told to stamp and, if wished, to join.
fn pair(joining: bool) -> (UdpSocket, UdpSocket) {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.connect(receiver.local_addr().unwrap()).unwrap();
    enable_stamps(receiver.as_fd()).unwrap();
    if joining {
        enable_coalescing(receiver.as_fd()).unwrap();
    }
    (sender, receiver)
}

/// Sends bytes in one message that the kernel cuts.
fn send(batch: &mut SendBatch, sender: &UdpSocket, bytes: &[u8], segment: usize) {
    let destination = SockAddr::from(sender.peer_addr().unwrap());
    let segment = (bytes.len() > segment).then(|| u16::try_from(segment).unwrap());
    let message = Message { destination, source: None, bytes: 0..bytes.len(), segment };
    assert_eq!(batch.send(sender.as_fd(), bytes, &[message]).unwrap(), 1);
}

/// Takes out what waits: the messages, and their datagrams.
fn receive(batch: &mut ReceiveBatch, receiver: &UdpSocket) -> (usize, Vec<Vec<u8>>) {
    let (mut messages, mut datagrams) = (0, Vec::new());
    while let Ok(count) = batch.receive(receiver.as_fd()) {
        messages += count;
        for (envelope, bytes) in batch.parts() {
            let envelope = envelope.expect("it has an address");
            assert!(envelope.stamp.is_some() && !envelope.truncated);
            let pieces = bytes[..envelope.len].chunks(envelope.segment);
            datagrams.extend(pieces.map(<[u8]>::to_vec));
        }
    }
    (messages, datagrams)
}

#[test]
fn what_the_kernel_joined_comes_apart_as_it_was_sent() {
    for joining in [false, true] {
        let (sender, receiver) = pair(joining);
        let (mut out, mut batch) = (SendBatch::new(), ReceiveBatch::new());
        let bytes: Vec<u8> = (0..5_500u32).map(|n| (n / 1_000) as u8).collect();
        send(&mut out, &sender, &bytes, 1_000);
        send(&mut out, &sender, b"alone", 1_000);
        let (messages, datagrams) = receive(&mut batch, &receiver);
        let lens: Vec<usize> = datagrams.iter().map(Vec::len).collect();
        assert_eq!(lens, [1_000, 1_000, 1_000, 1_000, 1_000, 500, 5]);
        assert_eq!(datagrams[..6].concat(), bytes);
        assert_eq!(datagrams[6], b"alone");
        assert!(messages <= 7, "{messages} messages");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for people, with --nocapture")]
fn receiving_joined_datagrams_costs_no_more_than_one_by_one() {
    const ROUNDS: u32 = 200;
    let bytes = vec![7; 6 * 1_200];
    let mut figures = Vec::new();
    for run in [1, 6] {
        for joining in [false, true] {
            let (sender, receiver) = pair(joining);
            let (mut out, mut batch) = (SendBatch::new(), ReceiveBatch::new());
            let (mut spent, mut messages, mut datagrams) = (Duration::ZERO, 0, 0);
            for _ in 0..ROUNDS {
                for piece in bytes.chunks(run * 1_200) {
                    send(&mut out, &sender, piece, 1_200);
                }
                let begin = Instant::now();
                while let Ok(count) = batch.receive(receiver.as_fd()) {
                    messages += count;
                    for (envelope, bytes) in batch.parts() {
                        let envelope = envelope.unwrap();
                        datagrams += bytes[..envelope.len].chunks(envelope.segment).count();
                    }
                }
                spent += begin.elapsed();
            }
            assert_eq!(datagrams, 6 * ROUNDS as usize, "nothing is lost");
            let cost = spent.as_nanos() as usize / datagrams;
            println!(
                "sent in runs of {run}, joining {joining}: {cost} ns a datagram, \
                      {messages} messages"
            );
            figures.push((messages, cost));
        }
    }
    let [(alone, _), (alone_joining, _), (apart, _), (joined, _)] = figures[..] else { panic!() };
    assert!(alone_joining <= alone && joined <= apart, "never more messages: {figures:?}");
}
