//! One kept message: whose it is, what it says now, and what others make of it.

use crate::collab::chat::reaction::Reactions;
use crate::collab::reader::Reader;
use crate::event::{Entry, Event};
use crate::id::{MessageId, ParticipantId};
use crate::personal::{Personal, PersonalField};
use crate::text::{ChatText, DisplayName};
use crate::time::Timestamp;
use crate::view::{ChatBody, ChatLine};

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Line {
    id: MessageId,
    from: ParticipantId,
    /// What they were called then; they may have left since.
    name: Personal<DisplayName>,
    to: Option<Addressee>,
    answers: Option<MessageId>,
    at: Timestamp,
    body: Body,
    reactions: Reactions,
}

/// To whom alone a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Addressee {
    id: ParticipantId,
    /// What they were called then.
    name: Personal<DisplayName>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
enum Body {
    Text {
        text: Personal<ChatText>,
        edited: Option<Timestamp>,
        /// The number of the journal's entry that holds `text`.
        held_in: u64,
    },
    /// Its text is gone, here and in the journal.
    Deleted { by: ParticipantId },
}

impl Line {
    /// What `entry` says, if it is a message, under the names people have now.
    pub(crate) fn said<'a>(
        entry: &Entry,
        name_of: impl Fn(ParticipantId) -> Option<&'a Personal<DisplayName>>,
    ) -> Option<Self> {
        let name = |who| name_of(who).cloned().unwrap_or(Personal::Erased);
        let Event::ChatSent { message, from, text, to, answers } = &entry.event else {
            return None;
        };
        Some(Self {
            id: *message,
            from: *from,
            name: name(*from),
            to: to.map(|to| Addressee { id: to, name: name(to) }),
            answers: *answers,
            at: entry.at,
            body: Body::Text { text: text.clone(), edited: None, held_in: entry.seq },
            reactions: Reactions::default(),
        })
    }

    /// Says `text` from now on. What was deleted stays so.
    pub(crate) fn edit(&mut self, new: Personal<ChatText>, entry: &Entry) {
        if let Body::Text { text, edited, held_in } = &mut self.body {
            (*text, *edited, *held_in) = (new, Some(entry.at), entry.seq);
        }
    }

    /// Says nothing any more; what was made of it goes with it.
    pub(crate) fn delete(&mut self, by: ParticipantId) {
        self.body = Body::Deleted { by };
        self.reactions = Reactions::default();
    }

    pub(crate) fn reactions_mut(&mut self) -> &mut Reactions {
        &mut self.reactions
    }

    pub(crate) fn id(&self) -> MessageId {
        self.id
    }

    pub(crate) fn from(&self) -> ParticipantId {
        self.from
    }

    pub(crate) fn to(&self) -> Option<ParticipantId> {
        self.to.as_ref().map(|to| to.id)
    }

    /// What `who` was called when this was written, if they wrote it or it was to them.
    pub(crate) fn name_of(&self, who: ParticipantId) -> Option<&Personal<DisplayName>> {
        let to = self.to.as_ref().filter(|to| to.id == who).map(|to| &to.name);
        if self.from == who { Some(&self.name) } else { to }
    }

    pub(crate) fn reactions(&self) -> &Reactions {
        &self.reactions
    }

    /// Who wrote it and, if it is private, to whom.
    pub(crate) fn people(&self) -> impl Iterator<Item = ParticipantId> {
        std::iter::once(self.from).chain(self.to())
    }

    /// When it was written.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether `reader` may see it.
    pub(crate) fn is_for(&self, reader: Reader) -> bool {
        reader.reads(self.at, self.from, self.to())
    }

    /// Whom `viewer` has it with; `None` if it is public, or between others.
    pub(crate) fn other(&self, viewer: ParticipantId) -> Option<ParticipantId> {
        let to = self.to()?;
        if self.from == viewer { Some(to) } else { (to == viewer).then_some(self.from) }
    }

    /// What it says and the entry that holds it; `None` once deleted.
    pub(crate) fn text(&self) -> Option<(&Personal<ChatText>, u64)> {
        match &self.body {
            Body::Text { text, held_in, .. } => Some((text, *held_in)),
            Body::Deleted { .. } => None,
        }
    }

    pub(crate) fn view(&self) -> ChatLine {
        ChatLine {
            id: self.id,
            from: self.from,
            name: self.name.clone(),
            to: self.to(),
            to_name: self.to.as_ref().map(|to| to.name.clone()),
            answers: self.answers,
            at: self.at,
            body: match &self.body {
                Body::Text { text, edited, .. } => {
                    ChatBody::Text { text: text.clone(), edited: *edited }
                }
                Body::Deleted { by } => ChatBody::Deleted { by: *by },
            },
            reactions: self.reactions.view(),
        }
    }

    pub(crate) fn visit_personal(
        &mut self,
        visit: &mut dyn FnMut(ParticipantId, &mut dyn PersonalField),
    ) {
        visit(self.from, &mut self.name);
        if let Some(to) = &mut self.to {
            visit(to.id, &mut to.name);
        }
        if let Body::Text { text, .. } = &mut self.body {
            visit(self.from, text);
        }
    }
}
