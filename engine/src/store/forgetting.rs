//! Forgetting what was taken back: wherever its words were kept, only the fact that something was said remains.

use channels::{Content, InboundMessage};
use serde_json::{Value as Json, json};
use sqlx::Row;

use super::StoreError;
use super::batch::Batch;
use super::messages::{Author, Message};
use crate::ids::TenantId;

/// What lists show of a message that was taken back.
const GONE: &str = "[deleted]";

/// `before` is the message with its words, `after` without them.
pub(super) async fn forget_words(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (before, after): (&Message, &Message),
) -> Result<(), StoreError> {
    let (guess, understood) = forget_turn(batch, tenant, before).await?;
    forget_inbound(batch, tenant, before).await?;
    forget_outbox(batch, tenant, before).await?;
    forget_events(batch, tenant, (before, after)).await?;
    forget_state(batch, tenant, (before, understood)).await?;
    forget_in_conversation(batch, tenant, (before, guess)).await
}

/// The words that the dialogue keeps of it, whole or as what was understood in them.
async fn forget_state(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (message, mut words): (&Message, Vec<String>),
) -> Result<(), StoreError> {
    words.extend(message.body.earlier.iter().cloned());
    words.extend(message.body.heard.iter().filter_map(Content::text).map(str::to_owned));
    words.retain(|words| !words.trim().is_empty());
    let row = sqlx::query("SELECT state FROM conversations WHERE tenant_id = $1 AND id = $2")
        .bind(tenant.as_str().to_owned())
        .bind(message.conversation.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let Ok(mut state) = serde_json::from_str::<Json>(&row.try_get::<String, _>(0)?) else { return Ok(()) };
    if !blank(&mut state, &words, false) {
        return Ok(());
    }
    let sql = "UPDATE conversations SET state = $1 WHERE tenant_id = $2 AND id = $3";
    let values = vec![state.to_string().into(), tenant.into(), (&message.conversation).into()];
    batch.later(sql, values).await
}

/// Where the dialogue keeps what people said; elsewhere in its state are names of ours.
const SAID_IN: [&str; 5] = ["said", "slots", "mentions", "asked", "person"];

/// Takes the texts out that say one of these words; true where there was one.
fn blank(value: &mut Json, words: &[String], is_said: bool) -> bool {
    let mut found = false;
    match value {
        Json::String(text) if is_said && words.iter().any(|words| words.trim() == text.trim()) => {
            GONE.clone_into(text);
            found = true;
        }
        Json::Array(items) => {
            for item in items {
                found |= blank(item, words, is_said);
            }
        }
        Json::Object(fields) => {
            for (name, field) in fields {
                found |= blank(field, words, is_said || SAID_IN.contains(&name.as_str()));
            }
        }
        _ => {}
    }
    found
}

/// Empties the records of the turns that heard it; returns the intent they found, and what they understood in its words.
async fn forget_turn(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &Message,
) -> Result<(Option<String>, Vec<String>), StoreError> {
    let emptied = sqlx::query(
        "SELECT record FROM turns WHERE tenant_id = $1 AND conversation_id = $2 AND message_id = $3",
    )
    .bind(tenant.as_str().to_owned())
    .bind(message.conversation.as_str().to_owned())
    .bind(message.id.as_str().to_owned())
    .fetch_optional(batch.connection().await?)
    .await?;
    let Some(row) = emptied else { return Ok((None, Vec::new())) };
    let record: Json = serde_json::from_str(&row.try_get::<String, _>(0)?).unwrap_or_default();
    let entities = record.pointer("/understanding/entities").and_then(Json::as_array).into_iter().flatten();
    let understood = entities
        .flat_map(|entity| [entity["text"].as_str(), entity["value"].as_str()])
        .flatten()
        .map(str::to_owned)
        .collect();
    let guess = record.pointer("/understanding/intents/0/name").and_then(Json::as_str).map(str::to_owned);
    sqlx::query(
        "UPDATE turns SET record = '{}' WHERE tenant_id = $1 AND conversation_id = $2 AND message_id = $3",
    )
    .bind(tenant.as_str().to_owned())
    .bind(message.conversation.as_str().to_owned())
    .bind(message.id.as_str().to_owned())
    .execute(batch.connection().await?)
    .await?;
    Ok((guess, understood))
}

async fn forget_inbound(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &Message,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT id, payload FROM inbound WHERE tenant_id = $1 AND conversation_id = $2 AND message_id = $3",
    )
    .bind(tenant.as_str().to_owned())
    .bind(message.conversation.as_str().to_owned())
    .bind(message.id.as_str().to_owned())
    .fetch_optional(batch.connection().await?)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let Ok(mut heard) = serde_json::from_str::<InboundMessage>(&row.try_get::<String, _>(1)?) else {
        return Ok(());
    };
    heard.content = Content::Deleted { external_id: heard.external_id.clone() };
    heard.referral = None;
    sqlx::query("UPDATE inbound SET payload = $1 WHERE tenant_id = $2 AND id = $3")
        .bind(serde_json::to_string(&heard).map_err(StoreError::corrupt("inbound message"))?)
        .bind(tenant.as_str().to_owned())
        .bind(row.try_get::<String, _>(0)?)
        .execute(batch.connection().await?)
        .await?;
    Ok(())
}

/// What we said ourselves stands in the outbox, too.
async fn forget_outbox(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &Message,
) -> Result<(), StoreError> {
    if message.body.heard.is_some() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE outbox SET reply = '{\"parts\":[]}' WHERE tenant_id = $1 AND conversation_id = $2 AND message_id = $3 \
         AND state <> 'pending'",
    )
    .bind(tenant.as_str().to_owned())
    .bind(message.conversation.as_str().to_owned())
    .bind(message.id.as_str().to_owned())
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

/// Who follows the log from an older cursor is told what is left.
async fn forget_events(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (before, after): (&Message, &Message),
) -> Result<(), StoreError> {
    let view = json!({ "message": crate::views::MessageView::of(after) }).to_string();
    let turn = json!({ "turn": crate::turn_record::forgotten(&before.id, before.at) }).to_string();
    forget_new_events(batch, before, (&view, &turn));
    let named = format!("%\"id\":\"{}\"%", before.id);
    let first = sqlx::query(
        "SELECT MIN(n) FROM event_log WHERE tenant_id = $1 AND conversation_id = $2 AND kind = 'message.created' \
         AND data LIKE $3",
    )
    .bind(tenant.as_str().to_owned())
    .bind(before.conversation.as_str().to_owned())
    .bind(named.clone())
    .fetch_one(batch.connection().await?)
    .await?;
    let Some(first) = first.try_get::<Option<i64>, _>(0)? else { return Ok(()) };
    let heard = format!("%\"message_id\":\"{}\"%", before.id);
    let kinds = [("'message.created', 'message.updated'", view, named), ("'turn.recorded'", turn, heard)];
    for (kinds, data, pattern) in kinds {
        let sql = format!(
            "UPDATE event_log SET data = $1 WHERE tenant_id = $2 AND n >= $3 AND conversation_id = $4 \
             AND kind IN ({kinds}) AND data LIKE $5"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(data)
            .bind(tenant.as_str().to_owned())
            .bind(first)
            .bind(before.conversation.as_str().to_owned())
            .bind(pattern)
            .execute(batch.connection().await?)
            .await?;
    }
    forget_in_lists(batch, tenant, (before, first)).await
}

/// The same for what this commit itself has logged until now.
fn forget_new_events(batch: &mut Batch<'_>, message: &Message, (view, turn): (&str, &str)) {
    let (named, heard) = (format!("\"id\":\"{}\"", message.id), format!("\"message_id\":\"{}\"", message.id));
    for event in batch.logged().filter(|event| event.conversation.as_ref() == Some(&message.conversation)) {
        match event.kind {
            "message.created" | "message.updated" if event.data.contains(&named) => {
                view.clone_into(&mut event.data);
            }
            "turn.recorded" if event.data.contains(&heard) => turn.clone_into(&mut event.data),
            _ => {}
        }
    }
}

/// What lists have shown of it since the event `first`, with the words that it had before it was changed.
async fn forget_in_lists(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (message, first): (&Message, i64),
) -> Result<(), StoreError> {
    let shown = |text: &str| format!("\"last_text\":{}", Json::from(text));
    let earlier = message.body.earlier.iter().map(|text| text.chars().take(140).collect::<String>());
    for text in earlier.chain([message.body.summary()]) {
        sqlx::query(
            "UPDATE event_log SET data = REPLACE(data, $1, $2) WHERE tenant_id = $3 AND n >= $4 \
             AND conversation_id = $5 AND kind = 'conversation.updated'",
        )
        .bind(shown(&text))
        .bind(shown(GONE))
        .bind(tenant.as_str().to_owned())
        .bind(first)
        .bind(message.conversation.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
    }
    Ok(())
}

/// It waits for no answer any more, lists do not show it, and what the bot made of it is no longer what the talk is about.
async fn forget_in_conversation(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (before, guess): (&Message, Option<String>),
) -> Result<(), StoreError> {
    let wanted =
        before.author == Author::Customer && before.body.heard.as_ref().is_some_and(Content::wants_answer);
    sqlx::query(
        "UPDATE conversations SET unanswered = CASE WHEN unanswered > 0 AND NOT EXISTS (SELECT 1 FROM messages m \
         WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.seq > $3 AND m.author IN ('bot', 'agent')) \
         THEN unanswered - $4 ELSE unanswered END, \
         last_text = CASE WHEN last_text = $5 THEN $6 ELSE last_text END, \
         intent = CASE WHEN intent = $7 THEN NULL ELSE intent END WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant.as_str().to_owned())
    .bind(before.conversation.as_str().to_owned())
    .bind(before.seq)
    .bind(i64::from(wanted))
    .bind(super::json_rows::plain(&before.body.summary()))
    .bind(GONE)
    .bind(guess.unwrap_or_default())
    .execute(batch.connection().await?)
    .await?;
    super::conversations::log_update(batch, tenant, &before.conversation).await.map(drop)
}
