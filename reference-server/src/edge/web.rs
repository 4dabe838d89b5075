//! The browser client's files: built into the binary, or from a folder while it is being written.

use std::path::{Component, Path};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use conf_proto::Problem;

use super::problem::Refusal;
use crate::app::App;

include!(concat!(env!("OUT_DIR"), "/client.rs"));

/// One built-in file.
struct File {
    /// Its path under the client's root, without a leading slash.
    path: &'static str,
    content_type: &'static str,
    /// Whether its name changes whenever its content does.
    hashed: bool,
    /// `None` for a large one, which is kept as Brotli alone.
    plain: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// What is shown when the binary was built without the client.
const NOTICE: &str = include_str!("notice.html");

/// Anything that is not an API: a file of the client, or its one page.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let problem = Problem::new("no_such_method", "files are read only");
        return Refusal::new(StatusCode::METHOD_NOT_ALLOWED, problem).into_response();
    }
    let path = request.uri().path();
    let wanted = match path.strip_prefix('/').unwrap_or(path) {
        "" => "index.html",
        // The room's id is the page's business.
        room if is_room(room) => "index.html",
        file => file,
    };
    let found = match &app.client_dir {
        Some(folder) => from_folder(folder, wanted).await,
        None => built_in(wanted, request.headers()),
    };
    match found {
        Some(response) => response,
        None if wanted == "index.html" => {
            page(Body::from(NOTICE), "text/html; charset=utf-8", false)
        }
        None => {
            let problem = Problem::new("no_such_path", "no such file");
            Refusal::new(StatusCode::NOT_FOUND, problem).into_response()
        }
    }
}

fn is_room(path: &str) -> bool {
    path.strip_prefix("r/").is_some_and(|room| !room.is_empty() && !room.contains('/'))
}

fn built_in(wanted: &str, headers: &HeaderMap) -> Option<Response> {
    let file = FILES.iter().find(|file| file.path == wanted)?;
    let Some((bytes, encoding)) = form(file, headers) else {
        let problem = Problem::new("no_such_form", "this file is kept as brotli alone");
        return Some(Refusal::new(StatusCode::NOT_ACCEPTABLE, problem).into_response());
    };
    let mut response = page(Body::from(Bytes::from_static(bytes)), file.content_type, file.hashed);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The smallest form of `file` that is taken, with the name of its coding.
fn form(file: &File, headers: &HeaderMap) -> Option<(&'static [u8], Option<&'static str>)> {
    let coded = |bytes: Option<&'static [u8]>, coding: &'static str| {
        bytes.filter(|_| accepts(headers, coding)).map(|bytes| (bytes, Some(coding)))
    };
    coded(file.brotli, "br")
        .or_else(|| coded(file.gzip, "gzip"))
        .or_else(|| file.plain.map(|plain| (plain, None)))
}

/// Whether `Accept-Encoding` (RFC 9110, section 12.5.3) names `coding` without
/// ruling it out.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let refused = weight.is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        named && !refused
    })
}

async fn from_folder(folder: &Path, wanted: &str) -> Option<Response> {
    let relative = Path::new(wanted);
    // Nothing but plain names: no `..`, no root, no drive.
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let bytes = tokio::fs::read(folder.join(relative)).await.ok()?;
    Some(page(Body::from(bytes), content_type(wanted), false))
}

/// The type of a file by its name. A closed list: what is not in it is offered
/// for download, never guessed at.
const fn content_type(name: &str) -> &'static str {
    const TYPES: [(&str, &str); 13] = [
        (".html", "text/html; charset=utf-8"),
        (".js", "text/javascript; charset=utf-8"),
        (".mjs", "text/javascript; charset=utf-8"),
        (".css", "text/css; charset=utf-8"),
        (".json", "application/json"),
        (".map", "application/json"),
        (".webmanifest", "application/manifest+json"),
        (".svg", "image/svg+xml"),
        (".png", "image/png"),
        (".ico", "image/x-icon"),
        (".woff2", "font/woff2"),
        (".wasm", "application/wasm"),
        (".txt", "text/plain; charset=utf-8"),
    ];
    let mut at = 0;
    while at < TYPES.len() {
        if ends_with(name.as_bytes(), TYPES[at].0.as_bytes()) {
            return TYPES[at].1;
        }
        at += 1;
    }
    "application/octet-stream"
}

/// `ends_with` for the table that is made while compiling.
const fn ends_with(name: &[u8], ending: &[u8]) -> bool {
    if name.len() < ending.len() {
        return false;
    }
    let mut at = 0;
    while at < ending.len() {
        if name[name.len() - ending.len() + at] != ending[at] {
            return false;
        }
        at += 1;
    }
    true
}

fn page(body: Body, content_type: &'static str, hashed: bool) -> Response {
    let caching = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, caching)];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_by_name_and_weight() {
        let mut headers = HeaderMap::new();
        assert!(!accepts(&headers, "gzip"));
        let value = HeaderValue::from_static("gzip, deflate;q=0.5, br;q=0");
        headers.insert(header::ACCEPT_ENCODING, value);
        assert!(accepts(&headers, "gzip"));
        assert!(accepts(&headers, "deflate"));
        assert!(!accepts(&headers, "br"));
    }

    #[test]
    fn a_large_file_is_given_as_brotli_or_not_at_all() {
        let large = File {
            path: "assets/a.wasm",
            content_type: content_type("a.wasm"),
            hashed: true,
            plain: None,
            brotli: Some(b"br"),
            gzip: None,
        };
        let mut headers = HeaderMap::new();
        assert_eq!(form(&large, &headers), None);
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        assert_eq!(form(&large, &headers), Some((&b"br"[..], Some("br"))));
        let small = File { plain: Some(b"plain"), gzip: Some(b"gz"), ..large };
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(form(&small, &headers), Some((&b"gz"[..], Some("gzip"))));
        assert_eq!(form(&small, &HeaderMap::new()), Some((&b"plain"[..], None)));
    }

    #[test]
    fn a_room_is_one_name_under_r() {
        assert!(is_room("r/room_00"));
        assert!(!is_room("r/"));
        assert!(!is_room("r/room_00/more"));
        assert!(!is_room("rooms"));
    }

    #[tokio::test]
    async fn a_folder_gives_nothing_outside_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("client");
        std::fs::create_dir(&inside).expect("a folder");
        std::fs::write(folder.path().join("secret"), "x").expect("a file");
        std::fs::write(inside.join("index.html"), "x").expect("a file");
        assert!(from_folder(&inside, "index.html").await.is_some());
        for path in ["../secret", "/etc/passwd", "..", "./../secret", ""] {
            assert!(from_folder(&inside, path).await.is_none(), "{path}");
        }
    }
}
