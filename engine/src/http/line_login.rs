//! Signing in with LINE from a signed link: a question, then to LINE's page and back. Whoever the link was made for is,
//! from then on, the LINE account that LINE itself vouches for.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use channels::line::login::{self, LoginProof};
use channels::{ChannelName, HttpResponse};
use serde::Deserialize;

use super::headers::FormTarget;
use super::page::{Page, Question};
use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, random_bytes};
use crate::links::proof::{self, TokenUse};
use crate::links::question;
use crate::platform::{CallLimits, call};
use crate::store::{NewLogin, Vouched};

/// How long somebody may take on LINE's page.
const PATIENCE: i64 = 10 * 60 * Micros::SECOND;
/// The browser that began must be the one that comes back.
const COOKIE: &str = "sala-line-login";

#[derive(Deserialize)]
pub(super) struct Begin {
    // Left out, it is no link of ours: the page says so.
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Begun {
    link: String,
    /// What the page's cookie says, too: the form is of our own page.
    proof: String,
    answer: String,
}

/// Asks whoever opens a signed link whether they want to go on with LINE. Looking at the link changes nothing: programs
/// that preview links look, too.
pub(super) async fn ask(
    State(app): State<App>,
    Path(id): Path<ChannelAccountId>,
    headers: HeaderMap,
    Query(begin): Query<Begin>,
) -> Response {
    let account = match line(&app, &id).await {
        Ok(account) => account,
        Err(problem) => return problem.into_response(),
    };
    match question(&app, &account, &begin.link, spoken(&app, &headers)).await {
        Ok(Some(page)) => page,
        Ok(None) => told(&app, &headers, "login-failed"),
        Err(problem) => problem.into_response(),
    }
}

async fn question(
    app: &App,
    account: &OpenAccount,
    link: &str,
    language: &'static str,
) -> Result<Option<Response>, Problem> {
    let Some(hash) = proof::read_token(&app.key, &account.tenant, (TokenUse::Login, link)) else {
        return Ok(None);
    };
    let Some((_, begun)) = app.store.link_owner(&account.tenant, &hash).await? else { return Ok(None) };
    let asked = ("login-question-text", "login-question-text-plain");
    let text = question::words(app, &account.tenant, (begun.as_ref(), language), asked);
    let cookie = random();
    let page = Question {
        language,
        title: app.texts.get(language, "login-question-title"),
        text,
        link,
        proof: &cookie,
        yes: app.texts.get(language, "login-question-yes"),
        no: app.texts.get(language, "login-question-no"),
    };
    let Ok(page) = page.render() else { return Err(Problem::internal()) };
    let mut response = Html(page).into_response();
    // The form's answer leads to LINE's page.
    let empty = LoginProof { state: "", nonce: "", verifier: "" };
    let lines_page =
        login::authorize_url(&account.config, "", empty).and_then(|page| page.parse::<url::Url>().ok());
    if let Some(page) = lines_page {
        response.extensions_mut().insert(FormTarget(page.origin().ascii_serialization()));
    }
    keep_cookie(app, &account.id, &cookie, &mut response);
    Ok(Some(kept_by_nobody(response)))
}

/// Sends the browser of a signed link to LINE, or voids the link for who did not want it.
pub(super) async fn begin(
    State(app): State<App>,
    Path(id): Path<ChannelAccountId>,
    headers: HeaderMap,
    Form(begun): Form<Begun>,
) -> Response {
    let is_of_our_page = cookie(&headers).is_some_and(|proof| proof == begun.proof && !proof.is_empty());
    if !is_of_our_page {
        return told(&app, &headers, "login-failed");
    }
    if begun.answer != "yes" {
        return match decline(&app, &id, &begun.link).await {
            Ok(()) => told(&app, &headers, "login-declined"),
            Err(problem) => problem.into_response(),
        };
    }
    match try_begin(&app, &id, &begun).await {
        Ok(Some((address, state))) => {
            let mut response = Redirect::to(&address).into_response();
            keep_cookie(&app, &id, &state, &mut response);
            kept_by_nobody(response)
        }
        Ok(None) => told(&app, &headers, "login-failed"),
        Err(problem) => problem.into_response(),
    }
}

async fn decline(app: &App, id: &ChannelAccountId, token: &str) -> Result<(), Problem> {
    let account = line(app, id).await?;
    if let Some(hash) = proof::read_token(&app.key, &account.tenant, (TokenUse::Login, token)) {
        app.store.void_link(&account.tenant, &hash).await?;
        metrics::counter!("sala_links_total", "outcome" => "declined").increment(1);
    }
    Ok(())
}

fn keep_cookie(app: &App, id: &ChannelAccountId, value: &str, response: &mut Response) {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={value}; Path=/channels/{id}/login; Max-Age=600; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

/// LINE's page for the person of the link, and the state that must come back; none where the link is no good.
async fn try_begin(
    app: &App,
    id: &ChannelAccountId,
    begun: &Begun,
) -> Result<Option<(String, String)>, Problem> {
    let account = line(app, id).await?;
    let Some(link) = proof::read_token(&app.key, &account.tenant, (TokenUse::Login, &begun.link)) else {
        return Ok(None);
    };
    let page = app.key.mark("line_login_page", &begun.proof);
    let spent = app.store.spend_link(&account.tenant, (&link, &page)).await?;
    let Some(person) = spent else { return Ok(None) };
    let (state, nonce, verifier) = (random(), random(), random());
    let proof = LoginProof { state: &state, nonce: &nonce, verifier: &verifier };
    let Some(address) = login::authorize_url(&account.config, &redirect(app, id), proof) else {
        return Err(Problem::not_found("login"));
    };
    let hash = state_hash(app, &account, &state);
    let begun = NewLogin {
        tenant: account.tenant.clone(),
        sealed: app.key.seal(&row(&hash), &format!("{nonce} {verifier} {link}")),
        state_hash: hash,
        account: id.clone(),
        person,
        expires_at: Micros(app.store.clock().now().0 + PATIENCE),
    };
    app.store.begin_login(begun).await?;
    Ok(Some((address, state)))
}

/// Takes the browser back from LINE.
pub(super) async fn finish(
    State(app): State<App>,
    Path(id): Path<ChannelAccountId>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let is_same_browser = cookie(&headers).is_some_and(|state| state == back.state && !state.is_empty());
    if !is_same_browser {
        return told(&app, &headers, "login-failed");
    }
    match try_finish(&app, &id, &back).await {
        Ok(linked) => {
            let outcome = if linked { "line_login" } else { "line_login_refused" };
            metrics::counter!("sala_links_total", "outcome" => outcome).increment(1);
            told(&app, &headers, if linked { "login-done" } else { "login-failed" })
        }
        Err(problem) => problem.into_response(),
    }
}

async fn try_finish(app: &App, id: &ChannelAccountId, back: &Back) -> Result<bool, Problem> {
    let account = line(app, id).await?;
    let hash = state_hash(app, &account, &back.state);
    let Some((person, sealed)) = app.store.take_login(&account.tenant, id, &hash).await? else {
        return Ok(false);
    };
    let Ok(opened) = app.key.open(&row(&hash), &sealed) else { return Ok(false) };
    let mut kept = opened.split(' ');
    let (Some(nonce), Some(verifier)) = (kept.next(), kept.next()) else { return Ok(false) };
    let link = kept.next().map(str::to_owned);
    let proof = LoginProof { state: &back.state, nonce, verifier };
    let request = login::token_request(&account.config, &back.code, &redirect(app, id), proof);
    let Some(request) = request.filter(|_| !back.code.is_empty()) else { return Ok(false) };
    let answer = match call(app, &account, &request, CallLimits::default()).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::warn!(%error, "LINE did not exchange a sign-in's code");
            return Ok(false);
        }
    };
    let response =
        HttpResponse { status: answer.status, headers: answer.headers.clone(), body: &answer.body };
    let now = app.store.clock().now();
    let Some(known) = login::signed_in(&account.config, &response, nonce, now.0) else { return Ok(false) };
    let vouched = Vouched {
        tenant: account.tenant.clone(),
        account: id.clone(),
        external_id: known.user,
        name: known.name,
        person,
        link,
    };
    app.store.vouch(vouched).await?;
    Ok(true)
}

async fn line(app: &App, id: &ChannelAccountId) -> Result<Arc<OpenAccount>, Problem> {
    let account = app.accounts.find(id).await;
    let is_line =
        |account: &Arc<OpenAccount>| account.name == ChannelName::Line && login::can_log_in(&account.config);
    account.filter(is_line).ok_or_else(|| Problem::not_found("login"))
}

fn random() -> String {
    let mut bytes = [0u8; 32];
    random_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn redirect(app: &App, id: &ChannelAccountId) -> String {
    let base = app.config.server.public_url.trim_end_matches('/');
    format!("{base}/channels/{id}/login/callback")
}

fn state_hash(app: &App, account: &OpenAccount, state: &str) -> String {
    app.key.mark("line_logins", &format!("{}/{state}", account.tenant))
}

/// What a sign-in's secrets are sealed for.
fn row(state_hash: &str) -> String {
    format!("line_logins/sealed/{state_hash}")
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == COOKIE).then_some(value))
}

fn spoken(app: &App, headers: &HeaderMap) -> &'static str {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    app.texts.language_for(accepted.unwrap_or_default())
}

/// A page that says how it went.
fn told(app: &App, headers: &HeaderMap, outcome: &str) -> Response {
    let language = spoken(app, headers);
    let page = Page {
        language,
        title: app.texts.get(language, &format!("{outcome}-title")),
        text: app.texts.get(language, &format!("{outcome}-text")),
        link: "/",
        link_text: app.texts.get(language, "login-back"),
    };
    let status = if outcome == "login-failed" { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    match page.render() {
        Ok(page) => kept_by_nobody((status, Html(page)).into_response()),
        Err(_) => Problem::internal().into_response(),
    }
}

/// The address holds something secret.
fn kept_by_nobody(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
