//! How packets are sealed and opened: SRTP and SRTCP (RFC 3711, RFC 7714).
//!
//! One [`Opener`] and one [`Sealer`] per endpoint. GCM seals from the source straight into the
//! send buffer; AES-CM is the compatibility path with its contexts kept.

mod cm;
mod context;
mod gcm;
mod kdf;
mod replay;
mod wipe;

use thiserror::Error;

pub use self::wipe::MasterKey;
use self::{cm::CmKeys, gcm::GcmKeys, replay::Sources};
use crate::prefetch::prefetch;

/// The most bytes a sealed packet is longer than its plain form: GCM tag, or SRTCP index with it.
pub const MAX_OVERHEAD: usize = 20;

/// Different SSRCs one peer may send before further ones are refused.
///
/// A browser with microphone, three camera layers, screen, screen audio and their repairs sends
/// sixteen; each costs 32 bytes here.
pub const MAX_SOURCES: usize = 64;

/// The protection profiles we negotiate (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// AEAD_AES_256_GCM.
    Aes256Gcm,
    /// AEAD_AES_128_GCM.
    Aes128Gcm,
    /// SRTP_AES128_CM_HMAC_SHA1_80.
    Aes128CmSha1,
}

impl Profile {
    /// Bytes in a master key.
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes256Gcm => 32,
            Self::Aes128Gcm | Self::Aes128CmSha1 => 16,
        }
    }

    /// Bytes in a master salt.
    pub fn salt_len(self) -> usize {
        match self {
            Self::Aes256Gcm | Self::Aes128Gcm => 12,
            Self::Aes128CmSha1 => 14,
        }
    }
}

/// What the handshake yields: the profile and both directions' master keys.
#[derive(Debug)]
pub struct SrtpKeys {
    /// The negotiated profile.
    pub profile: Profile,
    /// Seals what we send.
    pub local: MasterKey,
    /// Opens what the peer sends.
    pub remote: MasterKey,
}

/// Why a packet was not opened or sealed; it is counted and dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SrtpError {
    /// Header, extension, index or tag do not fit into the packet.
    #[error("packet cut short: needs {needed} bytes, has {available}")]
    Truncated {
        /// Bytes that the header's fields promise.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// The tag does not match: wrong key, or changed on the way.
    #[error("authentication failed")]
    Forged,
    /// Seen before, or too old to tell (RFC 3711, section 3.3.2).
    #[error("packet seen before or older than the replay window")]
    Replayed,
    /// The peer uses more SSRCs than [`MAX_SOURCES`].
    #[error("more than {MAX_SOURCES} sources")]
    TooManySources,
    /// An SRTCP packet that is not encrypted, which these profiles never produce.
    #[error("rtcp packet is not encrypted")]
    NotEncrypted,
    /// The caller's buffer cannot hold the sealed packet.
    #[error("buffer too small: needs {needed} bytes, has {available}")]
    NoRoom {
        /// Bytes the sealed packet takes.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// The index does not belong to the header, or the key has sealed all it may.
    #[error("index {index} cannot be used with this packet")]
    Index {
        /// The index that was asked for.
        index: u64,
    },
}

/// A packet opened in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct OpenedRtp {
    /// Where the payload begins: fixed header, CSRCs and extension.
    pub header_len: usize,
    /// Where the plain packet ends; what follows in the buffer was the tag.
    pub len: usize,
    /// Roll-over counter and sequence number: 48 bits, never repeats within a source.
    pub index: u64,
}

enum Keys {
    Gcm(GcmKeys),
    /// Kept contexts are 3.5 kB, which endpoints with GCM should not carry around.
    Cm(Box<CmKeys>),
}

impl Keys {
    fn new(profile: Profile, master: &MasterKey) -> Self {
        match profile {
            Profile::Aes256Gcm | Profile::Aes128Gcm => Self::Gcm(GcmKeys::new(profile, master)),
            Profile::Aes128CmSha1 => Self::Cm(Box::new(CmKeys::new(master))),
        }
    }
}

/// Opens what one peer sends.
pub struct Opener {
    keys: Keys,
    rtp: Sources,
    rtcp: Sources,
}

impl Opener {
    /// An opener for the peer's keys.
    ///
    /// # Panics
    /// When `master` does not have the lengths of `profile`: keys come from [`super::dtls`].
    pub fn new(profile: Profile, master: &MasterKey) -> Self {
        Self { keys: Keys::new(profile, master), rtp: Sources::default(), rtcp: Sources::default() }
    }

    /// Authenticates and decrypts an RTP packet in place.
    ///
    /// On an error the packet's bytes are worthless and no state has changed.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<OpenedRtp, SrtpError> {
        let header_len = rtp_header_len(packet)?;
        let seq = u16::from_be_bytes([packet[2], packet[3]]);
        let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        let place = self.rtp.find(ssrc);
        let index = self.rtp.guess(place, seq);
        self.rtp.check(place, index)?;
        let len = match &mut self.keys {
            Keys::Gcm(keys) => keys.open_rtp(packet, header_len, ssrc, index)?,
            Keys::Cm(keys) => keys.open_rtp(packet, header_len, ssrc, index)?,
        };
        self.rtp.accept(place, ssrc, index)?;
        Ok(OpenedRtp { header_len, len, index })
    }

    /// Authenticates and decrypts a compound RTCP packet in place; gives its plain length.
    ///
    /// On an error the packet's bytes are worthless and no state has changed.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        if packet.len() < RTCP_HEADER_LEN {
            return Err(SrtpError::Truncated { needed: RTCP_HEADER_LEN, available: packet.len() });
        }
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let trailer = match &self.keys {
            Keys::Gcm(_) => 0,
            Keys::Cm(_) => cm::TAG_LEN,
        };
        let needed = RTCP_HEADER_LEN + SRTCP_INDEX_LEN + trailer;
        let Some(at) = packet.len().checked_sub(SRTCP_INDEX_LEN + trailer) else {
            return Err(SrtpError::Truncated { needed, available: packet.len() });
        };
        if at < RTCP_HEADER_LEN {
            return Err(SrtpError::Truncated { needed, available: packet.len() });
        }
        let word = u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]]);
        if word & ENCRYPTED == 0 {
            return Err(SrtpError::NotEncrypted);
        }
        let index = word & !ENCRYPTED;
        let place = self.rtcp.find(ssrc);
        self.rtcp.check(place, u64::from(index))?;
        let len = match &mut self.keys {
            Keys::Gcm(keys) => keys.open_rtcp(packet, ssrc, index)?,
            Keys::Cm(keys) => keys.open_rtcp(packet, ssrc, index)?,
        };
        self.rtcp.accept(place, ssrc, u64::from(index))?;
        Ok(len)
    }
}

/// Seals what we send to one peer.
pub struct Sealer {
    keys: Keys,
    next_rtcp_index: u32,
}

impl Sealer {
    /// Asks for the keys that seal media.
    #[inline]
    pub(crate) fn prefetch(&self) {
        match &self.keys {
            Keys::Gcm(keys) => keys.prefetch(),
            Keys::Cm(keys) => prefetch(&**keys),
        }
    }

    /// A sealer for our keys.
    ///
    /// # Panics
    /// When `master` does not have the lengths of `profile`: keys come from [`super::dtls`].
    pub fn new(profile: Profile, master: &MasterKey) -> Self {
        Self { keys: Keys::new(profile, master), next_rtcp_index: 1 }
    }

    /// Seals one RTP packet into `out`, gives the sealed length.
    ///
    /// `header` is the whole RTP header with CSRCs and extension, `payload` the rest including
    /// padding. `index` is the source's extended sequence number: its low 16 bits are the header's
    /// sequence number, the bits above count its roll-overs and **begin at zero** with the first
    /// packet of an SSRC. The caller never passes one index of one SSRC twice with different
    /// contents: that would give the plain text away. No per-source state is kept here.
    ///
    /// `out` needs `header.len() + payload.len() + MAX_OVERHEAD` bytes.
    pub fn seal_rtp(
        &mut self,
        index: u64,
        header: &[u8],
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, SrtpError> {
        if header.len() < RTP_HEADER_LEN {
            return Err(SrtpError::Truncated { needed: RTP_HEADER_LEN, available: header.len() });
        }
        let seq = u16::from_be_bytes([header[2], header[3]]);
        if index as u16 != seq || index >> 48 != 0 {
            return Err(SrtpError::Index { index });
        }
        let ssrc = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
        match &mut self.keys {
            Keys::Gcm(keys) => keys.seal_rtp(ssrc, index, header, payload, out),
            Keys::Cm(keys) => keys.seal_rtp(ssrc, index, header, payload, out),
        }
    }

    /// Seals one compound RTCP packet into `out`, gives the sealed length.
    ///
    /// `out` needs `packet.len() + MAX_OVERHEAD` bytes. The index is counted here, one count for
    /// all sources: a receiver's window accepts gaps.
    pub fn seal_rtcp(&mut self, packet: &[u8], out: &mut [u8]) -> Result<usize, SrtpError> {
        if packet.len() < RTCP_HEADER_LEN {
            return Err(SrtpError::Truncated { needed: RTCP_HEADER_LEN, available: packet.len() });
        }
        let index = self.next_rtcp_index;
        if index & ENCRYPTED != 0 {
            return Err(SrtpError::Index { index: u64::from(index) });
        }
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let sealed = match &mut self.keys {
            Keys::Gcm(keys) => keys.seal_rtcp(ssrc, index, packet, out),
            Keys::Cm(keys) => keys.seal_rtcp(ssrc, index, packet, out),
        }?;
        self.next_rtcp_index += 1;
        Ok(sealed)
    }
}

const RTP_HEADER_LEN: usize = 12;
const RTCP_HEADER_LEN: usize = 8;
const SRTCP_INDEX_LEN: usize = 4;
/// The E bit of the SRTCP index word (RFC 3711, section 3.4).
const ENCRYPTED: u32 = 1 << 31;

/// Length of the header that is authenticated and not encrypted: fixed part, CSRCs, extension.
fn rtp_header_len(packet: &[u8]) -> Result<usize, SrtpError> {
    let short = |needed| SrtpError::Truncated { needed, available: packet.len() };
    let first = *packet.first().ok_or(short(RTP_HEADER_LEN))?;
    let mut len = RTP_HEADER_LEN + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = packet.get(len + 2..len + 4).ok_or(short(len + 4))?;
        len += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    if packet.len() < len { Err(short(len)) } else { Ok(len) }
}

fn room(out: &mut [u8], needed: usize) -> Result<&mut [u8], SrtpError> {
    let available = out.len();
    out.get_mut(..needed).ok_or(SrtpError::NoRoom { needed, available })
}

#[cfg(test)]
mod roll_over_tests;
#[cfg(test)]
mod tests;
