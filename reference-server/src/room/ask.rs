//! What a session can ask of a meeting's owner.

use std::sync::Arc;

use conf_core::id::SessionId;
use conf_core::{Claim, Command};
use conf_proto::{Offer, Problem, Resume, Wish};
use tokio::sync::{mpsc, oneshot};

use super::breakout::Ties;
use super::files::FileAsk;
pub(crate) use super::negotiate::{MAX_SDP, refused as offer_refused};
use super::streams::{Place, StreamKey, Unbegun, Verdict, Way};
use super::vote::VoteAsk;
use crate::signal::link::Link;

/// Most asks waiting for one meeting. Beyond it a command is refused with
/// `busy`: a meeting that far behind is not helped by a longer queue.
pub(crate) const INBOX: usize = 1024;

/// One thing asked.
pub(crate) enum Ask {
    /// Someone wants in.
    Join(Box<Join>),
    /// A participant's command.
    Command {
        /// By which session.
        session: SessionId,
        /// Under which number it is answered.
        re: u32,
        /// What.
        command: Command,
    },
    /// A new or further offer.
    Offer {
        /// By which session.
        session: SessionId,
        /// Under which number it is answered.
        re: u32,
        /// The offer.
        offer: Offer,
    },
    /// What a session would like to see.
    Wish {
        /// By which session.
        session: SessionId,
        /// Under which number it is answered.
        re: u32,
        /// Most wanted first.
        wishes: Vec<Wish>,
    },
    /// A token to read files with.
    FileToken {
        /// For which session.
        session: SessionId,
        /// Under which number it is answered.
        re: u32,
    },
    /// Something about a file's bytes.
    File(FileAsk),
    /// Something about a secret vote.
    Vote(Box<VoteAsk>),
    /// A connection without a session is to be made.
    Begin(Box<Begin>),
    /// One is to be changed.
    Patch(Box<Patch>),
    /// One is over.
    End {
        /// Which.
        key: StreamKey,
        /// Told whether there was one.
        verdict: oneshot::Sender<Result<(), Unbegun>>,
    },
    /// A session's socket is gone.
    LinkLost {
        /// Which.
        session: SessionId,
    },
}

/// A connection without a session, its token already checked.
pub(crate) struct Begin {
    /// The accepted identity.
    pub(crate) claim: Claim,
    /// What it is for.
    pub(crate) way: Way,
    /// The offer.
    pub(crate) sdp: String,
    /// Its place among those of its address.
    pub(crate) place: Option<Place>,
    /// Told once the media plane has answered. Dropped without a word, the meeting ended before.
    pub(crate) verdict: Verdict,
}

/// A change of a connection without a session.
pub(crate) struct Patch {
    /// Which.
    pub(crate) key: StreamKey,
    /// In which ICE session it should be; `None` for any.
    pub(crate) version: Option<u32>,
    /// The peer's user name fragment and password, where it named any; new ones restart ICE.
    pub(crate) credentials: Option<(String, String)>,
    /// Told with a fragment of a description once the media plane has answered; with an empty
    /// one when there was nothing to change.
    pub(crate) verdict: Verdict,
}

/// A session's `hello`, its token already checked.
pub(crate) struct Join {
    /// The session, drawn by whoever runs it.
    pub(crate) session: SessionId,
    /// The accepted identity.
    pub(crate) claim: Claim,
    /// The way back to the client.
    pub(crate) link: Link,
    /// The number of the `hello`.
    pub(crate) re: u32,
    /// Where an earlier session left off.
    pub(crate) resume: Option<Resume>,
    /// The browser's offer.
    pub(crate) offer: Option<Offer>,
    /// Told once it is decided. Dropped without a word, the meeting ended before
    /// the join was looked at: ask the directory again.
    pub(crate) verdict: oneshot::Sender<Result<(), Problem>>,
}

/// A meeting's inbox, held by its sessions.
#[derive(Clone)]
pub(crate) struct OwnerHandle {
    pub(crate) inbox: mpsc::Sender<Ask>,
    /// The room is an open one: nobody needs a token in it.
    pub(crate) open: bool,
    /// What it and its breakouts say to each other.
    pub(crate) ties: Arc<Ties>,
}

/// Why an ask was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// The inbox is full.
    Busy,
    /// The meeting is over.
    Ended,
}

impl OwnerHandle {
    /// Asks without waiting.
    pub(crate) fn ask(&self, ask: Ask) -> Result<(), NotTaken> {
        self.inbox.try_send(ask).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Busy,
            mpsc::error::TrySendError::Closed(_) => NotTaken::Ended,
        })
    }
}

/// The problem of a request that found the meeting's queue full.
pub(crate) fn busy() -> Problem {
    Problem::new("busy", format!("{INBOX} requests are waiting for this meeting"))
}

/// The problem of a request that could not be kept; nothing of it holds.
pub(crate) fn unavailable() -> Problem {
    Problem::new("unavailable", "the journal could not be written; nothing was changed")
}
