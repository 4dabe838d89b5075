//! SRTP_AES128_CM_HMAC_SHA1_80 (RFC 3711): what peers without GCM speak.

use aws_lc_rs::cipher::EncryptingKey;
use aws_lc_rs::{constant_time, hmac};

use super::kdf::{Use, apply, counter, derive};
use super::{ENCRYPTED, Forged, INDEX_LEN, RTCP_HEADER};

/// The leading bytes of the HMAC that travel.
pub(super) const TAG_LEN: usize = 10;

pub(super) struct CmKeys {
    rtp: Session,
    rtcp: Session,
}

struct Session {
    cipher: EncryptingKey,
    auth: hmac::Key,
    salt: [u8; 14],
}

impl CmKeys {
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Self {
        let session = |cipher, auth, salting| Session {
            cipher: counter(&derive::<16>(key, salt, cipher)),
            auth: hmac::Key::new(
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                &derive::<20>(key, salt, auth),
            ),
            salt: derive(key, salt, salting),
        };
        Self {
            rtp: session(Use::RtpCipher, Use::RtpAuth, Use::RtpSalt),
            rtcp: session(Use::RtcpCipher, Use::RtcpAuth, Use::RtcpSalt),
        }
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, Forged> {
        let end = packet.len().checked_sub(TAG_LEN).filter(|end| *end >= header).ok_or(Forged)?;
        let (text, tag) = packet.split_at_mut(end);
        self.rtp.verify(&[text, &roll_over(index)], tag)?;
        self.rtp.apply(ssrc, index, &mut text[header..]);
        Ok(end)
    }

    pub(super) fn seal_rtp(
        &self,
        packet: &mut Vec<u8>,
        from: usize,
        header: usize,
        ssrc: u32,
        index: u64,
    ) {
        self.rtp.apply(ssrc, index, &mut packet[from + header..]);
        let tag = self.rtp.tag(&[&packet[from..], &roll_over(index)]);
        packet.extend_from_slice(&tag);
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<usize, Forged> {
        let (text, tag) = packet.split_at_mut(packet.len().saturating_sub(TAG_LEN));
        let end = text.len().checked_sub(INDEX_LEN).filter(|end| *end >= RTCP_HEADER);
        let end = end.ok_or(Forged)?;
        self.rtcp.verify(&[text], tag)?;
        self.rtcp.apply(ssrc, index.into(), &mut text[RTCP_HEADER..end]);
        Ok(end)
    }

    pub(super) fn seal_rtcp(&self, packet: &mut Vec<u8>, ssrc: u32, index: u32) {
        self.rtcp.apply(ssrc, index.into(), &mut packet[RTCP_HEADER..]);
        packet.extend_from_slice(&(index | ENCRYPTED).to_be_bytes());
        let tag = self.rtcp.tag(&[packet]);
        packet.extend_from_slice(&tag);
    }
}

impl Session {
    /// Salt xor SSRC xor index make the first counter (section 4.1.1).
    fn apply(&self, ssrc: u32, index: u64, text: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        iv[4..8].iter_mut().zip(ssrc.to_be_bytes()).for_each(|(a, b)| *a ^= b);
        iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]).for_each(|(a, b)| *a ^= b);
        apply(&self.cipher, iv, text);
    }

    fn tag(&self, parts: &[&[u8]]) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.auth);
        parts.iter().for_each(|part| context.update(part));
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG_LEN]);
        tag
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), Forged> {
        constant_time::verify_slices_are_equal(&self.tag(parts), tag).map_err(|_| Forged)
    }
}

/// The roll-over counter is authenticated though it does not travel.
fn roll_over(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}
