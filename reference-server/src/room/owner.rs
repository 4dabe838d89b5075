//! The task that owns one meeting.
//!
//! What closes a gate is done at once, what happened is kept, and only then is
//! anyone told: not the asker, not the others. When it cannot be kept it is
//! taken back and the meeting goes on as it was (`storage.rs`). Only when the
//! meeting in memory cannot be trusted any more, everyone is sent away to come
//! back, and it is rebuilt from what was kept.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use conf_core::id::{ParticipantId, RoomId, SessionId};
use conf_core::meeting::Meeting;
use conf_core::policy::acquaintance::Acquaintance;
use conf_core::rule::Pass;
use conf_core::{Command, Denied, Input, Output, Report, Timestamp};
use conf_proto::{ByeReason, Offer, Problem, ServerMessage, Wish};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::ask::{Ask, Join, unavailable};
use super::audit;
use super::bind::{Bind, MAX_WISHES};
use super::breakout::{self, Above, Ties, next_rule};
use super::directory::{Directory, Ground};
use super::effect::Arrival;
use super::files::{self, Transfers};
use super::headcount::Headcount;
use super::negotiate::{self, Negotiations, Purpose};
use super::quality::Links;
use super::recover::{self, Keeping, OpenError, Opened};
use super::roll::Roll;
use super::storage::{Failed, Storage, Unmet};
use super::streams::{Streams, Unbegun};
use super::tail::Tail;
use super::talk::Talk;
use super::vote::Booth;
use crate::clock::utc_now;
use crate::flag::raised;
use crate::identity::LinkKey;
use crate::media::Stage;
use crate::signal::link::Link;
use crate::telemetry::metric::name;

/// The first pause before a meeting that could not be kept is rebuilt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest such pause: how long a repaired disk may go unnoticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Runs the meeting of `room` until it ends or the server goes down.
pub(crate) async fn run(
    directory: Directory,
    ties: Arc<Ties>,
    room: RoomId,
    keeping: Keeping,
    mut inbox: mpsc::Receiver<Ask>,
) {
    let ground = directory.ground.clone();
    if breakout::is_over(&directory, room).await {
        refuse_all(&mut inbox, &no_such_room());
        return;
    }
    let mut live = false;
    let mut pause = FIRST_PAUSE;
    loop {
        match recover::open(&ground, room, keeping).await {
            Ok(opened) => {
                live = true;
                let mut owner = Owner::new(&ground, &ties, keeping, opened);
                let parent = owner.meeting.config().breakout_of;
                owner.above = parent.and_then(|parent| Above::of(&directory, parent));
                match owner.serve(&mut inbox).await {
                    Ok(()) => return,
                    Err(Lost) => owner.abandon().await,
                }
                if owner.worked {
                    pause = FIRST_PAUSE;
                }
            }
            Err(OpenError::NoSuchRoom) => {
                refuse_all(&mut inbox, &no_such_room());
                return;
            }
            Err(error) => {
                tracing::error!(%room, error = &error as &dyn std::error::Error, "a meeting cannot be opened");
                if !live {
                    refuse_all(&mut inbox, &unavailable());
                    return;
                }
            }
        }
        if !wait_refusing(&ground, &mut inbox, pause).await {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// One live meeting and everything attached to it.
pub(super) struct Owner {
    pub(super) ground: Ground,
    pub(super) meeting: Meeting,
    /// Whether what happens is written down at all.
    pub(super) keeping: Keeping,
    /// Whether it was there before this server was.
    pub(super) recovered: bool,
    pub(super) stage: Stage,
    pub(super) bind: Bind,
    pub(super) roll: Roll,
    /// Connections no session stands behind.
    pub(super) streams: Streams,
    pub(super) tail: Tail,
    pub(super) negotiations: Negotiations,
    /// Sessions whose join is being judged.
    pub(super) arriving: BTreeMap<SessionId, Arrival>,
    /// Sessions that got in this turn and are to be welcomed, with their offers.
    pub(super) admitted: Vec<(SessionId, Option<Offer>)>,
    /// Sessions to close once the asker has its answer.
    pub(super) leaving: Vec<(SessionId, ByeReason)>,
    /// The key of the guest link that is just being made, until it is kept.
    pub(super) rotating: Option<LinkKey>,
    /// What lets somebody into a breakout who has just asked for it.
    pub(super) passing: Option<Pass>,
    /// What this meeting and its breakouts say to each other.
    pub(super) ties: Arc<Ties>,
    pub(super) reports: watch::Receiver<BTreeMap<RoomId, Report>>,
    /// The meeting this one is a breakout of.
    pub(super) above: Option<Above>,
    /// Files on their way, to read, and on disk.
    pub(super) transfers: Transfers,
    /// What the secret vote that is on signs with.
    pub(super) booth: Booth,
    /// Who speaks, for those who come later.
    pub(super) speaking: Vec<ParticipantId>,
    /// Who knew of whom when people were last told of others.
    pub(super) known: Acquaintance,
    /// For how long people are heard, where that is counted.
    pub(super) talk: Talk,
    /// How well everyone is connected.
    pub(super) links: Links,
    pub(super) headcount: Headcount,
    /// Whether what happens can be kept.
    pub(super) storage: Storage,
    /// Whether anything was kept since it came to life.
    pub(super) worked: bool,
}

/// What was decided could not be kept, or could not be carried out. The meeting
/// in memory no longer counts.
#[derive(Debug)]
pub(super) struct Lost;

impl Owner {
    fn new(ground: &Ground, ties: &Arc<Ties>, keeping: Keeping, opened: Opened) -> Self {
        let stage = ground.media.open_stage();
        let Opened { meeting, recovered, present } = opened;
        Self {
            ground: ground.clone(),
            keeping,
            recovered,
            bind: Bind::new(stage.group)
                .asking_for(meeting.config().video_codec)
                .interpreted_by(meeting.interpreters()),
            stage,
            roll: Roll::default(),
            streams: Streams::default(),
            tail: Tail::new(meeting.seq()),
            negotiations: Negotiations::default(),
            arriving: BTreeMap::new(),
            admitted: Vec::new(),
            leaving: Vec::new(),
            rotating: None,
            passing: None,
            ties: Arc::clone(ties),
            reports: ties.reports(),
            above: None,
            transfers: Transfers::default(),
            booth: Booth::default(),
            speaking: Vec::new(),
            known: Acquaintance::default(),
            talk: Talk::new(meeting.config().learning),
            links: Links::default(),
            headcount: Headcount::new(present),
            storage: Storage::default(),
            worked: false,
            meeting,
        }
    }

    /// Runs until the meeting ends or the server goes down.
    async fn serve(&mut self, inbox: &mut mpsc::Receiver<Ask>) -> Result<(), Lost> {
        if self.recovered {
            self.agree_on_files().await;
            let (meeting, store) = (&self.meeting, &self.ground.store);
            let id = meeting.identity().meeting;
            let public = meeting.current_vote().and_then(|vote| meeting.vote_key(vote)).cloned();
            self.booth = Booth::recovered(store, id, public.as_ref()).await.map_err(|_| Lost)?;
            // A refusal is an ended meeting: there is nothing to recover.
            if let Err(Unmet::NotKept) = self.step(Input::Recovered).await? {
                return Err(Lost);
            }
        } else {
            let outputs = outputs(&mut self.meeting);
            // Nobody is in it yet, so nothing is lost by starting over.
            self.settle(outputs, None).await.map_err(|_| Lost)?;
        }
        if !self.hear_first_rule().await? {
            return Ok(());
        }
        let mut draining = self.ground.draining.clone();
        while !self.meeting.is_ended() {
            // A deadline that could not be kept waits until the store works again, and so does
            // what was heard.
            if self.lacks_rule() {
                self.obey().await?;
            }
            let tick = self.meeting.poll_timeout().filter(|_| !self.storage.is_failing());
            let tick = tick.map(until);
            let heard = self.talk.due().filter(|_| !self.storage.is_failing());
            let again = self.storage.again();
            let overdue = self.negotiations.deadline();
            let ratings = self.links.deadline();
            let silent = self.streams.deadline();
            let unbegun = self.transfers.deadline();
            tokio::select! {
                () = raised(&mut draining) => return Ok(()),
                asked = inbox.recv() => match asked {
                    Some(ask) => self.answer(ask).await?,
                    None => return Ok(()),
                },
                () = next_rule(&mut self.above) => self.obey().await?,
                Ok(()) = self.reports.changed(), if !self.storage.is_failing() => {
                    self.hear_reports().await?;
                }
                Some(event) = self.stage.events.recv() => {
                    self.hear(event);
                    self.catch_up().await?;
                }
                () = sleep(tick.unwrap_or_default()), if tick.is_some() => {
                    // Nobody asked for a tick, so nobody hears of a refusal.
                    let _ = self.step(Input::Tick).await?;
                }
                () = sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => {
                    self.give_up_waiting().await?;
                }
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => {
                    self.try_again().await?;
                }
                () = sleep_until(silent.unwrap_or_else(Instant::now)), if silent.is_some() => {
                    self.streams.give_up(Instant::now());
                }
                () = sleep_until(unbegun.unwrap_or_else(Instant::now)), if unbegun.is_some() => {
                    self.end_unbegun().await?;
                }
                () = sleep_until(heard.unwrap_or_else(Instant::now)), if heard.is_some() => {
                    self.tell_talk().await?;
                }
                () = sleep_until(ratings.unwrap_or_else(Instant::now)), if ratings.is_some() => {
                    self.tell_quality();
                }
            }
            self.hang_up();
            self.end_streams().await?;
        }
        Ok(())
    }

    async fn answer(&mut self, ask: Ask) -> Result<(), Lost> {
        match ask {
            Ask::Join(join) => self.join(*join).await,
            Ask::Command { session, re, command } => self.command(session, re, command).await,
            Ask::Offer { session, re, offer } => self.offer(session, re, offer).await,
            Ask::Wish { session, re, wishes } => self.wish(session, re, wishes).await,
            Ask::FileToken { session, re } => {
                self.file_token(session, re);
                Ok(())
            }
            Ask::File(ask) => self.answer_file(ask).await,
            Ask::Vote(ask) => self.vote(*ask).await,
            Ask::Begin(begin) => self.begin(*begin).await,
            Ask::Patch(patch) => self.patch(*patch).await,
            Ask::End { key, verdict } => {
                let known = self.check_stream(key, None);
                self.streams.ending.push(key);
                // Whoever went away no longer wants its answer.
                let _ = verdict.send(known);
                Ok(())
            }
            Ask::LinkLost { session } => {
                self.roll.remove(session);
                self.link_lost(session).await
            }
        }
    }

    async fn join(&mut self, join: Join) -> Result<(), Lost> {
        let Join { session, claim, link, re, resume, offer, verdict } = join;
        let arrival = Arrival { link, re, resume, offer };
        self.arriving.insert(session, arrival);
        let judged = self.step(Input::Join { session, claim }).await;
        self.arriving.remove(&session);
        let (told, outcome) = match judged {
            Ok(Ok(())) => (Ok(()), Ok(())),
            Ok(Err(unmet)) => (Err(unmet.problem()), Ok(())),
            Err(Lost) => (Err(unavailable()), Err(Lost)),
        };
        // A session that went away meanwhile reports it as `LinkLost`.
        let _ = verdict.send(told);
        outcome
    }

    async fn command(&mut self, session: SessionId, re: u32, command: Command) -> Result<(), Lost> {
        // A session that was hung up has its `bye` on the way: that is its answer.
        let Some((from, link)) = self.asker(session).or_else(|| self.waiter(session)) else {
            return Ok(());
        };
        self.rotating = matches!(command, Command::RotateLink).then(LinkKey::random);
        let judged = self.step(Input::Command { from, command }).await;
        let rotated = self.rotating.take();
        let passed = match self.passing.take() {
            Some(pass) => Some(breakout::hand_out(&self.ground, re, pass).await),
            None => None,
        };
        let granted = self.transfers.granted.take();
        let said = match &judged {
            Ok(Ok(())) => match (rotated, passed, granted) {
                (Some(key), ..) => {
                    let path = key.path(self.meeting.identity().room);
                    link.say(&ServerMessage::GuestLink { re, path })
                }
                (None, Some(Ok(pass)), _) => link.say(&pass),
                (None, Some(Err(problem)), _) => link.refuse(re, problem),
                (None, None, Some(upload)) => link.say(&self.transfers.grant(session, re, upload)),
                (None, None, None) => link.say(&ServerMessage::Done { re }),
            },
            Ok(Err(unmet)) => link.refuse(re, unmet.problem()),
            Err(Lost) => link.refuse(re, unavailable()),
        };
        // A broken link is reported by its own session.
        let _ = said;
        judged.map(|_| ())
    }

    async fn offer(&mut self, session: SessionId, re: u32, offer: Offer) -> Result<(), Lost> {
        let Some((who, link)) = self.asker(session) else {
            self.refuse_waiting(session, re);
            return Ok(());
        };
        let purpose = if offer.fresh { Purpose::Fresh { re } } else { Purpose::Further { re } };
        if let Err(problem) = self.negotiate(session, who, offer, purpose).await? {
            let _ = link.refuse(re, problem);
        }
        Ok(())
    }

    async fn wish(&mut self, session: SessionId, re: u32, wishes: Vec<Wish>) -> Result<(), Lost> {
        let Some((who, link)) = self.asker(session) else {
            self.refuse_waiting(session, re);
            return Ok(());
        };
        let said = if wishes.len() > MAX_WISHES {
            let detail = format!("{} wishes, at most {MAX_WISHES} are kept", wishes.len());
            link.refuse(re, Problem::new("too_many_wishes", detail).with("max", MAX_WISHES))
        } else {
            let commands = self.bind.wish(who, wishes);
            self.command_media(commands).await?;
            link.say(&ServerMessage::Done { re })
        };
        // A broken link is reported by its own session.
        let _ = said;
        Ok(())
    }

    /// Hands an offer to the media plane; the answer comes as an event.
    pub(super) async fn negotiate(
        &mut self,
        session: SessionId,
        who: ParticipantId,
        offer: Offer,
        purpose: Purpose,
    ) -> Result<Result<(), Problem>, Lost> {
        if let Err(problem) = negotiate::check(&offer) {
            return Ok(Err(problem));
        }
        let number = offer.number;
        let (endpoint, commands) = if matches!(purpose, Purpose::Further { .. }) {
            match self.bind.reoffer(who, offer) {
                Some(bound) => bound,
                None => {
                    let detail = "a further offer needs a connection, found none; send a fresh one";
                    return Ok(Err(Problem::new("no_media", detail)));
                }
            }
        } else {
            self.bind.connect(who, offer)
        };
        self.negotiations.wait(endpoint, number, session, purpose);
        self.command_media(commands).await?;
        Ok(Ok(()))
    }

    /// One turn of the meeting: judge, close, keep, carry out.
    pub(super) async fn step(&mut self, input: Input) -> Result<Result<(), Unmet>, Lost> {
        let (now, asked) = (utc_now(), audit::Asked::of(&self.meeting, &input));
        let meeting = &mut self.meeting;
        // A panic in the pure code is our bug; it costs this meeting a rebuild and
        // no other meeting anything.
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let verdict = meeting.handle(now, input);
            (verdict, outputs(meeting))
        }));
        let (verdict, outputs) = judged.map_err(|_| {
            tracing::error!(meeting = %self.meeting.identity().meeting, "a meeting panicked");
            Lost
        })?;
        let word = if verdict.is_ok() { "done" } else { "refused" };
        metrics::counter!(name::ROOM_COMMANDS, "verdict" => word).increment(1);
        let refusal = verdict.as_ref().err();
        let refused = refusal.and_then(|denied| asked.refused(now, &self.meeting, denied));
        match self.settle(outputs, refused).await {
            Ok(()) => Ok(verdict.map_err(Unmet::Denied)),
            Err(Failed::NotKept) => Ok(Err(Unmet::NotKept)),
            Err(Failed::Lost) => Err(Lost),
        }
    }

    /// The person a session in the lobby speaks for, and the way back to it.
    fn waiter(&self, session: SessionId) -> Option<(ParticipantId, Link)> {
        let waiting = self.roll.waiting(session)?;
        Some((waiting.participant, waiting.link.clone()))
    }

    /// Answers what a session in the lobby asks for that is no command.
    pub(super) fn refuse_waiting(&self, session: SessionId, re: u32) {
        if let Some((_, link)) = self.waiter(session) {
            // A broken link is reported by its own session.
            let _ = link.refuse(re, Unmet::Denied(Denied::Waiting).problem());
        }
    }

    /// The participant a welcomed session speaks for, and the way back to it.
    pub(super) fn asker(&self, session: SessionId) -> Option<(ParticipantId, Link)> {
        let member = self.roll.welcomed(session)?;
        Some((member.participant, member.link.clone()))
    }
}

fn outputs(meeting: &mut Meeting) -> Vec<Output> {
    std::iter::from_fn(|| meeting.poll_output()).collect()
}

fn no_such_room() -> Problem {
    Problem::new("no_such_room", "the room is not there")
}

/// How long until `at`, by the wall clock the meeting counts in.
fn until(at: Timestamp) -> Duration {
    Duration::from_millis(at.0.saturating_sub(utc_now().0))
}

/// Answers what is asked during a pause; false when there is nobody left to ask.
async fn wait_refusing(ground: &Ground, inbox: &mut mpsc::Receiver<Ask>, pause: Duration) -> bool {
    let mut draining = ground.draining.clone();
    let end = Instant::now() + pause;
    loop {
        tokio::select! {
            () = raised(&mut draining) => return false,
            () = sleep_until(end) => return true,
            asked = inbox.recv() => match asked {
                Some(ask) => refuse(ask, &unavailable()),
                None => return false,
            },
        }
    }
}

fn refuse_all(inbox: &mut mpsc::Receiver<Ask>, problem: &Problem) {
    inbox.close();
    while let Ok(ask) = inbox.try_recv() {
        refuse(ask, problem);
    }
}

/// Only joins are answered here: the sessions of before were sent away.
fn refuse(ask: Ask, problem: &Problem) {
    // Whoever went away no longer wants its answer.
    match ask {
        Ask::Join(join) => drop(join.verdict.send(Err(problem.clone()))),
        Ask::File(ask) => files::refuse(ask),
        Ask::Begin(begin) => drop(begin.verdict.send(Err(Unbegun::Problem(problem.clone())))),
        _ => {}
    }
}
