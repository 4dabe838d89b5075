//! One signalling session: `hello`, then requests until either side goes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use conf_core::Timestamp;
use conf_core::id::{IdSource, SessionId};
use conf_proto::convert::{Meaning, meaning};
use conf_proto::{
    ByeReason, ClientBody, ClientMessage, MAX_CLIENT_FRAME, Offer, PROTOCOL, Problem, Resume,
    ServerMessage,
};
use hyper::upgrade::Upgraded;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::frame::{self, MAX_MALFORMED};
use super::link::{Broken, Link, link};
use super::rate::{Bucket, Rate, SESSION};
use super::socket::{self, Incoming};
use super::vote;
use super::writer;
use crate::app::App;
use crate::ballot::blinded;
use crate::clock::utc_now;
use crate::edge::quota::Held;
use crate::identity::OsIds;
use crate::room::ask::{Ask, Join, NotTaken, OwnerHandle, busy, unavailable};
use crate::room::vote::VoteAsk;
use crate::telemetry::metric::name;

/// How long a client has for its `hello`.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// Silence after which a client counts as gone. It answers a ping every ten
/// seconds by itself; three unanswered ones are no accident.
const DEAD_AFTER: Duration = Duration::from_secs(30);

/// How long the last frames may take before the socket is dropped.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// Messages a minute that may come too fast before the session ends. Each is
/// refused and makes the next reading wait, so a flood gets here in seconds,
/// and a client that sends its backlog at once does not.
const MAX_FLOODED: u32 = 150;

/// How often a join is tried on a meeting that turns out to have just ended.
const JOIN_TRIES: u32 = 5;

/// Runs a session to its end.
pub(crate) async fn run(app: Arc<App>, upgraded: Upgraded, held: Held) {
    metrics::gauge!(name::SIGNAL_SESSIONS).increment(1.0);
    let _running = app.sessions.subscribe();
    let (sink, stream) = socket::open(upgraded, MAX_CLIENT_FRAME).await;
    let (link, outbound) = link();
    let mut writer = tokio::spawn(writer::write(sink, outbound, app.draining.clone()));

    let mut session = Session {
        app,
        stream,
        link,
        held,
        bucket: Bucket::full(SESSION, Instant::now()),
        floods: Bucket::full(Rate::per_minute(MAX_FLOODED), Instant::now()),
        pause: Duration::ZERO,
        malformed: 0,
        open: None,
    };
    let end = session.converse(&mut writer).await;
    if let Some(Open { session, owner }) = session.open.take() {
        // Waits for room in the inbox: a lost link must not be lost. A meeting
        // that is over does not mind.
        let _ = owner.inbox.send(Ask::LinkLost { session }).await;
    }
    if matches!(end, End::Said) && timeout(CLOSE_WITHIN, &mut writer).await.is_ok() {
        // The last frame is out.
    }
    writer.abort();
    metrics::gauge!(name::SIGNAL_SESSIONS).decrement(1.0);
}

struct Session {
    app: Arc<App>,
    stream: Incoming,
    link: Link,
    /// Its place among those of its address.
    held: Held,
    bucket: Bucket,
    /// How often it may still be too fast.
    floods: Bucket,
    /// How long nothing is read, because it was too fast.
    pause: Duration,
    malformed: u32,
    open: Option<Open>,
}

/// A session that is in a meeting.
struct Open {
    session: SessionId,
    owner: OwnerHandle,
}

/// How a session ended.
enum End {
    /// We said the last word; the writer sends it.
    Said,
    /// The client is gone.
    Gone,
}

/// Whether a session goes on.
type Next = Result<(), End>;

impl Session {
    async fn converse(&mut self, writer: &mut JoinHandle<()>) -> End {
        let opened = tokio::time::Instant::now();
        loop {
            let pause = std::mem::take(&mut self.pause);
            if !pause.is_zero() {
                // What is not read fills the sender's own buffers, not ours.
                tokio::select! {
                    _ = &mut *writer => return End::Gone,
                    () = sleep(pause) => {}
                }
            }
            let wait = match self.open {
                Some(_) => DEAD_AFTER,
                None => HELLO_WITHIN.saturating_sub(opened.elapsed()),
            };
            let frame = tokio::select! {
                // The writer ends with the last frame, a broken socket, a slow
                // reader or the server; none of them leaves anything to read for.
                _ = &mut *writer => return End::Gone,
                frame = timeout(wait, self.stream.next()) => frame,
            };
            let next = match frame {
                Ok(Some(Ok(Message::Text(text)))) => self.text(&text).await,
                Ok(Some(Ok(Message::Binary(_)))) => {
                    metrics::counter!(name::SIGNAL_MALFORMED).increment(1);
                    self.bye(ByeReason::Protocol)
                }
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => Ok(()),
                // Too large, or no WebSocket any more; whether the goodbye arrives is its matter.
                Ok(Some(Err(_))) => self.bye(ByeReason::Protocol),
                Ok(Some(Ok(Message::Close(_))) | None) => Err(End::Gone),
                Err(_) if self.open.is_none() => self.bye(ByeReason::Protocol),
                Err(_) => Err(End::Gone),
            };
            if let Err(end) = next {
                return end;
            }
        }
    }

    async fn text(&mut self, text: &str) -> Next {
        let allowed = self.bucket.take(Instant::now());
        if let Err(wait) = allowed {
            return self.too_fast(text, wait);
        }
        let ClientMessage { id, body } = match frame::read(text) {
            Ok(message) => message,
            Err(malformed) => {
                self.malformed(malformed.re, malformed.problem)?;
                return if malformed.hostile { self.bye(ByeReason::Protocol) } else { Ok(()) };
            }
        };
        match (&self.open, body) {
            (None, ClientBody::Hello { protocol, token, resume, offer }) => {
                self.hello(id, protocol, &token, resume, offer).await
            }
            (None, body) => {
                let detail = format!("expected `hello` first, found `{}`", body.kind());
                self.malformed(id, Problem::new("malformed", detail))
            }
            (Some(open), ClientBody::OpenVote(wanted)) => {
                match vote::opening(&open.owner, open.session, id, &wanted).await {
                    Ok(ask) => self.ask(id, ask),
                    Err(problem) => self.refuse(id, problem),
                }
            }
            (Some(open), body) => {
                let ask = match request(open.session, id, body) {
                    Ok(Request::Meeting(ask)) => ask,
                    Ok(Request::Pong) => {
                        return said(self.link.say(&ServerMessage::Done { re: id }));
                    }
                    Err(problem) => return self.refuse(id, problem),
                };
                self.ask(id, ask)
            }
        }
    }

    /// Hands `ask` to the meeting's owner, who answers it; says so when it was not taken.
    fn ask(&self, re: u32, ask: Ask) -> Next {
        let Some(open) = &self.open else { return Ok(()) };
        match open.owner.ask(ask) {
            Ok(()) => Ok(()),
            Err(NotTaken::Busy) => self.refuse(re, busy()),
            // The meeting's goodbye is on its way, if it could say one.
            Err(NotTaken::Ended) => self.bye(ByeReason::Shutdown),
        }
    }

    async fn hello(
        &mut self,
        re: u32,
        protocol: u16,
        token: &str,
        resume: Option<Resume>,
        offer: Option<Offer>,
    ) -> Next {
        if protocol != PROTOCOL {
            let detail = format!("this server speaks protocol {PROTOCOL}, found {protocol}");
            let problem = Problem::new("protocol", detail).with("expected", PROTOCOL);
            return self.last(re, problem);
        }
        if let Err(too_much) = self.app.quotas.join(self.held.remote()) {
            let detail = "this address joins more often than its share; try again later";
            let problem = Problem::new("too_many", detail);
            return self.last(re, problem.with("retry_after_s", too_much.again_s()));
        }
        let now: Timestamp = utc_now();
        let claim = match self.app.tokens.verify(token, now, None) {
            Ok(claim) => claim,
            Err(error) => return self.last(re, Problem::new(error.code(), error.to_string())),
        };
        let session = SessionId::from_number(OsIds.draw());
        for _ in 0..JOIN_TRIES {
            let owner = self.app.directory.owner(claim.room);
            let (verdict, judged) = oneshot::channel();
            let join = Join {
                session,
                claim: claim.clone(),
                link: self.link.clone(),
                re,
                resume: resume.clone(),
                offer: offer.clone(),
                verdict,
            };
            match owner.ask(Ask::Join(Box::new(join))) {
                Ok(()) => {}
                Err(NotTaken::Busy) => return self.last(re, busy()),
                Err(NotTaken::Ended) => continue,
            }
            match judged.await {
                Ok(Ok(())) => {
                    self.open = Some(Open { session, owner });
                    self.held.joined();
                    return Ok(());
                }
                Ok(Err(problem)) if problem.code == "ended" => {}
                Ok(Err(problem)) => return self.last(re, problem),
                // The meeting ended before it looked: the room's next one will.
                Err(_) => {}
            }
        }
        self.last(re, unavailable())
    }

    /// Refuses what came too fast and reads on only when there is a token again;
    /// who keeps on is sent away, and its place kept as after a lost link.
    fn too_fast(&mut self, text: &str, wait: Duration) -> Next {
        metrics::counter!(name::SIGNAL_SLOWED).increment(1);
        if self.floods.take(Instant::now()).is_err() {
            tracing::info!("a session that kept flooding is sent away");
            return self.bye(ByeReason::Protocol);
        }
        self.pause = wait;
        let detail = "more requests than 50 a second, or 100 at once";
        self.refuse(frame::number(text), Problem::new("too_fast", detail))
    }

    fn malformed(&mut self, re: u32, problem: Problem) -> Next {
        metrics::counter!(name::SIGNAL_MALFORMED).increment(1);
        self.malformed += 1;
        self.refuse(re, problem)?;
        if self.malformed >= MAX_MALFORMED { self.bye(ByeReason::Protocol) } else { Ok(()) }
    }

    fn refuse(&self, re: u32, problem: Problem) -> Next {
        said(self.link.refuse(re, problem))
    }

    /// Refuses and ends the session.
    fn last(&self, re: u32, problem: Problem) -> Next {
        said(self.link.refuse_and_close(re, problem))?;
        Err(End::Said)
    }

    fn bye(&self, reason: ByeReason) -> Next {
        let word = if matches!(reason, ByeReason::Protocol) { "protocol" } else { "other" };
        metrics::counter!(name::SIGNAL_DROPPED, "reason" => word).increment(1);
        said(self.link.bye(reason))?;
        Err(End::Said)
    }
}

/// A broken link ends the session; the writer says `slow` if that is why.
fn said(sent: Result<(), Broken>) -> Next {
    sent.map_err(|Broken| End::Said)
}

/// What a request of an open session asks for.
enum Request {
    Meeting(Ask),
    Pong,
}

fn request(session: SessionId, re: u32, body: ClientBody) -> Result<Request, Problem> {
    let body = match meaning(body)? {
        Meaning::Command(command) => {
            return Ok(Request::Meeting(Ask::Command { session, re, command }));
        }
        Meaning::Session(body) => body,
    };
    match body {
        ClientBody::Ping => Ok(Request::Pong),
        ClientBody::Offer { offer } => Ok(Request::Meeting(Ask::Offer { session, re, offer })),
        ClientBody::Wish { wishes } => Ok(Request::Meeting(Ask::Wish { session, re, wishes })),
        ClientBody::FileToken => Ok(Request::Meeting(Ask::FileToken { session, re })),
        ClientBody::TakeBallot { vote, blinded: text } => match blinded(&text) {
            Some(blinded) => {
                let take = VoteAsk::Take { session, re, vote, blinded: Box::new(blinded) };
                Ok(Request::Meeting(Ask::Vote(Box::new(take))))
            }
            None => Err(Problem::new("malformed", "expected 256 bytes in Base64 to be signed")),
        },
        ClientBody::Hello { .. } => {
            Err(Problem::new("already_open", "a session has one `hello`, found a second"))
        }
        other => {
            let detail = format!("this server does not know `{}`", other.kind());
            Err(Problem::new("malformed", detail))
        }
    }
}
