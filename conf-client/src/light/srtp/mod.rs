//! How a load peer seals what it sends and opens what it looks into: SRTP and SRTCP (RFC 3711,
//! RFC 7714), independent of the server's own.
//!
//! There is no replay window: a load tool counts what comes twice from the RTP header itself, and
//! opens only some packets.

mod cm;
mod gcm;
mod kdf;

use self::{cm::CmKeys, gcm::GcmKeys};

const RTCP_HEADER: usize = 8;
const INDEX_LEN: usize = 4;
/// The E bit of the SRTCP index word (RFC 3711, section 3.4).
const ENCRYPTED: u32 = 1 << 31;

/// A protection profile (RFC 5764, section 4.1.2; RFC 7714, section 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// AEAD_AES_256_GCM.
    Aes256Gcm,
    /// AEAD_AES_128_GCM.
    Aes128Gcm,
    /// SRTP_AES128_CM_HMAC_SHA1_80.
    Aes128CmSha1,
}

impl Profile {
    /// Bytes of a master key.
    pub(crate) fn key_len(self) -> usize {
        if self == Self::Aes256Gcm { 32 } else { 16 }
    }

    /// Bytes of a master salt.
    pub(crate) fn salt_len(self) -> usize {
        if self == Self::Aes128CmSha1 { 14 } else { 12 }
    }

    /// Bytes that sealing adds to an RTP packet.
    pub(crate) fn rtp_tag_len(self) -> usize {
        if self == Self::Aes128CmSha1 { cm::TAG_LEN } else { gcm::TAG_LEN }
    }

    /// The name in RFC 7714 and RFC 5764.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "AEAD_AES_256_GCM",
            Self::Aes128Gcm => "AEAD_AES_128_GCM",
            Self::Aes128CmSha1 => "SRTP_AES128_CM_HMAC_SHA1_80",
        }
    }
}

/// The packet was not sealed with this key, was changed, or is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forged;

enum Keys {
    Gcm(GcmKeys),
    /// Kept contexts are large; peers with GCM should not carry them around.
    Cm(Box<CmKeys>),
}

impl Keys {
    fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Self {
        match profile {
            Profile::Aes256Gcm | Profile::Aes128Gcm => Self::Gcm(GcmKeys::new(key, salt)),
            Profile::Aes128CmSha1 => Self::Cm(Box::new(CmKeys::new(key, salt))),
        }
    }
}

/// Opens what the other side sends.
pub(crate) struct Opener {
    keys: Keys,
    tag_len: usize,
}

impl Opener {
    /// With a master key and salt of the profile's lengths.
    pub(crate) fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Self {
        Self { keys: Keys::new(profile, key, salt), tag_len: profile.rtp_tag_len() }
    }

    /// Bytes behind the payload of an RTP packet.
    pub(crate) fn tag_len(&self) -> usize {
        self.tag_len
    }

    /// Opens an RTP packet in place whose header takes `header` bytes; gives where the payload
    /// ends. `index` is the extended sequence number from 0.
    pub(crate) fn open_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, Forged> {
        match &self.keys {
            Keys::Gcm(keys) => keys.open_rtp(packet, header, ssrc, index),
            Keys::Cm(keys) => keys.open_rtp(packet, header, ssrc, index),
        }
    }

    /// Opens a compound RTCP packet in place; gives its plain length.
    pub(crate) fn open_rtcp(&self, packet: &mut [u8]) -> Result<usize, Forged> {
        let ssrc = packet.get(4..8).ok_or(Forged)?;
        let ssrc = u32::from_be_bytes([ssrc[0], ssrc[1], ssrc[2], ssrc[3]]);
        let trailer = if matches!(self.keys, Keys::Gcm(_)) { 0 } else { cm::TAG_LEN };
        let at = packet.len().checked_sub(INDEX_LEN + trailer).ok_or(Forged)?;
        if at < RTCP_HEADER {
            return Err(Forged);
        }
        let word = [packet[at], packet[at + 1], packet[at + 2], packet[at + 3]];
        let word = u32::from_be_bytes(word);
        if word & ENCRYPTED == 0 {
            return Err(Forged);
        }
        match &self.keys {
            Keys::Gcm(keys) => keys.open_rtcp(packet, ssrc, word & !ENCRYPTED),
            Keys::Cm(keys) => keys.open_rtcp(packet, ssrc, word & !ENCRYPTED),
        }
    }
}

/// Seals what this side sends.
pub(crate) struct Sealer {
    keys: Keys,
    next_rtcp: u32,
}

impl Sealer {
    /// With a master key and salt of the profile's lengths.
    pub(crate) fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Self {
        Self { keys: Keys::new(profile, key, salt), next_rtcp: 1 }
    }

    /// Seals the RTP packet in `packet`, whose header takes `header` bytes, and appends the tag.
    /// `index` is the extended sequence number, which begins below 2^16.
    pub(crate) fn seal_rtp(
        &self,
        packet: &mut Vec<u8>,
        from: usize,
        header: usize,
        ssrc: u32,
        index: u64,
    ) {
        match &self.keys {
            Keys::Gcm(keys) => keys.seal_rtp(packet, from, header, ssrc, index),
            Keys::Cm(keys) => keys.seal_rtp(packet, from, header, ssrc, index),
        }
    }

    /// Seals the compound RTCP packet in `packet`, of at least 8 bytes, and appends what belongs
    /// behind it.
    pub(crate) fn seal_rtcp(&mut self, packet: &mut Vec<u8>) {
        let Some(ssrc) = packet.get(4..8) else { return };
        let ssrc = u32::from_be_bytes([ssrc[0], ssrc[1], ssrc[2], ssrc[3]]);
        let index = self.next_rtcp & !ENCRYPTED;
        self.next_rtcp = self.next_rtcp.wrapping_add(1);
        match &self.keys {
            Keys::Gcm(keys) => keys.seal_rtcp(packet, ssrc, index),
            Keys::Cm(keys) => keys.seal_rtcp(packet, ssrc, index),
        }
    }
}

#[cfg(test)]
mod tests;
