//! What an input would mean: which part judges it, and with what authority.

use crate::admission::lobby::Waiter;
use crate::collab::breakout::judge;
use crate::collab::chat::Theirs;
use crate::collab::chat::write::Said;
use crate::collab::file::upload::Upload;
use crate::collab::file::{Files, Whose};
use crate::collab::poll::ballots::Cast;
use crate::collab::poll::{Asked, Vote};
use crate::collab::reader::Reader;
use crate::collab::timer::Timer;
use crate::collab::vote::{Put, Voters};
use crate::denied::Denied;
use crate::event::{Event, LeaveReason, WaitEnd};
use crate::id::{FileId, IdSource, ParticipantId, PollId};
use crate::input::Command;
use crate::meeting::roster::Member;
use crate::meeting::state::State;
use crate::output::Audience;
use crate::policy::action::Action;
use crate::policy::role::{Role, Standing};
use crate::policy::{self, Actor};
use crate::signal::{Signal, Told};
use crate::stage::source::Source;
use crate::time::Timestamp;

/// What a command comes to.
pub(crate) enum Decided {
    /// This happens, and is journaled; nothing happens where it is empty.
    Events(Vec<Event>),
    /// Nothing changes; this is told, if it does not come too fast.
    Signal(Told),
    /// An anonymous vote, for the ballots.
    Ballot { poll: PollId, cast: Cast },
    /// Nothing changes; this may be sent, if there is room for it beside what is on its way.
    Grant(Upload),
    /// What was granted to the asker under this id is handed on.
    Share(FileId),
}

impl Decided {
    /// What `asker` asked for, told to them alone.
    fn answer(asker: ParticipantId, signal: Signal) -> Self {
        Self::Signal(Told { to: Audience::Only(asker), signal })
    }

    fn vote(poll: PollId, vote: Vote) -> Self {
        match vote {
            Vote::Named(events) => Self::Events(events),
            Vote::Anonymous(cast) => Self::Ballot { poll, cast },
        }
    }
}

impl From<Option<Told>> for Decided {
    fn from(told: Option<Told>) -> Self {
        told.map_or(Self::Events(Vec::new()), Self::Signal)
    }
}

impl State {
    /// Answers `command` without changing anything.
    ///
    /// No events, and nothing told, mean the meeting is already as asked. Authority is judged
    /// before anything that could tell an unauthorised asker about others.
    pub(crate) fn decide(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        from: ParticipantId,
        command: &Command,
    ) -> Result<Decided, Denied> {
        if let Some(waiter) = self.lobby.get(from) {
            return decide_waiting(waiter, command).map(Decided::Events);
        }
        let member = self.roster.require(from)?;
        if !member.is_connected() {
            // Nobody speaks for a kept place: what arrives is from a link that is gone.
            return Err(Denied::NoSuchParticipant);
        }
        let locks = self.locks.in_force_for(from);
        let reader = self.reader_of(member);
        policy::check(self.actor_of(member), locks, self.action_of(command, from))?;
        if let Some(target) = command.target() {
            self.require_known(from, target)?;
        }

        let event = match command {
            Command::Leave => Some(Event::Left { participant: from, reason: LeaveReason::Left }),
            Command::End => self.lifecycle.decide_end(from),
            Command::Publish { .. } | Command::Unmute if self.breakouts.holds(from) => {
                return Err(Denied::Elsewhere);
            }
            Command::Publish { source } => {
                self.publishing.decide_publish(from, member.claimed, *source)?
            }
            Command::Stop { target, source } => {
                self.roster.require(*target)?;
                self.publishing.decide_stop(from, *target, *source)
            }
            Command::Mute { target } => {
                self.roster.require(*target)?;
                self.muting.decide_mute(&self.publishing, from, *target)?
            }
            Command::MuteAll { but_presenter } => {
                let spared = self.presenter.holder().filter(|_| *but_presenter);
                let muted = self.muting.decide_mute_all(&self.publishing, from, spared);
                return Ok(Decided::Events(muted));
            }
            Command::Unmute => self.muting.decide_unmute(&self.publishing, from)?,
            Command::AskToUnmute { target } => {
                return self.decide_ask_to_unmute(from, *target).map(Decided::from);
            }
            Command::RaiseHand => self.hands.decide_raise(from),
            Command::LowerHand { target } => {
                self.roster.require(*target)?;
                self.hands.decide_lower(from, *target)
            }
            Command::LowerAllHands => {
                return Ok(Decided::Events(self.hands.decide_lower_all(from)));
            }
            Command::React { reaction } => {
                let signal = Signal::Reacted { by: from, reaction: *reaction };
                return Ok(Decided::Signal(Told { to: Audience::Everyone, signal }));
            }
            Command::Rename { target, name } => self.roster.decide_rename(from, *target, name)?,
            Command::Report { target, text } => {
                self.roster.require(*target)?;
                self.reports.decide(now, from, *target, text)?
            }
            Command::SendChat { text, to, answers } => {
                to.map(|to| self.require_writable(from, to)).transpose()?;
                let said = Said { text, to: *to, answers: *answers };
                Some(self.chat.decide_send(now, ids, &self.config, reader, said)?)
            }
            Command::EditChat { message, text } => {
                self.chat.decide_edit(now, &self.config, reader, *message, text)?
            }
            Command::DeleteChat { message } => self.chat.decide_delete(reader, *message)?,
            Command::ReactChat { message, reaction, on } => {
                let sign = (*reaction, *on);
                self.chat.decide_react(now, &self.config, reader, *message, sign)?
            }
            Command::ClearChat => {
                let cleared = self.chat.decide_clear(from, self.polls.are_told()).into_iter();
                let events = cleared.chain(self.files.decide_clear(from)).collect();
                return Ok(Decided::Events(events));
            }
            Command::OfferFile { name, bytes, to } => {
                self.check_addressee(from, *to)?;
                let kind = Files::judge(name, *bytes, &self.config.files)?;
                let file = FileId::from_number(ids.draw());
                let (name, bytes, to) = (name.clone(), *bytes, *to);
                return Ok(Decided::Grant(Upload { file, from, to, name, kind, bytes }));
            }
            Command::ShareFile { file } => return Ok(Decided::Share(*file)),
            Command::DeleteFile { file } => Some(self.files.decide_delete(reader, *file)?),
            Command::Typing { to } => return self.decide_typing(from, *to).map(Decided::from),
            Command::LiveText { text } => {
                let signal = Signal::LiveText { by: from, text: text.clone() };
                return Ok(Decided::Signal(Told { to: Audience::Everyone, signal }));
            }
            Command::SetCaptionWriter { language, target } => {
                let target = target.map(|target| self.roster.require(target)).transpose()?;
                self.captions.decide_writer(from, language, target.map(|m| (m.id, m.role)))?
            }
            Command::DraftCaption { language, text } => {
                let (language, text) = (language.clone(), text.clone());
                let signal = Signal::Caption { by: from, language, text };
                return Ok(Decided::Signal(Told { to: Audience::Everyone, signal }));
            }
            Command::WriteCaption { language, text } => {
                Some(self.captions.decide_write(now, ids, from, language, text)?)
            }
            Command::CorrectCaption { line, text } => {
                self.captions.decide_correct(now, from, *line, text)?
            }
            Command::ShowChat { with, before } => {
                let signal = Signal::Chat(self.chat.page(reader, *with, *before)?);
                return Ok(Decided::answer(from, signal));
            }
            Command::SaveCaptions { language } => {
                let lines = self.captions.text(language).collect();
                let signal = Signal::CaptionText { language: language.clone(), lines };
                return Ok(Decided::answer(from, signal));
            }
            Command::StartPoll { question, answers, several, anonymous, right } => {
                let (several, anonymous) = (*several, *anonymous);
                let asked = Asked { question, answers, several, anonymous, right };
                return self.polls.decide_start(ids, from, asked).map(Decided::Events);
            }
            Command::Vote { poll, choices } => {
                let vote = self.polls.decide_vote(from, *poll, choices)?;
                return Ok(Decided::vote(*poll, vote));
            }
            Command::AnswerPoll { poll, text } => {
                let vote = self.polls.decide_answer(from, *poll, text)?;
                return Ok(Decided::vote(*poll, vote));
            }
            Command::ClosePoll { poll } => self.polls.decide_close(from, *poll)?,
            Command::PublishPoll { poll } => self.polls.decide_publish(from, *poll)?,
            Command::PutPollAway { poll } => self.polls.decide_put_away(from, *poll)?,
            Command::WithdrawPoll { poll } => self.polls.decide_withdraw(from, *poll)?,
            Command::OpenBreakouts { .. }
            | Command::AssignBreakout { .. }
            | Command::EnterBreakout { .. }
            | Command::CallHelp
            | Command::ExtendBreakouts { .. }
            | Command::TellBreakouts { .. }
            | Command::CloseBreakouts => self.decide_breakouts(now, ids, member, command)?,
            Command::OpenVote { question, choices, most, voters, key } => {
                let entitled = self.entitled(*voters);
                let put = Put { question, choices, most: *most, voters: *voters, key, entitled };
                Some(self.votes.decide_open(ids, from, put)?)
            }
            Command::TakeBallot { vote } => Some(self.votes.decide_take(from, *vote)?),
            Command::CloseVote { vote } => self.votes.decide_close(now, from, *vote)?,
            Command::GivePresenter { target } => {
                let role = self.roster.require(*target)?.role;
                self.presenter.decide(from, *target, role)?
            }
            Command::TakePresenter => self.presenter.decide_take(from),
            Command::AskToPresent => self.presenter.decide_ask(from),
            Command::DeclinePresenter { target } => {
                self.roster.require(*target)?;
                self.presenter.decide_decline(from, *target)
            }
            Command::Promote { target } => self.roster.decide_promote(from, *target)?,
            Command::Demote { target } => self.roster.decide_demote(from, *target)?,
            Command::SetException { target, lock, on } => {
                let role = self.roster.require(*target)?.role;
                self.locks.decide_exception(from, *target, role, *lock, *on)?
            }
            Command::SetLock { lock, on } => self.locks.decide(from, *lock, *on),
            Command::Admit { target } => {
                return self.decide_admit(from, *target).map(Decided::Events);
            }
            Command::AdmitAll => return self.decide_admit_all(from).map(Decided::Events),
            Command::Deny { target } => {
                return self.decide_deny(from, *target).map(Decided::Events);
            }
            Command::SetGuests { policy } => self.door.decide_guests(from, *policy),
            Command::SetLobbyMessage { text } => self.lobby.decide_message(from, text.as_ref()),
            Command::SetJoinMuted { on } => self.door.decide_join_muted(from, *on),
            Command::Remove { target, ban } => {
                let participant = self.roster.require(*target)?.id;
                let reason = LeaveReason::Removed { by: from, ban: *ban };
                Some(Event::Left { participant, reason })
            }
            Command::RotateLink if self.config.breakout_of.is_some() => {
                return Err(Denied::InBreakout);
            }
            Command::RotateLink => Some(self.door.decide_rotate(from)),
            Command::SetSpotlight { target } => {
                target.map(|target| self.roster.require(target)).transpose()?;
                self.spotlight.decide(from, *target)
            }
            Command::ShareLayout { layout } => self.layouts.decide(now, from, *layout),
            Command::SetMinuteTaker { target } => {
                let target = target.map(|target| self.roster.require(target)).transpose()?;
                self.marks.decide_minute_taker(from, target.map(|m| (m.id, m.role)))?
            }
            Command::WriteMinutes { text, over } => {
                self.minutes.decide_write(now, from, text.as_ref(), *over)?
            }
            Command::ReleaseMinutes { on } => self.minutes.decide_release(from, *on),
            Command::ShowAttendance { from: first } => {
                let signal = Signal::Attendance(self.attendance.page(*first)?);
                return Ok(Decided::answer(from, signal));
            }
            Command::ShowLearning { from: first } => {
                let signal = Signal::Learning(self.learning.page(now, *first)?);
                return Ok(Decided::answer(from, signal));
            }
            Command::ShowOwnLearning => {
                let signal = Signal::OwnLearning(self.learning.own(now, from)?);
                return Ok(Decided::answer(from, signal));
            }
            Command::SetInterpreter { target, on } => {
                self.roster.require(*target)?;
                self.marks.decide_interpreter(from, *target, *on)
            }
            Command::SetTimer { span, runs } => Some(Timer::decide_set(from, *span, *runs)?),
            Command::PauseTimer => self.timer.decide_pause(from)?,
            Command::ResumeTimer => self.timer.decide_resume(from)?,
            Command::StopTimer => self.timer.decide_stop(from),
            Command::Pick { moderators } => {
                Some(self.picks.decide(ids, from, &self.pickable(*moderators))?)
            }
            Command::SetAway { on } => self.marks.decide_away(from, *on),
        };
        Ok(Decided::Events(event.into_iter().collect()))
    }

    fn decide_breakouts(
        &self,
        now: Timestamp,
        ids: &mut dyn IdSource,
        member: &Member,
        command: &Command,
    ) -> Result<Option<Event>, Denied> {
        let (from, breakouts) = (member.id, &self.breakouts);
        Ok(match command {
            Command::OpenBreakouts { .. } if self.config.breakout_of.is_some() => {
                return Err(Denied::InBreakout);
            }
            Command::OpenBreakouts { breakouts: planned, choice, minutes } => {
                let until = judge::until(now, *minutes)?;
                let opened =
                    breakouts.decide_open(ids, from, &self.roster, planned, *choice, until)?;
                Some(opened)
            }
            Command::AssignBreakout { target, breakout } => {
                let by = (from, member.role);
                breakouts.decide_assign(by, &self.roster, *target, *breakout)?
            }
            Command::EnterBreakout { breakout } => {
                Some(breakouts.decide_enter(ids, (from, member.role), *breakout)?)
            }
            Command::CallHelp => Some(breakouts.decide_help(from)?),
            Command::ExtendBreakouts { minutes } => {
                Some(breakouts.decide_extend(now, from, *minutes)?)
            }
            Command::TellBreakouts { text } => Some(breakouts.decide_tell(from, text)?),
            Command::CloseBreakouts => breakouts.decide_close(from),
            _ => None,
        })
    }

    /// Hands on `upload`, which has arrived; much may have changed since it was granted.
    pub(crate) fn decide_share(&self, upload: &Upload) -> Result<Event, Denied> {
        self.check_addressee(upload.from, upload.to)?;
        self.files.decide_share(upload, &self.config.files)
    }

    /// That `from` may hand something to `to`: to one alone as they may write to them alone.
    fn check_addressee(
        &self,
        from: ParticipantId,
        to: Option<ParticipantId>,
    ) -> Result<(), Denied> {
        let Some(to) = to else { return Ok(()) };
        let locks = self.locks.in_force_for(from);
        policy::check(self.actor(from)?, locks, self.privately(to))?;
        self.require_writable(from, to)
    }

    /// Who may take part in a vote that begins now, those with a kept place too.
    fn entitled(&self, voters: Voters) -> Vec<ParticipantId> {
        let may = |member: &&Member| {
            let standing = voters == Voters::Everyone || member.standing == Standing::Member;
            member.role != Role::Service && standing
        };
        self.roster.members().iter().filter(may).map(|member| member.id).collect()
    }

    /// Asks `target` to open their microphone; one that is open already needs no asking.
    fn decide_ask_to_unmute(
        &self,
        by: ParticipantId,
        target: ParticipantId,
    ) -> Result<Option<Told>, Denied> {
        let member = self.roster.require(target)?;
        if member.role == Role::Service {
            return Err(Denied::NotAPerson);
        }
        if !member.is_connected() {
            return Err(Denied::NotConnected);
        }
        // Asking for what they may not do would make them the one who is refused.
        let locks = self.locks.in_force_for(target);
        policy::check(self.actor(target)?, locks, Action::UnmuteSelf)?;
        let open = self.publishing.of(target).contains(Source::Microphone)
            && !self.muting.is_muted(target);
        let signal = Signal::AskedToUnmute { by };
        Ok((!open && target != by).then_some(Told { to: Audience::Only(target), signal }))
    }

    /// Who can be picked: who is here and looks, in the order they joined.
    fn pickable(&self, moderators: bool) -> Vec<ParticipantId> {
        let wanted = |member: &&Member| match member.role {
            Role::Participant => true,
            Role::Moderator => moderators,
            Role::Service => false,
        };
        let here = |m: &&Member| m.is_connected() && !self.marks.is_away(m.id);
        self.roster.members().iter().filter(wanted).filter(here).map(|m| m.id).collect()
    }

    /// Tells those who will read it; one whose link is lost just now is not told.
    fn decide_typing(
        &self,
        by: ParticipantId,
        to: Option<ParticipantId>,
    ) -> Result<Option<Told>, Denied> {
        let signal = Signal::Typing { by, to };
        let Some(other) = to else {
            return Ok(Some(Told { to: Audience::Everyone, signal }));
        };
        self.require_writable(by, other)?;
        let there = self.roster.require(other)?.is_connected();
        Ok(there.then_some(Told { to: Audience::Only(other), signal }))
    }

    /// `id` as a reader of what is said to everyone.
    pub(crate) fn reader(&self, id: ParticipantId) -> Result<Reader, Denied> {
        self.roster.require(id).map(|member| self.reader_of(member))
    }

    pub(crate) fn reader_of(&self, member: &Member) -> Reader {
        let reads_all = self.config.late_chat || member.role == Role::Moderator;
        let since = if reads_all { Timestamp::default() } else { member.since };
        Reader { who: member.id, since }
    }

    /// Who is here and may not know what was said to everyone at `at`.
    pub(crate) fn came_after(&self, at: Timestamp) -> Vec<ParticipantId> {
        if self.config.late_chat {
            return Vec::new();
        }
        let readers = self.roster.members().iter().map(|member| self.reader_of(member));
        readers.filter(|reader| reader.since > at).map(|reader| reader.who).collect()
    }

    /// What `command` amounts to when `from` asks for it.
    ///
    /// A message or file that `from` cannot see counts as their own: the refusal that
    /// there is none says nothing about whose it is.
    pub(crate) fn action_of(&self, command: &Command, from: ParticipantId) -> Action {
        let privately = |other: ParticipantId| self.privately(other);
        let plain = Action::of(command, from);
        let whose = |message| self.chat.whose(message, self.reader(from).ok()?);
        let others = |poll| self.polls.starter(poll).is_some_and(|starter| starter != from);
        match command {
            Command::SendChat { to: Some(to), .. } | Command::Typing { to: Some(to) } => {
                privately(*to)
            }
            Command::EditChat { message, .. } => match whose(*message) {
                Some(Theirs::Other | Theirs::OtherTo(_)) => Action::EditChatOfOther,
                Some(Theirs::OwnTo(other)) => privately(other),
                Some(Theirs::Own) | None => plain,
            },
            Command::DeleteChat { message } => match whose(*message) {
                Some(Theirs::Other) => Action::DeleteChatOfOther,
                Some(Theirs::OtherTo(_)) => Action::DeletePrivateChatOfOther,
                Some(Theirs::Own | Theirs::OwnTo(_)) | None => plain,
            },
            Command::ReactChat { message, .. } => match whose(*message) {
                Some(Theirs::OwnTo(other) | Theirs::OtherTo(other)) => privately(other),
                Some(Theirs::Own | Theirs::Other) | None => plain,
            },
            Command::SetCaptionWriter { language, target: None }
                if self.captions.writer(language) == Some(from) =>
            {
                Action::GiveUpCaptions
            }
            Command::DraftCaption { language, .. } | Command::WriteCaption { language, .. }
                if self.captions.writer(language) != Some(from) =>
            {
                Action::WriteCaptionUnasked
            }
            Command::CorrectCaption { line, .. } if !self.captions.may_mend(from, *line) => {
                Action::WriteCaptionUnasked
            }
            Command::DeleteFile { file } => {
                match self.reader(from).ok().and_then(|reader| self.files.whose(*file, reader)) {
                    Some(Whose::Other) => Action::DeleteFileOfOther,
                    Some(Whose::OtherToMe) => Action::DeletePrivateFileOfOther,
                    Some(Whose::Own) | None => plain,
                }
            }
            Command::ClosePoll { poll } if others(*poll) => Action::ClosePollOfOther,
            Command::PublishPoll { poll }
            | Command::PutPollAway { poll }
            | Command::WithdrawPoll { poll }
                if others(*poll) =>
            {
                Action::PublishPollOfOther
            }
            Command::WriteMinutes { .. } if self.marks.minute_taker() == Some(from) => {
                Action::TakeMinutes
            }
            _ => plain,
        }
    }

    /// What writing to `other` alone amounts to.
    fn privately(&self, other: ParticipantId) -> Action {
        let role = self.roster.get(other).map(|member| member.role);
        if role == Some(Role::Moderator) {
            Action::SendPrivateChatToModerator
        } else {
            Action::SendPrivateChat
        }
    }

    /// That `to` is another person, who can read and answer.
    fn require_writable(&self, from: ParticipantId, to: ParticipantId) -> Result<(), Denied> {
        self.require_known(from, to)?;
        if to == from || self.roster.require(to)?.role == Role::Service {
            return Err(Denied::NotWritable);
        }
        Ok(())
    }

    /// That `from` knows of `target`: whom they do not know is not there for them.
    fn require_known(&self, from: ParticipantId, target: ParticipantId) -> Result<(), Denied> {
        match self.acquaintance().knows(from, target) {
            true => Ok(()),
            false => Err(Denied::NoSuchParticipant),
        }
    }

    /// What authority judges `id` by.
    pub(crate) fn actor(&self, id: ParticipantId) -> Result<Actor, Denied> {
        self.roster.require(id).map(|member| self.actor_of(member))
    }

    /// What authority judges a member by.
    pub(crate) fn actor_of(&self, member: &Member) -> Actor {
        let Member { id, role, standing, .. } = *member;
        Actor { role, standing, presenter: self.presenter.is(id) }
    }
}

/// What counts of what someone asks who waits: only that they go.
fn decide_waiting(waiter: &Waiter, command: &Command) -> Result<Vec<Event>, Denied> {
    match command {
        Command::Leave if waiter.person.is_connected() => {
            let participant = waiter.person.id;
            Ok(vec![Event::WaitEnded { participant, reason: WaitEnd::Left }])
        }
        _ => Err(Denied::Waiting),
    }
}
