//! Blobs: media and exports as files under random names, each known by a row of its tenant.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::clock::Micros;
use crate::ids::{RowId, TenantId, random_bytes};
use crate::secrets::hex;
use crate::store::{BlobRow, Store, StoreError};

/// How long a file waits for the message that names it.
const AWAITED: i64 = 2 * 3_600 * Micros::SECOND;

/// Why a blob cannot be stored or read, by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// Refuse the file and say how much is allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// The disk failed: try again later.
    #[error("the blob folder failed: {0}")]
    Disk(#[from] std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes are not what was stored: the file is damaged.
    #[error("the stored file is damaged")]
    Damaged,
}

/// A stored file with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub mime: String,
    pub bytes: Vec<u8>,
}

/// The blob store. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    folder: Arc<Path>,
    store: Store,
    max_bytes: usize,
}

impl Blobs {
    /// Keeps files in `folder`, none larger than `max_bytes`.
    pub fn new(folder: PathBuf, store: Store, max_bytes: usize) -> Self {
        Self { folder: folder.into(), store, max_bytes }
    }

    /// Stores a file and returns its id: 128 random bits, so that no id can be guessed from another. The file is on
    /// the disk before its row is.
    pub async fn put(&self, tenant: &TenantId, mime: &str, bytes: Vec<u8>) -> Result<RowId, BlobError> {
        self.store_file(tenant, mime, bytes, None).await
    }

    /// The same for a file that a message is to name: it is let go two hours later unless it was [claimed](Self::claim).
    pub async fn put_for_message(
        &self,
        tenant: &TenantId,
        mime: &str,
        bytes: Vec<u8>,
    ) -> Result<RowId, BlobError> {
        let until = Micros(self.store.clock().now().0 + AWAITED);
        self.store_file(tenant, mime, bytes, Some(until)).await
    }

    /// Keeps files that a message names; false where one of them was let go.
    pub async fn claim(&self, tenant: &TenantId, ids: &[RowId]) -> Result<bool, StoreError> {
        self.store.claim_blobs(tenant, ids).await
    }

    /// Lets go what no message has named in time; returns how many files.
    pub async fn let_go(&self, tenant: &TenantId) -> Result<usize, BlobError> {
        let gone = self.store.drop_unclaimed_blobs(tenant).await?;
        let paths: Vec<PathBuf> = gone.iter().map(|id| self.path(id)).collect();
        in_background(move || paths.iter().try_for_each(std::fs::remove_file)).await?;
        Ok(gone.len())
    }

    async fn store_file(
        &self,
        tenant: &TenantId,
        mime: &str,
        bytes: Vec<u8>,
        awaited_until: Option<Micros>,
    ) -> Result<RowId, BlobError> {
        if bytes.len() > self.max_bytes {
            return Err(BlobError::TooLarge { limit: self.max_bytes });
        }
        let id = new_id();
        let row = BlobRow {
            tenant: tenant.clone(),
            id: id.clone(),
            sha256: hex(&Sha256::digest(&bytes)),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            mime: mime.to_owned(),
            awaited_until,
        };
        let path = self.path(&id);
        let written = path.clone();
        in_background(move || write_whole(&written, &bytes)).await?;
        if let Err(error) = self.store.add_blob(row).await {
            // Without its row nobody can ever ask for the file.
            in_background(move || std::fs::remove_file(path)).await.ok();
            return Err(error.into());
        }
        Ok(id)
    }

    /// Reads a file of this tenant; none when there is no such file or it is another tenant's.
    pub async fn get(&self, tenant: &TenantId, id: &RowId) -> Result<Option<Blob>, BlobError> {
        // Only rows we made have files, so the id is one of ours and no path of somebody else's making.
        let Some(row) = self.store.blob(tenant, id).await? else { return Ok(None) };
        let path = self.path(&row.id);
        let bytes = in_background(move || std::fs::read(path)).await?;
        if hex(&Sha256::digest(&bytes)) != row.sha256 {
            return Err(BlobError::Damaged);
        }
        Ok(Some(Blob { mime: row.mime, bytes }))
    }

    /// Two levels of 256 folders each keep every folder small.
    fn path(&self, id: &RowId) -> PathBuf {
        let id = id.as_str();
        let level = |range: std::ops::Range<usize>| id.get(range).unwrap_or("00");
        self.folder.join(level(0..2)).join(level(2..4)).join(id)
    }
}

fn new_id() -> RowId {
    let mut bits = [0u8; 16];
    random_bytes(&mut bits);
    RowId::from_text(hex(&bits))
}

/// Runs disk work apart from the tasks that must answer quickly.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

/// Writes beside, makes it durable, then gives it its name: a file that has its name is whole.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let beside = path.with_extension("part");
    let result = write_durably(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if result.is_err() {
        std::fs::remove_file(&beside).ok();
        return result;
    }
    // The name is in the folder, and new folders are in the ones above. Only Unix can make folders durable.
    #[cfg(unix)]
    for folder in folder.ancestors().take(3) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Micros};
    use crate::ids::Ids;
    use crate::store::Tenant;

    async fn blobs(folder: &Path) -> (Blobs, TenantId, TenantId) {
        let clock = Clock::fixed(Micros(1_795_000_000_000_000));
        let store = Store::open_memory(clock, Arc::new(Ids::counted())).await.unwrap();
        let tenant = |name: &str| TenantId::from_text(name);
        for name in ["one", "two"] {
            let tenant = Tenant {
                id: tenant(name),
                name: name.into(),
                language: "th".into(),
                time_zone: "UTC".into(),
            };
            store.add_tenant(tenant).await.unwrap();
        }
        (Blobs::new(folder.to_owned(), store, 1000), tenant("one"), tenant("two"))
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[tokio::test]
    async fn a_file_comes_back_to_its_tenant_only() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, one, two) = blobs(folder.path()).await;
        for (mime, bytes) in
            [("image/png", &b"\x89PNG\0\xff"[..]), ("text/plain", "สลิปโอนเงิน".as_bytes()), ("x", b"")]
        {
            let id = blobs.put(&one, mime, bytes.to_vec()).await.unwrap();
            assert!(
                id.as_str().len() == 32 && id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{id}"
            );
            let expected = Blob { mime: mime.into(), bytes: bytes.to_vec() };
            assert_eq!(blobs.get(&one, &id).await.unwrap(), Some(expected));
            assert_eq!(blobs.get(&two, &id).await.unwrap(), None);
        }
        assert!(
            files(folder.path()).iter().all(|path| path.extension().is_none()),
            "nothing half-written stays"
        );
        assert_eq!(files(folder.path()).len(), 3);
    }

    #[tokio::test]
    async fn what_is_not_stored_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, one, _) = blobs(folder.path()).await;
        for id in ["", "0", "..", "../../../etc/passwd", "/etc/passwd", "ก", &"ab".repeat(16)] {
            assert_eq!(blobs.get(&one, &RowId::from_text(id)).await.unwrap(), None, "{id}");
        }
    }

    #[tokio::test]
    async fn the_largest_is_stored_and_one_byte_more_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, one, _) = blobs(folder.path()).await;
        assert!(blobs.put(&one, "x", vec![0; 1000]).await.is_ok());
        let error = blobs.put(&one, "x", vec![0; 1001]).await.unwrap_err();
        assert!(matches!(error, BlobError::TooLarge { limit: 1000 }), "{error}");
        assert_eq!(files(folder.path()).len(), 1);
    }

    #[tokio::test]
    async fn what_no_message_names_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, one, two) = blobs(folder.path()).await;
        let kept = blobs.put(&one, "x", b"kept".to_vec()).await.unwrap();
        let named = blobs.put_for_message(&one, "x", b"named".to_vec()).await.unwrap();
        let left = blobs.put_for_message(&one, "x", b"left".to_vec()).await.unwrap();
        assert!(!blobs.claim(&two, std::slice::from_ref(&named)).await.unwrap(), "another tenant's");
        assert!(blobs.claim(&one, std::slice::from_ref(&named)).await.unwrap());
        assert_eq!(blobs.let_go(&one).await.unwrap(), 0, "it may still be named");
        blobs.store.clock().advance_millis(AWAITED / 1000 + 1);
        assert_eq!(blobs.let_go(&one).await.unwrap(), 1);
        assert_eq!(blobs.get(&one, &left).await.unwrap(), None);
        assert!(!blobs.claim(&one, &[left]).await.unwrap());
        for id in [kept, named] {
            assert!(blobs.get(&one, &id).await.unwrap().is_some());
        }
        assert_eq!(files(folder.path()).len(), 2);
    }

    #[tokio::test]
    async fn a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (blobs, one, _) = blobs(folder.path()).await;
        let id = blobs.put(&one, "x", b"whole".to_vec()).await.unwrap();
        std::fs::write(&files(folder.path())[0], b"wholE").unwrap();
        assert!(matches!(blobs.get(&one, &id).await.unwrap_err(), BlobError::Damaged));
    }
}
