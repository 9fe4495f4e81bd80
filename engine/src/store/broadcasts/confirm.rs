//! Confirming a message to many: the people are fixed, the calls are cut, and the job is asked for, in one commit.

use super::{Broadcast, BroadcastTo, PEOPLE_A_CALL, find};
use crate::ids::{AgentId, RowId, TenantId};
use crate::store::batch::{Batch, WriteOp};
use crate::store::people_choice::PeopleChoice;
use crate::store::{NewJob, Store, StoreError};

/// Somebody confirms that a message goes to so many.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub tenant: TenantId,
    pub id: RowId,
    pub people: i64,
    pub agent: AgentId,
    /// The kind of the job that sends.
    pub job: &'static str,
}

/// What became of a confirmation.
#[derive(Clone, Debug, PartialEq)]
pub enum Confirmed {
    Sending,
    /// They are so many now: nothing is sent until somebody confirms that number.
    Counted(i64),
    /// It was confirmed before.
    Already,
}

impl Store {
    pub async fn confirm_broadcast(&self, confirm: Confirm) -> Result<Confirmed, StoreError> {
        self.write(confirm).await
    }
}

impl WriteOp for Confirm {
    type Output = Confirmed;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Confirmed, StoreError> {
        let now = batch.now();
        // Taking the row first lets one of two confirmations through.
        sqlx::query("UPDATE broadcasts SET state = state WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        let found = find(batch.connection().await?, &self.tenant, &self.id).await?;
        let broadcast = found.ok_or(StoreError::NotFound("broadcast"))?;
        if broadcast.state != "draft" {
            return Ok(Confirmed::Already);
        }
        let known = match &broadcast.to {
            BroadcastTo::People { choice } => Some(self.people_of(batch, &broadcast, choice).await?),
            BroadcastTo::Everybody => {
                Some(self.people_of(batch, &broadcast, &PeopleChoice::default()).await?)
            }
            BroadcastTo::Audience { .. } => None,
        };
        let counted = match (&broadcast.to, &known) {
            (BroadcastTo::People { .. }, Some(known)) => i64::try_from(known.len()).unwrap_or(i64::MAX),
            _ => broadcast.people,
        };
        if counted != self.people || counted == 0 {
            self.recount(batch, counted).await?;
            return Ok(Confirmed::Counted(counted));
        }
        self.cut(batch, &broadcast, known.unwrap_or_default()).await?;
        sqlx::query(
            "UPDATE broadcasts SET state = 'sending', confirmed_by = $1, confirmed_at = $2 WHERE tenant_id = $3 AND id = $4",
        )
        .bind(self.agent.as_str().to_owned())
        .bind(now.0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        let job = NewJob {
            tenant: self.tenant.clone(),
            kind: self.job,
            dedupe: self.id.as_str().to_owned(),
            payload: serde_json::json!({ "broadcast": self.id }).to_string(),
            run_at: now,
        };
        job.run(batch).await?;
        Ok(Confirmed::Sending)
    }
}

impl Confirm {
    async fn people_of(
        &self,
        batch: &mut Batch<'_>,
        broadcast: &Broadcast,
        choice: &PeopleChoice,
    ) -> Result<Vec<String>, StoreError> {
        let now = batch.now();
        choice.ids(batch.connection().await?, (&self.tenant, &broadcast.account), now).await
    }

    async fn recount(&self, batch: &mut Batch<'_>, people: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE broadcasts SET people = $1 WHERE tenant_id = $2 AND id = $3")
            .bind(people)
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }

    /// One chunk for each call. A broadcast is one call, after which the conversations that we know are told.
    async fn cut(
        &self,
        batch: &mut Batch<'_>,
        broadcast: &Broadcast,
        known: Vec<String>,
    ) -> Result<(), StoreError> {
        let told = known.chunks(PEOPLE_A_CALL).map(<[String]>::to_vec);
        let chunks: Vec<(&str, Vec<String>, i64)> = match &broadcast.to {
            BroadcastTo::People { .. } => told
                .map(|people| (people.len() as i64, people))
                .map(|(n, people)| ("multicast", people, n))
                .collect(),
            BroadcastTo::Audience { .. } => vec![("narrowcast", Vec::new(), broadcast.people)],
            BroadcastTo::Everybody => std::iter::once(("broadcast", Vec::new(), broadcast.people))
                .chain(told.map(|people| ("tell", people, 0)))
                .collect(),
        };
        for (chunk, (way, people, count)) in (0i64..).zip(chunks) {
            let key: RowId = batch.new_id();
            sqlx::query(
                "INSERT INTO broadcast_chunks (tenant_id, broadcast_id, chunk, way, retry_key, people, count, state) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting')",
            )
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.as_str().to_owned())
            .bind(chunk)
            .bind(way)
            .bind(key.as_str().to_owned())
            .bind(serde_json::to_string(&people).map_err(StoreError::corrupt("people"))?)
            .bind(count)
            .execute(batch.connection().await?)
            .await?;
        }
        Ok(())
    }
}
