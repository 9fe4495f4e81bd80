//! Stories of Instagram: looked at where they lie, for as long as they last. The platform forbids to keep them.

use channels::{Content, HttpMethod, PlatformRequest, Transport};

use crate::acts::ActError;
use crate::app::App;
use crate::ids::{ChannelAccountId, MessageId, TenantId};
use crate::media::is_platforms;
use crate::platform::{CallLimits, call};
use crate::store::StoreError;

/// Larger than any story of one minute.
const LARGEST: usize = 32 << 20;

/// The picture or film of the story that a message is about; none once it has ended.
pub async fn look(app: &App, tenant: &TenantId, message: &MessageId) -> Result<Option<Vec<u8>>, ActError> {
    let found = app.store.message(tenant, message).await?.ok_or(StoreError::NotFound("message"))?;
    let (Some(Content::StoryReply { story, .. } | Content::StoryMention { story }), false) =
        (&found.body.heard, found.body.deleted)
    else {
        return Err(StoreError::NotFound("story").into());
    };
    let conversation = app.store.conversation(tenant, &found.conversation).await?;
    let conversation = conversation.ok_or(StoreError::NotFound("conversation"))?;
    let account = app.accounts.find(&ChannelAccountId::from_text(conversation.channel_account)).await;
    let account = account.filter(|account| account.tenant == *tenant);
    let account = account.ok_or(StoreError::NotFound("channel account"))?;
    let Some(url) = story.url.clone().filter(|url| is_platforms(&account, url)) else { return Ok(None) };
    let transport = Transport::Http { method: HttpMethod::Get, url, headers: Vec::new() };
    let request = PlatformRequest::new(transport, serde_json::Value::Null);
    let limits =
        CallLimits { max_body: Some(LARGEST.min(app.config.outgoing.max_media)), ..Default::default() };
    let answer =
        call(app, &account, &request, limits).await.map_err(|error| ActError::Unknown(error.to_string()))?;
    match answer.status {
        200 => Ok(Some(answer.body)),
        429 | 500.. => Err(ActError::Unknown(format!("the platform answered {}", answer.status))),
        _ => Ok(None),
    }
}
