//! What is known of stored files.

use engine::ids::RowId;
use engine::store::BlobRow;
use tests::{Scene, check_on_every_store};

#[tokio::test]
async fn a_file_belongs_to_its_tenant() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let blob = BlobRow {
            tenant: ours.tenant.clone(),
            id: RowId::from_text("0123456789abcdef0123456789abcdef"),
            sha256: "ab".repeat(32),
            size: 3_000_000_000,
            mime: "image/png".to_owned(),
            awaited_until: Some(engine::clock::Micros(1)),
        };
        store.add_blob(blob.clone()).await.unwrap();
        assert_eq!(store.blob(&ours.tenant, &blob.id).await.unwrap(), Some(blob.clone()));
        assert_eq!(store.blob(&theirs.tenant, &blob.id).await.unwrap(), None);
        store.add_blob(blob).await.unwrap_err();
    })
    .await;
}
