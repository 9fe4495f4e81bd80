//! Opening databases.

use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Connection, Row};
use tokio::sync::{Notify, broadcast};

use super::writer::Writer;
use super::{Database, Dialect, StoreError, migrate, refusal};
use crate::clock::Clock;
use crate::ids::Ids;

const READERS: u32 = 4;
/// Batches of committed events a live view may lag behind before it reads the log.
const COMMITTED_BACKLOG: usize = 4096;
/// SQLite before 3.51.3 can corrupt a WAL file when two connections write and checkpoint at once.
const OLDEST_SAFE_SQLITE: (u32, u32, u32) = (3, 51, 3);

const SQLITE_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; \
     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 16000;";

pub(super) async fn sqlite(path: &Path, clock: Clock, ids: Arc<Ids>) -> Result<Database, StoreError> {
    make_private(path)?;
    refuse_other_files(path)?;
    let url = sqlite_url(path);
    refuse_damaged(path, &url).await?;
    let writer = sqlite_pool(&url, 1).await?;
    refuse_unsafe_sqlite(&writer).await?;
    migrate::migrate(&writer, Dialect::Sqlite, &clock).await?;
    let readers = sqlite_pool(&url, READERS).await?;
    assemble(Dialect::Sqlite, readers, writer, clock, ids)
}

pub(super) async fn memory(clock: Clock, ids: Arc<Ids>) -> Result<Database, StoreError> {
    // One connection serves reads and writes: a second one would open another, empty memory.
    let pool = sqlite_pool("sqlite::memory:", 1).await?;
    migrate::migrate(&pool, Dialect::Sqlite, &clock).await?;
    assemble(Dialect::Sqlite, pool.clone(), pool, clock, ids)
}

pub(super) async fn postgres(url: &str, clock: Clock, ids: Arc<Ids>) -> Result<Database, StoreError> {
    install_drivers();
    let opening = AnyPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10));
    let owner = match opening.connect(url).await {
        Ok(owner) => owner,
        Err(error) => return Err(refusal::explain(url, reason(url, error).await)),
    };
    migrate::migrate(&owner, Dialect::Postgres, &clock).await?;
    owner.close().await;
    let readers = postgres_pool(url, READERS).await?;
    let writer = postgres_pool(url, 1).await?;
    assemble(Dialect::Postgres, readers, writer, clock, ids)
}

/// A pool that gave up does not say why: one more attempt does.
async fn reason(url: &str, error: sqlx::Error) -> sqlx::Error {
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return error;
    }
    let attempt = tokio::time::timeout(Duration::from_secs(5), sqlx::AnyConnection::connect(url)).await;
    match attempt {
        Ok(Err(reason)) => reason,
        Ok(Ok(_)) | Err(_) => error,
    }
}

fn assemble(
    dialect: Dialect,
    readers: AnyPool,
    writer: AnyPool,
    clock: Clock,
    ids: Arc<Ids>,
) -> Result<Database, StoreError> {
    let (committed, _) = broadcast::channel(COMMITTED_BACKLOG);
    let ready = Arc::new(Notify::new());
    let outbox = Arc::new(Notify::new());
    let standing = Arc::new(OnceLock::new());
    let signals = super::writer::Signals {
        ready: Arc::clone(&ready),
        outbox: Arc::clone(&outbox),
        committed: committed.clone(),
        standing: Arc::clone(&standing),
    };
    let writer = Writer::start(dialect, writer, clock.clone(), Arc::clone(&ids), signals)?;
    Ok(Database { dialect, readers, writer, clock, ids, ready, outbox, committed, standing })
}

/// Leaves the database to its owner alone: it holds what customers wrote. SQLite gives its log the mode of the file.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(StoreError::Unusable(format!(
                "{} cannot be made ({error}): check that its folder is there and can be written to",
                path.display()
            )));
        }
    }
    #[cfg(unix)]
    for ending in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        if let Err(error) = close_to_others(Path::new(&file)) {
            tracing::warn!(file = %file.display(), %error, "others may read the database: its mode cannot be changed");
        }
    }
    Ok(())
}

/// A pool tries for ten seconds to open what will never be a database.
fn refuse_other_files(path: &Path) -> Result<(), StoreError> {
    /// The first bytes of every database file (sqlite.org/fileformat.html, 1.3.1).
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut first = Vec::with_capacity(MAGIC.len());
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut first));
    match read {
        Ok(_) if first.is_empty() || first == MAGIC => Ok(()),
        Ok(_) => Err(StoreError::Unusable(format!(
            "{} is not a SQLite database, or its beginning is damaged: move it away, or put a copy of the database in \
             its place",
            path.display()
        ))),
        Err(error) => Err(StoreError::Unusable(format!(
            "{} cannot be read ({error}): check its owner and mode",
            path.display()
        ))),
    }
}

/// One connection says at once what is wrong; a pool would try again until it gave up without a reason.
async fn refuse_damaged(path: &Path, url: &str) -> Result<(), StoreError> {
    install_drivers();
    let opened = async {
        let mut connection = sqlx::AnyConnection::connect(url).await?;
        sqlx::raw_sql("PRAGMA schema_version; SELECT count(*) FROM sqlite_schema")
            .execute(&mut connection)
            .await?;
        connection.close().await
    };
    opened.await.map_err(|error| {
        StoreError::Unusable(format!(
            "{} cannot be opened ({error}): check that its disk has room and is sound, or put a copy of the database in \
             its place",
            path.display()
        ))
    })
}

#[cfg(unix)]
fn close_to_others(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = match file.metadata() {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // Six bits of group and others.
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    std::fs::set_permissions(file, PermissionsExt::from_mode(0o600))
}

/// sqlx decodes the path of a URL and ends it at the question mark.
fn sqlite_url(path: &Path) -> String {
    let path = path.display().to_string().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}?mode=rwc")
}

async fn sqlite_pool(url: &str, connections: u32) -> Result<AnyPool, StoreError> {
    install_drivers();
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::raw_sql(SQLITE_SETTINGS).execute(connection).await.map(drop) })
        })
        .connect(url)
        .await?;
    Ok(pool)
}

async fn postgres_pool(url: &str, connections: u32) -> Result<AnyPool, StoreError> {
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql("SET ROLE sala_app; SET idle_in_transaction_session_timeout = '30s'")
                    .execute(connection)
                    .await
                    .map(drop)
            })
        })
        .connect(url)
        .await?;
    Ok(pool)
}

fn install_drivers() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(sqlx::any::install_default_drivers);
}

async fn refuse_unsafe_sqlite(pool: &AnyPool) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT sqlite_version()").fetch_one(pool).await?;
    let version: String = row.try_get(0)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let mut next = || parts.next().unwrap_or_default();
    let found = (next(), next(), next());
    if found < OLDEST_SAFE_SQLITE {
        return Err(StoreError::Unusable(format!(
            "SQLite {version} has the WAL-reset fault; 3.51.3 or later is needed"
        )));
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[track_caller]
    fn check(folder: &Path) {
        for ending in ["", "-wal", "-shm"] {
            let file = folder.join(format!("sala.db{ending}"));
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
    }

    #[tokio::test]
    async fn the_files_of_the_database_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sala.db");
        let _first = sqlite(&path, Clock::System, Arc::new(Ids::Random)).await.unwrap();
        check(folder.path());
        // One that an earlier version left open to others is closed at the next start.
        for ending in ["", "-wal", "-shm"] {
            let open = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(folder.path().join(format!("sala.db{ending}")), open).unwrap();
        }
        let _second = sqlite(&path, Clock::System, Arc::new(Ids::Random)).await.unwrap();
        check(folder.path());
    }

    /// `damage` changes the bytes of a database that was just made.
    #[track_caller]
    fn check_refusal(damage: fn(&mut Vec<u8>), expected: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sala.db");
        runtime.block_on(async {
            install_drivers();
            let mut connection = sqlx::AnyConnection::connect(&sqlite_url(&path)).await.unwrap();
            sqlx::raw_sql("CREATE TABLE notes (text TEXT)").execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, &bytes).unwrap();
        let opened = runtime.block_on(sqlite(&path, Clock::System, Arc::new(Ids::Random)));
        let said = opened.err().unwrap().to_string();
        assert!(said.contains(expected), "{said}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "a refusal changes nothing");
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_by_name() {
        check_refusal(|bytes| *bytes = b"hello, this is a note\n".to_vec(), "is not a SQLite database");
        check_refusal(|bytes| bytes[16..100].fill(0xff), "sala.db cannot be opened");
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let opened =
            sqlite(&folder.path().join("nowhere/sala.db"), Clock::System, Arc::new(Ids::Random)).await;
        let said = opened.err().unwrap().to_string();
        assert!(said.contains("nowhere/sala.db cannot be made"), "{said}");
    }
}
