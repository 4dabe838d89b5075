//! What a shard can be told to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::{EndpointId, GroupId, TrackId, rtp::Codec};

/// A peer's description of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Counts a peer's offers upwards; returned with the answer, so that the asker knows which
    /// of two was answered.
    pub number: u32,
    /// The session description (RFC 8866), at most 256 kB.
    pub sdp: String,
    /// Which track each sending m-line carries, by its `a=mid`. A sending line missing here is
    /// answered and what it sends is dropped; a track already known keeps its line.
    pub tracks: BTreeMap<String, TrackId>,
    /// With what cameras and screens should be coded: taken when it is offered, else VP8, else
    /// the first of the offer that is known.
    pub video: Codec,
    /// Those of the video tracks that show whoever offers, and so follow what is heard of them
    /// when somebody wishes for a speaker. Others (a shared screen) are shown before the faces.
    pub cameras: BTreeSet<TrackId>,
}

/// One thing a subscriber wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What.
    pub of: Wished,
    /// Height it is shown at, in device pixels; 0 means paused: no slot is spent on it.
    pub height: u16,
}

/// What a wish is for. A closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wished {
    /// A certain video track.
    Track(TrackId),
    /// The open camera of whoever speaks: 0 is who speaks or spoke last, 1 who did before, and
    /// those who never spoke in the order they came. The subscriber's own and those it wishes
    /// for by name, paused or not, are not counted.
    Speaker(u8),
}

/// Which tracks of its group an endpoint may be given. A closed set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All but its own.
    #[default]
    All,
    /// All but its own and these: what the same peer sends by another endpoint.
    AllBut(Vec<TrackId>),
    /// Of these whatever is there and not its own, one of sound as good as the other.
    Only(Vec<TrackId>),
}

impl Scope {
    /// Whether a track is within it.
    pub fn holds(&self, track: TrackId) -> bool {
        match self {
            Self::All => true,
            Self::AllBut(others) => !others.contains(&track),
            Self::Only(these) => these.contains(&track),
        }
    }
}

/// What a shard can be told to do. A closed set: a new command must be handled everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Answers an offer and adds the endpoint. One of the same id is removed first.
    /// Its tracks are closed until a [`Command::Gate`] opens them.
    Connect {
        /// Whose offer it is.
        endpoint: EndpointId,
        /// Whom the endpoint may hear and be heard by.
        group: GroupId,
        /// What it offers.
        offer: Offer,
    },
    /// Answers a further offer on the same association. Lines may be added; ids and SSRCs of
    /// the old ones never change.
    Reoffer {
        /// Whose offer it is.
        endpoint: EndpointId,
        /// All its lines, old and new.
        offer: Offer,
    },
    /// Forgets an endpoint, its tracks and its slots, without an event for it.
    Remove {
        /// Which one.
        endpoint: EndpointId,
    },
    /// Opens or closes a track. May come before the track's endpoint does; forgotten with it.
    Gate {
        /// Which track.
        track: TrackId,
        /// Whether what it sends may be seen by anyone.
        open: bool,
    },
    /// Replaces an endpoint's wishes.
    Wish {
        /// Who wishes.
        endpoint: EndpointId,
        /// Most wanted first. An endpoint that never sent any gets every open video track of
        /// its group within its [`Scope`], as far as its slots go: what is no camera first, then
        /// those who speak, then whoever is shown already.
        wishes: Vec<Wish>,
    },
    /// Sets which tracks an endpoint may be given, whatever it wishes; all, until told otherwise.
    Scope {
        /// Which one.
        endpoint: EndpointId,
        /// What it may be given.
        scope: Scope,
        /// Height in pixels at which it is served while it has no wishes; 360 until told
        /// otherwise.
        height: u16,
    },
    /// Sets which cameras an endpoint may be given, within its [`Scope`] and whatever it wishes;
    /// all, until told otherwise. One it is given and may not have any more ends at once.
    Cameras {
        /// Which one.
        endpoint: EndpointId,
        /// Only these, at most 256: what is beyond is not given. `None` for all.
        shown: Option<Vec<TrackId>>,
    },
    /// Says whether a video track shows a sign-language interpreter; none does until it is said,
    /// and it is forgotten with the track. Where a subscriber is shown it, it is at least 240 lines
    /// high, comes before other cameras, and keeps 240 lines and 20 frames a second, as far as its
    /// publisher sends them, before any other picture gets anything of a link that is short
    /// (EN 301 549, 6.5).
    Mark {
        /// Which track.
        track: TrackId,
        /// Whether it does.
        interpreter: bool,
    },
    /// Restarts ICE on the association there is, without a new offer (RFC 8445, section 9): takes
    /// the peer's new credentials and answers, as `Answered`, with ours and the candidates as a
    /// fragment of a description (RFC 8840, section 9).
    Restart {
        /// Whose association.
        endpoint: EndpointId,
        /// Returned with the answer.
        number: u32,
        /// The peer's new user name fragment and password.
        credentials: (String, String),
    },
    /// Tells again what an endpoint has been told, for an owner that lost events: all its slots,
    /// the layers wanted of its tracks, its quality, what is withheld from it; `Gone` when it is
    /// not known. Told of the first endpoint of a group, it repeats who speaks as well.
    Restate {
        /// Which one.
        endpoint: EndpointId,
    },
}
