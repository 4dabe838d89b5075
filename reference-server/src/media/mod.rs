//! The media pool's handle: commands in, each event to the meeting it belongs to.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use conf_media::GroupId;
use conf_media::driver::{Busy, DriverConfig, MediaPool, SocketStats};
use conf_media::shard::{Command, Event};
use conf_media::stats::Stats;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::config::{Config, MediaTcp};
use crate::room::bind::group_of;
use crate::telemetry::metric::name;

/// Most media events waiting for one meeting. Events are rare (slots, speakers,
/// connections); a meeting this far behind is standing still. What does not fit
/// is lost, and the meeting asks for everything again once it has caught up.
const EVENTS: usize = 4096;

/// How long a full queue is waited for before the media plane counts as stuck,
/// and the pause between two tries. It is drained in microseconds.
const TRIES: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(1);

/// The media plane. Cheap to clone; the last clone stops it.
#[derive(Clone)]
pub(crate) struct Media {
    pool: Arc<MediaPool>,
    routes: Arc<Routes>,
    /// The next group. One process does not open 2^32 meetings.
    groups: Arc<AtomicU32>,
}

/// The queue of the media plane stayed full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stuck;

/// One meeting's place in the media plane: its group, and what happens in it.
pub(crate) struct Stage {
    pub(crate) group: GroupId,
    pub(crate) events: mpsc::Receiver<Event>,
    behind: Arc<AtomicBool>,
    media: Media,
}

impl Media {
    /// Opens the media port.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub(crate) fn start(config: &Config) -> io::Result<Self> {
        let driver = DriverConfig::new(config.media_listen);
        let driver = config.advertise.iter().fold(driver, |driver, ip| driver.advertise(*ip));
        let driver = driver.threads(config.media_threads).spread_at(config.media_spread_at);
        let driver = match config.media_tcp {
            MediaTcp::On => driver,
            MediaTcp::Off => driver.without_tcp(),
        };
        let routes: Arc<Routes> = Arc::default();
        let delivering = Arc::clone(&routes);
        let pool = MediaPool::start(driver, move |event| delivering.deliver(event))?;
        Ok(Self { pool: Arc::new(pool), routes, groups: Arc::new(AtomicU32::new(1)) })
    }

    /// A place for one more meeting, given up when dropped.
    pub(crate) fn open_stage(&self) -> Stage {
        let group = GroupId(self.groups.fetch_add(1, Ordering::Relaxed).into());
        let (sender, events) = mpsc::channel(EVENTS);
        let behind = Arc::<AtomicBool>::default();
        self.routes.lock().insert(group, Way { sender, behind: Arc::clone(&behind) });
        Stage { group, events, behind, media: self.clone() }
    }

    /// Hands a command over, waiting as long as the queue is full.
    ///
    /// # Errors
    /// When it stays full: the media plane is not working.
    pub(crate) async fn send(&self, command: Command) -> Result<(), Stuck> {
        for _ in 0..TRIES {
            match self.pool.send(command.clone()) {
                Ok(()) => return Ok(()),
                Err(Busy::Full) => sleep(PAUSE).await,
                Err(_) => return Err(Stuck),
            }
        }
        Err(Stuck)
    }

    /// Where media is listened for.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.pool.local_addr()
    }

    /// What has been counted.
    pub(crate) fn stats(&self) -> (Stats, SocketStats) {
        (self.pool.stats(), self.pool.socket_stats())
    }
}

/// Puts the media plane's counters into the registry.
pub(crate) fn export((stats, sockets): &(Stats, SocketStats)) {
    metrics::gauge!(name::MEDIA_ENDPOINTS).set(stats.endpoints as f64);
    metrics::counter!(name::MEDIA_RECEIVED).absolute(stats.received_datagrams);
    metrics::counter!(name::MEDIA_FORWARDED).absolute(stats.forwarded_packets);
    metrics::counter!(name::MEDIA_GATED).absolute(stats.gated_packets);
    metrics::counter!(name::MEDIA_DELAYED).absolute(stats.delayed_packets);
    metrics::counter!(name::MEDIA_FORSAKEN).absolute(stats.forsaken_backlogs);
    metrics::counter!(name::MEDIA_FEEDBACK).absolute(stats.received_feedback);
    metrics::counter!(name::MEDIA_REDUNDANT).absolute(stats.redundant_packets);
    metrics::counter!(name::MEDIA_RECOVERED).absolute(stats.recovered_packets);
    metrics::counter!(name::MEDIA_PROBES).absolute(stats.probe_packets);
    metrics::counter!(name::MEDIA_HANDED).absolute(stats.handed_datagrams);
    metrics::counter!(name::MEDIA_RELAYED).absolute(stats.relayed_packets);
    metrics::counter!(name::MEDIA_RETRANSMITTED).absolute(stats.retransmitted_packets);
    for (counter, value) in stats.each() {
        if let Some(reason) = counter.strip_prefix("dropped_") {
            metrics::counter!(name::MEDIA_DROPPED, "reason" => reason).absolute(value);
        }
    }
    metrics::counter!(name::MEDIA_SENT).absolute(sockets.sent_datagrams);
    for (reason, value) in [
        ("queue_full", sockets.dropped_datagrams),
        ("refused", sockets.failed_datagrams),
        ("tcp_behind", sockets.dropped_tcp_datagrams),
    ] {
        metrics::counter!(name::MEDIA_UNSENT, "reason" => reason).absolute(value);
    }
    metrics::gauge!(name::MEDIA_TCP).set(sockets.tcp_connections as f64);
    for (reason, value) in [
        ("idle", sockets.idle_tcp_connections),
        ("malformed", sockets.malformed_tcp_connections),
        ("refused", sockets.refused_tcp_connections),
        ("unproven", sockets.unproven_tcp_connections),
    ] {
        metrics::counter!(name::MEDIA_TCP_ENDED, "reason" => reason).absolute(value);
    }
}

impl Stage {
    /// Whether events were lost since this was asked last.
    pub(crate) fn was_behind(&self) -> bool {
        self.behind.swap(false, Ordering::AcqRel)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.media.routes.lock().remove(&self.group);
    }
}

/// Where events go. A lock and not a channel: a registration sent through a
/// channel could be overtaken by the first event it is for. Held for one lookup.
#[derive(Default)]
struct Routes {
    meetings: Mutex<HashMap<GroupId, Way>>,
}

/// The way to one meeting.
struct Way {
    sender: mpsc::Sender<Event>,
    behind: Arc<AtomicBool>,
}

impl Routes {
    fn deliver(&self, event: Event) {
        let group = match &event {
            Event::Answered { endpoint, .. }
            | Event::Connected { endpoint }
            | Event::Lost { endpoint }
            | Event::Gone { endpoint }
            | Event::Slots { endpoint, .. }
            | Event::Layers { endpoint, .. }
            | Event::Quality { endpoint, .. }
            | Event::Withheld { endpoint, .. } => group_of(*endpoint),
            Event::Speaking { group, .. } => *group,
            _ => return,
        };
        let meetings = self.lock();
        if let Some(meeting) = meetings.get(&group)
            && meeting.sender.try_send(event).is_err()
            && !meeting.behind.swap(true, Ordering::AcqRel)
        {
            tracing::warn!(%group, "a meeting does not take its media events");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GroupId, Way>> {
        self.meetings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use conf_media::EndpointId;

    use super::*;

    #[test]
    fn a_meeting_that_lost_events_knows_it_once() {
        let routes = Routes::default();
        let group = GroupId(7);
        let (sender, mut events) = mpsc::channel(2);
        let behind = Arc::<AtomicBool>::default();
        routes.lock().insert(group, Way { sender, behind: Arc::clone(&behind) });
        let endpoint = EndpointId(7 << 32 | 1);
        for _ in 0..2 {
            routes.deliver(Event::Connected { endpoint });
        }
        assert!(!behind.load(Ordering::Acquire));
        for _ in 0..3 {
            routes.deliver(Event::Lost { endpoint });
        }
        assert!(behind.swap(false, Ordering::AcqRel));
        assert_eq!(events.try_recv(), Ok(Event::Connected { endpoint }));
        routes.deliver(Event::Lost { endpoint });
        assert!(!behind.load(Ordering::Acquire), "there is room again");
    }

    #[test]
    fn what_is_withheld_reaches_the_meeting_it_concerns_and_no_other() {
        let routes = Routes::default();
        let mut meetings = [7, 8].map(|group| {
            let (sender, events) = mpsc::channel(1);
            routes.lock().insert(GroupId(group), Way { sender, behind: Arc::default() });
            events
        });
        let event = Event::Withheld { endpoint: EndpointId(7 << 32 | 1), tracks: Vec::new() };
        routes.deliver(event.clone());
        assert_eq!(meetings[0].try_recv(), Ok(event));
        assert!(meetings[1].try_recv().is_err());
    }
}
