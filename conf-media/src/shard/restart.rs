//! ICE restarts without a new offer, as WHIP asks for them (RFC 9725, section 4.3.3).

use std::time::Instant;

use super::{OfferRefused, Shard};
use crate::{
    EndpointId,
    endpoint::{
        State,
        answer::{LocalParameters, fragment, remote_credentials},
    },
};

impl Shard {
    /// Takes a peer's new credentials, and answers with ours and where we are.
    pub(super) fn restart_ice(
        &mut self,
        now: Instant,
        id: EndpointId,
        (remote_ufrag, remote_pwd): (String, String),
    ) -> Result<String, OfferRefused> {
        let unknown = OfferRefused::UnknownEndpoint(id);
        let at = *self.ids.get(&id).ok_or_else(|| unknown.clone())?;
        remote_credentials(&remote_ufrag, &remote_pwd)
            .map_err(|error| OfferRefused::Description(error.to_string()))?;
        let fresh = self.credentials();
        let endpoint = self.endpoints.get_mut(at).ok_or(unknown)?;
        endpoint.local.session_version += 1;
        (endpoint.local.ufrag, endpoint.local.pwd) = (fresh.ufrag, fresh.pwd);
        let local = &endpoint.local;
        if let Some(unused) = endpoint.ice.restart(&local.ufrag, &local.pwd, &remote_ufrag) {
            self.demux.forget_ufrag(&unused);
        }
        self.demux.add(local.ufrag.clone(), at);
        // Whoever asks to come back is given the time for it once more.
        if endpoint.state == State::Lost {
            endpoint.enter(State::Lost, now);
        }
        let endpoint = self.endpoints.get_mut(at).ok_or(OfferRefused::UnknownEndpoint(id))?;
        endpoint.negotiated.remote_ufrag = remote_ufrag;
        endpoint.negotiated.remote_pwd = remote_pwd;
        let local = &endpoint.local;
        let text = fragment(
            &LocalParameters {
                ufrag: &local.ufrag,
                pwd: &local.pwd,
                fingerprint: self.dtls.certificate().fingerprint(),
                candidates: &self.config.candidates,
                tcp_candidates: &self.config.tcp_candidates,
                session_id: local.session_id,
                session_version: local.session_version,
                video: crate::rtp::Codec::Vp8,
            },
            &endpoint.negotiated,
        );
        self.reschedule(now, at);
        Ok(text)
    }
}
