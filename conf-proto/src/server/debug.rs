//! What a log shows of a server's message: which it is, never what it says.

use crate::server::ServerMessage;

// Names and chat never reach a log by accident.
impl std::fmt::Debug for ServerMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Welcome { re, seq, .. } => write!(f, "welcome(re {re}, seq {seq})"),
            Self::Waiting { re, position, .. } => write!(f, "waiting(re {re}, {position})"),
            Self::Lobby { position, .. } => write!(f, "lobby({position})"),
            Self::Layers { source, wanted } => write!(f, "layers({source:?}, {wanted:?})"),
            Self::Quality { people } => write!(f, "quality({people:?})"),
            Self::Withheld { pictures } => write!(f, "withheld({pictures:?})"),
            Self::BreakoutPass { re, .. } => write!(f, "breakout_pass({re})"),
            Self::GuestLink { re, .. } => write!(f, "guest_link({re})"),
            Self::Ballot { re, .. } => write!(f, "ballot({re})"),
            Self::Storage { ok } => write!(f, "storage({ok})"),
            Self::Room { seq, .. } => write!(f, "room(seq {seq})"),
            Self::Signal { signal } => write!(f, "signal({})", signal.kind()),
            Self::Done { re } => write!(f, "done({re})"),
            Self::Refused { re, problem } => write!(f, "refused({re}, {})", problem.code),
            Self::Answer { re, .. } => write!(f, "answer({re})"),
            Self::Event(frame) => write!(f, "event({})", frame.seq),
            Self::Slots { slots } => write!(f, "slots({slots:?})"),
            Self::Speaking { participants } => write!(f, "speaking({participants:?})"),
            Self::Upload { .. } => f.write_str("upload"),
            Self::FileToken { .. } => f.write_str("file_token"),
            Self::Bye { reason } => write!(f, "bye({reason:?})"),
        }
    }
}
