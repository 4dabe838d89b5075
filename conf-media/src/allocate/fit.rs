//! What of a choice fits a budget: lower encodings first, then fewer pictures.

use super::{Live, Seat, Want, floor::floor};
use crate::{
    track::{EncodingState, MAX_ENCODINGS},
    unit::Bitrate,
};

/// How much of its own rate must be free beside it before something is shown that was not, in
/// percent. Larger leaves links unused for longer; smaller takes away again what it has just given.
const OWN_PERCENT: u64 = 15;
/// How much of the rate of all that would be shown then must be free at least, in percent: what
/// fits a budget that is 5 % up still fits one that is 5 % down, and some tenths are to spare. A
/// share of the newcomer alone is nothing where it is the ninth picture.
const ALL_PERCENT: u64 = 11;
/// How much more an encoding takes than the one below it, assumed until it was sent: twice the
/// height is four times the pixels, which coders spend about three times the bits on.
const STEP_UP: u64 = 3;
/// What an encoding that was never sent is assumed to take, in bits per second a line of height
/// squared: 1.5 Mbit/s at 720 lines.
const PER_SQUARE: u64 = 3;

/// Lowers encodings and empties seats until all of it takes no more than `budget`; returns what
/// everything would take.
///
/// `seats` is what would be shown with room for all of it, `before` what is shown now. Whoever is
/// most wanted is fitted first, each with its lowest encoding, then raised in the same order;
/// nobody gets anything while somebody more wanted goes without, nor more than its lowest while
/// somebody more wanted could be raised with that. Interpreters go before: each is fitted with
/// what signing needs, and as long as one of them has less nobody else gets anything. Then its
/// lines fall and not its frames: encodings are chosen, none is thinned out.
///
/// What is shown now stays as long as all of it fits. More is spent only where 15 % of the rate of
/// what is new and 11 % of the rate of everything remain free. Without more being spent, whatever
/// less wanted ones hold goes to the more wanted at once. So a budget, or rates, that waver by 5 %
/// move nothing to and fro, and the same asked again is answered alike.
pub fn fit<T: Copy + Eq>(
    seats: &mut [Option<Seat<T>>],
    before: &[Option<Seat<T>>],
    wants: &[Want<T>],
    budget: Bitrate,
    mut live: impl FnMut(T) -> Option<Live>,
) -> Bitrate {
    let mut plans: Vec<Plan> = Vec::with_capacity(seats.len());
    for want in wants.iter().filter(|want| want.height > 0) {
        let seat = |seat: &Option<Seat<T>>| seat.filter(|seat| seat.track == want.track);
        let Some((place, planned)) =
            seats.iter().enumerate().find_map(|(place, s)| Some((place, seat(s)?)))
        else {
            continue;
        };
        if plans.iter().all(|plan| plan.place != place)
            && let Some(live) = live(want.track)
        {
            let held = before.get(place).and_then(seat);
            plans.push(Plan {
                place,
                live,
                most: planned.encoding,
                base: planned.encoding,
                interpreter: want.interpreter,
                held: held.map(|seat| seat.encoding),
                asked: held.map(|seat| seat.desired),
            });
        }
    }
    let gone = before.iter().enumerate().filter_map(|(place, seat)| {
        let seat = (*seat)?;
        let stays = seats.get(place).is_some_and(|s| s.is_some_and(|s| s.track == seat.track));
        (!stays).then(|| live(seat.track).map_or(0, |live| spent(&live, seat.encoding)))
    });
    let mut shown = gone.sum::<u64>() + plans.iter().map(Plan::holds).sum::<u64>();
    let budget = budget.bps();
    for _ in 0..ROUNDS {
        let held: Vec<Option<u8>> = plans.iter().map(|plan| plan.held).collect();
        choose(&mut plans, Room { budget, shown });
        let before = std::mem::replace(&mut shown, plans.iter().map(Plan::holds).sum());
        if shown == before && plans.iter().map(|plan| plan.held).eq(held) {
            break;
        }
    }
    let room = Room { budget, shown };
    let mut spent: u64 =
        plans.iter().filter(|plan| plan.held.is_some()).map(|plan| plan.cost(plan.base)).sum();
    let mut wanted = 0;
    for plan in &plans {
        let Some(seat) = &mut seats[plan.place] else { continue };
        wanted += plan.cost(seat.encoding.max(seat.desired));
        let Some(encoding) = plan.held else {
            seats[plan.place] = None;
            continue;
        };
        spent = spent - plan.cost(plan.base) + plan.cost(encoding);
        // A publisher is not asked for more than could be passed on.
        let more = plan.cost(seat.desired);
        let asked = plan.asked.is_some_and(|asked| seat.desired <= asked);
        let sum = spent - plan.cost(encoding) + more;
        let fits = sum <= budget && (asked || room.spares(sum, more));
        if encoding < seat.encoding || (seat.desired > encoding && !fits) {
            seat.desired = encoding;
        }
        seat.encoding = encoding;
    }
    Bitrate::from_bps(wanted)
}

/// Most times a choice is made from the choice before: every time but the last, somebody is raised
/// with what less wanted ones were seen to hold, which seldom happens twice.
const ROUNDS: usize = 16;

/// Chooses an encoding for each plan, most wanted first; none is not shown.
fn choose(plans: &mut [Plan], room: Room) {
    let held: Vec<Option<u8>> = plans.iter().map(|plan| plan.held).collect();
    let spent = give_bases(plans, &held, room);
    raise(plans, &held, room, spent);
}

/// Gives everyone what everyone gets before anybody gets more, interpreters first; the sum.
fn give_bases(plans: &mut [Plan], held: &[Option<u8>], room: Room) -> u64 {
    plans.iter_mut().for_each(|plan| plan.held = None);
    // Up to here there is something to be had that is shown already.
    let last = |of: bool| {
        (0..held.len()).rev().find(|at| held[*at].is_some() && plans[*at].interpreter == of)
    };
    let (signing, last) = (last(true), last(false));
    let mut spent = 0u64;
    for at in (0..plans.len()).filter(|at| plans[*at].interpreter).collect::<Vec<_>>() {
        let plan = &mut plans[at];
        let (least, floor) = (plan.lowest(), floor(&plan.live, plan.most).unwrap_or(plan.most));
        let others = last.is_some() || signing.is_some_and(|last| at < last);
        let given = (least..=floor).rev().find(|level| {
            let rate = plan.cost(*level);
            let held = others || held[at].is_some_and(|held| *level <= held);
            (*level == least || plan.is_alive(*level)) && room.gives(spent + rate, rate, held)
        });
        let Some(given) = given else { return spent };
        (plan.base, plan.held) = (given, Some(given));
        spent += plan.cost(given);
        if given < floor {
            return spent;
        }
    }
    for (at, plan) in plans.iter_mut().enumerate().filter(|(_, plan)| !plan.interpreter) {
        let least = plan.lowest();
        let rate = plan.cost(least);
        if !room.gives(spent + rate, rate, last.is_some_and(|last| at <= last)) {
            break;
        }
        (plan.base, plan.held) = (least, Some(least));
        spent += rate;
    }
    spent
}

/// Raises who has got anything, most wanted first, `spent` being what all have by now.
fn raise(plans: &mut [Plan], held: &[Option<u8>], room: Room, mut spent: u64) {
    for (plan, held) in plans.iter_mut().zip(held).filter(|(plan, _)| plan.held.is_some()) {
        let others = spent - plan.cost(plan.base);
        let raised = (plan.base + 1..=plan.most).rev().find(|level| {
            let (rate, held) = (plan.cost(*level), held.is_some_and(|held| *level <= held));
            plan.is_alive(*level) && room.takes(others + rate, rate, held)
        });
        let raised = raised.unwrap_or(plan.base);
        spent = others + plan.cost(raised);
        plan.held = Some(raised);
    }
}

/// What may be spent, in bits per second.
#[derive(Clone, Copy)]
struct Room {
    budget: u64,
    /// What is spent already.
    shown: u64,
}

impl Room {
    /// Whether a sum may be spent. Of what is shown, `held` is part, or is not.
    fn takes(self, sum: u64, rate: u64, held: bool) -> bool {
        // What is carried already is carried by whomever. Once it is too much that says nothing,
        // but what can stay stays.
        let carried = if self.shown <= self.budget { sum <= self.shown } else { held };
        sum <= self.budget && (carried || self.spares(sum, rate))
    }

    /// Whether a sum may be spent on what comes first. What is shown already may be taken from
    /// somebody less wanted (`held`) even if it becomes more by that.
    fn gives(self, sum: u64, rate: u64, held: bool) -> bool {
        sum <= self.budget && (held || self.takes(sum, rate, held))
    }

    /// Whether enough stays free beside a sum that is more than now, `rate` of it in one picture.
    fn spares(self, sum: u64, rate: u64) -> bool {
        let spare = (rate * OWN_PERCENT).max(sum * ALL_PERCENT) / 100;
        sum + spare <= self.budget
    }
}

/// One seat to be fitted.
struct Plan {
    place: usize,
    live: Live,
    /// The encoding it would show with room for everything.
    most: u8,
    /// The encoding it gets before anybody gets more than that.
    base: u8,
    interpreter: bool,
    /// The encoding it shows already.
    held: Option<u8>,
    /// The encoding its publisher is asked for already.
    asked: Option<u8>,
}

impl Plan {
    fn is_alive(&self, encoding: u8) -> bool {
        state(&self.live, encoding).is_some_and(|state| state.alive)
    }

    /// The lowest living encoding, if it is not more than asked for.
    fn lowest(&self) -> u8 {
        let lowest = self.live.iter().find(|state| state.alive);
        lowest.map_or(self.most, |state| state.index.min(self.most))
    }

    fn cost(&self, encoding: u8) -> u64 {
        cost(&self.live, encoding)
    }

    /// What is spent on it already.
    fn holds(&self) -> u64 {
        self.held.map_or(0, |held| spent(&self.live, held))
    }
}

fn state(live: &Live, encoding: u8) -> Option<&EncodingState> {
    live.iter().find(|state| state.index == encoding)
}

/// What is spent on an encoding that is shown: nothing while nothing of it comes.
fn spent(live: &Live, encoding: u8) -> u64 {
    state(live, encoding).filter(|state| state.alive).map_or(0, |state| state.bitrate.bps())
}

/// What an encoding takes in bits per second, as measured or else assumed.
fn cost(live: &Live, encoding: u8) -> u64 {
    let Some(state) = state(live, encoding) else { return 0 };
    // Where nothing of a track is sent, nothing is spent on it until something is.
    if live.iter().all(|state| !state.alive) {
        return 0;
    }
    if state.alive || state.bitrate > Bitrate::ZERO {
        return state.bitrate.bps();
    }
    let below = live.iter().rev().find(|below| below.index < encoding && below.alive);
    match below {
        Some(below) => {
            let steps = u32::from(encoding - below.index).min(MAX_ENCODINGS as u32);
            below.bitrate.bps().saturating_mul(STEP_UP.pow(steps))
        }
        None => u64::from(state.height).pow(2) * PER_SQUARE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::allocate;

    fn layers(rates: &[u64]) -> Live {
        let states = rates.iter().zip(0u8..).map(|(kbps, index)| EncodingState {
            index,
            height: 180 << index,
            bitrate: Bitrate::from_kbps(*kbps),
            frames: 0,
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
        Want { track, height: 720, interpreter: false }
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
        assert_eq!(encodings(&shown(&one, &wants, 3_300)), [Some(0), None]);
        assert_eq!(encodings(&shown(&one, &wants, 3_350)), [Some(0), Some(0)]);
    }

    #[test]
    fn who_becomes_more_wanted_takes_the_place_of_who_is_shown() {
        let before = shown(&[None; 2], &[want(101)], 5_000);
        let wants = [want(102), want(101)];
        let after = shown(&before, &wants, 1_600);
        assert_eq!(after.iter().flatten().map(|seat| seat.track).collect::<Vec<_>>(), [102]);
        assert_eq!(shown(&after, &wants, 1_600), after);
    }

    #[test]
    fn a_large_picture_goes_from_one_to_another_with_what_it_takes() {
        let small = |track| Want { track, height: 180, interpreter: false };
        let before = shown(&[None; 2], &[want(1), small(2)], 5_000);
        assert_eq!(encodings(&before), [Some(2), Some(0)]);
        let after = shown(&before, &[want(2), small(1)], 1_700);
        assert_eq!(encodings(&after), [Some(0), Some(2)]);
    }

    #[test]
    fn a_budget_that_wavers_does_not_take_the_last_of_many_and_bring_it_back() {
        let wants: Vec<_> =
            (0..9).map(|track| Want { track, height: 180, interpreter: false }).collect();
        let mut seats = shown(&[None; 9], &wants, 1_340);
        let mut changes = 0;
        for round in 0..20 {
            let next = shown(&seats, &wants, [1_330, 1_470][round % 2]);
            changes += usize::from(next != seats);
            seats = next;
        }
        assert_eq!((encodings(&seats).iter().flatten().count(), changes), (8, 0));
    }

    #[test]
    fn what_is_asked_of_a_publisher_does_not_waver_with_the_budget() {
        let asleep = |_| Some(layers(&[150, 500, 0]));
        let wants = [want(1)];
        let mut seats = [None];
        let mut asked = Vec::new();
        for kbps in [1_800, 1_710, 1_700, 1_740, 1_650, 1_740, 1_490, 1_600] {
            let before = seats;
            allocate(&mut seats, &wants, asleep);
            fit(&mut seats, &before, &wants, Bitrate::from_kbps(kbps), asleep);
            asked.extend(seats[0].map(|seat| seat.desired));
        }
        assert_eq!(asked, [2, 2, 2, 2, 2, 2, 1, 1]);
    }

    #[test]
    fn an_interpreter_keeps_what_signing_needs_before_anybody_gets_anything() {
        let wants = [want(1), want(2), Want { interpreter: true, ..want(3) }];
        let mut seats = shown(&[None; 3], &wants, 10_000);
        let mut fallen = Vec::new();
        for kbps in [4_500, 2_300, 810, 799, 650, 649, 500, 499, 150, 149] {
            seats = shown(&seats, &wants, kbps);
            fallen.push(encodings(&seats));
        }
        let (low, middle, high) = (Some(0), Some(1), Some(2));
        assert_eq!(fallen[..2], [[high, high, high], [high, low, middle]]);
        assert_eq!(fallen[2..5], [[low, low, middle], [low, None, middle], [low, None, middle]]);
        assert_eq!(fallen[5..7], [[None, None, middle]; 2], "the last to lose anything");
        assert_eq!(fallen[7..], [[None, None, low], [None, None, low], [None; 3]]);
        assert_eq!(encodings(&shown(&seats, &wants, 580)), [None, None, middle]);
    }

    #[test]
    fn who_is_marked_takes_what_signing_needs_from_the_others_at_once() {
        let wants = [want(1), want(2), want(3)];
        let before = shown(&shown(&[None; 3], &wants, 10_000), &wants, 810);
        assert_eq!(encodings(&before), [Some(1), Some(0), Some(0)]);
        let wants = [want(1), want(2), Want { interpreter: true, ..want(3) }];
        assert_eq!(encodings(&shown(&before, &wants, 810)), [Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn what_a_sleeping_encoding_took_is_what_it_would_take() {
        let slept = |_| {
            let states = layers(&[150, 500, 2_400]);
            Some(states.iter().map(|s| EncodingState { alive: s.index < 2, ..*s }).collect())
        };
        for (kbps, desired) in [(2_200, 1), (2_800, 2)] {
            let mut seats = [None];
            allocate(&mut seats, &[want(1)], slept);
            let all = fit(&mut seats, &[None], &[want(1)], Bitrate::from_kbps(kbps), slept);
            assert_eq!(seats[0], Some(Seat { track: 1, encoding: 1, desired }));
            assert_eq!(all, Bitrate::from_kbps(2_400));
        }
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
}
