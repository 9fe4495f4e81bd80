//! Jobs beside the conversations: a host that does not answer delays only those who wait for it.

use std::time::{Duration, Instant};

use channels::simulator::CustomerAct;
use channels::{ChannelName, Content, InboundMessage, Media, MediaKind, MediaSource, Sender};
use engine::accounts::secret_row;
use engine::ids::ChannelAccountId;
use engine::store::{ChannelAccount, Ingest, Tenant};
use serde_json::Value;
use tests::demo::Demo;
use tokio::net::TcpListener;

use super::SignedIn;

const CUSTOMER: &str = "4000001";
/// More than a lane has workers.
const FILES: usize = 12;

/// Another company, whose platform takes every call and answers none.
async fn a_company_with_a_silent_platform(demo: &Demo, silent: &TcpListener) {
    let (store, tenant) = (&demo.app.store, demo.app.store.new_id());
    let company = Tenant {
        id: tenant,
        name: "silent".to_owned(),
        language: "en".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    store.add_tenant(company.clone()).await.unwrap();
    let id = ChannelAccountId::from_text("telegram-silent");
    let sealed = demo.app.key.seal(&secret_row(&id, "bot_token"), "1:token");
    let account = ChannelAccount {
        tenant: company.id.clone(),
        id: id.clone(),
        channel: "telegram".to_owned(),
        external_id: "1".to_owned(),
        other_external_id: String::new(),
        name: "silent".to_owned(),
        bot: "shop".to_owned(),
        api_base: format!("http://{}", silent.local_addr().unwrap()),
        settings: [].into(),
        sealed_secrets: [("bot_token".to_owned(), sealed)].into(),
    };
    store.save_channel_account(account).await.unwrap();
    let account = demo.app.accounts.find(&id).await.unwrap();
    for file in 0..FILES {
        let source = MediaSource::Platform { id: format!("file-{file}") };
        let content = Content::Media { media: Media::new(MediaKind::Image, source) };
        let external_id = format!("1/{file}");
        let message = InboundMessage {
            external_id: external_id.clone(),
            ..InboundMessage::new(format!("e{file}"), Sender::new("9"), 1, content)
        };
        let heard = Ingest { tenant: company.id.clone(), account: id.clone(), channel: "telegram", message };
        store.ingest(heard).await.unwrap();
        engine::media::ask(&demo.app, &account, &external_id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_host_delays_nobody_elses_files() {
    let demo =
        Demo::start_with(|config| config.outgoing.allow_networks = vec!["127.0.0.0/8".parse().unwrap()])
            .await
            .unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    a_company_with_a_silent_platform(&demo, &silent).await;
    // The company's downloads hang: as many as it may have, and its connections stay open.
    let mut hanging = Vec::new();
    for _ in 0..demo.app.config.jobs.media / 2 {
        hanging.push(silent.accept().await.unwrap());
    }
    let photo = CustomerAct::Sends {
        kind: MediaKind::Image,
        name: "cup.png".to_owned(),
        mime: "image/png".to_owned(),
        bytes: b"\x89PNG\r\n\x1a\n".to_vec(),
        caption: None,
    };
    let asked = Instant::now();
    assert!(demo.act(ChannelName::Telegram, CUSTOMER, &photo).await.unwrap());
    let admin = SignedIn::as_role(&demo, "admin").await;
    let fetched = async || {
        let jobs = admin.get(&demo, "/api/v1/jobs").await.json();
        let jobs = jobs["jobs"].as_array().unwrap().clone();
        jobs.iter().any(|job: &Value| job["kind"] == "fetch_media" && job["state"] == "done")
    };
    // A download that hangs is given up after 75 seconds.
    while !fetched().await {
        assert!(asked.elapsed() < Duration::from_secs(30), "it waits for a stranger's host");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
