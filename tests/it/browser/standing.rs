//! What people read of a message that may have arrived, and of a message to many that was stopped.

use channels::simulator::CustomerAct;
use channels::{ChannelName, Reply};
use engine::account_change::{self, Wanted};
use engine::demo::seed::TENANT;
use engine::ids::{AgentId, ChannelAccountId, TenantId};
use engine::line::broadcasts::SEND;
use engine::store::{BroadcastTo, Confirm, Confirmed, NewBroadcast, PeopleChoice};
use serde_json::json;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::acts::{open, write};
use super::channels::{contains, pictures, says, speak};
use super::sign_in;

const PERSON: &str = "4300009";
const SOMCHAI: &str = "U4000001aaaabbbbccccddddeeeeffff0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_uncertain_or_stopped_is_told_and_goes_on() {
    if !need("chromium") {
        return;
    }
    let demo = Demo::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    let window = browser.window("standing", 1440, 900).await.unwrap();
    sign_in(&window, &demo, "admin").await.unwrap();
    stopped(&demo, &window).await.unwrap();
    uncertain(&demo, &window).await.unwrap();
}

/// Telegram takes the message without an answer, and refuses the next try: the customer has blocked the bot.
async fn uncertain(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    window.run("location.hash = '#/'").await?;
    demo.act(ChannelName::Telegram, PERSON, &says("สวัสดีค่ะ")).await?;
    open(window, PERSON).await?;
    window.until("the bot's answer", "return !!document.querySelector('article.bot .state.sent')").await?;
    let silence = json!({ "fault": "accept_then_silence" });
    let broken = json!({ "fault": "server_error" });
    let faults = json!({ "channel": "telegram", "faults": [silence, broken, broken, broken, broken] });
    let json = [("content-type", "application/json")];
    let asked = ("POST", "/demo/faults");
    tests::http::call(demo.platforms, asked, &json, faults.to_string().as_bytes()).await?;
    write(window, "พรุ่งนี้ค่ะ").await?;
    while !demo.lines(ChannelName::Telegram, PERSON).await?.iter().any(|line| line["text"] == "พรุ่งนี้ค่ะ")
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    demo.act(ChannelName::Telegram, PERSON, &CustomerAct::Leaves).await?;
    window.until("that it may have arrived", &contains(".state.uncertain", "อาจส่งถึงแล้ว")).await?;
    pictures(window, "uncertain", "th").await?;
    speak(window, "en").await?;
    window.until("the same in English", &contains(".state.uncertain", "May have arrived")).await?;
    pictures(window, "uncertain", "en").await
}

async fn stopped(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    demo.act(ChannelName::Line, SOMCHAI, &says("สวัสดีค่ะ")).await?;
    let (tenant, id) = (TenantId::from_text(TENANT), ChannelAccountId::from_text("line-demo"));
    let switch = async |enabled: bool| {
        let account = account_change::fresh(&demo.app, &id).await.unwrap().unwrap();
        let wanted = Wanted { enabled: Some(enabled), ..Wanted::default() };
        account_change::change(&demo.app, &account, wanted, "test").await.unwrap();
    };
    // While the account is off nothing of it is sent, so it is surely stopped in time.
    switch(false).await;
    let store = &demo.app.store;
    let agent = AgentId::from_text("nok");
    let (to, reply) = (BroadcastTo::People { choice: PeopleChoice::default() }, Reply::text("ข่าวดี"));
    let people = i64::try_from(store.chosen_people(&tenant, &id, &PeopleChoice::default()).await?.len())?;
    let new = NewBroadcast {
        name: String::new(),
        tenant: tenant.clone(),
        account: id.clone(),
        to,
        reply,
        people,
        agent: agent.clone(),
    };
    let broadcast = store.draft_broadcast(new).await?;
    let confirm = Confirm { tenant: tenant.clone(), id: broadcast.clone(), people, agent, job: SEND };
    assert_eq!(store.confirm_broadcast(confirm).await?, Confirmed::Sending);
    let broadcast = store.broadcast(&tenant, &broadcast).await?.unwrap();
    let why = Some("You have reached your monthly limit.".to_owned());
    store.set_broadcast_state(&broadcast, "stopped", why).await?;
    switch(true).await;
    window.run("location.hash = '#/channels/line-demo/line'").await?;
    window.until("that it was stopped", &contains(".broadcasts li", "หยุดแล้ว")).await?;
    window.run("document.querySelector('.broadcasts').scrollIntoView()").await?;
    pictures(window, "stopped", "th").await?;
    let resume = "const button = [...document.querySelectorAll('.broadcasts button')].find((each) => each.textContent === 'ส่งต่อ'); \
                  button?.click(); return !!button";
    window.until("the button", resume).await?;
    window.until("the end", &contains(".broadcasts li", "เสร็จแล้ว")).await?;
    Ok(())
}
