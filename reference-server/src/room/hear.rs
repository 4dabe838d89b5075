//! What a meeting does with news from the media plane.

use conf_core::id::SessionId;
use conf_media::shard::{Event, OfferRefused};
use conf_media::{EndpointId, TrackId};
use conf_proto::{Answer, LinkQuality, Problem, ServerMessage};
use tokio::time::Instant;

use super::acquaintance;
use super::negotiate::{Purpose, refused};
use super::owner::{Lost, Owner};
use super::quality;

impl Owner {
    /// Takes in one event of the media plane.
    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::Answered { endpoint, number, result } => self.answered(endpoint, number, result),
            Event::Connected { endpoint } => {
                tracing::debug!(%endpoint, "media is connected");
                self.streams.silent(endpoint, false);
                self.rate(endpoint, LinkQuality::Good);
            }
            Event::Lost { endpoint } => {
                tracing::info!(%endpoint, "media is silent");
                self.streams.silent(endpoint, true);
            }
            Event::Gone { endpoint } => {
                tracing::info!(%endpoint, "media is gone");
                self.bind.gone(endpoint);
                self.streams.ending.extend(self.streams.by_endpoint(endpoint));
            }
            Event::Slots { endpoint, slots } => {
                if let Some((who, slots)) = self.bind.slots(endpoint, slots) {
                    let slots = acquaintance::slots(&self.meeting.acquaintance(), who, slots);
                    let to = conf_core::output::Audience::Only(who);
                    let message = ServerMessage::Slots { slots };
                    self.roll.tell(&to, &crate::signal::link::encode(&message));
                }
            }
            Event::Speaking { tracks, .. } => self.speak(&tracks),
            Event::Layers { endpoint, track, wanted } => {
                if let Some((who, source)) = self.bind.layers(endpoint, track, wanted.clone()) {
                    let to = conf_core::output::Audience::Only(who);
                    let message = ServerMessage::Layers { source, wanted };
                    self.roll.tell(&to, &crate::signal::link::encode(&message));
                }
            }
            Event::Quality { endpoint, quality } => self.rate(endpoint, quality::named(quality)),
            Event::Withheld { endpoint, tracks } => {
                if let Some((who, pictures)) = self.bind.withheld(endpoint, tracks) {
                    let known = self.meeting.acquaintance();
                    let pictures = acquaintance::pictures(&known, who, pictures);
                    let to = conf_core::output::Audience::Only(who);
                    let message = ServerMessage::Withheld { pictures };
                    self.roll.tell(&to, &crate::signal::link::encode(&message));
                }
            }
            // News this server does not know changes nothing it has promised.
            _ => {}
        }
    }

    /// Tells everyone whose connection got better or worse.
    pub(super) fn tell_quality(&mut self) {
        let people = self.links.changes();
        if !people.is_empty() {
            self.tell_links(&people);
        }
    }

    /// Asks for everything again if events were lost, once those that were not are taken in.
    pub(super) async fn catch_up(&mut self) -> Result<(), Lost> {
        if self.stage.events.is_empty() && self.stage.was_behind() {
            tracing::warn!(group = %self.stage.group, "media events were lost; asking for all again");
            // Who fell silent may be among them: nobody is counted who may not be talking.
            self.talk.talk(Instant::now(), std::iter::empty());
            let commands = self.bind.restate_all();
            self.command_media(commands).await?;
        }
        Ok(())
    }

    fn rate(&mut self, endpoint: EndpointId, quality: LinkQuality) {
        if let Some(who) = self.bind.owner_of(endpoint) {
            self.links.note(Instant::now(), who, quality);
        }
    }

    /// Answers those whose offer the media plane has not answered in time.
    pub(super) async fn give_up_waiting(&mut self) -> Result<(), Lost> {
        for ((endpoint, number), waiting) in self.negotiations.overdue(Instant::now()) {
            tracing::warn!(%endpoint, "an offer is not answered in time");
            let detail = "the media plane did not answer in time";
            let problem = Problem::new("unavailable", detail);
            if waiting.purpose == Purpose::Stream {
                self.stream_answered(endpoint, number, Err(problem));
                continue;
            }
            if !matches!(waiting.purpose, Purpose::Further { .. })
                && let Some(who) = self.bind.owner_of(endpoint)
            {
                let commands = self.bind.disconnect(who);
                self.command_media(commands).await?;
            }
            self.reply(waiting.session, waiting.purpose, Err(problem));
        }
        Ok(())
    }

    fn answered(
        &mut self,
        endpoint: EndpointId,
        number: u32,
        result: Result<String, OfferRefused>,
    ) {
        let Some(waiting) = self.negotiations.answered(endpoint, number) else { return };
        if waiting.purpose == Purpose::Stream {
            let answer = result.map_err(|error| refused(error.to_string()));
            return self.stream_answered(endpoint, number, answer);
        }
        if result.is_err() && !matches!(waiting.purpose, Purpose::Further { .. }) {
            self.bind.gone(endpoint);
        }
        let answer =
            result.map(|sdp| Answer { number, sdp }).map_err(|error| refused(error.to_string()));
        self.reply(waiting.session, waiting.purpose, answer);
    }

    fn reply(&mut self, session: SessionId, purpose: Purpose, answer: Result<Answer, Problem>) {
        match purpose {
            // Without media the meeting goes on; the client may offer again.
            Purpose::Welcome => self.welcome(session, answer.ok()),
            // Told where it is answered.
            Purpose::Stream => {}
            Purpose::Fresh { re } | Purpose::Further { re } => {
                let Some(member) = self.roll.welcomed(session) else { return };
                // A broken link is reported by its own session.
                let _ = match answer {
                    Ok(answer) => member.link.say(&ServerMessage::Answer { re, answer }),
                    Err(problem) => member.link.refuse(re, problem),
                };
            }
        }
    }

    fn speak(&mut self, tracks: &[TrackId]) {
        self.talk.talk(Instant::now(), self.bind.voices(tracks));
        let mut speaking = self.bind.publishers(tracks);
        // Someone who speaks over a shared film is one speaker.
        let mut seen = std::collections::BTreeSet::new();
        speaking.retain(|who| seen.insert(*who));
        if speaking != self.speaking {
            self.speaking.clone_from(&speaking);
            self.tell_speaking();
        }
    }
}
