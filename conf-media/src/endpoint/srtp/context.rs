//! One AES-GCM key where the crypto library keeps it, at an address that is known here.
//!
//! The library's safe key hides where its tables lie. Ten cache lines of them are read for the
//! first packet of every run, and hundreds of peers have pushed them out since the last one: they
//! have to be asked for early, and for that the address is needed. The calls are the same.
#![allow(unsafe_code)]

use std::{
    ptr::{self, NonNull},
    slice,
};

use aws_lc_sys::{
    EVP_AEAD_CTX, EVP_AEAD_CTX_free, EVP_AEAD_CTX_new, EVP_AEAD_CTX_open,
    EVP_AEAD_CTX_seal_scatter, EVP_aead_aes_128_gcm, EVP_aead_aes_256_gcm,
};

use crate::prefetch::prefetch;

/// Bytes of the tag behind what was sealed.
pub(super) const TAG_LEN: usize = 16;
/// Bytes of a nonce. No two things are ever sealed under one.
pub(super) type Nonce = [u8; 12];

/// A key of AES-128-GCM or AES-256-GCM with its tables, 600 bytes. Overwritten when it is dropped.
pub(super) struct Context(NonNull<EVP_AEAD_CTX>);

// SAFETY: the context is owned by this value alone, and the library ties it to no thread.
unsafe impl Send for Context {}
// SAFETY: sealing and opening take the context as const and keep no state in it.
unsafe impl Sync for Context {}

/// The library refused: a tag that does not match, or lengths that do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

impl Context {
    /// # Panics
    /// When the key has neither 16 nor 32 bytes, or there is no memory for it.
    pub(super) fn new(key: &[u8]) -> Self {
        // SAFETY: the algorithms are static tables. The key is read during the call only, which
        // gives a context of its own or null.
        let made = unsafe {
            let algorithm = match key.len() {
                16 => EVP_aead_aes_128_gcm(),
                32 => EVP_aead_aes_256_gcm(),
                other => panic!("an AES-GCM key has 16 or 32 bytes, not {other}"),
            };
            EVP_AEAD_CTX_new(algorithm, key.as_ptr(), key.len(), TAG_LEN)
        };
        Self(NonNull::new(made).expect("there is memory for a key"))
    }

    /// Asks for the key's tables.
    #[inline]
    pub(super) fn prefetch(&self) {
        // SAFETY: the context is alive as long as `self`, and as long as its type says; its bytes
        // are not read, so that those which were never written do not matter.
        let bytes = unsafe {
            slice::from_raw_parts(
                self.0.as_ptr().cast::<std::mem::MaybeUninit<u8>>(),
                size_of::<EVP_AEAD_CTX>(),
            )
        };
        prefetch(bytes);
    }

    /// Seals `plain` into `body`, which is as long, and writes the tag of it and of `header`.
    #[inline]
    pub(super) fn seal(
        &self,
        nonce: &Nonce,
        header: &[u8],
        plain: &[u8],
        body: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), Refused> {
        if body.len() != plain.len() || tag.len() != TAG_LEN {
            return Err(Refused);
        }
        let mut tag_len = 0;
        // SAFETY: every pointer comes from a slice whose length goes with it or, for `body`, was
        // just compared; `body` and `tag` are exclusive borrows, so nothing overlaps; the context
        // is alive and not written to. The library checks all lengths against its own limits.
        let done = unsafe {
            EVP_AEAD_CTX_seal_scatter(
                self.0.as_ptr(),
                body.as_mut_ptr(),
                tag.as_mut_ptr(),
                &mut tag_len,
                tag.len(),
                nonce.as_ptr(),
                nonce.len(),
                plain.as_ptr(),
                plain.len(),
                ptr::null(),
                0,
                header.as_ptr(),
                header.len(),
            )
        };
        if done == 1 && tag_len == TAG_LEN { Ok(()) } else { Err(Refused) }
    }

    /// Opens what was sealed, its tag behind it, in place. On a refusal its bytes are worthless.
    #[inline]
    pub(super) fn open(
        &self,
        nonce: &Nonce,
        header: &[u8],
        sealed: &mut [u8],
    ) -> Result<(), Refused> {
        let Some(plain_len) = sealed.len().checked_sub(TAG_LEN) else { return Err(Refused) };
        let (mut opened, bytes, len) = (0, sealed.as_mut_ptr(), sealed.len());
        // SAFETY: source and destination are the same memory from the same byte on, which the
        // library allows, written through the one exclusive borrow there is; the rest as above.
        let done = unsafe {
            EVP_AEAD_CTX_open(
                self.0.as_ptr(),
                bytes,
                &mut opened,
                plain_len,
                nonce.as_ptr(),
                nonce.len(),
                bytes,
                len,
                header.as_ptr(),
                header.len(),
            )
        };
        if done == 1 && opened == plain_len { Ok(()) } else { Err(Refused) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: made by the library, owned by this value and not used afterwards. Its memory is
        // overwritten before it is given back.
        unsafe { EVP_AEAD_CTX_free(self.0.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    use super::*;

    #[test]
    fn it_is_what_the_safe_interface_seals_and_opens() {
        for len in [0, 1, 15, 16, 700, 1_400] {
            for key in [&[7; 16][..], &[9; 32]] {
                let context = Context::new(key);
                context.prefetch();
                let (nonce, header, plain) = ([5; 12], [0x80; 20], vec![0xa5; len]);
                let (mut body, mut tag) = (vec![0; len], [0; TAG_LEN]);
                context.seal(&nonce, &header, &plain, &mut body, &mut tag).unwrap();

                let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
                let safe = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
                let mut whole = plain.clone();
                safe.seal_in_place_append_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(header),
                    &mut whole,
                )
                .unwrap();
                assert_eq!((&whole[..len], &whole[len..]), (&body[..], &tag[..]));

                context.open(&nonce, &header, &mut whole).unwrap();
                assert_eq!(whole[..len], plain);
            }
        }
    }

    #[test]
    fn what_was_changed_or_does_not_fit_is_refused() {
        let context = Context::new(&[3; 32]);
        let (mut body, mut tag) = ([0; 8], [0; TAG_LEN]);
        context.seal(&[0; 12], b"head", b"12345678", &mut body, &mut tag).unwrap();
        let sealed = [&body[..], &tag].concat();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(context.open(&[0; 12], b"head", &mut changed), Err(Refused));
        }
        assert_eq!(context.open(&[0; 12], b"hEad", &mut sealed.clone()), Err(Refused));
        assert_eq!(context.open(&[1; 12], b"head", &mut sealed.clone()), Err(Refused));
        assert_eq!(context.open(&[0; 12], b"head", &mut [0; TAG_LEN - 1]), Err(Refused));
        assert_eq!(context.seal(&[0; 12], b"", b"123", &mut [0; 4], &mut tag), Err(Refused));
        assert_eq!(context.seal(&[0; 12], b"", b"123", &mut [0; 3], &mut tag[1..]), Err(Refused));
    }

    #[test]
    #[should_panic(expected = "16 or 32 bytes, not 24")]
    fn a_key_of_another_length_is_a_bug() {
        Context::new(&[0; 24]);
    }
}
