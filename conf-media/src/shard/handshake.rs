//! How a peer becomes connected: its checks answered, its DTLS handshake carried on.

use std::time::Instant;

use super::{Event, Route, Shard};
use crate::endpoint::{
    Keys, State,
    dtls::DtlsOutput,
    slot::Slot,
    stun::{MAX_REPLY, local_ufrag},
};

/// Room for one handshake datagram: what the DTLS engine asks for at least.
const FLIGHT: usize = 2_048;

impl Shard {
    /// Takes a STUN message: a check of one of our peers, or nothing of ours.
    pub(super) fn receive_stun(&mut self, now: Instant, source: Route, bytes: &[u8]) {
        let ufrag = local_ufrag(bytes);
        let Some(at) = ufrag.and_then(|ufrag| self.demux.by_ufrag(ufrag)) else {
            if self.unknown_name(now, source, ufrag, bytes) {
                return;
            }
            // Keep-alives carry no name; from a proven address they are nothing unusual.
            if self.demux.by_route(&source).is_none() {
                self.stats.dropped_stun += 1;
            }
            return;
        };
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let mut reply = [0; MAX_REPLY];
        let Ok(check) = endpoint.ice.receive(now, source, bytes, &mut reply) else {
            self.stats.dropped_stun += 1;
            return;
        };
        if let Some(ufrag) = &check.retired {
            self.demux.forget_ufrag(ufrag);
        }
        if let Some(route) = check.moved {
            endpoint.destination = Some(route);
        }
        // Refusals (a role conflict) are answered too, but prove nothing we could rely on.
        if check.proven {
            endpoint.link.heard = Some(now);
            endpoint.destination.get_or_insert(source);
            let lost = self.demux.prove(source, at, &mut endpoint.proven, endpoint.destination);
            self.proved(source, lost);
        }
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        let returned = endpoint.state == State::Lost && check.proven;
        if returned {
            // What it was sent last is lost to it: whatever builds on that is no use.
            endpoint.slots.iter_mut().for_each(Slot::restart);
        }
        let owned = self.demux.by_route(&source) == Some(at);
        if check.repeated && !owned {
            // A copy from elsewhere: nothing is sent there.
            self.stats.dropped_stun += 1;
            return;
        }
        if let Some(len) = check.reply {
            self.queue(source, &reply[..len]);
        }
        if returned {
            self.connected(now, at);
        }
        self.reschedule(now, at);
    }

    /// Takes a DTLS record from a proven route.
    pub(super) fn receive_dtls(&mut self, now: Instant, source: Route, bytes: &[u8]) {
        let Some(at) = self.demux.by_route(&source) else {
            return self.unknown_address(now, source, bytes);
        };
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        if endpoint.ice.route().is_none() {
            endpoint.destination = Some(source);
        }
        if endpoint.dtls.receive(now, bytes).is_err() {
            self.stats.dropped_dtls += 1;
        }
        self.pump(now, at);
        self.reschedule(now, at);
    }

    /// Carries out whatever the handshake wants. An endpoint whose handshake failed, or whose
    /// peer said goodbye, is gone.
    pub(super) fn pump(&mut self, now: Instant, at: u32) {
        let mut ended = false;
        let mut keyed = false;
        while let Some(endpoint) = self.endpoints.get_mut(at) {
            let mut step = Ok(None);
            let fits = match endpoint.destination {
                Some(to) => self.outbox.push(to, FLIGHT, |out| {
                    step = endpoint.dtls.poll(out);
                    match &step {
                        Ok(Some(DtlsOutput::Transmit(len))) => Some(*len),
                        _ => None,
                    }
                }),
                None => return,
            };
            if !fits {
                self.stats.dropped_over_limit += 1;
                return;
            }
            match step {
                Ok(Some(DtlsOutput::Transmit(_))) => {}
                Ok(Some(DtlsOutput::Keys(keys))) => {
                    endpoint.keys = Some(Keys::new(&keys));
                    keyed = true;
                }
                Ok(Some(DtlsOutput::Closed)) | Err(_) => {
                    ended = true;
                    break;
                }
                Ok(None) => break,
            }
        }
        if ended {
            self.lose(at);
        } else if keyed {
            self.connected(now, at);
        }
    }

    /// Does what follows from an endpoint having keys and fresh consent.
    pub(super) fn connected(&mut self, now: Instant, at: u32) {
        let Some(endpoint) = self.endpoints.get_mut(at) else { return };
        if endpoint.keys.is_none() {
            return;
        }
        endpoint.enter(State::Connected, now);
        endpoint.link.begin(now);
        self.events.push_back(Event::Connected { endpoint: endpoint.id });
        self.await_keyframes(now, at);
        self.unsettle_one(at);
        self.settle(now);
    }

    /// Removes an endpoint that ended by itself, and says so.
    pub(super) fn lose(&mut self, at: u32) {
        let Some(endpoint) = self.endpoints.get(at) else { return };
        self.events.push_back(Event::Gone { endpoint: endpoint.id });
        self.forget(at, |_| false);
    }
}
