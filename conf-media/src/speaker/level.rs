//! How loud one source is, smoothed (RFC 6464 levels).

use std::time::{Duration, Instant};

use crate::rtp::AudioLevel;

/// Time in which a rise is mostly believed. Larger ignores coughs and clicks, smaller shows a
/// speaker sooner.
const RISE_MS: f32 = 80.0;
/// Time in which a fall is mostly believed: speech has pauses between syllables.
const FALL_MS: f32 = 400.0;
/// Longest step a single packet may stand for: after a pause (discontinuous transmission) the
/// next packet speaks for itself, not for the pause.
const LONGEST_STEP: Duration = Duration::from_millis(60);

/// A smoothed loudness: decibels above silence, 0 to 127.
#[derive(Debug, Clone, Copy, Default)]
pub struct Level {
    loudness: f32,
    at: Option<Instant>,
}

impl Level {
    /// Takes in one packet's level.
    pub fn heard(&mut self, now: Instant, level: AudioLevel) {
        let heard = 127.0 - f32::from(level.below_full_db.min(127));
        let before = self.loudness(now);
        let step = self
            .at
            .map_or(LONGEST_STEP, |at| now.saturating_duration_since(at))
            .clamp(Duration::from_millis(1), LONGEST_STEP);
        let step = step.as_secs_f32() * 1000.0;
        let time = if heard > before { RISE_MS } else { FALL_MS };
        self.loudness = before + (heard - before) * step / (time + step);
        self.at = Some(now);
    }

    /// Decibels above silence now; fades while nothing is heard.
    #[must_use]
    pub fn loudness(&self, now: Instant) -> f32 {
        let Some(at) = self.at else { return 0.0 };
        let silent = now.saturating_duration_since(at).saturating_sub(LONGEST_STEP);
        let silent = silent.as_secs_f32() * 1000.0;
        self.loudness * FALL_MS / (FALL_MS + silent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: AudioLevel = AudioLevel { below_full_db: 20, voice: true };
    const QUIET: AudioLevel = AudioLevel { below_full_db: 127, voice: false };

    #[test]
    fn a_voice_rises_within_a_few_packets_and_one_click_does_not() {
        let start = Instant::now();
        let mut level = Level::default();
        level.heard(start, QUIET);
        let mut now = start + Duration::from_millis(20);
        level.heard(now, LOUD);
        assert!(level.loudness(now) < 40.0);
        for _ in 0..20 {
            now += Duration::from_millis(20);
            level.heard(now, LOUD);
        }
        assert!(level.loudness(now) > 90.0);
    }

    #[test]
    fn silence_fades_whether_it_is_sent_or_not() {
        let start = Instant::now();
        let mut sent = Level::default();
        for step in 0..50 {
            sent.heard(start + Duration::from_millis(20) * step, LOUD);
        }
        let mut unsent = sent;
        let mut now = start + Duration::from_secs(1);
        for _ in 0..100 {
            sent.heard(now, QUIET);
            now += Duration::from_millis(20);
        }
        assert!(sent.loudness(now) < 10.0);
        assert!(unsent.loudness(now) < 30.0);
        unsent.heard(now, QUIET);
        assert!(unsent.loudness(now) < 30.0);
    }
}
