//! Rooms: who publishes and plays, and the tasks that forward between them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use conf_peers::lines::{Kind, LineId, Lines, SourceId};
use conf_peers::whip::{Command, Made, Wanted, Way};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::sleep;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::PeerConnection;

use crate::description::Section;
use crate::keyframe::Wishes;
use crate::line::Line;
use crate::peer::{Answered, News, answer};

/// News a connection may have waiting.
const NEWS: usize = 16;
/// A publisher is asked for a keyframe at most this often.
const KEYFRAME_EVERY: Duration = Duration::from_millis(300);

/// Who receives a source; replaced whole, so that forwarding reads without waiting.
type Routes = Arc<Vec<Arc<Line>>>;

struct Source {
    section: Section,
    receivers: Vec<LineId>,
    routes: watch::Sender<Routes>,
    keyframe: Arc<Notify>,
}

struct Session {
    room: String,
    peer: Arc<dyn PeerConnection>,
    sources: Vec<Source>,
    lines: Vec<Arc<Line>>,
}

/// What one session's task tells the owner of all.
enum Told {
    Track(u64, Arc<dyn TrackRemote>),
    Connected(u64),
    Ended(u64),
}

pub(crate) struct Sfu {
    here: SocketAddr,
    next: u64,
    ssrc: u32,
    sessions: HashMap<u64, Session>,
    rooms: HashMap<String, Lines>,
    wishes: Wishes,
    told: (mpsc::Sender<Told>, mpsc::Receiver<Told>),
}

impl Sfu {
    pub(crate) fn new(here: SocketAddr) -> Self {
        Self {
            here,
            next: 0,
            ssrc: 0x1000,
            sessions: HashMap::new(),
            rooms: HashMap::new(),
            wishes: Wishes::default(),
            told: mpsc::channel(1024),
        }
    }

    /// Owns all sessions until nobody can ask any more.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(Command::Make(wanted, reply)) => self.make(wanted, reply).await,
                    Some(Command::End(session, reply)) => {
                        let _ = reply.send(self.end(session).await);
                    }
                    None => return,
                },
                Some(told) = self.told.1.recv() => match told {
                    Told::Track(session, track) => self.track(session, track).await,
                    Told::Connected(session) => self.connected(session),
                    Told::Ended(session) => {
                        self.end(session).await;
                    }
                },
            }
        }
    }

    async fn make(&mut self, wanted: Wanted, reply: oneshot::Sender<Result<Made, String>>) {
        let Wanted { way, room, id, offer } = wanted;
        let (news, heard) = mpsc::channel(NEWS);
        let made = answer(way, &offer, self.here, &mut self.ssrc, &self.wishes, news).await;
        let answered = match made {
            Ok(answered) => answered,
            Err(error) => {
                let _ = reply.send(Err(error.to_string()));
                return;
            }
        };
        let session = self.next;
        self.next += 1;
        let Answered { peer, answer, sources, lines } = answered;
        let of_room = self.rooms.entry(room.clone()).or_default();
        let filled = match way {
            Way::Publish => of_room.publish(session, &id, sources.iter().map(|s| s.kind)),
            Way::Play => of_room.play(session, &id, lines.iter().map(|line| line.kind)),
        };
        let source = |section| Source {
            section,
            receivers: Vec::new(),
            routes: watch::Sender::new(Routes::default()),
            keyframe: Arc::new(Notify::new()),
        };
        let sources = sources.into_iter().map(source).collect();
        let lines = lines.into_iter().map(Arc::new).collect();
        self.sessions.insert(session, Session { room, peer, sources, lines });
        self.route(&filled);
        tokio::spawn(pass_on(session, heard, self.told.0.clone()));
        let _ = reply.send(Ok(Made { session, answer }));
    }

    async fn end(&mut self, number: u64) -> bool {
        let Some(session) = self.sessions.remove(&number) else { return false };
        session.lines.iter().for_each(|line| self.wishes.forget(line.ssrc));
        for other in self.sessions.values_mut() {
            for source in &mut other.sources {
                let before = source.receivers.len();
                source.receivers.retain(|(player, _)| *player != number);
                if source.receivers.len() < before {
                    let gone = |line: &Arc<Line>| {
                        session.lines.iter().any(|ended| Arc::ptr_eq(ended, line))
                    };
                    source.routes.send_modify(|routes| {
                        let stay = routes.iter().filter(|line| !gone(line)).cloned();
                        *routes = Arc::new(stay.collect());
                    });
                }
            }
        }
        if let Some(lines) = self.rooms.get_mut(&session.room) {
            let filled = lines.end(number);
            if lines.is_empty() {
                self.rooms.remove(&session.room);
            }
            self.route(&filled);
        }
        // Nothing is left to do when closing fails.
        let _ = session.peer.close().await;
        true
    }

    /// Lets sources flow to the lines they were given.
    fn route(&mut self, filled: &[(SourceId, LineId)]) {
        for &((publisher, source), (player, number)) in filled {
            let lines = self.sessions.get(&player).map(|session| &session.lines);
            let Some(line) = lines.and_then(|lines| lines.get(number)).cloned() else { continue };
            let publisher = self.sessions.get_mut(&publisher);
            let Some(source) = publisher.and_then(|p| p.sources.get_mut(source)) else { continue };
            line.switch();
            self.wishes.carry(line.ssrc, source.keyframe.clone());
            source.receivers.push((player, number));
            source.routes.send_modify(|routes| {
                *routes = Arc::new(routes.iter().cloned().chain([line]).collect());
            });
            source.keyframe.notify_one();
        }
    }

    /// A player can see: everything it is sent begins with a keyframe.
    fn connected(&mut self, player: u64) {
        for source in self.sessions.values().flat_map(|session| &session.sources) {
            if source.receivers.iter().any(|(to, _)| *to == player) {
                source.keyframe.notify_one();
            }
        }
    }

    /// Starts to forward a track: the first of its kind that does not flow yet.
    async fn track(&mut self, session: u64, track: Arc<dyn TrackRemote>) {
        let Some(&ssrc) = track.ssrcs().await.first() else { return };
        let Some(codec) = track.codec(ssrc).await else { return };
        let name = codec.mime_type.rsplit('/').next().unwrap_or_default().to_ascii_uppercase();
        let audio = codec.mime_type.to_ascii_lowercase().starts_with("audio/");
        let kind = if audio { Kind::Audio } else { Kind::Video };
        let Some(session) = self.sessions.get_mut(&session) else { return };
        let waiting =
            |source: &&Source| source.section.kind == kind && source.routes.receiver_count() == 0;
        let Some(source) = session.sources.iter().find(waiting) else { return };
        tokio::spawn(forward(track.clone(), name, source.routes.subscribe()));
        if kind == Kind::Video {
            tokio::spawn(ask(track, ssrc, source.keyframe.clone(), source.routes.subscribe()));
        }
    }
}

/// Tells the owner of all what one connection tells.
async fn pass_on(session: u64, mut heard: mpsc::Receiver<News>, told: mpsc::Sender<Told>) {
    while let Some(news) = heard.recv().await {
        let news = match news {
            News::Track(track) => Told::Track(session, track),
            News::Connected => Told::Connected(session),
            News::Ended => Told::Ended(session),
        };
        if told.send(news).await.is_err() {
            return;
        }
    }
}

/// Writes every packet of a track to all who receive it.
async fn forward(track: Arc<dyn TrackRemote>, codec: String, routes: watch::Receiver<Routes>) {
    while let Some(event) = track.poll().await {
        match event {
            TrackRemoteEvent::OnRtpPacket(packet) => {
                let lines = routes.borrow().clone();
                for line in lines.iter() {
                    line.forward(&packet, &codec).await;
                }
            }
            TrackRemoteEvent::OnEnded => return,
            _ => {}
        }
    }
}

/// Asks for a keyframe whenever one is wanted, until the source is gone.
async fn ask(
    track: Arc<dyn TrackRemote>,
    media_ssrc: u32,
    wanted: Arc<Notify>,
    mut routes: watch::Receiver<Routes>,
) {
    loop {
        tokio::select! {
            () = wanted.notified() => {
                let request = PictureLossIndication { sender_ssrc: 0, media_ssrc };
                if track.write_rtcp(vec![Box::new(request)]).await.is_err() {
                    return;
                }
                sleep(KEYFRAME_EVERY).await;
            }
            // The sender lives as long as the source.
            changed = routes.changed() => if changed.is_err() {
                return;
            },
        }
    }
}
