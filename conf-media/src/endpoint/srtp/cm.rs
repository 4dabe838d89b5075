//! SRTP_AES128_CM_HMAC_SHA1_80 (RFC 3711): the path for peers without GCM.

use aws_lc_rs::{cipher::EncryptingKey, constant_time, hmac};

use super::{
    ENCRYPTED, MasterKey, Profile, RTCP_HEADER_LEN, SRTCP_INDEX_LEN, SrtpError,
    kdf::{Label, counter_key, derive, keystream},
    room,
    wipe::wipe,
};

/// The leading bytes of the HMAC that travel with a packet.
pub(super) const TAG_LEN: usize = 10;
const SALT_LEN: usize = 14;
const AUTH_KEY_LEN: usize = 20;

pub(super) struct CmKeys {
    rtp: Direction,
    rtcp: Direction,
}

/// Session keys for one of RTP and RTCP, with their contexts kept.
struct Direction {
    cipher: EncryptingKey,
    auth: hmac::Key,
    salt: [u8; SALT_LEN],
}

impl CmKeys {
    pub(super) fn new(master: &MasterKey) -> Self {
        assert_eq!(master.key().len(), Profile::Aes128CmSha1.key_len(), "master key length");
        assert_eq!(master.salt().len(), Profile::Aes128CmSha1.salt_len(), "master salt length");
        Self {
            rtp: Direction::new(
                master,
                Label::RtpEncryption,
                Label::RtpAuthentication,
                Label::RtpSalt,
            ),
            rtcp: Direction::new(
                master,
                Label::RtcpEncryption,
                Label::RtcpAuthentication,
                Label::RtcpSalt,
            ),
        }
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
        let (text, tag) = packet.split_at_mut(end);
        // The roll-over counter is authenticated though it does not travel.
        self.rtp.verify(&[text, &roll_over(index)], tag)?;
        self.rtp.apply(ssrc, index, &mut text[header_len..]);
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
        let end = header.len() + payload.len();
        let (text, tag) = room(out, end + TAG_LEN)?.split_at_mut(end);
        text[..header.len()].copy_from_slice(header);
        text[header.len()..].copy_from_slice(payload);
        self.rtp.apply(ssrc, index, &mut text[header.len()..]);
        tag.copy_from_slice(&self.rtp.tag(&[text, &roll_over(index)]));
        Ok(end + TAG_LEN)
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
    ) -> Result<usize, SrtpError> {
        let available = packet.len();
        let needed = RTCP_HEADER_LEN + SRTCP_INDEX_LEN + TAG_LEN;
        if available < needed {
            return Err(SrtpError::Truncated { needed, available });
        }
        let (authenticated, tag) = packet.split_at_mut(available - TAG_LEN);
        self.rtcp.verify(&[authenticated], tag)?;
        let end = authenticated.len() - SRTCP_INDEX_LEN;
        self.rtcp.apply(ssrc, u64::from(index), &mut authenticated[RTCP_HEADER_LEN..end]);
        Ok(end)
    }

    pub(super) fn seal_rtcp(
        &self,
        ssrc: u32,
        index: u32,
        packet: &[u8],
        out: &mut [u8],
    ) -> Result<usize, SrtpError> {
        let end = packet.len();
        let len = end + SRTCP_INDEX_LEN + TAG_LEN;
        let (authenticated, tag) = room(out, len)?.split_at_mut(end + SRTCP_INDEX_LEN);
        authenticated[..end].copy_from_slice(packet);
        authenticated[end..].copy_from_slice(&(index | ENCRYPTED).to_be_bytes());
        self.rtcp.apply(ssrc, u64::from(index), &mut authenticated[RTCP_HEADER_LEN..end]);
        tag.copy_from_slice(&self.rtcp.tag(&[authenticated]));
        Ok(len)
    }
}

impl Drop for Direction {
    fn drop(&mut self) {
        // The library overwrites the keys themselves.
        wipe(&mut self.salt);
    }
}

impl Direction {
    fn new(master: &MasterKey, encryption: Label, authentication: Label, salting: Label) -> Self {
        let mut key = [0; 16];
        derive(master, encryption, &mut key);
        let cipher = counter_key(&key);
        wipe(&mut key);
        let mut secret = [0; AUTH_KEY_LEN];
        derive(master, authentication, &mut secret);
        let auth = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
        wipe(&mut secret);
        let mut salt = [0; SALT_LEN];
        derive(master, salting, &mut salt);
        Self { cipher, auth, salt }
    }

    /// Encrypts or decrypts: salt xor SSRC xor index make the first counter (section 4.1.1).
    fn apply(&self, ssrc: u32, index: u64, text: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..SALT_LEN].copy_from_slice(&self.salt);
        for (a, b) in iv[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *a ^= b;
        }
        for (a, b) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *a ^= b;
        }
        keystream(&self.cipher, iv, text);
    }

    fn tag(&self, parts: &[&[u8]]) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.auth);
        for part in parts {
            context.update(part);
        }
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG_LEN]);
        tag
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), SrtpError> {
        constant_time::verify_slices_are_equal(&self.tag(parts), tag).map_err(|_| SrtpError::Forged)
    }
}

fn roll_over(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}
