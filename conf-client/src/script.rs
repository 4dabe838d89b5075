//! A load story: rooms fill, people talk for a while, and what arrived is counted.

use std::time::{Duration, Instant};

use conf_proto::Source;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, stream};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::time::{interval, sleep, sleep_until, timeout};

use crate::driver::{Api, ApiError, Invite, JoinError, JoinOptions, Participant};
use crate::link::{Engine, MediaPlan};
use crate::process::{self, ProcessCost};
use crate::synthetic::CameraPlan;

/// People who join at the same time.
const JOINING_AT_ONCE: usize = 8;
/// How long media may take to connect.
const MEDIA_WITHIN: Duration = Duration::from_secs(30);
/// From the last one's media to the first counted packet: cameras are found, slots fill.
const WARM_UP: Duration = Duration::from_secs(3);
/// From the last packet sent to the last one counted: repairs arrive.
const SETTLE: Duration = Duration::from_millis(1500);
const FPS: u32 = 15;

/// What the load is.
#[derive(Debug, Clone)]
pub struct Load {
    /// The server.
    pub api: Api,
    /// The operator's key, where making a room needs it.
    pub operator_key: Option<String>,
    /// Rooms.
    pub rooms: u32,
    /// People per room who send and receive.
    pub publishers: u32,
    /// People per room who only receive.
    pub subscribers: u32,
    /// Slots for video of each.
    pub video_slots: u8,
    /// How long is counted.
    pub duration: Duration,
    /// People who join the first room while it is counted, one after the other within
    /// [`late_within`](Self::late_within); they send as publishers do, and what they
    /// receive is not counted.
    pub late: u32,
    /// Within what time they join.
    pub late_within: Duration,
    /// Bitrate of each camera, in kbit/s, all layers together.
    pub kbps: u32,
    /// Whether cameras send three layers.
    pub simulcast: bool,
    /// Whether microphones are sent too.
    pub audio: bool,
    /// Which library plays the peers.
    pub engine: Engine,
    /// The server's process, to count what it costs.
    pub server_pid: Option<u32>,
}

/// How far a story is.
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
    /// Everyone is in; waiting until media flows.
    WarmingUp,
    /// Counting.
    Running {
        /// For how long.
        elapsed: Duration,
        /// Packets delivered in the last second, to all together.
        packets: u64,
        /// Packets missing now.
        missing: u64,
    },
    /// Nobody sends any more; repairs arrive.
    Settling,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct LoadReport {
    /// Rooms.
    pub rooms: u32,
    /// People in all rooms.
    pub participants: u32,
    /// How long was counted, in seconds.
    pub seconds: f64,
    /// Packets delivered.
    pub packets: u64,
    /// Packets delivered a second.
    pub packets_per_second: f64,
    /// Payload delivered, in Mbit/s.
    pub mbit_per_second: f64,
    /// Video and audio frames delivered whole, a second.
    pub frames_per_second: f64,
    /// Packets missing after repair.
    pub lost: u64,
    /// The same, of a million.
    pub lost_ppm: f64,
    /// Packets that came out of order or were repaired.
    pub late: u64,
    /// Packets that came twice.
    pub repeated: u64,
    /// Missing numbers in the slots' own sequences.
    pub gaps: u64,
    /// Changes of source or layer in a slot.
    pub switches: u64,
    /// From sender to receiver through the server: half are faster, in milliseconds.
    pub latency_p50_ms: f64,
    /// From sender to receiver through the server: 99 of 100 are faster, in milliseconds.
    pub latency_p99_ms: f64,
    /// The slowest, in milliseconds.
    pub latency_max_ms: f64,
    /// Time from asking for a token to the open session: half are faster, in milliseconds.
    pub join_p50_ms: f64,
    /// People whose video slots were never all in use.
    pub idle_slots: u32,
    /// Descriptions that those who were there at the start offered while it was counted.
    pub further_offers: u32,
    /// Those who came late.
    pub late_comers: Option<LateComers>,
    /// The server's processor time while counting, when its process is known.
    pub server: Option<ServerCost>,
    /// Processor time of this tool while counting, in seconds.
    pub client_cpu_seconds: f64,
}

/// How those who came late fared.
#[derive(Debug, Clone, Serialize)]
pub struct LateComers {
    /// How many.
    pub people: u32,
    /// From the first one's asking to the last one's media, in seconds.
    pub seconds: f64,
    /// From asking for a token to the open session: half are faster, in milliseconds.
    pub join_p50_ms: f64,
    /// The slowest, in milliseconds.
    pub join_max_ms: f64,
}

/// What the load cost the server.
#[derive(Debug, Clone, Serialize)]
pub struct ServerCost {
    /// Processor time while counting, in seconds.
    pub cpu_seconds: f64,
    /// Cores kept busy.
    pub cores: f64,
    /// Processor time per delivered packet, in microseconds.
    pub cpu_us_per_packet: f64,
    /// Proportional memory before anyone joined, in bytes.
    pub pss_before: u64,
    /// Proportional memory at the end, in bytes.
    pub pss_after: u64,
    /// Growth of proportional memory per participant, in bytes.
    pub pss_per_participant: i64,
    /// Resident memory at the end, in bytes.
    pub rss_after: u64,
    /// Growth of resident memory per participant, in bytes.
    pub rss_per_participant: i64,
}

/// Why a story could not be told to the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A room could not be made.
    #[error("no room for the load")]
    Room(#[from] ApiError),
    /// Someone could not join.
    #[error("participant {number} of {of} could not join")]
    Join {
        /// Which.
        number: u32,
        /// Of how many.
        of: u32,
        /// Why.
        #[source]
        source: Box<JoinError>,
    },
    /// Someone's media did not connect.
    #[error("media of participant {number} did not connect within {MEDIA_WITHIN:?}")]
    Media {
        /// Which.
        number: u32,
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

/// Tells the story; media runs on `media_runtime`, which should be another thread.
///
/// # Errors
/// When rooms, people or the server's process cannot be had.
pub async fn run(
    load: &Load,
    media_runtime: &Handle,
    mut progress: impl FnMut(Progress),
) -> Result<LoadReport, LoadError> {
    let before = server_cost(load)?;
    let (rooms, people) = join_everyone(load, media_runtime, &mut progress).await?;
    progress(Progress::WarmingUp);
    for (number, person) in people.iter().enumerate() {
        if !matches!(timeout(MEDIA_WITHIN, person.until_media()).await, Ok(true)) {
            return Err(LoadError::Media { number: number as u32 });
        }
    }
    sleep(WARM_UP).await;

    people.iter().for_each(|person| person.stats(|reception| reception.reset()));
    let (from, own_from) = (server_cost(load)?, own_cost());
    let start = Instant::now();
    let mut ticks = interval(Duration::from_secs(1));
    ticks.tick().await;
    let mut counted = 0;
    let mut total = Total::of(&people);
    let offers = offers_of(&people);
    let count = async {
        while start.elapsed() < load.duration {
            ticks.tick().await;
            total = Total::of(&people);
            progress(Progress::Running {
                elapsed: start.elapsed(),
                packets: total.packets - counted,
                missing: total.lost,
            });
            counted = total.packets;
        }
    };
    let late = late_comers(load, rooms.first(), people.len() as u32, media_runtime);
    let ((), late) = tokio::join!(count, late);
    let late = late?;
    let further_offers = offers_of(&people) - offers;
    let seconds = start.elapsed().as_secs_f64();
    let (to, own_to) = (server_cost(load)?, own_cost());

    progress(Progress::Settling);
    let now = Instant::now();
    for person in &people {
        person.devices().studio(|studio| {
            Source::ALL.into_iter().for_each(|source| studio.switch(now, source, false));
        });
    }
    sleep(SETTLE).await;
    let settled = Total::of(&people);

    let idle_slots = people.iter().filter(|person| !slots_used(load, person)).count() as u32;
    let mut joins: Vec<_> = people.iter().map(Participant::joined_in).collect();
    joins.sort_unstable();
    let participants = people.len() as u32;
    let ms = |us: u64| us as f64 / 1000.0;
    let report = LoadReport {
        rooms: load.rooms,
        participants,
        seconds,
        packets: total.packets,
        packets_per_second: total.packets as f64 / seconds,
        mbit_per_second: total.bytes as f64 * 8.0 / seconds / 1e6,
        frames_per_second: total.frames as f64 / seconds,
        lost: settled.lost,
        lost_ppm: settled.lost as f64 * 1e6 / (settled.packets + settled.lost).max(1) as f64,
        late: settled.late,
        repeated: settled.repeated,
        gaps: settled.gaps,
        switches: settled.switches,
        latency_p50_ms: ms(settled.latency_us.value_at_quantile(0.5)),
        latency_p99_ms: ms(settled.latency_us.value_at_quantile(0.99)),
        latency_max_ms: ms(settled.latency_us.max()),
        join_p50_ms: joins.get(joins.len() / 2).map_or(0.0, |join| join.as_secs_f64() * 1000.0),
        idle_slots,
        further_offers,
        late_comers: late.as_ref().map(|(_, fared)| fared.clone()),
        server: cost_between(before, from, to, seconds, total.packets, participants),
        client_cpu_seconds: own_to.saturating_sub(own_from).as_secs_f64(),
    };
    let late = late.into_iter().flat_map(|(people, _)| people);
    stream::iter(people.into_iter().chain(late))
        .for_each_concurrent(JOINING_AT_ONCE, |person| async move {
            // Who cannot say goodbye is missed soon enough.
            let _ = timeout(Duration::from_secs(2), person.leave()).await;
        })
        .await;
    Ok(report)
}

async fn join_everyone(
    load: &Load,
    media_runtime: &Handle,
    progress: &mut impl FnMut(Progress),
) -> Result<(Vec<Invite>, Vec<Participant>), LoadError> {
    let each = load.publishers + load.subscribers;
    let of = load.rooms * each;
    let (mut rooms, mut options) = (Vec::new(), Vec::new());
    for room in 0..load.rooms {
        let key = load.operator_key.as_deref();
        let made = load.api.make_room(&format!("Load {}", room + 1), key).await?;
        let invite = Invite::parse(&made.guest_path)?;
        for place in 0..each {
            options.push(join_options(load, &invite, room * each + place, place, media_runtime));
        }
        rooms.push(invite);
    }
    let mut joining = stream::iter(options)
        .enumerate()
        .map(|(number, options)| async move {
            let joined = Participant::join(options).await;
            joined.map_err(|source| LoadError::Join {
                number: number as u32,
                of,
                source: Box::new(source),
            })
        })
        .buffer_unordered(JOINING_AT_ONCE);
    let mut people = Vec::new();
    while let Some(person) = joining.next().await {
        people.push(person?);
        progress(Progress::Joining { joined: people.len() as u32, of });
    }
    Ok((rooms, people))
}

/// Lets the late ones in, evenly over their time, and waits until their media is there.
async fn late_comers(
    load: &Load,
    room: Option<&Invite>,
    there: u32,
    media_runtime: &Handle,
) -> Result<Option<(Vec<Participant>, LateComers)>, LoadError> {
    let Some(room) = room.filter(|_| load.late > 0) else { return Ok(None) };
    let start = tokio::time::Instant::now();
    let joining = (0..load.late).map(|late| async move {
        sleep_until(start + load.late_within * late / load.late).await;
        let number = there + late;
        let options = join_options(load, room, number, 0, media_runtime);
        let joined = Participant::join(options).await;
        let of = there + load.late;
        let person =
            joined.map_err(|source| LoadError::Join { number, of, source: Box::new(source) })?;
        match timeout(MEDIA_WITHIN, person.until_media()).await {
            Ok(true) => Ok(person),
            _ => Err(LoadError::Media { number }),
        }
    });
    let people = try_join_all(joining).await?;
    let mut joins: Vec<_> = people.iter().map(|p| p.joined_in().as_secs_f64() * 1000.0).collect();
    joins.sort_unstable_by(f64::total_cmp);
    let fared = LateComers {
        people: load.late,
        seconds: start.elapsed().as_secs_f64(),
        join_p50_ms: joins.get(joins.len() / 2).copied().unwrap_or_default(),
        join_max_ms: joins.last().copied().unwrap_or_default(),
    };
    Ok(Some((people, fared)))
}

fn offers_of(people: &[Participant]) -> u32 {
    people.iter().map(Participant::offers).sum()
}

fn join_options(
    load: &Load,
    invite: &Invite,
    number: u32,
    place: u32,
    media_runtime: &Handle,
) -> JoinOptions {
    let sends = place < load.publishers;
    let camera = if load.simulcast {
        CameraPlan::simulcast(load.kbps, FPS)
    } else {
        CameraPlan::single(load.kbps, FPS)
    };
    let plan = MediaPlan {
        microphone: sends && load.audio,
        camera: sends.then_some(camera),
        audio_slots: if load.audio { 4 } else { 0 },
        video_slots: load.video_slots,
        ..MediaPlan::default()
    };
    let mut sources = Vec::new();
    if plan.microphone {
        sources.push(Source::Microphone);
    }
    if plan.camera.is_some() {
        sources.push(Source::Camera);
    }
    let mut options = JoinOptions::new(load.api.clone(), invite.clone(), format!("P{number}"))
        .plan(plan)
        .engine(load.engine)
        .publish(sources);
    // Any odd spread will do: frames of different people must not march in step.
    options.phase = u64::from(number) * 7_919;
    options.media_runtime = Some(media_runtime.clone());
    options
}

/// Whether as many video slots were used as there were cameras for them.
fn slots_used(load: &Load, person: &Participant) -> bool {
    let room = person.room();
    let others = room.map_or(0, |room| {
        let cameras = room.participants.iter().filter(|p| p.sources.contains(&Source::Camera));
        cameras.filter(|p| p.id != person.id()).count()
    });
    let used = person.stats(|reception| {
        let slots = reception.slots();
        slots.values().filter(|s| s.source.is_some_and(|(_, of)| of == Source::Camera)).count()
    });
    used >= others.min(load.video_slots.into())
}

struct Total {
    packets: u64,
    bytes: u64,
    frames: u64,
    lost: u64,
    late: u64,
    repeated: u64,
    gaps: u64,
    switches: u64,
    latency_us: Histogram<u32>,
}

impl Total {
    fn of(people: &[Participant]) -> Self {
        let mut total = Self {
            packets: 0,
            bytes: 0,
            frames: 0,
            lost: 0,
            late: 0,
            repeated: 0,
            gaps: 0,
            switches: 0,
            latency_us: crate::reception::empty_histogram(),
        };
        for person in people {
            person.stats(|reception| {
                let counts = reception.total();
                total.packets += counts.packets;
                total.bytes += counts.bytes;
                total.frames += counts.frames;
                total.lost += counts.lost;
                total.late += counts.late;
                total.repeated += counts.repeated;
                total.gaps += counts.gaps;
                total.switches += counts.switches;
                total.latency_us += reception.latency_us();
            });
        }
        total
    }
}

fn server_cost(load: &Load) -> Result<Option<ProcessCost>, LoadError> {
    let Some(pid) = load.server_pid else { return Ok(None) };
    process::cost(pid).map(Some).map_err(|source| LoadError::Process { pid, source })
}

fn own_cost() -> Duration {
    process::cost(std::process::id()).map_or(Duration::ZERO, |cost| cost.cpu)
}

fn cost_between(
    before: Option<ProcessCost>,
    from: Option<ProcessCost>,
    to: Option<ProcessCost>,
    seconds: f64,
    packets: u64,
    participants: u32,
) -> Option<ServerCost> {
    let (before, from, to) = (before?, from?, to?);
    let cpu = to.cpu.saturating_sub(from.cpu).as_secs_f64();
    let growth =
        |after: u64, before: u64| (after as i64 - before as i64) / i64::from(participants.max(1));
    Some(ServerCost {
        cpu_seconds: cpu,
        cores: cpu / seconds,
        cpu_us_per_packet: cpu * 1e6 / packets.max(1) as f64,
        pss_before: before.pss,
        pss_after: to.pss,
        pss_per_participant: growth(to.pss, before.pss),
        rss_after: to.rss,
        rss_per_participant: growth(to.rss, before.rss),
    })
}
