//! The headers every answer carries, whatever it is.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::telemetry::metric::name;

/// Only our own files, no inline script, nobody frames us; what may become HTML
/// or a script goes through two named Trusted Types policies. WebAssembly, which
/// takes noise out of a voice, is compiled; text is never made code.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
     script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
     media-src 'self' blob:; connect-src 'self'; worker-src 'self'; \
     font-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types svelte-trusted-html conf";

const STRICT: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self)",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Half a year, in seconds; sent only where we end TLS with a real certificate
/// or a proxy says the browser came by TLS.
const TRANSPORT_SECURITY: &str = "max-age=15552000";

/// Adds the strict headers and counts the answer.
pub(crate) async fn strict(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let secure = app.access.browser_came_by_tls(&request);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in STRICT {
        // What is not ours has a stricter policy of its own.
        let own = name == header::CONTENT_SECURITY_POLICY && headers.contains_key(&name);
        if !own {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if secure {
        let value = HeaderValue::from_static(TRANSPORT_SECURITY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    let class = match response.status().as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    };
    metrics::counter!(name::HTTP_REQUESTS, "class" => class).increment(1);
    response
}

/// Keeps answers with keys and tokens out of every cache.
pub(crate) async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set(response.headers_mut(), header::CACHE_CONTROL, "no-store");
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
