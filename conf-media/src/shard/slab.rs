//! Where endpoints, tracks and groups live: dense, addressed by small numbers that are reused.

use crate::prefetch::prefetch_front;

/// Values by index. An index is only meaningful while its value is in here; whoever keeps one
/// elsewhere forgets it when the value is removed.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(at) = self.free.pop() {
            self.places[at as usize] = Some(value);
            return at;
        }
        self.places.push(Some(value));
        // Limits keep every slab far below this.
        u32::try_from(self.places.len() - 1).expect("a slab holds fewer than 2^32 values")
    }

    pub(crate) fn remove(&mut self, at: u32) -> Option<T> {
        let value = self.places.get_mut(at as usize)?.take()?;
        self.free.push(at);
        Some(value)
    }

    pub(crate) fn get(&self, at: u32) -> Option<&T> {
        self.places.get(at as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.places.get_mut(at as usize)?.as_mut()
    }

    /// Asks for the first `bytes` of a place's memory, whatever is there.
    #[inline]
    pub(crate) fn prefetch(&self, at: u32, bytes: usize) {
        if let Some(place) = self.places.get(at as usize) {
            prefetch_front(place, bytes);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_place_is_used_again() {
        let mut slab = Slab::new();
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!((slab.get(a), slab.len()), (None, 1));
        assert_eq!(slab.insert('c'), a);
        assert_eq!((slab.get(a), slab.get(b)), (Some(&'c'), Some(&'b')));
    }
}
