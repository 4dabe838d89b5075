//! Two connected peers of `str0m` as a sender and its receiver.
//!
//! Nothing of the library is left out: what leaves its pacer goes over the road byte for byte, probes,
//! reports and checks of the connection included, and its receiver sends the feedback (every 50 ms,
//! as ours). The source writes what the library's estimate says, however it is read ([`Reading`]).
//! Packets are kept for repairs, because probes are made of them, but no repairs are asked for, as
//! ours are not either. Time is virtual; the keys of a session are drawn anew each time, the sizes and
//! times of its packets are not.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::time::{Duration, Instant};

use conf_sim::road::{LEN, Sender, Turn};
use str0m::bwe::{Bitrate, BweKind};
use str0m::format::Codec;
use str0m::media::{MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::{FIRST, MOST};

/// The connection is made so long before the first packet, over a way without delay or bound.
const BEFORE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(1);
/// What the source would like to send at last; probes go up to twice this. 20 Mbit/s, which our own
/// source is bounded by, give the same figures.
const WANTED: Bitrate = Bitrate::mbps(5);
/// What surrounds a payload: header with extensions and the seal.
const AROUND: usize = 50;
const SSRC: u32 = 42;
const REPAIR_SSRC: u32 = 44;
/// How often statistics are taken for [`Reading::AtOnce`].
const EVERY: Duration = Duration::from_millis(20);
/// Polls for one moment; a library that asks for more is broken.
const POLLS: usize = 10_000;

/// Where the source takes the estimate from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// From the event that the documentation wants rates to be chosen by
    /// (`EgressBitrateEstimate`): the mean of the last three seconds.
    Told,
    /// From frequent statistics (`PeerStats::bwe_tx`): what the pacer goes by.
    AtOnce,
}

/// A flow under the library's congestion control.
pub(super) struct Session {
    reading: Reading,
    active: Vec<Range<Duration>>,
    pair: Option<Pair>,
}

impl Session {
    /// One that sends within these times; it is connected just before the first.
    pub(super) fn new(reading: Reading, active: &[Range<Duration>]) -> Self {
        Self { reading, active: active.to_vec(), pair: None }
    }
}

impl Sender for Session {
    fn turn(&mut self, turn: &mut Turn<'_>) {
        let is_active = self.active.iter().any(|active| active.contains(&turn.now()));
        if self.pair.is_none() && is_active {
            self.pair = Some(Pair::connect(turn.at(), self.reading));
        }
        if let Some(pair) = &mut self.pair {
            pair.turn(turn, is_active);
        }
    }
}

/// Both ends and what is under way between them, by arrival.
struct Pair {
    sender: Peer,
    receiver: Peer,
    there: VecDeque<(Instant, Vec<u8>)>,
    back: VecDeque<(Instant, Vec<u8>)>,
    pt: Pt,
    /// Bits per second, as the library last told it.
    estimate: f64,
    /// Bytes the source may write.
    credit: f64,
    next: u64,
}

impl Pair {
    /// Two that are connected at a moment.
    fn connect(at: Instant, reading: Reading) -> Self {
        let begin = at - BEFORE;
        let first = Bitrate::bps(FIRST as u64);
        let sender = Rtc::builder()
            .set_rtp_mode(true)
            .enable_bwe(Some(first))
            .set_stats_interval((reading == Reading::AtOnce).then_some(EVERY))
            .build(begin);
        let receiver = Rtc::builder().set_rtp_mode(true).build(begin);
        let mut sender = Peer::new(sender, reading, begin, 1);
        let mut receiver = Peer::new(receiver, reading, begin, 2);
        sender.meet(&mut receiver, true);
        receiver.meet(&mut sender, false);
        let mut now = begin;
        while now < at {
            now += TICK;
            // What one says the other hears within the same millisecond.
            let (mut to, mut fro) = (sender.advance(now).datagrams, Vec::new());
            while !(to.is_empty() && fro.is_empty()) {
                fro.extend(to.drain(..).flat_map(|d| receiver.receive(now, &d).datagrams));
                to.extend(fro.drain(..).flat_map(|d| sender.receive(now, &d).datagrams));
            }
            to.extend(receiver.advance(now).datagrams);
            to.into_iter().for_each(|d| drop(sender.receive(now, &d)));
        }
        let connected = sender.rtc.is_connected() && receiver.rtc.is_connected();
        assert!(connected, "two peers of str0m without anything between them connect");

        let mid: Mid = "vid".into();
        let (ssrc, repair): (Ssrc, Ssrc) = (SSRC.into(), REPAIR_SSRC.into());
        let mut api = sender.rtc.direct_api();
        api.declare_media(mid, MediaKind::Video);
        api.declare_stream_tx(ssrc, Some(repair), mid, None);
        let mut api = receiver.rtc.direct_api();
        api.declare_media(mid, MediaKind::Video);
        api.expect_stream_rx(ssrc, Some(repair), mid, None).suppress_nack(true);
        api.enable_twcc_feedback();
        sender.rtc.bwe().set_bitrate(Bitrate::ZERO, WANTED);
        let codecs = sender.rtc.codec_config();
        let vp8 = codecs.find(|params| params.spec().codec == Codec::Vp8);
        let pt = vp8.expect("str0m knows VP8 unless told otherwise").pt();
        (sender.due, receiver.due) = (at, at);
        Self {
            sender,
            receiver,
            there: VecDeque::new(),
            back: VecDeque::new(),
            pt,
            estimate: FIRST,
            credit: 0.0,
            next: 1,
        }
    }

    fn turn(&mut self, turn: &mut Turn<'_>, is_active: bool) {
        let now = turn.at();
        while let Some((_, datagram)) = self.there.pop_front_if(|(at, _)| *at <= now) {
            let said = self.receiver.receive(now, &datagram);
            self.answer(turn, said);
        }
        let said = self.receiver.advance(now);
        self.answer(turn, said);
        while let Some((_, datagram)) = self.back.pop_front_if(|(at, _)| *at <= now) {
            let said = self.sender.receive(now, &datagram);
            self.send(turn, said);
        }
        let said = self.sender.advance(now);
        self.send(turn, said);
        if !is_active {
            self.credit = 0.0;
            return;
        }
        self.credit = (self.credit + self.estimate.min(MOST) / 8.0 / 1e3).min(3.0 * LEN as f64);
        while self.credit >= LEN as f64 {
            self.credit -= LEN as f64;
            let said = self.write(now);
            self.send(turn, said);
        }
    }

    /// Gives the library a packet to send.
    fn write(&mut self, now: Instant) -> Said {
        let payload = vec![0; LEN - AROUND];
        let timestamp = (self.next * 1_000) as u32;
        let write = RtpWrite::new(self.pt, self.next.into(), timestamp, now, payload);
        self.next += 1;
        let mut api = self.sender.rtc.direct_api();
        let stream = api.stream_tx(&SSRC.into()).expect("the stream was declared");
        stream.write_rtp(write.nackable(true));
        self.sender.due = now;
        self.sender.advance(now)
    }

    /// Sends what the sender says.
    fn send(&mut self, turn: &mut Turn<'_>, said: Said) {
        for datagram in said.datagrams {
            if let Some(there) = turn.send(datagram.len()) {
                insert(&mut self.there, there, datagram);
            }
        }
        if let Some(estimate) = said.estimate {
            self.estimate = estimate;
            turn.note(estimate);
        }
    }

    /// Sends back what the receiver says.
    fn answer(&mut self, turn: &mut Turn<'_>, said: Said) {
        for datagram in said.datagrams {
            if let Some(there) = turn.answer(datagram.len()) {
                insert(&mut self.back, there, datagram);
            }
        }
    }
}

fn insert(under_way: &mut VecDeque<(Instant, Vec<u8>)>, there: Instant, datagram: Vec<u8>) {
    let place = under_way.partition_point(|(other, _)| *other <= there);
    under_way.insert(place, (there, datagram));
}

/// What a peer had to say.
#[derive(Default)]
struct Said {
    datagrams: Vec<Vec<u8>>,
    estimate: Option<f64>,
}

/// One end.
struct Peer {
    rtc: Rtc,
    reading: Reading,
    here: SocketAddr,
    other: SocketAddr,
    /// When the library wants to be called next.
    due: Instant,
}

impl Peer {
    fn new(rtc: Rtc, reading: Reading, due: Instant, number: u8) -> Self {
        let address = |number| SocketAddr::from((Ipv4Addr::new(10, 0, 0, number), 5_000));
        Self { rtc, reading, here: address(number), other: address(3 - number), due }
    }

    /// Makes the other end known; `leads` is who asks first.
    fn meet(&mut self, other: &mut Self, leads: bool) {
        let candidate = |at| Candidate::host(at, "udp").expect("an address makes a candidate");
        self.rtc.add_local_candidate(candidate(self.here));
        self.rtc.add_remote_candidate(candidate(self.other));
        let there = other.rtc.direct_api();
        let fingerprint = there.local_dtls_fingerprint().clone();
        let credentials = there.local_ice_credentials();
        let mut api = self.rtc.direct_api();
        api.set_remote_fingerprint(fingerprint);
        api.set_remote_ice_credentials(credentials);
        api.set_ice_controlling(leads);
        api.start_dtls(leads).expect("DTLS begins once");
    }

    /// Lets time pass where it is due.
    fn advance(&mut self, now: Instant) -> Said {
        if self.due > now {
            return Said::default();
        }
        self.rtc.handle_input(Input::Timeout(now)).expect("time may pass");
        self.poll(now)
    }

    fn receive(&mut self, now: Instant, datagram: &[u8]) -> Said {
        let receive = Receive::new(Protocol::Udp, self.other, self.here, datagram);
        let receive = receive.expect("a peer of str0m reads what another wrote");
        self.rtc.handle_input(Input::Receive(now, receive)).expect("and takes it");
        self.poll(now)
    }

    /// Does what the library asks until it only waits.
    fn poll(&mut self, now: Instant) -> Said {
        let mut said = Said::default();
        for _ in 0..POLLS {
            match self.rtc.poll_output().expect("a peer on a road lives") {
                // The pacer lets one packet out each time it is told the time.
                Output::Timeout(at) if at <= now => {
                    self.rtc.handle_input(Input::Timeout(now)).expect("time may pass");
                }
                Output::Timeout(at) => {
                    self.due = at;
                    return said;
                }
                Output::Transmit(transmit) => said.datagrams.push(transmit.contents.to_vec()),
                Output::Event(event) => said.estimate = self.estimate(&event).or(said.estimate),
            }
        }
        panic!("str0m still asks for something after {POLLS} polls for one moment");
    }

    /// The estimate an event tells, in bits per second.
    fn estimate(&self, event: &Event) -> Option<f64> {
        let estimate = match (self.reading, event) {
            (Reading::Told, Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. })) => {
                Some(*estimate)
            }
            (Reading::AtOnce, Event::PeerStats(stats)) => stats.bwe_tx,
            _ => None,
        };
        estimate.map(|estimate| estimate.as_u64() as f64)
    }
}
