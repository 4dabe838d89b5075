//! How a connection without a session begins, changes and ends.
//!
//! Its person comes into the meeting like anybody else, with the claim of their token; what they
//! send is published by their own commands. So every rule of the meeting holds for them, and
//! everyone else sees and hears them as a participant.

use conf_core::admission::entry::Admission;
use conf_core::id::{IdSource, ParticipantId, SessionId};
use conf_core::{Claim, Command, Input, Role, Source};
use conf_media::EndpointId;
use conf_media::shard::Command as MediaCommand;
use conf_proto::{Offer, Problem};

use super::ask::{Begin, Patch, unavailable};
use super::negotiate::{self, Purpose};
use super::owner::{Lost, Owner};
use super::storage::Unmet;
use super::streams::{Begun, Feed, FeedName, Left, NewStream, StreamKey, Unbegun, Way};
use crate::clock::utc_now;
use crate::identity::OsIds;

/// Somebody who is in the meeting, by a session of connections alone.
struct Present {
    who: ParticipantId,
    session: SessionId,
    /// They came just now, as someone new.
    new: bool,
}

impl Owner {
    /// Lets somebody in and hands their offer to the media plane.
    pub(super) async fn begin(&mut self, begin: Begin) -> Result<(), Lost> {
        let Begin { claim, mut way, sdp, place, verdict } = begin;
        let prepared = match self.prepare(&claim, &mut way, &sdp).await {
            Ok(prepared) => prepared,
            Err(Lost) => {
                // Whoever went away no longer wants its answer.
                let _ = verdict.send(Err(Unbegun::Problem(unavailable())));
                return Err(Lost);
            }
        };
        let Present { who, session, .. } = match prepared {
            Ok(present) => present,
            Err(unbegun) => {
                let _ = verdict.send(Err(unbegun));
                return Ok(());
            }
        };
        let replaced = self.streams.replaced_by(who, &way);
        let remote = ufrag(&sdp).to_owned();
        let (endpoint, commands) = match &way {
            Way::Send(sources) => {
                let sources = sources.clone();
                self.bind.connect(who, Offer { number: 1, fresh: true, sdp, sources })
            }
            Way::Play(feed) => self.bind.play(who, sdp, feed.as_ref().map(|feed| feed.who)),
        };
        self.negotiations.wait(endpoint, 1, session, Purpose::Stream);
        self.streams.add(NewStream {
            remote,
            participant: who,
            session,
            endpoint,
            way,
            asked: verdict,
            held: place,
        });
        self.command_media(commands).await?;
        for key in replaced {
            self.end_stream(key, Ending::Replaced).await?;
        }
        Ok(())
    }

    /// Everything that can refuse somebody, up to what they publish.
    async fn prepare(
        &mut self,
        claim: &Claim,
        way: &mut Way,
        sdp: &str,
    ) -> Result<Result<Present, Unbegun>, Lost> {
        let sources = match &*way {
            Way::Send(sources) => sources.clone(),
            Way::Play(_) => Default::default(),
        };
        let offer = Offer { number: 1, fresh: true, sdp: sdp.to_owned(), sources };
        if let Err(problem) = negotiate::check(&offer) {
            return Ok(Err(Unbegun::Problem(problem)));
        }
        let admission = self.meeting.admission(utc_now(), claim);
        if let (Way::Play(Some(feed)), Ok(Admission::Here(_) | Admission::Enters)) =
            (&mut *way, &admission)
        {
            feed.who = self
                .find_feed(feed)
                .filter(|who| claim.role == Role::Moderator || self.meeting.is_shown_to_all(*who));
            if feed.who.is_none() {
                return Ok(Err(Unbegun::NoFeed(self.streams.watch())));
            }
        }
        let here = match admission {
            Ok(Admission::Here(who)) => Some(who),
            _ => None,
        };
        let known = here.and_then(|who| Some((who, self.streams.session_of(who)?)));
        let present = match known {
            Some((who, session)) => Present { who, session, new: false },
            None => match self.come_in(claim, here).await? {
                Ok(present) => present,
                Err(problem) => return Ok(Err(Unbegun::Problem(problem))),
            },
        };
        if let Way::Send(_) = way
            && let Err(problem) = self.publish(&present, offer.sources.values().copied()).await?
        {
            if self.streams.forget_if_idle(present.who) {
                self.leave(present.who, present.session).await?;
            }
            return Ok(Err(Unbegun::Problem(problem)));
        }
        Ok(Ok(present))
    }

    /// Presents a claim by a session of its own; `here` is in the meeting by another.
    async fn come_in(
        &mut self,
        claim: &Claim,
        here: Option<ParticipantId>,
    ) -> Result<Result<Present, Problem>, Lost> {
        let session = SessionId::from_number(OsIds.draw());
        if let Err(unmet) = self.step(Input::Join { session, claim: claim.clone() }).await? {
            return Ok(Err(unmet.problem()));
        }
        let Some(who) = self.meeting.participant_of(session) else {
            // The place in the lobby is kept for as long as that of a lost link: who asks again
            // meanwhile has it still, or is let in.
            self.link_lost(session).await?;
            let detail = "a moderator has to let the holder of the token in; ask again";
            return Ok(Err(Problem::new("waiting", detail)));
        };
        self.streams.came(who, session);
        if here == Some(who) {
            // What they had by their former session is over.
            let commands = self.bind.disconnect(who);
            self.command_media(commands).await?;
            for source in self.meeting.published_by(who).iter() {
                self.own(who, Command::Stop { target: who, source }).await?.ok();
            }
        }
        Ok(Ok(Present { who, session, new: here != Some(who) }))
    }

    /// Publishes everything or nothing.
    async fn publish(
        &mut self,
        present: &Present,
        sources: impl Iterator<Item = Source>,
    ) -> Result<Result<(), Problem>, Lost> {
        let who = present.who;
        let before = self.meeting.published_by(who);
        for source in sources {
            if let Err(unmet) = self.own(who, Command::Publish { source }).await? {
                for made in self.meeting.published_by(who).iter() {
                    if !before.contains(made) {
                        self.own(who, Command::Stop { target: who, source: made }).await?.ok();
                    }
                }
                return Ok(Err(unmet.problem()));
            }
        }
        let speaks = self.meeting.published_by(who).contains(Source::Microphone);
        if present.new && speaks {
            // Where newcomers start muted, to send sound by itself is to open it: there is no
            // button. Whom a moderator muted is no newcomer.
            self.own(who, Command::Unmute).await?.ok();
        }
        Ok(Ok(()))
    }

    /// A command of `who` that no session sent.
    async fn own(
        &mut self,
        from: ParticipantId,
        command: Command,
    ) -> Result<Result<(), Unmet>, Lost> {
        self.step(Input::Command { from, command }).await
    }

    /// Who a feed is, if they are here and publish anything.
    fn find_feed(&self, feed: &Feed) -> Option<ParticipantId> {
        let who = match &feed.of {
            FeedName::Participant(who) => *who,
            FeedName::Holder { issuer, subject } => self.meeting.holder_of(issuer, subject)?,
        };
        (self.meeting.published_by(who).iter().next().is_some()).then_some(who)
    }

    /// Gives a connection new ICE credentials, if they are new.
    pub(super) async fn patch(&mut self, patch: Patch) -> Result<(), Lost> {
        let Patch { key, version, credentials, verdict } = patch;
        let told = match (self.check_stream(key, version), self.streams.get_mut(key)) {
            (Err(unbegun), _) => Err(unbegun),
            (Ok(()), None) => Err(Unbegun::Gone),
            (Ok(()), Some(stream)) => {
                match credentials.filter(|(ufrag, _)| *ufrag != stream.remote) {
                    // Candidates: this side checks none, it answers what comes.
                    None => Ok(Begun { key, version: stream.version, sdp: String::new() }),
                    Some(_) if stream.asked.is_some() => {
                        let detail = "an earlier request of this connection is not answered yet";
                        Err(Unbegun::Problem(Problem::new("busy", detail)))
                    }
                    Some(credentials) => {
                        let number = stream.version.saturating_add(1);
                        let (endpoint, session) = (stream.endpoint, stream.session);
                        stream.asked = Some(verdict);
                        stream.next_remote.clone_from(&credentials.0);
                        self.negotiations.wait(endpoint, number, session, Purpose::Stream);
                        let command = MediaCommand::Restart { endpoint, number, credentials };
                        return self.command_media(vec![command]).await;
                    }
                }
            }
        };
        // Whoever went away no longer wants its answer.
        let _ = verdict.send(told);
        Ok(())
    }

    /// Whether there is such a connection, in that ICE session.
    pub(super) fn check_stream(
        &mut self,
        key: StreamKey,
        version: Option<u32>,
    ) -> Result<(), Unbegun> {
        let stream = self.streams.get_mut(key).ok_or(Unbegun::Gone)?;
        match version {
            Some(version) if version != stream.version => Err(Unbegun::OtherVersion),
            _ => Ok(()),
        }
    }

    /// The media plane answered, or did not in time: whoever waits is told.
    pub(super) fn stream_answered(
        &mut self,
        endpoint: EndpointId,
        number: u32,
        answer: Result<String, Problem>,
    ) {
        let Some(key) = self.streams.by_endpoint(endpoint) else { return };
        let Some(stream) = self.streams.get_mut(key) else { return };
        let (first, failed) = (number == 1, answer.is_err());
        if !first && !failed {
            stream.version = number;
            stream.remote = std::mem::take(&mut stream.next_remote);
        }
        let version = stream.version;
        let told = stream.asked.take().map(|verdict| {
            let begun = answer.map(|sdp| Begun { key, version, sdp });
            verdict.send(begun.map_err(Unbegun::Problem))
        });
        // Nobody knows of a connection whose asker has gone.
        let unheard = !matches!(told, Some(Ok(())));
        if first && (failed || unheard) {
            self.streams.ending.push(key);
        }
    }

    /// Takes leave of the connections that are over.
    pub(super) async fn end_streams(&mut self) -> Result<(), Lost> {
        while let Some(key) = self.streams.ending.pop() {
            self.end_stream(key, Ending::Over).await?;
        }
        Ok(())
    }

    async fn end_stream(&mut self, key: StreamKey, ending: Ending) -> Result<(), Lost> {
        let Some((stream, left)) = self.streams.remove(key) else { return Ok(()) };
        let commands = self.bind.end(stream.endpoint);
        self.command_media(commands).await?;
        let who = stream.participant;
        match (left, stream.way) {
            (Left::Nothing, _) => self.leave(who, stream.session).await?,
            (Left::Some, Way::Send(sources)) => {
                let kept = match ending {
                    Ending::Replaced => self.streams.sent_by(who),
                    Ending::Over => Vec::new(),
                };
                for source in sources.into_values().filter(|source| !kept.contains(source)) {
                    // Stopped by a moderator already, or not kept: then it goes with its person.
                    let _ = self.own(who, Command::Stop { target: who, source }).await?;
                }
            }
            (Left::Some | Left::Other, _) => {}
        }
        Ok(())
    }

    /// Somebody goes with the last of their connections.
    async fn leave(&mut self, who: ParticipantId, session: SessionId) -> Result<(), Lost> {
        match self.own(who, Command::Leave).await? {
            // Said again once it can be kept.
            Err(Unmet::NotKept) => self.link_lost(session).await,
            // They may be gone already: removed, or the meeting ended.
            Ok(()) | Err(Unmet::Denied(_)) => Ok(()),
        }
    }
}

/// The ICE user name fragment of an offer; nothing where it has none.
fn ufrag(sdp: &str) -> &str {
    let mut found = sdp.lines().filter_map(|line| line.trim_end().strip_prefix("a=ice-ufrag:"));
    found.next().map(str::trim).unwrap_or_default()
}

/// How a connection ends. A closed set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Another of the same person does the same from now on.
    Replaced,
    /// For good.
    Over,
}
