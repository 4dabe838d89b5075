//! What RTCP says, read in place, and how ours is written into the caller's buffer.

pub mod parse;
pub mod transport_cc;
pub mod write;

use std::time::Duration;

pub use parse::{Compound, Rtcp, RtcpError};
pub use write::{
    SenderInfo, write_bye, write_nack, write_pli, write_receiver_report, write_sdes_cname,
    write_sender_report,
};

/// One reception report block (RFC 3550, section 6.4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source reported on.
    pub ssrc: u32,
    /// Loss since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Loss in total, 24 bits signed on the wire.
    pub packets_lost: i32,
    /// Highest sequence number with its count of cycles.
    pub highest_seq: u32,
    /// Jitter in the source's clock ticks.
    pub jitter: u32,
    /// Middle 32 bits of the last sender report's NTP time, 0 if none came.
    pub last_sender_report: u32,
    /// Time since then in 65,536ths of a second.
    pub delay_since: u32,
}

impl ReportBlock {
    /// The round trip this block proves, given the NTP time (32.32) it arrived at.
    ///
    /// `None` when the reporter has seen no sender report, or its delay exceeds the time passed
    /// (RFC 3550, section 6.4.1).
    #[must_use]
    pub fn round_trip(&self, arrived_ntp: u64) -> Option<Duration> {
        if self.last_sender_report == 0 {
            return None;
        }
        let arrived = (arrived_ntp >> 16) as u32;
        let units = arrived.wrapping_sub(self.last_sender_report).wrapping_sub(self.delay_since);
        // Half the circle means the sum went below zero.
        (units < 1 << 31).then(|| Duration::from_micros(u64::from(units) * 1_000_000 / 65_536))
    }
}

/// An NTP timestamp (32.32 fixed point, RFC 3550 section 4) for a time since the NTP epoch.
#[must_use]
pub fn ntp(since_1900: Duration) -> u64 {
    let fraction = (u64::from(since_1900.subsec_nanos()) << 32) / 1_000_000_000;
    // The era number above 32 bits of seconds is not carried on the wire.
    (since_1900.as_secs() << 32) | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_is_the_time_away_less_the_delay_there() {
        let sent = ntp(Duration::from_millis(10_000));
        let block = ReportBlock {
            last_sender_report: (sent >> 16) as u32,
            delay_since: 65_536 / 4,
            ..ReportBlock::default()
        };
        let arrived = ntp(Duration::from_millis(10_290));
        let millis = block.round_trip(arrived).unwrap().as_millis();
        assert!((39..=40).contains(&millis), "40 ms on the road, {millis} computed");
        assert_eq!(block.round_trip(sent), None);
        assert_eq!(ReportBlock::default().round_trip(arrived), None);
    }
}
