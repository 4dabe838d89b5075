//! How a session begins a secret vote: the key is made here, where only the asker waits for it.

use conf_core::id::SessionId;
use conf_core::{Command, VoteKey};
use conf_proto::Problem;
use conf_proto::vote::WantedVote;
use tokio::sync::oneshot;

use crate::ballot::NewKey;
use crate::room::ask::{Ask, NotTaken, OwnerHandle, busy, unavailable};
use crate::room::vote::VoteAsk;

/// What to ask the meeting's owner, once it would not refuse it and a key is made.
pub(super) async fn opening(
    owner: &OwnerHandle,
    session: SessionId,
    re: u32,
    wanted: &WantedVote,
) -> Result<Ask, Problem> {
    let no_key = VoteKey::new("none").expect("a fixed, valid text");
    let mut command = wanted.command(no_key)?;
    // A key costs more than anything else one can ask for, so it is not made for just anyone.
    let (verdict, judged) = oneshot::channel();
    let may = VoteAsk::May { session, command: command.clone(), verdict };
    owner.ask(Ask::Vote(Box::new(may))).map_err(|not_taken| match not_taken {
        NotTaken::Busy => busy(),
        NotTaken::Ended => unavailable(),
    })?;
    judged.await.map_err(|_| unavailable())??;
    let made = tokio::task::spawn_blocking(NewKey::make).await;
    let NewKey { kept, public } = made.ok().and_then(Result::ok).ok_or_else(unavailable)?;
    if let Command::OpenVote { key, .. } = &mut command {
        *key = public;
    }
    Ok(Ask::Vote(Box::new(VoteAsk::Open { session, re, command, secret: kept })))
}
