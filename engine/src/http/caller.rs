//! Who calls: the signed-in agent behind a cookie, checked against the route's permission before the handler runs.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::problem::Problem;
use crate::app::App;
use crate::permission::Permission;
use crate::secrets::hex;
use crate::store::SessionAgent;

/// The signed-in agent, in the request's extensions once the route's check has passed.
#[derive(Clone, Debug)]
pub(super) struct Caller(pub SessionAgent);

/// What a route asks of its caller. Every route says one of these; there is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Anyone. Such a handler checks what it must itself (a signature, a password, a visitor's token).
    Nothing,
    /// Any signed-in agent.
    SignedIn,
    Permission(Permission),
}

/// Puts the check in front of a route.
pub(super) fn guard(app: &App, needs: Needs, route: MethodRouter<App>) -> MethodRouter<App> {
    match needs {
        Needs::Nothing => route,
        Needs::SignedIn | Needs::Permission(_) => {
            route.layer(from_fn_with_state((app.clone(), needs), check))
        }
    }
}

async fn check(State((app, needs)): State<(App, Needs)>, mut request: Request, next: Next) -> Response {
    match admit(&app, needs, request.method(), request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn admit(app: &App, needs: Needs, method: &Method, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = session_token(app, headers).ok_or_else(Problem::unauthorised)?;
    let session = app.store.session(&token_hash(&token)).await?.ok_or_else(Problem::unauthorised)?;
    app.limits.api(&session.session).map_err(Problem::too_many)?;
    if !method.is_safe() && !is_same_site(app, headers, &session.csrf) {
        return Err(Problem::cross_site());
    }
    if let Needs::Permission(permission) = needs {
        may(&session, permission)?;
    }
    Ok(Caller(session))
}

/// Refuses an agent whose roles lack the permission.
pub(super) fn may(session: &SessionAgent, permission: Permission) -> Result<(), Problem> {
    if session.agent.permissions.iter().any(|held| held == permission.as_str()) {
        Ok(())
    } else {
        metrics::counter!("sala_denied_total").increment(1);
        Err(Problem::forbidden(permission.as_str()))
    }
}

/// A change must carry the session's own token and must not come from another site.
fn is_same_site(app: &App, headers: &HeaderMap, csrf: &str) -> bool {
    let given = headers.get("x-sala-csrf").map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    bool::from(given.ct_eq(csrf.as_bytes())) && comes_from_here(app, headers)
}

/// What browsers say of the page that made the request; programs say nothing, which is fine here.
pub(super) fn comes_from_here(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site_is_ours = matches!(text("sec-fetch-site"), None | Some("same-origin" | "none"));
    let origin_is_ours = text("origin").is_none_or(|origin| {
        origin == app.config.server.public_url.trim_end_matches('/')
            || text("host").is_some_and(|host| origin.split_once("://").is_some_and(|(_, rest)| rest == host))
    });
    site_is_ours && origin_is_ours
}

/// The name of the session's cookie.
pub(super) fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() { "__Host-sala" } else { "sala" }
}

pub(super) fn session_token(app: &App, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(app);
    headers
        .get_all(axum::http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// What is stored of a token: its SHA-256 in hex.
pub(super) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
