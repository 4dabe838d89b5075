//! The signalling session of one participant, without sockets or clocks.
//!
//! The caller opens and closes the WebSocket as [`Output`] asks, hands in what
//! arrives, and the time. The session greets, resumes, numbers its requests,
//! keeps the link alive and keeps [`Room`] current.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use conf_proto::{
    Answer, ByeReason, ClientBody, ClientMessage, EventFrame, MeetingId, Offer, PROTOCOL,
    ParticipantId, Problem, Resume, ServerMessage, Slot, WaitReason,
};

use crate::room::Room;

/// Requests that may wait for their answers at once.
const MAX_WAITING: usize = 256;

/// How a session behaves.
#[derive(Clone)]
pub struct SessionConfig {
    /// The join token.
    pub token: String,
    /// How long an answer may take before the request counts as failed.
    pub answer_within: Duration,
    /// How often the link is proved alive.
    pub ping_every: Duration,
    /// How long to try to come back after the link broke.
    pub come_back_within: Duration,
}

impl SessionConfig {
    /// Answers within 10 s, a ping every 10 s, coming back within 60 s.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            answer_within: Duration::from_secs(10),
            ping_every: Duration::from_secs(10),
            come_back_within: Duration::from_secs(60),
        }
    }
}

/// What happens to a session.
pub enum Input {
    /// The WebSocket is open. The offer of a new media connection, unless the
    /// one of before is kept.
    Opened(Option<Offer>),
    /// A text frame arrived.
    Frame(String),
    /// The WebSocket is closed, or could not be opened.
    Closed,
    /// Time passed; see [`Session::poll_timeout`].
    Tick,
}

/// What a session asks of the world.
#[derive(Debug)]
#[must_use]
pub enum Output {
    /// Open a WebSocket, then say [`Input::Opened`] or [`Input::Closed`].
    Connect,
    /// Send a text frame.
    Send(String),
    /// Close the WebSocket; say [`Input::Closed`] when a link that was alive is gone.
    Close,
    /// Tell the application.
    News(News),
}

/// What an application learns.
#[non_exhaustive]
pub enum News {
    /// The session is open; [`Session::room`] is current.
    Joined {
        /// Whether it continues an earlier one without a gap.
        resumed: bool,
        /// Whether media is connected or being set up. When false: send a fresh offer.
        media: bool,
        /// The answer to the offer given with [`Input::Opened`].
        answer: Option<Answer>,
    },
    /// The session is in the lobby: [`News::Joined`] follows once it is let in.
    Waiting {
        /// Why.
        reason: WaitReason,
        /// The place in the queue, counted from 1.
        position: u32,
        /// What the moderators tell those who wait.
        message: Option<String>,
    },
    /// The link broke; the session tries to come back by itself.
    LinkLost,
    /// A request was answered.
    Replied {
        /// The number [`Session::request`] gave.
        id: u32,
        /// What came of it; an answer only for an offer.
        result: Result<Option<Answer>, Failure>,
    },
    /// Something happened in the meeting; the room shows it already.
    Happened(EventFrame),
    /// Slots changed; the room shows it already.
    Slots(Vec<Slot>),
    /// Who speaks changed; the room shows it already.
    Speaking(Vec<ParticipantId>),
    /// Whether the server can keep what happens changed.
    Storage(bool),
    /// The session is over for good.
    Over(Over),
}

// Names, chat and addresses never reach a log by accident.
impl std::fmt::Debug for News {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Joined { resumed, media, .. } => {
                write!(f, "Joined(resumed {resumed}, media {media})")
            }
            Self::Waiting { reason, position, .. } => write!(f, "Waiting({reason:?}, {position})"),
            Self::LinkLost => f.write_str("LinkLost"),
            Self::Replied { id, result: Ok(_) } => write!(f, "Replied({id})"),
            Self::Replied { id, result: Err(failure) } => write!(f, "Replied({id}, {failure})"),
            Self::Happened(frame) => write!(f, "Happened({})", frame.seq),
            Self::Slots(slots) => write!(f, "Slots({slots:?})"),
            Self::Speaking(who) => write!(f, "Speaking({who:?})"),
            Self::Storage(ok) => write!(f, "Storage({ok})"),
            Self::Over(why) => write!(f, "Over({why})"),
        }
    }
}

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server refused; nothing changed.
    #[error("refused with `{}` {:?}", .0.code, .0.params)]
    Refused(Problem),
    /// No answer in time; it may or may not hold.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The link broke first; it may or may not hold.
    #[error("the link broke before the answer came")]
    LinkLost,
    /// The session is not open.
    #[error("the session is {0}, requests need an open one")]
    NotOpen(&'static str),
    /// Too many requests wait for answers.
    #[error("{MAX_WAITING} requests already wait for their answers")]
    TooMany,
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Over {
    /// The server said goodbye.
    #[error("the server said goodbye: {0:?}")]
    Bye(ByeReason),
    /// The server did not let us in.
    #[error("not admitted: `{}` {:?}", .0.code, .0.params)]
    Refused(Problem),
    /// The link could not be brought back in time.
    #[error("the link could not be brought back within {0:?}")]
    GaveUp(Duration),
}

#[derive(Debug)]
enum Phase {
    Connecting,
    Greeting {
        id: u32,
        until: Instant,
    },
    /// In the lobby; the welcome will answer the `hello` of this number.
    Lobby {
        id: u32,
    },
    Open {
        ping_at: Instant,
    },
    Waiting {
        until: Instant,
    },
    Over,
}

/// The machine.
pub struct Session {
    config: SessionConfig,
    phase: Phase,
    next_id: u32,
    waiting: BTreeMap<u32, Instant>,
    pinged: Option<u32>,
    me: Option<ParticipantId>,
    meeting: Option<MeetingId>,
    room: Option<Room>,
    broken_since: Option<Instant>,
    attempts: u32,
    unreadable: u64,
    outputs: VecDeque<Output>,
}

impl Session {
    /// A session that asks for a connection at once.
    #[must_use]
    pub fn new(config: SessionConfig, now: Instant) -> Self {
        Self {
            config,
            phase: Phase::Connecting,
            next_id: 1,
            waiting: BTreeMap::new(),
            pinged: None,
            me: None,
            meeting: None,
            room: None,
            broken_since: Some(now),
            attempts: 0,
            unreadable: 0,
            outputs: VecDeque::from([Output::Connect]),
        }
    }

    /// Asks the server for something; the answer comes as [`News::Replied`].
    ///
    /// # Errors
    /// [`Failure::NotOpen`] outside of an open session, [`Failure::TooMany`] when
    /// answers are not coming.
    pub fn request(&mut self, now: Instant, body: ClientBody) -> Result<u32, Failure> {
        match self.phase {
            Phase::Open { .. } => {}
            Phase::Over => return Err(Failure::NotOpen("over")),
            _ => return Err(Failure::NotOpen("not open yet")),
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(Failure::TooMany);
        }
        let id = self.send(body);
        self.waiting.insert(id, now + self.config.answer_within);
        Ok(id)
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Opened(offer) => self.greet(now, offer),
            Input::Frame(text) => self.read(now, &text),
            Input::Closed => self.broke(now),
            Input::Tick => self.tick(now),
        }
    }

    /// What the world must do next, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to say [`Input::Tick`] next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Greeting { until, .. } | Phase::Waiting { until } => Some(until),
            Phase::Open { ping_at } => Some(ping_at),
            // The server proves the link alive; how long a moderator takes has no bound.
            Phase::Connecting | Phase::Lobby { .. } | Phase::Over => None,
        };
        self.waiting.values().copied().chain(phase).min()
    }

    /// The meeting as far as it is known.
    #[must_use]
    pub fn room(&self) -> Option<&Room> {
        self.room.as_ref()
    }

    /// Who this session speaks for, once the server has said so.
    #[must_use]
    pub fn me(&self) -> Option<ParticipantId> {
        self.me
    }

    /// The meeting this session is in, once the server has said so.
    #[must_use]
    pub fn meeting(&self) -> Option<MeetingId> {
        self.meeting
    }

    /// Frames that could not be read.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn greet(&mut self, now: Instant, offer: Option<Offer>) {
        if !matches!(self.phase, Phase::Connecting) {
            return;
        }
        let resume = match (&self.room, self.meeting) {
            (Some(room), Some(meeting)) => Some(Resume { meeting, seq: room.seq }),
            _ => None,
        };
        let token = self.config.token.clone();
        let id = self.send(ClientBody::Hello { protocol: PROTOCOL, token, resume, offer });
        self.phase = Phase::Greeting { id, until: now + self.config.answer_within };
    }

    fn read(&mut self, now: Instant, text: &str) {
        let Ok(message) = serde_json::from_str::<ServerMessage>(text) else {
            self.unreadable += 1;
            return;
        };
        match message {
            ServerMessage::Welcome {
                re,
                participant,
                meeting,
                seq,
                room,
                events,
                answer,
                media,
                ..
            } => {
                if !matches!(self.phase, Phase::Greeting { id, .. } | Phase::Lobby { id } if id == re)
                {
                    return;
                }
                self.phase = Phase::Open { ping_at: now + self.config.ping_every };
                self.me = Some(participant);
                self.meeting = Some(meeting);
                self.broken_since = None;
                self.attempts = 0;
                let resumed = room.is_none();
                if let Some(view) = room {
                    self.room = Some(Room::new(*view, seq));
                }
                self.news(News::Joined { resumed, media, answer });
                for frame in events {
                    self.happened(frame);
                }
                if let Some(room) = &mut self.room {
                    room.seq = room.seq.max(seq);
                }
            }
            ServerMessage::Waiting { re, participant, meeting, reason, position, message } => {
                if !matches!(self.phase, Phase::Greeting { id, .. } if id == re) {
                    return;
                }
                self.phase = Phase::Lobby { id: re };
                self.me = Some(participant);
                self.meeting = Some(meeting);
                self.broken_since = None;
                self.attempts = 0;
                self.news(News::Waiting { reason, position, message });
            }
            ServerMessage::Lobby { reason, position, message } => {
                if matches!(self.phase, Phase::Lobby { .. }) {
                    self.news(News::Waiting { reason, position, message });
                }
            }
            ServerMessage::Done { re } => self.replied(now, re, Ok(None)),
            ServerMessage::Answer { re, answer } => self.replied(now, re, Ok(Some(answer))),
            ServerMessage::Refused { re, problem } => match self.phase {
                Phase::Greeting { id, .. } if id == re => self.over(Over::Refused(problem)),
                _ => self.replied(now, re, Err(Failure::Refused(problem))),
            },
            ServerMessage::Event(frame) => self.happened(frame),
            ServerMessage::Room { seq, room } => {
                self.room = self.room.take().map(|known| known.reshown(*room, seq));
            }
            ServerMessage::Slots { slots } => {
                if let Some(room) = &mut self.room {
                    room.fill(&slots);
                }
                self.news(News::Slots(slots));
            }
            ServerMessage::Speaking { participants } => {
                if let Some(room) = &mut self.room {
                    room.speaking.clone_from(&participants);
                }
                self.news(News::Speaking(participants));
            }
            ServerMessage::Storage { ok } => self.news(News::Storage(ok)),
            ServerMessage::Bye { reason } => match reason {
                // The close that follows brings us back.
                ByeReason::Slow | ByeReason::Shutdown => {}
                _ => self.over(Over::Bye(reason)),
            },
            _ => self.unreadable += 1,
        }
    }

    fn replied(&mut self, now: Instant, re: u32, result: Result<Option<Answer>, Failure>) {
        if self.pinged == Some(re) {
            self.pinged = None;
            self.waiting.remove(&re);
            self.phase = Phase::Open { ping_at: now + self.config.ping_every };
        } else if self.waiting.remove(&re).is_some() {
            self.news(News::Replied { id: re, result });
        }
    }

    fn happened(&mut self, frame: EventFrame) {
        let new = self.room.as_mut().is_none_or(|room| room.apply(&frame));
        if new {
            self.news(News::Happened(frame));
        }
    }

    fn tick(&mut self, now: Instant) {
        match self.phase {
            Phase::Greeting { until, .. } if now >= until => return self.drop_link(now),
            Phase::Waiting { until } if now >= until => {
                self.phase = Phase::Connecting;
                self.outputs.push_back(Output::Connect);
            }
            Phase::Open { ping_at } if now >= ping_at && self.pinged.is_none() => {
                let id = self.send(ClientBody::Ping);
                self.pinged = Some(id);
                let until = now + self.config.answer_within;
                self.waiting.insert(id, until);
                self.phase = Phase::Open { ping_at: until };
            }
            _ => {}
        }
        let late: Vec<u32> =
            self.waiting.iter().filter(|(_, until)| now >= **until).map(|(id, _)| *id).collect();
        for id in late {
            self.waiting.remove(&id);
            if self.pinged == Some(id) {
                return self.drop_link(now);
            }
            let result = Err(Failure::TimedOut(self.config.answer_within));
            self.news(News::Replied { id, result });
        }
    }

    fn drop_link(&mut self, now: Instant) {
        self.outputs.push_back(Output::Close);
        self.broke(now);
    }

    fn broke(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Over | Phase::Waiting { .. }) {
            return;
        }
        let was_open = matches!(self.phase, Phase::Open { .. });
        self.pinged = None;
        for id in std::mem::take(&mut self.waiting).into_keys() {
            self.news(News::Replied { id, result: Err(Failure::LinkLost) });
        }
        if was_open {
            self.news(News::LinkLost);
        }
        let since = *self.broken_since.get_or_insert(now);
        if now >= since + self.config.come_back_within {
            return self.over(Over::GaveUp(self.config.come_back_within));
        }
        // 50 ms, doubling to 1 s: a restarted server is found soon and not stormed.
        let pause = Duration::from_millis(50 << self.attempts.min(4)).min(Duration::from_secs(1));
        self.attempts += 1;
        self.phase = Phase::Waiting { until: now + pause };
    }

    fn over(&mut self, why: Over) {
        self.phase = Phase::Over;
        for id in std::mem::take(&mut self.waiting).into_keys() {
            self.news(News::Replied { id, result: Err(Failure::LinkLost) });
        }
        self.news(News::Over(why));
        self.outputs.push_back(Output::Close);
    }

    fn send(&mut self, body: ClientBody) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1).max(1);
        let text = serde_json::to_string(&ClientMessage { id, body })
            .expect("messages are plain data with string keys, which JSON can always carry");
        self.outputs.push_back(Output::Send(text));
        id
    }

    fn news(&mut self, news: News) {
        self.outputs.push_back(Output::News(news));
    }
}

#[cfg(test)]
mod tests;
