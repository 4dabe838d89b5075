//! Which track sits in which slot: whoever stays keeps the place it has.

/// Puts the first `slots.len()` of `wanted` (most wanted first) into slots, in place; returns
/// whether anything changed.
///
/// A wanted track that sits stays where it is; a slot whose track is no longer among them is
/// given to the most wanted one without a slot, or emptied. `wanted` names nobody twice.
pub fn assign<T: Copy + Eq>(slots: &mut [Option<T>], wanted: &[T]) -> bool {
    let wanted = &wanted[..wanted.len().min(slots.len())];
    let mut changed = false;
    for slot in slots.iter_mut() {
        if slot.is_some_and(|track| !wanted.contains(&track)) {
            *slot = None;
            changed = true;
        }
    }
    for &track in wanted {
        if slots.contains(&Some(track)) {
            continue;
        }
        if let Some(free) = slots.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(track);
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_takes_the_place_of_the_one_who_left() {
        let mut slots = [Some(1), Some(2), None];
        assert!(assign(&mut slots, &[3, 2, 4]));
        assert_eq!(slots, [Some(3), Some(2), Some(4)]);
        assert!(!assign(&mut slots, &[4, 3, 2]));
    }

    #[test]
    fn who_does_not_fit_is_left_out() {
        let mut slots = [Some(5)];
        assert!(assign(&mut slots, &[6, 5]));
        assert_eq!(slots, [Some(6)]);
        assert!(!assign::<u32>(&mut [], &[1]));
    }
}
