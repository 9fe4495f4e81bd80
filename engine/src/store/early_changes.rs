//! Changes that arrive before the message that they name. They wait, a while and in bounded number, and are made as the
//! message is taken in, in the same commit: words that were taken back are never stored.

use std::collections::{BTreeSet, HashMap, HashSet};

use channels::Content;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::batch::{Batch, WriteOp};
use super::change_makers::Maker;
use super::ingest::{EventKey, Ingest};
use super::json_rows::{Column, JsonRows};
use super::message_changes::{ChangeKind, MessageChange, OF_ACCOUNT};
use super::messages::MessageBody;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};

/// How long a change waits for its message, and how many of them on one account.
const PATIENCE: i64 = 7 * Micros::DAY;
const MOST: i64 = 1_000;

const KEYS: &[Column] = &[("n", "TEXT"), ("a", "TEXT"), ("e", "TEXT")];
/// Tenant, channel account, and what the platform calls the message.
pub(super) type Named = (String, String, String);

/// Messages that are taken in otherwise than they came.
pub(super) type Altered = HashMap<EventKey, (Ingest, MessageBody)>;

pub(super) fn named(tenant: &TenantId, account: &ChannelAccountId, external_id: &str) -> Named {
    (tenant.as_str().to_owned(), account.as_str().to_owned(), external_id.to_owned())
}

/// The message that a heard message speaks about where it changes one.
fn changed(one: &Ingest) -> Option<Named> {
    let change = MessageChange::of(&one.message)?;
    Some(named(&one.tenant, &one.account, &change.external_id))
}

/// What a message that is taken in is called, and the message that it changes.
pub(super) fn names_of(one: &Ingest) -> impl Iterator<Item = Named> {
    let own = named(&one.tenant, &one.account, &one.message.external_id);
    std::iter::once(own).chain(changed(one))
}

/// A change as it waits.
#[derive(Serialize, Deserialize)]
struct Kept {
    what: ChangeKind,
    maker: Option<Maker>,
}

/// What waits about these messages, oldest first.
async fn waiting(
    batch: &mut Batch<'_>,
    names: &BTreeSet<Named>,
) -> Result<HashMap<Named, Vec<MessageChange>>, StoreError> {
    let mut found: HashMap<Named, Vec<MessageChange>> = HashMap::new();
    if names.is_empty() {
        return Ok(found);
    }
    let rest = format!(
        "FROM early_changes c WHERE (c.tenant_id, c.channel_account_id, c.external_id) IN (SELECT k.n, k.a, k.e FROM {})",
        JsonRows::table(KEYS, batch.dialect, 1)
    );
    let columns = ["c.tenant_id", "c.channel_account_id", "c.external_id", "c.change", "c.sent_at"];
    let rows: Vec<(String, String, String, String, i64)> =
        batch.gather(&columns, &rest, vec![keys(names).json().into()]).await?;
    for (tenant, account, external_id, change, sent_at) in rows {
        // Earlier versions kept what was done alone.
        let kept = serde_json::from_str::<Kept>(&change)
            .or_else(|_| serde_json::from_str::<ChangeKind>(&change).map(|what| Kept { what, maker: None }));
        let Kept { what, maker } = kept.map_err(StoreError::corrupt("change"))?;
        let change = MessageChange { external_id: external_id.clone(), what, sent_at, maker };
        found.entry((tenant, account, external_id)).or_default().push(change);
    }
    for changes in found.values_mut() {
        changes.sort_by_key(|change| change.sent_at);
    }
    Ok(found)
}

fn keys(names: &BTreeSet<Named>) -> JsonRows {
    let mut rows = JsonRows::new(KEYS);
    for (tenant, account, external_id) in names {
        rows.push([json!(tenant), json!(account), json!(external_id)]);
    }
    rows
}

/// Those of the messages that are taken in otherwise than they came: changed by what waited for them, or, where they edit
/// a message that was taken back, without the words. `awaited` are those for which something waits.
pub(super) async fn alter(
    batch: &mut Batch<'_>,
    messages: &[&Ingest],
    awaited: &HashSet<Named>,
) -> Result<Altered, StoreError> {
    let mut altered = Altered::new();
    let is_edit = |one: &&&Ingest| {
        MessageChange::of(&one.message).is_some_and(|change| matches!(change.what, ChangeKind::Edited { .. }))
    };
    let edits: Vec<(&Ingest, Named)> =
        messages.iter().filter(is_edit).filter_map(|one| Some((*one, changed(one)?))).collect();
    if awaited.is_empty() && edits.is_empty() {
        return Ok(altered);
    }
    let names = awaited.iter().cloned().chain(edits.iter().map(|(_, name)| name.clone())).collect();
    let waiting = waiting(batch, &names).await?;
    let mut used = BTreeSet::new();
    for one in messages.iter().filter(|one| changed(one).is_none()) {
        let name = named(&one.tenant, &one.account, &one.message.external_id);
        if let Some(changes) = waiting.get(&name) {
            altered.insert(one.key(), with(one, changes));
            used.insert(name);
        }
    }
    for (one, name) in edits {
        let is_taken_back = waiting.get(&name).is_some_and(|changes| {
            changes.iter().any(|other| other.what == ChangeKind::Deleted && is_of(other, one))
        }) || is_deleted(batch, &name).await?;
        if is_taken_back {
            let mut one = one.clone();
            without_words(&mut one.message.content);
            let body = one.body();
            altered.insert(one.key(), (one, body));
        }
    }
    forget(batch, &used).await?;
    Ok(altered)
}

/// The message after these changes.
fn with(one: &Ingest, changes: &[MessageChange]) -> (Ingest, MessageBody) {
    let (mut one, mut body) = (one.clone(), one.body());
    let (thread, sender) = (one.message.thread.clone(), one.message.sender.external_id.clone());
    for change in changes.iter().filter(|change| change.may_change(&thread, Some(&sender))) {
        change.what.apply(&mut body, (&one.message.external_id, change.sent_at));
    }
    if let Some(content) = &body.heard {
        one.message.content = content.clone();
    }
    if body.deleted {
        one.message.referral = None;
    }
    (one, body)
}

/// True where the same person did both in the same thread, as far as is known.
fn is_of(other: &MessageChange, one: &Ingest) -> bool {
    other.maker.as_ref().is_none_or(|maker| {
        maker.thread == one.message.thread
            && (maker.anybody || maker.sender == one.message.sender.external_id)
    })
}

/// Leaves that something was changed, not what was written.
pub(super) fn without_words(content: &mut Content) {
    match content {
        Content::Edited { text, .. } => *text = None,
        Content::Comment { comment } => comment.text = None,
        _ => {}
    }
}

async fn is_deleted(batch: &mut Batch<'_>, name: &Named) -> Result<bool, StoreError> {
    let (tenant, account) =
        (TenantId::from_text(name.0.as_str()), ChannelAccountId::from_text(name.1.as_str()));
    let Some(id) = super::message_changes::message_of(batch, &tenant, &account, &name.2).await? else {
        return Ok(false);
    };
    let found = super::messages::find(batch.connection().await?, &tenant, &id).await?;
    Ok(found.is_some_and(|message| message.body.deleted))
}

async fn forget(batch: &mut Batch<'_>, names: &BTreeSet<Named>) -> Result<(), StoreError> {
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM early_changes WHERE (tenant_id, channel_account_id, external_id) IN (SELECT k.n, k.a, k.e FROM {})",
        JsonRows::table(KEYS, batch.dialect, 1)
    );
    batch.later(sql, vec![keys(names).json().into()]).await
}

impl Store {
    /// Lets go of changes whose message has not come for too long; how many.
    pub async fn sweep_early_changes(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let before = self.clock().now().0 - PATIENCE;
        let found = {
            let mut connection = self.reader(tenant).await?;
            sqlx::query("SELECT 1 FROM early_changes WHERE tenant_id = $1 AND created_at < $2 LIMIT 1")
                .bind(tenant.as_str().to_owned())
                .bind(before)
                .fetch_optional(&mut *connection)
                .await?
        };
        if found.is_none() {
            return Ok(0);
        }
        self.write(LetGo { tenant: tenant.clone(), before }).await
    }
}

struct LetGo {
    tenant: TenantId,
    before: i64,
}

impl WriteOp for LetGo {
    type Output = u64;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<u64, StoreError> {
        let old = "DELETE FROM early_changes WHERE tenant_id = $1 AND created_at < $2";
        batch.count(old, vec![(&self.tenant).into(), self.before.into()]).await
    }
}

/// Keeps a change until its message comes. A newer one of the same kind takes its place; an unsend takes the words of
/// every edit with it.
pub(super) async fn wait(
    batch: &mut Batch<'_>,
    (tenant, account): (&TenantId, &ChannelAccountId),
    change: &MessageChange,
) -> Result<(), StoreError> {
    let name = named(tenant, account, &change.external_id);
    let held: Vec<_> = waiting(batch, &[name].into()).await?.into_values().flatten().collect();
    let held: Vec<_> = held.into_iter().filter(|one| one.maker == change.maker).map(|one| one.what).collect();
    let is_edit = |what: &ChangeKind| matches!(what, ChangeKind::Edited { .. });
    if is_edit(&change.what) && held.contains(&ChangeKind::Deleted) {
        return Ok(());
    }
    if change.what == ChangeKind::Deleted && held.iter().any(is_edit) {
        super::message_changes::forget_edits(
            batch,
            tenant,
            (OF_ACCOUNT, account.as_str()),
            &change.external_id,
        )
        .await?;
    }
    let of_message = vec![tenant.into(), account.as_str().into(), change.external_id.as_str().into()];
    let by =
        change.maker.as_ref().map(|maker| format!("{}/{}", maker.thread, maker.sender)).unwrap_or_default();
    if change.what == ChangeKind::Deleted {
        let sql = "DELETE FROM early_changes WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3 \
                   AND kind = 'edited' AND actor = $4";
        let values = of_message.iter().cloned().chain([by.as_str().into()]).collect();
        batch.later(sql, values).await?;
    }
    let (kind, actor) = match &change.what {
        ChangeKind::Reaction { by, .. } => ("reaction", by.as_str()),
        ChangeKind::Edited { .. } => ("edited", by.as_str()),
        ChangeKind::Deleted => ("deleted", by.as_str()),
        ChangeKind::Hidden(_) => ("hidden", ""),
    };
    let now = batch.now();
    let kept = Kept { what: change.what.clone(), maker: change.maker.clone() };
    let text = serde_json::to_string(&kept).map_err(StoreError::corrupt("change"))?;
    let sql = "INSERT INTO early_changes (tenant_id, channel_account_id, external_id, kind, actor, change, sent_at, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (tenant_id, channel_account_id, external_id, kind, actor) DO UPDATE SET \
               change = excluded.change, sent_at = excluded.sent_at WHERE excluded.sent_at >= early_changes.sent_at";
    let mut values = of_message;
    values.extend([kind.into(), actor.into(), text.into(), change.sent_at.into(), now.into()]);
    batch.later(sql, values).await?;
    let old = "DELETE FROM early_changes WHERE tenant_id = $1 AND created_at < $2";
    batch.later(old, vec![tenant.into(), (now.0 - PATIENCE).into()]).await?;
    let many = "DELETE FROM early_changes WHERE tenant_id = $1 AND channel_account_id = $2 AND created_at < \
                (SELECT e.created_at FROM early_changes e WHERE e.tenant_id = $1 AND e.channel_account_id = $2 \
                ORDER BY e.created_at DESC LIMIT 1 OFFSET $3)";
    batch.later(many, vec![tenant.into(), account.as_str().into(), (MOST - 1).into()]).await
}
