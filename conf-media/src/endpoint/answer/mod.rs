//! The answer to an offer: what of it is accepted and under which numbers (RFC 9429, RFC 8829).
//!
//! The server only ever answers. Lines the peer sends on become receiving lines, lines it receives
//! on become slots, each with SSRCs of its own for life; everything unknown is left out or refused
//! line by line.

mod codecs;
mod line;
mod negotiated;
mod peer;
mod write;

use std::{io::Cursor, net::SocketAddr};

use rtc_sdp::SessionDescription;
use thiserror::Error;

use self::{line::OfferedLine, peer::Peer};

pub use self::negotiated::{
    Codec, CodecName, DeclaredSsrc, ExtensionIds, Line, LineRole, Negotiated, SendLine, SlotLine,
    SlotSsrcs,
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
    /// Where we can be reached over UDP, most preferred first.
    pub candidates: &'a [SocketAddr],
    /// Where we accept connections (RFC 6544), most preferred first.
    pub tcp_candidates: &'a [SocketAddr],
    /// Numeric session id of the `o=` line; below 2^63.
    pub session_id: u64,
    /// Version of the `o=` line: grows with every answer of a session.
    pub session_version: u64,
    /// The video codec senders are asked for when they offer it; else VP8, else their first.
    pub video: CodecName,
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
    let description = parse(offer)?;
    let bundle = Bundle::of(&description);
    let before = previous.map_or(&[][..], |previous| &previous.lines);
    if description.media_descriptions.len() < before.len() {
        return Err(OfferError::Missing { what: "m-lines that an earlier offer had" });
    }
    let mut offered = Vec::with_capacity(description.media_descriptions.len());
    for (index, media) in description.media_descriptions.iter().enumerate() {
        let line = OfferedLine::read(&description, media, &bundle, index)?;
        let known = before.get(index);
        if let Some(known) = known.filter(|known| known.role != LineRole::Rejected)
            && known.mid != line.mid
        {
            return Err(OfferError::LineChanged {
                index,
                before: known.mid.clone(),
                found: shorten(&line.mid),
            });
        }
        if offered.iter().any(|(other, _): &(OfferedLine<'_>, _)| other.mid == line.mid)
            && !line.mid.is_empty()
        {
            return Err(OfferError::Attribute {
                attribute: "a=mid",
                found: shorten(&line.mid),
                expected: "a different mid on every m-line",
            });
        }
        // A recycled line (another mid in the place of a stopped one) starts afresh.
        let kept = known.filter(|known| known.mid == line.mid).and_then(|known| known.ssrcs);
        let settled = line.settle(local.video, kept, ssrcs);
        offered.push((line, settled));
    }
    if offered.iter().all(|(_, line)| line.role == LineRole::Rejected) {
        return Err(OfferError::Missing {
            what: "a bundled audio (opus) or video (VP8, H264, VP9, AV1) m-line",
        });
    }
    let peer =
        Peer::read(&description, offered.iter().map(|(line, settled)| (line.media, settled)))?;
    let cname = previous
        .map_or_else(|| format!("{:016x}", local.session_id), |previous| previous.cname.clone());
    let sdp = write::answer(&description, local, &bundle, &offered, &cname);
    let negotiated = Negotiated {
        remote_ufrag: peer.ufrag,
        remote_pwd: peer.pwd,
        remote_fingerprint: peer.fingerprint,
        cname,
        lines: offered.into_iter().map(|(_, line)| line).collect(),
    };
    Ok((sdp, negotiated))
}

/// Checks ICE credentials that came without a description.
pub fn remote_credentials(ufrag: &str, pwd: &str) -> Result<(), OfferError> {
    peer::ice(Some(ufrag), "a=ice-ufrag", 4)?;
    peer::ice(Some(pwd), "a=ice-pwd", 22).map(|_| ())
}

/// Our side of a connection as a fragment of a description (RFC 8840, section 9): credentials and
/// candidates on the first line of the bundle, for a peer that restarts ICE without an offer.
pub fn fragment(local: &LocalParameters<'_>, negotiated: &Negotiated) -> String {
    write::fragment(local, negotiated)
}

/// Reads the description within its bounds.
fn parse(offer: &str) -> Result<SessionDescription, OfferError> {
    if offer.len() > MAX_OFFER {
        return Err(OfferError::TooLong { found: offer.len() });
    }
    let found = offer.lines().filter(|line| line.starts_with("m=")).count();
    if found > MAX_LINES {
        return Err(OfferError::TooManyLines { found });
    }
    // Parts of an offer come back in its answer, which others read: nothing invisible does.
    if let Some(found) = offer.chars().find(|c| c.is_control() && !matches!(c, '\r' | '\n')) {
        let reason = format!("a control character, U+{:04X}, in a line", u32::from(found));
        return Err(OfferError::Syntax { reason });
    }
    SessionDescription::unmarshal(&mut Cursor::new(offer.as_bytes()))
        .map_err(|error| OfferError::Syntax { reason: shorten(&error.to_string()) })
}

/// The mids that share one transport (RFC 9143).
enum Bundle<'a> {
    /// Those the offer groups.
    Of(Vec<&'a str>),
    /// No group: only the first line can have the one transport there is.
    FirstLine,
}

impl<'a> Bundle<'a> {
    fn of(description: &'a SessionDescription) -> Self {
        description
            .attributes
            .iter()
            .filter(|attribute| attribute.key == "group")
            .filter_map(|attribute| attribute.value.as_deref()?.strip_prefix("BUNDLE"))
            .map(|mids| Self::Of(mids.split_whitespace().collect()))
            .next()
            .unwrap_or(Self::FirstLine)
    }

    fn holds(&self, mid: &str, index: usize) -> bool {
        match self {
            Self::Of(mids) => mids.contains(&mid),
            Self::FirstLine => index == 0,
        }
    }
}

/// What of a peer's text is quoted in an error.
fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests;
