//! Where files are handed in and given out over HTTP, and what is asked for it over a session.

use std::path::{Path, PathBuf};

use conf_core::id::{FileId, ParticipantId};
use conf_proto::{ClientBody, ServerMessage};
use reqwest::{Body, Response, StatusCode};
use serde_json::Value;

use crate::client::Client;
use crate::host::{Room, data_dir};

/// A file that begins as its name says.
pub const PDF: &[u8] = b"%PDF-1.7 the canary sings";

/// Asks to send a file.
pub fn offer(name: &str, bytes: usize, to: Option<ParticipantId>) -> ClientBody {
    ClientBody::OfferFile { name: name.to_owned(), bytes: bytes as u64, to }
}

/// Is granted to send a file.
pub async fn granted(who: &mut Client, asked: ClientBody) -> (FileId, String) {
    match who.ask(asked).await {
        ServerMessage::Upload { file, token, .. } => (file, token),
        other => panic!("expected a grant, found {other:?}"),
    }
}

/// A token to read with.
pub async fn reader(who: &mut Client) -> String {
    match who.ask(ClientBody::FileToken).await {
        ServerMessage::FileToken { token, .. } => token,
        other => panic!("expected a token, found {other:?}"),
    }
}

fn url(base: &str, room: &Room, file: FileId) -> String {
    format!("{base}/api/v1/rooms/{}/files/{file}", room.id)
}

/// Where a room's files are asked for.
pub struct Desk<'a> {
    pub http: &'a reqwest::Client,
    pub base: String,
    pub room: &'a Room,
}

impl Desk<'_> {
    pub async fn put(&self, file: FileId, token: &str, bytes: &[u8]) -> Response {
        self.put_body(file, token, bytes.to_vec().into()).await
    }

    pub async fn put_body(&self, file: FileId, token: &str, body: Body) -> Response {
        let request = self.http.put(url(&self.base, self.room, file)).bearer_auth(token);
        request.body(body).send().await.expect("an answer")
    }

    pub async fn get(&self, file: FileId, token: &str) -> Response {
        let request = self.http.get(url(&self.base, self.room, file)).bearer_auth(token);
        request.send().await.expect("an answer")
    }

    /// Asks for a part, where the file is still what it was under `tag`.
    pub async fn get_part(
        &self,
        file: FileId,
        token: &str,
        range: &str,
        tag: Option<&str>,
    ) -> Response {
        let request = self.http.get(url(&self.base, self.room, file)).bearer_auth(token);
        let request = request.header("range", range);
        let request = match tag {
            Some(tag) => request.header("if-range", tag),
            None => request,
        };
        request.send().await.expect("an answer")
    }

    pub async fn hand_on(&self, who: &mut Client, asked: ClientBody, bytes: &[u8]) -> FileId {
        let (file, token) = granted(who, asked).await;
        assert_eq!(self.put(file, &token, bytes).await.status(), StatusCode::NO_CONTENT);
        file
    }
}

/// How a request was refused.
pub async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.expect("a problem");
    (status, problem["code"].as_str().expect("a code").to_owned())
}

/// Every file under the folder of files.
pub fn stored(folder: &Path) -> Vec<PathBuf> {
    let Ok(meetings) = std::fs::read_dir(data_dir(folder).join("files")) else { return vec![] };
    let files = meetings.flat_map(|meeting| {
        std::fs::read_dir(meeting.expect("an entry").path()).expect("a folder")
    });
    files.map(|file| file.expect("an entry").path()).collect()
}
