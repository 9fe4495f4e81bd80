//! Files both ways: what a visitor brings, what an agent attaches, and the addresses at which both are fetched. All are
//! strangers' bytes: kinds are read from them, and nothing is shown that a browser could run.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use channels::web::{FILES, VisitorFile, issue_file, verify_token};
use channels::{ChannelName, MediaKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::client_ip::ClientIp;
use super::media::served;
use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::blobs::BlobError;
use crate::files::{self, Known, MOST, TAKEN};
use crate::ids::{ChannelAccountId, ConversationId, RowId, TenantId};

/// The file's name, percent-encoded UTF-8.
const NAME: &str = "x-file-name";

/// What the widget must know before it offers to send files; null where the account takes none.
pub(super) fn offered(account: &OpenAccount) -> Value {
    if takes(account) { json!({ "most": MOST, "kinds": TAKEN }) } else { Value::Null }
}

fn takes(account: &OpenAccount) -> bool {
    account.config.settings.get(FILES).is_none_or(|setting| setting != "no")
}

/// Browsers ask before a page of another site may send a file here: it may, the visitor's token is what counts.
pub(super) async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, x-file-name"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// A visitor's file. It is kept, and sent only with the message that names what comes back.
pub(super) async fn take(
    State(app): State<App>,
    Path(id): Path<ChannelAccountId>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let account = app.accounts.find(&id).await.filter(|account| account.name == ChannelName::Web);
    let account = account.ok_or_else(|| Problem::not_found("channel account"))?;
    let token =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let now = app.store.clock().now().0;
    let visitor = token.and_then(|token| verify_token(&account.config, token, now));
    let visitor = visitor.ok_or_else(Problem::unauthorised)?;
    if !account.enabled {
        return Err(Problem::unavailable());
    }
    if !takes(&account) {
        return Err(Problem::impossible("this chat takes no files"));
    }
    app.limits.visitor_file(ip, &format!("{id}/{visitor}")).map_err(Problem::too_many)?;
    let (known, name) = read(&headers, &bytes)?;
    let size = bytes.len() as u64;
    let blob = keep(&app, &account.tenant, known, bytes).await?;
    let (kind, mime) = (known.kind, known.mime.to_owned());
    let file = VisitorFile { id: blob, kind, mime, name: name.clone(), size };
    let ticket = issue_file(&account.config, &visitor, &file).ok_or_else(Problem::internal)?;
    metrics::counter!("sala_files_taken_total", "from" => "visitor").increment(1);
    Ok((StatusCode::CREATED, Json(json!({ "file": ticket, "name": name, "mime": known.mime, "size": size }))))
}

/// What the bytes are and what they are called.
fn read(headers: &HeaderMap, bytes: &Bytes) -> Result<(Known, String), Problem> {
    let given = headers.get(NAME).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A name is no form: a plus sign is one.
    let given = given.replace('+', "%2B");
    let given: String = url::form_urlencoded::parse(format!("n={given}").as_bytes())
        .next()
        .map(|(_, name)| name.into_owned())
        .unwrap_or_default();
    let known = files::known(bytes, &given).ok_or_else(Problem::unsupported_file)?;
    Ok((known, files::name_of(&given, known)))
}

async fn keep(app: &App, tenant: &TenantId, known: Known, bytes: Bytes) -> Result<String, Problem> {
    match app.blobs.put_for_message(tenant, known.mime, bytes.to_vec()).await {
        Ok(id) => Ok(id.as_str().to_owned()),
        Err(BlobError::TooLarge { .. }) => Err(Problem::too_large()),
        Err(BlobError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "a file cannot be kept");
            Err(Problem::unavailable())
        }
    }
}

/// How the file is fetched.
#[derive(Deserialize)]
pub(super) struct Fetched {
    /// To be saved rather than shown.
    #[serde(default)]
    save: Option<String>,
}

/// A file by its signed address.
pub(super) async fn show(
    State(app): State<App>,
    Path((id, signed, _name)): Path<(ChannelAccountId, String, String)>,
    Query(Fetched { save }): Query<Fetched>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("file");
    let blob = files::signed_id(&app, &id, &signed).ok_or_else(missing)?;
    let tenant = app.store.tenant_of_account(&id).await?.ok_or_else(missing)?;
    let mut response = served(&app, &tenant, &blob).await?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
    if save.is_some() {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    Ok(response)
}

/// Keep a file for a reply, and say what the platform of the conversation makes of it: `goes` is `whole`, `document` or
/// `link`. The body is the file; its name is in the header `x-file-name`, percent-encoded.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/files", params(("id" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 413), (status = 415)))]
pub(super) async fn attach(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let conversation = super::conversations::find(&app, &caller, &id).await?;
    let account = ChannelAccountId::from_text(conversation.channel_account.clone());
    let account = app.accounts.find(&account).await.filter(|account| account.tenant == caller.tenant.id);
    let account = account.ok_or_else(|| Problem::not_found("channel account"))?;
    let (known, name) = read(&headers, &bytes)?;
    let size = bytes.len() as u64;
    let kind = account.adapter.capabilities().media_as(known.kind, known.mime, size);
    let goes = match kind {
        Some(kind) if kind == known.kind => "whole",
        Some(_) => "document",
        None => "link",
    };
    let blob = keep(&app, &caller.tenant.id, known, bytes).await?;
    let url = files::address(&app, &account.id, &blob, &name);
    metrics::counter!("sala_files_taken_total", "from" => "agent").increment(1);
    let file = json!({
        "url": url, "kind": kind.unwrap_or(known.kind), "mime": known.mime, "name": name, "size": size, "goes": goes,
    });
    Ok((StatusCode::CREATED, Json(json!({ "file": file }))))
}

/// Keeps the files that a reply names.
pub(super) async fn claim(
    app: &App,
    tenant: &TenantId,
    account: &ChannelAccountId,
    attached: &[Attached],
) -> Result<(), Problem> {
    let place = place(account);
    let ids = attached.iter().filter_map(|one| files::signed_id(app, account, signed(&place, &one.url)?));
    let ids: Vec<RowId> = ids.collect();
    if app.blobs.claim(tenant, &ids).await? {
        Ok(())
    } else {
        Err(Problem::invalid("a file waited for longer than two hours and was let go: attach it again"))
    }
}

/// What the addresses of an account's files begin with.
fn place(account: &ChannelAccountId) -> String {
    format!("/channels/{account}/files/")
}

/// The signed part of an address below `place`.
fn signed<'a>(place: &str, url: &'a str) -> Option<&'a str> {
    Some(url.strip_prefix(place)?.split_once('/')?.0)
}

/// A file that was kept for a reply, as [`attach`] gave it back.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Attached {
    pub(super) url: String,
    #[schema(value_type = String)]
    pub(super) kind: MediaKind,
    /// True where the platform takes it as a link alone.
    #[serde(default)]
    pub(super) link: bool,
}

impl Attached {
    pub(super) fn kind_name(&self) -> &'static str {
        let media = channels::Media::new(self.kind, channels::MediaSource::Platform { id: String::new() });
        channels::Content::Media { media }.kind()
    }
}

/// The parts of a reply with files: the words stand below the first.
pub(super) fn parts(
    app: &App,
    account: &ChannelAccountId,
    text: &str,
    attached: &[Attached],
) -> Result<Vec<channels::Part>, Problem> {
    let place = place(account);
    let base = app.config.server.public_url.trim_end_matches('/');
    let mut words = Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut parts = Vec::new();
    for Attached { url, kind, link } in attached {
        if signed(&place, url).and_then(|signed| files::signed_id(app, account, signed)).is_none() {
            return Err(Problem::invalid(
                "files are those that were kept for this conversation: attach it again",
            ));
        }
        let alt = words.take();
        parts.push(if *link {
            let lines: Vec<String> = alt.into_iter().chain([format!("{base}{url}")]).collect();
            channels::Part::Text { text: lines.join("\n") }
        } else {
            channels::Part::Media { kind: *kind, url: url.clone(), alt }
        });
    }
    Ok(parts)
}

/// What a visitor sees of messages: files at the addresses that are theirs to open.
pub(super) fn shown_to_visitor(app: &App, account: &ChannelAccountId, frame: &mut Value) {
    let messages = match frame.get_mut("messages") {
        Some(Value::Array(messages)) => messages.iter_mut().collect(),
        _ => frame.get_mut("message").into_iter().collect::<Vec<_>>(),
    };
    for part in messages.into_iter().filter_map(|message| message.get_mut("parts")?.as_array_mut()).flatten()
    {
        let id = part["url"].as_str().and_then(|url| url.strip_prefix(MEDIA)).map(str::to_owned);
        let Some(id) = id.filter(|_| part["media"].is_object()) else { continue };
        let name = part["media"]["name"].as_str().unwrap_or("file");
        part["url"] = files::address(app, account, &id, name).into();
    }
}

/// Where agents fetch what people sent.
pub(super) const MEDIA: &str = "/api/v1/media/";
