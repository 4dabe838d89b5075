//! Whether an encoding lives, how fast it is and how large its pictures are – as measured.

use std::time::{Duration, Instant};

use crate::rtp::PacketFacts;
use crate::unit::{Bitrate, DataSize};

/// One measuring step; ten of them make the window.
const STEP: Duration = Duration::from_millis(100);
const STEPS: usize = 10;

/// The shortest time in which frames are counted: one more or less is not two in twenty then.
const COUNTED: Duration = Duration::from_millis(500);

/// How long without a packet until an encoding counts as dead. Larger keeps a slow screen share
/// alive; smaller moves subscribers away sooner when a publisher stops a layer. Browsers send a
/// still screen at least about once a second.
const DEAD_AFTER: Duration = Duration::from_millis(2500);

/// For how long what an encoding took is what it would take again. Longer keeps a layer away that
/// has become cheaper since; shorter has publishers start what does not fit once more and again.
const REMEMBERED: Duration = Duration::from_secs(60);

/// A sliding second of one encoding.
#[derive(Debug, Clone, Copy, Default)]
pub struct Monitor {
    steps: [Step; STEPS],
    /// The step that is filling, and when it began.
    current: usize,
    began: Option<Instant>,
    first: Option<Instant>,
    last: Option<Instant>,
    /// Rate over the latest second in which it was sent throughout.
    took: Bitrate,
    height: u16,
    width: u16,
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    bytes: u64,
    frames: u32,
}

impl Monitor {
    /// Counts one packet of `bytes` (header and payload).
    pub fn received(&mut self, now: Instant, bytes: usize, facts: &PacketFacts) {
        if !self.alive(now) {
            self.first = Some(now);
        }
        if self.advance(now) {
            let (sum, span) = self.window(now);
            if span >= STEP * (STEPS as u32 - 1) {
                self.took = DataSize::from_bytes(sum.bytes).per(span);
            }
        }
        let step = &mut self.steps[self.current];
        step.bytes = step.bytes.saturating_add(bytes as u64);
        if facts.frame_start {
            step.frames = step.frames.saturating_add(1);
        }
        self.last = Some(now);
        if let Some((width, height)) = facts.payload.size() {
            self.width = width;
            self.height = height;
        }
    }

    /// Whether packets arrived lately.
    #[must_use]
    pub fn alive(&self, now: Instant) -> bool {
        self.last.is_some_and(|last| now.saturating_duration_since(last) < DEAD_AFTER)
    }

    /// When the last packet arrived.
    #[must_use]
    pub const fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Rate over the last second, or since it came alive if that is shorter.
    #[must_use]
    pub fn bitrate(&self, now: Instant) -> Bitrate {
        let (step, span) = self.window(now);
        DataSize::from_bytes(step.bytes).per(span)
    }

    /// Frames begun per second, over the same window.
    #[must_use]
    pub fn frames_per_second(&self, now: Instant) -> f32 {
        let (step, span) = self.window(now);
        if span.is_zero() { 0.0 } else { step.frames as f32 / span.as_secs_f32() }
    }

    /// What it took when it was last sent, if that was in the last minute; zero otherwise.
    #[must_use]
    pub fn took(&self, now: Instant) -> Bitrate {
        let known = |last| now.saturating_duration_since(last) < REMEMBERED;
        if self.last.is_some_and(known) { self.took } else { Bitrate::ZERO }
    }

    /// Rate, and whole frames begun per second, over the same window; no frames before there is
    /// half a second to count them in.
    #[must_use]
    pub fn rates(&self, now: Instant) -> (Bitrate, u16) {
        let (step, span) = self.window(now);
        let frames = step.frames as f32 / span.max(STEP).as_secs_f32();
        // Saturates, and nobody sends 65,535 frames a second.
        let frames = if span < COUNTED { 0 } else { frames.round() as u16 };
        (DataSize::from_bytes(step.bytes).per(span), frames)
    }

    /// Picture height in pixels, of the last keyframe; 0 while unknown.
    #[must_use]
    pub const fn height(&self) -> u16 {
        self.height
    }

    /// Picture width in pixels, of the last keyframe; 0 while unknown.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Sums what is inside the window that ends `now`, and says how long that window is.
    fn window(&self, now: Instant) -> (Step, Duration) {
        let mut view = *self;
        view.advance(now);
        let sum = view.steps.iter().fold(Step::default(), |sum, step| Step {
            bytes: sum.bytes.saturating_add(step.bytes),
            frames: sum.frames.saturating_add(step.frames),
        });
        let (Some(began), Some(first)) = (view.began, view.first) else {
            return (Step::default(), Duration::ZERO);
        };
        let full = STEP * (STEPS as u32 - 1) + now.saturating_duration_since(began);
        // A window shorter than one step would turn a burst into an absurd rate.
        (sum, full.min(now.saturating_duration_since(first)).max(STEP))
    }

    /// Moves on to the step `now` lies in, emptying those passed over; whether it is the one that
    /// follows.
    fn advance(&mut self, now: Instant) -> bool {
        let Some(began) = self.began else {
            self.began = Some(now);
            return false;
        };
        let passed = now.saturating_duration_since(began).as_millis() / STEP.as_millis();
        if passed >= STEPS as u128 {
            self.steps = [Step::default(); STEPS];
            self.began = Some(now);
            return false;
        }
        for _ in 0..passed {
            self.current = (self.current + 1) % STEPS;
            self.steps[self.current] = Step::default();
        }
        self.began = Some(began + STEP * passed as u32);
        passed == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::PayloadFacts;

    fn audio() -> PacketFacts {
        PacketFacts {
            seq: 1,
            timestamp: 0,
            marker: false,
            empty: false,
            frame_start: true,
            keyframe: true,
            temporal: 0,
            audio_level: None,
            payload: PayloadFacts::Opaque,
        }
    }

    #[test]
    fn a_steady_stream_is_measured_and_a_stopped_one_dies() {
        let start = Instant::now();
        let mut monitor = Monitor::default();
        let mut now = start;
        for _ in 0..150 {
            monitor.received(now, 125, &audio());
            now += Duration::from_millis(20);
        }
        let kbps = monitor.bitrate(now).kbps();
        assert!((48..=52).contains(&kbps), "50 kbit/s were sent, {kbps} measured");
        let fps = monitor.frames_per_second(now);
        assert!((48.0..=52.0).contains(&fps), "50 frames a second were sent, {fps} measured");
        assert_eq!(monitor.rates(now), (monitor.bitrate(now), fps.round() as u16));
        assert!(monitor.alive(now));
        now += Duration::from_secs(3);
        assert!(!monitor.alive(now));
        assert_eq!(monitor.bitrate(now), Bitrate::ZERO);
        let took = monitor.took(now).kbps();
        assert!((45..=52).contains(&took), "{took} taken");
        now += Duration::from_secs(57);
        assert_eq!(monitor.took(now), Bitrate::ZERO, "too long ago");
    }

    #[test]
    fn nothing_received_is_nothing_measured() {
        let monitor = Monitor::default();
        assert_eq!(monitor.bitrate(Instant::now()), Bitrate::ZERO);
        assert!(!monitor.alive(Instant::now()));
    }
}
