//! Messages that ask for several things, as a customer of the demo's shop writes them.

use serde_json::Value;
use tests::demo::Demo;

use super::Program;

/// Talks to the shop; every turn's answer.
async fn conversation(words: &[&str]) -> Vec<Value> {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    let lines: Vec<String> =
        words.iter().map(|words| serde_json::json!({ "user": words }).to_string()).collect();
    let said = program.run(&["converse", "--jsonl"], &lines.join("\n")).await;
    let turns = said.text.lines().filter(|line| line.starts_with('{'));
    turns.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn replies(turn: &Value) -> Vec<&str> {
    turn["replies"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_articles_answer_comes_first_and_the_flow_asks_last() {
    let turns = conversation(&["where is my order and what time do you open", "BK240117"]).await;
    let first = replies(&turns[0]);
    assert_eq!((&turns[0]["decision"], &turns[0]["flow"]), (&"answer".into(), &"track_order".into()));
    assert!(first.len() == 2 && first[1].contains("order number"), "{first:?}");
    assert_eq!(turns[1]["decision"], "continue_flow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_must_wait_is_taken_up_when_the_flow_is_done() {
    let words = ["where is my order and I want to change the delivery address", "BK240117"];
    let turns = conversation(&words).await;
    assert_eq!(turns[0]["flow"], "track_order");
    assert_eq!(turns[1]["flow"], "change_delivery_address", "{:?}", replies(&turns[1]));
}
