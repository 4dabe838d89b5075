//! What holds of every choice, whatever is sent, wanted, shown and affordable.

use proptest::{prelude::*, sample::Index};

use super::{Live, Seat, Want, allocate, fit, floor::floor};
use crate::{track::EncodingState, unit::Bitrate};

type Seats = Vec<Option<Seat<u32>>>;

/// Layers of one track, lowest first: rate in bits per second, and whether it is sent.
#[derive(Debug, Clone)]
struct Source {
    lowest: u16,
    /// What those take that are not sent is known.
    known: bool,
    layers: Vec<(u64, bool)>,
}

impl Source {
    fn live(&self) -> Live {
        let states = self.layers.iter().zip(0u8..).map(|(&(bps, alive), index)| EncodingState {
            index,
            height: self.lowest << index,
            bitrate: Bitrate::from_bps(if alive || self.known { bps } else { 0 }),
            frames: 30,
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
    let layers = prop::collection::vec(layer, 1..=4);
    (lowest, any::<bool>(), layers).prop_map(|(lowest, known, steps)| {
        let mut rate = 0;
        let layers = steps.into_iter().map(|(step, alive)| {
            rate += step;
            (rate, alive)
        });
        Source { lowest, known, layers: layers.collect() }
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
    let want = (0u32..11, height, prop::bool::weighted(0.15));
    let want = want.prop_map(|(track, height, interpreter)| Want { track, height, interpreter });
    prop::collection::vec(want, 0..14)
}

fn decide(sources: &[Source], before: &Seats, wants: &[Want<u32>], bps: u64) -> Seats {
    let live = |track: u32| sources.get(track as usize).map(Source::live);
    let mut seats = before.clone();
    allocate(&mut seats, wants, live);
    fit(&mut seats, before, wants, Bitrate::from_bps(bps), live);
    seats
}

/// Somebody who got a slot.
#[derive(Debug)]
struct Guest<'a> {
    source: &'a Source,
    interpreter: bool,
    /// What he is to have before anybody gets more than that, and the most he would be shown with.
    base: u8,
    most: u8,
    /// What he is shown with.
    shown: Option<u8>,
}

impl Guest<'_> {
    fn rate(&self) -> u64 {
        self.shown.map_or(0, |at| self.source.rate(at))
    }

    fn least(&self) -> u64 {
        self.source.rate(self.base.min(self.shown.unwrap_or(self.base)))
    }
}

/// Everybody who got a slot, most wanted first.
fn order<'a>(
    sources: &'a [Source],
    before: &Seats,
    after: &Seats,
    wants: &[Want<u32>],
) -> Vec<Guest<'a>> {
    let mut planned = before.clone();
    allocate(&mut planned, wants, |track| sources.get(track as usize).map(Source::live));
    let mut tracks: Vec<u32> = Vec::new();
    let mut order = Vec::new();
    for want in wants.iter().filter(|want| want.height > 0) {
        let Some(seat) = planned.iter().flatten().find(|seat| seat.track == want.track) else {
            continue;
        };
        if tracks.contains(&want.track) {
            continue;
        }
        tracks.push(want.track);
        let (source, most) = (&sources[want.track as usize], seat.encoding);
        let shown = after.iter().flatten().find(|seat| seat.track == want.track);
        order.push(Guest {
            source,
            interpreter: want.interpreter,
            base: if want.interpreter {
                floor(&source.live(), most).unwrap_or(most)
            } else {
                source.lowest(most)
            },
            most,
            shown: shown.map(|seat| seat.encoding),
        });
    }
    order
}

/// Whether somebody could be given what he lacks: at the cost of those who are less wanted, or
/// because enough is free.
fn could(sum: u64, rate: u64, total: u64, budget: u64) -> bool {
    let spare = (rate * 15).max(sum * 11) / 100;
    sum <= budget && (sum <= total || sum + spare <= budget)
}

fn check(order: &[Guest<'_>], budget: u64) -> Result<(), TestCaseError> {
    let total: u64 = order.iter().map(Guest::rate).sum();
    prop_assert!(total <= budget, "{total} of {budget}");
    // In this order everybody is to have the least before anybody has more.
    let (signing, others): (Vec<_>, Vec<_>) = order.iter().partition(|guest| guest.interpreter);
    let first: Vec<_> = signing.into_iter().chain(others).collect();
    let lacks = first.iter().position(|guest| guest.shown.is_none_or(|at| at < guest.base));
    let lacks = lacks.unwrap_or(first.len());
    let mut behind = first.iter().skip(lacks + 1);
    prop_assert!(behind.all(|guest| guest.shown.is_none()), "somebody is passed over");
    if let Some(guest) = first.get(lacks) {
        let before: u64 = first[..lacks].iter().map(|guest| guest.least()).sum();
        let from = guest.shown.map_or(guest.source.lowest(guest.most), |shown| shown + 1);
        let nothing = guest.source.rate(from) == 0 && from == guest.base;
        for level in (from..=guest.base).filter(|at| nothing || guest.source.rate(*at) > 0) {
            let rate = guest.source.rate(level);
            prop_assert!(!could(before + rate, rate, total, budget), "{guest:?} starves");
        }
    }
    for (at, guest) in order.iter().enumerate() {
        let Some(shown) = guest.shown else { continue };
        let before: u64 = order[..at].iter().map(Guest::rate).sum();
        let behind = order[at + 1..].iter().filter(|guest| guest.shown.is_some());
        let after: u64 = behind.map(Guest::least).sum();
        for higher in (shown + 1..=guest.most).filter(|at| guest.source.rate(*at) > 0) {
            let rate = guest.source.rate(higher);
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

/// What is shown after each of 16 shares that go to and fro between the worst of both directions, and
/// after each of those that come then; `decide` makes it of what was shown and a share in percent.
fn wavering(
    mut seats: Seats,
    shares: Vec<u64>,
    mut decide: impl FnMut(&Seats, u64) -> Seats,
) -> Vec<Seats> {
    let all = [95, 105].repeat(8).into_iter().chain(shares);
    all.map(|share| {
        seats = decide(&seats, share);
        seats.clone()
    })
    .collect()
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
        let choices = wavering(meeting.seats, shares, |seats, share| {
            decide(&meeting.sources, seats, &wants, budget * share / 100)
        });
        prop_assert!(changes(&choices[..16]) <= 8, "{:?}", &choices[..16]);
        prop_assert_eq!(changes(&choices[15..]), 0);
    }

    #[test]
    fn rates_that_waver_together_move_nothing_for_long(
        meeting in meeting(), wants in wants(), budget in 0u64..6_000_000,
        shares in prop::collection::vec(95u64..=105, 40),
    ) {
        let choices = wavering(meeting.seats, shares, |seats, share| {
            let mut sources = meeting.sources.clone();
            let rates = sources.iter_mut().flat_map(|source| &mut source.layers);
            rates.for_each(|(bps, _)| *bps = *bps * share / 100);
            decide(&sources, seats, &wants, budget)
        });
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
        // Two ways to spend the same can be turned to and fro, but far from every time.
        prop_assert!(changes(&choices) <= 25, "{} changes", changes(&choices));
    }
}
