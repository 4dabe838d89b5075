//! Who is told and shown what is not for everyone: private lines, and who chose what.

use crate::event::{Entry, Event, PollAnswered};
use crate::fuzzing::Watched;
use crate::id::ParticipantId;
use crate::meeting::roster::Member;
use crate::output::Audience;
use crate::policy::role::Role;
use crate::signal::Signal;
use crate::time::Timestamp;
use crate::view::PollStage;

impl Watched {
    /// What is private is told to those alone whom it concerns.
    pub(super) fn check_told(&self, to: &Audience, entry: &Entry) {
        if let Event::Voted { poll, by, .. } | Event::PollAnswered(PollAnswered { poll, by, .. }) =
            entry.event
        {
            let asked = self.journal.iter().find_map(|kept| match kept.event {
                Event::PollStarted { poll: one, by, anonymous, .. } if one == poll => {
                    assert!(!anonymous, "an anonymous vote is no entry of its own");
                    Some(by)
                }
                _ => None,
            });
            let asker = asked.expect("what is voted on was asked");
            assert_eq!(to, &Audience::ModeratorsAndBoth(asker, by), "a vote is not for all");
        }
        self.check_key_told(to, entry);
        self.check_file_told(to, entry);
        if matches!(entry.event, Event::MinutesWritten { .. }) {
            let everyone = to == &Audience::Everyone;
            assert_eq!(
                everyone,
                self.meeting.state().minutes.released(),
                "minutes are for who may"
            );
        }
        let message = match entry.event {
            Event::ChatSent { message, .. }
            | Event::ChatEdited { message, .. }
            | Event::ChatDeleted { message, .. }
            | Event::ChatReacted { message, .. } => message,
            _ => return,
        };
        let said = self.journal.iter().find_map(|kept| match kept.event {
            Event::ChatSent { message: one, from, to, .. } if one == message => {
                Some((kept.at, from, to))
            }
            _ => None,
        });
        let (at, from, other) = said.expect("what is told of was said");
        assert_eq!(to, &self.theirs(at, from, other), "a line is told to those it is for");
    }

    /// Whose it is what `from` said or handed on at `at`: to one, or to everyone there was.
    pub(super) fn theirs(
        &self,
        at: Timestamp,
        from: ParticipantId,
        to: Option<ParticipantId>,
    ) -> Audience {
        Audience::of(from, to, || {
            let members = self.meeting.state().roster.members().iter();
            let late = members.filter(|member| self.reads_since(member) > at);
            late.map(|member| member.id).collect()
        })
    }

    /// Since when what is said to everyone is for `member`, by the journal.
    pub(super) fn reads_since(&self, member: &Member) -> Timestamp {
        if self.meeting.state().config.late_chat || member.role == Role::Moderator {
            return Timestamp::default();
        }
        let came = self.journal.iter().find_map(|entry| match &entry.event {
            Event::Joined(newcomer) if newcomer.participant == member.id => Some(entry.at),
            _ => None,
        });
        came.expect("who is here came")
    }

    /// Older lines are shown to who asked, and those alone that are theirs.
    pub(super) fn check_read(&self, to: &Audience, signal: &Signal) {
        let Signal::Chat(page) = signal else { return };
        let Audience::Only(asker) = *to else { panic!("lines are for who asked: {to:?}") };
        for line in &page.lines {
            let with = if line.from == asker { line.to } else { line.to.map(|_| line.from) };
            assert_eq!(with, page.with, "of one conversation");
            assert!(line.to.is_none() || line.from == asker || line.to == Some(asker));
        }
    }

    /// What is right in a quiz is told to whoever asks alone, and of nothing else than that and
    /// the publication can it be read: a tally has no more counts than there are choices.
    fn check_key_told(&self, to: &Audience, entry: &Entry) {
        match &entry.event {
            Event::PollKeySet(set) => assert_eq!(to, &Audience::Only(set.by), "a key is a secret"),
            Event::PollTallied(tallied) => {
                let choices = self.journal.iter().find_map(|kept| match &kept.event {
                    Event::PollStarted { poll, answers, .. } if *poll == tallied.poll => {
                        Some(answers.count())
                    }
                    _ => None,
                });
                assert_eq!(Some(tallied.counts.len()), choices, "a tally says nothing of the key");
            }
            Event::VotesCounted { .. } | Event::TextsCounted(_) => {
                panic!("groups of votes are told to nobody")
            }
            _ => {}
        }
    }

    /// What holds of private lines and of votes between any two inputs.
    pub(super) fn check_private(&self) {
        let state = self.meeting.state();
        for member in state.roster.members() {
            let view = state.view(member.id).expect("a member sees the meeting");
            assert!(view.private.len() <= state.config.private_history as usize);
            let since = self.reads_since(member);
            assert!(view.chat.iter().all(|line| line.at >= since), "late is late");
            for line in &view.private {
                let theirs = line.from == member.id || line.to == Some(member.id);
                assert!(theirs && line.to.is_some(), "nobody sees what others write each other");
            }
            let open = view.polls.iter().filter(|poll| poll.stage == PollStage::Open).count();
            assert!(open <= 1 && view.polls.len() <= 20, "one poll at a time, and few are kept");
            let in_front = view.polls.iter().filter(|poll| poll.in_front);
            assert!(in_front.clone().count() <= 1, "one result in front of everyone");
            assert!(in_front.clone().all(|poll| poll.stage == PollStage::Published));
            for poll in &view.polls {
                let sees_all = member.role == Role::Moderator || member.id == poll.by;
                let own = poll.votes.iter().all(|vote| vote.by == member.id)
                    && poll.written.iter().all(|answer| answer.whose == member.id);
                assert!(sees_all || own, "nobody else sees who chose what");
                let published = poll.stage == PollStage::Published;
                let tallied = poll.anonymous && sees_all && poll.stage == PollStage::Closed;
                assert_eq!(poll.counts.is_some(), published || tallied);
                assert_eq!(poll.said.is_some(), poll.counts.is_some());
                let of_people = poll.votes.len() + poll.written.len();
                assert!(!poll.anonymous || of_people == 0, "nobody sees who chose what");
                assert!(poll.anonymous || poll.uncounted == 0);
                let knows = published || member.id == poll.by;
                assert_eq!(poll.key.is_some(), poll.quiz && knows, "what is right is a secret");
                let counted = poll.key.as_ref().is_some_and(|key| key.wholly.is_some());
                assert_eq!(counted, poll.quiz && published);
            }
        }
    }
}
