//! One participant in a meeting, as its user sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use conf_proto::{
    ClientBody, EventFrame, Lock, MeetingId, ParticipantId, Slot, Source, WaitReason, Wish,
};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::api::{Api, ApiError, Invite};
use super::owner::{self, Ask};
use crate::link::{Devices, Engine, LinkState, MediaError, MediaPlan};
use crate::reception::{Reception, SlotCounts};
use crate::room::Room;
use crate::session::{Failure, Over, SessionConfig};

/// How to take part.
#[derive(Debug, Clone)]
pub struct JoinOptions {
    /// The server.
    pub api: Api,
    /// The link to come in by.
    pub invite: Invite,
    /// What to be called: 1 to 64 characters.
    pub name: String,
    /// What the media connection offers.
    pub plan: MediaPlan,
    /// Which library plays the peer.
    pub engine: Engine,
    /// What to publish as soon as the session is open.
    pub publish: Vec<Source>,
    /// Sends media from all sources whether published or not, muted or not: for
    /// showing that a server does not pass it on.
    pub hostile: bool,
    /// Spreads many participants over time: any number.
    pub phase: u64,
    /// Where media runs; the caller's runtime when `None`.
    pub media_runtime: Option<tokio::runtime::Handle>,
    /// How long to try to come back after the link broke.
    pub come_back_within: Duration,
}

impl JoinOptions {
    /// Publishing nothing, with the default plan.
    #[must_use]
    pub fn new(api: Api, invite: Invite, name: impl Into<String>) -> Self {
        Self {
            api,
            invite,
            name: name.into(),
            plan: MediaPlan::default(),
            engine: Engine::default(),
            publish: Vec::new(),
            hostile: false,
            phase: 0,
            media_runtime: None,
            come_back_within: Duration::from_secs(60),
        }
    }

    /// Publishes these sources from the start.
    #[must_use]
    pub fn publish(mut self, sources: impl IntoIterator<Item = Source>) -> Self {
        self.publish = sources.into_iter().collect();
        self
    }

    /// Offers this media.
    #[must_use]
    pub fn plan(mut self, plan: MediaPlan) -> Self {
        self.plan = plan;
        self
    }

    /// Plays the peer with this library.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Sends media whatever the meeting says.
    #[must_use]
    pub fn hostile(mut self) -> Self {
        self.hostile = true;
        self
    }
}

/// What happens to a participant.
#[derive(Clone)]
#[non_exhaustive]
pub enum Happening {
    /// The session is open (again).
    Joined {
        /// Whether it continues an earlier one without a gap.
        resumed: bool,
    },
    /// The session is in the lobby, until it is let in.
    Waiting {
        /// Why.
        reason: WaitReason,
        /// The place in the queue, counted from 1.
        position: u32,
    },
    /// The link broke; the participant comes back by itself.
    LinkLost,
    /// Something happened in the meeting.
    Event(EventFrame),
    /// Slots changed.
    Slots(Vec<Slot>),
    /// Who speaks changed.
    Speaking(Vec<ParticipantId>),
    /// Whether the server can keep what happens changed; while it cannot, what is
    /// asked is refused as `unavailable`.
    Storage(bool),
    /// The media connection changed.
    Media(LinkState),
    /// The session is over for good.
    Over(Over),
}

/// Why joining came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No token.
    #[error("no token to join with")]
    Api(#[from] ApiError),
    /// No media connection.
    #[error("no media connection to offer")]
    Media(#[from] MediaError),
    /// Not let in.
    #[error("the session ended before it opened")]
    Over(#[source] Over),
    /// The task behind the participant is gone.
    #[error("the session ended without saying why")]
    Gone,
}

/// Someone in a meeting. Dropping it cuts the connections without a word, as a
/// crashed browser does; [`Participant::leave`] says goodbye.
pub struct Participant {
    asks: mpsc::Sender<Ask>,
    happenings: broadcast::Sender<Happening>,
    room: watch::Receiver<Option<Room>>,
    media: watch::Receiver<LinkState>,
    devices: Devices,
    offers: Arc<AtomicU32>,
    me: ParticipantId,
    meeting: MeetingId,
    joined_in: Duration,
}

impl Participant {
    /// Gets a token, opens the session, offers media and publishes.
    ///
    /// # Errors
    /// When any step before the open session fails. Publishing happens after it.
    pub async fn join(options: JoinOptions) -> Result<Self, JoinError> {
        let start = Instant::now();
        let token = options.api.token(&options.invite, &options.name).await?;
        let mut session = SessionConfig::new(token.token);
        session.come_back_within = options.come_back_within;
        let devices = Devices::new(&options.plan, options.phase);
        let (asks, asked) = mpsc::channel(256);
        let (happenings, mut first) = broadcast::channel(4096);
        let (room_in, room) = watch::channel(None);
        let (media_in, media) = watch::channel(LinkState::Waiting);
        let (identity, identified) = oneshot::channel();
        let offers = Arc::new(AtomicU32::new(0));
        tokio::spawn(owner::run(owner::Parts {
            session,
            options,
            devices: devices.clone(),
            asks: asked,
            happenings: happenings.clone(),
            room: room_in,
            media: media_in,
            identity: Some(identity),
            offers: offers.clone(),
        }));
        match identified.await {
            Ok((me, meeting)) => Ok(Self {
                asks,
                happenings,
                room,
                media,
                devices,
                offers,
                me,
                meeting,
                joined_in: start.elapsed(),
            }),
            Err(_) => loop {
                match first.try_recv() {
                    Ok(Happening::Over(over)) => return Err(JoinError::Over(over)),
                    Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                    Err(_) => return Err(JoinError::Gone),
                }
            },
        }
    }

    /// Who this is.
    #[must_use]
    pub fn id(&self) -> ParticipantId {
        self.me
    }

    /// The meeting joined at first.
    #[must_use]
    pub fn meeting(&self) -> MeetingId {
        self.meeting
    }

    /// From asking for a token to the open session.
    #[must_use]
    pub fn joined_in(&self) -> Duration {
        self.joined_in
    }

    /// How many session descriptions were offered so far: one, unless media had to be
    /// connected again.
    #[must_use]
    pub fn offers(&self) -> u32 {
        self.offers.load(Ordering::Relaxed)
    }

    /// Publishes one of one's own sources.
    ///
    /// # Errors
    /// As for every request: refused, no answer, or no session.
    pub async fn publish(&self, source: Source) -> Result<(), Failure> {
        self.ask(ClientBody::Publish { source }).await
    }

    /// Stops one of one's own sources, or another's.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn stop(&self, target: ParticipantId, source: Source) -> Result<(), Failure> {
        self.ask(ClientBody::Stop { target, source }).await
    }

    /// Closes a microphone, one's own or another's.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn mute(&self, target: ParticipantId) -> Result<(), Failure> {
        self.ask(ClientBody::Mute { target }).await
    }

    /// Opens one's own microphone.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn unmute(&self) -> Result<(), Failure> {
        self.ask(ClientBody::Unmute).await
    }

    /// Raises one's own hand.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn raise_hand(&self) -> Result<(), Failure> {
        self.ask(ClientBody::RaiseHand).await
    }

    /// Lowers a hand, one's own or another's.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn lower_hand(&self, target: ParticipantId) -> Result<(), Failure> {
        self.ask(ClientBody::LowerHand { target }).await
    }

    /// Says something to everyone.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn chat(&self, text: impl Into<String>) -> Result<(), Failure> {
        self.ask(ClientBody::say(text)).await
    }

    /// Gives the presenter mark.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn give_presenter(&self, target: ParticipantId) -> Result<(), Failure> {
        self.ask(ClientBody::GivePresenter { target }).await
    }

    /// Sets or releases a lock.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn set_lock(&self, lock: Lock, on: bool) -> Result<(), Failure> {
        self.ask(ClientBody::SetLock { lock, on }).await
    }

    /// Says what to see and how high, most wanted first.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn wish(&self, wishes: Vec<Wish>) -> Result<(), Failure> {
        self.ask(ClientBody::Wish { wishes }).await
    }

    /// Ends the meeting for all.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn end(&self) -> Result<(), Failure> {
        self.ask(ClientBody::End).await
    }

    /// Goes for good and waits until the session is over.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn leave(self) -> Result<(), Failure> {
        match self.ask(ClientBody::Leave).await {
            // The goodbye may overtake the answer.
            Ok(()) | Err(Failure::LinkLost) => {
                self.asks.closed().await;
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Sends any message, also ones with no method here: for showing what a server refuses.
    ///
    /// # Errors
    /// See [`Participant::publish`].
    pub async fn ask(&self, body: ClientBody) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        let gone = Failure::NotOpen("over");
        self.asks.send(Ask::Request { body, reply }).await.map_err(|_| gone.clone())?;
        answer.await.map_err(|_| gone)?
    }

    /// Cuts the WebSocket without a word; the participant comes back by itself.
    pub async fn cut(&self) {
        // A participant that is over has nothing left to cut.
        let _ = self.asks.send(Ask::Cut).await;
    }

    /// Follows what happens, from now on; bounded, a slow reader misses the oldest.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Happening> {
        self.happenings.subscribe()
    }

    /// The meeting as it is known now.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        self.room.borrow().clone()
    }

    /// Waits until the meeting, as this participant knows it, is as asked; `false`
    /// when the session ended before. Bound it in time.
    pub async fn until(&self, holds: impl Fn(&Room) -> bool) -> bool {
        let mut room = self.room.clone();
        room.wait_for(|room| room.as_ref().is_some_and(&holds)).await.is_ok()
    }

    /// Waits until media is connected; `false` when the session ended before.
    pub async fn until_media(&self) -> bool {
        let mut media = self.media.clone();
        media.wait_for(|state| *state == LinkState::Connected).await.is_ok()
    }

    /// Waits until what was received is as asked, looking every 10 ms. Bound it in time.
    pub async fn until_received(&self, holds: impl Fn(&Reception) -> bool) {
        while !self.devices.reception(|reception| holds(reception)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Works with what was received: counters per slot and source, latencies.
    pub fn stats<R>(&self, work: impl FnOnce(&mut Reception) -> R) -> R {
        self.devices.reception(work)
    }

    /// The counters of the slot that carries a source now.
    #[must_use]
    pub fn slot_of(&self, from: ParticipantId, source: Source) -> Option<SlotCounts> {
        let mid = self.room.borrow().as_ref()?.slot_of(from, source)?.mid.clone();
        self.devices.reception(|reception| reception.slots().remove(&mid))
    }

    /// The synthetic devices and counters themselves.
    #[must_use]
    pub fn devices(&self) -> &Devices {
        &self.devices
    }
}

impl std::fmt::Debug for Participant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Participant")
            .field("me", &self.me)
            .field("meeting", &self.meeting)
            .finish_non_exhaustive()
    }
}
