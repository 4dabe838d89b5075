//! Whether somebody else keeps the queue full: giving way to a flow that takes whatever it is
//! given would leave nothing.

use std::time::{Duration, Instant};

/// A queue shorter than this has drained.
const CLEAR: Duration = Duration::from_millis(25);
/// How long a queue must stand although less and less was sent.
const LASTING: Duration = Duration::from_millis(2_500);
/// How often less must have been sent within that time.
const CUTS: u32 = 4;
/// The same where somebody was found lately: flows of that kind come and go, or pause.
const LASTING_AGAIN: Duration = Duration::from_secs(1);
const CUTS_AGAIN: u32 = 2;
const LATELY: Duration = Duration::from_secs(30);
/// Between two looks at whether it falls, and how much of ours drains within that time, however long
/// it is: what is sent meanwhile leaves more than a fifth of the link for it.
const STEP: Duration = Duration::from_secs(1);
const DRAINS: Duration = Duration::from_millis(150);
/// The share of what was sent before that is taken back when somebody is found. More than half: the
/// other one halves itself when the queue overflows, and so shares.
const SHARE: f64 = 0.8;
/// How long somebody is taken to be there before it is found out anew. Longer keeps a queue of our
/// own standing after the other one has gone, shorter gives way more often.
const BELIEVED: Duration = Duration::from_secs(60);
/// A queue that has become so many times as long as it ever was before somebody was found, and this
/// much more, is one nobody limits: it grows because we send.
const OUTGROWN: f64 = 1.3;
const MARGIN: Duration = Duration::from_millis(50);

/// What is known of somebody else.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rival {
    /// When the queue was last short, and what the limit was then.
    clear: Option<(Instant, f64)>,
    /// How often less was sent since.
    cuts: u32,
    /// The longest queue since.
    longest: Duration,
    /// When it was last looked at whether the queue falls, and how long it was then.
    looked: Option<(Instant, Duration)>,
    /// Since when somebody is there.
    since: Option<Instant>,
    /// When somebody was last there.
    seen: Option<Instant>,
}

impl Rival {
    pub(super) const fn is_there(&self) -> bool {
        self.since.is_some()
    }

    /// Notes that less is sent from now on.
    pub(super) fn cut(&mut self) {
        self.cuts += 1;
    }

    /// Looks at the queue that stands while `limit` is sent; the limit to take back if somebody is
    /// found.
    pub(super) fn look(&mut self, now: Instant, standing: Duration, limit: f64) -> Option<f64> {
        let (at, before) = *self.clear.get_or_insert((now, limit));
        if self.since.is_some() {
            self.seen = Some(now);
        }
        if standing < CLEAR {
            self.begin(now, limit);
            return None;
        }
        if let Some(since) = self.since {
            let outgrown = standing > self.longest.mul_f64(OUTGROWN) + MARGIN;
            if outgrown || now.saturating_duration_since(since) >= BELIEVED {
                self.begin(now, limit);
                self.seen = None;
            }
            return None;
        }
        self.longest = self.longest.max(standing);
        let (looked, was) = *self.looked.get_or_insert((now, standing));
        if now.saturating_duration_since(looked) < STEP {
            return None;
        }
        self.looked = Some((now, standing));
        let again = self.seen.is_some_and(|at| now.saturating_duration_since(at) < LATELY);
        let (lasting, cuts) = if again { (LASTING_AGAIN, CUTS_AGAIN) } else { (LASTING, CUTS) };
        // What was done shows no sooner than what stood in the queue before it has passed.
        let lasting = lasting + self.longest;
        let lasts = now.saturating_duration_since(at) >= lasting && self.cuts >= cuts;
        if !lasts || standing + DRAINS <= was {
            return None;
        }
        self.since = Some(now);
        Some(limit.max(before * SHARE))
    }

    /// Begins anew with a queue that is short, or is to be judged again.
    fn begin(&mut self, now: Instant, limit: f64) {
        *self = Self { clear: Some((now, limit)), seen: self.seen, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second a step, a cut each; when somebody was found, and what was taken back.
    fn watch(
        rival: &mut Rival,
        start: Instant,
        queue_ms: impl Fn(u32) -> u64,
    ) -> Option<(u32, f64)> {
        (0..60).find_map(|step| {
            let now = start + Duration::from_millis(500) * step;
            let limit = 1e6 * 0.8f64.powi(step as i32);
            let found = rival.look(now, Duration::from_millis(queue_ms(step)), limit);
            rival.cut();
            found.map(|limit| (step, limit))
        })
    }

    #[test]
    fn a_queue_that_stands_whatever_is_done_is_somebody_elses() {
        // Two and a half seconds and the queue itself, looked at once a second.
        let found = watch(&mut Rival::default(), Instant::now(), |_| 200);
        assert_eq!(found, Some((6, 8e5)));
    }

    #[test]
    fn a_queue_that_drains_was_ours_however_long_it_was() {
        for (longest, step_ms) in [(300u64, 80), (5_000, 110)] {
            let draining = |step: u32| longest.saturating_sub(u64::from(step) * step_ms);
            let found = watch(&mut Rival::default(), Instant::now(), draining);
            assert_eq!(found, None, "from {longest} ms");
        }
    }

    #[test]
    fn it_is_found_out_anew_after_a_while_and_at_once_when_the_queue_says_otherwise() {
        let start = Instant::now();
        for (after, queue_ms) in [(70, 200), (5, 10), (5, 400)] {
            let mut rival = Rival::default();
            assert!(watch(&mut rival, start, |_| 200).is_some() && rival.is_there());
            rival.look(start + Duration::from_secs(after), Duration::from_millis(queue_ms), 4e5);
            assert!(!rival.is_there(), "{queue_ms} ms after {after} s");
        }
    }
}
