//! Jobs: long work as rows, claimed under a lease, with progress.

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{RowId, TenantId};

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Not begun, or to be tried again at `run_at`.
    Again {
        at: Micros,
        error: String,
    },
    Done,
}

/// Work to be done once; an unfinished job of the same kind and dedupe key swallows a new one.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub tenant: TenantId,
    pub kind: &'static str,
    pub dedupe: String,
    /// JSON.
    pub payload: String,
    pub run_at: Micros,
}

#[derive(Clone, Debug, Serialize)]
pub struct Job {
    pub tenant: TenantId,
    pub id: RowId,
    pub kind: String,
    pub payload: String,
    pub state: String,
    pub progress: i64,
    pub total: i64,
    pub attempts: i64,
    pub last_error: Option<String>,
}

const COLUMNS: &str = "tenant_id, id, kind, payload, state, progress, total, attempts, last_error";

fn read(row: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        tenant: row.id(0)?,
        id: row.id(1)?,
        kind: row.try_get(2)?,
        payload: row.try_get(3)?,
        state: row.try_get(4)?,
        progress: row.try_get(5)?,
        total: row.try_get(6)?,
        attempts: row.try_get(7)?,
        last_error: row.try_get(8)?,
    })
}

impl Store {
    pub async fn add_job(&self, job: NewJob) -> Result<(), StoreError> {
        self.write(job).await
    }

    /// Takes the job of a lane that has been due longest, if any.
    pub async fn claim_job(&self, lane: JobLane, lease_millis: u64) -> Result<Option<Job>, StoreError> {
        self.claim_job_of_others(lane, lease_millis, &[]).await
    }

    /// The same among the jobs of all other tenants than these.
    pub async fn claim_job_of_others(
        &self,
        lane: JobLane,
        lease_millis: u64,
        than: &[TenantId],
    ) -> Result<Option<Job>, StoreError> {
        self.write(ClaimJob { lane, lease_millis, than: than.to_vec() }).await
    }

    /// Records how far a job is and keeps its lease. [`StoreError::Fenced`] when another worker has claimed it since.
    pub async fn report_job(
        &self,
        job: &Job,
        progress: i64,
        total: i64,
        lease_millis: u64,
    ) -> Result<(), StoreError> {
        self.write(ReportJob { job: job.clone(), progress, total, lease_millis }).await
    }

    /// Ends an attempt at a job. [`StoreError::Fenced`] when another worker has claimed it since.
    pub async fn finish_job(&self, job: &Job, state: JobState) -> Result<(), StoreError> {
        self.write(FinishJob { job: job.clone(), state }).await
    }

    /// The newest jobs of a tenant.
    pub async fn jobs(&self, tenant: &TenantId, limit: i64) -> Result<Vec<Job>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql =
            format!("SELECT {COLUMNS} FROM jobs WHERE tenant_id = $1 ORDER BY created_at DESC LIMIT $2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(read).collect()
    }
}

impl WriteOp for NewJob {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let id: RowId = batch.new_id();
        let now = batch.now();
        sqlx::query(
            "INSERT INTO jobs (tenant_id, id, kind, dedupe, payload, state, progress, total, attempts, run_at, lease_until, \
             created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', 0, 0, 0, $6, 0, $7) \
             ON CONFLICT (tenant_id, kind, dedupe) WHERE state <> 'done' DO NOTHING",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .bind(self.kind)
        .bind(self.dedupe.clone())
        .bind(self.payload.clone())
        .bind(self.run_at.0)
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

/// Adds a job in the place of an unfinished one of the same kind and dedupe key. One that is under way is fenced, and done
/// again with what is wanted now.
pub(super) async fn put(batch: &mut Batch<'_>, job: &NewJob) -> Result<(), StoreError> {
    let (id, now): (RowId, Micros) = (batch.new_id(), batch.now());
    sqlx::query(
        "INSERT INTO jobs (tenant_id, id, kind, dedupe, payload, state, progress, total, attempts, run_at, lease_until, \
         created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', 0, 0, 0, $6, 0, $7) \
         ON CONFLICT (tenant_id, kind, dedupe) WHERE state <> 'done' DO UPDATE SET payload = excluded.payload, \
         run_at = excluded.run_at, attempts = jobs.attempts + 1, lease_until = 0",
    )
    .bind(job.tenant.as_str().to_owned())
    .bind(id.as_str().to_owned())
    .bind(job.kind)
    .bind(job.dedupe.clone())
    .bind(job.payload.clone())
    .bind(job.run_at.0)
    .bind(now.0)
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

/// Jobs that do not wait for each other: a file must be fetched while a bot learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobLane {
    /// What needs nobody but the store, in its order.
    Short,
    Long,
    /// What goes to LINE in many calls.
    Line,
    /// Files that people sent.
    Media,
    /// Short questions to the platforms.
    Platform,
}

impl JobLane {
    pub const ALL: [Self; 5] = [Self::Short, Self::Long, Self::Line, Self::Media, Self::Platform];

    fn condition(self) -> &'static str {
        match self {
            Self::Short => "kind = 'echo'",
            Self::Media => "kind = 'fetch_media'",
            Self::Platform => "kind IN ('fetch_profile', 'look_at_account', 'ask_quota', 'fetch_templates')",
            Self::Line => "kind LIKE 'line/_%' ESCAPE '/'",
            Self::Long => {
                "kind NOT IN ('fetch_media', 'fetch_profile', 'echo', 'look_at_account', 'ask_quota', \
                 'fetch_templates') AND kind NOT LIKE 'line/_%' ESCAPE '/'"
            }
        }
    }
}

struct ClaimJob {
    lane: JobLane,
    lease_millis: u64,
    than: Vec<TenantId>,
}

impl WriteOp for ClaimJob {
    type Output = Option<Job>;

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Option<Job>, StoreError> {
        let now = batch.now();
        super::claim::as_claimer(batch, true).await?;
        let others: Vec<String> =
            (0..self.than.len()).map(|place| format!(" AND tenant_id <> ${}", place + 2)).collect();
        let due = format!(
            "SELECT tenant_id, id FROM jobs WHERE state = 'waiting' AND run_at <= $1 AND lease_until < $1 AND {}{} \
             ORDER BY run_at LIMIT 1{}",
            self.lane.condition(),
            others.concat(),
            super::lock_order::skip_locked(batch.dialect)
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(due)).bind(now.0);
        for tenant in &self.than {
            query = query.bind(tenant.as_str().to_owned());
        }
        let found = query.fetch_optional(batch.connection().await?).await?;
        super::claim::as_claimer(batch, false).await?;
        let Some(found) = found else { return Ok(None) };
        let tenant = TenantId::from_text(found.try_get::<String, _>(0)?);
        batch.admit([tenant.clone()]).await?;
        let sql = format!(
            "UPDATE jobs SET lease_until = $1, attempts = attempts + 1 WHERE tenant_id = $2 AND id = $3 \
             AND state = 'waiting' AND lease_until < $4 RETURNING {COLUMNS}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now.plus_millis(self.lease_millis).0)
            .bind(tenant.as_str().to_owned())
            .bind(found.try_get::<String, _>(1)?)
            .bind(now.0)
            .fetch_optional(batch.connection().await?)
            .await?;
        row.as_ref().map(read).transpose()
    }
}

struct ReportJob {
    job: Job,
    progress: i64,
    total: i64,
    lease_millis: u64,
}

impl WriteOp for ReportJob {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.job.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let lease_until = batch.now().plus_millis(self.lease_millis);
        let changed = sqlx::query(
            "UPDATE jobs SET progress = $1, total = $2, lease_until = $3 \
             WHERE tenant_id = $4 AND id = $5 AND attempts = $6 AND state = 'waiting'",
        )
        .bind(self.progress)
        .bind(self.total)
        .bind(lease_until.0)
        .bind(self.job.tenant.as_str().to_owned())
        .bind(self.job.id.as_str().to_owned())
        .bind(self.job.attempts)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if changed == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }
}

struct FinishJob {
    job: Job,
    state: JobState,
}

impl WriteOp for FinishJob {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.job.tenant.clone()]
    }

    /// Each claim counts an attempt, so the count tells whose claim is the latest.
    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let (state, run_at, error, done_at) = match &self.state {
            JobState::Again { at, error } => ("waiting", *at, Some(error.clone()), None),
            JobState::Done => ("done", now, None, Some(now.0)),
        };
        let changed = sqlx::query(
            "UPDATE jobs SET state = $1, run_at = $2, last_error = $3, done_at = $4, lease_until = 0 \
             WHERE tenant_id = $5 AND id = $6 AND attempts = $7 AND state = 'waiting'",
        )
        .bind(state)
        .bind(run_at.0)
        .bind(error)
        .bind(done_at)
        .bind(self.job.tenant.as_str().to_owned())
        .bind(self.job.id.as_str().to_owned())
        .bind(self.job.attempts)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if changed == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }
}
