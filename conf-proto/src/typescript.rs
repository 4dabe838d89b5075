//! The message types as one TypeScript module, for the browser client.
//!
//! `cargo run -p conf-proto --features typescript --example write_typescript`
//! writes the file; a test fails while the committed one differs.

use conf_core::admission::policy::GuestPolicy;
use conf_core::policy::lock::Lock;
use conf_core::policy::role::{Role, Standing};
use conf_core::stage::codec::VideoCodec;
use conf_core::stage::layout::Layout;
use conf_core::stage::source::Source;
use conf_core::view::{PollStage, VoteStage};
use conf_core::{FileGroup, Reaction, Voters};
use serde::Serialize;
use ts_rs::{Config, TS};

use crate::{
    PROTOCOL, breakout, caption, chat, client, error, file, lobby, media, papers, poll, rest,
    server, signal, tools, view, vote,
};

/// Where the module belongs, seen from the root of the workspace.
pub const PATH: &str = "reference-server/web/src/sdk/proto.ts";

/// The text of the module.
#[must_use]
pub fn module() -> String {
    let mut out = String::from(
        "// Generated from conf-proto by `cargo run -p conf-proto --features typescript \
         --example write_typescript`. Do not edit.\n\n",
    );
    out.push_str("/** The version of the protocol these types describe. */\n");
    out.push_str(&format!("export const PROTOCOL = {PROTOCOL};\n"));
    closed_set(&mut out, "Source", "SOURCES", "What a participant can publish.", &Source::ALL);
    closed_set(&mut out, "Lock", "LOCKS", "What a moderator can close.", &Lock::ALL);
    closed_set(&mut out, "Reaction", "REACTIONS", "A sign put to a message.", &Reaction::ALL);
    closed_set(&mut out, "FileGroup", "FILE_GROUPS", "What a file is.", &FileGroup::ALL);
    closed_set(&mut out, "PollStage", "POLL_STAGES", "How far a poll is.", &POLL_STAGES);
    closed_set(&mut out, "Layout", "LAYOUTS", "How pictures are arranged.", &Layout::ALL);
    closed_set(&mut out, "VoteStage", "VOTE_STAGES", "How far a secret vote is.", &VOTE_STAGES);
    closed_set(&mut out, "Voters", "VOTERS", "Who may take part in a secret vote.", &VOTERS);
    closed_set(&mut out, "Role", "ROLES", "What a claim lets its holder be.", &ROLES);
    closed_set(&mut out, "Standing", "STANDINGS", "Whether one is of the house.", &STANDINGS);

    closed_set(&mut out, "GuestPolicy", "GUEST_POLICIES", "How guests are met.", &GuestPolicy::ALL);
    closed_set(&mut out, "VideoCodec", "VIDEO_CODECS", "How pictures are coded.", &VideoCodec::ALL);
    out.push_str("\n/** Whose coming starts a meeting. */\n");
    out.push_str("export type Starter = \"anyone\" | \"moderator\";\n");
    out.push_str("\n/** What happens without a moderator. */\n");
    out.push_str(
        "export type Unattended = \"continue\" | \"wait\" | { close_after_minutes: number };\n",
    );

    declare::<client::ClientBody>(&mut out);
    // Written by hand: the generator would repeat the whole body here.
    out.push_str("\n/** One frame from a client, answered once with the same number in `re`. */\n");
    out.push_str("export type ClientMessage = { id: number } & ClientBody;\n");
    declare::<client::Resume>(&mut out);
    declare::<client::Offer>(&mut out);
    declare::<client::Wish>(&mut out);
    declare::<client::Wished>(&mut out);
    declare::<server::ServerMessage>(&mut out);
    declare::<server::EventFrame>(&mut out);
    declare::<server::RoomEvent>(&mut out);
    declare::<signal::RoomSignal>(&mut out);
    declare::<view::RoomView>(&mut out);
    declare::<view::SharedLayout>(&mut out);
    declare::<view::Participant>(&mut out);
    declare::<view::Shown>(&mut out);
    declare::<tools::Timer>(&mut out);
    declare::<tools::Picked>(&mut out);
    declare::<lobby::LobbyEntry>(&mut out);
    declare::<lobby::WaitReason>(&mut out);
    declare::<media::Quality>(&mut out);
    declare::<media::LinkQuality>(&mut out);
    declare::<media::WithheldPicture>(&mut out);
    declare::<media::Withheld>(&mut out);
    declare::<chat::ChatLine>(&mut out);
    declare::<chat::ChatReaction>(&mut out);
    declare::<chat::OlderChat>(&mut out);
    declare::<caption::CaptionWriter>(&mut out);
    declare::<caption::CaptionLine>(&mut out);
    declare::<file::SharedFile>(&mut out);
    declare::<file::FileRules>(&mut out);
    declare::<poll::Poll>(&mut out);
    declare::<poll::PollKey>(&mut out);
    declare::<poll::PollAnswers>(&mut out);
    declare::<poll::PollWritten>(&mut out);
    declare::<poll::PollSaid>(&mut out);
    declare::<poll::PublishedPoll>(&mut out);
    declare::<poll::PollVote>(&mut out);
    declare::<vote::WantedVote>(&mut out);
    declare::<vote::SecretVote>(&mut out);
    declare::<vote::SecretBallot>(&mut out);
    declare::<vote::BallotReceipt>(&mut out);
    declare::<vote::VoteList>(&mut out);
    declare::<papers::Minutes>(&mut out);
    declare::<papers::Stay>(&mut out);
    declare::<papers::Figures>(&mut out);
    declare::<breakout::Breakouts>(&mut out);
    declare::<breakout::Breakout>(&mut out);
    declare::<breakout::PlannedBreakout>(&mut out);
    declare::<breakout::InheritedExceptions>(&mut out);
    declare::<media::Answer>(&mut out);
    declare::<media::Slot>(&mut out);
    declare::<server::ByeReason>(&mut out);
    declare::<error::Problem>(&mut out);
    declare::<rest::About>(&mut out);
    declare::<rest::NewRoom>(&mut out);
    declare::<rest::RoomMade>(&mut out);
    declare::<rest::LookRequest>(&mut out);
    declare::<rest::Look>(&mut out);
    declare::<rest::TokenRequest>(&mut out);
    declare::<rest::TokenMade>(&mut out);
    declare::<rest::GrantRequest>(&mut out);
    out
}

const ROLES: [Role; 3] = [Role::Moderator, Role::Participant, Role::Service];
const POLL_STAGES: [PollStage; 3] = [PollStage::Open, PollStage::Closed, PollStage::Published];
const VOTE_STAGES: [VoteStage; 3] = [VoteStage::Open, VoteStage::Closing, VoteStage::Closed];
const VOTERS: [Voters; 2] = [Voters::Everyone, Voters::Members];
const STANDINGS: [Standing; 2] = [Standing::Member, Standing::Guest];

// A new variant must not compile until it is in the lists above.
const _: fn(Role) = |role| match role {
    Role::Moderator | Role::Participant | Role::Service => (),
};
const _: fn(PollStage) = |stage| match stage {
    PollStage::Open | PollStage::Closed | PollStage::Published => (),
};
const _: fn(VoteStage) = |stage| match stage {
    VoteStage::Open | VoteStage::Closing | VoteStage::Closed => (),
};
const _: fn(Voters) = |voters| match voters {
    Voters::Everyone | Voters::Members => (),
};
const _: fn(Standing) = |standing| match standing {
    Standing::Member | Standing::Guest => (),
};

/// A union of string literals, and the list of its members.
fn closed_set<T: Serialize>(out: &mut String, name: &str, list: &str, doc: &str, all: &[T]) {
    let words: Vec<String> =
        all.iter().map(|v| serde_json::to_string(v).expect("a unit variant is a string")).collect();
    out.push_str(&format!("\n/** {doc} */\nexport type {name} = {};\n", words.join(" | ")));
    out.push_str(&format!(
        "/** Every {name}, in the order they are listed everywhere. */\n\
         export const {list}: readonly {name}[] = [{}];\n",
        words.join(", ")
    ));
}

fn declare<T: TS>(out: &mut String) {
    out.push('\n');
    if let Some(docs) = T::docs() {
        out.push_str(docs.trim_end());
        out.push('\n');
    }
    out.push_str("export ");
    // The generator leaves blanks at the ends of some lines.
    for line in T::decl(&Config::default()).lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}
