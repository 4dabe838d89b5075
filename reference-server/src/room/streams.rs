//! Connections of a meeting that no signalling session stands behind: who has them, and what they
//! are for.
//!
//! A person may have one that sends and several that play. All of a person's hang on one session
//! of the meeting, which lasts as long as one of them does.

use std::collections::BTreeMap;
use std::time::Duration;

use conf_core::Source;
use conf_core::id::{IdSource, ParticipantId, SessionId};
use conf_core::text::Subject;
use conf_media::EndpointId;
use conf_proto::Problem;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::identity::OsIds;

/// Most connections one person may have that play: one for each of a wall of pictures.
pub(crate) const MAX_PLAYS: usize = 64;

/// How long a connection without consent may come back, by itself or by an ICE restart, after the
/// ten seconds of silence that it took to notice. No session keeps its person, so longer keeps
/// somebody on everyone's screen who is gone.
const LOST_FOR: Duration = Duration::from_secs(20);

/// What names a connection to whoever made it, and opens it: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StreamKey(u128);

/// What a connection is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// Its person sends these, by the `a=mid` of their lines.
    Send(BTreeMap<String, Source>),
    /// Its person receives: everything, or one feed.
    Play(Option<Feed>),
}

/// Somebody whose sources alone are played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Feed {
    pub(crate) of: FeedName,
    /// Who that is now; nobody while they are away.
    pub(crate) who: Option<ParticipantId>,
}

/// How somebody is named whose sources are to be played.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum FeedName {
    /// By their id in the meeting.
    Participant(ParticipantId),
    /// By who they are to whoever vouches for them.
    Holder {
        /// Who vouches.
        issuer: String,
        /// Whom.
        subject: Subject,
    },
}

/// An identity may name a person.
impl std::fmt::Debug for FeedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Participant(who) => write!(f, "{who}"),
            Self::Holder { .. } => f.write_str("Holder(…)"),
        }
    }
}

/// A connection that was made.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) key: StreamKey,
    /// Which ICE session it is in: grows with every restart.
    pub(crate) version: u32,
    /// The answer.
    pub(crate) sdp: String,
}

/// Why none was made, or one was not changed.
#[derive(Debug)]
pub(crate) enum Unbegun {
    /// For good.
    Problem(Problem),
    /// The feed is not there; whoever can wait looks again when this changes.
    NoFeed(watch::Receiver<u64>),
    /// There is no such connection, or not any more.
    Gone,
    /// It is in another ICE session than the asker thinks.
    OtherVersion,
}

/// A place held for as long as a connection lasts; given back when dropped.
pub(crate) type Place = Box<dyn std::any::Any + Send>;

/// The way back to whoever asked.
pub(crate) type Verdict = oneshot::Sender<Result<Begun, Unbegun>>;

/// One connection.
pub(super) struct Stream {
    pub(super) participant: ParticipantId,
    pub(super) session: SessionId,
    pub(super) endpoint: EndpointId,
    pub(super) way: Way,
    pub(super) version: u32,
    /// The peer's ICE user name fragment.
    pub(super) remote: String,
    /// Its next one, while a restart is under way.
    pub(super) next_remote: String,
    /// Who waits for an answer of the media plane.
    pub(super) asked: Option<Verdict>,
    /// Its place among those of its address.
    _held: Option<Place>,
}

/// A person's session, and what hangs on it.
struct Presence {
    session: SessionId,
    streams: Vec<StreamKey>,
}

/// Those of one meeting.
pub(super) struct Streams {
    streams: BTreeMap<StreamKey, Stream>,
    by_endpoint: BTreeMap<EndpointId, StreamKey>,
    people: BTreeMap<ParticipantId, Presence>,
    /// Counts what is published; whoever waits for a feed looks on.
    published: watch::Sender<u64>,
    /// Those whose peer is silent, and how long it may be.
    lost: BTreeMap<StreamKey, Instant>,
    /// Those that are over and not yet taken leave of.
    pub(super) ending: Vec<StreamKey>,
}

impl StreamKey {
    fn random() -> Self {
        Self(OsIds.draw())
    }

    /// The key in a path.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        u128::from_str_radix(text, 16).ok().filter(|_| hex).map(Self)
    }

    /// Its text for a path. Whoever asks for it answers for where it goes.
    pub(crate) fn expose(self) -> String {
        format!("{:032x}", self.0)
    }
}

impl std::fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StreamKey(…)")
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            streams: BTreeMap::new(),
            by_endpoint: BTreeMap::new(),
            people: BTreeMap::new(),
            published: watch::Sender::new(0),
            lost: BTreeMap::new(),
            ending: Vec::new(),
        }
    }
}

impl Streams {
    /// The session `who` is in the meeting by, if it is one of connections alone.
    pub(super) fn session_of(&self, who: ParticipantId) -> Option<SessionId> {
        self.people.get(&who).map(|presence| presence.session)
    }

    /// Notes that `who` is in the meeting by `session`, with nothing hanging on it yet.
    pub(super) fn came(&mut self, who: ParticipantId, session: SessionId) {
        self.people.insert(who, Presence { session, streams: Vec::new() });
    }

    /// Adds a connection of somebody who came.
    pub(super) fn add(&mut self, new: NewStream) -> StreamKey {
        let NewStream { participant, session, endpoint, way, remote, asked, held } = new;
        let key = StreamKey::random();
        if let Some(presence) = self.people.get_mut(&participant) {
            presence.streams.push(key);
        }
        self.by_endpoint.insert(endpoint, key);
        let stream = Stream {
            participant,
            session,
            endpoint,
            way,
            version: 1,
            remote,
            next_remote: String::new(),
            asked: Some(asked),
            _held: held,
        };
        self.streams.insert(key, stream);
        key
    }

    /// Takes a connection out, and its person if it was their last: then it says so.
    pub(super) fn remove(&mut self, key: StreamKey) -> Option<(Stream, Left)> {
        let stream = self.streams.remove(&key)?;
        self.lost.remove(&key);
        self.by_endpoint.remove(&stream.endpoint);
        let theirs = self.people.get_mut(&stream.participant);
        let Some(presence) = theirs.filter(|presence| presence.session == stream.session) else {
            return Some((stream, Left::Other));
        };
        presence.streams.retain(|known| *known != key);
        if !presence.streams.is_empty() {
            return Some((stream, Left::Some));
        }
        self.people.remove(&stream.participant);
        Some((stream, Left::Nothing))
    }

    /// Takes out somebody of whom nothing hangs on their session; false if something does.
    pub(super) fn forget_if_idle(&mut self, who: ParticipantId) -> bool {
        let idle = self.people.get(&who).is_some_and(|presence| presence.streams.is_empty());
        if idle {
            self.people.remove(&who);
        }
        idle
    }

    /// The meeting closed a session: what hung on it is over.
    pub(super) fn hung_up(&mut self, session: SessionId) {
        let Some(who) = self.people.iter().find(|(_, p)| p.session == session).map(|(w, _)| *w)
        else {
            return;
        };
        let presence = self.people.remove(&who);
        self.ending.extend(presence.into_iter().flat_map(|presence| presence.streams));
    }

    /// A connection.
    pub(super) fn get_mut(&mut self, key: StreamKey) -> Option<&mut Stream> {
        self.streams.get_mut(&key)
    }

    /// The connection an endpoint stands for.
    pub(super) fn by_endpoint(&self, endpoint: EndpointId) -> Option<StreamKey> {
        self.by_endpoint.get(&endpoint).copied()
    }

    /// The peer at an endpoint is silent from now on, or heard again.
    pub(super) fn silent(&mut self, endpoint: EndpointId, silent: bool) {
        let Some(key) = self.by_endpoint(endpoint) else { return };
        if silent {
            self.lost.entry(key).or_insert_with(|| Instant::now() + LOST_FOR);
        } else {
            self.lost.remove(&key);
        }
    }

    /// When one has been silent for too long.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.lost.values().min().copied()
    }

    /// Those that have been silent for too long are over.
    pub(super) fn give_up(&mut self, now: Instant) {
        let late = self.lost.extract_if(.., |_, until| *until <= now);
        self.ending.extend(late.map(|(key, _)| key));
    }

    /// Those of `who` that a new one for `way` takes the place of: whatever does the same, and
    /// the oldest when there are too many.
    pub(super) fn replaced_by(&self, who: ParticipantId, way: &Way) -> Vec<StreamKey> {
        let Some(presence) = self.people.get(&who) else { return Vec::new() };
        let known =
            || presence.streams.iter().filter_map(|key| Some((key, self.streams.get(key)?)));
        let same = known().filter(|(_, stream)| match (&stream.way, way) {
            (Way::Send(_), Way::Send(_)) => true,
            (Way::Play(old), Way::Play(new)) => {
                old.as_ref().map(|feed| &feed.of) == new.as_ref().map(|feed| &feed.of)
            }
            _ => false,
        });
        let mut replaced: Vec<StreamKey> = same.map(|(key, _)| *key).collect();
        let plays = known().filter(|(_, stream)| matches!(stream.way, Way::Play(_)));
        let plays: Vec<StreamKey> = plays.map(|(key, _)| *key).collect();
        if matches!(way, Way::Play(_)) && replaced.is_empty() && plays.len() >= MAX_PLAYS {
            replaced.extend(plays.first());
        }
        replaced
    }

    /// What `who` sends by connections alone.
    pub(super) fn sent_by(&self, who: ParticipantId) -> Vec<Source> {
        let theirs = self.people.get(&who).map(|presence| presence.streams.as_slice());
        let streams = theirs.unwrap_or_default().iter().filter_map(|key| self.streams.get(key));
        streams
            .filter_map(|stream| match &stream.way {
                Way::Send(sources) => Some(sources.values().copied()),
                Way::Play(_) => None,
            })
            .flatten()
            .collect()
    }

    /// Somebody publishes something from now on: those who wait for a feed look again.
    pub(super) fn published(&self) {
        self.published.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// What changes when somebody publishes something.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// Somebody came: the connections that wait to play just them, by endpoint.
    pub(super) fn feed_came(
        &mut self,
        who: ParticipantId,
        issuer: &str,
        subject: Option<&Subject>,
    ) -> Vec<EndpointId> {
        let mut found = Vec::new();
        for stream in self.streams.values_mut() {
            if let Way::Play(Some(Feed {
                of: FeedName::Holder { issuer: by, subject: whom },
                who: now,
            })) = &mut stream.way
                && now.is_none()
                && by == issuer
                && Some(&*whom) == subject
            {
                *now = Some(who);
                found.push(stream.endpoint);
            }
        }
        found
    }

    /// Somebody left: those who play just them wait until they come back.
    pub(super) fn feed_left(&mut self, who: ParticipantId) {
        for stream in self.streams.values_mut() {
            if let Way::Play(Some(feed)) = &mut stream.way
                && feed.who == Some(who)
            {
                feed.who = None;
            }
        }
    }
}

/// What is left of a person when one of their connections ends. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Other connections.
    Some,
    /// Nothing: they leave.
    Nothing,
    /// They are in the meeting by another session, if at all.
    Other,
}

/// What a connection is made from.
pub(super) struct NewStream {
    pub(super) participant: ParticipantId,
    pub(super) session: SessionId,
    pub(super) endpoint: EndpointId,
    pub(super) way: Way,
    pub(super) remote: String,
    pub(super) asked: Verdict,
    pub(super) held: Option<Place>,
}
