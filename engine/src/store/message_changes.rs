//! What people do to messages that were heard or said before: react, change, take back.

use channels::{CommentChange, Content, InboundMessage, Media, Part};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::change_makers::{BUSINESS_HINT, Maker, place_of};
use super::lock_order::Touched;
use super::messages::{self, Message, MessageBody, ReactionMark};
use super::{Store, StoreError, early_changes};
use crate::ids::{ChannelAccountId, MessageId, TenantId};

/// A change to the message that a platform calls `external_id`. Done twice it is the same as done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageChange {
    pub external_id: String,
    pub what: ChangeKind,
    /// When it was made, as the platform says it; zero where it does not.
    pub sent_at: i64,
    /// Who made it, where that says what it may change. None for our own side.
    pub maker: Option<Maker>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        let (external_id, what) = match &message.content {
            Content::Reaction { reaction } => {
                let by = message.sender.external_id.clone();
                (&reaction.external_id, ChangeKind::Reaction { by, emoji: reaction.emoji.clone() })
            }
            Content::Edited { external_id, text: Some(text) } => {
                (external_id, ChangeKind::Edited { text: text.clone() })
            }
            Content::Deleted { external_id } => (external_id, ChangeKind::Deleted),
            Content::Comment { comment } => {
                let what = match comment.change {
                    CommentChange::Added => return None,
                    CommentChange::Edited => ChangeKind::Edited { text: comment.text.clone()? },
                    CommentChange::Removed => ChangeKind::Deleted,
                    CommentChange::Hidden => ChangeKind::Hidden(true),
                    CommentChange::Shown => ChangeKind::Hidden(false),
                };
                (&comment.id, what)
            }
            _ => return None,
        };
        let maker = Maker {
            thread: message.thread.clone(),
            sender: message.sender.external_id.clone(),
            anybody: message.group
                || what == ChangeKind::Deleted && message.hints.iter().any(|(name, _)| name == BUSINESS_HINT),
            colleague: false,
        };
        Some(Self { external_id: external_id.clone(), what, sent_at: message.sent_at, maker: Some(maker) })
    }

    /// The change that a colleague made in the platform's own inbox: our own side did it.
    pub fn of_colleague(message: &InboundMessage) -> Option<Self> {
        let mut change = Self::of(message)?;
        if let ChangeKind::Reaction { by, .. } = &mut change.what {
            super::acts::OURS.clone_into(by);
        }
        change.maker.as_mut()?.colleague = true;
        Some(change)
    }
}

impl ChangeKind {
    /// True when it changed anything. `at` is when it was made, zero where nobody knows.
    pub(super) fn apply(&self, body: &mut MessageBody, (external_id, at): (&str, i64)) -> bool {
        let before = body.clone();
        match self {
            // What was taken back stays so, even when an edit arrives late, and nobody reacts to it.
            Self::Reaction { .. } | Self::Edited { .. } if body.deleted => {}
            Self::Reaction { by, .. } if is_late(body, by, at) => {}
            Self::Reaction { by, emoji } => {
                if at != 0 {
                    body.reacted_at.insert(by.clone(), at);
                }
                body.reactions.retain(|mark| mark.by != *by);
                let mark = emoji.as_ref().map(|emoji| ReactionMark { by: by.clone(), emoji: emoji.clone() });
                body.reactions.extend(mark);
            }
            Self::Edited { text } => edit(body, text, at),
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

/// True for what somebody did before something that was told earlier.
fn is_late(body: &MessageBody, by: &str, at: i64) -> bool {
    at != 0 && body.reacted_at.get(by).is_some_and(|last| at < *last)
}

/// Makes the change and shows it; the message as it then is.
pub(super) async fn change(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    mut message: Message,
    (what, at): (&ChangeKind, i64),
) -> Result<Message, StoreError> {
    let external_id = message.external_id.clone().unwrap_or_default();
    let before = message.clone();
    if !what.apply(&mut message.body, (&external_id, at)) {
        return Ok(message);
    }
    if *what == ChangeKind::Deleted {
        if !external_id.is_empty() {
            let scope = (OF_THREAD, before.conversation.as_str());
            forget_edits(batch, tenant, scope, &external_id).await?;
        }
        super::forgetting::forget_words(batch, tenant, (&before, &message)).await?;
        if let Some(offer) = &before.body.offer {
            super::links::end_offer(batch, tenant, offer).await?;
        }
    }
    store_body(batch, tenant, &message).await?;
    if matches!(what, ChangeKind::Edited { .. }) {
        show_in_lists(batch, tenant, (&before, &message)).await?;
    }
    Ok(message)
}

/// Where edits of a message are looked for: in the thread of this conversation, or on this whole account.
const OF_THREAD: &str = "c.id IN (SELECT t.id FROM conversations t JOIN conversations o ON o.tenant_id = t.tenant_id \
     AND o.channel_account_id = t.channel_account_id AND o.thread = t.thread WHERE o.tenant_id = $1 AND o.id = $2)";
pub(super) const OF_ACCOUNT: &str = "c.channel_account_id = $2";

/// An edit is a message of its own: what is taken back goes from there, too.
pub(super) async fn forget_edits(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (scope, of): (&str, &str),
    external_id: &str,
) -> Result<(), StoreError> {
    let quoted = serde_json::Value::from(external_id).to_string();
    let escaped = quoted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let sql = format!(
        "SELECT m.id FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id \
         WHERE m.tenant_id = $1 AND {scope} AND m.body LIKE $3 ESCAPE '!'"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(of.to_owned())
        .bind(format!("%{escaped}%"))
        .fetch_all(batch.connection().await?)
        .await?;
    for row in rows {
        let id = MessageId::from_text(row.try_get::<String, _>(0)?);
        let Some(edit) = messages::find(batch.connection().await?, tenant, &id).await? else { continue };
        if !is_edit_of(&edit.body, external_id) {
            continue;
        }
        let mut after = edit.clone();
        after.body.heard.iter_mut().for_each(early_changes::without_words);
        after.body.earlier.clear();
        super::forgetting::forget_words(batch, tenant, (&edit, &after)).await?;
        store_body(batch, tenant, &after).await?;
    }
    Ok(())
}

fn is_edit_of(body: &MessageBody, original: &str) -> bool {
    match &body.heard {
        Some(Content::Edited { external_id, .. }) => external_id == original,
        Some(Content::Comment { comment }) => {
            comment.change != CommentChange::Added && comment.id == original
        }
        _ => false,
    }
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

/// An older edit that comes late is one of the earlier words: what was written last stands.
fn edit(body: &mut MessageBody, text: &str, at: i64) {
    let is_late = at != 0 && body.edited_at.is_some_and(|last| at < last);
    let words = match &mut body.heard {
        Some(Content::Text { text } | Content::StoryReply { text, .. }) => text,
        Some(Content::Media { media }) => media.caption.get_or_insert_default(),
        Some(Content::Comment { comment }) => comment.text.get_or_insert_default(),
        Some(_) => return,
        None => match body.parts.as_mut_slice() {
            [Part::Text { text }] => {
                body.sealed = None;
                text
            }
            _ => return,
        },
    };
    if is_late {
        if words != text && !body.earlier.iter().any(|earlier| earlier == text) {
            body.earlier.push(text.to_owned());
        }
        return;
    }
    if words != text {
        let earlier = std::mem::replace(words, text.to_owned());
        body.earlier.push(earlier);
    }
    body.edited_at = Some(at).filter(|at| *at != 0).or(body.edited_at);
}

impl Store {
    /// Changes the message of that name on the account. A change that came before its message waits for it.
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

    fn touches(&self) -> Vec<Touched> {
        let name = early_changes::named(&self.tenant, &self.account, &self.change.external_id);
        vec![Touched::Message(name)]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let change_of = &self.change;
        batch.write_inbound().await?;
        batch.write_messages().await?;
        let Some(id) = message_of(batch, &self.tenant, &self.account, &change_of.external_id).await? else {
            return early_changes::wait(batch, (&self.tenant, &self.account), change_of).await;
        };
        let Some(message) = messages::find(batch.connection().await?, &self.tenant, &id).await? else {
            return Ok(());
        };
        let (thread, author) = place_of(batch.connection().await?, &self.tenant, &id).await?;
        if !change_of.may_change(&thread, author.as_deref()) {
            return Ok(());
        }
        change(batch, &self.tenant, message, (&change_of.what, change_of.sent_at)).await.map(drop)
    }
}

/// The platform took the message, and may have taken an earlier try of it, too.
pub(super) async fn mark_repeated(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &MessageId,
) -> Result<(), StoreError> {
    let found = messages::find(batch.connection().await?, tenant, message).await?;
    let Some(mut message) = found.filter(|message| !message.body.deleted) else { return Ok(()) };
    message.body.repeated = true;
    store_body(batch, tenant, &message).await
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

pub(super) async fn named(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    account: &ChannelAccountId,
    external_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    let rows = sqlx::query(
        "SELECT p.message_id, 0, '' FROM platform_messages p WHERE p.tenant_id = $1 AND p.channel_account_id = $2 \
         AND p.external_id = $3 UNION ALL SELECT m.id, m.seq, m.body FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id \
         AND c.id = m.conversation_id WHERE m.tenant_id = $1 AND m.external_id = $3 AND c.channel_account_id = $2 ORDER BY 2 LIMIT 20",
    )
    .bind(tenant.as_str().to_owned())
    .bind(account.as_str().to_owned())
    .bind(external_id.to_owned())
    .fetch_all(connection)
    .await?;
    for row in rows {
        // What happens to a comment has the comment's own name.
        let body = serde_json::from_str::<MessageBody>(&row.try_get::<String, _>(2)?).unwrap_or_default();
        if !is_edit_of(&body, external_id) {
            return Ok(Some(MessageId::from_text(row.try_get::<String, _>(0)?)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> MessageBody {
        MessageBody::heard(Content::Text { text: text.to_owned() })
    }

    fn change(what: ChangeKind) -> MessageChange {
        MessageChange { external_id: "m1".to_owned(), what, sent_at: 0, maker: None }
    }

    fn at(sent_at: i64, change: MessageChange) -> MessageChange {
        MessageChange { sent_at, ..change }
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
            let about = (change.external_id.as_str(), change.sent_at);
            change.what.apply(&mut body, about);
            assert!(!change.what.apply(&mut body, about), "{change:?} again");
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
        // What was written last stands, in whatever order it comes.
        let earlier = ["one", "three", "two"].map(str::to_owned).to_vec();
        let newest = MessageBody { earlier, edited_at: Some(30), ..text("four") };
        let (two, three, four) = (at(10, edited("two")), at(20, edited("three")), at(30, edited("four")));
        check(&[three.clone(), four.clone(), two.clone()], &newest);
        check(&[three, four.clone(), two.clone(), four, two], &newest);
        // A reaction that was taken back later stays away, in whatever order both come.
        let unreacted = at(9, react("a", None));
        let late = at(8, react("a", Some("👍")));
        let reacted_at = [("a".to_owned(), 9)].into();
        check(&[unreacted, late], &MessageBody { reacted_at, ..text("one") });
        let gone = Content::Deleted { external_id: "m1".to_owned() };
        let gone = MessageBody { deleted: true, ..MessageBody::heard(gone) };
        check(&[edited("two"), change(ChangeKind::Deleted)], &gone);
        check(&[change(ChangeKind::Deleted), edited("two"), react("a", Some("👍"))], &gone);
    }
}
