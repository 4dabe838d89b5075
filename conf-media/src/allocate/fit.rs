//! What of a choice fits a budget: lower encodings first, then fewer pictures.

use super::{Live, Seat, Want};
use crate::{track::EncodingState, unit::Bitrate};

/// How much more than its rate must be free before something is shown that was not, in percent.
/// Larger leaves links unused for longer; smaller takes away again what it has just given.
const MORE_PERCENT: u64 = 115;
/// How much more an encoding takes than the one below it, assumed while it is not sent: twice the
/// height is four times the pixels, which coders spend about three times the bits on.
const STEP_UP: u64 = 3;
/// What an encoding that was never sent is assumed to take, in bits per second a line of height
/// squared: 1.5 Mbit/s at 720 lines.
const PER_SQUARE: u64 = 3;

/// Lowers encodings and empties seats until all of it takes no more than `budget`; returns what
/// everything would take.
///
/// `seats` is what would be shown with room for all of it, `before` what is shown now: more than
/// that is shown only with a margin. Whoever is most wanted is fitted first, each with its lowest
/// encoding, then raised in the same order; nobody gets anything while somebody more wanted goes
/// without.
pub fn fit<T: Copy + Eq>(
    seats: &mut [Option<Seat<T>>],
    before: &[Option<Seat<T>>],
    wants: &[Want<T>],
    budget: Bitrate,
    mut live: impl FnMut(T) -> Option<Live>,
) -> Bitrate {
    let mut plans: Vec<Plan> = Vec::with_capacity(seats.len());
    for want in wants {
        let place = seats.iter().position(|seat| seat.is_some_and(|s| s.track == want.track));
        if let Some(place) = place.filter(|at| plans.iter().all(|plan| plan.place != *at))
            && let Some(live) = live(want.track)
        {
            let known = before.get(place).copied().flatten();
            let held = known.filter(|seat| seat.track == want.track).map(|seat| seat.encoding);
            plans.push(Plan { place, live, held });
        }
    }
    let (mut spent, mut wanted) = (0u64, 0u64);
    let mut full = false;
    for plan in &plans {
        let Some(seat) = seats[plan.place] else { continue };
        wanted += plan.cost(seat.encoding.max(seat.desired));
        let least = plan.cost(plan.lowest(seat.encoding));
        full |= spent + plan.asked(plan.lowest(seat.encoding)) > budget.bps();
        if full {
            seats[plan.place] = None;
        } else {
            spent += least;
        }
    }
    for plan in &plans {
        let Some(seat) = &mut seats[plan.place] else { continue };
        let lowest = plan.lowest(seat.encoding);
        let free = |spent: u64, has: u8, gets: u8| {
            spent - plan.cost(has) + plan.asked(gets) <= budget.bps()
        };
        let raised = (lowest..=seat.encoding)
            .rev()
            .find(|at| *at == lowest || (plan.is_alive(*at) && free(spent, lowest, *at)))
            .unwrap_or(lowest);
        spent = spent - plan.cost(lowest) + plan.cost(raised);
        // A publisher is not asked for what could not be passed on.
        if raised < seat.encoding || !free(spent, raised, seat.desired) {
            seat.desired = raised;
        }
        seat.encoding = raised;
    }
    Bitrate::from_bps(wanted)
}

/// One seat to be fitted.
struct Plan {
    place: usize,
    live: Live,
    /// The encoding it shows already.
    held: Option<u8>,
}

impl Plan {
    fn state(&self, encoding: u8) -> Option<&EncodingState> {
        self.live.iter().find(|state| state.index == encoding)
    }

    fn is_alive(&self, encoding: u8) -> bool {
        self.state(encoding).is_some_and(|state| state.alive)
    }

    /// The lowest living encoding, at most this one.
    fn lowest(&self, most: u8) -> u8 {
        self.live.iter().find(|state| state.alive).map_or(most, |state| state.index.min(most))
    }

    /// What an encoding takes, as measured or else assumed.
    fn cost(&self, encoding: u8) -> u64 {
        let Some(state) = self.state(encoding) else { return 0 };
        if state.alive {
            return state.bitrate.bps();
        }
        let below = self.live.iter().rev().find(|below| below.index < encoding && below.alive);
        match below {
            Some(below) => {
                below.bitrate.bps() * STEP_UP.pow(u32::from(encoding - below.index).min(8))
            }
            // Nothing of it is sent, so nothing is spent on it until something is.
            None if self.live.iter().all(|state| !state.alive) => 0,
            None => u64::from(state.height).pow(2) * PER_SQUARE,
        }
    }

    /// What has to be free for an encoding: more than it takes, unless it is shown already.
    fn asked(&self, encoding: u8) -> u64 {
        let cost = self.cost(encoding);
        if self.held.is_some_and(|held| encoding <= held) {
            cost
        } else {
            cost * MORE_PERCENT / 100
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::allocate::allocate;

    fn layers(rates: &[u64]) -> Live {
        let states = rates.iter().zip(0u8..).map(|(kbps, index)| EncodingState {
            index,
            height: 180 << index,
            bitrate: Bitrate::from_kbps(*kbps),
            alive: *kbps > 0,
        });
        states.collect()
    }

    fn shown(
        before: &[Option<Seat<u32>>],
        wants: &[Want<u32>],
        kbps: u64,
    ) -> Vec<Option<Seat<u32>>> {
        let known = |track: u32| {
            Some(if track < 100 { layers(&[150, 500, 1_500]) } else { layers(&[1_500]) })
        };
        let mut seats = before.to_vec();
        allocate(&mut seats, wants, known);
        fit(&mut seats, before, wants, Bitrate::from_kbps(kbps), known);
        seats
    }

    fn encodings(seats: &[Option<Seat<u32>>]) -> Vec<Option<u8>> {
        seats.iter().map(|seat| seat.map(|seat| seat.encoding)).collect()
    }

    fn want(track: u32) -> Want<u32> {
        Want { track, height: 720 }
    }

    #[test]
    fn layers_fall_before_pictures_go_and_the_most_wanted_fall_last() {
        let wants = [want(1), want(2), want(3)];
        let all = shown(&[None; 3], &wants, 10_000);
        assert_eq!(encodings(&all), [Some(2); 3]);
        assert_eq!(encodings(&shown(&all, &wants, 4_500)), [Some(2); 3], "just so");
        assert_eq!(encodings(&shown(&all, &wants, 2_300)), [Some(2), Some(1), Some(0)]);
        assert_eq!(encodings(&shown(&all, &wants, 460)), [Some(0); 3]);
        assert_eq!(encodings(&shown(&all, &wants, 320)), [Some(0), Some(0), None]);
        assert_eq!(encodings(&shown(&all, &wants, 50)), [None; 3]);
    }

    #[test]
    fn what_was_taken_comes_back_with_a_margin() {
        let wants = [want(101), want(102)];
        let one = shown(&shown(&[None; 2], &wants, 5_000), &wants, 2_900);
        assert_eq!(encodings(&one), [Some(0), None]);
        assert_eq!(encodings(&shown(&one, &wants, 3_100)), [Some(0), None]);
        assert_eq!(encodings(&shown(&one, &wants, 3_300)), [Some(0), Some(0)]);
    }

    #[test]
    fn a_sleeping_encoding_is_asked_for_only_where_it_would_fit() {
        let asleep = |_| Some(layers(&[150, 500, 0]));
        let wants = [want(1)];
        for (kbps, desired) in [(5_000, 2), (700, 1)] {
            let mut seats = [None];
            allocate(&mut seats, &wants, asleep);
            let all = fit(&mut seats, &[None], &wants, Bitrate::from_kbps(kbps), asleep);
            assert_eq!(seats[0], Some(Seat { track: 1, encoding: 1, desired }));
            assert_eq!(all, Bitrate::from_kbps(1_500));
        }
    }

    proptest! {
        #[test]
        fn the_budget_holds_and_nobody_starves_behind_one_less_wanted(
            rates in proptest::collection::vec((1u64..400, 1u64..400, 1u64..400), 1..10),
            rounds in proptest::collection::vec(0u64..4_000, 1..6),
        ) {
            let wants: Vec<_> = (0..rates.len() as u32).map(want).collect();
            let known = |track: u32| {
                let (a, b, c) = rates[track as usize];
                Some(layers(&[a, a + b, a + b + c]))
            };
            let mut seats = vec![None; rates.len()];
            for kbps in rounds {
                let before = seats.clone();
                allocate(&mut seats, &wants, known);
                fit(&mut seats, &before, &wants, Bitrate::from_kbps(kbps), known);
                let taken: u64 = seats.iter().flatten().map(|seat: &Seat<u32>| {
                    let (a, b, c) = rates[seat.track as usize];
                    [a, a + b, a + b + c][usize::from(seat.encoding)]
                }).sum();
                prop_assert!(taken <= kbps, "{} of {}", taken, kbps);
                let gone = wants.iter().position(|w| !seats.iter().flatten().any(|s| s.track == w.track));
                if let Some(gone) = gone {
                    let shown = |w: &Want<u32>| seats.iter().flatten().any(|s| s.track == w.track);
                    prop_assert!(!wants[gone..].iter().any(shown));
                }
                let again = seats.clone();
                let mut repeated = again.clone();
                allocate(&mut repeated, &wants, known);
                fit(&mut repeated, &again, &wants, Bitrate::from_kbps(kbps), known);
                prop_assert!(repeated.iter().flatten().count() >= again.iter().flatten().count());
            }
        }
    }
}
