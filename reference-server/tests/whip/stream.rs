//! A participant by WHIP or WHEP: one HTTP request and a WebRTC peer.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Parser;
use conf_client::driver::Api;
use conf_client::link::{Devices, Engine, Link, LinkState, MediaPlan};
use conf_client::synthetic::CameraPlan;
use conf_client::{media, str0m_peer};
use conf_core::Role;
use conf_core::id::RoomId;
use conf_proto::rest::{GrantRequest, NewRoom, RoomMade, TokenMade, TokenRequest};
use conf_proto::{GuestPolicy, ParticipantId, Source};
use reference_server::Server;
use reference_server::config::{Arguments, Config, ConfigError, Order};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tempfile::TempDir;
use tokio::runtime::Handle;

/// Longest a step may take on a busy machine.
pub const WITHIN: Duration = Duration::from_secs(30);

pub const BOTH: [Source; 2] = [Source::Microphone, Source::Camera];

/// A running server.
pub struct House {
    base: String,
    pub data: TempDir,
    http: Client,
    _running: Running,
}

/// Where it runs.
enum Running {
    Here(#[allow(dead_code, reason = "stops when dropped")] Server),
    Apart(Child),
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Apart(child) = self {
            // Gone already: nothing more to say.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl House {
    /// One in which rooms appear when they are named.
    pub async fn open() -> Self {
        Self::with(&["--open-rooms"]).await
    }

    pub async fn with(flags: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(config(data.path(), flags)).await.unwrap();
        let base = server.url();
        Self { base, data, http: Client::new(), _running: Running::Here(server) }
    }

    /// An open one in a process of its own, for what is counted per process.
    pub fn apart() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_conf-server"))
            .args(words(data.path(), &["--open-rooms"]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.split_whitespace().find_map(|word| word.strip_prefix("http=")).unwrap();
        Self { base: base.to_owned(), data, http: Client::new(), _running: Running::Apart(child) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// Makes a room.
    pub async fn room(&self, guests: GuestPolicy) -> RoomMade {
        let new = NewRoom { guests, ..NewRoom::named("Hall") };
        self.api().make_room_with(&new, None).await.unwrap()
    }

    pub fn api(&self) -> Api {
        Api::new(&self.base)
    }

    /// A token for any id in a room, from the REST API.
    pub async fn grant(&self, room: &RoomId, role: Role) -> String {
        let wanted = GrantRequest { role, name: None, hours: Some(1) };
        let path = format!("/api/v1/rooms/{room}/grants");
        let answer = self.request(Method::POST, &path).json(&wanted).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json::<TokenMade>().await.unwrap().token
    }

    /// The same from the command line.
    pub fn cli_token(&self, room: &RoomId, role: &str) -> String {
        let made = Command::new(env!("CARGO_BIN_EXE_conf-server"))
            .args(["token", "--room", &room.to_string(), "--role", role, "--data-dir"])
            .arg(self.data.path().join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// The token of somebody who came by the guests' link.
    pub async fn guest_token(&self, made: &RoomMade, name: &str) -> String {
        let (_, key) = made.guest_path.split_once('#').unwrap();
        let wanted = TokenRequest { key: key.to_owned(), name: name.to_owned() };
        let path = format!("/api/v1/rooms/{}/tokens", made.room);
        let answer = self.request(Method::POST, &path).json(&wanted).send().await.unwrap();
        answer.json::<TokenMade>().await.unwrap().token
    }

    /// A number from `/metrics`; 0 while it was never counted.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = self.http.get(self.url("/metrics")).send().await.unwrap().text().await.unwrap();
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0.0)
    }
}

fn words(data: &Path, flags: &[&str]) -> Vec<String> {
    let data = data.join("data").display().to_string();
    let fixed = ["serve", "--data-dir", &data];
    let listens = ["--listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0"];
    // Later ones of the same name would be refused.
    let own = |name: &str| flags.contains(&name);
    let listens = listens.chunks(2).filter(|pair| !own(pair[0])).flatten().copied();
    let words = fixed.into_iter().chain(listens).chain(flags.iter().copied());
    words.map(str::to_owned).collect()
}

fn config(data: &Path, flags: &[&str]) -> Config {
    let words = words(data, flags);
    let words: Vec<&str> =
        ["conf-server"].into_iter().chain(words.iter().map(String::as_str)).collect();
    load(&words).unwrap()
}

/// The configuration a command line comes to.
pub fn load(words: &[&str]) -> Result<Config, ConfigError> {
    match Arguments::try_parse_from(words).unwrap().order {
        Order::Serve(settings) => Config::load(&settings),
        other => panic!("the arguments say serve: {other:?}"),
    }
}

/// A plan that only sends.
pub fn sends() -> MediaPlan {
    let camera = Some(CameraPlan::single(300, 15));
    MediaPlan { camera, audio_slots: 0, video_slots: 0, ..MediaPlan::default() }
}

/// A plan that only receives, with so many slots of each kind.
pub fn plays(slots: u8) -> MediaPlan {
    MediaPlan {
        microphone: false,
        camera: None,
        audio_slots: slots,
        video_slots: slots,
        ..MediaPlan::default()
    }
}

/// A number that marks what somebody sends.
pub fn mark(number: u128) -> ParticipantId {
    ParticipantId::from_number(number)
}

/// What a request came to.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The code of a problem body.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A peer with its connection.
pub struct Stream {
    pub link: Link,
    pub devices: Devices,
    pub location: String,
    pub etag: String,
}

/// How a stream is asked for.
pub struct Ask<'a> {
    pub path: &'a str,
    pub plan: MediaPlan,
    pub engine: Engine,
    pub token: Option<&'a str>,
    /// What marks the packets it sends.
    pub mark: u128,
}

impl<'a> Ask<'a> {
    pub fn new(path: &'a str, plan: MediaPlan) -> Self {
        Self { path, plan, engine: Engine::Light, token: None, mark: 0 }
    }

    pub fn marked(self, mark: u128) -> Self {
        Self { mark, ..self }
    }

    pub fn engine(self, engine: Engine) -> Self {
        Self { engine, ..self }
    }

    pub fn token(self, token: &'a str) -> Self {
        Self { token: Some(token), ..self }
    }
}

impl House {
    /// Asks for a stream; what it was answered when there is none.
    pub async fn try_stream(&self, ask: Ask<'_>) -> Result<Stream, Answer> {
        let devices = Devices::new(&ask.plan, u64::try_from(ask.mark).unwrap());
        devices.studio(|studio| {
            studio.identify(mark(ask.mark));
            for source in BOTH {
                studio.switch(std::time::Instant::now(), source, true);
            }
        });
        let (offer, link) = match ask.engine {
            Engine::Light => {
                str0m_peer::start(&ask.plan, devices.clone(), &Handle::current()).unwrap()
            }
            Engine::Webrtc => media::start(&ask.plan, devices.clone()).await.unwrap(),
        };
        let request = self.request(Method::POST, ask.path);
        let request = request.header("content-type", "application/sdp").body(offer.sdp);
        let request = match ask.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = Answer::of(request.send().await.unwrap()).await;
        if answer.status != StatusCode::CREATED {
            return Err(answer);
        }
        assert_eq!(answer.header("content-type"), "application/sdp");
        assert_eq!(answer.header("accept-patch"), "application/trickle-ice-sdpfrag");
        let location = answer.header("location").to_owned();
        let etag = answer.header("etag").to_owned();
        assert!(link.accept(answer.body), "the peer takes the answer");
        Ok(Stream { link, devices, location, etag })
    }

    /// A stream that is connected.
    pub async fn stream(&self, ask: Ask<'_>) -> Stream {
        let path = ask.path.to_owned();
        let stream = match self.try_stream(ask).await {
            Ok(stream) => stream,
            Err(answer) => panic!("{path}: {} {}", answer.status, answer.body),
        };
        until(&format!("{path} is connected"), || stream.link.state() == LinkState::Connected)
            .await;
        stream
    }
}

impl Stream {
    /// Packets of somebody's source that arrived.
    pub fn heard(&self, from: u128, source: Source) -> u64 {
        self.devices.reception(|reception| reception.source(mark(from), source).packets)
    }

    /// Waits until `more` packets of it arrived.
    pub async fn hears(&self, from: u128, source: Source, more: u64) {
        let wanted = self.heard(from, source) + more;
        until(&format!("{source:?} of {from} arrives"), || self.heard(from, source) >= wanted)
            .await;
    }

    /// Packets that are missing, and numbers left out.
    pub fn broken(&self) -> (u64, u64) {
        let total = self.devices.reception(|reception| reception.total());
        (total.lost, total.gaps)
    }
}

/// Waits until something holds, looking now and then.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let look = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(WITHIN, look).await.is_ok(), "not within {WITHIN:?}: {what}");
}
