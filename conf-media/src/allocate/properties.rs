//! What holds of every choice, whatever is sent, wanted, shown and affordable.

use proptest::{prelude::*, sample::Index};

use super::{Live, Seat, Want, allocate, fit};
use crate::{track::EncodingState, unit::Bitrate};

type Seats = Vec<Option<Seat<u32>>>;

/// Layers of one track, lowest first: rate in bits per second, and whether it is sent.
#[derive(Debug, Clone)]
struct Source {
    lowest: u16,
    layers: Vec<(u64, bool)>,
}

impl Source {
    fn live(&self) -> Live {
        let states = self.layers.iter().zip(0u8..).map(|(&(bps, alive), index)| EncodingState {
            index,
            height: self.lowest << index,
            bitrate: Bitrate::from_bps(if alive { bps } else { 0 }),
            alive,
        });
        states.collect()
    }

    /// What a layer takes that is sent; nothing else is spent.
    fn rate(&self, layer: u8) -> u64 {
        self.layers.get(usize::from(layer)).filter(|(_, alive)| *alive).map_or(0, |(bps, _)| *bps)
    }

    fn lowest(&self, most: u8) -> u8 {
        let lowest = self.layers.iter().position(|(_, alive)| *alive);
        lowest.map_or(most, |at| (at as u8).min(most))
    }
}

/// One to four layers, each more than the one below it, now and then asleep or of unknown height.
fn source() -> impl Strategy<Value = Source> {
    let layer = (1_000u64..900_000, prop::bool::weighted(0.8));
    let lowest = prop::sample::select(vec![0u16, 90, 180, 360]);
    (lowest, prop::collection::vec(layer, 1..=4)).prop_map(|(lowest, steps)| {
        let mut rate = 0;
        let layers = steps.into_iter().map(|(step, alive)| {
            rate += step;
            (rate, alive)
        });
        Source { lowest, layers: layers.collect() }
    })
}

/// A meeting as one subscriber meets it: what there is, and what its slots show at first.
#[derive(Debug, Clone)]
struct Meeting {
    sources: Vec<Source>,
    seats: Seats,
}

fn meeting() -> impl Strategy<Value = Meeting> {
    let seat = (any::<Index>(), 0u8..4, 0u8..4, any::<bool>());
    let seats = prop::collection::vec(seat, 0..8);
    (prop::collection::vec(source(), 1..10), seats).prop_map(|(sources, drawn)| {
        let mut seats: Seats = Vec::new();
        for (track, encoding, desired, taken) in drawn {
            // One beyond the sources is shown and has gone since.
            let track = track.index(sources.len() + 1) as u32;
            let known = seats.iter().flatten().any(|seat| seat.track == track);
            seats.push((taken && !known).then_some(Seat { track, encoding, desired }));
        }
        Meeting { sources, seats }
    })
}

/// Who is wanted, at which height; some are paused, named twice or not there.
fn wants() -> impl Strategy<Value = Vec<Want<u32>>> {
    let height = prop_oneof![1 => Just(0), 4 => 1u16..900, 2 => 150u16..220];
    let want = (0u32..11, height).prop_map(|(track, height)| Want { track, height });
    prop::collection::vec(want, 0..14)
}

fn decide(sources: &[Source], before: &Seats, wants: &[Want<u32>], bps: u64) -> Seats {
    let live = |track: u32| sources.get(track as usize).map(Source::live);
    let mut seats = before.clone();
    allocate(&mut seats, wants, live);
    fit(&mut seats, before, wants, Bitrate::from_bps(bps), live);
    seats
}

/// Everything that got a slot, most wanted first: its source, the most it would be shown with,
/// and what it is shown with.
fn order<'a>(
    sources: &'a [Source],
    before: &Seats,
    after: &Seats,
    wants: &[Want<u32>],
) -> Vec<(&'a Source, u8, Option<u8>)> {
    let mut planned = before.clone();
    allocate(&mut planned, wants, |track| sources.get(track as usize).map(Source::live));
    let mut order: Vec<(u32, u8)> = Vec::new();
    for want in wants.iter().filter(|want| want.height > 0) {
        let seat = planned.iter().flatten().find(|seat| seat.track == want.track);
        if let Some(seat) = seat.filter(|seat| order.iter().all(|(track, _)| *track != seat.track))
        {
            order.push((seat.track, seat.encoding));
        }
    }
    let shown = |track| after.iter().flatten().find(|seat| seat.track == track);
    let with = |(track, most)| {
        (&sources[track as usize], most, shown(track).map(|seat: &Seat<u32>| seat.encoding))
    };
    order.into_iter().map(with).collect()
}

/// Whether somebody could be given what he lacks: at the cost of those who are less wanted, or
/// because enough is free.
fn could(sum: u64, rate: u64, total: u64, budget: u64) -> bool {
    let spare = (rate * 15).max(sum * 11) / 100;
    sum <= budget && (sum <= total || sum + spare <= budget)
}

fn check(order: &[(&Source, u8, Option<u8>)], budget: u64) -> Result<(), TestCaseError> {
    let rates = order.iter().map(|(source, _, shown)| shown.map_or(0, |at| source.rate(at)));
    let total: u64 = rates.clone().sum();
    prop_assert!(total <= budget, "{total} of {budget}");
    let least = |(source, most, _): &(&Source, u8, Option<u8>)| source.rate(source.lowest(*most));
    let gone = order.iter().position(|(.., shown)| shown.is_none()).unwrap_or(order.len());
    prop_assert!(
        order[gone..].iter().all(|(.., shown)| shown.is_none()),
        "somebody is passed over"
    );
    if let Some(first) = order.get(gone) {
        let sum = order[..=gone].iter().map(least).sum();
        prop_assert!(!could(sum, least(first), total, budget), "{first:?} starves");
    }
    for (at, (source, most, shown)) in order[..gone].iter().enumerate() {
        let Some(shown) = *shown else { continue };
        let before: u64 = rates.clone().take(at).sum();
        let after: u64 = order[at + 1..gone].iter().map(least).sum();
        for higher in (shown + 1..=*most).filter(|at| source.rate(*at) > 0) {
            let rate = source.rate(higher);
            prop_assert!(
                !could(before + rate + after, rate, total, budget),
                "number {at} could have {higher} instead of {shown}"
            );
        }
    }
    Ok(())
}

/// How often what is shown changed from one choice to the next.
fn changes(choices: &[Seats]) -> usize {
    choices.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

proptest! {
    #[test]
    fn the_budget_holds_and_goes_to_the_most_wanted(
        meeting in meeting(),
        rounds in prop::collection::vec((wants(), 0u64..6_000_000), 1..5),
    ) {
        let mut seats = meeting.seats;
        for (wants, budget) in rounds {
            let after = decide(&meeting.sources, &seats, &wants, budget);
            check(&order(&meeting.sources, &seats, &after, &wants), budget)?;
            for seat in after.iter().flatten() {
                prop_assert!(wants.iter().any(|w| w.track == seat.track && w.height > 0));
                prop_assert!(usize::from(seat.encoding) < 4 && usize::from(seat.desired) < 4);
            }
            seats = after;
        }
    }

    #[test]
    fn the_same_asked_again_is_answered_alike(
        meeting in meeting(), wants in wants(), budget in 0u64..6_000_000,
    ) {
        let first = decide(&meeting.sources, &meeting.seats, &wants, budget);
        let second = decide(&meeting.sources, &first, &wants, budget);
        prop_assert_eq!(second, first);
    }

    #[test]
    fn a_budget_that_wavers_by_five_percent_moves_nothing_for_long(
        meeting in meeting(), wants in wants(), budget in 0u64..6_000_000,
        shares in prop::collection::vec(95u64..=105, 40),
    ) {
        let mut seats = meeting.seats;
        // The worst of both directions a few times, then what comes.
        let begin = [95, 105].repeat(8);
        let mut choices = Vec::new();
        for share in begin.into_iter().chain(shares) {
            seats = decide(&meeting.sources, &seats, &wants, budget * share / 100);
            choices.push(seats.clone());
        }
        prop_assert!(changes(&choices[..16]) <= 8, "{:?}", &choices[..16]);
        prop_assert_eq!(changes(&choices[15..]), 0);
    }

    #[test]
    fn rates_that_waver_together_move_nothing_for_long(
        meeting in meeting(), wants in wants(), budget in 0u64..6_000_000,
        shares in prop::collection::vec(95u64..=105, 40),
    ) {
        let mut seats = meeting.seats;
        let begin = [95, 105].repeat(8);
        let mut choices = Vec::new();
        for share in begin.into_iter().chain(shares) {
            let mut sources = meeting.sources.clone();
            let rates = sources.iter_mut().flat_map(|source| &mut source.layers);
            rates.for_each(|(bps, _)| *bps = *bps * share / 100);
            seats = decide(&sources, &seats, &wants, budget);
            choices.push(seats.clone());
        }
        prop_assert_eq!(changes(&choices[15..]), 0);
    }

    #[test]
    fn rates_that_waver_each_for_itself_move_little(
        meeting in meeting(), wants in wants(), budget in 0u64..6_000_000,
        shares in prop::collection::vec(prop::collection::vec(95u64..=105, 40), 50),
    ) {
        let mut seats = meeting.seats;
        let mut choices = Vec::new();
        for shares in shares {
            let mut sources = meeting.sources.clone();
            let rates = sources.iter_mut().flat_map(|source| &mut source.layers);
            rates.zip(shares).for_each(|((bps, _), share)| *bps = *bps * share / 100);
            seats = decide(&sources, &seats, &wants, budget);
            choices.push(seats.clone());
        }
        prop_assert!(changes(&choices) <= 20, "{} changes", changes(&choices));
    }
}
