//! The HTTP calls before a session: make a room, look at a link, get a token.

use std::time::Duration;

use conf_proto::rest::{About, Look, LookRequest, NewRoom, RoomMade, TokenMade, TokenRequest};
use conf_proto::{GuestPolicy, Problem, RoomId};
use reqwest::{Client, Response};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A server's HTTP interface.
#[derive(Clone)]
pub struct Api {
    base: String,
    http: Client,
}

/// A link into a room. Its key opens the room, so it has no plain `Debug`.
#[derive(Clone)]
pub struct Invite {
    /// The room.
    pub room: RoomId,
    /// What opens it.
    pub key: String,
}

/// Why an HTTP call came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The server refused.
    #[error("{path} was refused with status {status} and `{}` {:?}", problem.code, problem.params)]
    Refused {
        /// What was called.
        path: String,
        /// The HTTP status.
        status: u16,
        /// Why.
        problem: Problem,
    },
    /// No answer, or one that cannot be read.
    #[error("{path} gave no readable answer")]
    Broken {
        /// What was called.
        path: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// Not a link into a room.
    #[error("expected a link such as `/r/room_…#KEY`, found one of {found} characters")]
    NoInvite {
        /// How long the text was; it may hold a key, so it is not shown.
        found: usize,
    },
}

impl Invite {
    /// Reads a link: a whole URL or its path, with the key in the fragment.
    ///
    /// # Errors
    /// When it leads into no room.
    pub fn parse(link: &str) -> Result<Self, ApiError> {
        let parts = link.split_once("/r/").and_then(|(_, rest)| rest.split_once('#'));
        parts
            .and_then(|(room, key)| Some((room.trim_end_matches('/').parse().ok()?, key)))
            .filter(|(_, key)| !key.is_empty())
            .map(|(room, key)| Self { room, key: key.to_owned() })
            .ok_or(ApiError::NoInvite { found: link.chars().count() })
    }
}

impl std::fmt::Debug for Invite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invite").field("room", &self.room).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Api {
    /// The interface at a base URL such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        let base = base.into().trim_end_matches('/').to_owned();
        Self { base, http: Client::new() }
    }

    /// Where sessions open: a `ws://` or `wss://` URL.
    #[must_use]
    pub fn session_url(&self) -> String {
        // `http…` becomes `ws…`, `https…` becomes `wss…`.
        format!("ws{}/api/v1/signal", self.base.strip_prefix("http").unwrap_or(&self.base))
    }

    /// What the server says about itself.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn about(&self) -> Result<About, ApiError> {
        let path = "/api/v1/about";
        let sent = self.http.get(format!("{}{path}", self.base)).timeout(ANSWER_WITHIN).send();
        read(path, sent.await).await
    }

    /// Makes a room that guests walk into; with the operator's key where the server needs one.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn make_room(&self, name: &str, key: Option<&str>) -> Result<RoomMade, ApiError> {
        let open = NewRoom { guests: GuestPolicy::Accept, ..NewRoom::named(name) };
        self.make_room_with(&open, key).await
    }

    /// Makes a room as described.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn make_room_with(
        &self,
        room: &NewRoom,
        key: Option<&str>,
    ) -> Result<RoomMade, ApiError> {
        self.post("/api/v1/rooms", room, key).await
    }

    /// What a link leads to.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn look(&self, invite: &Invite) -> Result<Look, ApiError> {
        let path = format!("/api/v1/rooms/{}/look", invite.room);
        self.post(&path, &LookRequest { key: invite.key.clone() }, None).await
    }

    /// A join token for someone of this name.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn token(&self, invite: &Invite, name: &str) -> Result<TokenMade, ApiError> {
        let path = format!("/api/v1/rooms/{}/tokens", invite.room);
        let body = TokenRequest { key: invite.key.clone(), name: name.to_owned() };
        self.post(&path, &body, None).await
    }

    /// How long the server's appends to its journal take, on disk included: 99 of 100 are
    /// faster, in seconds. `None` where it does not say, or has not kept anything yet.
    pub async fn append_p99(&self) -> Option<f64> {
        let sent = self.http.get(format!("{}/metrics", self.base)).timeout(ANSWER_WITHIN).send();
        let text = sent.await.ok()?.text().await.ok()?;
        let line = "conf_journal_append_seconds{quantile=\"0.99\"}";
        text.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
        key: Option<&str>,
    ) -> Result<T, ApiError> {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        read(path, request.timeout(ANSWER_WITHIN).send().await).await
    }
}

async fn read<T: serde::de::DeserializeOwned>(
    path: &str,
    sent: reqwest::Result<Response>,
) -> Result<T, ApiError> {
    let broken = |source| ApiError::Broken { path: path.to_owned(), source };
    let response = sent.map_err(broken)?;
    let status = response.status();
    if status.is_success() {
        return response.json().await.map_err(broken);
    }
    let problem = response.json().await.unwrap_or_else(|_| Problem::new("unknown", ""));
    Err(ApiError::Refused { path: path.to_owned(), status: status.as_u16(), problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_path_and_as_url_and_never_printed() {
        let path = "/r/room_0000000000000000000000000000000b#secret";
        let invite = Invite::parse(path).unwrap();
        assert_eq!(invite.room, RoomId::from_number(11));
        assert_eq!(invite.key, "secret");
        let url = format!("https://example.org{path}");
        assert_eq!(Invite::parse(&url).unwrap().key, "secret");
        assert!(!format!("{invite:?}").contains("secret"));
        for bad in ["", "/r/", "/r/room_0b#x", "/r/room_0000000000000000000000000000000b#"] {
            assert!(Invite::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sessions_open_on_the_same_host() {
        assert_eq!(Api::new("http://a:1/").session_url(), "ws://a:1/api/v1/signal");
        assert_eq!(Api::new("https://a").session_url(), "wss://a/api/v1/signal");
    }
}
