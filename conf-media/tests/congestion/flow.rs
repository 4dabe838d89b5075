//! Our estimator as the control of a sender that could always send more.

use std::time::{Duration, Instant};

use conf_media::{
    bwe::{Arrival, Estimate, Estimator, Stamp},
    unit::Bitrate,
};
use conf_sim::road::{Control, Elastic, LEN, News};

/// What it wants: more than any of these roads carries.
const ALL: Bitrate = Bitrate::from_kbps(100_000);

/// One flow under our congestion control.
pub(crate) type Flow = Elastic<Ours>;

/// The estimator, and the rate it allows.
pub(crate) struct Ours {
    estimator: Estimator,
    rate: f64,
}

impl Default for Ours {
    fn default() -> Self {
        let mut ours = Self { estimator: Estimator::default(), rate: 0.0 };
        ours.look();
        ours
    }
}

impl Ours {
    fn look(&mut self) {
        let pace = self.estimator.pace(ALL).unwrap_or(ALL);
        let allowed = match self.estimator.estimate() {
            Estimate::Limited(limit) => limit.min(pace),
            Estimate::Open | Estimate::Unknown => pace,
        };
        self.rate = allowed.bps() as f64;
    }
}

impl Control for Ours {
    fn hear(&mut self, at: Instant, round_trip: Duration, skipped: usize, news: &[News]) {
        if skipped > 0 {
            self.estimator.unheard(skipped as u32 * LEN as u32);
        }
        for packet in news {
            match packet.arrived {
                Some(there) => self.estimator.arrived(&Arrival {
                    sent: Stamp(packet.sent.as_micros() as u32),
                    ticks: (there.as_micros() / 250) as u32,
                    size: LEN as u16,
                    was_missing: packet.was_missing,
                }),
                None => self.estimator.lost(),
            }
        }
        self.estimator.conclude(at, round_trip);
        self.look();
    }

    fn rate(&self) -> f64 {
        self.rate
    }
}
