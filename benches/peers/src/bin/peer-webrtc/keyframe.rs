//! Hears players ask for keyframes: the library keeps RTCP to its chain of interceptors.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use tokio::sync::Notify;

/// Whom to tell that a keyframe of a stream we send is wanted. A lock, because every connection
/// has a task of its own; it is taken for requests only, never for media.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes(Arc<Mutex<HashMap<u32, Arc<Notify>>>>);

impl Wishes {
    /// A stream now carries the source that `notify` belongs to.
    pub(crate) fn carry(&self, ssrc: u32, notify: Arc<Notify>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(ssrc, notify);
    }

    /// A stream is gone.
    pub(crate) fn forget(&self, ssrc: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&ssrc);
    }

    fn want(&self, ssrc: u32) {
        let wishes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notify) = wishes.get(&ssrc) {
            notify.notify_one();
        }
    }
}

/// Lets everything pass and notes PLI and FIR.
pub(crate) struct Listen {
    wishes: Wishes,
    reads: VecDeque<TaggedPacket>,
    writes: VecDeque<TaggedPacket>,
}

impl Listen {
    pub(crate) fn new(wishes: Wishes) -> Self {
        Self { wishes, reads: VecDeque::new(), writes: VecDeque::new() }
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Listen {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &message.message.packet {
            for packet in packets {
                let packet = packet.as_any();
                if let Some(pli) = packet.downcast_ref::<PictureLossIndication>() {
                    self.wishes.want(pli.media_ssrc);
                } else if let Some(fir) = packet.downcast_ref::<FullIntraRequest>() {
                    fir.fir.iter().for_each(|entry| self.wishes.want(entry.ssrc));
                }
            }
        }
        self.reads.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.reads.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.writes.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.writes.pop_front()
    }
}

impl Interceptor for Listen {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
