//! One run of a workload: everyone joins, media flows, what arrived is counted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use conf_proto::{ParticipantId, Source, VideoCodec};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::{sleep, sleep_until};

use super::machine::{Machine, date};
use super::report::{Report, Second, Spread, Trace, Versions};
use super::whip::{Resource, Way, Whip, WhipError};
use super::workload::{Course, Workload};
use crate::light::{
    AnswerError, Engine, Figures, Peer, PeerError, PeerId, PeerPlan, Profile, State, Whom,
};
use crate::process::{self, ProcessCost};
use crate::synthetic::studio::{SILENCE, SPEECH};

/// People who join at the same time.
const JOINING_AT_ONCE: usize = 8;
/// How long media may take to connect.
const CONNECTED_WITHIN: Duration = Duration::from_secs(30);
/// From the last one's keys to the first counted packet: keyframes arrive, estimates settle.
const WARM_UP: Duration = Duration::from_secs(3);
/// From the last packet sent to the last one counted: repairs arrive.
const SETTLE: Duration = Duration::from_millis(1500);
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

/// How far a run is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Progress {
    /// People are joining.
    Joining {
        /// How many are in.
        joined: u32,
        /// How many there will be.
        of: u32,
    },
    /// Media begins to flow.
    WarmingUp,
    /// A second was counted.
    Second(Second),
    /// Nobody sends any more; repairs arrive.
    Settling,
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
struct Member {
    peer: PeerId,
    room: u32,
    /// The person's number within the room.
    person: u32,
    way: Way,
    late: bool,
    resource: Resource,
}

/// One session that is to be made.
#[derive(Clone, Copy)]
struct Seat {
    room: u32,
    person: u32,
    way: Way,
    late: bool,
}

impl Seat {
    fn id(self) -> String {
        format!("p{}", self.person)
    }
}

struct Run<'a> {
    workload: &'a Workload,
    options: &'a Options,
    engine: Engine,
    members: Vec<Member>,
}

/// Runs a workload; every second goes to `progress` as well as into the figures.
///
/// # Errors
/// When someone cannot join, or the server's process cannot be read.
pub async fn run(
    workload: &Workload,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Report, RunError> {
    if workload.course == Course::Recorded {
        return Err(RunError::NotThereYet(
            "recorder-on needs the recorder, which is not there yet; run `meeting` instead",
        ));
    }
    let _ = crate::light::allow_sockets(u64::from(workload.people()) * 2 + 1024);
    let before = cost(options)?;
    let engine = Engine::start(options.threads)?;
    let mut run = Run { workload, options, engine, members: Vec::new() };

    let (publishing, watching) = run.seats();
    let of = (publishing.len() + watching.len()) as u32;
    run.join(publishing, |joined| progress(Progress::Joining { joined, of })).await?;
    run.connected().await?;
    // Media flows before viewers come: a server may need to see a stream to offer it.
    run.send(true);
    run.join(watching, |joined| progress(Progress::Joining { joined, of })).await?;
    run.connected().await?;
    progress(Progress::WarmingUp);
    sleep(WARM_UP).await;

    run.engine.reset();
    let start = Instant::now();
    let first = run.engine.figures();
    let (from, own_from) = (cost(options)?, own_cost());
    let late = run.late_seats();
    let mut late_members = Vec::new();
    let mut seconds = Vec::new();
    {
        let coming = come_late(&run, &late, start);
        let counting = run.count(start, &mut seconds, &mut progress);
        let (came, counted) = tokio::join!(coming, counting);
        late_members.extend(came?);
        counted?;
    }
    let at_end = run.engine.figures();
    let elapsed = start.elapsed().as_secs_f64();
    let (to, own_to) = (cost(options)?, own_cost());
    run.members.extend(late_members);

    progress(Progress::Settling);
    run.send(false);
    sleep(SETTLE).await;
    let settled = run.engine.figures();
    let measured = Measured {
        before,
        from,
        to,
        own_cpu: own_to.saturating_sub(own_from),
        elapsed,
        first,
        at_end,
        settled,
    };
    let report = run.report(&measured);
    run.leave().await;
    Ok(report)
}

/// Everything a report is made of.
struct Measured {
    before: Option<ProcessCost>,
    from: Option<ProcessCost>,
    to: Option<ProcessCost>,
    own_cpu: Duration,
    elapsed: f64,
    first: Figures,
    at_end: Figures,
    settled: Figures,
}

impl Run<'_> {
    /// Who publishes, and who watches.
    fn seats(&self) -> (Vec<Seat>, Vec<Seat>) {
        let (mut publishing, mut watching) = (Vec::new(), Vec::new());
        let Workload { rooms, publishers, viewers, publishers_watch, .. } = *self.workload;
        for room in 0..rooms {
            for person in 0..publishers + viewers {
                let publishes = person < publishers;
                if publishes {
                    publishing.push(Seat { room, person, way: Way::Publish, late: false });
                }
                if !publishes || (publishers_watch && publishers > 1) {
                    watching.push(Seat { room, person, way: Way::Play, late: false });
                }
            }
        }
        (publishing, watching)
    }

    fn late_seats(&self) -> Vec<Seat> {
        let Course::Joins { joins, .. } = self.workload.course else { return Vec::new() };
        let there = self.workload.publishers + self.workload.viewers;
        let seat = |n| Seat { room: 0, person: there + n, way: Way::Play, late: true };
        (0..joins).map(seat).collect()
    }

    async fn join(
        &mut self,
        seats: Vec<Seat>,
        mut joined: impl FnMut(u32),
    ) -> Result<(), RunError> {
        let there = self.members.len();
        let this = &*self;
        let mut members: Vec<Member> = Vec::with_capacity(seats.len());
        let mut joining =
            stream::iter(seats).map(|seat| this.sit_down(seat)).buffer_unordered(JOINING_AT_ONCE);
        while let Some(member) = joining.try_next().await? {
            members.push(member);
            joined((there + members.len()) as u32);
        }
        drop(joining);
        self.members.extend(members);
        Ok(())
    }

    async fn sit_down(&self, seat: Seat) -> Result<Member, RunError> {
        let who = seat.id();
        let number = seat.room * 10_000 + seat.person;
        let plan = self.plan(seat, number);
        let (mut peer, offer) =
            Peer::offer(&plan).map_err(|source| RunError::Peer { who: who.clone(), source })?;
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

    fn plan(&self, seat: Seat, number: u32) -> PeerPlan {
        let workload = self.workload;
        let publishes = seat.way == Way::Publish;
        // Who publishes does not see itself.
        let senders = workload.publishers - u32::from(seat.person < workload.publishers);
        let (video_slots, audio_slots) = if publishes { (0, 0) } else { workload.slots(senders) };
        let drop_ppm = match workload.course {
            Course::Lossy { ppm } if !publishes => ppm,
            _ => 0,
        };
        PeerPlan {
            from: ParticipantId::from_number(u128::from(number) + 1),
            microphone: publishes && workload.microphone,
            camera: workload.camera.filter(|_| publishes).map(|camera| camera.plan()),
            audio_slots,
            video_slots,
            codec: VideoCodec::Vp8,
            local: self.options.local,
            // Any odd spread will do: frames of different people must not march in step.
            phase: u64::from(number) * 7_919,
            open_every: self.options.open_every,
            drop_ppm,
        }
    }

    /// Waits until all have their keys.
    async fn connected(&self) -> Result<(), RunError> {
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

    fn send(&self, on: bool) {
        let on = on && self.workload.course != Course::Muted;
        if let (true, Course::Rotation { .. }) = (on, self.workload.course) {
            self.members.iter().for_each(|member| self.engine.speak(member.peer, SILENCE));
        }
        for source in [Source::Microphone, Source::Camera] {
            self.engine.switch(Whom::All, source, on);
        }
    }

    /// Counts for as long as the workload lasts.
    async fn count(
        &self,
        start: Instant,
        seconds: &mut Vec<Second>,
        progress: &mut impl FnMut(Progress),
    ) -> Result<(), RunError> {
        let length = Duration::from_secs(self.workload.seconds);
        let mut cpu = cost(self.options)?.map(|cost| cost.cpu);
        let mut own_cpu = own_cost();
        let (mut packets, mut repaired) = (0, 0);
        let mut turn = 0;
        let mut speaker: Option<PeerId> = None;
        while start.elapsed() < length {
            let next = start + Duration::from_secs(seconds.len() as u64 + 1);
            if let Course::Rotation { every } = self.workload.course {
                let now = (start.elapsed().as_millis() / every.as_millis().max(1)) as usize;
                let mut senders = self.members.iter().filter(|m| m.way == Way::Publish);
                if now >= turn
                    && let Some(member) = senders.nth(now % self.workload.publishers as usize)
                {
                    speaker.into_iter().for_each(|before| self.engine.speak(before, SILENCE));
                    self.engine.speak(member.peer, SPEECH);
                    speaker = Some(member.peer);
                    turn = now + 1;
                }
            }
            sleep_until(next.into()).await;
            let figures = self.engine.figures();
            let cpu_now = cost(self.options)?.map(|cost| cost.cpu);
            let own_now = own_cost();
            let passed = |now: Duration, before: Duration| now.saturating_sub(before).as_secs_f64();
            let second = Second {
                at_seconds: start.elapsed().as_secs_f64(),
                packets: figures.total.packets.saturating_sub(packets),
                missing: figures.lost,
                repaired: figures.total.repaired.saturating_sub(repaired),
                server_cpu_seconds: cpu_now.zip(cpu).map(|(now, before)| passed(now, before)),
                generator_cpu_seconds: passed(own_now, own_cpu),
            };
            (packets, repaired) = (figures.total.packets, figures.total.repaired);
            (cpu, own_cpu) = (cpu_now, own_now);
            seconds.push(second);
            progress(Progress::Second(second));
        }
        Ok(())
    }

    fn report(&self, measured: &Measured) -> Report {
        let Measured { before, from, to, own_cpu, elapsed, first, at_end, settled } = measured;
        let workload = self.workload;
        let counts = at_end.total;
        let late: BTreeMap<PeerId, &Member> =
            self.members.iter().filter(|m| m.late).map(|m| (m.peer, m)).collect();
        let joined = |wanted: bool| {
            let of = settled.peers.iter().filter(|(id, _)| late.contains_key(id) == wanted);
            let joins = of.filter_map(|(_, peer)| peer.joined_in);
            Spread::of(joins.map(|took| took.as_secs_f64() * 1000.0).collect())
        };
        let ms = |us: u64| us as f64 / 1000.0;
        let latency = &settled.latency_us;
        let cpu = from.zip(*to).map(|(from, to)| to.cpu.saturating_sub(from.cpu).as_secs_f64());
        let participants = workload.people() + late.len() as u32;
        let expected = workload.reaches_all().then(|| self.expected(first, settled));
        let arrived = settled.total.packets + settled.total.repaired;
        let undelivered =
            expected.filter(|_| late.is_empty()).map(|expected| expected.saturating_sub(arrived));
        let mut notes = Vec::new();
        let mut note = |count: u64, what: &str| {
            if count > 0 {
                notes.push(format!("{count} {what} at scale {}", self.options.scale));
            }
        };
        note(settled.lost, "packets stayed lost");
        note(settled.total.auth_failures, "packets could not be opened");
        note(settled.total.unmarked, "packets held something else than was sent");
        note(settled.total.refused, "packets were not taken by the generator's kernel");
        if workload.reaches_all() {
            note(settled.total.withheld, "packets were left out by the server");
        }
        // Packets that were on their way at the first moment are counted on one side only.
        let edge = 2 * settled.peers.len() as u64 + arrived / 2000;
        note(undelivered.unwrap_or(0).saturating_sub(edge), "packets were not delivered");
        if workload.course != Course::Muted && counts.packets == 0 {
            notes.push("nothing was delivered".to_owned());
        }
        let gone = settled.peers.iter().filter(|(_, peer)| peer.state != State::Connected).count();
        if gone > 0 {
            notes.push(format!("{gone} peers lost their connection"));
        }
        let profile = settled.peers.iter().find_map(|(_, peer)| peer.profile);
        Report {
            workload: workload.name.to_owned(),
            scale: self.options.scale,
            rooms: workload.rooms,
            participants,
            seconds: *elapsed,
            valid: notes.is_empty(),
            notes,
            delivered_packets: counts.packets,
            expected_packets: expected,
            undelivered,
            payload_bytes: counts.bytes,
            lost: settled.lost,
            repaired: settled.total.repaired,
            duplicates: settled.total.repeated,
            auth_failures: settled.total.auth_failures,
            checked: settled.total.checked,
            server_cpu_seconds: cpu,
            us_per_packet: cpu
                .filter(|_| counts.packets > 0)
                .map(|cpu| cpu * 1e6 / counts.packets as f64),
            latency_ms: Spread {
                p50: ms(latency.value_at_quantile(0.5)),
                p99: ms(latency.value_at_quantile(0.99)),
                max: ms(latency.max()),
            },
            join_ms: joined(false),
            late_join_ms: (!late.is_empty()).then(|| joined(true)),
            pss_before: before.map(|cost| cost.pss),
            pss_after: to.map(|cost| cost.pss),
            pss_per_participant: before.zip(*to).map(|(before, to)| {
                (to.pss as i64 - before.pss as i64) / i64::from(participants.max(1))
            }),
            generator_cpu_seconds: own_cpu.as_secs_f64(),
            srtp_profile: profile.map(Profile::name),
            counts: settled.total,
            trace: self.trace(at_end, *elapsed),
            machine: Machine::this(),
            versions: Versions {
                conf_load: env!("CARGO_PKG_VERSION"),
                server: self.options.server.clone(),
            },
            date: date(),
        }
    }

    /// What every sender sent since `first`, times those who were to receive it.
    fn expected(&self, first: &Figures, last: &Figures) -> u64 {
        let sent = |figures: &Figures, id: PeerId| {
            let at = figures.peers.binary_search_by_key(&id, |(id, _)| *id).ok();
            let peer = at.and_then(|at| figures.peers.get(at));
            peer.map_or(0, |(_, peer)| peer.sent.0 + peer.sent.1)
        };
        let publishing = self.members.iter().filter(|member| member.way == Way::Publish);
        publishing
            .map(|member| {
                let receivers = self.members.iter().filter(|other| {
                    other.way == Way::Play
                        && !other.late
                        && other.room == member.room
                        && other.person != member.person
                });
                let sent = sent(last, member.peer).saturating_sub(sent(first, member.peer));
                sent * receivers.count() as u64
            })
            .sum()
    }

    fn trace(&self, figures: &Figures, seconds: f64) -> Trace {
        let workload = self.workload;
        let total = figures.total;
        let streams = figures.peers.iter().fold((0u64, 0u64), |sum, (_, peer)| {
            (sum.0 + u64::from(peer.streams.0), sum.1 + u64::from(peer.streams.1))
        });
        let per = |of: f64, what: f64| if what > 0.0 { of / what } else { 0.0 };
        let audio_payload = if total.audio_packets > 0 { 60.0 } else { 0.0 };
        let video = total.packets.saturating_sub(total.audio_packets) as f64;
        let audio_bytes = total.audio_packets as f64 * audio_payload;
        let receivers = self.members.iter().filter(|member| member.way == Way::Play).count();
        Trace {
            senders: workload.rooms * workload.publishers,
            video_streams: streams.1,
            audio_streams: streams.0,
            receivers: receivers as u32,
            frames_per_second: per(total.frames as f64 / seconds, streams.1 as f64),
            packets_per_frame: per(video, total.frames as f64),
            video_payload_bytes: per(total.bytes as f64 - audio_bytes, video),
            audio_packets_per_second: per(total.audio_packets as f64 / seconds, streams.0 as f64),
            audio_payload_bytes: audio_payload,
        }
    }

    async fn leave(&self) {
        stream::iter(&self.members)
            .for_each_concurrent(JOINING_AT_ONCE, |member| async {
                self.engine.remove(member.peer);
                // Who cannot say goodbye is missed soon enough.
                let _ = self.options.whip.end(&member.resource).await;
            })
            .await;
    }
}

/// Lets the late ones in, evenly over their time.
async fn come_late(run: &Run<'_>, seats: &[Seat], start: Instant) -> Result<Vec<Member>, RunError> {
    let Course::Joins { joins, within } = run.workload.course else { return Ok(Vec::new()) };
    let joining = seats.iter().enumerate().map(|(place, seat)| async move {
        let at = start + within * place as u32 / joins.max(1);
        sleep_until(at.into()).await;
        run.sit_down(*seat).await
    });
    futures_util::future::try_join_all(joining).await
}

fn cost(options: &Options) -> Result<Option<ProcessCost>, RunError> {
    let Some(pid) = options.server_pid else { return Ok(None) };
    process::cost(pid).map(Some).map_err(|source| RunError::Process { pid, source })
}

fn own_cost() -> Duration {
    process::cost(std::process::id()).map_or(Duration::ZERO, |cost| cost.cpu)
}
