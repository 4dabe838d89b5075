//! What a meeting is: rooms, roles and every rule, as a pure event-sourced machine.
//!
//! A [`Meeting`] is one sitting in a room. It has three doors and no others:
//!
//! - [`handle(now, input)`](Meeting::handle) judges and changes. It never
//!   blocks and never reads a clock; a refusal ([`Denied`]) changed nothing.
//! - [`poll_output()`](Meeting::poll_output) is what the world must now do,
//!   oldest first: keep a journal entry, tell people, open or close a gate.
//! - [`poll_timeout()`](Meeting::poll_timeout) is when to hand in
//!   [`Input::Tick`] next.
//!
//! The one who owns a meeting runs a loop around them: hand in what happened,
//! carry out at once what [closes](Output::closes), keep the journal entries,
//! then do the rest. What could not be kept is told to nobody.
//!
//! ```
//! use conf_core::id::{ClaimId, IdSource, MeetingId, RoomId, SessionId};
//! use conf_core::text::{DisplayName, RoomName, Subject};
//! use conf_core::*;
//!
//! // The caller supplies the numbers ids are made of: random in production.
//! struct Counting(u128);
//! impl IdSource for Counting {
//!     fn draw(&mut self) -> u128 {
//!         self.0 += 1;
//!         self.0
//!     }
//! }
//!
//! let now = Timestamp(1_760_000_000_000);
//! let room = RoomId::from_number(7);
//! let identity = Identity { meeting: MeetingId::from_number(1), room, tenant: "default".into() };
//! let config = MeetingConfig::new(RoomName::new("Physics")?).max_participants(30);
//! let mut meeting = Meeting::open(now, Box::new(Counting(0)), identity, config);
//!
//! // Ann shows a claim that the caller has checked; her session now speaks for her.
//! let session = SessionId::from_number(1);
//! let claim = Claim {
//!     id: ClaimId::from_number(1),
//!     issuer: "conf".into(),
//!     tenant: "default".into(),
//!     room,
//!     subject: Subject::new("ann")?.into(),
//!     name: DisplayName::new("Ann")?.into(),
//!     role: Role::Moderator,
//!     standing: Standing::Member,
//!     sources: SourceSet::ALL,
//!     guest_link: None,
//!     expires_at: now + Span::from_mins(60),
//! };
//! meeting.handle(now, Input::Join { session, claim })?;
//! let ann = meeting.participant_of(session).expect("she was admitted");
//!
//! // She speaks, and ends the meeting.
//! let publish = Command::Publish { source: Source::Microphone };
//! meeting.handle(now, Input::Command { from: ann, command: publish })?;
//! meeting.handle(now, Input::Command { from: ann, command: Command::End })?;
//!
//! // What the world was asked to do.
//! let mut journal = Vec::new();
//! while let Some(output) = meeting.poll_output() {
//!     if let Output::Journal(entry) = output {
//!         journal.push(entry);
//!     }
//! }
//! assert!(meeting.is_ended());
//!
//! // The journal is the meeting: replayed anywhere, it is the same.
//! let again = Meeting::replay(Box::new(Counting(100)), journal)?;
//! assert_eq!(again.state(), meeting.state());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where the rules are
//!
//! - [`policy`]: who may do what, one table. Printed in `tests/permissions.txt`.
//! - [`admission`]: what a claim is, who comes in, waits or is refused.
//! - [`meeting`]: who is here, how long it lasts.
//! - [`stage`]: who may be seen and heard. A moderator closes, never opens.
//! - [`view::AttendancePage`]: what is written down of who was there.
//! - [`view::LearningPage`]: what is counted of what they did.
//! - [`signal`]: what is told and never journaled.
//! - [`audit`]: what of all this an audit keeps.
//!
//! # What belongs to people
//!
//! Names, outside ids and texts are [`Personal`]: present or erased. A store
//! seals them one by one ([`Event::visit_personal`], [`State::visit_personal`])
//! and forgets a person by forgetting a key; the journal still replays.
//!
//! # Features
//!
//! - `serde` (off by default; pulls `serde`): events and state can be stored.
#![forbid(unsafe_code)]

pub mod admission;
pub mod audit;
mod collab;
pub mod config;
pub mod denied;
pub mod event;
#[doc(hidden)]
pub mod fuzzing;
pub mod id;
pub mod input;
pub mod meeting;
pub mod output;
mod papers;
pub mod personal;
pub mod policy;
pub mod signal;
pub mod stage;
pub mod text;
pub mod time;
pub mod view;

pub use admission::claim::Claim;
pub use admission::policy::{GuestPolicy, Starter, Unattended};
pub use collab::breakout::{Breakout, plan::Planned, report::Report, rule};
pub use collab::captions::language::{Language, LanguageError};
pub use collab::chat::reaction::Reaction;
pub use collab::file::kind::{FileGroup, FileKind, START_BYTES};
pub use collab::file::limits::FileLimits;
pub use collab::file::upload::Upload;
pub use collab::poll::answers::Answers;
pub use collab::poll::key::PollKey;
pub use collab::poll::written::{Said, Written};
pub use collab::vote::opaque::{BallotSignature, OpaqueError, Serial, VoteKey};
pub use collab::vote::{Ballot, Cast, Voters};
pub use config::MeetingConfig;
pub use denied::Denied;
pub use event::{Entry, Event};
pub use input::{Command, Input};
pub use meeting::{Identity, Meeting, State};
pub use output::Output;
pub use papers::learning::talk::{Talk, TalkTime, Talked};
pub use personal::Personal;
pub use policy::role::{Role, Standing};
pub use signal::Signal;
pub use stage::codec::VideoCodec;
pub use stage::layout::Layout;
pub use stage::source::{Source, SourceSet};
pub use time::{Span, Timestamp};
pub use view::View;
