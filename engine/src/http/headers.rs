//! What every response says to browsers.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;

/// Nothing but our own files; the sockets and calls go home only; no page may frame us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; \
     font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
     require-trusted-types-for 'script'";

/// Where else the forms of a page lead: put into the response's extensions by who made the page.
#[derive(Clone, Debug)]
pub(super) struct FormTarget(pub(super) String);

pub(super) async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // What the pages of our customers load and send: the widget and its files.
    let is_widget = path.starts_with("/widget/") || path.starts_with("/channels/") && path.contains("/files");
    let is_call = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let policy = policy_of(&response);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if is_call {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let resource = if is_widget { "cross-origin" } else { "same-origin" };
    headers
        .insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static(resource));
    if is_widget {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if app.config.is_https() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

fn policy_of(response: &Response) -> HeaderValue {
    let target = response.extensions().get::<FormTarget>();
    let wider = target.map(|FormTarget(target)| {
        HeaderValue::from_str(&POLICY.replace("form-action 'self'", &format!("form-action 'self' {target}")))
    });
    wider.and_then(Result::ok).unwrap_or(HeaderValue::from_static(POLICY))
}
