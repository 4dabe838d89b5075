//! Who reads, and since when what is said to everyone is said to them too.

use crate::id::ParticipantId;
use crate::time::Timestamp;

/// Somebody who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) who: ParticipantId,
    /// What was said to everyone before is not for them. The beginning of time for moderators, and
    /// for everyone where a meeting lets late joiners read it.
    pub(crate) since: Timestamp,
}

impl Reader {
    /// Whether it is for them what `from` said or handed on at `at`: to one, or to everyone.
    pub(crate) fn reads(
        self,
        at: Timestamp,
        from: ParticipantId,
        to: Option<ParticipantId>,
    ) -> bool {
        match to {
            Some(to) => self.who == from || self.who == to,
            None => at >= self.since,
        }
    }
}
