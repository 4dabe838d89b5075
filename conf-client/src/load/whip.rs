//! One HTTP request in, one session out: WHIP (RFC 9725) and WHEP against any server.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Client, StatusCode, Url};

const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const SDP: &str = "application/sdp";

/// A server that speaks WHIP and WHEP at `/whip/{room}/{id}` and `/whep/{room}/{id}`.
#[derive(Clone)]
pub struct Whip {
    base: Url,
    token: Option<String>,
    http: Client,
}

/// Which way media goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// WHIP: to the server.
    Publish,
    /// WHEP: from the server.
    Play,
}

/// A session; [`Whip::end`] ends it.
#[derive(Debug, Clone)]
pub struct Resource {
    url: Url,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WhipError {
    /// Not a URL.
    #[error("expected a base URL such as `http://127.0.0.1:8080`")]
    Base,
    /// The server refused.
    #[error("{path} gave status {status}, expected 201: {said}")]
    Refused {
        /// What was called.
        path: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of what it said.
        said: String,
    },
    /// The answer lacks something.
    #[error("the answer of {path} has no readable {what}")]
    Incomplete {
        /// What was called.
        path: String,
        /// What is missing.
        what: &'static str,
    },
    /// No answer.
    #[error("{path} gave no answer")]
    Broken {
        /// What was called.
        path: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
}

impl Whip {
    /// A server at a base URL, with a bearer token where it wants one.
    ///
    /// # Errors
    /// When the base is no URL.
    pub fn new(base: &str, token: Option<String>) -> Result<Self, WhipError> {
        let base = format!("{}/", base.trim_end_matches('/'));
        let base = Url::parse(&base).map_err(|_| WhipError::Base)?;
        Ok(Self { base, token, http: Client::new() })
    }

    /// Offers; gives the session and the answer.
    ///
    /// # Errors
    /// When the server refuses, does not answer, or answers something else.
    pub async fn offer(
        &self,
        way: Way,
        room: &str,
        id: &str,
        sdp: String,
    ) -> Result<(Resource, String), WhipError> {
        let kind = if way == Way::Publish { "whip" } else { "whep" };
        let path = format!("{kind}/{room}/{id}");
        let url = self.base.join(&path).map_err(|_| WhipError::Base)?;
        let mut request = self
            .http
            .post(url.clone())
            .header(CONTENT_TYPE, SDP)
            .header(ACCEPT, SDP)
            .timeout(ANSWER_WITHIN)
            .body(sdp);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let broken = |source| WhipError::Broken { path: path.clone(), source };
        let response = request.send().await.map_err(broken)?;
        let status = response.status();
        if status != StatusCode::CREATED {
            let said = response.text().await.unwrap_or_default();
            let said = said.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(WhipError::Refused { path, status: status.as_u16(), said });
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.and_then(|location| url.join(location).ok());
        let Some(location) = location else {
            return Err(WhipError::Incomplete { path, what: "Location" });
        };
        let answer = response.text().await.map_err(broken)?;
        Ok((Resource { url: location }, answer))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn end(&self, resource: &Resource) -> Result<(), WhipError> {
        let path = resource.url.path().to_owned();
        let mut request = self.http.delete(resource.url.clone()).timeout(ANSWER_WITHIN);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request
            .send()
            .await
            .map_err(|source| WhipError::Broken { path: path.clone(), source })?;
        let status = response.status();
        if status.is_success() || status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        Err(WhipError::Refused { path, status: status.as_u16(), said: String::new() })
    }
}

impl std::fmt::Debug for Whip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Whip").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}
