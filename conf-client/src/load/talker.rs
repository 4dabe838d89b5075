//! One participant who only signals: no media, and every frame timed as it arrives.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use conf_proto::{ClientBody, ParticipantId, PollId, Reaction, RoomEvent};
use futures_util::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::reception::empty_histogram;
use crate::session::{Input, News, Output, Session, SessionConfig};

/// How long opening a WebSocket, or handing it a frame, may take.
const SOCKET_PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a talker is asked to do.
pub(super) enum Order {
    /// Say this in the chat.
    Say(String),
    /// Raise the hand, or lower it again.
    Hand,
    /// Put a sign to the newest message, or take it back.
    Sign,
    /// Ask everyone: yes or no.
    Ask,
}

/// Something everyone is told once.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Told {
    Line(String),
    Hand(ParticipantId, bool),
    Sign(ParticipantId),
}

/// What all talkers together saw.
pub(super) struct Seen {
    sent: HashMap<Told, Instant>,
    /// Commands sent of things that everyone is told.
    pub(super) told: u64,
    /// From a command to its news at each who was there, in microseconds.
    pub(super) delivered: Histogram<u32>,
    /// From a command to its answer, in microseconds.
    pub(super) answered: Histogram<u32>,
    /// How many were refused, by code.
    pub(super) refused: BTreeMap<String, u64>,
    /// Sessions that broke.
    pub(super) broken: u64,
    /// The largest welcome, in bytes.
    pub(super) snapshot: usize,
    /// The last turnout each was told of the newest poll.
    pub(super) turnouts: BTreeMap<ParticipantId, u32>,
}

impl Seen {
    pub(super) fn shared() -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            sent: HashMap::new(),
            told: 0,
            delivered: empty_histogram(),
            answered: empty_histogram(),
            refused: BTreeMap::new(),
            broken: 0,
            snapshot: 0,
            turnouts: BTreeMap::new(),
        }))
    }

    fn sends(&mut self, now: Instant, told: Told) {
        self.told += 1;
        self.sent.insert(told, now);
    }

    fn arrived(&mut self, now: Instant, told: &Told) {
        let Some(sent) = self.sent.get(told) else { return };
        let micros = now.saturating_duration_since(*sent).as_micros();
        self.delivered.saturating_record(u64::try_from(micros).unwrap_or(u64::MAX));
    }
}

/// A talker's task.
pub(super) struct Talker {
    pub(super) url: String,
    pub(super) token: String,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) seen: Arc<Mutex<Seen>>,
    /// When to vote, counted from the start of a poll; not at all when `None`.
    pub(super) votes_after: Option<Duration>,
}

struct Running {
    session: Session,
    socket: Socket,
    seen: Arc<Mutex<Seen>>,
    asked: HashMap<u32, Instant>,
    votes_after: Option<Duration>,
    vote: Option<(Instant, PollId)>,
    joined: Option<oneshot::Sender<()>>,
}

impl Talker {
    /// Takes part until nobody gives orders any more; `joined` is answered once the session
    /// is open, and dropped when it never is.
    pub(super) async fn run(mut self, joined: oneshot::Sender<()>) {
        let connecting = timeout(SOCKET_PATIENCE, connect_async(&self.url));
        let Ok(Ok((socket, _))) = connecting.await else { return };
        let mut session = Session::new(SessionConfig::new(self.token), Instant::now());
        session.handle(Instant::now(), Input::Opened(None));
        let mut running = Running {
            session,
            socket,
            seen: self.seen,
            asked: HashMap::new(),
            votes_after: self.votes_after,
            vote: None,
            joined: Some(joined),
        };
        while running.carry_out().await.is_some() {
            if running.wait(&mut self.orders).await.is_none() {
                break;
            }
        }
    }
}

impl Running {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for one thing and takes it in; `None` when it is over.
    async fn wait(&mut self, orders: &mut mpsc::Receiver<Order>) -> Option<()> {
        let vote = self.vote.as_ref().map(|(at, _)| *at);
        let wake = [self.session.poll_timeout(), vote].into_iter().flatten().min();
        let wake = wake.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            order = orders.recv() => self.obey(order?),
            frame = self.socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    if self.joined.is_some() {
                        let mut seen = self.seen();
                        seen.snapshot = seen.snapshot.max(text.len());
                    }
                    self.session.handle(Instant::now(), Input::Frame(text.as_str().to_owned()));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.seen().broken += 1;
                    return None;
                }
                Some(Ok(_)) => {}
            },
            () = sleep_until(wake.into()) => {
                let now = Instant::now();
                self.session.handle(now, Input::Tick);
                if let Some((_, poll)) = self.vote.take_if(|(at, _)| *at <= now) {
                    self.request(ClientBody::Vote { poll, choices: vec![0] });
                }
            }
        }
        Some(())
    }

    fn obey(&mut self, order: Order) {
        let (Some(me), Some(room)) = (self.session.me(), self.session.room()) else { return };
        let now = Instant::now();
        let (told, body) = match order {
            Order::Say(text) => (Some(Told::Line(text.clone())), ClientBody::say(text)),
            Order::Hand if room.hands.contains(&me) => {
                (Some(Told::Hand(me, false)), ClientBody::LowerHand { target: me })
            }
            Order::Hand => (Some(Told::Hand(me, true)), ClientBody::RaiseHand),
            Order::Sign => {
                let Some(line) = room.chat.back() else { return };
                let reaction = Reaction::Clap;
                let mine = line.reactions.iter().any(|sign| sign.by.contains(&me));
                let body = ClientBody::ReactChat { message: line.id, reaction, on: !mine };
                (Some(Told::Sign(me)), body)
            }
            Order::Ask => (None, ClientBody::ask_yes_no("Does everyone follow?")),
        };
        if let Some(told) = told {
            self.seen().sends(now, told);
        }
        self.request(body);
    }

    fn request(&mut self, body: ClientBody) {
        let now = Instant::now();
        match self.session.request(now, body) {
            Ok(id) => {
                self.asked.insert(id, now);
            }
            Err(failure) => self.refused(failure.to_string()),
        }
    }

    fn refused(&self, why: String) {
        *self.seen().refused.entry(why).or_default() += 1;
    }

    /// Carries out what the session asks until it only waits; `None` when it is over.
    async fn carry_out(&mut self) -> Option<()> {
        while let Some(output) = self.session.poll_output() {
            match output {
                // The socket is there already; one that broke ends the talker.
                Output::Connect => {}
                Output::Close => return None,
                Output::Send(text) => {
                    let sent = timeout(SOCKET_PATIENCE, self.socket.send(Message::text(text)));
                    if !matches!(sent.await, Ok(Ok(()))) {
                        self.seen().broken += 1;
                        return None;
                    }
                }
                Output::News(news) => self.news(news)?,
            }
        }
        Some(())
    }

    fn news(&mut self, news: News) -> Option<()> {
        let now = Instant::now();
        match news {
            News::Joined { .. } => {
                if let Some(joined) = self.joined.take() {
                    // A caller that stopped waiting no longer wants to know.
                    let _ = joined.send(());
                }
            }
            News::Replied { id, result } => {
                let asked = self.asked.remove(&id).unwrap_or(now);
                match result {
                    Ok(_) => {
                        let micros = now.saturating_duration_since(asked).as_micros();
                        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
                        self.seen().answered.saturating_record(micros);
                    }
                    Err(failure) => self.refused(failure.to_string()),
                }
            }
            News::Happened(frame) => self.happened(now, frame.event),
            News::Over(_) => return None,
            _ => {}
        }
        Some(())
    }

    fn happened(&mut self, now: Instant, event: RoomEvent) {
        match event {
            RoomEvent::Chat { line } => {
                if let Some(text) = line.text {
                    self.seen().arrived(now, &Told::Line(text));
                }
            }
            RoomEvent::HandRaised { participant } => {
                self.seen().arrived(now, &Told::Hand(participant, true));
            }
            RoomEvent::HandLowered { participant, .. } => {
                self.seen().arrived(now, &Told::Hand(participant, false));
            }
            RoomEvent::ChatReacted { by, .. } => self.seen().arrived(now, &Told::Sign(by)),
            RoomEvent::PollStarted { poll } => {
                self.vote = self.votes_after.map(|after| (now + after, poll.id));
            }
            RoomEvent::PollTurnout { voted, .. } => {
                if let Some(me) = self.session.me() {
                    self.seen().turnouts.insert(me, voted);
                }
            }
            _ => {}
        }
    }
}
