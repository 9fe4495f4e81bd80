//! `sala channels` beside a running server, against pretended platforms on the loopback.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use engine::channel_setup::{self, NewAccount};
use engine::demo::simulators::Simulators;
use engine::ids::{ChannelAccountId, TenantId};
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::call;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{Program, Said};

const CUSTOMER: &str = "U4000001aaaabbbbccccddddeeeeffff0";

/// The demo with its platforms.
struct Platforms {
    demo: Demo,
    port: u16,
    server: JoinHandle<()>,
}

impl Drop for Platforms {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Platforms {
    async fn start() -> Self {
        let demo = Demo::start().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let signed = NewAccount {
            channel: "webhook".to_owned(),
            name: "Signed".to_owned(),
            bot: "baan_kafe".to_owned(),
            external_id: String::new(),
            api_base: String::new(),
            fields: BTreeMap::from([("url".to_owned(), format!("http://127.0.0.1:{port}/webhook/calls"))]),
        };
        let company = TenantId::from_text("baan_kafe");
        channel_setup::add(&demo.app, &company, signed).await.unwrap();
        let accounts = demo.app.store.channel_accounts(&company).await.unwrap();
        let accounts: Vec<ChannelAccountId> = accounts.into_iter().map(|account| account.id).collect();
        let simulators = Simulators::of(&demo.app, &accounts, engine::http::router(&demo.app)).await.unwrap();
        let router = simulators.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { demo, port, server }
    }

    fn api(&self, channel: &str) -> String {
        format!("http://127.0.0.1:{}/{channel}", self.port)
    }

    /// A secret that the pretended platform knows.
    async fn secret(&self, channel: &str, name: &str) -> String {
        let id = ChannelAccountId::from_text(format!("{channel}-demo"));
        let account = self.demo.app.accounts.find(&id).await.unwrap();
        account.config.secrets[name].clone()
    }

    async fn says(&self, channel: &str, text: &str) {
        let body = json!({ "channel": channel, "text": text }).to_string();
        let headers = [("content-type", "application/json")];
        let to = ([127, 0, 0, 1], self.port).into();
        let answer = call(to, ("POST", "/demo/say"), &headers, body.as_bytes()).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    async fn is_heard(&self, account: &str, thread: &str) -> bool {
        let (tenant, account) = (TenantId::from_text("baan_kafe"), ChannelAccountId::from_text(account));
        self.demo.app.store.conversation_of_thread(&tenant, &account, thread).await.unwrap().is_some()
    }
}

/// The id of the account that was added.
fn id_of(said: &Said) -> String {
    let (_, rest) = said.text.split_once("The account ").unwrap_or_else(|| panic!("{}", said.text));
    rest.split_once(" is stored").unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_added_beside_a_running_server_and_heard_at_once() {
    let platforms = Platforms::start().await;
    let mut program = Program::beside(&platforms.demo);
    let (secret, token) =
        (platforms.secret("line", "channel_secret").await, platforms.secret("line", "access_token").await);
    let bot_token = platforms.secret("telegram", "bot_token").await;
    let entered = format!("channel_secret={secret}\naccess_token={token}\n");
    let again = ["channels", "add", "line", "--name", "Shop", "--api-base", &platforms.api("line")];
    program.run(&again, &entered).await.has(2, &["is here already: it is Baan Kafe on LINE"]);
    program.run(&["channels", "remove", "line-demo"], "").await.has(1, &["Nothing is changed: add --yes"]);
    for id in ["line-demo", "telegram-demo"] {
        program.run(&["channels", "remove", id, "--yes"], "").await.has(0, &["are removed"]);
    }
    let (line, telegram) = (platforms.api("line"), platforms.api("telegram"));
    let added =
        program.run(&["channels", "add", "line", "--name", "Shop", "--api-base", &line], &entered).await;
    added.has(
        0,
        &["of the company baan_kafe", "The platform took our webhook.", "well   token", "well   clock"],
    );
    let on_line = id_of(&added);
    platforms.says("line", "สวัสดีค่ะ").await;
    assert!(platforms.is_heard(&on_line, CUSTOMER).await, "the server hears it without a restart");

    let entered = format!("bot_token={bot_token}\n");
    let add =
        ["channels", "add", "telegram", "--name", "Bot", "--api-base", &telegram, "--field", "username=shop"];
    let added = program.run(&add, &entered).await;
    added.has(
        0,
        &["Made up by us, shown only now", "    webhook_secret=", "The platform calls it 7000000001."],
    );
    let on_telegram = id_of(&added);
    let (_, made) = added.text.split_once("webhook_secret=").unwrap();
    let made = made.lines().next().unwrap().to_owned();
    platforms.says("telegram", "สวัสดีค่ะ").await;
    assert!(platforms.is_heard(&on_telegram, "4000001").await);

    program.run(&["channels", "test", &on_line, CUSTOMER], "").await.has(0, &["took the test message"]);
    program
        .run(&["channels", "test", &on_line, "nobody"], "")
        .await
        .has(1, &["did not reach nobody", "    do  "]);
    program
        .run(&["channels", "register", &on_telegram], "")
        .await
        .has(0, &["took our webhook http://127.0.0.1:"]);
    program.run(&["channels", "check", &on_telegram], "").await.has(0, &["well   token", "well   webhook"]);
    let listed = program.run(&["channels", "list", "--company", "baan_kafe"], "").await;
    listed.has(0, &[&on_line, &on_telegram, "Shop (line)", "bot baan_kafe", "/webhook"]);
    assert_eq!(program.recording.matches(&made).count(), 1, "what we made up is shown once");
    for hushed in [&secret, &bot_token, &token] {
        assert!(!program.recording.contains(hushed), "{}", program.recording);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_work_is_told_with_its_reason_and_what_to_do() {
    let platforms = Platforms::start().await;
    let mut program = Program::beside(&platforms.demo);
    let meta = "access_token=hush-hush\napp_secret=hush-too\n";
    let refused = "the platform does not take the access token";
    for (channel, more, entered, words) in [
        ("line", "", "channel_secret=hush-too\naccess_token=hush-hush", [refused, "LINE Developers console"]),
        ("telegram", "", "bot_token=7:hush-hush", ["does not take the bot token", "@BotFather"]),
        ("messenger", "", meta, [refused, "Meta's app dashboard"]),
        ("instagram", "login=facebook", meta, [refused, "Meta's app dashboard"]),
        ("whatsapp", "", meta, [refused, "Meta's app dashboard"]),
    ] {
        let api = platforms.api(channel);
        let mut add = vec!["channels", "add", channel, "--name", "x", "--api-base", &api];
        add.extend(["--external-id", "106540352242999"]);
        if !more.is_empty() {
            add.extend(["--field", more]);
        }
        let said = program.run(&add, entered).await;
        said.has(1, &["is stored", "WRONG  token", "why      ", "do       "]);
        said.has(1, &words);
    }
    let token = platforms.secret("messenger", "access_token").await;
    program.run(&["channels", "remove", "messenger-demo", "--yes"], "").await.has(0, &["are removed"]);
    let api = platforms.api("messenger");
    let add = [
        "channels",
        "add",
        "messenger",
        "--name",
        "x",
        "--api-base",
        &api,
        "--field",
        "app_id=900000000000001",
    ];
    let said = program.run(&add, &format!("access_token={token}\napp_secret=hush-too")).await;
    said.has(
        1,
        &["well   token", "WRONG  rights", "see that app_id and app_secret", "did not take our webhook"],
    );
    for hushed in ["hush-hush", "hush-too", &token] {
        assert!(!program.recording.contains(hushed), "{}", program.recording);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_side_that_does_not_answer_or_agree_is_told_in_words() {
    let platforms = Platforms::start().await;
    let mut program = Program::beside(&platforms.demo);
    let url = format!("url=http://127.0.0.1:{}/webhook/calls", platforms.port);
    let add = ["channels", "add", "webhook", "--name", "x", "--field", &url];
    let said = program.run(&add, "signing_secret=hush-hush-hush-hush").await;
    said.has(1, &["WRONG  webhook", "the signature is missing or wrong", "the same signing secret"]);

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let add = ["channels", "add", "line", "--name", "x", "--api-base", &nowhere];
    let entered = "channel_secret=hush-too\naccess_token=hush-hush";
    let said = program.run(&add, entered).await;
    said.has(
        1,
        &[
            "does not answer, so nothing more was asked",
            "127.0.0.1 cannot be reached",
            "reaches the platform",
        ],
    );
    program.networks = "[]";
    let said = program.run(&add, &entered.replace("hush-hush", "hush-hush-2")).await;
    said.has(1, &["the platform was not asked", "its network is private", "outgoing.allow_networks"]);
    for hushed in ["hush-hush", "hush-too"] {
        assert!(!program.recording.contains(hushed), "{}", program.recording);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_cannot_be_carried_out_repeats_no_secret() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    let add = |more: &[&'static str]| -> Vec<&'static str> {
        [&["channels", "add", "line", "--name", "x"], more].concat()
    };
    for (more, entered, words) in [
        (&["--field", "access_token=hush-hush"][..], "", "access_token is a secret, and arguments are seen"),
        (&["--field", "hush-hush"], "", "--field number 1 is not name=value"),
        (
            &[],
            "hush-hush==",
            "line 1 names nothing of this channel; the names are channel_secret, access_token",
        ),
        (&[], "channel_secret=hush-hush", "access_token is missing: give the line access_token=…"),
        (&["--bot", "nobody"], "", "there is no bot nobody; the bots are "),
        (&["--company", "nobody"], "", "there is no company nobody yet: `sala user add EMAIL"),
    ] {
        program.run(&add(more), entered).await.has(2, &[words]);
    }
    program.run(&["channels", "check", "nobody"], "").await.has(2, &["there is no channel account nobody"]);
    program.run(&["channels", "add", "fax"], "").await.has(2, &["use one of web, messenger"]);
    assert!(!program.recording.contains("hush-hush"), "{}", program.recording);
    let accounts = demo.app.store.channel_accounts(&TenantId::from_text("baan_kafe")).await.unwrap();
    assert_eq!(accounts.len(), 6, "none was added");
}

/// A Graph whose clock is 95 seconds behind, whose token ends in five days, and which repeats a token that it does not
/// take.
fn graph(method: &Method, uri: &Uri, headers: &HeaderMap, now: i64) -> Response {
    let date = http_date(now - 95);
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body = match uri.path() {
        _ if bearer.ends_with("malformed") => {
            json!({ "error": { "message": format!("Malformed access token {bearer}"), "code": 190 } })
        }
        path if path.ends_with("debug_token") => json!({ "data": {
            "is_valid": true, "scopes": ["pages_messaging", "pages_manage_metadata"], "expires_at": now + 5 * 86_400,
        } }),
        path if path.ends_with("subscribed_apps") && method == Method::GET => {
            json!({ "data": [{ "subscribed_fields": ["messages"] }] })
        }
        path if path.ends_with("/subscriptions") && method == Method::GET => {
            json!({ "data": [{ "object": "page", "callback_url": "http://127.0.0.1/elsewhere", "active": true }] })
        }
        _ if method == Method::GET => json!({ "id": "42", "name": "Shop" }),
        _ => json!({ "success": true }),
    };
    let status = if body["error"].is_null() { 200 } else { 400 };
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    (status, [("date", date)], body.to_string()).into_response()
}

/// A time as HTTP writes it.
fn http_date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_asks_the_platforms_only_when_told() {
    let demo = Demo::start().await.unwrap();
    let now = demo.app.store.clock().now().0 / 1_000_000;
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let answer = move |method: Method, uri: Uri, headers: HeaderMap, _body: Bytes| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(graph(&method, &uri, &headers, now))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        axum::serve(listener, axum::Router::new().fallback(answer)).await.unwrap();
    });
    let mut program = Program::beside(&demo);
    let add = ["channels", "add", "messenger", "--name", "x", "--api-base", &api, "--field", "app_id=9"];
    let added = program.run(&add, "access_token=hush-hush\napp_secret=hush-too").await;
    added.has(
        0,
        &["LOOK   expiry", "the access token runs out soon", "LOOK   clock", "ahead of the platform's"],
    );
    added.has(0, &["why      it is 9", "by the network"]);
    let id = id_of(&added);
    let bad = ["channels", "add", "messenger", "--name", "x", "--api-base", &api];
    let entered = "access_token=hush-malformed\napp_secret=hush-too";
    program.run(&bad, entered).await.has(1, &["Malformed access token Bearer •••"]);

    let before = calls.load(Ordering::SeqCst);
    let said = program.run(&["doctor", "--json"], "").await;
    said.has(1, &["messenger answers by the bot baan_kafe", "n-grams only: --no-models"]);
    assert!(!said.text.contains("What to do"), "{}", said.text);
    assert_eq!(calls.load(Ordering::SeqCst), before, "it works offline");
    let said = program.run(&["doctor", "--online", "--json"], "").await;
    assert!(calls.load(Ordering::SeqCst) > before);
    said.has(1, &["What to do: make a new token", "runs out soon"]);
    let start = said.text.find("[\n").unwrap();
    let report: Value =
        serde_json::Deserializer::from_str(&said.text[start..]).into_iter().next().unwrap().unwrap();
    let named =
        |name: String| report.as_array().unwrap().iter().find(|check| check["name"] == *name).cloned();
    assert_eq!(named(format!("channel {id} token")).unwrap()["good"], true);
    for hushed in ["hush-hush", "hush-too", "hush-malformed"] {
        assert!(!program.recording.contains(hushed), "{}", program.recording);
    }
    server.abort();
}
