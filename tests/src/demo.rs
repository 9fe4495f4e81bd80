//! The demo company in this process, on a free port of the loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use engine::actions::Service;
use engine::app::{App, Extras};
use engine::clock::Clock;
use engine::config::Config;
use engine::demo::{seed, shop};
use engine::serve;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running demo. It stops when it is dropped.
pub struct Demo {
    pub app: App,
    pub address: SocketAddr,
    server: JoinHandle<()>,
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
        let mut config = Config::read(None, std::iter::empty())?;
        config.data.folder = data.path().to_owned();
        config.server.listen = address;
        config.server.public_url = format!("http://{address}");
        change(&mut config);
        let extras = Extras {
            services: BTreeMap::from([("shop".to_owned(), Service::Embedded(shop::router(Clock::System)))]),
            demo: Some(seed::web_account()),
            no_models: true,
            ..Extras::default()
        };
        let app = App::assemble(config, extras).await?;
        seed::seed(&app.store, &app.key, &app.passwords, "http://127.0.0.1:9").await?;
        app.remember_tenants().await?;
        serve::load_bots(&app, serve::teller(|_| {})).await?;
        let server = tokio::spawn({
            let app = app.clone();
            async move { serve::serve(app, listener).await.expect("the demo serves") }
        });
        Ok(Self { app, address, server, _data: data })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.app.close();
        self.server.abort();
    }
}
