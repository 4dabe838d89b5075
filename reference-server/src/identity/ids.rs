//! Where new ids come from: the operating system's random source.

use conf_core::id::IdSource;

/// Draws 128 unpredictable bits at a time.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsIds;

impl IdSource for OsIds {
    fn draw(&mut self) -> u128 {
        u128::from_le_bytes(random_bytes())
    }
}

/// Random bytes for keys and ids.
///
/// # Panics
/// When the operating system has no random source: nothing safe can be done then.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(OsIds.draw(), OsIds.draw());
    }
}
