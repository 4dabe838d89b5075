//! RTP encrypted with AES-GCM (RFC 7714), straight from the payload's place into the send buffer.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes behind each packet that prove it.
pub const TAG: usize = 16;

/// Which of the AES-GCM profiles of RFC 7714.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// AEAD_AES_256_GCM: what a server negotiates that prefers it, as all compared here do.
    Aes256Gcm,
    /// AEAD_AES_128_GCM.
    Aes128Gcm,
}

/// One receiver's key.
pub struct Sealer {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Sealer {
    /// A key made from `seed`: what is sent here is no secret.
    #[must_use]
    pub fn new(profile: Profile, seed: u32) -> Self {
        let algorithm = match profile {
            Profile::Aes256Gcm => &AES_256_GCM,
            Profile::Aes128Gcm => &AES_128_GCM,
        };
        let mut bytes = [0x5a; 32];
        bytes[..4].copy_from_slice(&seed.to_be_bytes());
        let key = UnboundKey::new(algorithm, &bytes[..algorithm.key_len()]);
        let key = LessSafeKey::new(key.expect("the key has the algorithm's length"));
        Self { key, salt: [0xa5; 12] }
    }

    /// Writes header, encrypted payload and tag to the front of `out`; gives how long they are.
    ///
    /// `ssrc` and `index` (roll-over counter and sequence number) make the packet's nonce; `header`
    /// is authenticated and stays readable.
    ///
    /// # Panics
    /// When `out` has no room for all three.
    pub fn seal(
        &self,
        ssrc: u32,
        index: u64,
        header: &[u8],
        payload: &[u8],
        out: &mut [u8],
    ) -> usize {
        let (text, rest) = out.split_at_mut(header.len());
        let (sealed, rest) = rest.split_at_mut(payload.len());
        text.copy_from_slice(header);
        let (nonce, aad) = (self.nonce(ssrc, index), Aad::from(header));
        self.key
            .seal_out_of_place_scatter(nonce, aad, payload, sealed, &[], &mut rest[..TAG])
            .expect("a packet is shorter than AES-GCM's limit");
        header.len() + payload.len() + TAG
    }

    /// Decrypts in place what [`seal`](Self::seal) made; `None` when it is not genuine.
    pub fn open<'a>(
        &self,
        ssrc: u32,
        index: u64,
        header_len: usize,
        packet: &'a mut [u8],
    ) -> Option<&'a mut [u8]> {
        let (header, sealed) = packet.split_at_mut_checked(header_len)?;
        self.key.open_in_place(self.nonce(ssrc, index), Aad::from(&*header), sealed).ok()
    }

    /// Salt xor SSRC xor index (RFC 7714, section 8.1).
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = self.salt;
        let counted = ssrc.to_be_bytes().into_iter().chain(index.to_be_bytes().into_iter().skip(2));
        for (byte, counted) in nonce[2..].iter_mut().zip(counted) {
            *byte ^= counted;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_once_it_is_genuine() {
        for profile in [Profile::Aes256Gcm, Profile::Aes128Gcm] {
            let (alice, bob) = (Sealer::new(profile, 1), Sealer::new(profile, 2));
            for len in [0, 1, 60, 1100] {
                let payload: Vec<u8> = (0..=255).cycle().take(len).collect();
                let mut genuine = vec![9; 1200];
                let sealed = alice.seal(7, 0x1_0002, b"header", &payload, &mut genuine);
                assert_eq!(sealed, 6 + len + TAG);
                genuine.truncate(sealed);
                assert_eq!(alice.open(7, 0x1_0002, 6, &mut genuine.clone()).unwrap()[..], payload);
                assert!(alice.open(7, 0x1_0003, 6, &mut genuine.clone()).is_none());
                assert!(bob.open(7, 0x1_0002, 6, &mut genuine.clone()).is_none());
                assert!(alice.open(7, 0x1_0002, 600, &mut [0; 8]).is_none());
            }
        }
    }
}
