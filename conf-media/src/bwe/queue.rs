//! How long packets stand in a queue on the way: their delay above the least there was.

/// One step of the recent past, in microseconds, and how many are looked at. Their product is
/// the longest hiccup that is no queue: a receiver or a sender that was not scheduled for 150 ms
/// delays everything but lets something through undelayed afterwards; a queue does not.
const STEP: i64 = 50_000;
const STEPS: usize = 4;
/// Steps of which the least delay says what stands right now.
const FRESH: i64 = 2;
/// Half the time the least delay is remembered: five to ten seconds. Longer survives longer
/// congestion, shorter forgets a route that changed sooner (SCReAM keeps its base delay for ten
/// seconds, RFC 8298, section 4.1.1.3).
const HALF: i64 = 5_000_000;

/// The delay of a path, in microseconds above its least.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// The least delays of the half before and of the current one, which began then.
    halves: Option<(i64, i64, i64)>,
    /// Number of the step and its least delay, by number modulo [`STEPS`].
    steps: [Option<(i64, i64)>; STEPS],
}

impl Queue {
    /// Takes in a packet; both times in microseconds, each on its own clock.
    pub fn packet(&mut self, sent: i64, arrived: i64) {
        let delay = arrived - sent;
        let (began, before, current) = self.halves.unwrap_or((arrived, delay, delay));
        self.halves = Some(if arrived - began >= HALF {
            (arrived, current, delay)
        } else {
            (began, before, current.min(delay))
        });
        let number = arrived.div_euclid(STEP);
        let step = &mut self.steps[number.rem_euclid(STEPS as i64) as usize];
        *step = match *step {
            Some((known, least)) if known == number => Some((number, least.min(delay))),
            // A step of the past keeps what it has: this packet was overtaken.
            Some((known, least)) if known > number => Some((known, least)),
            _ => Some((number, delay)),
        };
    }

    /// Takes what the latest packets waited for the way's own length.
    pub fn rebase(&mut self) {
        let standing = self.standing();
        if let Some((_, before, current)) = &mut self.halves {
            let base = (*before).min(*current) + standing;
            (*before, *current) = (base, base);
        }
    }

    /// What every packet of the latest steps waited at least, in microseconds.
    #[must_use]
    pub fn standing(&self) -> i64 {
        self.over(STEPS as i64)
    }

    /// The same over the latest tenth of a second alone: a hiccup shows as well.
    #[must_use]
    pub fn fresh(&self) -> i64 {
        self.over(FRESH)
    }

    fn over(&self, steps: i64) -> i64 {
        let Some((_, before, current)) = self.halves else { return 0 };
        let newest = self.steps.iter().flatten().map(|(number, _)| *number).max().unwrap_or(0);
        let recent = self.steps.iter().flatten().filter(|(number, _)| newest - number < steps);
        let least = recent.map(|(_, least)| *least).min();
        least.map_or(0, |least| (least - before.min(current)).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hiccup_is_no_queue_and_a_queue_is() {
        let mut queue = Queue::default();
        for packet in 0..200 {
            let sent = packet * 10_000;
            let arrived = sent + 30_000;
            // Not scheduled from 1,000 to 1,100 ms.
            let held = (1_000_000..1_100_000).contains(&arrived);
            queue.packet(sent, if held { 1_100_000 } else { arrived });
            assert!(queue.standing() < 5_000, "{} at {sent}", queue.standing());
        }
        for packet in 200..260 {
            let sent = packet * 10_000;
            queue.packet(sent, sent + 30_000 + (packet - 199) * 2_000);
        }
        assert!(queue.standing() > 60_000, "{}", queue.standing());
    }

    #[test]
    fn a_longer_way_is_taken_as_given_after_a_while() {
        let mut queue = Queue::default();
        for packet in 0..3_000 {
            let sent = packet * 10_000;
            queue.packet(sent, sent + if packet < 100 { 20_000 } else { 80_000 });
        }
        assert_eq!(queue.standing(), 0);
    }
}
