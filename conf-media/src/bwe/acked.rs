//! How fast bytes arrive, by the receiver's clock.

/// One step in microseconds and how many make the window: half a second holds fifteen frames,
/// so that their bursts do not show (as libwebrtc's acknowledged rate at its start).
const STEP: i64 = 50_000;
const STEPS: usize = 10;
/// Steps that say what arrived lately: four hold six frames.
const LATELY: i64 = 4;

/// Bytes that arrived in the latest half second.
#[derive(Debug, Clone, Default)]
pub struct Acked {
    bytes: [u32; STEPS],
    /// The step being filled.
    newest: i64,
    /// The first step there was; none before the first packet.
    first: Option<i64>,
}

impl Acked {
    /// Takes in bytes that arrived then, in microseconds.
    pub fn packet(&mut self, arrived: i64, size: u32) {
        let step = arrived.div_euclid(STEP);
        if self.first.is_none() {
            self.first = Some(step);
            self.newest = step;
        }
        if step > self.newest {
            for passed in (self.newest + 1..=step).take(STEPS) {
                self.bytes[place(passed)] = 0;
            }
            self.newest = step;
        }
        if self.newest - step < STEPS as i64 {
            let bytes = &mut self.bytes[place(step)];
            *bytes = bytes.saturating_add(size);
        }
    }

    /// Bits per second over the whole steps of the window; none before half of it has passed.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let passed = (self.newest - self.first?).min(STEPS as i64 - 1);
        (passed >= STEPS as i64 / 2).then(|| self.over(passed))
    }

    /// Bits per second over the latest few steps: what a link carries while packets queue for it,
    /// which needs no smoothing. None before as many have passed.
    #[must_use]
    pub fn lately(&self) -> Option<f64> {
        (self.newest - self.first? > LATELY).then(|| self.over(LATELY))
    }

    /// The rate over so many whole steps before the newest.
    fn over(&self, steps: i64) -> f64 {
        let whole = (self.newest - steps..self.newest).map(|step| self.bytes[place(step)]);
        let bytes: u64 = whole.map(u64::from).sum();
        bytes as f64 * 8.0 / (steps as f64 * STEP as f64 / 1e6)
    }
}

fn place(step: i64) -> usize {
    step.rem_euclid(STEPS as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_has_its_rate_and_a_pause_shows() {
        let mut acked = Acked::default();
        assert_eq!(acked.rate(), None);
        for packet in 0..200 {
            acked.packet(packet * 10_000, 1_250);
        }
        assert_eq!(acked.rate(), Some(1e6));
        acked.packet(2_300_000, 1_250);
        let rate = acked.rate().unwrap();
        assert!((300_000.0..500_000.0).contains(&rate), "{rate}");
        acked.packet(90_000_000, 1_250);
        assert_eq!(acked.rate(), Some(0.0));
    }
}
