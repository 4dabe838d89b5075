//! A server in this process, in folders of its own.

use std::fs;
use std::path::{Path, PathBuf};

use conf_proto::GuestPolicy;
use conf_proto::rest::{LookRequest, NewRoom, RoomMade, TokenMade, TokenRequest};
use reference_server::Server;
use reference_server::config::{Config, Settings};
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Client, Joined};

/// A running server and where it keeps things.
pub struct Host {
    pub server: Server,
    pub http: reqwest::Client,
    folder: TempDir,
}

/// A room and the keys of its links.
pub struct Room {
    pub id: String,
    pub moderator_key: String,
    pub guest_key: String,
}

impl Host {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = settings(folder.path());
        change(&mut settings);
        let config = Config::load(&settings).expect("a valid configuration");
        let server = Server::start(config).await.expect("a running server");
        Self { server, http: reqwest::Client::new(), folder }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.server.http_addr().port())
    }

    /// Ends the server; what it kept stays as long as the folder.
    pub async fn shut_down(self) -> TempDir {
        self.server.shutdown().await;
        self.folder
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn room(&self) -> Room {
        make_room(&self.http, &self.url(""), None).await
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.server.http_addr()).await
    }

    /// Someone who comes by the moderators' link.
    pub async fn moderator(&self, room: &Room, name: &str) -> Joined {
        let token = self.token(room, &room.moderator_key, name).await;
        self.client().await.hello(&token).await
    }

    /// Someone who comes by the guests' link.
    pub async fn guest(&self, room: &Room, name: &str) -> Joined {
        let token = self.token(room, &room.guest_key, name).await;
        self.client().await.hello(&token).await
    }

    pub async fn token(&self, room: &Room, key: &str, name: &str) -> String {
        token(&self.http, &self.url(""), room, key, name).await
    }

    pub async fn post(&self, path: &str, body: &impl serde::Serialize) -> (u16, Value) {
        let sent = self.http.post(self.url(path)).json(body).send().await.expect("an answer");
        let status = sent.status().as_u16();
        (status, sent.json().await.expect("a JSON answer"))
    }

    pub async fn look(&self, room: &str, key: &str) -> (u16, Value) {
        let body = LookRequest { key: key.to_owned() };
        self.post(&format!("/api/v1/rooms/{room}/look"), &body).await
    }
}

pub fn settings(folder: &Path) -> Settings {
    let local = "127.0.0.1:0".parse().expect("an address");
    Settings {
        listen: Some(local),
        media_listen: Some(local),
        data_dir: Some(data_dir(folder)),
        ..Settings::default()
    }
}

pub fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Every file below `folder`: the database, its log of writes, keys, and what the server said.
pub fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.display().to_string(), fs::read(&path).expect("a file")));
            }
        }
    }
    files
}

pub async fn make_room(http: &reqwest::Client, base: &str, key: Option<&str>) -> Room {
    let body = NewRoom { guests: GuestPolicy::Accept, ..NewRoom::named("Physics 101") };
    make_room_with(http, base, key, body).await
}

pub async fn make_room_as(http: &reqwest::Client, base: &str, body: NewRoom) -> Room {
    make_room_with(http, base, None, body).await
}

async fn make_room_with(
    http: &reqwest::Client,
    base: &str,
    key: Option<&str>,
    body: NewRoom,
) -> Room {
    let mut request = http.post(format!("{base}/api/v1/rooms")).json(&body);
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    let sent = request.send().await.expect("an answer");
    assert_eq!(sent.status(), 201);
    let made: RoomMade = sent.json().await.expect("the room");
    let key = |path: &str| path.split_once('#').expect("a key").1.to_owned();
    Room {
        id: made.room.to_string(),
        moderator_key: key(&made.moderator_path),
        guest_key: key(&made.guest_path),
    }
}

pub async fn token(
    http: &reqwest::Client,
    base: &str,
    room: &Room,
    key: &str,
    name: &str,
) -> String {
    let body = TokenRequest { key: key.to_owned(), name: name.to_owned() };
    let path = format!("{base}/api/v1/rooms/{}/tokens", room.id);
    let sent = http.post(path).json(&body).send().await.expect("an answer");
    assert_eq!(sent.status(), 200);
    let made: TokenMade = sent.json().await.expect("a token");
    made.token
}
