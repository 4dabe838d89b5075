//! A real server and real participants over loopback, for stories about media.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Parser;
use conf_client::driver::{Api, Invite, JoinOptions, Participant};
use conf_client::link::MediaPlan;
use conf_client::synthetic::CameraPlan;
use conf_proto::rest::NewRoom;
use conf_proto::{GuestPolicy, ParticipantId, Source, VideoCodec};
use reference_server::Server;
use reference_server::config::{Arguments, Config, Order};
use tempfile::TempDir;

/// Longest a step of a story may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(30);

/// Waits for `work`, but not for ever.
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(WITHIN, work).await {
        Ok(done) => done,
        Err(_) => panic!("not within {WITHIN:?}: {what}"),
    }
}

/// A server in this process with a data directory of its own.
pub struct House {
    server: Server,
    _data: TempDir,
    pub api: Api,
}

/// The links of a room.
pub struct Room {
    pub moderators: Invite,
    pub guests: Invite,
}

impl House {
    pub async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(config(data.path())).await.unwrap();
        let api = Api::new(server.url());
        Self { server, _data: data, api }
    }

    pub async fn room(&self) -> Room {
        room(&self.api).await
    }

    /// A number from `/metrics`; 0 while it was never counted.
    pub async fn metric(&self, name: &str) -> f64 {
        let url = format!("{}/metrics", self.server.url());
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0.0)
    }
}

pub async fn room(api: &Api) -> Room {
    room_with(api, VideoCodec::Vp8).await
}

/// A room that guests walk into, with a codec of its own.
pub async fn room_with(api: &Api, video_codec: VideoCodec) -> Room {
    let new = NewRoom { guests: GuestPolicy::Accept, video_codec, ..NewRoom::named("Physics") };
    let made = api.make_room_with(&new, None).await.unwrap();
    Room {
        moderators: Invite::parse(&made.moderator_path).unwrap(),
        guests: Invite::parse(&made.guest_path).unwrap(),
    }
}

fn arguments(data: &Path, listen: &str, media: &str) -> Vec<String> {
    ["serve", "--listen", listen, "--media-listen", media, "--data-dir"]
        .map(str::to_owned)
        .into_iter()
        .chain([data.join("data").display().to_string()])
        .collect()
}

fn config(data: &Path) -> Config {
    let arguments = arguments(data, "127.0.0.1:0", "127.0.0.1:0");
    let arguments = std::iter::once("conf-server".to_owned()).chain(arguments);
    match Arguments::parse_from(arguments).order {
        Order::Serve(settings) => Config::load(&settings).unwrap(),
        _ => unreachable!("the arguments say serve"),
    }
}

/// A server in a process of its own, which can be killed.
pub struct Process {
    child: Child,
    pub url: String,
    pub media: String,
}

impl Process {
    /// Starts one and waits for its ready line; blocks.
    pub fn start(data: &Path, listen: &str, media: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_conf-server"))
            .args(arguments(data, listen, media))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let part = |name: &str| {
            let part = line.split_ascii_whitespace().find_map(|part| part.strip_prefix(name));
            part.unwrap_or_else(|| panic!("`{name}` in the ready line `{line}`")).to_owned()
        };
        Self { url: part("http="), media: part("media="), child }
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Killed already, or a test that failed: nothing more to say.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Someone with a microphone, a camera of one layer, and a few slots.
pub fn someone(api: &Api, invite: &Invite, name: &str) -> JoinOptions {
    JoinOptions::new(api.clone(), invite.clone(), name).plan(plan(CameraPlan::single(300, 15)))
}

pub fn plan(camera: CameraPlan) -> MediaPlan {
    MediaPlan { camera: Some(camera), audio_slots: 2, video_slots: 2, ..MediaPlan::default() }
}

pub async fn join(options: JoinOptions) -> Participant {
    within("joining", Participant::join(options)).await.unwrap()
}

/// How many packets of a source someone received.
pub fn heard(who: &Participant, from: ParticipantId, source: Source) -> u64 {
    who.stats(|reception| reception.source(from, source).packets)
}

/// Waits until someone received `more` packets of a source.
pub async fn hears(who: &Participant, from: ParticipantId, source: Source, more: u64) {
    let wanted = heard(who, from, source) + more;
    let enough = who.until_received(|reception| reception.source(from, source).packets >= wanted);
    within(&format!("{source:?} of {from} arrives at {}", who.id()), enough).await;
}
