//! Migrations: numbered SQL files, each with a common text and, where needed, a part for one dialect.

use sqlx::{AnyPool, Connection, Row};

use super::{Dialect, StoreError};
use crate::clock::Clock;

struct Migration {
    version: i64,
    common: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        common: include_str!("../../migrations/0001_foundation.sql"),
        sqlite: include_str!("../../migrations/0001_foundation_sqlite.sql"),
        postgres: include_str!("../../migrations/0001_foundation_postgres.sql"),
    },
    Migration {
        version: 2,
        common: include_str!("../../migrations/0002_account_events.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0002_account_events_postgres.sql"),
    },
    Migration {
        version: 3,
        common: include_str!("../../migrations/0003_message_words.sql"),
        sqlite: include_str!("../../migrations/0003_message_words_sqlite.sql"),
        postgres: include_str!("../../migrations/0003_message_words_postgres.sql"),
    },
    Migration {
        version: 4,
        common: include_str!("../../migrations/0004_conversation_events.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 5,
        common: include_str!("../../migrations/0005_channels.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0005_channels_postgres.sql"),
    },
    Migration {
        version: 6,
        common: include_str!("../../migrations/0006_outbox_planned_at.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 7,
        common: include_str!("../../migrations/0007_people.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0007_people_postgres.sql"),
    },
    Migration {
        version: 8,
        common: include_str!("../../migrations/0008_account_care.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0008_account_care_postgres.sql"),
    },
    Migration {
        version: 9,
        common: include_str!("../../migrations/0009_line.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0009_line_postgres.sql"),
    },
    Migration {
        version: 10,
        common: include_str!("../../migrations/0010_words.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0010_words_postgres.sql"),
    },
    Migration {
        version: 11,
        common: include_str!("../../migrations/0011_account_proofs.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0011_account_proofs_postgres.sql"),
    },
    Migration {
        version: 12,
        common: include_str!("../../migrations/0012_offers.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 13,
        common: include_str!("../../migrations/0013_broadcast_names.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 14,
        common: include_str!("../../migrations/0014_brought_files.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 15,
        common: include_str!("../../migrations/0015_signals.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 16,
        common: include_str!("../../migrations/0016_models.sql"),
        sqlite: "",
        postgres: include_str!("../../migrations/0016_models_postgres.sql"),
    },
];

/// Brings the schema up to date; each migration is one transaction. A schema newer than this program is refused.
pub(super) async fn migrate(pool: &AnyPool, dialect: Dialect, clock: &Clock) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    let mut transaction = match dialect {
        Dialect::Sqlite => connection.begin_with("BEGIN IMMEDIATE").await?,
        Dialect::Postgres => {
            let mut transaction = connection.begin().await?;
            // Several nodes may start at once: the first one migrates.
            sqlx::query("SELECT pg_advisory_xact_lock(7274496)").execute(&mut *transaction).await?;
            transaction
        }
    };
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)")
        .execute(&mut *transaction)
        .await?;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM schema_migrations")
        .fetch_one(&mut *transaction)
        .await?;
    let current: i64 = row.try_get(0)?;
    let newest = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if current > newest {
        return Err(StoreError::Unusable(format!(
            "its schema is version {current}, this program knows {newest}: use the newer program"
        )));
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > current) {
        let own = match dialect {
            Dialect::Sqlite => migration.sqlite,
            Dialect::Postgres => migration.postgres,
        };
        sqlx::raw_sql(migration.common).execute(&mut *transaction).await?;
        sqlx::raw_sql(own).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO schema_migrations (version, applied_at) VALUES ($1, $2)")
            .bind(migration.version)
            .bind(clock.now().0)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}
