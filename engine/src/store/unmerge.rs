//! Taking a merge back: one edge of the forest is cut, and what hung below it goes home.

use std::collections::BTreeMap;

use serde_json::Value;

use super::StoreError;
use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::merges::{
    Merge, belong, edge, facts, find, put_facts, queue, refusal_apart, subtree, text_of, touched,
};
use crate::ids::{ConversationId, RowId, TenantId};

pub(super) struct UndoMerge {
    pub(super) tenant: TenantId,
    pub(super) id: RowId,
    pub(super) by: String,
    pub(super) conversations: Vec<ConversationId>,
}

impl WriteOp for UndoMerge {
    type Output = Merge;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        touched(&self.tenant, &self.conversations)
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Merge, StoreError> {
        queue(batch, &self.tenant).await?;
        self.undo(batch).await
    }

    async fn run_all<'a>(
        changes: &'a [&'a Self],
        batch: &'a mut Batch<'_>,
    ) -> Result<super::batch::Outcomes<Merge>, StoreError> {
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            queue(batch, &change.tenant).await?;
            outcomes.push(refusal_apart(change.undo(batch).await)?);
        }
        Ok(outcomes)
    }
}

impl UndoMerge {
    async fn undo(&self, batch: &mut Batch<'_>) -> Result<Merge, StoreError> {
        let tenant = &self.tenant;
        let found = find(batch.connection().await?, tenant, &self.id).await?;
        let merge = found.ok_or(StoreError::NotFound("merge"))?;
        if merge.undone_at.is_some() {
            return Err(StoreError::Conflict("this merge was undone already"));
        }
        self.give_facts_back(batch, &merge).await?;
        sqlx::query("UPDATE merges SET undone_at = $1, undone_by = $2 WHERE tenant_id = $3 AND id = $4")
            .bind(batch.now().0)
            .bind(self.by.clone())
            .bind(tenant.as_str().to_owned())
            .bind(self.id.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        for home in subtree(batch, tenant, &merge.merged).await? {
            belong(batch, tenant, (&merge.merged, &home), "COALESCE(home_person_id, person_id) = $3").await?;
        }
        super::passing_on::say_undone(batch, (tenant, &self.by), &merge.merged).await?;
        super::audit::append(batch, tenant, &self.by, "person.merge_undone", self.id.as_str()).await?;
        find(batch.connection().await?, tenant, &self.id).await?.ok_or(StoreError::NotFound("merge"))
    }

    /// What came with the merge goes again, up to the last person who was kept, unless it was changed since.
    async fn give_facts_back(&self, batch: &mut Batch<'_>, merge: &Merge) -> Result<(), StoreError> {
        let tenant = &self.tenant;
        let mut going = merge.facts.clone();
        let mut at = merge.kept.clone();
        loop {
            let mut known = facts(batch, tenant, &at).await?;
            known.retain(|name, value| going.get(name) != Some(value));
            put_facts(batch, tenant, &at, &known).await?;
            let Some(above) = edge(batch.connection().await?, tenant, &at).await? else { return Ok(()) };
            going.retain(|name, value| above.facts.get(name) == Some(value));
            let left: BTreeMap<&String, &Value> =
                above.facts.iter().filter(|(name, value)| going.get(*name) != Some(value)).collect();
            sqlx::query("UPDATE merges SET facts = $1 WHERE tenant_id = $2 AND id = $3")
                .bind(text_of(&left)?)
                .bind(tenant.as_str().to_owned())
                .bind(above.id.as_str().to_owned())
                .execute(batch.connection().await?)
                .await?;
            at = above.kept;
        }
    }
}
