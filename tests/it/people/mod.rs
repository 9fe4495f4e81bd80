//! The same person on several channels: recognised by a code or a signed link, and going on where they were.

mod account_link;
mod console;
mod going_on;
mod guessing;
mod login;
mod login_page;
mod mistyped;
mod passing_on;
mod passing_on_console;
mod question;
mod signed_in;
mod veiled;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::ids::{ChannelAccountId, TenantId};
use engine::store::{Conversation, ConversationFilter, LinkOwner, Tab};
use serde_json::Value;
use tests::demo::Demo;
use tests::visitor::Visitor;

const PATIENCE: Duration = Duration::from_secs(20);
const LINE_CUSTOMER: &str = "U4000009aaaabbbbccccddddeeeeffff0";

fn tenant() -> TenantId {
    TenantId::from_text(engine::demo::seed::TENANT)
}

fn visitor(demo: &Demo) -> Visitor {
    Visitor::new(&format!("ws://{}/channels/web-demo/socket", demo.address))
}

fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.to_owned(), quotes: None }
}

/// Somebody in the web chat who asks for an order, and their conversation.
async fn asking(demo: &Demo) -> anyhow::Result<(Visitor, Conversation)> {
    let mut visitor = visitor(demo);
    visitor.connect().await?;
    visitor.say("c1", "ของถึงไหนแล้วคะ").await?;
    Ok((visitor, newest(demo, "web").await?))
}

/// The newest open conversation on a channel.
async fn newest(demo: &Demo, channel: &str) -> anyhow::Result<Conversation> {
    let filter =
        ConversationFilter { tab: Tab::All, status: "open".to_owned(), words: None, before: None, limit: 50 };
    let nobody = engine::ids::AgentId::from_text("");
    let page = demo.app.store.conversations(&tenant(), &nobody, &filter).await?;
    page.conversations.into_iter().find(|one| one.channel == channel).context("no conversation")
}

/// A code for the person of a conversation, as the bot or an agent gives it.
async fn code_for(demo: &Demo, conversation: &Conversation) -> anyhow::Result<engine::links::Offer> {
    let owner = LinkOwner::Person(conversation.person.clone());
    let here = ChannelAccountId::from_text(conversation.channel_account.as_str());
    engine::links::offer(&demo.app, &tenant(), (&owner, "customer"), Some(&here)).await
}

/// What a customer on a platform is asked before a code joins them.
const QUESTION: &[&str] = &["ตอบใช่เฉพาะเมื่อคุณเป็นคนขอเอง", "Say yes only if"];

/// Waits for the question after so many lines, and answers it.
async fn answers(demo: &Demo, who: (ChannelName, &str), after: usize, answer: &str) -> anyhow::Result<usize> {
    let seen = sees_one(demo, who, after, QUESTION).await?;
    demo.act(who.0, who.1, &says(answer)).await?;
    Ok(seen)
}

/// The payload of the newest choice in a conversation that begins so.
async fn offered(demo: &Demo, conversation: &Conversation, prefix: &str) -> anyhow::Result<String> {
    let messages = demo.app.store.messages(&tenant(), &conversation.id, None, 100).await?;
    let mut choices = messages.iter().rev().flat_map(|message| &message.body.choices);
    let found = choices.find(|choice| choice.payload.starts_with(prefix));
    Ok(found.context("there is no such choice")?.payload.clone())
}

/// Waits until a customer of a platform has seen the words after so many lines; returns how many there are then.
async fn sees(
    demo: &Demo,
    (channel, customer): (ChannelName, &str),
    after: usize,
    words: &str,
) -> anyhow::Result<usize> {
    sees_one(demo, (channel, customer), after, &[words]).await
}

/// The same in whatever language it is said.
async fn sees_one(
    demo: &Demo,
    (channel, customer): (ChannelName, &str),
    after: usize,
    words: &[&str],
) -> anyhow::Result<usize> {
    let began = Instant::now();
    loop {
        let lines = demo.lines(channel, customer).await?;
        let is_there = |line: &Value| {
            let text = line["text"].as_str().unwrap_or_default();
            line["from"] != "customer" && words.iter().any(|words| text.contains(words))
        };
        if lines.iter().skip(after).any(is_there) {
            return Ok(lines.len());
        }
        ensure!(began.elapsed() < PATIENCE, "none of {words:?} was ever said: {lines:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
