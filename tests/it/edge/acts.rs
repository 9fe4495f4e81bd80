//! What agents do to messages: the platform does it first, and shows it to the customer; what it refuses leaves no trace.

use std::time::Duration;

use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::demo::seed;
use engine::ids::TenantId;
use serde_json::{Value, json};
use tests::demo::Demo;
use tokio::time::Instant;

use super::{SignedIn, is_problem};

const PATIENCE: Duration = Duration::from_secs(20);

fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.to_owned(), quotes: None }
}

/// A customer's conversation, as an agent with the office open sees it.
struct Desk {
    demo: Demo,
    nok: SignedIn,
    channel: ChannelName,
    customer: &'static str,
    conversation: String,
}

impl Desk {
    /// The customer asks, and the bot has answered where it answers.
    async fn open(channel: ChannelName, customer: &'static str, act: &CustomerAct) -> Self {
        Self::begin(Demo::start().await.unwrap(), (channel, customer), act).await
    }

    async fn begin(demo: Demo, (channel, customer): (ChannelName, &'static str), act: &CustomerAct) -> Self {
        assert!(demo.act(channel, customer, act).await.unwrap());
        let nok = SignedIn::as_role(&demo, "agent").await;
        let mut desk = Self { demo, nok, channel, customer, conversation: String::new() };
        let channel = channel.as_str();
        let path = "/api/v1/conversations?limit=100";
        let listed = desk.until("the conversation", path, |all| newest(all, channel).is_some()).await;
        desk.conversation = newest(&listed, channel).unwrap();
        desk
    }

    async fn until(&self, what: &str, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.nok.get(&self.demo, path).await.json();
            if is_so(&answer) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{what}: {answer:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a message that is so.
    async fn message(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/v1/conversations/{}/messages", self.conversation);
        let find = |page: &Value| {
            page["messages"].as_array().and_then(|all| all.iter().rev().find(|each| is_so(each)).cloned())
        };
        let page = self.until(what, &path, |page| find(page).is_some()).await;
        find(&page).unwrap()
    }

    /// Waits for a line on the customer's screen.
    async fn line(&self, what: &str, is_so: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = self.demo.lines(self.channel, self.customer).await.unwrap();
            if lines.iter().any(&is_so) {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: {lines:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn put(&self, path: &str, body: Value) -> tests::http::Answer {
        self.nok.call(&self.demo, "PUT", &format!("/api/v1/messages/{path}"), &body).await
    }

    async fn post(&self, path: &str, body: Value) -> tests::http::Answer {
        let path = format!("/api/v1/conversations/{}/{path}", self.conversation);
        self.nok.call(&self.demo, "POST", &path, &body).await
    }

    async fn acts(&self) -> Value {
        let path = format!("/api/v1/conversations/{}", self.conversation);
        self.nok.get(&self.demo, &path).await.json()["acts"].clone()
    }

    async fn reply(&self, body: Value) -> tests::http::Answer {
        let mut body = body;
        body["seen_seq"] = 1_000.into();
        self.post("messages", body).await
    }
}

fn newest(listed: &Value, channel: &str) -> Option<String> {
    let all = listed["conversations"].as_array()?;
    all.iter().find(|each| each["channel"] == channel)?["id"].as_str().map(str::to_owned)
}

fn id(message: &Value) -> &str {
    message["id"].as_str().unwrap()
}

fn from(message: &Value, author: &str) -> bool {
    message["author"] == author && message["state"] != "queued"
}

/// `known` and `unknown` are reactions that the platform takes and does not take.
async fn check_reaction(channel: ChannelName, customer: &'static str, known: &str, unknown: Option<&str>) {
    let desk = Desk::open(channel, customer, &says("สวัสดีค่ะ")).await;
    let question = desk.message("the question", |each| from(each, "customer")).await;
    let path = format!("{}/reaction", id(&question));
    let done = desk.put(&path, json!({ "emoji": known })).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.json()["message"]["reactions"], json!([{ "by": "@us", "emoji": known }]));
    desk.line("the reaction", |line| line["reaction"].is_string()).await;
    if let Some(unknown) = unknown {
        is_problem(&desk.put(&path, json!({ "emoji": unknown })).await, 422, unknown);
    }
    let gone = desk.put(&path, json!({ "emoji": null })).await;
    assert_eq!(gone.json()["message"].get("reactions"), None, "{}", gone.text());
    desk.line("no reaction", |line| line["from"] == "customer" && line["reaction"].is_null()).await;
    let answer = desk.message("the answer", |each| from(each, "bot")).await;
    let own = desk.put(&format!("{}/reaction", id(&answer)), json!({ "emoji": known })).await;
    is_problem(&own, 422, "a reaction to ourselves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reaction_is_seen_changed_and_taken_back() {
    check_reaction(ChannelName::Telegram, "4100001", "🎉", Some("🍕")).await;
    check_reaction(ChannelName::Messenger, "4100002", "👍", Some("🍕")).await;
    check_reaction(ChannelName::Instagram, "4100003", "❤", Some("👍")).await;
    check_reaction(ChannelName::Whatsapp, "66810000004", "🍕", Some("pizza")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn line_has_no_reactions_and_says_so() {
    let desk = Desk::open(ChannelName::Line, "U41000000000000000000000000000001", &says("สวัสดีค่ะ")).await;
    assert_eq!(desk.acts().await["reactions"], "none");
    let question = desk.message("the question", |each| from(each, "customer")).await;
    let refused = desk.put(&format!("{}/reaction", id(&question)), json!({ "emoji": "👍" })).await;
    is_problem(&refused, 422, "LINE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_words_are_changed_and_taken_back_where_telegram_lets_us() {
    let desk = Desk::open(ChannelName::Telegram, "4100005", &says("สวัสดีค่ะ")).await;
    let question = desk.message("the question", |each| from(each, "customer")).await;
    let sent = desk.reply(json!({ "client_id": "c1", "text": "พรุ่งนี้นะคะ", "quotes": id(&question) })).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let sent = desk.message("the reply", |each| from(each, "agent")).await;
    assert_eq!(sent["quotes"], question["id"]);
    let changed = desk.put(&format!("{}/text", id(&sent)), json!({ "text": "มะรืนนี้นะคะ" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json()["message"]["earlier"], json!(["พรุ่งนี้นะคะ"]));
    desk.line("the new words", |line| line["text"] == "มะรืนนี้นะคะ" && line["edited"] == true).await;
    let path = format!("/api/v1/messages/{}", id(&sent));
    let gone = desk.nok.call(&desk.demo, "DELETE", &path, &Value::Null).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert_eq!(gone.json()["message"]["deleted"], true);
    let lines = desk.demo.lines(desk.channel, desk.customer).await.unwrap();
    assert!(!lines.iter().any(|line| line["text"] == "มะรืนนี้นะคะ" && line["deleted"] != true), "{lines:#?}");
    let again = desk.nok.call(&desk.demo, "DELETE", &path, &Value::Null).await;
    is_problem(&again, 422, "taken back before");
    let theirs = desk.put(&format!("{}/text", id(&question)), json!({ "text": "x" })).await;
    is_problem(&theirs, 422, "the customer's words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_is_passed_to_the_page_inbox_and_taken_back() {
    let desk = Desk::open(ChannelName::Messenger, "4100006", &says("สวัสดีค่ะ")).await;
    let passed = desk.post("thread-control", json!({ "owner": "inbox" })).await;
    assert_eq!(passed.status, 200, "{}", passed.text());
    assert_eq!(passed.json()["conversation"]["control"], "agent");
    let refused = desk.reply(json!({ "client_id": "c1", "text": "ค่ะ" })).await;
    assert_eq!(refused.status, 201, "{}", refused.text());
    desk.message("the platform's refusal", |each| each["author"] == "agent" && each["state"] == "failed")
        .await;
    let back = desk.post("thread-control", json!({ "owner": "us" })).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert!(back.json()["conversation"]["agent"]["name"].is_string(), "{}", back.text());
    desk.reply(json!({ "client_id": "c2", "text": "กลับมาแล้วค่ะ" })).await;
    desk.line("an answer again", |line| line["text"] == "กลับมาแล้วค่ะ").await;
}

/// Public, private, hidden, and what is refused.
async fn check_comment(channel: ChannelName, customer: &'static str) {
    let desk =
        Desk::open(channel, customer, &CustomerAct::Comments { text: "ราคาเท่าไหร่คะ".to_owned() }).await;
    let comment = desk.message("the comment", |each| each["parts"][0]["type"] == "comment").await;
    assert!(comment["parts"][0]["comment"]["post"].is_string(), "{comment:#}");
    assert_eq!(desk.acts().await["private_refused"], Value::Null);
    let path = format!("{}/visibility", id(&comment));
    for hidden in [true, false] {
        let done = desk.put(&path, json!({ "hidden": hidden })).await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert_eq!(done.json()["message"]["hidden"] == true, hidden);
    }
    desk.reply(json!({ "client_id": "c1", "text": "ทักแชทแล้วนะคะ", "answer": "public" })).await;
    desk.line("the public answer", |line| line["text"] == "ทักแชทแล้วนะคะ").await;
    desk.reply(json!({ "client_id": "c2", "text": "250 บาทค่ะ", "answer": "private" })).await;
    desk.line("the private answer", |line| line["text"] == "250 บาทค่ะ").await;
    let private = desk.message("the private answer", |each| each["answer"] == "private").await;
    assert_ne!(private["state"], "failed");
    assert_eq!(desk.acts().await["private_refused"], "answered");
    let again = desk.reply(json!({ "client_id": "c3", "text": "อีกครั้ง", "answer": "private" })).await;
    is_problem(&again, 422, "a second private answer");
    let public =
        desk.message("the public answer", |each| each["answer"] == "public" && from(each, "agent")).await;
    let path = format!("/api/v1/messages/{}", id(&public));
    let gone = desk.nok.call(&desk.demo, "DELETE", &path, &Value::Null).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_is_answered_for_everybody_once_in_private_and_hidden() {
    check_comment(ChannelName::Messenger, "4100007").await;
    check_comment(ChannelName::Instagram, "4100008").await;
}

/// A platform that fails: nothing is kept, and the reason is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_platform_refuses_leaves_no_trace() {
    let desk = Desk::open(ChannelName::Messenger, "4100009", &says("สวัสดีค่ะ")).await;
    desk.message("the answer", |each| from(each, "bot")).await;
    let question = desk.message("the question", |each| from(each, "customer")).await;
    let faults = json!({ "channel": "messenger", "faults": [{ "fault": "token_expired" }] }).to_string();
    let json = [("content-type", "application/json")];
    let asked =
        tests::http::call(desk.demo.platforms, ("POST", "/demo/faults"), &json, faults.as_bytes()).await;
    assert!(asked.unwrap().status < 300);
    let refused = desk.put(&format!("{}/reaction", id(&question)), json!({ "emoji": "👍" })).await;
    is_problem(&refused, 502, "an expired token");
    assert!(refused.json()["detail"].as_str().unwrap().ends_with("(check-token)"), "{}", refused.text());
    let question = desk.message("the question", |each| from(each, "customer")).await;
    assert_eq!(question.get("reactions"), None);
}

/// Waits until the metric has this line.
async fn counted(demo: &Demo, line: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !demo.app.metrics.render().contains(line) {
        assert!(Instant::now() < deadline, "{line}:\n{}", demo.app.metrics.render());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bot_is_seen_to_read() {
    let desk = Desk::open(ChannelName::Whatsapp, "66810000010", &says("สวัสดีค่ะ")).await;
    counted(&desk.demo, r#"sala_signs_total{kind="seen",outcome="shown"}"#).await;
}

/// `answer`: how the bot answers the comment, if it does.
async fn check_rule(rule: &str, comment: &str, answer: Option<&str>) {
    let demo = Demo::start().await.unwrap();
    let tenant = TenantId::from_text(seed::TENANT);
    let accounts = demo.app.store.channel_accounts(&tenant).await.unwrap();
    let mut account = accounts.into_iter().find(|account| account.channel == "messenger").unwrap();
    account.settings.insert("comments".to_owned(), rule.to_owned());
    demo.app.store.save_channel_account(account).await.unwrap();
    demo.app.accounts.forget();
    let act = CustomerAct::Comments { text: comment.to_owned() };
    let desk = Desk::begin(demo, (ChannelName::Messenger, "4100011"), &act).await;
    if let Some(answer) = answer {
        let said = desk.message("the bot's answer", |each| from(each, "bot")).await;
        let found = (said["answer"].as_str(), said["state"] == "failed");
        assert_eq!(found, (Some(answer), false), "{said:#}");
        desk.line("the answer", |line| line["from"] == "us").await;
    } else {
        counted(&desk.demo, r#"sala_turn_total{outcome="done"}"#).await;
        let path = format!("/api/v1/conversations/{}/messages", desk.conversation);
        let page = desk.nok.get(&desk.demo, &path).await.json();
        assert_eq!(page["messages"].as_array().unwrap().len(), 1, "{page:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bot_answers_comments_where_the_account_says_so() {
    check_rule("public", "ร้านเปิดกี่โมงคะ", Some("public")).await;
    check_rule("private", "ร้านเปิดกี่โมงคะ", Some("private")).await;
    check_rule("people", "ร้านเปิดกี่โมงคะ", None).await;
}
