//! Faults of the platforms: what customers see in spite of them. The tool `fault_run` plays the same at length.

use channels::simulator::Fault;
use channels::{ChannelName, Destination};
use engine::deliver::deliver_due;
use engine::platform::{CallLimits, call};
use engine::store::{Author, Control, MessageState};
use tests::TestStore;
use tests::fault_run::{FaultRun, Stage};

const SOMCHAI: &str = "U4000001aaaabbbbccccddddeeeeffff0";
const SEVEN: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reply_arrives_in_order_and_seldom_twice() {
    let store = TestStore::memory().await;
    let verdict = FaultRun { sends: 600, seed: 7 }.play(&store).await.unwrap();
    // Metrics belong to the process, and other tests count in it, too: the tool, which is alone in its own, compares them.
    let mut mistakes = verdict.mistakes();
    mistakes.retain(|mistake| !mistake.starts_with("the metric counted"));
    assert_eq!(mistakes, Vec::<String>::new(), "\n{}", verdict.table());
    assert!(verdict.rows.iter().all(|row| row.ambiguous() > 0), "\n{}", verdict.table());
}

const UNKNOWN: &str = "nobody knows whether an earlier try of this message arrived (send-new)";

/// How far our messages to the customer on LINE came, oldest first.
async fn states(stage: &Stage) -> Vec<MessageState> {
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    let (store, account) = (&stage.app.store, &stage.accounts[&ChannelName::Line]);
    let conversation = store.conversation_of_thread(&tenant, account, SOMCHAI).await.unwrap().unwrap();
    let messages = store.messages(&tenant, &conversation.id, None, 20).await.unwrap();
    let ours = messages.into_iter().filter(|message| message.author == Author::Bot);
    ours.map(|message| message.state).collect()
}

async fn parked(stage: &Stage) -> Vec<String> {
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    let parked = stage.app.store.parked_outbound(&tenant).await.unwrap();
    parked.into_iter().map(|parked| parked.reason.unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_token_serves_one_reply_and_its_refusal_is_no_receipt_for_another() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Line, SOMCHAI, "hello").await;
    stage.answer(&[&["a"], &["b"]]).await.unwrap();
    // The second reply breaks off once: it must not take the first one's spent token for its own arrival.
    stage.fail_next(ChannelName::Line, &[Fault::None, Fault::Reset]);
    stage.deliver().await.unwrap();
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), ["a", "b"]);
}

#[tokio::test]
async fn what_line_took_without_an_answer_is_not_said_again() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Line, SOMCHAI, "hello").await;
    stage.answer(&[&SEVEN, &["b"]]).await.unwrap();
    // The reply, then the push of what did not fit into it, then the push of the second reply.
    let silence = Fault::AcceptThenSilence;
    stage.fail_next(
        ChannelName::Line,
        &[silence, Fault::None, silence, Fault::ServerError, Fault::None, silence],
    );
    stage.deliver().await.unwrap();
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), ["1", "2", "3", "4", "5", "6", "7", "b"]);
    assert_eq!(parked(&stage).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_push_of_unknown_outcome_is_repeated_as_a_push() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Line, SOMCHAI, "hello").await;
    stage.answer(&[&["a"]]).await.unwrap();
    // The token dies while LINE asks for patience.
    stage.fail_next(ChannelName::Line, &[Fault::TooManyRequests { seconds: 90 }, Fault::Reset]);
    stage.deliver().await.unwrap();
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), ["a"]);
}

#[tokio::test]
async fn where_nobody_can_tell_a_person_decides() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Line, SOMCHAI, "hello").await;
    stage.answer(&[&["a"]]).await.unwrap();
    // A reply that may have arrived, and a token that dies before LINE can say so.
    stage.fail_next(ChannelName::Line, &[Fault::Reset, Fault::TooManyRequests { seconds: 90 }]);
    stage.deliver().await.unwrap();
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), Vec::<String>::new());
    assert_eq!(parked(&stage).await, [UNKNOWN]);
    assert_eq!(states(&stage).await, [MessageState::Uncertain], "no plain failure");

    // Asked for again it goes another way.
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    let parked = stage.app.store.parked_outbound(&tenant).await.unwrap();
    stage.app.store.retry_outbound(&tenant, &parked[0].id).await.unwrap();
    stage.deliver().await.unwrap();
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), ["a"]);
}

/// A reply leaves for LINE, and its process is killed before it hears the answer.
async fn killed_while_sending(stage: &Stage) {
    let row = stage.app.store.claim_outbox(1, 60_000).await.unwrap().remove(0);
    let account = stage.app.accounts.find(&row.account).await.unwrap();
    let to = Destination { now: row.planned_at.0, ..row.destination.clone() };
    let plan = account.adapter.plan(&account.config, &to, &row.reply);
    let taken = call(&stage.app, &account, &plan.requests[0], CallLimits::default()).await.unwrap();
    assert_eq!(taken.status, 200);
}

#[tokio::test]
async fn a_reply_of_a_killed_process_is_settled_by_lines_answer() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Line, SOMCHAI, "hello").await;
    stage.answer(&[&["a"], &["b"]]).await.unwrap();
    killed_while_sending(&stage).await;
    let before = stage.clock.now();
    stage.app.store.end_leases().await.unwrap();
    stage.deliver().await.unwrap();
    assert!(stage.clock.now().0 - before.0 < 5_000_000, "nobody waits for the dead process");
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), ["a", "b"]);
    assert_eq!(states(&stage).await, [MessageState::Sent, MessageState::Sent]);
    assert_eq!(parked(&stage).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_reply_of_a_killed_process_that_nobody_can_settle_is_no_failure() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Line, SOMCHAI, "hello").await;
    stage.answer(&[&["a"]]).await.unwrap();
    killed_while_sending(&stage).await;
    // Another node holds the lease for all that we know; when it ends, the token is too old to tell.
    stage.deliver().await.unwrap();
    assert_eq!(stage.seen(ChannelName::Line, SOMCHAI), ["a"], "not said twice");
    assert_eq!(states(&stage).await, [MessageState::Uncertain]);
    assert_eq!(parked(&stage).await, [UNKNOWN]);
}

#[tokio::test]
async fn echoes_and_receipts_spare_the_repetition_of_a_part() {
    for (channel, customer) in [
        (ChannelName::Messenger, "4000001"),
        (ChannelName::Instagram, "4000001"),
        (ChannelName::Whatsapp, "66812345678"),
    ] {
        let store = TestStore::memory().await;
        let stage = Stage::set(&store).await.unwrap();
        stage.hear(channel, customer, "hello").await;
        stage.answer(&[&["1", "2", "3"], &["b"]]).await.unwrap();
        stage.fail_next(channel, &[Fault::None, Fault::AcceptThenSilence, Fault::Reset]);
        stage.deliver().await.unwrap();
        assert_eq!(stage.seen(channel, customer), ["1", "2", "3", "b"], "{channel:?}");
        let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
        let thread = stage.app.store.conversation_of_thread(&tenant, &stage.accounts[&channel], customer);
        if let Some(conversation) = thread.await.unwrap() {
            assert_eq!(conversation.control, Control::Bot, "{channel:?}: our own words are nobody else's");
        } else {
            assert_eq!(
                channel,
                ChannelName::Whatsapp,
                "it alone names people otherwise than by their number"
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_due_stays_until_the_clock_is_moved() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Telegram, "4000001", "hello").await;
    stage.answer(&[&["a"], &["b"]]).await.unwrap();
    stage.fail_next(ChannelName::Telegram, &[Fault::TooManyRequests { seconds: 5 }]);
    assert_eq!(deliver_due(&stage.app).await.unwrap(), 1);
    stage.clock.advance_millis(4_999);
    assert_eq!(deliver_due(&stage.app).await.unwrap(), 0);
    stage.clock.advance_millis(1);
    assert_eq!(deliver_due(&stage.app).await.unwrap(), 2);
    assert_eq!(stage.seen(ChannelName::Telegram, "4000001"), ["a", "b"]);
}

/// The bodies of our messages to a customer that say whether they may stand there twice.
async fn repeated(stage: &Stage, channel: ChannelName, thread: &str) -> Vec<bool> {
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    let (store, account) = (&stage.app.store, &stage.accounts[&channel]);
    let conversation = store.conversation_of_thread(&tenant, account, thread).await.unwrap().unwrap();
    let messages = store.messages(&tenant, &conversation.id, None, 20).await.unwrap();
    let ours = messages.into_iter().filter(|message| message.author == Author::Bot);
    ours.map(|message| message.body.repeated).collect()
}

#[tokio::test]
async fn what_may_stand_there_twice_is_marked() {
    let silence = Fault::AcceptThenSilence;
    for (channel, customer, seen, expected) in [
        (ChannelName::Telegram, "4000001", vec!["a", "a", "b"], [true, false]),
        (ChannelName::Line, SOMCHAI, vec!["a", "b"], [false, false]),
    ] {
        let store = TestStore::memory().await;
        let stage = Stage::set(&store).await.unwrap();
        stage.hear(channel, customer, "hello").await;
        stage.answer(&[&["a"], &["b"]]).await.unwrap();
        stage.fail_next(channel, &[silence]);
        stage.deliver().await.unwrap();
        assert_eq!(stage.seen(channel, customer), seen, "{channel:?}");
        assert_eq!(repeated(&stage, channel, customer).await, expected, "{channel:?}");
    }
}
