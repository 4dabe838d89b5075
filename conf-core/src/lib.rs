//! What a meeting is: rooms, roles and every rule, as a pure event-sourced machine.
#![forbid(unsafe_code)]

pub mod admission;
mod collab;
pub mod config;
pub mod denied;
pub mod event;
pub mod id;
pub mod input;
pub mod meeting;
pub mod output;
pub mod personal;
pub mod policy;
pub mod stage;
pub mod text;
pub mod time;
pub mod view;

pub use admission::claim::Claim;
pub use config::MeetingConfig;
pub use denied::Denied;
pub use event::{Entry, Event};
pub use input::{Command, Input};
pub use meeting::{Identity, Meeting, State};
pub use output::Output;
pub use personal::Personal;
pub use policy::role::{Role, Standing};
pub use stage::source::{Source, SourceSet};
pub use time::{Span, Timestamp};
pub use view::View;
