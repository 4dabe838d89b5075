//! A WebRTC peer so cheap that it is never the limit of a measurement.
//!
//! Its own ICE, SRTP, RTP and RTCP; only the DTLS handshake is a crate's. Every packet is counted
//! by its header, which is not encrypted; one of many is opened and its mark checked. It shares no
//! code with the server it measures.

mod answer;
mod counts;
mod dtls;
mod engine;
mod feedback;
mod ice;
mod incoming;
mod offer;
mod outgoing;
mod peer;
mod rtcp;
mod rtp;
mod sequence;
mod socket;
mod srtp;
mod stun;

pub use answer::AnswerError;
pub use counts::Counts;
pub use engine::{Engine, Figures, PeerId, Whom};
pub use peer::{Peer, PeerError, PeerFigures, PeerPlan, State};
pub use srtp::Profile;

/// Raises the number of sockets this process may have; gives how many it may have then.
#[must_use]
pub fn allow_sockets(wanted: u64) -> u64 {
    socket::allow_descriptors(wanted)
}
