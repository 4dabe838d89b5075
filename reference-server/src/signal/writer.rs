//! The task that writes a session's frames, pings its client, and says goodbye.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use conf_proto::{ByeReason, ServerMessage};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::flag::raised;
use crate::telemetry::metric::name;

use super::link::{Outbound, encode};

/// How often the client is asked whether it is still there. Longer finds broken
/// links later, shorter wakes phones.
const PING_EVERY: Duration = Duration::from_secs(10);

/// How long a goodbye may take on a socket that does not move.
const BYE_WITHIN: Duration = Duration::from_secs(1);

type Sink = SplitSink<WebSocket, Message>;

/// Writes until the last frame, a broken socket, a slow reader or the server's end.
pub(crate) async fn write(mut sink: Sink, outbound: Outbound, mut draining: watch::Receiver<bool>) {
    let Outbound { mut queue, mut slow } = outbound;
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();

    let farewell = loop {
        let (message, last) = tokio::select! {
            biased;
            () = raised(&mut slow) => break Some(ByeReason::Slow),
            () = raised(&mut draining) => break Some(ByeReason::Shutdown),
            frame = queue.recv() => match frame {
                Some(frame) => (Message::Text(frame.text), frame.last),
                None => break None,
            },
            _ = ping.tick() => (Message::Ping(axum::body::Bytes::new()), false),
        };
        // A socket that takes nothing must not keep a slow reader or a shutdown waiting.
        let sent = tokio::select! {
            biased;
            sent = sink.send(message) => sent,
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
            sink.send(Message::Text(encode(&ServerMessage::Bye { reason }))).await?;
        }
        sink.close().await
    })
    .await;
}
