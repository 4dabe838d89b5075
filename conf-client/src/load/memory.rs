//! What participants cost the server in memory: idle, receiving, and after many came and went.

use std::time::{Duration, Instant};

use conf_proto::{ParticipantId, Source, VideoCodec};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use tokio::time::sleep;

use super::machine::{Machine, date};
use super::party::{AT_ONCE, Options, Party, RunError, Seat, cost};
use super::report::{Spread, Versions};
use super::whip::Way;
use crate::light::{PeerPlan, State, Whom};
use crate::synthetic::CameraPlan;

/// Videos a participant receives.
const VIDEOS: u32 = 9;
/// Lines for sound each participant offers.
const AUDIO_SLOTS: u16 = 4;
/// Idle participants, and participants who receive, at scale 1.
const PARTICIPANTS: u32 = 200;
/// Joins and leaves at scale 1.
const JOINS: u32 = 10_000;
/// How long media flows before memory is read.
const FLOWING: Duration = Duration::from_secs(8);
/// How long nothing happens before memory is read.
const RESTING: Duration = Duration::from_secs(2);
/// How long a server has to give memory back after everyone left.
const LEFT: Duration = Duration::from_secs(25);

/// What participants cost, in bytes of proportional memory of the server's process.
#[derive(Debug, Clone, Serialize)]
pub struct MemoryReport {
    /// `memory`.
    pub measure: &'static str,
    /// Participants, senders not counted.
    pub participants: u32,
    /// Videos each receives.
    pub videos: u32,
    /// Before anyone joined.
    pub pss_before: u64,
    /// With the senders, who sent for a while and are silent now.
    pub pss_senders: u64,
    /// With everyone, nobody sending since the last ones joined.
    pub pss_idle: u64,
    /// While all videos flow to everyone.
    pub pss_media: u64,
    /// After everyone left.
    pub pss_left: u64,
    /// Growth for each idle participant.
    pub idle_per_participant: i64,
    /// Growth for each participant who receives all videos.
    pub media_per_participant: i64,
    /// Whether every participant received every video, and nothing was lost.
    pub valid: bool,
    /// On what it was measured.
    pub machine: Machine,
    /// The versions of what took part.
    pub versions: Versions,
    /// When, in UTC.
    pub date: String,
}

/// What many joins and leaves left behind.
#[derive(Debug, Clone, Serialize)]
pub struct ChurnReport {
    /// `joins-and-leaves`.
    pub measure: &'static str,
    /// How many joined, connected and left.
    pub joins: u32,
    /// For how long, in seconds.
    pub seconds: f64,
    /// From the offer to the keys.
    pub join_ms: Spread,
    /// The server's processor time for each, in microseconds.
    pub us_per_join: f64,
    /// Proportional memory before the first one, in bytes.
    pub pss_before: u64,
    /// After every tenth part of them, when all had left.
    pub pss_tenths: Vec<u64>,
    /// At the end.
    pub pss_after: u64,
    /// On what it was measured.
    pub machine: Machine,
    /// The versions of what took part.
    pub versions: Versions,
    /// When, in UTC.
    pub date: String,
}

/// Measures idle participants and those who receive nine videos.
///
/// # Errors
/// When someone cannot join, or the server's process is not named or cannot be read.
pub async fn participants(options: &Options) -> Result<MemoryReport, RunError> {
    let people = scaled(PARTICIPANTS, options.scale);
    let mut party = Party::new(options, people + VIDEOS)?;
    let pss_before = pss(options)?;
    let senders = (0..VIDEOS).map(|person| {
        let seat = Seat { room: 0, person, way: Way::Publish, late: false };
        let camera = Some(CameraPlan::single(300, 15));
        (seat, PeerPlan { camera, ..plan(options, person) })
    });
    party.join(senders.collect(), |_| {}).await?;
    party.connected().await?;
    // What senders need is not what receivers cost: it is there before they come.
    party.engine.switch(Whom::All, Source::Camera, true);
    sleep(FLOWING).await;
    party.engine.switch(Whom::All, Source::Camera, false);
    sleep(RESTING).await;
    let pss_senders = pss(options)?;

    let receivers = (VIDEOS..VIDEOS + people).map(|person| {
        let seat = Seat { room: 0, person, way: Way::Play, late: false };
        let (audio_slots, video_slots) = (AUDIO_SLOTS, VIDEOS as u16);
        (seat, PeerPlan { audio_slots, video_slots, ..plan(options, person) })
    });
    party.join(receivers.collect(), |_| {}).await?;
    party.connected().await?;
    sleep(RESTING).await;
    let pss_idle = pss(options)?;

    party.engine.switch(Whom::All, Source::Camera, true);
    sleep(FLOWING).await;
    let pss_media = pss(options)?;
    party.engine.switch(Whom::All, Source::Camera, false);
    sleep(RESTING).await;
    let figures = party.engine.figures();
    let mut receiving = figures.peers.iter().skip(VIDEOS as usize);
    let valid = receiving.all(|(_, peer)| peer.streams.1 == VIDEOS) && figures.lost == 0;
    party.leave().await;
    sleep(LEFT).await;
    let pss_left = pss(options)?;
    let each = |with: u64| (with as i64 - pss_senders as i64) / i64::from(people);
    Ok(MemoryReport {
        measure: "memory",
        participants: people,
        videos: VIDEOS,
        pss_before,
        pss_senders,
        pss_idle,
        pss_media,
        pss_left,
        idle_per_participant: each(pss_idle),
        media_per_participant: each(pss_media),
        valid,
        machine: Machine::this(),
        versions: versions(options),
        date: date(),
    })
}

/// Lets many join, connect and leave; calls `progress` with how many have.
///
/// # Errors
/// As [`participants`].
pub async fn joins_and_leaves(
    options: &Options,
    mut progress: impl FnMut(u32),
) -> Result<ChurnReport, RunError> {
    let joins = scaled(JOINS, options.scale);
    let party = Party::new(options, AT_ONCE as u32)?;
    // The first ones find things that are made once.
    let tenth = joins.div_ceil(10);
    come_and_go(&party, 0..tenth.min(100)).await?;
    sleep(RESTING).await;
    let (from, pss_before) = (cpu(options)?, pss(options)?);
    let start = Instant::now();
    let (mut took, mut pss_tenths, mut done) = (Vec::new(), Vec::new(), 0);
    while done < joins {
        let next = (done + tenth).min(joins);
        took.extend(come_and_go(&party, done..next).await?);
        done = next;
        pss_tenths.push(pss(options)?);
        progress(done);
    }
    let seconds = start.elapsed().as_secs_f64();
    let cpu = cpu(options)?.saturating_sub(from);
    sleep(RESTING).await;
    Ok(ChurnReport {
        measure: "joins-and-leaves",
        joins,
        seconds,
        join_ms: Spread::of(took),
        us_per_join: cpu.as_secs_f64() * 1e6 / f64::from(joins.max(1)),
        pss_before,
        pss_tenths,
        pss_after: pss(options)?,
        machine: Machine::this(),
        versions: versions(options),
        date: date(),
    })
}

/// Each joins, waits for its keys and leaves; gives how long that took, in milliseconds.
async fn come_and_go(
    party: &Party<'_>,
    people: std::ops::Range<u32>,
) -> Result<Vec<f64>, RunError> {
    stream::iter(people)
        .map(|person| async move {
            let seat = Seat { room: 0, person, way: Way::Play, late: false };
            let plan = PeerPlan {
                audio_slots: AUDIO_SLOTS,
                video_slots: VIDEOS as u16,
                ..plan(party.options, person)
            };
            let member = party.sit_down(seat, &plan).await?;
            let figures = party.until_connected(member.peer).await;
            party.engine.remove(member.peer);
            let gone = party.options.whip.end(&member.resource).await;
            gone.map_err(|source| RunError::Join { who: seat.id(), source })?;
            let joined = figures.filter(|peer| peer.state == State::Connected);
            let took = joined.and_then(|peer| peer.joined_in);
            took.map(|took| took.as_secs_f64() * 1000.0)
                .ok_or(RunError::NotConnected { missing: 1, of: 1 })
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

fn plan(options: &Options, person: u32) -> PeerPlan {
    PeerPlan {
        from: ParticipantId::from_number(u128::from(person) + 1),
        microphone: false,
        camera: None,
        audio_slots: 0,
        video_slots: 0,
        codec: VideoCodec::Vp8,
        local: options.local,
        phase: u64::from(person) * 7_919,
        open_every: options.open_every,
        drop_ppm: 0,
    }
}

fn scaled(count: u32, factor: f64) -> u32 {
    ((f64::from(count) * factor).round() as u32).max(1)
}

fn versions(options: &Options) -> Versions {
    Versions { conf_load: env!("CARGO_PKG_VERSION"), server: options.server.clone() }
}

fn pss(options: &Options) -> Result<u64, RunError> {
    cost(options)?.map(|cost| cost.pss).ok_or(RunError::NoProcess)
}

fn cpu(options: &Options) -> Result<Duration, RunError> {
    cost(options)?.map(|cost| cost.cpu).ok_or(RunError::NoProcess)
}

impl MemoryReport {
    /// A table for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        let kb = |bytes: u64| bytes as f64 / 1024.0;
        let each = |bytes: i64| bytes as f64 / 1024.0;
        format!(
            "### memory\n\n| figure | value |\n|---|---|\n\
             | participants | {} |\n\
             | server PSS before | {:.0} kB |\n\
             | with {} senders | {:.0} kB |\n\
             | all idle | {:.0} kB |\n\
             | all receive {} videos | {:.0} kB |\n\
             | after everyone left | {:.0} kB |\n\
             | each idle participant | {:.1} kB |\n\
             | each receiving participant | {:.1} kB |\n\
             | figures count | {} |\n",
            self.participants,
            kb(self.pss_before),
            self.videos,
            kb(self.pss_senders),
            kb(self.pss_idle),
            self.videos,
            kb(self.pss_media),
            kb(self.pss_left),
            each(self.idle_per_participant),
            each(self.media_per_participant),
            if self.valid {
                "yes"
            } else {
                "no: not all videos reached everyone, or some were lost"
            },
        )
    }
}

impl ChurnReport {
    /// A table for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        let kb = |bytes: u64| format!("{:.0}", bytes as f64 / 1024.0);
        let tenths: Vec<String> = self.pss_tenths.iter().map(|bytes| kb(*bytes)).collect();
        let Spread { p50, p99, max } = self.join_ms;
        format!(
            "### joins-and-leaves\n\n| figure | value |\n|---|---|\n\
             | joined and left | {} in {:.1} s |\n\
             | join p50 / p99 / max | {p50:.2} / {p99:.2} / {max:.2} ms |\n\
             | server CPU for each | {:.0} us |\n\
             | server PSS before | {} kB |\n\
             | after each tenth | {} kB |\n\
             | after all | {} kB |\n",
            self.joins,
            self.seconds,
            self.us_per_join,
            kb(self.pss_before),
            tenths.join(", "),
            kb(self.pss_after),
        )
    }
}
