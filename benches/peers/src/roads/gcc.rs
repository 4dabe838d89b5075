//! The send-side estimator of `rtc-interceptor` as the control of a sender.
//!
//! It is fed as that crate's own interceptor feeds it (`cc/interceptor.rs`): what leaves goes into
//! its history, feedback is looked up there, and what that resolves goes to the estimator, which
//! is asked for its target afterwards. Only the RTP and RTCP packets around it are left out, and the
//! crate's pacer, which would let a tenth of a second leave at once: packets are spread as ours are.

use std::time::{Duration, Instant};

use conf_sim::road::{Control, Elastic, LEN, News};
use rtc::interceptor::{
    Acknowledgement, BandwidthEstimator as _, CONGESTION_CONTROL_DEFAULT_PRUNE_HORIZON as KEPT,
    GCC_MIN_BITRATE, Gcc as Estimator, History,
};
use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;

use super::{FIRST, MOST};

/// What transport-wide feedback counts arrivals in, in microseconds.
const TICK: u128 = 250;
const SSRC: u32 = 1;

/// A flow under it.
pub(super) fn sender(active: &[std::ops::Range<Duration>]) -> Elastic<Gcc> {
    let estimator = Estimator::new(FIRST, GCC_MIN_BITRATE, MOST);
    Elastic::under(Gcc { estimator, history: History::new() }, MOST, active)
}

/// The estimator and its history.
pub(super) struct Gcc {
    estimator: Estimator,
    history: History,
}

impl Control for Gcc {
    fn sent(&mut self, at: Instant, number: usize) {
        let number = number as u16;
        self.history.add_outgoing(SSRC, number, true, number, LEN, at);
    }

    fn hear(&mut self, at: Instant, _round_trip: Duration, _skipped: usize, news: &[News]) {
        for packet in news {
            let number = packet.number as u16;
            let said = match packet.arrived {
                Some(there) => {
                    let there = (there.as_micros() / TICK * TICK) as u64;
                    let there = Duration::from_micros(there);
                    Acknowledgement::received(number, Some(there), Ecn::NotEct)
                }
                None => Acknowledgement::lost(number),
            };
            self.history.on_twcc_feedback(at, said);
        }
        self.estimator.on_reports(at, &self.history.take_reports());
        self.history.prune_before(at - KEPT);
    }

    fn rate(&self) -> f64 {
        self.estimator.target_bitrate()
    }
}
