//! Tenants and their channel accounts.

use engine::ids::{ChannelAccountId, TenantId};
use engine::store::{ChannelAccount, Tenant};
use tests::{Scene, check_on_every_store};

#[tokio::test]
async fn a_tenant_is_added_once() {
    check_on_every_store(async |test| {
        let tenant = |id: &str, name: &str| Tenant {
            id: TenantId::from_text(id),
            name: name.to_owned(),
            language: "th".to_owned(),
            time_zone: "Asia/Bangkok".to_owned(),
        };
        for one in [tenant("b", "ข้าวหอม"), tenant("a", "茶馆"), tenant("b", "another name")]
        {
            test.store.add_tenant(one).await.unwrap();
        }
        assert_eq!(test.store.tenants().await.unwrap(), [tenant("a", "茶馆"), tenant("b", "ข้าวหอม")]);
    })
    .await;
}

#[tokio::test]
async fn a_channel_account_is_saved_replaced_and_found() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        assert_eq!(store.channel_accounts(&ours.tenant).await.unwrap(), [ours.channel_account()]);

        let renamed = ChannelAccount { name: "สาขาสอง".to_owned(), ..ours.channel_account() };
        store.save_channel_account(renamed.clone()).await.unwrap();
        assert_eq!(store.channel_accounts(&ours.tenant).await.unwrap(), [renamed]);
        assert_eq!(store.channel_accounts(&theirs.tenant).await.unwrap(), [theirs.channel_account()]);

        assert_eq!(store.tenant_of_account(&ours.account).await.unwrap(), Some(ours.tenant));
        assert_eq!(store.tenant_of_account(&theirs.account).await.unwrap(), Some(theirs.tenant));
        assert_eq!(store.tenant_of_account(&ChannelAccountId::from_text("none")).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn nobody_takes_the_channel_account_of_another_tenant() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let stolen = ChannelAccount { tenant: theirs.tenant.clone(), ..ours.channel_account() };
        store.save_channel_account(stolen).await.unwrap_err();
        assert_eq!(store.tenant_of_account(&ours.account).await.unwrap(), Some(ours.tenant));
    })
    .await;
}

#[tokio::test]
async fn a_sound_store_is_writable() {
    check_on_every_store(async |test| {
        test.store.writable().await.unwrap();
        test.another_node().await.writable().await.unwrap();
    })
    .await;
}
