//! STUN binding messages as both sides of a connectivity check write and read them (RFC 8489).

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::{constant_time, hmac};

const HEADER: usize = 20;
const COOKIE: u32 = 0x2112_a442;
const FINGERPRINT_XOR: u32 = 0x5354_554e;
const INTEGRITY_LEN: usize = 20;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLING: u16 = 0x802a;

/// Names a request and its answer.
pub(crate) type Transaction = [u8; 12];

/// The key of a short-term credential (RFC 8489, section 9.1.1): the password.
pub(crate) struct IntegrityKey(hmac::Key);

impl IntegrityKey {
    pub(crate) fn new(password: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Wants an answer.
    Request,
    /// The answer that it worked.
    Success,
    /// The answer that it did not.
    Error,
    /// Wants nothing.
    Indication,
}

/// A message whose fingerprint was right; who sent it is not proven before [`Message::verify`].
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) class: Class,
    pub(crate) transaction: Transaction,
    pub(crate) username: Option<&'a [u8]>,
    bytes: &'a [u8],
    integrity_at: Option<usize>,
}

impl<'a> Message<'a> {
    /// Reads a binding message; `None` for anything else.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER>()?;
        let class = match u16::from_be_bytes([header[0], header[1]]) {
            0x0001 => Class::Request,
            0x0011 => Class::Indication,
            0x0101 => Class::Success,
            0x0111 => Class::Error,
            _ => return None,
        };
        let len = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[4..8] != COOKIE.to_be_bytes() || HEADER + len != bytes.len() {
            return None;
        }
        let mut transaction = [0; 12];
        transaction.copy_from_slice(&header[8..]);
        let mut found = Self { class, transaction, username: None, bytes, integrity_at: None };
        let mut at = HEADER;
        while at < bytes.len() {
            let head = bytes.get(at..at + 4)?;
            let kind = u16::from_be_bytes([head[0], head[1]]);
            let len = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let value = bytes.get(at + 4..at + 4 + len)?;
            match kind {
                FINGERPRINT => {
                    let right = crc32fast::hash(&bytes[..at]) ^ FINGERPRINT_XOR;
                    // It is the last attribute or no fingerprint.
                    return (value == right.to_be_bytes() && at + 8 == bytes.len())
                        .then_some(found);
                }
                // What stands behind the integrity is not protected by it.
                _ if found.integrity_at.is_some() => {}
                MESSAGE_INTEGRITY if len == INTEGRITY_LEN => found.integrity_at = Some(at),
                USERNAME => found.username = Some(value),
                _ => {}
            }
            at += 4 + len.next_multiple_of(4);
        }
        // ICE demands a fingerprint; answers of some servers lack it.
        matches!(class, Class::Success | Class::Error).then_some(found)
    }

    /// Whether the sender knows the password.
    pub(crate) fn verify(&self, key: &IntegrityKey) -> bool {
        let Some(at) = self.integrity_at else { return false };
        let Some(value) = self.bytes.get(at + 4..at + 4 + INTEGRITY_LEN) else { return false };
        // As if the message ended with this attribute (RFC 8489, section 14.5).
        let mut context = hmac::Context::with_key(&key.0);
        context.update(&self.bytes[..2]);
        context.update(&((at + 4 + INTEGRITY_LEN - HEADER) as u16).to_be_bytes());
        context.update(&self.bytes[4..at]);
        constant_time::verify_slices_are_equal(context.sign().as_ref(), value).is_ok()
    }
}

/// A check that nominates its pair at once: the other side never chooses.
pub(crate) fn nominating_request(
    transaction: &Transaction,
    username: &str,
    tie_breaker: u64,
    key: &IntegrityKey,
) -> Vec<u8> {
    // A peer reflexive candidate found by the check has this priority (RFC 8445, section 7.1.1).
    let priority: u32 = 110 << 24 | 65_535 << 8 | 255;
    let mut message = begin(0x0001, transaction);
    attribute(&mut message, USERNAME, username.as_bytes());
    attribute(&mut message, PRIORITY, &priority.to_be_bytes());
    attribute(&mut message, ICE_CONTROLLING, &tie_breaker.to_be_bytes());
    attribute(&mut message, USE_CANDIDATE, &[]);
    finish(message, key)
}

/// The answer that a check from `from` arrived.
pub(crate) fn success(transaction: &Transaction, from: SocketAddr, key: &IntegrityKey) -> Vec<u8> {
    let mut value = vec![0, 1];
    value.extend_from_slice(&(from.port() ^ (COOKIE >> 16) as u16).to_be_bytes());
    match from.ip().to_canonical() {
        IpAddr::V4(ip) => value.extend_from_slice(&(u32::from(ip) ^ COOKIE).to_be_bytes()),
        IpAddr::V6(ip) => {
            value[1] = 2;
            let mask = COOKIE.to_be_bytes().into_iter().chain(*transaction);
            value.extend(ip.octets().into_iter().zip(mask).map(|(byte, mask)| byte ^ mask));
        }
    }
    let mut message = begin(0x0101, transaction);
    attribute(&mut message, XOR_MAPPED_ADDRESS, &value);
    finish(message, key)
}

fn begin(kind: u16, transaction: &Transaction) -> Vec<u8> {
    let mut message = Vec::with_capacity(160);
    message.extend_from_slice(&kind.to_be_bytes());
    message.extend_from_slice(&[0, 0]);
    message.extend_from_slice(&COOKIE.to_be_bytes());
    message.extend_from_slice(transaction);
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend_from_slice(&kind.to_be_bytes());
    message.extend_from_slice(&(value.len() as u16).to_be_bytes());
    message.extend_from_slice(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

fn finish(mut message: Vec<u8>, key: &IntegrityKey) -> Vec<u8> {
    let length = |message: &mut Vec<u8>, with: usize| {
        let len = (message.len() + with - HEADER) as u16;
        message[2..4].copy_from_slice(&len.to_be_bytes());
    };
    length(&mut message, 4 + INTEGRITY_LEN);
    let tag = hmac::sign(&key.0, &message);
    attribute(&mut message, MESSAGE_INTEGRITY, tag.as_ref());
    length(&mut message, 8);
    let crc = crc32fast::hash(&message) ^ FINGERPRINT_XOR;
    attribute(&mut message, FINGERPRINT, &crc.to_be_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSACTION: Transaction =
        [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    #[test]
    fn the_sample_request_of_rfc_5769_is_read_and_verified() {
        let sample = [
            0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
            0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e,
            0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24,
            0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1,
            0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68,
            0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
            0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5,
            0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
        ];
        let message = Message::read(&sample).unwrap();
        assert_eq!(message.class, Class::Request);
        assert_eq!(message.transaction, TRANSACTION);
        assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
        assert!(message.verify(&IntegrityKey::new("VOkJxbRl1RmTxUk/WvJxBt")));
        assert!(!message.verify(&IntegrityKey::new("another")));
        for cut in 0..sample.len() {
            assert!(Message::read(&sample[..cut]).is_none());
        }
    }

    #[test]
    fn an_answer_hides_addresses_as_rfc_5769_shows() {
        let key = IntegrityKey::new("VOkJxbRl1RmTxUk/WvJxBt");
        let v4 = success(&TRANSACTION, "192.0.2.1:32853".parse().unwrap(), &key);
        assert_eq!(v4[20..32], [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        let from = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap();
        let v6 = success(&TRANSACTION, from, &key);
        let hidden = [
            0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25,
            0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
        ];
        assert_eq!(v6[24..44], hidden);
    }

    #[test]
    fn what_is_written_is_read_back_and_a_changed_bit_is_noticed() {
        let key = IntegrityKey::new("a password of some length");
        let request = nominating_request(&TRANSACTION, "them:us", 5, &key);
        let message = Message::read(&request).unwrap();
        assert_eq!(message.username, Some(&b"them:us"[..]));
        assert!(message.verify(&key));
        for bit in 0..request.len() * 8 {
            let mut changed = request.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!Message::read(&changed).is_some_and(|message| message.verify(&key)));
        }
        let answer = success(&TRANSACTION, "127.0.0.1:9".parse().unwrap(), &key);
        let message = Message::read(&answer).unwrap();
        assert_eq!(message.class, Class::Success);
        assert!(message.verify(&key));
    }
}
