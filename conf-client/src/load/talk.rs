//! A full room that talks without media: chat, hands, signs and a poll, and how long the
//! news of each took to everyone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use conf_proto::Role;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::talker::{Order, Seen, Talker};
use crate::driver::{Api, ApiError, Invite};
use crate::process;

/// People who join at the same time.
const JOINING_AT_ONCE: usize = 8;
/// How long joining may take each.
const JOIN_WITHIN: Duration = Duration::from_secs(30);
/// From the last command to the last news counted.
const SETTLE: Duration = Duration::from_secs(2);
/// When, after the start, everyone is asked to vote.
const ASK_AFTER: Duration = Duration::from_secs(1);

/// What the talk is.
#[derive(Debug, Clone)]
pub struct Talk {
    /// The server.
    pub api: Api,
    /// The operator's key, where making a room needs it.
    pub operator_key: Option<String>,
    /// People in the room, the moderator included; at least 2.
    pub people: u32,
    /// Chat messages a second, of all together; a sign to one comes with every second,
    /// and a hand goes up or down with every fourth.
    pub lines_per_second: u32,
    /// Within what time everyone votes.
    pub votes_within: Duration,
    /// How long is counted; longer than the voting.
    pub duration: Duration,
    /// The server's process, to count what it costs.
    pub server_pid: Option<u32>,
}

/// What came of it. Times are in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct TalkReport {
    /// People in the room.
    pub people: u32,
    /// How long was counted, in seconds.
    pub seconds: f64,
    /// Commands whose news goes to everyone.
    pub told: u64,
    /// News that arrived, at all together.
    pub delivered: u64,
    /// News that should have arrived.
    pub expected: u64,
    /// From a command to its news at each: half are faster.
    pub delivery_p50_ms: f64,
    /// 99 of 100 are faster.
    pub delivery_p99_ms: f64,
    /// The slowest.
    pub delivery_max_ms: f64,
    /// From a command, votes included, to its answer: 99 of 100 are faster.
    pub answer_p99_ms: f64,
    /// What the server says of its appends to the journal, syncing the disk included: 99 of
    /// 100 are faster. `None` where it does not say.
    pub append_p99_ms: Option<f64>,
    /// People who know that everyone voted.
    pub know_all_voted: u32,
    /// Commands refused.
    pub refused: u64,
    /// Sessions that broke.
    pub broken: u64,
    /// The largest welcome of someone who came when it was over, in bytes.
    pub snapshot_bytes: usize,
    /// The server's processor time while counting, in seconds.
    pub server_cpu_seconds: Option<f64>,
    /// Processor time of this tool while counting, in seconds.
    pub client_cpu_seconds: f64,
}

/// Why a talk could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TalkError {
    /// A room or a token could not be had.
    #[error("no room for the talk, or no token into it")]
    Room(#[from] ApiError),
    /// Someone did not get in.
    #[error("participant {number} was not let in within {JOIN_WITHIN:?}")]
    Join {
        /// Which.
        number: u32,
    },
    /// The server's process cannot be read.
    #[error("the server's process cannot be read")]
    Process(#[from] std::io::Error),
}

struct Person {
    orders: mpsc::Sender<Order>,
}

/// Has the talk.
///
/// # Errors
/// When the room, the people or the server's process cannot be had.
pub async fn run(talk: &Talk, mut joined: impl FnMut(u32)) -> Result<TalkReport, TalkError> {
    let room = talk.api.make_room("Talk", talk.operator_key.as_deref()).await?;
    let seen = Seen::shared();
    let moderator = Invite::parse(&room.moderator_path)?;
    let guest = Invite::parse(&room.guest_path)?;
    let first = join(talk, &moderator, Role::Moderator, 0, &seen).await?;
    let mut joining = stream::iter(1..talk.people)
        .map(|number| join(talk, &guest, Role::Participant, number, &seen))
        .buffer_unordered(JOINING_AT_ONCE);
    let mut people = vec![first];
    while let Some(person) = joining.next().await {
        people.push(person?);
        joined(people.len() as u32);
    }
    drop(joining);

    let before = cpu(talk)?;
    let own_before = process::cost(std::process::id())?.cpu;
    let start = Instant::now();
    speak(talk, &people, start).await;
    let seconds = start.elapsed().as_secs_f64();
    sleep(SETTLE).await;
    let after = cpu(talk)?;
    let own = process::cost(std::process::id())?.cpu - own_before;
    let append_p99_ms = talk.api.append_p99().await.map(|seconds| seconds * 1e3);

    lock(&seen).snapshot = 0;
    let late = join(talk, &guest, Role::Participant, talk.people, &seen).await?;
    let seen = lock(&seen);
    let ms = |micros: u64| micros as f64 / 1e3;
    let report = TalkReport {
        people: talk.people,
        seconds,
        told: seen.told,
        delivered: seen.delivered.len(),
        expected: seen.told * u64::from(talk.people),
        delivery_p50_ms: ms(seen.delivered.value_at_quantile(0.5)),
        delivery_p99_ms: ms(seen.delivered.value_at_quantile(0.99)),
        delivery_max_ms: ms(seen.delivered.max()),
        answer_p99_ms: ms(seen.answered.value_at_quantile(0.99)),
        append_p99_ms,
        know_all_voted: seen.turnouts.values().filter(|voted| **voted == talk.people).count()
            as u32,
        refused: seen.refused.values().sum(),
        broken: seen.broken,
        snapshot_bytes: seen.snapshot,
        server_cpu_seconds: before.zip(after).map(|(from, to)| (to - from).as_secs_f64()),
        client_cpu_seconds: own.as_secs_f64(),
    };
    for (why, count) in &seen.refused {
        tracing::warn!(count, "refused: {why}");
    }
    drop((people, late));
    Ok(report)
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cpu(talk: &Talk) -> std::io::Result<Option<Duration>> {
    talk.server_pid.map(|pid| process::cost(pid).map(|cost| cost.cpu)).transpose()
}

async fn join(
    talk: &Talk,
    invite: &Invite,
    role: Role,
    number: u32,
    seen: &Arc<Mutex<Seen>>,
) -> Result<Person, TalkError> {
    let token = talk.api.token(invite, &format!("{role:?} {number}")).await?;
    let (orders, asked) = mpsc::channel(16);
    let talker = Talker {
        url: talk.api.session_url(),
        token: token.token,
        orders: asked,
        seen: seen.clone(),
        votes_after: Some(talk.votes_within * number / talk.people.max(1)),
    };
    let (opened, open) = oneshot::channel();
    tokio::spawn(talker.run(opened));
    match timeout(JOIN_WITHIN, open).await {
        Ok(Ok(())) => Ok(Person { orders }),
        _ => Err(TalkError::Join { number }),
    }
}

/// Everyone says something in turn; signs and hands come in between.
async fn speak(talk: &Talk, people: &[Person], start: Instant) {
    let mut tick = interval(Duration::from_secs(1) / talk.lines_per_second.max(1));
    // A late tick is caught up with: so many lines are promised.
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut asked = false;
    for number in 0_usize.. {
        tick.tick().await;
        if start.elapsed() >= talk.duration {
            return;
        }
        let of = |step: usize| &people[(number * step + step) % people.len()];
        let mut orders = vec![(of(1), Order::Say(format!("line {number}, as long as lines are")))];
        if number % 2 == 1 {
            orders.push((of(3), Order::Sign));
        }
        if number % 4 == 3 {
            orders.push((of(7), Order::Hand));
        }
        if !asked && start.elapsed() >= ASK_AFTER {
            asked = true;
            orders.push((&people[0], Order::Ask));
        }
        for (person, order) in orders {
            // Whoever is gone is counted as a broken session.
            let _ = person.orders.send(order).await;
        }
    }
}
