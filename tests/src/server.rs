//! The server under test as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::http;

/// How a server is started.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    pub program: PathBuf,
    pub port: u16,
    pub data: PathBuf,
    /// `sqlite` or the address of a PostgreSQL database.
    pub database: String,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
}

/// A running server. It is killed when this is dropped.
pub struct Server {
    child: Child,
    port: u16,
}

impl ServerOptions {
    /// The `sala` beside the running tool.
    pub fn beside_this(port: u16, data: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.parent().context("no folder")?.join("sala");
        if !program.exists() {
            bail!("{} is not built: cargo build --release -p engine", program.display());
        }
        Ok(Self {
            program,
            port,
            data: data.to_owned(),
            database: "sqlite".to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
        })
    }

    /// Starts it and waits until it is ready; says how long that took.
    pub async fn start(&self) -> anyhow::Result<(Server, Duration)> {
        let started = Instant::now();
        let child = Command::new(&self.program)
            .arg("demo")
            .args(["--port", &self.port.to_string(), "--log", "error"])
            .arg("--data")
            .arg(&self.data)
            .args(&self.arguments)
            .env("SALA_DATABASE__URL", &self.database)
            // The generator is one address: its share is the whole load.
            .env("SALA_LIMITS__IP_PER_SECOND", "100000")
            .env("SALA_LIMITS__IP_BURST", "100000")
            .envs(self.environment.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .context("the server cannot be started")?;
        let mut server = Server { child, port: self.port };
        server.wait_until_ready(Duration::from_mins(3)).await?;
        Ok((server, started.elapsed()))
    }
}

impl Server {
    async fn wait_until_ready(&mut self, patience: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended: {status}");
            }
            if get(self.port, "/readyz").await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the server was not ready in time")
    }

    /// The socket of the demo's web chat.
    pub fn socket(&self) -> String {
        format!("ws://127.0.0.1:{}/channels/web-demo/socket", self.port)
    }

    pub async fn metrics(&self) -> anyhow::Result<String> {
        get(self.port, "/metrics").await
    }

    /// Resident memory now and at its highest, in MiB.
    pub fn memory(&self) -> anyhow::Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Option<f64> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
        };
        Ok((field("VmRSS").unwrap_or_default(), field("VmHWM").unwrap_or_default()))
    }

    /// Processor seconds that the server has used.
    pub fn processor_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: f64 = [11, 12].iter().filter_map(|index| fields.get(*index)?.parse::<f64>().ok()).sum();
        Ok(ticks / 100.0)
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, and the time it takes to end.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A plain GET: the body, or what the status was instead of 200.
async fn get(port: u16, path: &str) -> anyhow::Result<String> {
    let answer = http::call(([127, 0, 0, 1], port).into(), ("GET", path), &[], b"").await?;
    ensure!(answer.status == 200, "{path} answers {}", answer.status);
    Ok(answer.text())
}
