//! From two looks at everyone to a report: what counts, and why it may not.

use std::collections::BTreeMap;
use std::time::Duration;

use super::machine::{Machine, date};
use super::party::{Member, Party};
use super::report::{Report, Spread, Trace, Versions};
use super::whip::Way;
use super::workload::{Course, Workload};
use crate::light::{Figures, PeerId, Profile, State};
use crate::process::ProcessCost;
use crate::synthetic::studio::AUDIO_LEN;

/// Everything a report is made of.
pub(super) struct Measured {
    pub(super) before: Option<ProcessCost>,
    pub(super) from: Option<ProcessCost>,
    pub(super) to: Option<ProcessCost>,
    pub(super) own_cpu: Duration,
    pub(super) elapsed: f64,
    pub(super) first: Figures,
    pub(super) at_end: Figures,
    pub(super) settled: Figures,
}

pub(super) fn report(workload: &Workload, party: &Party<'_>, measured: &Measured) -> Report {
    let Measured { before, from, to, own_cpu, elapsed, first, at_end, settled } = measured;
    let counts = at_end.total;
    let late: BTreeMap<PeerId, &Member> =
        party.members.iter().filter(|m| m.late).map(|m| (m.peer, m)).collect();
    let joined = |wanted: bool| {
        let of = settled.peers.iter().filter(|(id, _)| late.contains_key(id) == wanted);
        let joins = of.filter_map(|(_, peer)| peer.joined_in);
        Spread::of(joins.map(|took| took.as_secs_f64() * 1000.0).collect())
    };
    let slots = workload.slots(workload.publishers);
    let lines = u32::from(slots.0) + u32::from(slots.1);
    let late_peers = settled.peers.iter().filter(|(id, _)| late.contains_key(id));
    let late_media: Vec<f64> = late_peers
        .filter(|(_, peer)| peer.streams.0 + peer.streams.1 >= lines)
        .filter_map(|(_, peer)| Some(peer.media_in?.as_secs_f64() * 1000.0))
        .collect();
    let late_without_media = late.len().saturating_sub(late_media.len()) as u32;
    let mut warnings = Vec::new();
    let busy = own_cpu.as_secs_f64() / elapsed.max(0.001) / party.options.threads.max(1) as f64;
    if busy > 0.85 {
        warnings.push(format!("the generator was busy for {:.0} % of the time", busy * 100.0));
    }
    let ms = |us: u64| us as f64 / 1000.0;
    let latency = &settled.latency_us;
    let cpu = from.zip(*to).map(|(from, to)| to.cpu.saturating_sub(from.cpu).as_secs_f64());
    let participants = workload.people() + late.len() as u32;
    let expected = workload.reaches_all().then(|| expected(party, first, settled));
    let there = || settled.peers.iter().filter(|(id, _)| !late.contains_key(id));
    let arrived = there().map(|(_, peer)| peer.counts.packets + peer.counts.repaired).sum::<u64>();
    let undelivered = expected.map(|expected| expected.saturating_sub(arrived));
    let mut notes = Vec::new();
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            notes.push(format!("{count} {what} at scale {}", party.options.scale));
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
        scale: party.options.scale,
        rooms: workload.rooms,
        participants,
        seconds: *elapsed,
        valid: notes.is_empty(),
        notes,
        warnings,
        delivered_packets: counts.packets,
        expected_packets: expected,
        undelivered,
        payload_bytes: counts.bytes,
        lost: settled.lost,
        lost_of_those_there: there().map(|(_, peer)| peer.lost).sum(),
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
        late_media_ms: (!late.is_empty()).then(|| Spread::of(late_media)),
        late_without_media,
        pss_before: before.map(|cost| cost.pss),
        pss_after: to.map(|cost| cost.pss),
        pss_per_participant: before.zip(*to).map(|(before, to)| {
            (to.pss as i64 - before.pss as i64) / i64::from(participants.max(1))
        }),
        generator_cpu_seconds: own_cpu.as_secs_f64(),
        srtp_profile: profile.map(Profile::name),
        counts: settled.total,
        trace: trace(workload, party, at_end, *elapsed),
        machine: Machine::this(),
        versions: Versions {
            conf_load: env!("CARGO_PKG_VERSION"),
            server: party.options.server.clone(),
        },
        date: date(),
    }
}

/// What every sender sent since `first`, times those who were to receive it.
fn expected(party: &Party<'_>, first: &Figures, last: &Figures) -> u64 {
    let sent = |figures: &Figures, id: PeerId| {
        let at = figures.peers.binary_search_by_key(&id, |(id, _)| *id).ok();
        let peer = at.and_then(|at| figures.peers.get(at));
        peer.map_or(0, |(_, peer)| peer.sent.0 + peer.sent.1)
    };
    let publishing = party.members.iter().filter(|member| member.way == Way::Publish);
    publishing
        .map(|member| {
            let receivers = party.members.iter().filter(|other| {
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

fn trace(workload: &Workload, party: &Party<'_>, figures: &Figures, seconds: f64) -> Trace {
    let total = figures.total;
    let streams = figures.peers.iter().fold((0u64, 0u64), |sum, (_, peer)| {
        (sum.0 + u64::from(peer.streams.0), sum.1 + u64::from(peer.streams.1))
    });
    let per = |of: f64, what: f64| if what > 0.0 { of / what } else { 0.0 };
    let audio_payload = if total.audio_packets > 0 { AUDIO_LEN as f64 } else { 0.0 };
    let video = total.packets.saturating_sub(total.audio_packets) as f64;
    let audio_bytes = total.audio_packets as f64 * audio_payload;
    let receivers = party.members.iter().filter(|member| member.way == Way::Play).count();
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
