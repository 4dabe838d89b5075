//! What congestion takes of the pictures an endpoint would be shown: told in full, and only when
//! it has changed.

use super::{Event, Shard};
use crate::{TrackId, allocate::Seat};

/// What a subscriber is not given of a track because its link does not carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// A higher encoding: it is shown, smaller than it would be.
    Lowered,
    /// All of it.
    Off,
}

/// Compares what would be shown with room for all of it with what fitted; at most one entry for
/// each seat.
pub(super) fn withheld<T: Copy + Eq>(
    planned: &[Option<Seat<T>>],
    fitted: &[Option<Seat<T>>],
) -> Vec<(T, Withheld)> {
    let taken = |(plan, fit): (&Option<Seat<T>>, &Option<Seat<T>>)| {
        let plan = (*plan)?;
        let what = match fit {
            None => Withheld::Off,
            // A higher encoding that is not even asked for is missed as much as one not passed on.
            Some(fit) if fit.encoding < plan.encoding || fit.desired < plan.desired => {
                Withheld::Lowered
            }
            Some(_) => return None,
        };
        Some((plan.track, what))
    };
    planned.iter().zip(fitted).filter_map(taken).collect()
}

impl Shard {
    /// Tells what is withheld from an endpoint, if it was told otherwise. What could not be told
    /// is told when its slots are decided next.
    pub(super) fn tell_withheld(&mut self, at: u32, taken: &[(u32, Withheld)]) {
        let name = |&(track, what): &(u32, Withheld)| Some((self.tracks.get(track)?.id, what));
        let tracks: Vec<(TrackId, Withheld)> = taken.iter().filter_map(name).collect();
        let Some(endpoint) = self.endpoints.get(at) else { return };
        if endpoint.withheld == tracks {
            return;
        }
        let event = Event::Withheld { endpoint: endpoint.id, tracks: tracks.clone() };
        if self.tell(event)
            && let Some(endpoint) = self.endpoints.get_mut(at)
        {
            endpoint.withheld = tracks;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(track: u32, encoding: u8, desired: u8) -> Option<Seat<u32>> {
        Some(Seat { track, encoding, desired })
    }

    #[test]
    fn what_is_lower_not_asked_for_or_gone_is_withheld_and_nothing_else() {
        let planned = [seat(1, 2, 2), seat(2, 2, 2), seat(3, 0, 2), seat(4, 1, 1), None];
        let fitted = [seat(1, 2, 2), seat(2, 1, 1), seat(3, 0, 0), None, None];
        assert_eq!(
            withheld(&planned, &fitted),
            [(2, Withheld::Lowered), (3, Withheld::Lowered), (4, Withheld::Off)]
        );
        assert_eq!(withheld(&planned, &planned), []);
    }
}
