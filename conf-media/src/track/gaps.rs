//! Which packets of a source are missing, and when to ask for each: the receiving side's NACKs.

use std::time::{Duration, Instant};

/// Most packets asked for at a time. A longer gap is not a loss but an outage.
const MOST_MISSING: usize = 256;
/// How long a missing packet is worth having. Larger repairs long paths; smaller stops asking for
/// what every subscriber's jitter buffer has given up on.
const GIVE_UP_AFTER: Duration = Duration::from_millis(1000);
/// Requests per packet at most, in round trips.
const MOST_REQUESTS: u8 = 8;
/// Requests in a round trip where much is lost: of one, request or answer are lost too often. Browsers
/// answer once a round trip however often they are asked, so more cost little on their way up.
const PER_ROUND_TRIP: u8 = 3;
/// The share lost from which on that is so.
const MUCH: f32 = 0.05;
/// How much of the share lost one packet decides: it is a look at the latest hundred or so.
const WEIGHT: f32 = 0.01;
/// Shortest time between two requests for one packet, whatever the round trip.
const LEAST_INTERVAL: Duration = Duration::from_millis(20);

/// The missing packets of one encoding, oldest first.
#[derive(Debug, Default)]
pub struct Gaps {
    missing: Vec<Missing>,
    newest: Option<u64>,
    given_up: u64,
    /// The share that did not come in its turn, 0 to 1.
    lost: f32,
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    seq: u64,
    since: Instant,
    asked: Option<Instant>,
    requests: u8,
}

impl Gaps {
    /// Nothing missing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `seq` (extended) arrived. True when so much is missing that only a keyframe
    /// helps; the list is then empty again.
    pub fn received(&mut self, now: Instant, seq: u64) -> bool {
        let Some(newest) = self.newest else {
            self.newest = Some(seq);
            return false;
        };
        if seq <= newest {
            if let Ok(at) = self.missing.binary_search_by_key(&seq, |missing| missing.seq) {
                self.missing.remove(at);
            }
            return false;
        }
        self.newest = Some(seq);
        let gap = seq - newest - 1;
        self.lost -= self.lost * WEIGHT;
        for _ in 0..gap.min(MOST_MISSING as u64) {
            self.lost += (1.0 - self.lost) * WEIGHT;
        }
        if gap + self.missing.len() as u64 > MOST_MISSING as u64 {
            self.given_up = self.given_up.saturating_add(gap + self.missing.len() as u64);
            self.missing.clear();
            return true;
        }
        self.missing.extend((newest + 1..seq).map(|seq| Missing {
            seq,
            since: now,
            asked: None,
            requests: 0,
        }));
        false
    }

    /// Puts the packets to ask for now (extended numbers, ascending) at the end of `out`, and
    /// notes that they were asked for. True when some were given up, so that video needs a
    /// keyframe.
    pub fn poll(&mut self, now: Instant, round_trip: Duration, out: &mut Vec<u64>) -> bool {
        let (interval, most) = self.rhythm(round_trip);
        let before = self.missing.len();
        self.missing.retain_mut(|missing| {
            if now.saturating_duration_since(missing.since) >= GIVE_UP_AFTER
                || (missing.requests >= most
                    && missing.asked.is_none_or(|asked| asked + interval <= now))
            {
                return false;
            }
            if missing.requests < most && missing.asked.is_none_or(|asked| asked + interval <= now)
            {
                missing.asked = Some(now);
                missing.requests += 1;
                out.push(missing.seq);
            }
            true
        });
        let lost = before - self.missing.len();
        self.given_up = self.given_up.saturating_add(lost as u64);
        lost > 0
    }

    /// When [`Gaps::poll`] has something to do next; `None` while nothing is missing.
    #[must_use]
    pub fn poll_timeout(&self, round_trip: Duration) -> Option<Instant> {
        let (interval, _) = self.rhythm(round_trip);
        self.missing
            .iter()
            .map(|missing| {
                let repeat = missing.asked.map_or(missing.since, |asked| asked + interval);
                repeat.min(missing.since + GIVE_UP_AFTER)
            })
            .min()
    }

    /// How long between two requests for a packet, and how many of them.
    fn rhythm(&self, round_trip: Duration) -> (Duration, u8) {
        if self.lost >= MUCH {
            let interval = round_trip / u32::from(PER_ROUND_TRIP);
            return (interval.clamp(LEAST_INTERVAL, GIVE_UP_AFTER), MOST_REQUESTS * PER_ROUND_TRIP);
        }
        // A little more than the round trip, or the answer crosses the repeat on the way.
        let interval = (round_trip + round_trip / 4).clamp(LEAST_INTERVAL, GIVE_UP_AFTER);
        (interval, MOST_REQUESTS)
    }

    /// Forgets everything missing, for a source that stopped or was gated.
    pub fn clear(&mut self) {
        self.missing.clear();
        self.newest = None;
    }

    /// Packets missing now.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing.len()
    }

    /// Packets never repaired, in total.
    #[must_use]
    pub const fn given_up(&self) -> u64 {
        self.given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(40);

    fn ask(gaps: &mut Gaps, now: Instant) -> Vec<u64> {
        let mut out = Vec::new();
        gaps.poll(now, RTT, &mut out);
        out
    }

    #[test]
    fn a_gap_is_asked_for_at_once_and_again_after_a_round_trip() {
        let start = Instant::now();
        let mut gaps = Gaps::new();
        assert!(!gaps.received(start, 10));
        assert!(!gaps.received(start, 13));
        assert_eq!(gaps.poll_timeout(RTT), Some(start));
        assert_eq!(ask(&mut gaps, start), [11, 12]);
        assert!(ask(&mut gaps, start + Duration::from_millis(49)).is_empty());
        assert!(!gaps.received(start, 11));
        assert_eq!(gaps.poll_timeout(RTT), Some(start + Duration::from_millis(50)));
        assert_eq!(ask(&mut gaps, start + Duration::from_millis(50)), [12]);
    }

    #[test]
    fn a_packet_that_never_comes_is_given_up_by_age() {
        let start = Instant::now();
        let mut gaps = Gaps::new();
        gaps.received(start, 1);
        gaps.received(start, 3);
        assert_eq!(ask(&mut gaps, start), [2]);
        let mut out = Vec::new();
        assert!(gaps.poll(start + GIVE_UP_AFTER, RTT, &mut out));
        assert!(out.is_empty());
        assert_eq!((gaps.missing(), gaps.given_up()), (0, 1));
        assert_eq!(gaps.poll_timeout(RTT), None);
    }

    #[test]
    fn requests_are_counted_and_end() {
        let start = Instant::now();
        let mut gaps = Gaps::new();
        gaps.received(start, 1);
        gaps.received(start, 3);
        let mut asked = 0;
        for step in 0..60 {
            asked += ask(&mut gaps, start + LEAST_INTERVAL * step).len();
        }
        assert!(asked <= usize::from(MOST_REQUESTS));
        assert_eq!(gaps.missing(), 0);
    }

    #[test]
    fn where_much_is_lost_it_asks_thrice_in_a_round_trip() {
        let start = Instant::now();
        let mut gaps = Gaps::new();
        for seq in (0..100).filter(|seq| seq % 5 != 0) {
            gaps.received(start, seq);
            gaps.received(start, seq + 1 - seq % 5);
        }
        for seq in (200..300).filter(|seq| seq % 5 != 0) {
            gaps.received(start, seq);
        }
        gaps.clear();
        gaps.received(start, 301);
        gaps.received(start, 303);
        let far = RTT * 3;
        let mut asked = Vec::new();
        for at in 0..2 * far.as_millis() as u64 {
            let mut out = Vec::new();
            gaps.poll(start + Duration::from_millis(at), far, &mut out);
            asked.extend(out.iter().map(|_| at));
        }
        assert_eq!(asked, [0, 40, 80, 120, 160, 200]);
    }

    #[test]
    fn an_outage_asks_for_a_keyframe_instead_of_a_thousand_packets() {
        let start = Instant::now();
        let mut gaps = Gaps::new();
        gaps.received(start, 1);
        assert!(gaps.received(start, 1000));
        assert_eq!(gaps.missing(), 0);
        assert!(!gaps.received(start, 1001));
    }
}
