//! Choosing and renumbering packets for one subscription, apart from everything around it.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use conf_media::{
    forward::{Lane, Rewrite, Select},
    rtp::{Codec, PacketFacts, RtpView},
};

use crate::{
    media::{FanOut, Source},
    workload::{Case, Workload},
};

const PACKETS: u64 = 1_024;
const LANES: [Lane; 3] = [
    Lane { source: 0, encoding: 0 },
    Lane { source: 0, encoding: 1 },
    Lane { source: 0, encoding: 2 },
];

/// The arithmetic between decryption and encryption.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "forward/1x200/vp8",
        unit: "packet",
        rounds: 6,
        make: || Box::new(FanOut::new(Codec::Vp8, 200)),
    },
    Case {
        name: "forward/1x200/opus",
        unit: "packet",
        rounds: 20,
        make: || Box::new(FanOut::new(Codec::Opus, 200)),
    },
    Case {
        name: "rewrite/lane/vp8",
        unit: "packet",
        rounds: 8,
        make: || Box::new(Rewriting::new(Codec::Vp8, false)),
    },
    Case {
        name: "rewrite/lane/vp9",
        unit: "packet",
        rounds: 8,
        make: || Box::new(Rewriting::new(Codec::Vp9, false)),
    },
    Case {
        name: "rewrite/every_other_frame/vp8",
        unit: "packet",
        rounds: 8,
        make: || Box::new(Rewriting::new(Codec::Vp8, true)),
    },
    Case {
        name: "select/three_encodings/vp8",
        unit: "packet",
        rounds: 8,
        make: || Box::new(Selecting::new()),
    },
];

impl Workload for FanOut {
    fn round(&mut self) -> u64 {
        black_box(self.frame());
        self.packets()
    }
}

/// The facts of `codec`'s first packets, with extended numbers.
fn facts(codec: Codec) -> Vec<PacketFacts> {
    let mut source = Source::new(codec);
    let burst = source.burst() as u64;
    (0..PACKETS)
        .map(|index| {
            let view = RtpView::parse(source.packet((index % burst) as usize));
            PacketFacts::read(codec, 70_000 + index, &view.expect("a valid packet"))
                .expect("a valid descriptor")
        })
        .collect()
}

struct Rewriting {
    codec: Codec,
    thinned: bool,
    packets: Vec<PacketFacts>,
    start: Instant,
}

impl Rewriting {
    fn new(codec: Codec, thinned: bool) -> Self {
        Self { codec, thinned, packets: facts(codec), start: Instant::now() }
    }
}

impl Workload for Rewriting {
    fn round(&mut self) -> u64 {
        let mut rewrite = Rewrite::new(self.codec, 0, 0);
        let mut now = self.start;
        rewrite.switch(now, self.codec, &self.packets[0]);
        for (index, packet) in self.packets.iter().enumerate().skip(1) {
            now += Duration::from_millis(4);
            if self.thinned && index / 8 % 2 == 1 {
                rewrite.skip(black_box(packet));
            } else {
                black_box(rewrite.map(now, black_box(packet)));
            }
        }
        PACKETS
    }
}

struct Selecting {
    packets: Vec<PacketFacts>,
    select: Select,
    turn: usize,
}

impl Selecting {
    fn new() -> Self {
        Self { packets: facts(Codec::Vp8), select: Select::default(), turn: 0 }
    }
}

impl Workload for Selecting {
    fn round(&mut self) -> u64 {
        self.turn += 1;
        self.select.aim(Some(LANES[self.turn % 3]));
        for packet in &self.packets {
            for lane in LANES {
                black_box(self.select.judge(lane, black_box(packet)));
            }
        }
        3 * PACKETS
    }
}
