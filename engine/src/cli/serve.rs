//! `sala serve`: the program for real.

use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;

use super::{Common, print};
use crate::app::{App, Extras};
use crate::serve;

#[derive(Args)]
pub(super) struct Serve {
    /// Where to listen, such as 0.0.0.0:8080; the settings' address when none is given
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<std::net::SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let mut config = common.config()?;
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        let listener = TcpListener::bind(config.server.listen).await?;
        let extras = Extras { no_models: common.no_models, ..Extras::default() };
        let app = App::assemble_alone(config, extras).await?;
        serve::load_bots(&app, serve::teller(|_| {})).await?;
        if app.store.tenants().await?.is_empty() {
            print("There is no company yet: `sala user add` makes one with its first administrator.");
        }
        print(&format!("listening on {}", listener.local_addr()?));
        tokio::spawn(serve::close_on_signal(app.clone()));
        serve::serve(app, listener).await?;
        Ok(ExitCode::SUCCESS)
    }
}
