//! AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::kdf::{Use, derive};
use super::{ENCRYPTED, Forged, INDEX_LEN, RTCP_HEADER};

pub(super) const TAG_LEN: usize = 16;
type Salt = [u8; 12];

pub(super) struct GcmKeys {
    rtp: LessSafeKey,
    rtp_salt: Salt,
    rtcp: LessSafeKey,
    rtcp_salt: Salt,
}

impl GcmKeys {
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Self {
        let session = |what| {
            let derived: [u8; 32] = derive(key, salt, what);
            bind(&derived[..key.len()])
        };
        Self {
            rtp: session(Use::RtpCipher),
            rtp_salt: derive(key, salt, Use::RtpSalt),
            rtcp: session(Use::RtcpCipher),
            rtcp_salt: derive(key, salt, Use::RtcpSalt),
        }
    }

    /// One underived key and salt for all, as the vectors of RFC 7714 have it.
    #[cfg(test)]
    pub(super) fn from_session(key: &[u8], salt: Salt) -> Self {
        Self { rtp: bind(key), rtp_salt: salt, rtcp: bind(key), rtcp_salt: salt }
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, Forged> {
        let end = packet.len().checked_sub(TAG_LEN).filter(|end| *end >= header).ok_or(Forged)?;
        let (head, rest) = packet.split_at_mut(header);
        let nonce = rtp_nonce(self.rtp_salt, ssrc, index);
        self.rtp.open_in_place(nonce, Aad::from(&*head), rest).map_err(|_| Forged)?;
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
        let (head, body) = packet[from..].split_at_mut(header);
        let nonce = rtp_nonce(self.rtp_salt, ssrc, index);
        let tag = self
            .rtp
            .seal_in_place_separate_tag(nonce, Aad::from(&*head), body)
            .expect("packets are far shorter than what gcm may seal");
        packet.extend_from_slice(tag.as_ref());
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<usize, Forged> {
        let end = packet
            .len()
            .checked_sub(TAG_LEN + INDEX_LEN)
            .filter(|end| *end >= RTCP_HEADER)
            .ok_or(Forged)?;
        let (sealed, _) = packet.split_at_mut(end + TAG_LEN);
        let (head, rest) = sealed.split_at_mut(RTCP_HEADER);
        let aad = Aad::from(rtcp_aad(head, index));
        let nonce = rtcp_nonce(self.rtcp_salt, ssrc, index);
        self.rtcp.open_in_place(nonce, aad, rest).map_err(|_| Forged)?;
        Ok(end)
    }

    pub(super) fn seal_rtcp(&self, packet: &mut Vec<u8>, ssrc: u32, index: u32) {
        let (head, body) = packet.split_at_mut(RTCP_HEADER);
        let aad = Aad::from(rtcp_aad(head, index));
        let tag = self
            .rtcp
            .seal_in_place_separate_tag(rtcp_nonce(self.rtcp_salt, ssrc, index), aad, body)
            .expect("packets are far shorter than what gcm may seal");
        packet.extend_from_slice(tag.as_ref());
        packet.extend_from_slice(&(index | ENCRYPTED).to_be_bytes());
    }
}

fn bind(key: &[u8]) -> LessSafeKey {
    let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
    LessSafeKey::new(UnboundKey::new(algorithm, key).expect("keys fit their profile"))
}

/// Two zero bytes, SSRC, index of 48 bits, all xor the salt (section 8.1).
fn rtp_nonce(mut salt: Salt, ssrc: u32, index: u64) -> Nonce {
    mix(&mut salt[2..6], &ssrc.to_be_bytes());
    mix(&mut salt[6..], &index.to_be_bytes()[2..]);
    Nonce::assume_unique_for_key(salt)
}

/// Two zero bytes, SSRC, two zero bytes, index of 32 bits, all xor the salt (section 9.1).
fn rtcp_nonce(mut salt: Salt, ssrc: u32, index: u32) -> Nonce {
    mix(&mut salt[2..6], &ssrc.to_be_bytes());
    mix(&mut salt[8..], &index.to_be_bytes());
    Nonce::assume_unique_for_key(salt)
}

/// The first header and the index word with its E bit (section 9.2).
fn rtcp_aad(head: &[u8], index: u32) -> [u8; RTCP_HEADER + INDEX_LEN] {
    let mut aad = [0; RTCP_HEADER + INDEX_LEN];
    aad[..RTCP_HEADER].copy_from_slice(head);
    aad[RTCP_HEADER..].copy_from_slice(&(index | ENCRYPTED).to_be_bytes());
    aad
}

fn mix(into: &mut [u8], with: &[u8]) {
    into.iter_mut().zip(with).for_each(|(a, b)| *a ^= b);
}
