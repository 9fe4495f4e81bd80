//! Audiences that LINE keeps for us, and its figures as it told them.

use serde::Serialize;
use serde_json::Value;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::people_choice::PeopleChoice;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, RowId, TenantId};

/// An audience that was made here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineAudience {
    #[serde(skip)]
    pub tenant: TenantId,
    pub id: RowId,
    pub name: String,
    pub choice: PeopleChoice,
    pub people: i64,
    /// LINE's number of it.
    pub group_id: Option<i64>,
    /// `making`, `ready` or `refused`.
    pub state: String,
    pub reason: Option<String>,
    #[serde(serialize_with = "Micros::in_millis")]
    pub created_at: Micros,
}

impl Store {
    /// The audiences of an account, newest first.
    pub async fn line_audiences(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<Vec<LineAudience>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT id, name, choice, people, group_id, state, reason, created_at FROM line_audiences \
             WHERE tenant_id = $1 AND channel_account_id = $2 ORDER BY created_at DESC, id DESC LIMIT 200",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(LineAudience {
                    tenant: tenant.clone(),
                    id: row.id(0)?,
                    name: row.try_get(1)?,
                    choice: row.json(2, "choice")?,
                    people: row.try_get(3)?,
                    group_id: row.try_get(4)?,
                    state: row.try_get(5)?,
                    reason: row.try_get(6)?,
                    created_at: row.time(7)?,
                })
            })
            .collect()
    }

    /// Notes an audience that is to be made of so many.
    pub async fn add_line_audience(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        (name, people): (&str, i64),
        choice: PeopleChoice,
    ) -> Result<RowId, StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(Add { tenant, account, name: name.to_owned(), people, choice }).await
    }

    /// Notes how LINE stands to an audience.
    pub async fn settle_line_audience(
        &self,
        audience: &LineAudience,
        (state, group_id): (&'static str, Option<i64>),
        reason: Option<String>,
    ) -> Result<(), StoreError> {
        let (tenant, id) = (audience.tenant.clone(), audience.id.clone());
        self.write(Settle { tenant, id, state: Some(state), group_id, reason }).await
    }

    pub async fn remove_line_audience(&self, audience: &LineAudience) -> Result<(), StoreError> {
        let (tenant, id) = (audience.tenant.clone(), audience.id.clone());
        self.write(Settle { tenant, id, state: None, group_id: None, reason: None }).await
    }

    /// What LINE said of a figure of a day, and when.
    pub async fn line_figure(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        (figure, day): (&str, &str),
    ) -> Result<Option<(Value, Micros)>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT answer, asked_at FROM line_figures WHERE tenant_id = $1 AND channel_account_id = $2 AND figure = $3 AND day = $4",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(figure.to_owned())
        .bind(day.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        row.map(|row| {
            let answer = serde_json::from_str(&row.try_get::<String, _>(0)?);
            Ok((answer.map_err(StoreError::corrupt("figure"))?, Micros(row.try_get(1)?)))
        })
        .transpose()
    }

    pub async fn put_line_figure(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        (figure, day): (&str, &str),
        answer: &Value,
    ) -> Result<(), StoreError> {
        self.write(PutFigure {
            tenant: tenant.clone(),
            account: account.clone(),
            figure: figure.to_owned(),
            day: day.to_owned(),
            answer: answer.to_string(),
        })
        .await
    }
}

struct Add {
    tenant: TenantId,
    account: ChannelAccountId,
    name: String,
    people: i64,
    choice: PeopleChoice,
}

impl WriteOp for Add {
    type Output = RowId;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<RowId, StoreError> {
        let (id, now): (RowId, Micros) = (batch.new_id(), batch.now());
        sqlx::query(
            "INSERT INTO line_audiences (tenant_id, id, channel_account_id, name, choice, people, state, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'making', $7)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.name.clone())
        .bind(serde_json::to_string(&self.choice).map_err(StoreError::corrupt("choice"))?)
        .bind(self.people)
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(id)
    }
}

struct Settle {
    tenant: TenantId,
    id: RowId,
    /// None removes it.
    state: Option<&'static str>,
    group_id: Option<i64>,
    reason: Option<String>,
}

impl WriteOp for Settle {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let Some(state) = self.state else {
            sqlx::query("DELETE FROM line_audiences WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.as_str().to_owned())
                .bind(self.id.as_str().to_owned())
                .execute(batch.connection().await?)
                .await?;
            return Ok(());
        };
        sqlx::query(
            "UPDATE line_audiences SET state = $1, group_id = COALESCE($2, group_id), reason = $3 \
             WHERE tenant_id = $4 AND id = $5",
        )
        .bind(state)
        .bind(self.group_id)
        .bind(self.reason.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct PutFigure {
    tenant: TenantId,
    account: ChannelAccountId,
    figure: String,
    day: String,
    answer: String,
}

impl WriteOp for PutFigure {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO line_figures (tenant_id, channel_account_id, figure, day, answer, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, channel_account_id, figure, day) \
             DO UPDATE SET answer = excluded.answer, asked_at = excluded.asked_at",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.figure.clone())
        .bind(self.day.clone())
        .bind(self.answer.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
