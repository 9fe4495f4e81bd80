//! Chromium for the tests, driven through Debian's chromedriver.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::workspace;

const PATIENCE: Duration = Duration::from_secs(30);

/// A driver process and the windows it opened.
pub struct Browser {
    driver: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Browser {
    pub async fn start() -> anyhow::Result<Self> {
        // The port is free now; the driver is the next to ask for it.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver cannot be started")?;
        let browser = Self { driver, port, folder: tempfile::tempdir()? };
        let deadline = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if Instant::now() > deadline {
                bail!("chromedriver does not answer");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(browser)
    }

    /// A window of its own, with a profile of its own.
    pub async fn window(&self, name: &str, width: u32, height: u32) -> anyhow::Result<Window> {
        self.window_in("th", name, (width, height)).await
    }

    /// The same of somebody whose browser speaks another language.
    pub async fn window_in(
        &self,
        language: &str,
        name: &str,
        (width, height): (u32, u32),
    ) -> anyhow::Result<Window> {
        let profile = self.folder.path().join(name);
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            format!("--lang={language}"),
            format!("--accept-lang={language}"),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.display()),
        ]);
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": arguments }));
        let address = format!("http://127.0.0.1:{}", self.port);
        let client =
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&address).await?;
        client.set_window_size(width, height).await?;
        Ok(Window { client })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Told to shut down, the driver closes its windows too; killed, it would leave them behind.
        let told = std::net::TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut stream| {
            stream
                .write_all(b"GET /shutdown HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
                .and_then(|()| stream.read_to_end(&mut Vec::new()))
        });
        if told.is_err() {
            drop(self.driver.kill());
        }
        drop(self.driver.wait());
    }
}

/// One window.
pub struct Window {
    pub client: Client,
}

impl Window {
    pub async fn goto(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// Runs a script; its `return` value comes back.
    pub async fn run(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Waits until the script returns something true.
    pub async fn until(&self, what: &str, script: &str) -> anyhow::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.run(script).await?;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!("") && value != json!(0) {
                return Ok(value);
            }
            if Instant::now() > deadline {
                self.picture("failed").await?;
                let page = self.run("return document.body.innerText").await?;
                bail!("waited in vain for {what}; the page says: {page}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Saves what the window shows under target/screenshots.
    pub async fn picture(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = workspace::root().join("target/screenshots");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, self.client.screenshot().await?)?;
        Ok(path)
    }

    /// What axe finds wrong in the page, one line each.
    pub async fn accessibility_faults(&self) -> anyhow::Result<Vec<String>> {
        let axe = std::fs::read_to_string(workspace::root().join("tests/vendor/axe.min.js"))?;
        self.run(&format!("{axe}; window.axe = axe; return true")).await?;
        let script = "const done = arguments[arguments.length - 1]; window.axe.run(document).then((found) => \
                      done(found.violations.map((fault) => fault.id + ': ' + fault.nodes.map((node) => node.html).join(' '))))";
        let faults = self.client.execute_async(script, Vec::new()).await?;
        Ok(serde_json::from_value(faults)?)
    }
}
