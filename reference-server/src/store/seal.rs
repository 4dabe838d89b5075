//! How bytes are sealed: AES-256-GCM with a random nonce, bound to where they belong.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use conf_core::id::{MeetingId, ParticipantId};

use super::StoreError;
use super::files::FilePlace;
use crate::identity::key_file::Secret;

/// A key that seals and opens. Nonces are random 96-bit numbers (NIST SP
/// 800-38D, section 8.2.2): one key seals a few thousand fields and
/// pieces of files, and the bound
/// for random nonces is 2^32.
pub(crate) struct SealKey(RandomizedNonceKey);

impl SealKey {
    pub(crate) fn new(secret: &Secret) -> Result<Self, StoreError> {
        RandomizedNonceKey::new(&AES_256_GCM, secret.expose())
            .map(Self)
            .map_err(|_| StoreError::Sealing)
    }

    /// The nonce, then the sealed bytes, then the tag.
    pub(crate) fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut body = plain.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(place), &mut body)
            .map_err(|_| StoreError::Sealing)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + body.len());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// The plain bytes, if they were sealed under this key for this place.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let length = self.0.open_in_place(nonce, Aad::from(place), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

/// Where a personal field belongs: a sealed text moved elsewhere does not open.
pub(crate) fn field_place(meeting: MeetingId, seq: u64, field: u32) -> [u8; 28] {
    let mut place = [0; 28];
    place[..16].copy_from_slice(&meeting.number().to_be_bytes());
    place[16..24].copy_from_slice(&seq.to_be_bytes());
    place[24..].copy_from_slice(&field.to_be_bytes());
    place
}

/// Where a piece of a file belongs; the last one says so, so that a file cut short does not open.
pub(crate) fn file_place(place: FilePlace, index: u64, last: bool) -> [u8; 41] {
    let mut bytes = [0; 41];
    bytes[..16].copy_from_slice(&place.meeting.number().to_be_bytes());
    bytes[16..32].copy_from_slice(&place.file.number().to_be_bytes());
    bytes[32..40].copy_from_slice(&index.to_be_bytes());
    bytes[40] = u8::from(last);
    bytes
}

/// Where a person's wrapped key belongs.
pub(crate) fn key_place(meeting: MeetingId, participant: ParticipantId) -> [u8; 32] {
    let mut place = [0; 32];
    place[..16].copy_from_slice(&meeting.number().to_be_bytes());
    place[16..].copy_from_slice(&participant.number().to_be_bytes());
    place
}

/// A key for one purpose, from the master key. The labels are for ever.
pub(crate) fn derive(master: &Secret, label: &str) -> Secret {
    let key = hmac::Key::new(hmac::HMAC_SHA256, master.expose());
    let tag = hmac::sign(&key, label.as_bytes());
    Secret::new(tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SealKey {
        SealKey::new(&Secret::new([3; 32])).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let here = field_place(MeetingId::from_number(1), 2, 0);
        let there = field_place(MeetingId::from_number(1), 2, 1);
        let sealed = key().seal(&here, b"hello").unwrap();
        assert_eq!(key().open(&here, &sealed).as_deref(), Some(&b"hello"[..]));
        assert_eq!(key().open(&there, &sealed), None);
        let other = SealKey::new(&Secret::new([4; 32])).unwrap();
        assert_eq!(other.open(&here, &sealed), None);
    }

    #[test]
    fn a_changed_or_short_text_does_not_open() {
        let sealed = key().seal(b"", b"hello").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key().open(b"", &changed), None);
            assert_eq!(key().open(b"", &sealed[..at]), None);
        }
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same_way_twice() {
        assert_ne!(key().seal(b"", b"hello").unwrap(), key().seal(b"", b"hello").unwrap());
    }

    #[test]
    fn keys_for_different_purposes_differ() {
        let master = Secret::new([5; 32]);
        assert_ne!(derive(&master, "a").expose(), derive(&master, "b").expose());
    }
}
