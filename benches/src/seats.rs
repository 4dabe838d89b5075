//! Deciding what a subscriber is shown: nine slots and a room of a hundred.

use std::hint::black_box;

use conf_media::{
    allocate::{Live, Seat, Want, allocate},
    track::EncodingState,
    unit::Bitrate,
};

use crate::workload::{Case, Workload};

const SLOTS: usize = 9;
const TRACKS: u32 = 100;
const CALLS: u64 = 64;

/// A decision after each of the things that call for one.
pub(crate) const CASES: &[Case] = &[Case {
    name: "allocate/9_of_100",
    unit: "decision",
    rounds: 8,
    make: || Box::new(Deciding { seats: vec![None; SLOTS], turn: 0 }),
}];

struct Deciding {
    seats: Vec<Option<Seat<u32>>>,
    turn: u32,
}

fn live(track: u32) -> Option<Live> {
    if track.is_multiple_of(11) {
        return None;
    }
    let state = |(index, height): (u8, u16)| EncodingState {
        index,
        height,
        bitrate: Bitrate::from_kbps(u64::from(height) * 2),
        frames: 30,
        alive: index < 2 || !track.is_multiple_of(3),
    };
    Some([(0, 180), (1, 360), (2, 720)].into_iter().map(state).collect())
}

impl Workload for Deciding {
    fn round(&mut self) -> u64 {
        for _ in 0..CALLS {
            self.turn += 1;
            // Another speaker comes first, and the window is dragged larger and smaller.
            let height = [180, 240, 360, 400, 720][self.turn as usize % 5];
            let wants: Vec<Want<u32>> = (0..TRACKS)
                .map(|place| {
                    let track = (place + self.turn / 4) % TRACKS;
                    Want { track, height, interpreter: false }
                })
                .collect();
            black_box(allocate(&mut self.seats, &wants, live));
        }
        CALLS
    }
}
