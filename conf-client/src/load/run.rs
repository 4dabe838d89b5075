//! One run of a workload: everyone joins, media flows, what arrived is counted.

use std::time::{Duration, Instant};

use conf_proto::{ParticipantId, Source, VideoCodec};
use tokio::time::{sleep, sleep_until};

use super::measure::{self, Measured};
use super::party::{Member, Options, Party, RunError, Seat, cost, own_cost};
use super::report::{Report, Second};
use super::whip::Way;
use super::workload::{Course, Workload};
use crate::light::{PeerId, PeerPlan, Whom};
use crate::synthetic::studio::{SILENCE, SPEECH};

/// From the last one's keys to the first counted packet: keyframes arrive, estimates settle.
const WARM_UP: Duration = Duration::from_secs(3);
/// From the last packet sent to the last one counted: repairs arrive.
const SETTLE: Duration = Duration::from_millis(1500);

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

/// A seat and who takes it.
type Planned = (Seat, PeerPlan);

struct Run<'a> {
    workload: &'a Workload,
    party: Party<'a>,
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
    let before = cost(options)?;
    let mut run = Run { workload, party: Party::new(options, workload.people())? };

    let (publishing, watching) = run.seats();
    let of = (publishing.len() + watching.len()) as u32;
    run.party.join(publishing, |joined| progress(Progress::Joining { joined, of })).await?;
    run.party.connected().await?;
    // Media flows before viewers come: a server may need to see a stream to offer it.
    run.send(true);
    run.party.join(watching, |joined| progress(Progress::Joining { joined, of })).await?;
    run.party.connected().await?;
    progress(Progress::WarmingUp);
    sleep(WARM_UP).await;

    run.party.engine.reset();
    let start = Instant::now();
    let first = run.party.engine.figures();
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
    let at_end = run.party.engine.figures();
    let elapsed = start.elapsed().as_secs_f64();
    let (to, own_to) = (cost(options)?, own_cost());
    run.party.members.extend(late_members);

    progress(Progress::Settling);
    run.send(false);
    sleep(SETTLE).await;
    let settled = run.party.engine.figures();
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
    let report = measure::report(workload, &run.party, &measured);
    run.party.leave().await;
    Ok(report)
}

impl Run<'_> {
    /// Who publishes, and who watches.
    fn seats(&self) -> (Vec<Planned>, Vec<Planned>) {
        let (mut publishing, mut watching) = (Vec::new(), Vec::new());
        let Workload { rooms, publishers, viewers, publishers_watch, .. } = *self.workload;
        for room in 0..rooms {
            for person in 0..publishers + viewers {
                let publishes = person < publishers;
                if publishes {
                    let seat = Seat { room, person, way: Way::Publish, late: false };
                    publishing.push((seat, self.plan(seat)));
                }
                if !publishes || (publishers_watch && publishers > 1) {
                    let seat = Seat { room, person, way: Way::Play, late: false };
                    watching.push((seat, self.plan(seat)));
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

    fn plan(&self, seat: Seat) -> PeerPlan {
        let number = seat.room * 10_000 + seat.person;
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
            local: self.party.options.local,
            // Any odd spread will do: frames of different people must not march in step.
            phase: u64::from(number) * 7_919,
            open_every: self.party.options.open_every,
            drop_ppm,
        }
    }

    fn send(&self, on: bool) {
        let on = on && self.workload.course != Course::Muted;
        if let (true, Course::Rotation { .. }) = (on, self.workload.course) {
            self.party
                .members
                .iter()
                .for_each(|member| self.party.engine.speak(member.peer, SILENCE));
        }
        for source in [Source::Microphone, Source::Camera] {
            self.party.engine.switch(Whom::All, source, on);
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
        let mut cpu = cost(self.party.options)?.map(|cost| cost.cpu);
        let mut own_cpu = own_cost();
        let (mut packets, mut repaired) = (0, 0);
        let mut turn = 0;
        let mut speaker: Option<PeerId> = None;
        while start.elapsed() < length {
            let next = start + Duration::from_secs(seconds.len() as u64 + 1);
            if let Course::Rotation { every } = self.workload.course {
                let now = (start.elapsed().as_millis() / every.as_millis().max(1)) as usize;
                let mut senders = self.party.members.iter().filter(|m| m.way == Way::Publish);
                if now >= turn
                    && let Some(member) = senders.nth(now % self.workload.publishers as usize)
                {
                    speaker.into_iter().for_each(|before| self.party.engine.speak(before, SILENCE));
                    self.party.engine.speak(member.peer, SPEECH);
                    speaker = Some(member.peer);
                    turn = now + 1;
                }
            }
            sleep_until(next.into()).await;
            let figures = self.party.engine.figures();
            let cpu_now = cost(self.party.options)?.map(|cost| cost.cpu);
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
}

/// Lets the late ones in, evenly over their time.
async fn come_late(run: &Run<'_>, seats: &[Seat], start: Instant) -> Result<Vec<Member>, RunError> {
    let Course::Joins { joins, within } = run.workload.course else { return Ok(Vec::new()) };
    let joining = seats.iter().enumerate().map(|(place, seat)| async move {
        let at = start + within * place as u32 / joins.max(1);
        sleep_until(at.into()).await;
        let plan = run.plan(*seat);
        run.party.sit_down(*seat, &plan).await
    });
    futures_util::future::try_join_all(joining).await
}
