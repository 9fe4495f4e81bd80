//! A group on LINE, from the day it takes us in to the day it puts us out: we answer whoever addresses us, and nobody else.

use std::time::Duration;

use channels::ChannelName;
use channels::simulator::CustomerAct;
use serde_json::Value;
use tests::demo::Demo;
use tokio::time::Instant;

use super::SignedIn;

const PATIENCE: Duration = Duration::from_secs(20);
const GROUP: &str = "C4000021aaaabbbbccccddddeeeeffff0";
/// Two who speak in it; LINE tells their names for this group.
const MALI: &str = "C4000021aaaabbbbccccddddeeeeffff0:U4000022aaaabbbbccccddddeeeeffff0";
const SOMCHAI: &str = "C4000021aaaabbbbccccddddeeeeffff0:U4000023aaaabbbbccccddddeeeeffff0";

fn says(text: &str, quotes: Option<&str>) -> CustomerAct {
    CustomerAct::Says { text: text.to_owned(), quotes: quotes.map(str::to_owned) }
}

/// The group, and what an agent sees of it.
struct Room {
    demo: Demo,
    nok: SignedIn,
}

impl Room {
    async fn act(&self, who: &str, act: &CustomerAct) {
        assert!(self.demo.act(ChannelName::Line, who, act).await.unwrap(), "{act:?}");
    }

    async fn conversation(&self) -> Value {
        for status in ["open", "resolved"] {
            let path = format!("/api/v1/conversations?status={status}&limit=100");
            let listed = self.nok.get(&self.demo, &path).await.json();
            let all = listed["conversations"].as_array().unwrap();
            // The demo's past has people on LINE; the group is the newest.
            if let Some(found) = all.iter().find(|one| one["channel"] == "line") {
                return found.clone();
            }
        }
        Value::Null
    }

    /// Waits until the agent's thread is so; returns its messages.
    async fn thread(&self, what: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let conversation = self.conversation().await;
            let mut messages = Vec::new();
            if let Some(id) = conversation["id"].as_str() {
                let path = format!("/api/v1/conversations/{id}/messages");
                let page = self.nok.get(&self.demo, &path).await.json();
                messages = page["messages"].as_array().cloned().unwrap_or_default();
            }
            if is_so(&messages) {
                return messages;
            }
            assert!(Instant::now() < deadline, "{what}: {messages:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Says something that is answered, and returns LINE's own id of the answer. Whoever spoke in vain before would be
    /// answered first: `answers` is how many there must be.
    async fn is_answered(&self, what: &str, (who, act): (&str, &CustomerAct), answers: usize) -> String {
        self.act(who, act).await;
        self.thread(what, |all| ours(all).count() >= answers).await;
        let lines = self.demo.lines(ChannelName::Line, GROUP).await.unwrap();
        let of_us: Vec<&Value> = lines.iter().filter(|line| line["from"] != "customer").collect();
        assert_eq!(of_us.len(), answers, "{what}: {lines:#?}");
        of_us.last().unwrap()["id"].as_str().unwrap().to_owned()
    }
}

/// What the bot said and LINE took.
fn ours(messages: &[Value]) -> impl Iterator<Item = &Value> {
    messages.iter().filter(|each| each["author"] == "bot" && each["state"] != "queued")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_greeted_answered_when_it_asks_and_closed_when_it_puts_us_out() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let room = Room { demo, nok };
    room.is_answered("the welcome", (GROUP, &CustomerAct::Starts { payload: None }), 1).await;
    let welcome = room.thread("the welcome", |all| ours(all).count() == 1).await;
    let words = ours(&welcome).next().unwrap()["parts"][0]["text"].as_str().unwrap().to_owned();
    assert!(words.contains('@'), "it says how to call us: {words}");
    // What they say to one another: kept, named, and not answered.
    room.act(MALI, &says("เย็นนี้ไปไหนกันดี", None)).await;
    room.act(SOMCHAI, &says("ไปกินข้าวกัน", None)).await;
    let answer = room.is_answered("a mention", (MALI, &says("@Sala ส่งเชียงใหม่กี่วันคะ", None)), 2).await;
    room.act(SOMCHAI, &says("ขอบใจนะมะลิ", None)).await;
    let quoting = says("แล้วส่งขอนแก่นกี่วันครับ", Some(&answer));
    room.is_answered("a message of ours is quoted", (SOMCHAI, &quoting), 3).await;
    let named = |all: &[Value]| all.iter().filter(|each| each["author"] == "customer").all(is_told);
    let messages = room.thread("the speakers' names", named).await;
    speakers(&messages);
    room.act(GROUP, &CustomerAct::Leaves).await;
    let deadline = Instant::now() + PATIENCE;
    while room.conversation().await["status"] != "resolved" {
        assert!(Instant::now() < deadline, "{:#}", room.conversation().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What somebody said has their name; what happens to us has none.
fn is_told(message: &Value) -> bool {
    message["parts"][0]["type"] != "text" || message["name"].is_string()
}

fn speakers(messages: &[Value]) {
    let said: Vec<(&str, &str)> = messages
        .iter()
        .filter(|each| each["author"] == "customer" && each["parts"][0]["type"] == "text")
        .map(|each| (each["name"].as_str().unwrap(), each["parts"][0]["text"].as_str().unwrap()))
        .collect();
    assert_eq!(said.len(), 5, "{said:#?}");
    let names: Vec<&str> = said.iter().map(|(name, _)| *name).collect();
    let (mali, somchai) = (names[0], names[1]);
    assert_ne!(mali, somchai, "{said:#?}");
    assert_eq!(names, [mali, somchai, mali, somchai, somchai], "{said:#?}");
}
