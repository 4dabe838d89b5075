//! How what arrived leaves again: subscriber outside, packet inside, so that packets to one
//! destination are neighbours and leave as one run.

use std::{ops::Range, time::Instant};

use super::{
    RUN_MAX, Route, Shard, Transmit,
    downlink::{CatchUp, catch_up},
    published::Fresh,
    slab::Slab,
};
use crate::{
    MediaKind,
    bwe::Stamp,
    endpoint::{
        Endpoint, HOT,
        again::Left,
        slot::{HEADER_MAX, srtp_index},
        srtp::MAX_OVERHEAD,
    },
    forward::{Lane, Origin, Verdict, redundancy::Repeats},
    rtp::Prefix,
};

/// How far the current drain has come.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    /// Tracks with fresh packets, by index.
    dirty: Vec<u32>,
    /// Who gets them, ordered by subscriber.
    jobs: Vec<Job>,
    active: bool,
    job: usize,
    packet: usize,
    /// The first job nothing was asked for ahead of.
    ahead: usize,
    /// Packets of the ring that overtook the keyframe just switched to.
    overtaken: Option<(u8, Range<u64>)>,
    /// The packet that did not fit the last run.
    held: Option<Ready>,
    /// What arrived while a drain was under way.
    late: Vec<(u32, Fresh)>,
    /// Endpoints whose backlog has credit again.
    released: Vec<u32>,
    /// The current job's backlog is not worked off yet.
    behind: bool,
    /// Lanes whose backlog grew too old, and so need a keyframe.
    forsaken: Vec<Lane>,
    /// Where sound is put together that repeats earlier packets.
    redundant: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Job {
    endpoint: u32,
    place: Place,
    track: u32,
}

/// A packet with its numbers, ready to be sealed.
#[derive(Clone, Copy, Debug)]
struct Ready {
    job: Job,
    lane: Lane,
    /// Its place in the source's ring.
    seq: u64,
    index: u64,
    prefix: Prefix,
    /// Earlier packets that ride along, instead of the prefix.
    repeats: Option<Repeats>,
    header: [u8; HEADER_MAX],
    header_len: usize,
    /// Header and payload, before sealing.
    len: usize,
    destination: Route,
}

/// A slot in the order in which slots are served: interpreters' first. One number, because jobs are
/// sorted by it, which is a fifteenth of all that a packet of sound costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u16);

impl Place {
    /// Nobody has so many slots.
    const AFTER: u16 = 1 << 15;

    const fn new(slot: u16, interpreter: bool) -> Self {
        Self(if interpreter { slot } else { slot | Self::AFTER })
    }

    const fn slot(self) -> usize {
        (self.0 & !Self::AFTER) as usize
    }

    /// Whether interpreters come before it.
    const fn is_after(self) -> bool {
        self.0 & Self::AFTER != 0
    }
}

impl Fanout {
    /// Forgets what was about to be sent: to be called whenever indices may change their
    /// meaning.
    pub(super) fn interrupt(&mut self) {
        self.held = None;
        self.overtaken = None;
    }

    /// Has an endpoint's backlog looked after with the next drain.
    pub(super) fn release(&mut self, endpoint: u32) {
        if !self.released.contains(&endpoint) {
            self.released.push(endpoint);
        }
    }

    fn advance(&mut self) {
        self.job += 1;
        self.begin_job();
    }

    fn begin_job(&mut self) {
        self.packet = 0;
        self.overtaken = None;
        self.behind = true;
    }
}

/// Asks for the memory of the subscribers that are next, while those before them are served. What
/// points to the next step's has to be there by then, so each has its own distance.
#[inline]
fn look_ahead(jobs: &[Job], at: usize, endpoints: &Slab<Endpoint>) {
    if let Some(job) = jobs.get(at + FAR) {
        endpoints.prefetch(job.endpoint, HOT);
    }
    if let Some(job) = jobs.get(at + NEAR)
        && let Some(endpoint) = endpoints.get(job.endpoint)
    {
        endpoint.prefetch(job.place.slot());
    }
    if let Some(job) = jobs.get(at + 1)
        && let Some(endpoint) = endpoints.get(job.endpoint)
        && let Some(slot) = endpoint.slots.get(job.place.slot())
    {
        slot.prefetch();
    }
}

/// How many subscribers ahead an endpoint is asked for, and what it points to.
const FAR: usize = 4;
const NEAR: usize = 2;

impl Shard {
    /// Queues a packet that arrived for everyone its track feeds.
    pub(super) fn spread(&mut self, track: u32, fresh: Fresh) {
        if self.fanout.active {
            if self.fanout.late.len() < FRESH_LATE {
                self.fanout.late.push((track, fresh));
            } else {
                self.stats.dropped_over_limit += 1;
            }
            return;
        }
        let Some(source) = self.tracks.get_mut(track) else { return };
        if source.subscribers.is_empty() {
            return;
        }
        if source.fresh.is_empty() {
            self.fanout.dirty.push(track);
            // Those the drain begins with, for whom nobody looks ahead.
            for (endpoint, _) in source.subscribers.iter().take(FAR) {
                self.endpoints.prefetch(*endpoint, HOT);
            }
        }
        if !source.queue(fresh) {
            self.stats.dropped_over_limit += 1;
        }
    }

    /// Seals the next run of media into `buffer`.
    pub(super) fn fan_out(&mut self, now: Instant, buffer: &mut [u8]) -> Option<Transmit> {
        let stamp = self.stamp(now);
        loop {
            if !self.fanout.active && !self.begin_drain() {
                return None;
            }
            if let Some(run) = self.next_run(now, stamp, buffer) {
                return Some(run);
            }
            self.end_drain(now);
        }
    }

    fn begin_drain(&mut self) -> bool {
        let fanout = &mut self.fanout;
        if fanout.dirty.is_empty() && fanout.released.is_empty() {
            return false;
        }
        fanout.jobs.clear();
        for endpoint in fanout.released.drain(..) {
            let Some(to) = self.endpoints.get(endpoint) else { continue };
            let behind = (0u16..).zip(&to.slots).filter(|(_, slot)| slot.backlog.is_some());
            fanout.jobs.extend(behind.filter_map(|(slot, state)| {
                let track = state.track?;
                let place = Place::new(slot, self.tracks.get(track)?.interpreter);
                Some(Job { endpoint, place, track })
            }));
        }
        for &track in &fanout.dirty {
            let Some(source) = self.tracks.get(track) else { continue };
            fanout.jobs.extend(source.subscribers.iter().map(|&(endpoint, slot)| Job {
                endpoint,
                place: Place::new(slot, source.interpreter),
                track,
            }));
        }
        fanout.jobs.sort_unstable();
        // A track closed and opened again between two drains is listed twice.
        fanout.jobs.dedup();
        for job in fanout.jobs.iter().take(NEAR) {
            if let Some(endpoint) = self.endpoints.get(job.endpoint) {
                endpoint.prefetch(job.place.slot());
            }
        }
        fanout.active = true;
        fanout.job = 0;
        fanout.ahead = 0;
        fanout.begin_job();
        true
    }

    fn end_drain(&mut self, now: Instant) {
        self.fanout.active = false;
        while let Some(lane) = self.fanout.forsaken.pop() {
            self.stats.forsaken_backlogs += 1;
            self.ask_keyframe(now, lane);
        }
        for track in self.fanout.dirty.drain(..) {
            if let Some(source) = self.tracks.get_mut(track) {
                source.fresh.clear();
            }
        }
        for (track, fresh) in std::mem::take(&mut self.fanout.late) {
            self.spread(track, fresh);
        }
    }

    fn next_run(&mut self, now: Instant, stamp: Stamp, buffer: &mut [u8]) -> Option<Transmit> {
        let mut run: Option<(Transmit, usize)> = None;
        let mut count = 0;
        while let Some(ready) = self.fanout.held.take().or_else(|| self.next_ready(now, stamp)) {
            let used = match &run {
                None => 0,
                Some((transmit, plain)) => {
                    let fits = transmit.destination == ready.destination
                        && ready.len <= *plain
                        && transmit.len + ready.len + MAX_OVERHEAD <= buffer.len().min(RUN_BYTES)
                        && count < RUN_MAX;
                    if !fits {
                        self.fanout.held = Some(ready);
                        break;
                    }
                    transmit.len
                }
            };
            let Some(sealed) = self.seal(&ready, &mut buffer[used..]) else { continue };
            count += 1;
            let (transmit, plain) = run.get_or_insert((
                Transmit { destination: ready.destination, len: 0, segment: sealed },
                ready.len,
            ));
            transmit.len += sealed;
            if ready.len < *plain {
                // Only the last of a run may be shorter.
                break;
            }
        }
        run.map(|(transmit, _)| transmit)
    }

    /// Finds the next packet somebody gets and gives it its numbers.
    fn next_ready(&mut self, now: Instant, stamp: Stamp) -> Option<Ready> {
        let Self { fanout, tracks, endpoints, wheel, stats, .. } = self;
        while let Some(&job) = fanout.jobs.get(fanout.job) {
            if fanout.ahead <= fanout.job {
                look_ahead(&fanout.jobs, fanout.job, endpoints);
                fanout.ahead = fanout.job + 1;
            }
            let source = tracks.get_mut(job.track);
            let endpoint = endpoints.get_mut(job.endpoint).filter(|to| to.is_reachable());
            let (Some(source), Some(endpoint)) = (source, endpoint) else {
                fanout.advance();
                continue;
            };
            let (slot, destination) =
                (endpoint.slots.get_mut(job.place.slot()), endpoint.destination);
            let (Some(slot), Some(destination)) =
                (slot.filter(|slot| slot.track == Some(job.track)), destination)
            else {
                fanout.advance();
                continue;
            };
            let (next, waited) = match &mut fanout.overtaken {
                _ if fanout.behind && slot.backlog.is_some() => match catch_up(
                    slot,
                    source,
                    now,
                    endpoint.downlink.holds(now, slot.select.awaiting().is_some()),
                ) {
                    CatchUp::Next(waiting) => {
                        if (job.place.is_after() && endpoint.downlink.yields)
                            || !endpoint.downlink.may_leave(stamp)
                        {
                            let due = endpoint.downlink.await_credit(now);
                            let due = endpoint.due.map_or(due, |known| known.min(due));
                            wheel.set(job.endpoint, &mut endpoint.due, Some(due));
                            fanout.behind = false;
                            continue;
                        }
                        if let Some(backlog) = &mut slot.backlog {
                            backlog.next = waiting.seq + 1;
                        }
                        (waiting, true)
                    }
                    CatchUp::Forsaken(lane) => {
                        endpoint.downlink.yields &= job.place.is_after();
                        fanout.forsaken.extend(lane);
                        fanout.behind = false;
                        continue;
                    }
                    // Looked at again with the link.
                    CatchUp::Held => {
                        fanout.behind = false;
                        continue;
                    }
                    CatchUp::Done => {
                        endpoint.downlink.yields &= job.place.is_after();
                        fanout.behind = false;
                        continue;
                    }
                },
                Some((encoding, range)) => match range.next() {
                    Some(seq) => {
                        let fresh = Fresh { encoding: *encoding, seq };
                        if source.fresh.get(fanout.packet..).is_some_and(|f| f.contains(&fresh)) {
                            continue;
                        }
                        (fresh, false)
                    }
                    None => {
                        fanout.overtaken = None;
                        continue;
                    }
                },
                None => match source.fresh.get(fanout.packet) {
                    Some(&fresh) => {
                        fanout.packet += 1;
                        (fresh, false)
                    }
                    None => {
                        fanout.advance();
                        continue;
                    }
                },
            };
            let Some(encoding) = source.track.encodings.get(usize::from(next.encoding)) else {
                continue;
            };
            let Some(stored) = encoding.ring.get(next.seq) else { continue };
            let lane = Lane { source: job.track, encoding: next.encoding };
            if !waited && endpoint.downlink.is_paced() && slot.kind == MediaKind::Video {
                let yields = job.place.is_after() && endpoint.downlink.yields;
                let held = stored.facts.frame_start
                    && slot.select.current() == Some(lane)
                    && endpoint.downlink.holds(now, slot.select.awaiting().is_some());
                let ready = slot.backlog.is_none()
                    && !yields
                    && !held
                    && endpoint.downlink.may_leave(stamp);
                if !ready && slot.wait(lane, stored.facts) {
                    stats.delayed_packets += 1;
                    endpoint.downlink.yields |= !job.place.is_after();
                    let due = endpoint.downlink.await_credit(now);
                    let due = endpoint.due.map_or(due, |known| known.min(due));
                    wheel.set(job.endpoint, &mut endpoint.due, Some(due));
                    continue;
                }
            }
            let outgoing = match slot.select.judge(lane, stored.facts) {
                Verdict::Forward => slot.rewrite.map(stored.arrived, stored.facts),
                Verdict::Switch => {
                    let newest = encoding.ring.newest().unwrap_or(next.seq);
                    // What waits is taken from the ring in its order anyway.
                    if newest > next.seq && !waited {
                        let end = newest.min(next.seq + OVERTAKEN);
                        fanout.overtaken = Some((next.encoding, next.seq + 1..end + 1));
                    }
                    Some(slot.rewrite.switch(stored.arrived, source.codec, stored.facts))
                }
                Verdict::Drop(why) => {
                    if why.leaves_gap() {
                        slot.rewrite.skip(stored.facts);
                    }
                    None
                }
            };
            let Some(mut outgoing) = outgoing else { continue };
            let Some(codec) = slot.dress(source.codec, &stored.facts.payload, &mut outgoing) else {
                continue;
            };
            // Found a second time: in the backlog, after a keyframe it had overtaken, or fresh.
            if slot.sent.is_used(outgoing.seq) {
                continue;
            }
            let Some(index) = srtp_index(outgoing.seq) else { continue };
            let mut header = [0; HEADER_MAX];
            let level = stored.facts.audio_level;
            let mut pt = codec.pt;
            let mut body =
                outgoing.prefix.bytes().len() + stored.payload.len() - outgoing.prefix.replaces();
            let mut repeats = None;
            if slot.repeats > 0 && slot.kind == MediaKind::Video {
                let (seq, times) = (outgoing.seq as u16, slot.repeats);
                let left = Left { ssrc: slot.ssrc, seq, times };
                let due = endpoint.again.note(now, left);
                let due = endpoint.due.into_iter().chain(due).min();
                wheel.set(job.endpoint, &mut endpoint.due, due);
            } else if slot.repeats > 0
                && let Some((red, inner)) = slot.redundant()
                && let Some(chosen) =
                    Repeats::choose(&encoding.ring, &slot.rewrite, &stored, slot.repeats, inner)
            {
                (pt, body) = (red, usize::from(chosen.len));
                repeats = Some(chosen);
                stats.redundant_packets += 1;
            }
            let number = slot.is_numbered(codec).then(|| endpoint.downlink.history.next());
            let header_len = slot.write_header(&mut header, pt, &outgoing, level, number);
            let Some(header_len) = header_len else { continue };
            slot.sent.record(outgoing.seq, Origin { lane, seq: next.seq });
            if number.is_some() {
                endpoint.downlink.history.record(stamp, header_len + body + MAX_OVERHEAD);
            }
            endpoint.downlink.spend(header_len + body);
            slot.count(lane, stored.facts.timestamp, &outgoing, body);
            if slot.packets == 1 {
                // The first report leaves with the first packet: players wait for it.
                let due = endpoint.due.map_or(stored.arrived, |due| due.min(stored.arrived));
                wheel.set(job.endpoint, &mut endpoint.due, Some(due));
            }
            return Some(Ready {
                job,
                lane,
                seq: next.seq,
                index,
                prefix: outgoing.prefix,
                repeats,
                header,
                header_len,
                len: header_len + body,
                destination,
            });
        }
        None
    }

    /// Seals a packet to the beginning of `out`; its sealed length.
    fn seal(&mut self, ready: &Ready, out: &mut [u8]) -> Option<usize> {
        let keys = self.endpoints.get_mut(ready.job.endpoint)?.keys.as_mut()?;
        let source = self.tracks.get_mut(ready.job.track)?;
        let encoding = source.track.encodings.get_mut(usize::from(ready.lane.encoding))?;
        let redundant = &mut self.fanout.redundant;
        let body = match ready.repeats {
            None => encoding.ring.dress(ready.seq, &[], &ready.prefix)?,
            Some(repeats) if repeats.write(&encoding.ring, ready.seq, redundant) => redundant,
            Some(_) => return None,
        };
        let header = &ready.header[..ready.header_len];
        let sealed = keys.sealer.seal_rtp(ready.index, header, body, out).ok()?;
        self.stats.forwarded_packets += 1;
        self.stats.forwarded_bytes += sealed as u64;
        self.repair_credit(ready.job.endpoint, sealed);
        Some(sealed)
    }
}

/// Bytes of one run at most: what a segmented message may carry.
const RUN_BYTES: usize = 65_000;
/// Packets that may have overtaken a keyframe's first one and still follow it.
const OVERTAKEN: u64 = 64;
/// Packets that may arrive while a drain is under way, before it is finished.
const FRESH_LATE: usize = 4_096;
