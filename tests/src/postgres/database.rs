//! A database of one test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use engine::clock::Clock;
use engine::ids::Ids;
use engine::store::Store;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::cluster;

/// A database that is dropped, with whatever is still connected to it, when this value is.
pub struct TestDatabase {
    cluster: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    /// Creates an empty one. The caller has asked [`crate::need`] for `postgres`.
    pub async fn create() -> Self {
        let mut connection = connect(&cluster_options()).await;
        Self::named(&mut connection, "").await
    }

    /// Creates one with this program's schema, copied from a template that the first test makes.
    pub async fn migrated() -> Self {
        let cluster = cluster_options();
        let mut connection = connect(&cluster).await;
        let template = template(&cluster, &mut connection).await;
        Self::named(&mut connection, &format!("TEMPLATE {template}")).await
    }

    async fn named(connection: &mut PgConnection, how: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mut random = [0u8; 4];
        engine::ids::random_bytes(&mut random);
        let random = engine::secrets::hex(&random);
        let name =
            format!("sala_test_{}_{}_{random}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(connection, format!("CREATE DATABASE {name} {how}")).await;
        Self { cluster: cluster_options(), name }
    }

    /// The address for the store.
    pub fn url(&self) -> String {
        url(&self.cluster, &self.name)
    }

    /// A connection of the user who owns the schema.
    pub async fn connect(&self) -> PgConnection {
        connect(&self.cluster.clone().database(&self.name)).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (cluster, sql) =
            (self.cluster.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // Dropping happens within a run time, which cannot be waited on; a thread can.
        let dropping = std::thread::spawn(move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = cluster.connect().await?;
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
                connection.close().await?;
                Ok(())
            })
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the database {} could not be dropped: {error:#}", self.name),
            Err(_) => eprintln!("the database {} could not be dropped", self.name),
        }
    }
}

fn cluster_options() -> PgConnectOptions {
    let address = cluster::address().unwrap_or_else(|error| panic!("no PostgreSQL cluster: {error:#}"));
    address.parse().expect("the cluster's address can be read")
}

fn url(cluster: &PgConnectOptions, database: &str) -> String {
    cluster.clone().database(database).to_url_lossy().to_string()
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    options.connect().await.expect("the cluster takes a connection")
}

async fn run(connection: &mut PgConnection, sql: String) {
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(connection).await;
    outcome.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The template of this very program: another build may bring another schema.
async fn template(cluster: &PgConnectOptions, connection: &mut PgConnection) -> String {
    let name = format!("sala_template_{:x}", build());
    // Tests of other processes wait here until the template is there; the lock ends with the connection.
    run(connection, "SELECT pg_advisory_lock(7274497)".to_owned()).await;
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut *connection);
    if found.await.expect("databases can be listed").is_none() {
        let making = format!("{name}_making");
        run(connection, format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await;
        run(connection, format!("CREATE DATABASE {making}")).await;
        let store =
            Store::open_postgres(&url(cluster, &making), Clock::fixed(crate::START), Arc::new(Ids::Random))
                .await;
        drop(store.expect("a new database can be migrated"));
        let leave =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{making}'");
        run(connection, leave).await;
        run(connection, format!("ALTER DATABASE {making} RENAME TO {name}")).await;
    }
    run(connection, "SELECT pg_advisory_unlock(7274497)".to_owned()).await;
    name
}

/// When this program was built, in nanoseconds since 1970.
fn build() -> u128 {
    let program = std::env::current_exe().and_then(std::fs::metadata).and_then(|program| program.modified());
    program.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos())
}
