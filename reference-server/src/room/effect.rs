//! From what a meeting asks of the world to the part that performs it.

use conf_core::event::{Entry, Event, Newcomer};
use conf_core::id::{ParticipantId, SessionId};
use conf_core::output::{Audience, HangupReason};
use conf_core::view::Place;
use conf_core::{Output, Personal, Role};
use conf_media::shard::Command as MediaCommand;
use conf_proto::convert::{event_frame, lobby, room_signal, room_view, shown_frame, waiting};
use conf_proto::{Answer, ByeReason, Offer, PROTOCOL, Resume, ServerMessage};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::acquaintance;
use super::audit;
use super::negotiate::Purpose;
use super::owner::{Lost, Owner};
use super::recover::Keeping;
use super::roll::{Greeting, Member, Waiting};
use super::storage::Failed;
use crate::clock::utc_now;
use crate::signal::link::{Link, encode};
use crate::store::{AuditRecord, NextGuestLink, StoreError};

/// A session whose join is being judged.
pub(super) struct Arrival {
    pub(super) link: Link,
    pub(super) re: u32,
    pub(super) resume: Option<Resume>,
    pub(super) offer: Option<Offer>,
}

impl Owner {
    /// Carries out what the last `handle` asked for: what closes first, then
    /// the journal, then everything else.
    pub(super) async fn settle(
        &mut self,
        outputs: Vec<Output>,
        refused: Option<AuditRecord>,
    ) -> Result<(), Failed> {
        let mut closed = Vec::new();
        for output in outputs.iter().filter(|output| output.closes()) {
            if let Output::Gate { participant, source, open } = *output {
                if self.bind.is_open(participant, source) {
                    closed.push((participant, source));
                }
                let commands = self.bind.gate(participant, source, open);
                self.command_media(commands).await?;
            }
        }
        if let Err(error) = self.keep(&outputs, refused).await {
            self.take_back(closed, &error).await?;
            return Err(Failed::NotKept);
        }
        self.meeting.kept();
        // Before a gate opens: who may not look does not get to.
        let commands = self.bind.see(self.meeting.sight());
        self.command_media(commands).await?;
        for output in outputs.into_iter().filter(|output| !output.closes()) {
            self.perform(output).await?;
        }
        self.acquaint();
        self.sweep_files().await;
        // Only now is everything told that the welcome's number includes.
        for (session, offer) in std::mem::take(&mut self.admitted) {
            self.greet(session, offer).await?;
        }
        self.tell_ties();
        Ok(())
    }

    /// Writes the journal. Nothing goes on before it is on disk.
    async fn keep(
        &mut self,
        outputs: &[Output],
        refused: Option<AuditRecord>,
    ) -> Result<(), StoreError> {
        let mut audit = audit::happened(&self.meeting, outputs);
        audit.extend(refused);
        let entries: Vec<Entry> = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Journal(entry) => Some(entry.clone()),
                _ => None,
            })
            .collect();
        if self.keeping == Keeping::Nothing || (entries.is_empty() && audit.is_empty()) {
            return Ok(());
        }
        let meeting = self.meeting.identity().meeting;
        let next = self.next_link(&entries);
        self.ground.store.append_with_link(meeting, entries, audit, next).await?;
        self.worked = true;
        self.kept_again();
        Ok(())
    }

    /// The guest link that counts once `entries` are kept, if they replace it.
    fn next_link(&self, entries: &[Entry]) -> Option<NextGuestLink> {
        let number = entries.iter().find_map(|entry| match entry.event {
            Event::LinkRotated { link, .. } => Some(link),
            _ => None,
        })?;
        // It follows from a command alone, and `command` draws the key for it.
        let key_hash = self.rotating.as_ref()?.hash();
        Some(NextGuestLink { key_hash, number })
    }

    async fn perform(&mut self, output: Output) -> Result<(), Lost> {
        match output {
            Output::Journal(entry) => self.kept(&entry.event).await?,
            Output::Deliver { to, entry } => self.deliver(to, &entry),
            Output::Show { to, shown } => {
                let frame = shown_frame(&shown);
                self.roll.tell(&to, &encode(&ServerMessage::Event(frame)));
            }
            Output::Signal { to, signal } => {
                // What somebody asked for is not left out because they are behind.
                let answers = signal.answers();
                if let Some(signal) = room_signal(&signal) {
                    let text = encode(&ServerMessage::Signal { signal });
                    if answers { self.roll.tell(&to, &text) } else { self.roll.hint(&to, &text) }
                }
            }
            Output::Reshow { participant } => self.show_again(participant),
            Output::Admitted { session, participant } => self.admit(session, participant),
            Output::Waiting { session, participant, place } => {
                self.wait(session, participant, &place);
            }
            Output::Moved { session, place } => {
                if let Some(waiting) = self.roll.waiting(session) {
                    // A broken link is reported by its own session.
                    let _ = waiting.link.say(&lobby(&place));
                }
            }
            Output::Gate { participant, source, open } => {
                let commands = self.bind.gate(participant, source, open);
                self.command_media(commands).await?;
            }
            Output::Granted { upload } => self.transfers.granted = Some(upload),
            Output::Hangup { session, reason } => self.leaving.push((session, bye_reason(reason))),
            Output::Ended => {
                let commands = self.bind.clear();
                self.command_media(commands).await?;
                self.delete_files().await;
                let meeting = self.meeting.identity().meeting;
                tracing::info!(%meeting, "a meeting ends");
            }
            // An output this server does not know asks for something it cannot do.
            other => tracing::error!(?other, "an output is not carried out"),
        }
        Ok(())
    }

    /// What follows here from an entry that is kept.
    async fn kept(&mut self, event: &Event) -> Result<(), Lost> {
        self.vote_happened(event).await;
        match event {
            Event::Joined(Newcomer { participant, session, issuer, subject, .. }) => {
                self.headcount.joined();
                let came = self.streams.feed_came(*participant, issuer, subject.as_ref());
                for endpoint in came {
                    let commands = self.bind.follow(endpoint, *participant);
                    self.command_media(commands).await?;
                }
                if let Some(arrival) = self.arriving.get_mut(session) {
                    // A new participant has seen nothing yet, whatever its page claims.
                    arrival.resume = None;
                }
            }
            Event::Left { participant, .. } => {
                self.headcount.left();
                self.links.forget(*participant);
                self.streams.feed_left(*participant);
                let commands = self.bind.forget(*participant);
                self.command_media(commands).await?;
            }
            Event::RoleChanged { participant, role, .. } => self.roll.set_role(*participant, *role),
            Event::InterpreterChanged { participant, on, .. } => {
                let commands = self.bind.interpret(*participant, *on);
                self.command_media(commands).await?;
            }
            Event::BreakoutPassed { .. } => self.note_pass(event),
            Event::Published { .. } => self.streams.published(),
            _ => {}
        }
        Ok(())
    }

    fn deliver(&mut self, to: Audience, entry: &Entry) {
        let name_of = |who: ParticipantId| {
            let name = self.meeting.name_of(who).and_then(Personal::as_ref)?;
            Some(name.as_str().to_owned())
        };
        let Some(frame) = event_frame(entry, name_of) else { return };
        self.roll.tell(&to, &encode(&ServerMessage::Event(frame.clone())));
        if let Some(to) = to.knowing() {
            self.tail.push(to.clone(), frame);
        }
    }

    fn admit(&mut self, session: SessionId, participant: ParticipantId) {
        let arrival = match self.roll.stop_waiting(session) {
            // What it offered when it came is long out of date.
            Some(Waiting { link, re, .. }) => Arrival { link, re, resume: None, offer: None },
            // A session of before a restart has nobody behind it.
            None => match self.arriving.remove(&session) {
                Some(arrival) => arrival,
                None => return,
            },
        };
        let Arrival { link, re, resume, offer } = arrival;
        // Let in and already gone again: its hang-up follows.
        let role = self.meeting.role_of(participant).unwrap_or(Role::Participant);
        let greeting = Some(Greeting { re, resume });
        self.roll.admit(session, Member { participant, role, link, greeting });
        self.admitted.push((session, offer));
    }

    /// Tells a session that it waits, and remembers how to tell it more.
    fn wait(&mut self, session: SessionId, participant: ParticipantId, place: &Place) {
        let Some(Arrival { link, re, .. }) = self.arriving.remove(&session) else { return };
        let meeting = self.meeting.identity().meeting;
        // A broken link is reported by its own session.
        let _ = link.say(&waiting(re, meeting, participant, place));
        self.roll.wait(session, Waiting { participant, link, re });
    }

    /// Sets up the media a new session asked for, then welcomes it.
    async fn greet(&mut self, session: SessionId, offer: Option<Offer>) -> Result<(), Lost> {
        let member = self.roll.member_mut(session).map(|member| member.participant);
        if let (Some(who), Some(offer)) = (member, offer) {
            match self.negotiate(session, who, offer, Purpose::Welcome).await? {
                Ok(()) => return Ok(()),
                // Without media the meeting goes on; the client may offer again.
                Err(problem) => {
                    tracing::info!(%session, code = problem.code, "an offer is refused")
                }
            }
        }
        self.welcome(session, None);
        Ok(())
    }

    /// Shows the meeting to a session; from now on it is told what happens and
    /// what it asks counts.
    pub(super) fn welcome(&mut self, session: SessionId, answer: Option<Answer>) {
        let identity = self.meeting.identity();
        let Some(member) = self.roll.member_mut(session) else { return };
        let Some(Greeting { re, resume }) = member.greeting.take() else { return };
        let (participant, role) = (member.participant, member.role);
        // Admitted and already gone again: its hang-up follows.
        let Some(view) = self.meeting.view(participant) else { return };

        // Whose anonymous vote a restart lost is in no event: only the whole meeting says it.
        let asked_again = self.recovered && view.polls.iter().any(|poll| poll.anonymous);
        // What happened is kept as those are told it who know everyone.
        let known = self.meeting.acquaintance();
        let whole = asked_again || known.limits(participant);
        let missed = resume
            .filter(|resume| resume.meeting == identity.meeting && !whole)
            .and_then(|resume| self.tail.since(participant, role, resume.seq, view.seq));
        let welcome = ServerMessage::Welcome {
            re,
            protocol: PROTOCOL,
            participant,
            meeting: identity.meeting,
            now: utc_now().0,
            seq: view.seq,
            room: missed.is_none().then(|| Box::new(room_view(&view))),
            events: missed.unwrap_or_default(),
            answer,
            media: self.bind.connected(participant),
        };
        let slots = acquaintance::slots(&known, participant, self.bind.all_slots(participant));
        let speaking = acquaintance::people(&known, participant, &self.speaking);
        let failing = self.storage.is_failing();
        let layers = self.bind.all_layers(participant);
        let people = acquaintance::quality(&known, participant, self.links.view());
        let pictures =
            acquaintance::pictures(&known, participant, self.bind.all_withheld(participant));
        // A broken link is reported by its own session.
        let _ = member.link.say(&welcome).and_then(|()| {
            if !slots.is_empty() {
                member.link.say(&ServerMessage::Slots { slots })?;
            }
            if !speaking.is_empty() {
                member.link.say(&ServerMessage::Speaking { participants: speaking })?;
            }
            if failing {
                member.link.say(&ServerMessage::Storage { ok: false })?;
            }
            for (source, wanted) in layers {
                member.link.say(&ServerMessage::Layers { source, wanted })?;
            }
            if !people.is_empty() {
                member.link.say(&ServerMessage::Quality { people })?;
            }
            if !pictures.is_empty() {
                member.link.say(&ServerMessage::Withheld { pictures })?;
            }
            Ok(())
        });
    }

    /// Shows the meeting anew to somebody who may see other things than before. Who is not
    /// welcomed yet is shown it then.
    fn show_again(&self, participant: ParticipantId) {
        let Some(view) = self.meeting.view(participant) else { return };
        let room = ServerMessage::Room { seq: view.seq, room: Box::new(room_view(&view)) };
        self.roll.tell(&Audience::Only(participant), &encode(&room));
    }

    /// Closes the sessions the meeting hung up, after the asker has its answer.
    pub(super) fn hang_up(&mut self) {
        for (session, reason) in self.leaving.drain(..) {
            if let Some(link) = self.roll.remove(session) {
                // A link that is broken already needs no goodbye.
                let _ = link.bye(reason);
            } else {
                self.streams.hung_up(session);
            }
        }
    }

    /// Gives up what hangs on this meeting in memory, which no longer counts.
    pub(super) async fn abandon(&mut self) {
        for link in self.roll.take_all() {
            // A link that is broken already needs no goodbye.
            let _ = link.bye(ByeReason::Shutdown);
        }
        let commands = self.bind.clear();
        // A media plane that takes no commands forwards nothing new either.
        let _ = self.command_media(commands).await;
    }

    /// Hands commands to the media plane, in order.
    pub(super) async fn command_media(&mut self, commands: Vec<MediaCommand>) -> Result<(), Lost> {
        for command in commands {
            self.ground.media.send(command).await.map_err(|_| {
                tracing::error!("the media plane takes no commands");
                Lost
            })?;
        }
        Ok(())
    }

    /// Tells everyone who is welcomed, without keeping it. It names nobody.
    pub(super) fn tell_all(&self, message: &ServerMessage) {
        let text: Utf8Bytes = encode(message);
        self.roll.tell(&Audience::Everyone, &text);
    }
}

fn bye_reason(reason: HangupReason) -> ByeReason {
    match reason {
        HangupReason::Left => ByeReason::Left,
        HangupReason::Replaced => ByeReason::Replaced,
        HangupReason::Removed => ByeReason::Removed,
        HangupReason::Denied => ByeReason::Denied,
        // Whatever else ends a session for good.
        _ => ByeReason::Ended,
    }
}
