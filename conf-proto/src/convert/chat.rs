//! Chat lines, as a view and an answer show them.

use conf_core::view::{self, ChatBody, ChatLine as ViewLine, ChatPage};

use super::text_of;
use crate::chat::{ChatLine, ChatReaction, OlderChat};
use crate::signal::RoomSignal;

pub(super) fn chat_line(line: &ViewLine) -> ChatLine {
    let (text, edited, deleted_by) = match &line.body {
        ChatBody::Text { text, edited } => (text_of(text, |t| t.as_str()), *edited, None),
        ChatBody::Deleted { by } => (None, None, Some(*by)),
    };
    let shown =
        |sign: &view::ChatReaction| ChatReaction { reaction: sign.reaction, by: sign.by.clone() };
    ChatLine {
        id: line.id,
        from: line.from,
        name: text_of(&line.name, |n| n.as_str()),
        text,
        at: line.at.0,
        to: line.to,
        to_name: line.to_name.as_ref().and_then(|name| text_of(name, |n| n.as_str())),
        answers: line.answers,
        edited_at: edited.map(|at| at.0),
        deleted_by,
        reactions: line.reactions.iter().map(shown).collect(),
    }
}

pub(super) fn chat_page(page: &ChatPage) -> RoomSignal {
    RoomSignal::Chat {
        with: page.with,
        lines: page.lines.iter().map(chat_line).collect(),
        older: page.older,
    }
}

pub(super) fn older_chat(older: &view::OlderChat) -> OlderChat {
    OlderChat { everyone: older.everyone, with: older.with.clone() }
}
