//! The task behind a participant: the only owner of its session, socket and media.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use conf_proto::{ClientBody, MeetingId, Offer, ParticipantId, RoomEvent, Source};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::participant::{Happening, JoinOptions};
use crate::link::{Devices, Engine, Link, LinkState, LocalOffer, MediaError};
use crate::media;
use crate::room::Room;
use crate::session::{Failure, Input, News, Output, Session, SessionConfig};
use crate::str0m_peer;

/// How long opening a WebSocket, or handing it a frame, may take.
const SOCKET_PATIENCE: Duration = Duration::from_secs(5);
/// Largest frame a server may send, in bytes: a welcome with a long chat.
const MAX_SERVER_FRAME: usize = 8 << 20;
/// Pause before a media connection that broke is offered anew.
const MEDIA_PAUSE: Duration = Duration::from_millis(100);
/// A day: a wait that something else will end.
const LONG: Duration = Duration::from_secs(86_400);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a participant asks of its task.
pub(super) enum Ask {
    Request { body: ClientBody, reply: oneshot::Sender<Result<(), Failure>> },
    Cut,
}

/// What the task is made of.
pub(super) struct Parts {
    pub(super) session: SessionConfig,
    pub(super) options: JoinOptions,
    pub(super) devices: Devices,
    pub(super) asks: mpsc::Receiver<Ask>,
    pub(super) happenings: broadcast::Sender<Happening>,
    pub(super) room: watch::Sender<Option<Room>>,
    pub(super) media: watch::Sender<LinkState>,
    pub(super) identity: Option<oneshot::Sender<(ParticipantId, MeetingId)>>,
    /// Counts the descriptions offered.
    pub(super) offers: Arc<AtomicU32>,
}

enum Awaited {
    Reply(oneshot::Sender<Result<(), Failure>>),
    Answer,
    Nobody,
}

struct Owner {
    parts: Parts,
    session: Session,
    socket: Option<Socket>,
    opening: Option<mpsc::Receiver<Option<Socket>>>,
    link: Option<Link>,
    link_state: Option<watch::Receiver<LinkState>>,
    offer_at: Option<Instant>,
    awaited: BTreeMap<u32, Awaited>,
    /// What should be published whenever the session is open.
    wanted: BTreeSet<Source>,
    over: bool,
}

pub(super) async fn run(parts: Parts) {
    let session = Session::new(parts.session.clone(), Instant::now());
    let wanted = parts.options.publish.iter().copied().collect();
    let mut owner = Owner {
        parts,
        session,
        socket: None,
        opening: None,
        link: None,
        link_state: None,
        offer_at: None,
        awaited: BTreeMap::new(),
        wanted,
        over: false,
    };
    while !owner.over {
        owner.carry_out().await;
        if owner.over || !owner.wait().await {
            break;
        }
    }
}

impl Owner {
    /// Waits for one thing and takes it in; `false` when the participant is gone.
    async fn wait(&mut self) -> bool {
        let wake = [self.session.poll_timeout(), self.offer_at]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_else(|| Instant::now() + LONG);
        tokio::select! {
            ask = self.parts.asks.recv() => match ask {
                Some(ask) => self.asked(ask),
                None => return false,
            },
            frame = next_frame(self.socket.as_mut()) => {
                let input = match frame {
                    Some(text) => Input::Frame(text),
                    None => {
                        self.socket = None;
                        Input::Closed
                    }
                };
                self.session.handle(Instant::now(), input);
            }
            opened = opened(self.opening.as_mut()) => {
                self.opening = None;
                self.opened(opened).await;
            }
            state = changed(self.link_state.as_mut()) => self.link_changed(state),
            () = sleep_until(wake.into()) => {
                let now = Instant::now();
                if self.offer_at.is_some_and(|at| now >= at) {
                    self.offer_at = None;
                    self.offer_anew().await;
                }
                self.session.handle(now, Input::Tick);
            }
        }
        true
    }

    fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Request { body, reply } => {
                match &body {
                    ClientBody::Publish { source } => {
                        self.wanted.insert(*source);
                    }
                    ClientBody::Stop { target, source } if Some(*target) == self.session.me() => {
                        self.wanted.remove(source);
                    }
                    _ => {}
                }
                match self.session.request(Instant::now(), body) {
                    Ok(id) => {
                        self.awaited.insert(id, Awaited::Reply(reply));
                    }
                    Err(failure) => {
                        // Whoever asked may have stopped waiting.
                        let _ = reply.send(Err(failure));
                    }
                }
            }
            Ask::Cut => {
                self.socket = None;
                self.session.handle(Instant::now(), Input::Closed);
            }
        }
    }

    /// Carries out what the session asks until it only waits.
    async fn carry_out(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Connect => self.connect(),
                Output::Send(text) => {
                    let Some(socket) = &mut self.socket else { continue };
                    let sent = timeout(SOCKET_PATIENCE, socket.send(Message::text(text))).await;
                    if !matches!(sent, Ok(Ok(()))) {
                        self.socket = None;
                        self.session.handle(Instant::now(), Input::Closed);
                    }
                }
                Output::Close => {
                    if let Some(mut socket) = self.socket.take() {
                        // The other side may be gone already.
                        let _ = timeout(SOCKET_PATIENCE, socket.close(None)).await;
                    }
                }
                Output::News(news) => self.news(news).await,
            }
        }
    }

    fn connect(&mut self) {
        let url = self.parts.options.api.session_url();
        let (done, opening) = mpsc::channel(1);
        tokio::spawn(async move {
            let config = WebSocketConfig::default()
                .max_message_size(Some(MAX_SERVER_FRAME))
                .max_frame_size(Some(MAX_SERVER_FRAME));
            let connecting = connect_async_with_config(url, Some(config), true);
            let socket = match timeout(SOCKET_PATIENCE, connecting).await {
                Ok(Ok((socket, _))) => Some(socket),
                _ => None,
            };
            // A participant that is gone needs no socket.
            let _ = done.send(socket).await;
        });
        self.opening = Some(opening);
    }

    async fn opened(&mut self, socket: Option<Socket>) {
        let Some(socket) = socket else {
            return self.session.handle(Instant::now(), Input::Closed);
        };
        self.socket = Some(socket);
        let alive = self.link.as_ref().is_some_and(|link| link.state() == LinkState::Connected);
        let offer = if alive { None } else { self.fresh_offer().await };
        self.session.handle(Instant::now(), Input::Opened(offer));
    }

    async fn news(&mut self, news: News) {
        tracing::debug!(me = ?self.session.me(), ?news, "news");
        match news {
            News::Joined { resumed, media, answer } => {
                self.offer_at = None;
                if let (Some(me), Some(meeting)) = (self.session.me(), self.session.meeting()) {
                    self.parts.devices.studio(|studio| studio.identify(me));
                    if let Some(identity) = self.parts.identity.take() {
                        // A caller that stopped waiting no longer wants to know.
                        let _ = identity.send((me, meeting));
                    }
                }
                let again = answer.is_some() || !media;
                match answer {
                    Some(answer) => self.accept(answer.sdp),
                    None if !media => self.offer_anew().await,
                    None => {}
                }
                self.show();
                self.tell(Happening::Joined { resumed });
                self.publish_wanted(again);
            }
            News::Waiting { reason, position, .. } => {
                self.tell(Happening::Waiting { reason, position });
            }
            News::LinkLost => self.tell(Happening::LinkLost),
            News::Replied { id, result } => match self.awaited.remove(&id) {
                Some(Awaited::Reply(reply)) => {
                    // Whoever asked may have stopped waiting.
                    let _ = reply.send(result.map(|_| ()));
                }
                Some(Awaited::Answer) => match result {
                    Ok(Some(answer)) => self.accept(answer.sdp),
                    other => {
                        let error = other.err();
                        tracing::debug!(?error, "the offer was not answered");
                        self.offer_at = Some(Instant::now() + MEDIA_PAUSE * 10);
                    }
                },
                Some(Awaited::Nobody) | None => {}
            },
            News::Happened(frame) => {
                if let RoomEvent::Stopped { participant, source, .. } = &frame.event
                    && Some(*participant) == self.session.me()
                {
                    // Whoever stopped it: it does not come back by itself.
                    self.wanted.remove(source);
                }
                self.show();
                self.tell(Happening::Event(frame));
            }
            News::Slots(slots) => {
                self.show();
                self.tell(Happening::Slots(slots));
            }
            News::Speaking(who) => {
                self.show();
                self.tell(Happening::Speaking(who));
            }
            News::Storage(ok) => self.tell(Happening::Storage(ok)),
            News::Over(why) => {
                self.over = true;
                self.tell(Happening::Over(why));
            }
        }
    }

    /// Shows the meeting to the application, and lets the devices follow it.
    fn show(&mut self) {
        let (Some(room), Some(me)) = (self.session.room(), self.session.me()) else { return };
        let (sources, muted) =
            room.participant(me).map_or((&[][..], false), |p| (p.sources.as_slice(), p.muted));
        let now = Instant::now();
        self.parts.devices.studio(|studio| {
            for source in Source::ALL {
                let on = sources.contains(&source) && !(source == Source::Microphone && muted);
                studio.switch(now, source, on || self.parts.options.hostile);
            }
        });
        self.parts.room.send_replace(Some(room.clone()));
    }

    fn tell(&self, happening: Happening) {
        // Nobody has to listen.
        let _ = self.parts.happenings.send(happening);
    }

    /// Publishes what should be; `again` also what is: over a new media
    /// connection, because a restarted server keeps its gates closed until asked.
    fn publish_wanted(&mut self, again: bool) {
        let published = self
            .session
            .me()
            .and_then(|me| Some(self.session.room()?.participant(me)?.sources.clone()))
            .unwrap_or_default();
        for source in self.wanted.iter().copied().filter(|s| again || !published.contains(s)) {
            if let Ok(id) = self.session.request(Instant::now(), ClientBody::Publish { source }) {
                self.awaited.insert(id, Awaited::Nobody);
            }
        }
    }

    fn accept(&mut self, sdp: String) {
        let taken = self.link.as_ref().is_some_and(|link| link.accept(sdp));
        if !taken {
            self.offer_at = Some(Instant::now() + MEDIA_PAUSE);
        }
    }

    /// Starts a new media connection in place of any earlier one.
    async fn fresh_offer(&mut self) -> Option<Offer> {
        self.link = None;
        match self.start_media().await {
            Ok((local, link)) => {
                self.parts.offers.fetch_add(1, Ordering::Relaxed);
                self.link_state = Some(link.watch());
                self.link = Some(link);
                Some(Offer { number: 1, fresh: true, sdp: local.sdp, sources: local.sources })
            }
            Err(error) => {
                tracing::warn!(%error, "no media connection to offer");
                None
            }
        }
    }

    async fn start_media(&self) -> Result<(LocalOffer, Link), MediaError> {
        let options = &self.parts.options;
        let runtime = options.media_runtime.clone().unwrap_or_else(tokio::runtime::Handle::current);
        let devices = self.parts.devices.clone();
        match options.engine {
            Engine::Light => str0m_peer::start(&options.plan, devices, &runtime),
            Engine::Webrtc => media::start(&options.plan, devices).await,
        }
    }

    async fn offer_anew(&mut self) {
        let Some(offer) = self.fresh_offer().await else { return };
        // Without an open session the offer goes with the next hello.
        if let Ok(id) = self.session.request(Instant::now(), ClientBody::Offer { offer }) {
            self.awaited.insert(id, Awaited::Answer);
        }
    }

    fn link_changed(&mut self, state: Option<LinkState>) {
        let state = state.unwrap_or(LinkState::Lost);
        if state == LinkState::Lost {
            self.link_state = None;
            self.offer_at = Some(Instant::now() + MEDIA_PAUSE);
        }
        self.parts.media.send_replace(state);
        self.tell(Happening::Media(state));
    }
}

async fn next_frame(socket: Option<&mut Socket>) -> Option<String> {
    let Some(socket) = socket else { return std::future::pending().await };
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

async fn opened(opening: Option<&mut mpsc::Receiver<Option<Socket>>>) -> Option<Socket> {
    match opening {
        Some(opening) => opening.recv().await.flatten(),
        None => std::future::pending().await,
    }
}

async fn changed(state: Option<&mut watch::Receiver<LinkState>>) -> Option<LinkState> {
    match state {
        Some(state) => state.changed().await.ok().map(|()| *state.borrow_and_update()),
        None => std::future::pending().await,
    }
}
