//! Session keys from a master key: AES in counter mode (RFC 3711, section 4.3).

use aws_lc_rs::{
    cipher::{
        AES_128, AES_256, AES_CTR_IV_LEN, Algorithm, EncryptingKey, EncryptionContext,
        UnboundCipherKey,
    },
    iv::FixedLength,
};

use super::MasterKey;

/// The six keys a master key yields (RFC 3711, section 4.3.2).
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// Fills `out` with the session key that `label` names; the key derivation rate is zero.
pub(super) fn derive(master: &MasterKey, label: Label, out: &mut [u8]) {
    let mut iv = [0u8; AES_CTR_IV_LEN];
    // A 96-bit salt counts as the leading bits of a 112-bit one (RFC 7714, section 11).
    iv[..master.salt().len()].copy_from_slice(master.salt());
    iv[7] ^= label as u8;
    out.fill(0);
    keystream(&counter_key(master.key()), iv, out);
}

/// A kept AES counter-mode context for a key of 16 or 32 bytes.
pub(super) fn counter_key(key: &[u8]) -> EncryptingKey {
    let algorithm: &'static Algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    UnboundCipherKey::new(algorithm, key)
        .and_then(EncryptingKey::ctr)
        .expect("keys have the lengths of their profile")
}

/// Adds the key stream that begins at counter `iv` to `text`.
pub(super) fn keystream(key: &EncryptingKey, iv: [u8; AES_CTR_IV_LEN], text: &mut [u8]) {
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(text, context).expect("counter mode takes any length");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn rfc_3711_appendix_b_3_session_keys() {
        let master = MasterKey::new(
            &hex("e1f97a0d3e018be0d64fa32c06de4139"),
            &hex("0ec675ad498afeebb6960b3aabe6"),
        );
        let mut key = [0; 16];
        derive(&master, Label::RtpEncryption, &mut key);
        assert_eq!(key.to_vec(), hex("c61e7a93744f39ee10734afe3ff7a087"));
        let mut salt = [0; 14];
        derive(&master, Label::RtpSalt, &mut salt);
        assert_eq!(salt.to_vec(), hex("30cbbc08863d8c85d49db34a9ae1"));
        let mut auth = [0; 94];
        derive(&master, Label::RtpAuthentication, &mut auth);
        assert_eq!(auth[..16].to_vec(), hex("cebe321f6ff7716b6fd4ab49af256a15"));
    }

    #[test]
    fn rfc_3711_appendix_b_2_key_stream() {
        let key = counter_key(&hex("2b7e151628aed2a6abf7158809cf4f3c"));
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"));
        let mut text = [0; 48];
        keystream(&key, iv, &mut text);
        assert_eq!(
            text.to_vec(),
            hex(concat!(
                "e03ead0935c95e80e166b16dd92b4eb4",
                "d23513162b02d0f72a43a2fe4a5f97ab",
                "41e95b3bb0a2e8dd477901e4fca894c0"
            ))
        );
    }
}
