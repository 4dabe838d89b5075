//! What one vote chooses: a value that is copied, so that no trace of it has to be freed.

/// Some of the choices of one poll, which has at most ten; in a quiz one more says whether they
/// are right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    bits: u16,
    /// How many choices there are.
    of: u8,
}

impl Chosen {
    /// The choices named, each once; `None` where one of them is not there.
    pub(super) fn of(choices: &[u8], count: usize) -> Option<Self> {
        let of = u8::try_from(count).ok().filter(|of| u32::from(*of) <= u16::BITS)?;
        let known = choices.iter().all(|choice| *choice < of);
        let bits = || choices.iter().fold(0, |bits, choice| bits | 1_u16 << *choice);
        known.then(|| Self { bits: bits(), of })
    }

    /// How many.
    pub(super) const fn count(self) -> u32 {
        self.bits.count_ones()
    }

    /// With one choice more behind the others, chosen or not.
    pub(super) const fn and_one_more(self, chosen: bool) -> Self {
        Self { bits: self.bits | (chosen as u16) << self.of, of: self.of + 1 }
    }

    /// Adds one to the count of each.
    pub(super) fn add_to(self, counts: &mut Vec<u32>) {
        let one = |at: u8| u32::from(self.bits >> at & 1);
        super::one::add_up(counts, (0..self.of).map(one));
    }

    /// By number, in order.
    pub(super) fn numbers(self) -> Vec<u8> {
        (0..self.of).filter(|at| self.bits >> at & 1 == 1).collect()
    }
}
