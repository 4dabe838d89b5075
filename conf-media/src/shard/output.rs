//! What a shard tells its owner, and the shape of what it sends.

use super::{Route, Withheld};
use crate::{EndpointId, GroupId, TrackId, quality::Quality};

/// Something its owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The answer to a `Connect` or `Reoffer`.
    Answered {
        /// Who offered.
        endpoint: EndpointId,
        /// The offer's number.
        number: u32,
        /// The answer's SDP, or why there is none. After a refused `Connect` the endpoint is
        /// not known; after a refused `Reoffer` it goes on as before.
        result: Result<String, OfferRefused>,
    },
    /// The handshake is done and keys are in place: media can flow.
    Connected {
        /// Who.
        endpoint: EndpointId,
    },
    /// No authenticated check for 10 s (RFC 7675): sending has stopped. `Connected` comes again
    /// if the endpoint returns within 60 s.
    Lost {
        /// Who.
        endpoint: EndpointId,
    },
    /// The endpoint is removed: lost for 60 s, closed by its peer, or its handshake failed.
    Gone {
        /// Who.
        endpoint: EndpointId,
    },
    /// Slots whose track changed; the others are as they were.
    Slots {
        /// Whose slots.
        endpoint: EndpointId,
        /// The slot line's `a=mid` and what it carries from now on.
        slots: Vec<(String, Option<TrackId>)>,
    },
    /// The list of those who speak changed.
    Speaking {
        /// Where.
        group: GroupId,
        /// Audio tracks, loudest first; empty when it is quiet.
        tracks: Vec<TrackId>,
    },
    /// Which encodings of a video track anybody is shown or wants to be shown. On at once, off
    /// after three seconds without need; the lowest stays on.
    Layers {
        /// Whose track it is.
        endpoint: EndpointId,
        /// The track.
        track: TrackId,
        /// One for each encoding, in the order of the offer's `rid`s. All are wanted until the
        /// first event says otherwise.
        wanted: Vec<bool>,
    },
    /// How well an endpoint's media comes and goes, when that has changed. It begins as good
    /// with each `Connected`.
    Quality {
        /// Whose.
        endpoint: EndpointId,
        /// How well.
        quality: Quality,
    },
    /// What congestion takes of the pictures an endpoint would be shown, when that has changed:
    /// all of it each time. It begins as nothing.
    Withheld {
        /// Who is not shown it.
        endpoint: EndpointId,
        /// At most as many as it has slots for pictures; what is not named comes as wished.
        tracks: Vec<(TrackId, Withheld)>,
    },
}

/// Why an offer got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferRefused {
    /// The description itself; the text says what was found and what was expected.
    #[error("{0}")]
    Description(String),
    /// A further offer of an endpoint that was never connected, or is gone.
    #[error("no endpoint {0}: a further offer needs a connected one")]
    UnknownEndpoint(EndpointId),
    /// A limit of this shard.
    #[error("the offer needs {found} {what}, at most {limit} fit")]
    Full {
        /// What there is too much of.
        what: &'static str,
        /// How many there would be.
        found: usize,
        /// How many may be.
        limit: usize,
    },
    /// A track of the offer that another endpoint publishes.
    #[error("{track} is published by {owner}")]
    TrackTaken {
        /// The track.
        track: TrackId,
        /// Who has it.
        owner: EndpointId,
    },
}

/// One received datagram, opened in place.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Where it came from.
    pub source: Route,
    /// When the kernel received it, or the best there is. Feedback to publishers is made from
    /// this, so one instant for a whole batch blurs their estimate.
    pub arrived: std::time::Instant,
    /// The payload; its content is unspecified afterwards.
    pub bytes: &'a mut [u8],
}

/// A run of datagrams to one destination, in the buffer that was handed to
/// [`poll_transmit`](super::Shard::poll_transmit), from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Transmit {
    /// Where to.
    pub destination: Route,
    /// Bytes of the whole run.
    pub len: usize,
    /// Bytes of each datagram but the last, which may be shorter. `segment == len` is one
    /// datagram; otherwise the run fits one call with segmentation offload (`UDP_SEGMENT`).
    pub segment: usize,
}

impl Transmit {
    /// The run's datagrams, for a socket without segmentation offload.
    pub fn datagrams<'a>(&self, buffer: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        buffer[..self.len].chunks(self.segment.max(1))
    }
}
