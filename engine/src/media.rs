//! What people send as files: fetched from the platform at once, because its addresses end, and kept as blobs.

use std::time::Duration;

use anyhow::Context as _;
use channels::{
    Content, HttpMethod, HttpResponse, Media, MediaFetch, MediaSource, PlatformRequest, Transport,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::{ChannelAccountId, TenantId};
use crate::platform::{CallLimits, call};
use crate::store::{Job, NewJob};

/// The kind of the job that fetches the file of one message.
pub const FETCH_MEDIA: &str = "fetch_media";
/// A video of the largest size that a platform hands over.
const LARGEST: usize = 100 << 20;
const PATIENCE: Duration = Duration::from_secs(75);
/// What a server says that does not know what it serves.
const ANYTHING: &str = "application/octet-stream";

#[derive(Serialize, Deserialize)]
struct FetchMedia {
    account: ChannelAccountId,
    /// The platform's id of the message.
    external_id: String,
}

/// The file of what was heard, where it still lies with the platform.
pub fn elsewhere(content: &Content) -> Option<&Media> {
    let (Content::Media { media } | Content::Sticker { media: Some(media), .. }) = content else {
        return None;
    };
    (!matches!(media.source, MediaSource::Blob { .. })).then_some(media)
}

/// Asks for the file of a message to be fetched. Asking again while it waits changes nothing.
pub async fn ask(app: &App, account: &OpenAccount, external_id: &str) -> anyhow::Result<()> {
    let fetch = FetchMedia { account: account.id.clone(), external_id: external_id.to_owned() };
    let job = NewJob {
        tenant: account.tenant.clone(),
        kind: FETCH_MEDIA,
        dedupe: format!("{}/{external_id}", account.id),
        payload: serde_json::to_string(&fetch)?,
        run_at: app.store.clock().now(),
    };
    Ok(app.store.add_job(job).await?)
}

/// Fetches the file and puts the blob in its place. What the platform no longer has stays as it is.
pub async fn fetch(app: &App, job: &Job) -> anyhow::Result<()> {
    let FetchMedia { account: id, external_id } = serde_json::from_str(&job.payload)?;
    let account = app.accounts.try_find(&id).await?.context("the channel account is gone")?;
    let tenant: &TenantId = &job.tenant;
    let Some(message) = app.store.message_of_platform(tenant, &id, &external_id).await? else {
        return Ok(());
    };
    let Some(media) = message.body.heard.as_ref().and_then(elsewhere).cloned() else { return Ok(()) };
    let Some(request) = download_of(app, &account, &media).await? else {
        tracing::info!(
            channel = account.name.as_str(),
            "a file lies where this platform's files do not lie: left there"
        );
        return Ok(());
    };
    let limits =
        CallLimits { timeout: Some(PATIENCE), max_body: Some(LARGEST.min(app.config.outgoing.max_media)) };
    let answer = call(app, &account, &request, limits).await?;
    match answer.status {
        200 => {}
        // LINE is still converting it.
        202 | 429 | 500.. => anyhow::bail!("the platform answered {}", answer.status),
        status => {
            tracing::warn!(status, channel = account.name.as_str(), "a file is gone from the platform");
            return Ok(());
        }
    }
    let said = answer.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone());
    let said = said.filter(|mime| mime != ANYTHING).or_else(|| picture(&answer.body).map(str::to_owned));
    let mime = media.mime.clone().or(said).unwrap_or_else(|| ANYTHING.to_owned());
    let size = answer.body.len() as u64;
    let blob = app.blobs.put(tenant, &mime, answer.body).await?;
    let fetched = Media {
        source: MediaSource::Blob { id: blob.as_str().to_owned() },
        mime: Some(mime),
        size: Some(size),
        ..media
    };
    app.store.put_media(tenant, &message.id, fetched).await?;
    metrics::counter!("sala_media_fetched_total", "channel" => account.name.as_str()).increment(1);
    Ok(())
}

/// The request whose answer is the file; none where it lies on a host that is not one of the platform's.
async fn download_of(
    app: &App,
    account: &OpenAccount,
    media: &Media,
) -> anyhow::Result<Option<PlatformRequest>> {
    match &media.source {
        MediaSource::Platform { id } => match account.adapter.media_request(&account.config, id) {
            Some(MediaFetch::Download(request)) => Ok(Some(request)),
            Some(MediaFetch::Locate(request)) => {
                let answer = call(app, account, &request, CallLimits::default()).await?;
                let response =
                    HttpResponse { status: answer.status, headers: answer.headers, body: &answer.body };
                Ok(Some(account.adapter.media_located(&account.config, &response)?))
            }
            None => Ok(None),
        },
        MediaSource::Url { url } if is_platforms(account, url) => {
            let transport =
                Transport::Http { method: HttpMethod::Get, url: url.clone(), headers: Vec::new() };
            Ok(Some(PlatformRequest::new(transport, serde_json::Value::Null)))
        }
        MediaSource::Url { .. } | MediaSource::Blob { .. } => Ok(None),
    }
}

/// What picture this is by its first bytes: Telegram tells the kind of no photo.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// What may be shown of a file by its first bytes: a picture or a film.
pub fn shown_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video/mp4"),
        _ => picture(bytes),
    }
}

/// True for an address on one of the platform's own hosts, or where the account's API answers (a simulator's).
pub fn is_platforms(account: &OpenAccount, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let Some(host) = url.host_str() else { return false };
    let is_under = |known: &&str| host == *known || host.ends_with(&format!(".{known}"));
    let hosts = account.adapter.media_hosts();
    let own = Url::parse(&account.config.api_base).ok().is_some_and(|base| base.origin() == url.origin());
    own || (url.scheme() == "https" && hosts.iter().any(is_under))
}
