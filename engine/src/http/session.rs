//! Signing in and out.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::{Caller, comes_from_here, cookie_name, session_token, token_hash};
use super::client_ip::ClientIp;
use super::json::JsonBody;
use super::problem::Problem;
use crate::app::App;
use crate::ids::random_bytes;
use crate::store::{Session, SessionAgent};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    email: String,
    password: String,
}

/// The signed-in agent, the company, and the token that changes must carry.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedIn {
    #[schema(value_type = Object)]
    agent: Value,
    #[schema(value_type = Object)]
    tenant: Value,
    csrf: String,
}

impl SignedIn {
    fn of(session: &SessionAgent) -> Self {
        Self {
            agent: json!(session.agent),
            tenant: json!({ "id": session.tenant.id, "name": session.tenant.name }),
            csrf: session.csrf.clone(),
        }
    }
}

/// Sign in.
#[utoipa::path(post, path = "/api/v1/session", request_body = SignIn,
    responses((status = 200, body = SignedIn), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub(super) async fn sign_in(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, Problem> {
    if !comes_from_here(&app, &headers) {
        return Err(Problem::cross_site());
    }
    let email = body.email.trim().to_lowercase();
    app.limits.sign_in(ip, &email).map_err(Problem::too_many)?;
    if email.len() > 254 || body.password.len() > 1024 {
        return Err(Problem::wrong_credentials());
    }
    let found = app.store.credentials(&email).await?;
    let hash = found.as_ref().map(|(_, _, hash)| hash.clone());
    let good = app.passwords.verify(body.password, hash).await;
    let Some((tenant, agent, _)) = found.filter(|_| good) else {
        metrics::counter!("sala_auth_failures_total").increment(1);
        return Err(Problem::wrong_credentials());
    };
    let token = new_token();
    let session = Session { tenant, id: token_hash(&token), agent, csrf: new_token() };
    let id = session.id.clone();
    app.store.open_session(session).await?;
    let session = app.store.session(&id).await?.ok_or_else(Problem::wrong_credentials)?;
    let mut response = Json(SignedIn::of(&session)).into_response();
    set_cookie(&app, &mut response, &token, 14 * 86_400)?;
    Ok(response)
}

/// Who is signed in; `agent`, `tenant` and `csrf` are null where nobody is. Asking is no mistake: every page does.
#[utoipa::path(get, path = "/api/v1/session", responses((status = 200, body = SignedIn), (status = 429)))]
pub(super) async fn who(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    let session = match session_token(&app, &headers) {
        Some(token) => app.store.session(&token_hash(&token)).await?,
        None => None,
    };
    let Some(session) = session else {
        return Ok(Json(json!({ "agent": null, "tenant": null, "csrf": null })));
    };
    app.limits.api(&session.session).map_err(Problem::too_many)?;
    Ok(Json(json!(SignedIn::of(&session))))
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", responses((status = 204), (status = 401), (status = 403)))]
pub(super) async fn sign_out(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    app.store.close_session(&caller.0.tenant.id, &caller.0.session).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&app, &mut response, "", 0)?;
    Ok(response)
}

/// 256 random bits as text.
pub(super) fn new_token() -> String {
    let mut bits = [0u8; 32];
    random_bytes(&mut bits);
    URL_SAFE_NO_PAD.encode(bits)
}

fn set_cookie(app: &App, response: &mut Response, token: &str, seconds: u32) -> Result<(), Problem> {
    let name = cookie_name(app);
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::internal())?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(())
}
