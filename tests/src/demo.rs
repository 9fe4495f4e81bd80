//! The demo company in this process, on a free port of the loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::actions::Service;
use engine::app::{App, Extras};
use engine::clock::Clock;
use engine::config::Config;
use engine::demo::{seed, shop, simulators};
use engine::serve;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::http;

/// A running demo. It stops when it is dropped.
pub struct Demo {
    pub app: App,
    pub address: SocketAddr,
    /// Where the pretended platforms answer.
    pub platforms: SocketAddr,
    server: JoinHandle<()>,
    pretending: JoinHandle<()>,
    // Removed after the server has gone.
    _data: tempfile::TempDir,
}

impl Demo {
    /// Starts the demo with n-grams only: it is ready in a second and needs no model.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// The same under changed settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let pretender = TcpListener::bind("127.0.0.1:0").await?;
        let platforms = pretender.local_addr()?;
        let mut config = Config::read(None, std::iter::empty())?;
        config.data.folder = data.path().to_owned();
        config.server.listen = address;
        config.server.public_url = format!("http://{address}");
        change(&mut config);
        let extras = Extras {
            services: BTreeMap::from([("shop".to_owned(), Service::Embedded(shop::router(Clock::System)))]),
            loopback_ports: vec![platforms.port()],
            demo: Some(seed::web_account()),
            no_models: true,
            ..Extras::default()
        };
        let app = App::assemble(config, extras).await?;
        let company =
            seed::seed(&app.store, &app.key, &app.passwords, &format!("http://{platforms}")).await?;
        app.remember_tenants().await?;
        serve::load_bots(&app, serve::teller(|_| {})).await?;
        let pretending = simulators::open(&app, &company.accounts, pretender).await?;
        let server = tokio::spawn({
            let app = app.clone();
            async move { serve::serve(app, listener).await.expect("the demo serves") }
        });
        Ok(Self { app, address, platforms, server, pretending, _data: data })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A customer of a pretended platform does something. False where people cannot do that there.
    pub async fn act(&self, channel: ChannelName, customer: &str, act: &CustomerAct) -> anyhow::Result<bool> {
        let deed = json!({ "channel": channel, "customer": customer, "act": act }).to_string();
        let json = [("content-type", "application/json")];
        let answer = http::call(self.platforms, ("POST", "/demo/act"), &json, deed.as_bytes()).await?;
        ensure!([202, 422].contains(&answer.status), "{}", answer.text());
        Ok(answer.status == 202)
    }

    /// What a customer of a pretended platform sees, oldest first.
    pub async fn lines(&self, channel: ChannelName, customer: &str) -> anyhow::Result<Vec<Value>> {
        let path = format!("/demo/transcript?channel={}&customer={customer}", channel.as_str());
        let answer = http::call(self.platforms, ("GET", &path), &[], b"").await?;
        answer.json()["lines"].as_array().cloned().context("no transcript")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.app.close();
        self.server.abort();
        self.pretending.abort();
    }
}
