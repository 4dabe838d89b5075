//! Peers that joined a server's rooms together, and what can go wrong with that.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::sleep;

use super::whip::{Resource, Way, Whip, WhipError};
use crate::light::{AnswerError, Engine, Peer, PeerError, PeerFigures, PeerId, PeerPlan, State};
use crate::process::{self, ProcessCost};

/// People who join or leave at the same time.
pub(super) const AT_ONCE: usize = 8;
/// How long media may take to connect.
const CONNECTED_WITHIN: Duration = Duration::from_secs(30);
/// How often it is looked whether all are connected.
const LOOK: Duration = Duration::from_millis(20);

/// How a workload is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server.
    pub whip: Whip,
    /// What the rooms' names begin with.
    pub room: String,
    /// By what the workload was multiplied: for the report.
    pub scale: f64,
    /// The server's process.
    pub server_pid: Option<u32>,
    /// What the server is, for the report.
    pub server: String,
    /// The address media is sent from.
    pub local: IpAddr,
    /// Threads that play the peers.
    pub threads: usize,
    /// On average one received packet of so many is opened.
    pub open_every: u32,
}

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is nothing yet that could be measured.
    #[error("{0}")]
    NotThereYet(&'static str),
    /// No threads or descriptors.
    #[error("the generator cannot start")]
    Engine(#[from] std::io::Error),
    /// No peer.
    #[error("no peer for {who}")]
    Peer {
        /// Whose.
        who: String,
        /// Why.
        #[source]
        source: PeerError,
    },
    /// The server did not take someone.
    #[error("{who} could not join")]
    Join {
        /// Who.
        who: String,
        /// Why.
        #[source]
        source: WhipError,
    },
    /// The server's answer cannot be used.
    #[error("the answer to {who} cannot be used")]
    Answer {
        /// Who.
        who: String,
        /// Why.
        #[source]
        source: AnswerError,
    },
    /// Handshakes did not come to an end.
    #[error("{missing} of {of} peers did not connect within {CONNECTED_WITHIN:?}")]
    NotConnected {
        /// How many.
        missing: usize,
        /// Of how many.
        of: usize,
    },
    /// Memory and processor time are what is measured.
    #[error("this measures the server's process: name it with its id")]
    NoProcess,
    /// The server's process cannot be read.
    #[error("the process {pid} cannot be read")]
    Process {
        /// Which.
        pid: u32,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Someone who has joined.
pub(super) struct Member {
    pub(super) peer: PeerId,
    pub(super) room: u32,
    /// The person's number within the room.
    pub(super) person: u32,
    pub(super) way: Way,
    pub(super) late: bool,
    pub(super) resource: Resource,
}

/// One session that is to be made.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub(super) room: u32,
    pub(super) person: u32,
    pub(super) way: Way,
    pub(super) late: bool,
}

impl Seat {
    pub(super) fn id(self) -> String {
        format!("p{}", self.person)
    }
}

/// Everyone of this tool who is there.
pub(super) struct Party<'a> {
    pub(super) options: &'a Options,
    pub(super) engine: Engine,
    pub(super) members: Vec<Member>,
}

impl<'a> Party<'a> {
    /// Nobody yet, with room for so many.
    pub(super) fn new(options: &'a Options, most: u32) -> Result<Self, RunError> {
        // With fewer sockets than that, the one that fails says so.
        let _ = crate::light::allow_sockets(u64::from(most) * 2 + 1024);
        let engine = Engine::start(options.threads)?;
        Ok(Self { options, engine, members: Vec::new() })
    }

    /// Seats people, a few at a time; says how many are there.
    pub(super) async fn join(
        &mut self,
        seats: Vec<(Seat, PeerPlan)>,
        mut joined: impl FnMut(u32),
    ) -> Result<(), RunError> {
        let there = self.members.len();
        let this = &*self;
        let mut members: Vec<Member> = Vec::with_capacity(seats.len());
        let mut joining = stream::iter(seats)
            .map(|(seat, plan)| async move { this.sit_down(seat, &plan).await })
            .buffer_unordered(AT_ONCE);
        while let Some(member) = joining.try_next().await? {
            members.push(member);
            joined((there + members.len()) as u32);
        }
        drop(joining);
        self.members.extend(members);
        Ok(())
    }

    /// One offer, one answer.
    pub(super) async fn sit_down(&self, seat: Seat, plan: &PeerPlan) -> Result<Member, RunError> {
        let who = seat.id();
        let (mut peer, offer) =
            Peer::offer(plan).map_err(|source| RunError::Peer { who: who.clone(), source })?;
        let room = format!("{}-{}", self.options.room, seat.room);
        let (resource, answer) = self
            .options
            .whip
            .offer(seat.way, &room, &who, offer)
            .await
            .map_err(|source| RunError::Join { who: who.clone(), source })?;
        peer.accept(&answer).map_err(|source| RunError::Answer { who, source })?;
        let peer = self.engine.add(peer);
        let Seat { room, person, way, late } = seat;
        Ok(Member { peer, room, person, way, late, resource })
    }

    /// Waits until all have their keys.
    pub(super) async fn connected(&self) -> Result<(), RunError> {
        let deadline = Instant::now() + CONNECTED_WITHIN;
        loop {
            let peers = self.engine.figures().peers;
            let missing = peers.iter().filter(|(_, p)| p.state != State::Connected).count();
            let lost = peers.iter().any(|(_, peer)| peer.state == State::Lost);
            if missing == 0 {
                return Ok(());
            }
            if lost || Instant::now() > deadline {
                return Err(RunError::NotConnected { missing, of: peers.len() });
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until one has its keys or is lost; `None` when it is neither in time.
    pub(super) async fn until_connected(&self, peer: PeerId) -> Option<PeerFigures> {
        let deadline = Instant::now() + CONNECTED_WITHIN;
        while Instant::now() < deadline {
            let figures = self.engine.figures_of(peer)?;
            if figures.state != State::Connecting {
                return Some(figures);
            }
            sleep(LOOK / 10).await;
        }
        None
    }

    /// Everyone says goodbye.
    pub(super) async fn leave(&mut self) {
        stream::iter(&self.members)
            .for_each_concurrent(AT_ONCE, |member| async {
                self.engine.remove(member.peer);
                // Who cannot say goodbye is missed soon enough.
                let _ = self.options.whip.end(&member.resource).await;
            })
            .await;
        self.members.clear();
    }
}

/// What the server's process has cost so far, if it is known.
pub(super) fn cost(options: &Options) -> Result<Option<ProcessCost>, RunError> {
    let Some(pid) = options.server_pid else { return Ok(None) };
    process::cost(pid).map(Some).map_err(|source| RunError::Process { pid, source })
}

/// What this process has cost so far.
pub(super) fn own_cost() -> Duration {
    process::cost(std::process::id()).map_or(Duration::ZERO, |cost| cost.cpu)
}
