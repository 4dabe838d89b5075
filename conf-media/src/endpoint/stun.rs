//! STUN binding requests read and answered (RFC 8489), as far as an ICE-lite agent needs them.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;
use thiserror::Error;

const HEADER_LEN: usize = 20;
const MAGIC_COOKIE: u32 = 0x2112_a442;
const FINGERPRINT_XOR: u32 = 0x5354_554e;

const BINDING_REQUEST: u16 = 0x0001;
const BINDING_INDICATION: u16 = 0x0011;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;
const ICE_CONTROLLING: u16 = 0x802a;

const INTEGRITY_LEN: usize = 20;
/// Unknown attributes named in one 420 answer; a request with more is answered with these.
const MAX_UNKNOWN: usize = 8;

/// Bytes a reply may take; a buffer of this size is always enough.
pub const MAX_REPLY: usize = 128;

/// Why a STUN message was dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum StunError {
    /// Header or an attribute reaches past the end.
    #[error("stun message cut short: needs {needed} bytes, has {available}")]
    Truncated {
        /// Bytes that the lengths promise.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// The second word is not the magic cookie (RFC 8489, section 5).
    #[error("stun cookie is {found:#010x}, expected 0x2112a442")]
    Cookie {
        /// What stands in its place.
        found: u32,
    },
    /// Not a binding request or indication: a lite agent asks nothing, so it expects no answers.
    #[error("stun message type {found:#06x}, expected a binding request")]
    Type {
        /// The message type.
        found: u16,
    },
    /// An attribute that the operation needs is absent or malformed.
    #[error("stun attribute {attribute:#06x} is missing or malformed")]
    Attribute {
        /// The attribute's type.
        attribute: u16,
    },
    /// The CRC at the end does not match (RFC 8489, section 14.7).
    #[error("stun fingerprint does not match")]
    Fingerprint,
    /// The user name is not `local:remote` of this connection.
    #[error("stun user name belongs to another connection")]
    Username,
    /// MESSAGE-INTEGRITY does not match the password.
    #[error("stun message integrity does not match")]
    Integrity,
}

/// What a message is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A connectivity check; wants an answer.
    Request,
    /// A keep-alive; wants none.
    Indication,
}

/// Which role the sender believes it has (RFC 8445, section 7.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SenderRole {
    /// The sender nominates, as it must towards a lite agent.
    Controlling,
    /// The sender expects us to nominate: a conflict.
    Controlled,
}

/// A binding message, parsed, its fingerprint checked, its integrity not yet.
#[derive(Clone, Debug)]
pub struct Binding<'a> {
    /// Request or indication.
    pub class: Class,
    /// Copied into the answer.
    pub transaction: [u8; 12],
    /// USERNAME, `local:remote` seen from us.
    pub username: Option<&'a str>,
    /// Whether USE-CANDIDATE is there: the sender nominates this pair.
    pub use_candidate: bool,
    /// ICE-CONTROLLING or ICE-CONTROLLED, if given.
    pub role: Option<SenderRole>,
    message: &'a [u8],
    integrity_at: Option<usize>,
    unknown: [u16; MAX_UNKNOWN],
    unknown_count: usize,
}

/// The local user name fragment a check is addressed to: finds the endpoint of an unknown address.
///
/// Nothing is verified yet. `None` when this is no binding request with a user name.
pub fn local_ufrag(packet: &[u8]) -> Option<&str> {
    let username = Binding::parse(packet).ok()?.username?;
    username.split_once(':').map(|(local, _)| local)
}

impl<'a> Binding<'a> {
    /// Reads a binding request or indication and checks its FINGERPRINT, which ICE demands.
    pub fn parse(packet: &'a [u8]) -> Result<Self, StunError> {
        let available = packet.len();
        let cut = |needed| StunError::Truncated { needed, available };
        let header = packet.first_chunk::<HEADER_LEN>().ok_or(cut(HEADER_LEN))?;
        let kind = u16::from_be_bytes([header[0], header[1]]);
        let class = match kind {
            BINDING_REQUEST => Class::Request,
            BINDING_INDICATION => Class::Indication,
            found => return Err(StunError::Type { found }),
        };
        let end = HEADER_LEN + usize::from(u16::from_be_bytes([header[2], header[3]]));
        if end != available {
            return Err(cut(end));
        }
        let found = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        if found != MAGIC_COOKIE {
            return Err(StunError::Cookie { found });
        }
        let mut transaction = [0; 12];
        transaction.copy_from_slice(&header[8..]);
        let mut binding = Self {
            class,
            transaction,
            username: None,
            use_candidate: false,
            role: None,
            message: packet,
            integrity_at: None,
            unknown: [0; MAX_UNKNOWN],
            unknown_count: 0,
        };
        binding.read_attributes()?;
        Ok(binding)
    }

    /// Checks MESSAGE-INTEGRITY with the password's key, in constant time.
    pub fn verify(&self, key: &IntegrityKey) -> Result<(), StunError> {
        let at = self.integrity_at.ok_or(StunError::Attribute { attribute: MESSAGE_INTEGRITY })?;
        let value = self
            .message
            .get(at + 4..at + 4 + INTEGRITY_LEN)
            .ok_or(StunError::Attribute { attribute: MESSAGE_INTEGRITY })?;
        // Computed as if the message ended with this attribute (RFC 8489, section 14.5).
        let mut context = hmac::Context::with_key(&key.0);
        context.update(&self.message[..2]);
        context.update(&body_len(at + 4 + INTEGRITY_LEN));
        context.update(&self.message[4..at]);
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), value)
            .map_err(|_| StunError::Integrity)
    }

    /// Attributes that must be understood and are not (RFC 8489, section 6.3.1): answer 420.
    pub fn unknown_attributes(&self) -> &[u16] {
        &self.unknown[..self.unknown_count]
    }

    fn read_attributes(&mut self) -> Result<(), StunError> {
        let message = self.message;
        let mut at = HEADER_LEN;
        let mut fingerprint = false;
        while at < message.len() {
            let truncated = |needed| StunError::Truncated { needed, available: message.len() };
            let head = message.get(at..at + 4).ok_or(truncated(at + 4))?;
            let attribute = u16::from_be_bytes([head[0], head[1]]);
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let value = message.get(at + 4..at + 4 + length).ok_or(truncated(at + 4 + length))?;
            let malformed = StunError::Attribute { attribute };
            match attribute {
                FINGERPRINT => {
                    let found: [u8; 4] = value.try_into().map_err(|_| malformed)?;
                    if u32::from_be_bytes(found)
                        != crc32fast::hash(&message[..at]) ^ FINGERPRINT_XOR
                        || at + 8 != message.len()
                    {
                        return Err(StunError::Fingerprint);
                    }
                    fingerprint = true;
                }
                // What stands behind the integrity is not protected by it and does not count.
                _ if self.integrity_at.is_some() => {}
                MESSAGE_INTEGRITY => {
                    if length != INTEGRITY_LEN {
                        return Err(malformed);
                    }
                    self.integrity_at = Some(at);
                }
                USERNAME => {
                    self.username = Some(std::str::from_utf8(value).map_err(|_| malformed)?);
                }
                USE_CANDIDATE => self.use_candidate = true,
                ICE_CONTROLLING => self.role = Some(SenderRole::Controlling),
                ICE_CONTROLLED => self.role = Some(SenderRole::Controlled),
                PRIORITY => {}
                0x0000..=0x7fff => {
                    if let Some(place) = self.unknown.get_mut(self.unknown_count) {
                        *place = attribute;
                        self.unknown_count += 1;
                    }
                }
                _ => {}
            }
            at += 4 + length.next_multiple_of(4);
        }
        if !fingerprint {
            return Err(StunError::Attribute { attribute: FINGERPRINT });
        }
        Ok(())
    }
}

/// A short-term credential's key (RFC 8489, section 9.1.1): the password itself.
pub struct IntegrityKey(hmac::Key);

impl IntegrityKey {
    /// The key for `password`.
    pub fn new(password: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
    }
}

/// Writes a success answer that tells `from` its own address; gives its length.
///
/// # Panics
/// Never with a buffer of [`MAX_REPLY`] bytes, which the type demands.
pub fn write_success(
    transaction: &[u8; 12],
    from: SocketAddr,
    key: &IntegrityKey,
    out: &mut [u8; MAX_REPLY],
) -> usize {
    let mut writer = Writer::new(BINDING_SUCCESS, transaction, out);
    let port = from.port() ^ (MAGIC_COOKIE >> 16) as u16;
    let mut value = [0; 20];
    value[2..4].copy_from_slice(&port.to_be_bytes());
    let used = match from.ip().to_canonical() {
        IpAddr::V4(ip) => {
            value[1] = 1;
            value[4..8].copy_from_slice(&(u32::from(ip) ^ MAGIC_COOKIE).to_be_bytes());
            8
        }
        IpAddr::V6(ip) => {
            value[1] = 2;
            value[4..].copy_from_slice(&ip.octets());
            let mask = MAGIC_COOKIE.to_be_bytes().into_iter().chain(*transaction);
            for (byte, mask) in value[4..].iter_mut().zip(mask) {
                *byte ^= mask;
            }
            20
        }
    };
    writer.attribute(XOR_MAPPED_ADDRESS, &value[..used]);
    writer.finish(Some(key))
}

/// Writes an error answer; `unknown` is named in a 420. Gives its length.
///
/// `key` is absent when the asker could not be authenticated.
pub fn write_error(
    transaction: &[u8; 12],
    code: u16,
    unknown: &[u16],
    key: Option<&IntegrityKey>,
    out: &mut [u8; MAX_REPLY],
) -> usize {
    let reason: &[u8] = match code {
        420 => b"Unknown Attribute",
        487 => b"Role Conflict",
        401 => b"Unauthenticated",
        _ => b"Bad Request",
    };
    let mut writer = Writer::new(BINDING_ERROR, transaction, out);
    let mut value = [0; 24];
    value[2] = (code / 100) as u8;
    value[3] = (code % 100) as u8;
    value[4..4 + reason.len()].copy_from_slice(reason);
    writer.attribute(ERROR_CODE, &value[..4 + reason.len()]);
    if !unknown.is_empty() {
        let mut list = [0; 2 * MAX_UNKNOWN];
        let count = unknown.len().min(MAX_UNKNOWN);
        for (place, attribute) in list.as_chunks_mut::<2>().0.iter_mut().zip(unknown) {
            *place = attribute.to_be_bytes();
        }
        writer.attribute(UNKNOWN_ATTRIBUTES, &list[..2 * count]);
    }
    writer.finish(key)
}

/// The length field of a message that ends at byte `end`.
fn body_len(end: usize) -> [u8; 2] {
    ((end - HEADER_LEN) as u16).to_be_bytes()
}

/// Builds one answer. The largest (420 with eight attributes, integrity, fingerprint) takes 104
/// bytes, so nothing here runs past [`MAX_REPLY`].
struct Writer<'a> {
    out: &'a mut [u8; MAX_REPLY],
    at: usize,
}

impl<'a> Writer<'a> {
    fn new(kind: u16, transaction: &[u8; 12], out: &'a mut [u8; MAX_REPLY]) -> Self {
        out[..2].copy_from_slice(&kind.to_be_bytes());
        out[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        out[8..HEADER_LEN].copy_from_slice(transaction);
        Self { out, at: HEADER_LEN }
    }

    fn attribute(&mut self, kind: u16, value: &[u8]) {
        let end = self.at + 4 + value.len();
        self.out[self.at..self.at + 2].copy_from_slice(&kind.to_be_bytes());
        self.out[self.at + 2..self.at + 4].copy_from_slice(&(value.len() as u16).to_be_bytes());
        self.out[self.at + 4..end].copy_from_slice(value);
        self.at = end.next_multiple_of(4);
        self.out[end..self.at].fill(0);
    }

    fn finish(mut self, key: Option<&IntegrityKey>) -> usize {
        if let Some(key) = key {
            self.out[2..4].copy_from_slice(&body_len(self.at + 4 + INTEGRITY_LEN));
            let tag = hmac::sign(&key.0, &self.out[..self.at]);
            self.attribute(MESSAGE_INTEGRITY, tag.as_ref());
        }
        self.out[2..4].copy_from_slice(&body_len(self.at + 8));
        let crc = crc32fast::hash(&self.out[..self.at]) ^ FINGERPRINT_XOR;
        self.attribute(FINGERPRINT, &crc.to_be_bytes());
        self.at
    }
}

/// Writes a binding request as a full, controlling agent would: for tests and simulated peers.
#[doc(hidden)]
pub fn write_request(
    transaction: &[u8; 12],
    username: &str,
    attributes: &[(u16, &[u8])],
    key: &IntegrityKey,
) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend_from_slice(&BINDING_REQUEST.to_be_bytes());
    message.extend_from_slice(&[0, 0]);
    message.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
    message.extend_from_slice(transaction);
    let push = |message: &mut Vec<u8>, kind: u16, value: &[u8]| {
        message.extend_from_slice(&kind.to_be_bytes());
        message.extend_from_slice(&(value.len() as u16).to_be_bytes());
        message.extend_from_slice(value);
        message.resize(message.len().next_multiple_of(4), 0);
    };
    push(&mut message, USERNAME, username.as_bytes());
    for (kind, value) in attributes {
        push(&mut message, *kind, value);
    }
    let length = body_len(message.len() + 4 + INTEGRITY_LEN);
    message[2..4].copy_from_slice(&length);
    let tag = hmac::sign(&key.0, &message);
    push(&mut message, MESSAGE_INTEGRITY, tag.as_ref());
    let length = body_len(message.len() + 8);
    message[2..4].copy_from_slice(&length);
    let crc = crc32fast::hash(&message) ^ FINGERPRINT_XOR;
    push(&mut message, FINGERPRINT, &crc.to_be_bytes());
    message
}

#[cfg(test)]
#[path = "stun_tests.rs"]
mod tests;
