//! A session's way out: a bounded queue of frames, and what happens when it is full.
//!
//! Whoever has something to say holds a [`Link`] and never waits. A reader that
//! lets [`QUEUE_FRAMES`] frames pile up is cut off with `bye {slow}`; it comes
//! back and resumes, which costs less than remembering more for it.

use conf_proto::{ByeReason, Problem, ServerMessage};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Most frames waiting for one session. More would hide a dead reader for longer
/// and cost memory; fewer would cut off a good one in a burst of joins.
pub(crate) const QUEUE_FRAMES: usize = 256;

/// The sending end, cheap to clone.
#[derive(Clone)]
pub(crate) struct Link {
    queue: mpsc::Sender<Frame>,
    slow: watch::Sender<bool>,
}

/// The receiving end, held by the session's writer.
pub(crate) struct Outbound {
    pub(crate) queue: mpsc::Receiver<Frame>,
    pub(crate) slow: watch::Receiver<bool>,
}

/// One frame on its way out.
pub(crate) struct Frame {
    /// The message as JSON, shared by everyone it goes to.
    pub(crate) text: Utf8Bytes,
    /// Whether the socket closes after it.
    pub(crate) last: bool,
}

/// The session cannot be told any more: it is gone, or too slow and being closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Makes both ends.
pub(crate) fn link() -> (Link, Outbound) {
    let (frames, queue) = mpsc::channel(QUEUE_FRAMES);
    let (slow, slow_seen) = watch::channel(false);
    (Link { queue: frames, slow }, Outbound { queue, slow: slow_seen })
}

/// A message as it goes over the wire.
pub(crate) fn encode(message: &ServerMessage) -> Utf8Bytes {
    // Wire messages hold strings, numbers, lists and string-keyed maps only.
    serde_json::to_string(message).expect("a wire message is always valid JSON").into()
}

impl Link {
    /// Queues an encoded message.
    pub(crate) fn send(&self, text: Utf8Bytes) -> Result<(), Broken> {
        self.queue_frame(Frame { text, last: false })
    }

    /// Queues an encoded message that may as well not arrive: a session that is
    /// behind is spared it, and keeps its queue for what must.
    pub(crate) fn hint(&self, text: Utf8Bytes) {
        if self.queue.capacity() > QUEUE_FRAMES / 2 {
            // A broken link is reported by its own session.
            let _ = self.send(text);
        }
    }

    /// Queues a message for this session alone.
    pub(crate) fn say(&self, message: &ServerMessage) -> Result<(), Broken> {
        self.send(encode(message))
    }

    /// Queues a refusal of request `re`.
    pub(crate) fn refuse(&self, re: u32, problem: Problem) -> Result<(), Broken> {
        self.say(&ServerMessage::Refused { re, problem })
    }

    /// Queues the last frame; the socket closes after it.
    pub(crate) fn bye(&self, reason: ByeReason) -> Result<(), Broken> {
        self.queue_frame(Frame { text: encode(&ServerMessage::Bye { reason }), last: true })
    }

    /// Queues a refusal as the last frame.
    pub(crate) fn refuse_and_close(&self, re: u32, problem: Problem) -> Result<(), Broken> {
        let text = encode(&ServerMessage::Refused { re, problem });
        self.queue_frame(Frame { text, last: true })
    }

    fn queue_frame(&self, frame: Frame) -> Result<(), Broken> {
        // After an overflow there is a hole: nothing may follow it.
        if *self.slow.borrow() {
            return Err(Broken);
        }
        self.queue.try_send(frame).map_err(|error| {
            if matches!(error, mpsc::error::TrySendError::Full(_)) {
                self.slow.send_replace(true);
            }
            Broken
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_marks_the_session_slow_and_takes_nothing_more() {
        let (link, mut outbound) = link();
        for _ in 0..QUEUE_FRAMES {
            assert_eq!(link.say(&ServerMessage::Done { re: 1 }), Ok(()));
        }
        assert_eq!(link.say(&ServerMessage::Done { re: 2 }), Err(Broken));
        assert!(*outbound.slow.borrow());

        outbound.queue.try_recv().expect("the first frame is there");
        assert_eq!(link.say(&ServerMessage::Done { re: 3 }), Err(Broken), "no hole in the stream");
    }

    #[test]
    fn a_hint_never_makes_a_session_slow() {
        let (link, mut outbound) = link();
        for _ in 0..2 * QUEUE_FRAMES {
            link.hint(encode(&ServerMessage::Done { re: 1 }));
        }
        assert!(!*outbound.slow.borrow());
        assert_eq!(link.say(&ServerMessage::Done { re: 2 }), Ok(()), "there is room for the rest");
        let queued = std::iter::from_fn(|| outbound.queue.try_recv().ok()).count();
        assert_eq!(queued, QUEUE_FRAMES / 2 + 1);
    }

    #[test]
    fn a_session_that_is_gone_is_told_from_a_slow_one() {
        let (link, outbound) = link();
        drop(outbound.queue);
        assert_eq!(link.bye(ByeReason::Shutdown), Err(Broken));
        assert!(!*outbound.slow.borrow());
    }
}
