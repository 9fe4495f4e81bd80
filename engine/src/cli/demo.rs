//! `sala demo`: a whole company in one command.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use indicatif::HumanDuration;
use tokio::net::TcpListener;

use super::{Common, print, workbench};
use crate::actions::Service;
use crate::app::{App, Extras};
use crate::clock::Clock;
use crate::demo::seed::{self, DemoPerson};
use crate::demo::{beside, shop, sign_in, simulators};
use crate::serve;

#[derive(Args)]
pub(super) struct Demo {
    /// The port to listen on; only this machine can reach it
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Write the demo company and stop
    #[arg(long)]
    seed_only: bool,
    /// Encoders that only hash, to measure everything but the models
    #[arg(long, hide = true)]
    stub_encoders: bool,
}

impl Demo {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let started = tokio::time::Instant::now();
        let listener = match TcpListener::bind(("127.0.0.1", self.port)).await {
            Ok(listener) => listener,
            Err(error) => anyhow::bail!(
                "port {} cannot be opened ({error}): is another demo running? Choose another with --port",
                self.port
            ),
        };
        let address = listener.local_addr()?;
        let mut config = common.config()?;
        config.server.listen = address;
        config.server.public_url = format!("http://127.0.0.1:{}", address.port());
        // The simulators listen beside the demo, on a port that the outgoing client is told of.
        let platforms = platforms_beside(address.port()).await?;
        let platform_port = platforms.local_addr()?.port();
        let extras = Extras {
            services: BTreeMap::from([("shop".to_owned(), Service::Embedded(shop::router(Clock::System)))]),
            loopback_ports: vec![platform_port],
            demo: Some(seed::web_account()),
            no_models: common.no_models,
            stub_encoders: self.stub_encoders,
        };
        let app = App::assemble_alone(config, extras).await?;
        let company =
            seed::seed(&app.store, &app.key, &app.passwords, &format!("http://127.0.0.1:{platform_port}"))
                .await?;
        app.remember_tenants().await?;
        app.store.fold_log().await;
        if self.seed_only {
            print(&format!("The demo company is in {}.", app.config.data.folder.display()));
            return Ok(ExitCode::SUCCESS);
        }
        let progress = Arc::new(workbench::Progress::default());
        let teller = serve::teller({
            let progress = Arc::clone(&progress);
            move |learning| progress.show(&learning)
        });
        // Hashing takes its time, which the bots take too.
        let (known, loaded) = tokio::join!(
            sign_in::known_passwords(&app.store, &app.passwords, &company.people),
            serve::load_bots(&app, teller)
        );
        loaded?;
        progress.finish();
        simulators::open(&app, &company.accounts, platforms).await?;
        let running = beside::Running { url: app.config.server.public_url.clone(), platforms: platform_port };
        let _announced = beside::announce(&app.config.data.folder, &running)?;
        tokio::spawn(serve::close_on_signal(app.clone()));
        welcome(&app, address, platform_port, &people(&company.people, &known?), started);
        serve::serve(app, listener).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// On the port after the demo's own, so that client libraries find the platforms again after a restart; on any other where
/// that one is taken.
async fn platforms_beside(port: u16) -> std::io::Result<TcpListener> {
    if let Some(next) = port.checked_add(1)
        && let Ok(listener) = TcpListener::bind(("127.0.0.1", next)).await
    {
        return Ok(listener);
    }
    TcpListener::bind("127.0.0.1:0").await
}

/// A line for each person, and one more where the program cannot tell a password.
fn people(people: &[DemoPerson], known: &[bool]) -> Vec<String> {
    let all = people.iter().zip(known);
    let mut lines: Vec<String> = all
        .map(|(DemoPerson { name, email, password, role }, known)| {
            let password = if *known { password } else { "(changed since)" };
            format!("{name:<6} {email:<26} {password:<20} {role}")
        })
        .collect();
    if known.contains(&false) {
        lines.push(
            "a changed password is not known here: `sala user password EMAIL` gives a new one".to_owned(),
        );
    }
    lines
}

fn welcome(app: &App, address: SocketAddr, platforms: u16, people: &[String], started: tokio::time::Instant) {
    let base = format!("http://{address}");
    print(&format!("Baan Kafe Supply is open (ready after {}).", HumanDuration(started.elapsed())));
    print("");
    print(&format!("  the shop, as a customer   {base}/"));
    print(&format!("  the console, as an agent  {base}/console/"));
    for line in people {
        print(&format!("      {line}"));
    }
    print(&format!("  the API's description     {base}/api/openapi.json"));
    print(&format!("  a customer on LINE        sala simulate --port {platforms} line \"สวัสดีค่ะ\""));
    print("                            (also messenger, instagram, whatsapp, telegram)");
    print("");
    for check in app.encoders.checks() {
        print(&format!("  {}: {}", check.name, check.detail));
    }
    print(&format!("  everything is kept in {}; Ctrl-C closes the shop", app.config.data.folder.display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_was_changed_is_not_printed() {
        let check = |known: [bool; 5], shown: usize, lines: usize| {
            let said = people(&seed::PEOPLE, &known);
            let has_password = |line: &&String| seed::PEOPLE.iter().any(|one| line.contains(one.password));
            assert_eq!((said.iter().filter(has_password).count(), said.len()), (shown, lines), "{said:#?}");
        };
        check([true; 5], 5, 5);
        check([false, true, true, true, true], 4, 6);
        check([false; 5], 0, 6);
    }
}
