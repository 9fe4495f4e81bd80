//! What people do to messages that were heard or said before: react, change, take back.

use channels::{CommentChange, Content, InboundMessage, Media, Part};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::messages::{self, Message, MessageBody, ReactionMark};
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, MessageId, TenantId};

/// A change to the message that a platform calls `external_id`. Done twice it is the same as done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageChange {
    pub external_id: String,
    pub what: ChangeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// `by` now reacts with this; none takes the reaction back.
    Reaction {
        by: String,
        emoji: Option<String>,
    },
    Edited {
        text: String,
    },
    Deleted,
    /// Hidden from everybody but its author and us, or shown again.
    Hidden(bool),
}

impl MessageChange {
    /// The change that a heard message is, if it is one.
    pub fn of(message: &InboundMessage) -> Option<Self> {
        match &message.content {
            Content::Reaction { reaction } => Some(Self {
                external_id: reaction.external_id.clone(),
                what: ChangeKind::Reaction {
                    by: message.sender.external_id.clone(),
                    emoji: reaction.emoji.clone(),
                },
            }),
            Content::Edited { external_id, text: Some(text) } => Some(Self {
                external_id: external_id.clone(),
                what: ChangeKind::Edited { text: text.clone() },
            }),
            Content::Deleted { external_id } => {
                Some(Self { external_id: external_id.clone(), what: ChangeKind::Deleted })
            }
            Content::Comment { comment } => {
                let what = match comment.change {
                    CommentChange::Added => return None,
                    CommentChange::Edited => ChangeKind::Edited { text: comment.text.clone()? },
                    CommentChange::Removed => ChangeKind::Deleted,
                    CommentChange::Hidden => ChangeKind::Hidden(true),
                    CommentChange::Shown => ChangeKind::Hidden(false),
                };
                Some(Self { external_id: comment.id.clone(), what })
            }
            _ => None,
        }
    }
}

impl ChangeKind {
    /// True when it changed anything.
    fn apply(&self, body: &mut MessageBody, external_id: &str) -> bool {
        let before = body.clone();
        match self {
            Self::Reaction { by, emoji } => {
                body.reactions.retain(|mark| mark.by != *by);
                let mark = emoji.as_ref().map(|emoji| ReactionMark { by: by.clone(), emoji: emoji.clone() });
                body.reactions.extend(mark);
            }
            // What was taken back stays so, even when an edit arrives late.
            Self::Edited { .. } if body.deleted => {}
            Self::Edited { text } => edit(body, text),
            Self::Deleted => {
                let external_id = external_id.to_owned();
                let heard = body.heard.as_ref().map(|_| Content::Deleted { external_id });
                *body = MessageBody { heard, deleted: true, ..MessageBody::default() };
            }
            Self::Hidden(hidden) => body.hidden = *hidden,
        }
        *body != before
    }
}

/// Makes the change and shows it; the message as it then is.
pub(super) async fn change(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    mut message: Message,
    what: &ChangeKind,
) -> Result<Message, StoreError> {
    let external_id = message.external_id.clone().unwrap_or_default();
    let before = message.clone();
    if !what.apply(&mut message.body, &external_id) {
        return Ok(message);
    }
    if *what == ChangeKind::Deleted {
        super::forgetting::forget_words(batch, tenant, (&before, &message)).await?;
    }
    store_body(batch, tenant, &message).await?;
    if matches!(what, ChangeKind::Edited { .. }) {
        show_in_lists(batch, tenant, (&before, &message)).await?;
    }
    Ok(message)
}

/// Lists show the new words where they showed the old ones.
async fn show_in_lists(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (before, after): (&Message, &Message),
) -> Result<(), StoreError> {
    let changed = sqlx::query(
        "UPDATE conversations SET last_text = $1 WHERE tenant_id = $2 AND id = $3 AND last_text = $4",
    )
    .bind(super::json_rows::plain(&after.body.summary()))
    .bind(tenant.as_str().to_owned())
    .bind(after.conversation.as_str().to_owned())
    .bind(super::json_rows::plain(&before.body.summary()))
    .execute(batch.connection().await?)
    .await?
    .rows_affected();
    if changed > 0 {
        super::conversations::log_update(batch, tenant, &after.conversation).await?;
    }
    Ok(())
}

fn edit(body: &mut MessageBody, text: &str) {
    let words = match &mut body.heard {
        Some(Content::Text { text } | Content::StoryReply { text, .. }) => text,
        Some(Content::Media { media }) => media.caption.get_or_insert_default(),
        Some(Content::Comment { comment }) => comment.text.get_or_insert_default(),
        Some(_) => return,
        None => match body.parts.as_mut_slice() {
            [Part::Text { text }] => text,
            _ => return,
        },
    };
    if words != text {
        let earlier = std::mem::replace(words, text.to_owned());
        body.earlier.push(earlier);
    }
}

impl Store {
    /// Changes the message of that name on the account; nothing happens where there is none.
    pub async fn change_message(
        &self,
        tenant: TenantId,
        account: ChannelAccountId,
        change: MessageChange,
    ) -> Result<(), StoreError> {
        self.write(ChangeMessage { tenant, account, change }).await
    }
}

impl Store {
    /// The message that a platform calls so.
    pub async fn message_of_platform(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        external_id: &str,
    ) -> Result<Option<Message>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let Some(id) = named(&mut connection, tenant, account, external_id).await? else { return Ok(None) };
        messages::find(&mut connection, tenant, &id).await
    }

    /// Puts a fetched file in the place of one that lay with the platform.
    pub async fn put_media(
        &self,
        tenant: &TenantId,
        message: &MessageId,
        media: Media,
    ) -> Result<(), StoreError> {
        self.write(PutMedia { tenant: tenant.clone(), message: message.clone(), media }).await
    }
}

struct PutMedia {
    tenant: TenantId,
    message: MessageId,
    media: Media,
}

impl WriteOp for PutMedia {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let found = messages::find(batch.connection().await?, &self.tenant, &self.message).await?;
        let Some(mut message) = found else { return Ok(()) };
        match &mut message.body.heard {
            Some(Content::Media { media } | Content::Sticker { media: Some(media), .. }) => {
                *media = Media { caption: media.caption.take(), ..self.media.clone() };
            }
            // It was taken back meanwhile.
            _ => return Ok(()),
        }
        store_body(batch, &self.tenant, &message).await
    }
}

struct ChangeMessage {
    tenant: TenantId,
    account: ChannelAccountId,
    change: MessageChange,
}

impl WriteOp for ChangeMessage {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        batch.write_inbound().await?;
        let Some(id) = message_of(batch, &self.tenant, &self.account, &self.change.external_id).await? else {
            return Ok(());
        };
        let Some(message) = messages::find(batch.connection().await?, &self.tenant, &id).await? else {
            return Ok(());
        };
        change(batch, &self.tenant, message, &self.change.what).await.map(drop)
    }
}

/// Writes a changed body and tells live views.
async fn store_body(batch: &mut Batch<'_>, tenant: &TenantId, message: &Message) -> Result<(), StoreError> {
    let body = serde_json::to_string(&message.body).map_err(StoreError::corrupt("message"))?;
    sqlx::query("UPDATE messages SET body = $1, words = $2 WHERE tenant_id = $3 AND id = $4")
        .bind(body)
        .bind(message.body.words())
        .bind(tenant.as_str().to_owned())
        .bind(message.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
    messages::log(batch, tenant, "message.updated", message)
}

/// The message that a platform calls so, said by us or heard.
pub(super) async fn message_of(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
    external_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    named(batch.connection().await?, tenant, account, external_id).await
}

async fn named(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    account: &ChannelAccountId,
    external_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    let row = sqlx::query(
        "SELECT p.message_id, 0 FROM platform_messages p WHERE p.tenant_id = $1 AND p.channel_account_id = $2 \
         AND p.external_id = $3 UNION ALL SELECT m.id, m.seq FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id \
         AND c.id = m.conversation_id WHERE m.tenant_id = $1 AND m.external_id = $3 AND c.channel_account_id = $2 ORDER BY 2 LIMIT 1",
    )
    .bind(tenant.as_str().to_owned())
    .bind(account.as_str().to_owned())
    .bind(external_id.to_owned())
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(MessageId::from_text(row.try_get::<String, _>(0)?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> MessageBody {
        MessageBody::heard(Content::Text { text: text.to_owned() })
    }

    fn change(what: ChangeKind) -> MessageChange {
        MessageChange { external_id: "m1".to_owned(), what }
    }

    fn react(by: &str, emoji: Option<&str>) -> MessageChange {
        change(ChangeKind::Reaction { by: by.to_owned(), emoji: emoji.map(str::to_owned) })
    }

    fn edited(text: &str) -> MessageChange {
        change(ChangeKind::Edited { text: text.to_owned() })
    }

    /// Every change twice: platforms deliver again.
    fn check(changes: &[MessageChange], expected: &MessageBody) {
        let mut body = text("one");
        for change in changes {
            change.what.apply(&mut body, &change.external_id);
            assert!(!change.what.apply(&mut body, &change.external_id), "{change:?} again");
        }
        assert_eq!(body, *expected);
    }

    #[test]
    fn changes_are_made_once() {
        let mark = |by: &str, emoji: &str| ReactionMark { by: by.to_owned(), emoji: emoji.to_owned() };
        let both = vec![mark("b", "😮"), mark("a", "❤")];
        check(
            &[react("a", Some("👍")), react("b", Some("😮")), react("a", Some("❤"))],
            &MessageBody { reactions: both, ..text("one") },
        );
        check(&[react("a", Some("👍")), react("a", None)], &text("one"));
        let earlier = vec!["one".to_owned(), "two".to_owned()];
        check(&[edited("two"), edited("three")], &MessageBody { earlier, ..text("three") });
        let gone = Content::Deleted { external_id: "m1".to_owned() };
        let gone = MessageBody { deleted: true, ..MessageBody::heard(gone) };
        check(&[edited("two"), change(ChangeKind::Deleted)], &gone);
        check(&[change(ChangeKind::Deleted), edited("two")], &gone);
    }
}
