//! How much of the chat goes out at once: the newest lines to who comes, older ones part by part
//! to who asks for them.

use std::collections::BTreeMap;

use crate::collab::chat::Chat;
use crate::collab::chat::line::Line;
use crate::collab::reader::Reader;
use crate::denied::Denied;
use crate::id::{MessageId, ParticipantId};
use crate::view::{ChatLine, ChatPage};

/// Most lines at once: more than a screen shows.
const LINES: usize = 50;

/// Most bytes of text and of reactions at once, unless one line has more: many long lines are
/// fewer, so that whoever comes into a full room is not kept waiting by its chat.
const BYTES: usize = 32_000;

/// Roughly what the id of someone who reacted takes on its way.
const BYTES_PER_REACTION: usize = 24;

/// What still fits.
struct Space {
    lines: usize,
    bytes: usize,
}

impl Space {
    const WHOLE: Self = Self { lines: LINES, bytes: BYTES };

    /// Whether `line` still fits, as the first always does; it is then taken.
    fn takes(&mut self, line: &Line) -> bool {
        let text = line.text().and_then(|(text, _)| text.as_ref());
        let reactions = line.reactions().count() * BYTES_PER_REACTION;
        let bytes = text.map_or(0, |text| text.as_str().len()) + reactions;
        let first = self.lines == LINES;
        let fits = first || (self.lines > 0 && bytes <= self.bytes);
        if fits {
            self.lines -= 1;
            self.bytes = self.bytes.saturating_sub(bytes);
        }
        fits
    }
}

/// The newest of `lines`, oldest first, and whether there are older ones.
fn newest<'a>(lines: impl DoubleEndedIterator<Item = &'a Line>) -> (Vec<ChatLine>, bool) {
    let mut space = Space::WHOLE;
    let mut rest = lines.rev().peekable();
    let mut taken = Vec::new();
    while let Some(line) = rest.next_if(|line| space.takes(line)) {
        taken.push(line.view());
    }
    taken.reverse();
    (taken, rest.peek().is_some())
}

impl Chat {
    /// What `reader` is shown of the public lines on coming, oldest first, and whether there are
    /// older ones.
    pub(crate) fn view(&self, reader: Reader) -> (Vec<ChatLine>, bool) {
        newest(self.public.iter().filter(|line| line.is_for(reader)))
    }

    /// What `viewer` is shown of their private lines, oldest first, and with whom there are
    /// older ones. The last line of each conversation is always there, to be found by.
    pub(crate) fn private_view(
        &self,
        viewer: ParticipantId,
    ) -> (Vec<ChatLine>, Vec<ParticipantId>) {
        let mut space = Space::WHOLE;
        // With whom, and whether anything was left out.
        let mut conversations = BTreeMap::new();
        let mut taken = Vec::new();
        for line in self.private.iter().rev() {
            let Some(other) = line.other(viewer) else { continue };
            match conversations.get_mut(&other) {
                // No gaps: once one is left out, so are those before it.
                Some(older) if *older || !space.takes(line) => *older = true,
                Some(_) => taken.push(line.view()),
                None => {
                    space.takes(line);
                    conversations.insert(other, false);
                    taken.push(line.view());
                }
            }
        }
        taken.reverse();
        let older = conversations.into_iter().filter(|(_, older)| *older).map(|(with, _)| with);
        (taken, older.collect())
    }

    /// The lines before `before`, for `reader`: of the public ones, or of those `with` one.
    pub(crate) fn page(
        &self,
        reader: Reader,
        with: Option<ParticipantId>,
        before: MessageId,
    ) -> Result<ChatPage, Denied> {
        let theirs = |line: &&Line| line.is_for(reader) && line.other(reader.who) == with;
        let of = if with.is_none() { &self.public } else { &self.private };
        of.get(before).filter(theirs).ok_or(Denied::NoSuchMessage)?;
        let (lines, older) = newest(of.before(before).filter(theirs));
        Ok(ChatPage { with, lines, older })
    }
}
