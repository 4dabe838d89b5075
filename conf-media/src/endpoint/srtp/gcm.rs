//! AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714).

use super::{
    ENCRYPTED, MasterKey, Profile, RTCP_HEADER_LEN, SRTCP_INDEX_LEN, SrtpError,
    context::{Context, Nonce, TAG_LEN},
    kdf::{Label, derive},
    room,
    wipe::wipe,
};

const SALT_LEN: usize = 12;

pub(super) struct GcmKeys {
    rtp: Context,
    rtp_salt: [u8; SALT_LEN],
    rtcp: Context,
    rtcp_salt: [u8; SALT_LEN],
}

impl GcmKeys {
    pub(super) fn new(profile: Profile, master: &MasterKey) -> Self {
        assert_eq!(master.key().len(), profile.key_len(), "master key length");
        assert_eq!(master.salt().len(), profile.salt_len(), "master salt length");
        let session = |encryption, salting| {
            let mut buffer = [0; 32];
            let key = &mut buffer[..master.key().len()];
            derive(master, encryption, key);
            let bound = Context::new(key);
            wipe(&mut buffer);
            let mut salt = [0; SALT_LEN];
            derive(master, salting, &mut salt);
            (bound, salt)
        };
        let (rtp, rtp_salt) = session(Label::RtpEncryption, Label::RtpSalt);
        let (rtcp, rtcp_salt) = session(Label::RtcpEncryption, Label::RtcpSalt);
        Self { rtp, rtp_salt, rtcp, rtcp_salt }
    }

    /// Asks for the key that seals media.
    #[inline]
    pub(super) fn prefetch(&self) {
        self.rtp.prefetch();
    }

    /// One key and salt for everything, underived, as the vectors of RFC 7714 have it.
    #[cfg(test)]
    pub(super) fn from_session(key: &[u8], salt: [u8; SALT_LEN]) -> Self {
        Self { rtp: Context::new(key), rtp_salt: salt, rtcp: Context::new(key), rtcp_salt: salt }
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let available = packet.len();
        let Some(end) = available.checked_sub(TAG_LEN).filter(|end| *end >= header_len) else {
            return Err(SrtpError::Truncated { needed: header_len + TAG_LEN, available });
        };
        let (header, rest) = packet.split_at_mut(header_len);
        self.rtp
            .open(&rtp_nonce(&self.rtp_salt, ssrc, index), header, rest)
            .map_err(|_| SrtpError::Forged)?;
        Ok(end)
    }

    pub(super) fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header: &[u8],
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, SrtpError> {
        let len = header.len() + payload.len() + TAG_LEN;
        let (head, rest) = room(out, len)?.split_at_mut(header.len());
        let (body, tag) = rest.split_at_mut(payload.len());
        head.copy_from_slice(header);
        self.rtp
            .seal(&rtp_nonce(&self.rtp_salt, ssrc, index), header, payload, body, tag)
            .map_err(|_| SrtpError::Index { index })?;
        Ok(len)
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<usize, SrtpError> {
        let available = packet.len();
        let needed = RTCP_HEADER_LEN + TAG_LEN + SRTCP_INDEX_LEN;
        if available < needed {
            return Err(SrtpError::Truncated { needed, available });
        }
        let (sealed, word) = packet.split_at_mut(available - SRTCP_INDEX_LEN);
        let (header, rest) = sealed.split_at_mut(RTCP_HEADER_LEN);
        let aad = rtcp_aad(header, word);
        self.rtcp
            .open(&rtcp_nonce(&self.rtcp_salt, ssrc, index), &aad, rest)
            .map_err(|_| SrtpError::Forged)?;
        Ok(available - SRTCP_INDEX_LEN - TAG_LEN)
    }

    pub(super) fn seal_rtcp(
        &self,
        ssrc: u32,
        index: u32,
        packet: &[u8],
        out: &mut [u8],
    ) -> Result<usize, SrtpError> {
        let len = packet.len() + TAG_LEN + SRTCP_INDEX_LEN;
        let (head, rest) = room(out, len)?.split_at_mut(RTCP_HEADER_LEN);
        let (header, payload) = packet.split_at(RTCP_HEADER_LEN);
        let (body, trailer) = rest.split_at_mut(payload.len());
        let (tag, word) = trailer.split_at_mut(TAG_LEN);
        head.copy_from_slice(header);
        word.copy_from_slice(&(index | ENCRYPTED).to_be_bytes());
        let nonce = rtcp_nonce(&self.rtcp_salt, ssrc, index);
        self.rtcp
            .seal(&nonce, &rtcp_aad(header, word), payload, body, tag)
            .map_err(|_| SrtpError::Index { index: u64::from(index) })?;
        Ok(len)
    }
}

impl Drop for GcmKeys {
    fn drop(&mut self) {
        // The library overwrites the keys themselves.
        wipe(&mut self.rtp_salt);
        wipe(&mut self.rtcp_salt);
    }
}

/// Two zero bytes, SSRC, roll-over counter, sequence number, all xor the salt (section 8.1).
fn rtp_nonce(salt: &[u8; SALT_LEN], ssrc: u32, index: u64) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
    nonce
}

/// Two zero bytes, SSRC, two zero bytes, SRTCP index, all xor the salt (section 9.1).
fn rtcp_nonce(salt: &[u8; SALT_LEN], ssrc: u32, index: u32) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[8..12], &index.to_be_bytes());
    nonce
}

/// The first header and the index word with its E bit (section 9.2).
fn rtcp_aad(header: &[u8], word: &[u8]) -> [u8; RTCP_HEADER_LEN + SRTCP_INDEX_LEN] {
    let mut aad = [0; RTCP_HEADER_LEN + SRTCP_INDEX_LEN];
    aad[..RTCP_HEADER_LEN].copy_from_slice(header);
    aad[RTCP_HEADER_LEN..].copy_from_slice(word);
    aad
}

fn xor(into: &mut [u8], with: &[u8]) {
    for (a, b) in into.iter_mut().zip(with) {
        *a ^= b;
    }
}
