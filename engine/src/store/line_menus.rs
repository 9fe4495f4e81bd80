//! Rich menus as people draw them, and how far LINE has them.

use channels::line::menu::Menu;
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, RowId, TenantId};

/// A rich menu of an account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineMenu {
    #[serde(skip)]
    pub tenant: TenantId,
    pub id: RowId,
    #[serde(skip)]
    pub account: ChannelAccountId,
    pub menu: Menu,
    /// The blob of its picture.
    pub picture: Option<String>,
    /// `draft`, `uploading`, `live` or `refused`.
    pub state: String,
    /// LINE's own words, where it refused the newest revision.
    pub reason: Option<String>,
    /// LINE's name of the revision that it shows.
    pub platform_id: Option<String>,
    pub revision: i64,
    pub is_default: bool,
    #[serde(serialize_with = "Micros::in_millis")]
    pub updated_at: Micros,
}

/// What LINE made of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uploaded {
    Live { platform_id: String },
    Refused { reason: String },
}

const COLUMNS: &str =
    "id, channel_account_id, menu, picture, state, reason, platform_id, revision, is_default, updated_at";

fn read(row: &AnyRow, tenant: &TenantId) -> Result<LineMenu, StoreError> {
    Ok(LineMenu {
        tenant: tenant.clone(),
        id: row.id(0)?,
        account: row.id(1)?,
        menu: row.json(2, "menu")?,
        picture: row.try_get(3)?,
        state: row.try_get(4)?,
        reason: row.try_get(5)?,
        platform_id: row.try_get(6)?,
        revision: row.try_get(7)?,
        is_default: row.flag(8)?,
        updated_at: row.time(9)?,
    })
}

impl Store {
    /// The menus of an account by their names.
    pub async fn line_menus(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<Vec<LineMenu>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM line_menus WHERE tenant_id = $1 AND channel_account_id = $2 ORDER BY name"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(|row| read(row, tenant)).collect()
    }

    /// Stores a menu as a draft: a new one, or a new revision of the account's menu of this name.
    pub async fn draft_line_menu(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        menu: Menu,
    ) -> Result<RowId, StoreError> {
        self.write(Draft { tenant: tenant.clone(), account: account.clone(), menu }).await
    }

    /// Changes a menu that is there; its name may change, too. [`StoreError::NotFound`] without one, or
    /// where another menu has the name.
    pub async fn change_line_menu(&self, menu: &LineMenu) -> Result<(), StoreError> {
        self.write(Change(menu.clone())).await
    }

    /// Gives a menu another picture.
    pub async fn put_line_menu_picture(&self, menu: &LineMenu, blob: &RowId) -> Result<(), StoreError> {
        self.write(Change(LineMenu { picture: Some(blob.as_str().to_owned()), ..menu.clone() })).await
    }

    /// The newest revision is on its way to LINE.
    pub async fn line_menu_uploading(&self, menu: &LineMenu) -> Result<(), StoreError> {
        self.write(Settle { menu: menu.clone(), outcome: None }).await
    }

    /// Notes what LINE made of a revision; one that was changed meanwhile stays a draft.
    pub async fn settle_line_menu(&self, menu: &LineMenu, outcome: Uploaded) -> Result<(), StoreError> {
        self.write(Settle { menu: menu.clone(), outcome: Some(outcome) }).await
    }

    /// Which menu everybody sees; none where nobody does.
    pub async fn default_line_menu(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        menu: Option<&RowId>,
    ) -> Result<(), StoreError> {
        let id = menu.map(|id| id.as_str().to_owned()).unwrap_or_default();
        self.write(Default { tenant: tenant.clone(), account: account.clone(), id }).await
    }

    pub async fn remove_line_menu(&self, menu: &LineMenu) -> Result<(), StoreError> {
        self.write(Remove(menu.clone())).await
    }
}

fn to_json(menu: &Menu) -> Result<String, StoreError> {
    serde_json::to_string(menu).map_err(StoreError::corrupt("menu"))
}

struct Draft {
    tenant: TenantId,
    account: ChannelAccountId,
    menu: Menu,
}

impl WriteOp for Draft {
    type Output = RowId;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<RowId, StoreError> {
        let (id, now): (RowId, Micros) = (batch.new_id(), batch.now());
        let row = sqlx::query(
            "INSERT INTO line_menus (tenant_id, id, channel_account_id, name, menu, state, revision, is_default, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, $5, 'draft', 1, 0, $6, $6) \
             ON CONFLICT (tenant_id, channel_account_id, name) DO UPDATE SET menu = excluded.menu, state = 'draft', \
             reason = NULL, revision = line_menus.revision + 1, updated_at = excluded.updated_at RETURNING id",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.menu.name.clone())
        .bind(to_json(&self.menu)?)
        .bind(now.0)
        .fetch_one(batch.connection().await?)
        .await?;
        Ok(RowId::from_text(row.try_get::<String, _>(0)?))
    }
}

struct Change(LineMenu);

impl WriteOp for Change {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let (menu, now) = (&self.0, batch.now());
        let changed = sqlx::query(
            "UPDATE line_menus SET name = $1, menu = $2, picture = $3, state = 'draft', reason = NULL, \
             revision = revision + 1, updated_at = $4 WHERE tenant_id = $5 AND id = $6 AND NOT EXISTS \
             (SELECT 1 FROM line_menus o WHERE o.tenant_id = $5 AND o.channel_account_id = line_menus.channel_account_id \
              AND o.name = $1 AND o.id <> $6)",
        )
        .bind(menu.menu.name.clone())
        .bind(to_json(&menu.menu)?)
        .bind(menu.picture.clone())
        .bind(now.0)
        .bind(menu.tenant.as_str().to_owned())
        .bind(menu.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound("menu")) }
    }
}

struct Settle {
    menu: LineMenu,
    /// None while it is on its way.
    outcome: Option<Uploaded>,
}

impl WriteOp for Settle {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.menu.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let (state, platform_id, reason) = match &self.outcome {
            None => ("uploading", None, None),
            Some(Uploaded::Live { platform_id }) => ("live", Some(platform_id.clone()), None),
            Some(Uploaded::Refused { reason }) => ("refused", None, Some(reason.clone())),
        };
        sqlx::query(
            "UPDATE line_menus SET state = CASE WHEN revision = $1 THEN $2 ELSE state END, \
             reason = CASE WHEN revision = $1 THEN $3 ELSE reason END, platform_id = COALESCE($4, platform_id) \
             WHERE tenant_id = $5 AND id = $6",
        )
        .bind(self.menu.revision)
        .bind(state)
        .bind(reason)
        .bind(platform_id)
        .bind(self.menu.tenant.as_str().to_owned())
        .bind(self.menu.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct Default {
    tenant: TenantId,
    account: ChannelAccountId,
    id: String,
}

impl WriteOp for Default {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE line_menus SET is_default = CASE WHEN id = $1 THEN 1 ELSE 0 END \
             WHERE tenant_id = $2 AND channel_account_id = $3",
        )
        .bind(self.id.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct Remove(LineMenu);

impl WriteOp for Remove {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM line_menus WHERE tenant_id = $1 AND id = $2")
            .bind(self.0.tenant.as_str().to_owned())
            .bind(self.0.id.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }
}
