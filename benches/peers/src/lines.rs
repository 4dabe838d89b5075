//! Which published source goes to which receive line of whom; pure.
//!
//! A player's lines are filled in order with what others in the room publish, in order of
//! appearance, one source of the line's kind each. A source that ends frees its lines for others.

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// A source: a publisher's session and the number of its line.
pub type SourceId = (u64, usize);

/// A line to receive on: a player's session and the number of its line.
pub type LineId = (u64, usize);

#[derive(Debug)]
struct Line {
    id: LineId,
    /// Who receives there.
    owner: String,
    kind: Kind,
    carries: Option<SourceId>,
}

#[derive(Debug)]
struct Source {
    id: SourceId,
    owner: String,
    kind: Kind,
}

/// The sources and lines of one room.
#[derive(Debug, Default)]
pub struct Lines {
    sources: Vec<Source>,
    lines: Vec<Line>,
}

impl Lines {
    /// Adds what a publisher sends and gives the lines that now carry it.
    pub fn publish(
        &mut self,
        session: u64,
        owner: &str,
        kinds: impl IntoIterator<Item = Kind>,
    ) -> Vec<(SourceId, LineId)> {
        for (number, kind) in kinds.into_iter().enumerate() {
            self.sources.push(Source { id: (session, number), owner: owner.to_owned(), kind });
        }
        self.fill()
    }

    /// Adds a player's lines and gives what they now carry.
    pub fn play(
        &mut self,
        session: u64,
        owner: &str,
        kinds: impl IntoIterator<Item = Kind>,
    ) -> Vec<(SourceId, LineId)> {
        for (number, kind) in kinds.into_iter().enumerate() {
            let line = Line { id: (session, number), owner: owner.to_owned(), kind, carries: None };
            self.lines.push(line);
        }
        self.fill()
    }

    /// Removes all of a session; gives what lines that stay now carry instead.
    pub fn end(&mut self, session: u64) -> Vec<(SourceId, LineId)> {
        self.sources.retain(|source| source.id.0 != session);
        self.lines.retain(|line| line.id.0 != session);
        for line in &mut self.lines {
            line.carries = line.carries.filter(|source| source.0 != session);
        }
        self.fill()
    }

    /// Whether nobody sends and nobody plays.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.lines.is_empty()
    }

    fn fill(&mut self) -> Vec<(SourceId, LineId)> {
        let mut filled = Vec::new();
        let mut from = 0;
        // The lines of one session are neighbours: sessions are added whole.
        while let Some(first) = self.lines.get(from) {
            let session = first.id.0;
            let len = self.lines[from..].iter().take_while(|line| line.id.0 == session).count();
            let lines = &mut self.lines[from..from + len];
            from += len;
            if lines.iter().all(|line| line.carries.is_some()) {
                continue;
            }
            for source in &self.sources {
                let carried = lines.iter().any(|line| line.carries == Some(source.id));
                if carried || source.owner == lines[0].owner {
                    continue;
                }
                let mut free = lines
                    .iter_mut()
                    .filter(|line| line.carries.is_none() && line.kind == source.kind);
                if let Some(line) = free.next() {
                    line.carries = Some(source.id);
                    filled.push((source.id, line.id));
                }
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::Kind::{Audio, Video};
    use super::*;

    #[test]
    fn lines_fill_in_order_of_appearance_whoever_comes_first() {
        let mut lines = Lines::default();
        assert_eq!(lines.publish(1, "alice", [Audio, Video]), []);
        assert_eq!(
            lines.play(2, "bob", [Video, Audio, Video]),
            [((1, 0), (2, 1)), ((1, 1), (2, 0))]
        );
        assert_eq!(lines.publish(3, "carol", [Video, Video]), [((3, 0), (2, 2))]);
    }

    #[test]
    fn nobody_plays_what_they_publish_and_freed_lines_carry_others() {
        let mut lines = Lines::default();
        lines.publish(1, "alice", [Video]);
        assert_eq!(lines.play(2, "alice", [Video]), []);
        assert_eq!(lines.publish(3, "bob", [Video]), [((3, 0), (2, 0))]);
        assert_eq!(lines.publish(4, "carol", [Video]), []);
        assert_eq!(lines.end(3), [((4, 0), (2, 0))]);
        assert_eq!(lines.end(2), []);
        assert!(!lines.is_empty());
        lines.end(1);
        lines.end(4);
        assert!(lines.is_empty());
    }
}
