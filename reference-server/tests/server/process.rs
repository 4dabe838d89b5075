//! `conf-server` as a process of its own, as operators run it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use conf_proto::rest::NewRoom;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;
use tokio::time::timeout;

use crate::client::{Client, Joined};
use crate::host::{Room, data_dir, make_room, make_room_as, token};

/// A machine under load still starts a server within this.
const WITHIN: Duration = Duration::from_secs(30);

/// A running `conf-server`, killed when dropped.
pub struct Process {
    child: Child,
    pub http: SocketAddr,
    pub line: String,
}

impl Process {
    /// Starts one on free ports, with its log at `folder/log`, and waits for its ready line.
    pub async fn start(folder: &Path) -> Self {
        Self::start_at(folder, "127.0.0.1:0").await
    }

    /// The same, with HTTP where an earlier one was.
    pub async fn start_at(folder: &Path, listen: &str) -> Self {
        let log = File::options().create(true).append(true).open(folder.join("log"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_conf-server"))
            .args(["serve", "--listen", listen, "--media-listen", "127.0.0.1:0"])
            .args(["--log-filter", "debug"])
            .arg("--data-dir")
            .arg(data_dir(folder))
            .stdout(Stdio::piped())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("a process");
        let stdout = child.stdout.take().expect("its output");
        let stdout = ChildStdout::from_std(stdout).expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(WITHIN, lines.next_line()).await.expect("a ready line within 30 s");
        let line = line.expect("readable output").expect("a ready line");
        let http = line.split(' ').find_map(|word| word.strip_prefix("http=http://"));
        let http = http.expect("an address").parse().expect("an address");
        Self { child, http, line }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// A room with Ann, who moderates it, and Bob, a guest; first the tokens they came by.
    pub async fn ann_and_bob(&self) -> ([String; 2], Joined, Joined) {
        let http = reqwest::Client::new();
        self.both_in(&http, &make_room(&http, &self.url(), None).await).await
    }

    /// The same in a room that is made so.
    pub async fn ann_and_bob_in(&self, room: NewRoom) -> ([String; 2], Joined, Joined) {
        let http = reqwest::Client::new();
        self.both_in(&http, &make_room_as(&http, &self.url(), room).await).await
    }

    /// The same in a room that is there.
    pub async fn both_in(
        &self,
        http: &reqwest::Client,
        room: &Room,
    ) -> ([String; 2], Joined, Joined) {
        let ann_token = token(http, &self.url(), room, &room.moderator_key, "Ann").await;
        let bob_token = token(http, &self.url(), room, &room.guest_key, "Bob").await;
        let ann = Client::connect(self.http).await.hello(&ann_token).await;
        let bob = Client::connect(self.http).await.hello(&bob_token).await;
        ([ann_token, bob_token], ann, bob)
    }

    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.child.kill().expect("a running process");
        self.child.wait().expect("its end");
    }

    /// Asks it to end, and says how it did.
    pub async fn terminate(mut self) -> std::process::ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        assert!(asked.expect("kill runs").success());
        timeout(WITHIN, async {
            loop {
                if let Some(status) = self.child.try_wait().expect("its state") {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("an end within 30 s")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
