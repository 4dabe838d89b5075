//! Transport feedback: walked when it comes from a subscriber, written about a publisher.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use conf_media::{
    rtcp::{Compound, Rtcp, transport_cc},
    track::Arrivals,
};

use crate::workload::{Case, Workload};

/// Packets one feedback speaks of: a tenth of a second at 2.5 Mbit/s and some.
const STATUSES: u64 = 32;
const FEEDBACKS: u64 = 64;

/// Both directions of draft-holmer-rmcat-transport-wide-cc-extensions-01.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "feedback/read",
        unit: "packet spoken of",
        rounds: 8,
        make: || Box::new(Reading::new()),
    },
    Case {
        name: "feedback/write",
        unit: "packet spoken of",
        rounds: 8,
        make: || {
            Box::new(Writing {
                arrivals: Arrivals::new(Instant::now()),
                now: Instant::now(),
                seq: 0,
            })
        },
    },
];

/// Feedback with two packets in a hundred lost, in bursts of 8 as pictures come.
struct Reading {
    datagrams: Vec<Vec<u8>>,
}

impl Reading {
    fn new() -> Self {
        let mut ticks = 1_000_000;
        let datagrams = (0..FEEDBACKS)
            .map(|number| {
                let first = number * STATUSES;
                let arrivals = (first..first + STATUSES).map(|packet| {
                    ticks += if packet % 8 == 0 { 130 } else { 1 };
                    (packet % 50 != 7).then_some(ticks)
                });
                let header = transport_cc::Header {
                    sender: 1,
                    media: 2,
                    base_seq: first as u16,
                    count: number as u8,
                };
                let mut out = [0; transport_cc::MAX_LEN];
                let written = transport_cc::write(&mut out, &header, arrivals);
                out[..written.expect("something arrived").len].to_vec()
            })
            .collect();
        Self { datagrams }
    }
}

impl Workload for Reading {
    fn round(&mut self) -> u64 {
        let mut spoken_of = 0;
        for datagram in &self.datagrams {
            for packet in Compound::new(black_box(datagram)) {
                if let Ok(Rtcp::TransportFeedback(feedback)) = packet {
                    spoken_of += feedback
                        .arrivals()
                        .inspect(|arrival| {
                            black_box(arrival);
                        })
                        .count() as u64;
                }
            }
        }
        spoken_of
    }
}

struct Writing {
    arrivals: Arrivals,
    now: Instant,
    seq: u16,
}

impl Workload for Writing {
    fn round(&mut self) -> u64 {
        let mut out = [0; transport_cc::MAX_LEN];
        for _ in 0..FEEDBACKS {
            for packet in 0..STATUSES {
                self.now += Duration::from_micros(if packet % 8 == 0 { 32_000 } else { 150 });
                self.seq = self.seq.wrapping_add(1);
                self.arrivals.received(self.now, self.seq);
            }
            while let Some(len) = self.arrivals.write_feedback(&mut out, 1, 2) {
                black_box(&out[..len]);
            }
        }
        FEEDBACKS * STATUSES
    }
}
