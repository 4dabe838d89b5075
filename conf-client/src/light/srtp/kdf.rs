//! Session keys from master keys: AES in counter mode (RFC 3711, section 4.3).

use aws_lc_rs::cipher::{
    AES_128, AES_256, AES_CTR_IV_LEN, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

/// What a session key is for (RFC 3711, section 4.3.2).
#[derive(Clone, Copy)]
pub(super) enum Use {
    RtpCipher = 0,
    RtpAuth = 1,
    RtpSalt = 2,
    RtcpCipher = 3,
    RtcpAuth = 4,
    RtcpSalt = 5,
}

/// The session key of `N` bytes; nothing is ever re-keyed (rate 0).
pub(super) fn derive<const N: usize>(key: &[u8], salt: &[u8], what: Use) -> [u8; N] {
    let mut iv = [0; AES_CTR_IV_LEN];
    // A salt of 96 bits stands in front of those of 112 (RFC 7714, section 11).
    iv[..salt.len()].copy_from_slice(salt);
    iv[7] ^= what as u8;
    let mut out = [0; N];
    apply(&counter(key), iv, &mut out);
    out
}

/// AES in counter mode under a key of 16 or 32 bytes.
pub(super) fn counter(key: &[u8]) -> EncryptingKey {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    UnboundCipherKey::new(algorithm, key)
        .and_then(EncryptingKey::ctr)
        .expect("keys have the lengths of their profile")
}

/// Adds the key stream from `iv` on.
pub(super) fn apply(key: &EncryptingKey, iv: [u8; AES_CTR_IV_LEN], text: &mut [u8]) {
    key.less_safe_encrypt(text, EncryptionContext::Iv128(FixedLength::from(iv)))
        .expect("counter mode takes any length");
}
