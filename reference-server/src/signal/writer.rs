//! The task that writes a session's frames, pings its client, and says goodbye.

use std::time::Duration;

use conf_proto::{ByeReason, ServerMessage};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::flag::raised;
use crate::telemetry::metric::name;

use super::link::{Outbound, encode};
use super::socket::Outgoing;

/// How often the client is asked whether it is still there. Longer finds broken
/// links later, shorter wakes phones.
const PING_EVERY: Duration = Duration::from_secs(10);

/// How long a goodbye may take on a socket that does not move.
const BYE_WITHIN: Duration = Duration::from_secs(1);

/// Writes until the last frame, a broken socket, a slow reader or the server's end.
pub(crate) async fn write(
    mut sink: Outgoing,
    outbound: Outbound,
    mut draining: watch::Receiver<bool>,
) {
    let Outbound { mut queue, mut slow } = outbound;
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();

    let farewell = loop {
        let (text, last) = tokio::select! {
            biased;
            () = raised(&mut slow) => break Some(ByeReason::Slow),
            () = raised(&mut draining) => break Some(ByeReason::Shutdown),
            frame = queue.recv() => match frame {
                Some(frame) => (Some(frame.text), frame.last),
                None => break None,
            },
            _ = ping.tick() => (None, false),
        };
        // A socket that takes nothing must not keep a slow reader or a shutdown waiting.
        let send = async {
            match text {
                Some(text) => sink.text(text).await,
                None => sink.ping().await,
            }
        };
        let sent = tokio::select! {
            biased;
            sent = send => sent,
            () = raised(&mut slow) => break Some(ByeReason::Slow),
            () = raised(&mut draining) => break Some(ByeReason::Shutdown),
        };
        if sent.is_err() || last {
            break None;
        }
    };

    // What cannot be said within the bound is not said: the socket closes either way.
    let _ = timeout(BYE_WITHIN, async {
        if let Some(reason) = farewell {
            if matches!(reason, ByeReason::Slow) {
                metrics::counter!(name::SIGNAL_DROPPED, "reason" => "slow").increment(1);
            }
            sink.text(encode(&ServerMessage::Bye { reason })).await?;
        }
        sink.close().await
    })
    .await;
}
