//! Errors over HTTP: `application/problem+json` (RFC 9457) with our stable codes.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use conf_proto::Problem;
use serde::Serialize;

use super::quota::TooMuch;

/// A refused request.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    problem: Problem,
    /// Sent as `Retry-After` (RFC 9110, section 10.2.3).
    again_s: Option<u64>,
    /// The connection closes: an idle one would be one more of what there is too much of.
    close: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    status: u16,
    #[serde(flatten)]
    problem: &'a Problem,
}

impl Refusal {
    /// `problem` under an HTTP status.
    pub(crate) fn new(status: StatusCode, problem: Problem) -> Self {
        Self { status, problem, again_s: None, close: false }
    }

    /// Says when to ask again.
    pub(crate) fn again(self, again_s: u64) -> Self {
        Self { again_s: Some(again_s), ..self }
    }

    /// An address asks too often.
    pub(crate) fn too_many(too_much: TooMuch) -> Self {
        let again_s = too_much.again_s();
        let detail = "this address asks for more than its share; try again later";
        let problem = Problem::new("too_many", detail).with("retry_after_s", again_s);
        Self {
            again_s: Some(again_s),
            close: true,
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, problem)
        }
    }

    /// Our own failure: the store does not answer.
    pub(crate) fn unavailable() -> Self {
        let problem = Problem::new("unavailable", "the store does not answer; nothing was changed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Document { status: self.status.as_u16(), problem: &self.problem };
        // A problem holds strings only.
        let json = serde_json::to_string(&body).expect("a problem is always valid JSON");
        let mut response = Response::new(Body::from(json));
        *response.status_mut() = self.status;
        let kind = header::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some(again_s) = self.again_s {
            response.headers_mut().insert(header::RETRY_AFTER, again_s.into());
        }
        if self.close {
            let close = header::HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
