//! Where a shard's random numbers come from: one secret seed, stretched.

use aws_lc_rs::hmac;

/// Numbers nobody can guess from others: blocks of HMAC-SHA-256 over a counter, keyed with the
/// seed. A machine without a random source of its own can be run again from its seed.
pub(crate) struct Draw {
    key: hmac::Key,
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Draw {
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed), counter: 0, block: [0; 32], used: 32 }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for byte in &mut out {
            if self.used == self.block.len() {
                let tag = hmac::sign(&self.key, &self.counter.to_be_bytes());
                self.block.copy_from_slice(tag.as_ref());
                self.counter += 1;
                self.used = 0;
            }
            *byte = self.block[self.used];
            self.used += 1;
        }
        out
    }

    /// A number that is not zero: an SSRC, a timestamp offset.
    pub(crate) fn number(&mut self) -> u32 {
        loop {
            let number = u32::from_be_bytes(self.bytes());
            if number != 0 {
                return number;
            }
        }
    }

    /// So many ICE characters, six bits each (RFC 8839, section 5.4).
    pub(crate) fn token<const N: usize>(&mut self) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        self.bytes::<N>().iter().map(|byte| ALPHABET[usize::from(byte & 63)] as char).collect()
    }
}

impl std::fmt::Debug for Draw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draw").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_run_and_no_number_twice() {
        let (mut a, mut b) = (Draw::new(&[1; 32]), Draw::new(&[1; 32]));
        let first: Vec<u32> = (0..100).map(|_| a.number()).collect();
        assert_eq!(first, (0..100).map(|_| b.number()).collect::<Vec<_>>());
        let mut unique = first.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), first.len());
        assert_eq!(a.token::<24>().len(), 24);
        assert_ne!(Draw::new(&[2; 32]).number(), first[0]);
    }
}
