#![allow(clippy::all, clippy::pedantic, clippy::print_stdout, clippy::unwrap_used)]
use nlu::*;
use std::io::BufRead;
fn main() {
    let value = |value: &str, synonyms: &[&str]| ListValue {
        value: value.to_owned(),
        synonyms: synonyms.iter().map(|name| (*name).to_owned()).collect(),
    };
    let config = EntityConfig {
        patterns: vec![PatternEntity {
            name: "order_number".to_owned(),
            pattern: r"[A-Z]{2}\d{6}".to_owned(),
            keep_case: false,
        }],
        lists: vec![ListEntity {
            name: "product".to_owned(),
            values: vec![
                value("house blend", &["เฮาส์เบลนด์", "เฮ้าส์เบลนด์", "拼配豆"]),
                value("oat milk", &["นมโอ๊ต", "โอ๊ตมิลค์", "燕麦奶", "燕麥奶"]),
                value("cold brew bag", &["ถุงโคลด์บรูว์", "โคลด์บรูว์"]),
                value("Delonghi Dedica", &["Dedica", "เดดิก้า"]),
                value("Baratza Encore", &["Encore", "Baratza", "เอนคอร์", "บาราซ่า"]),
            ],
        }],
        ..EntityConfig::default()
    };
    let finder = EntityFinder::new(&config, &Words::new(&config.names())).unwrap();
    let timestamp: jiff::Timestamp = "2026-11-25T14:30:00+07:00".parse().unwrap();
    let moment = EntityMoment::new(timestamp.as_microsecond(), 420);
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let found = finder.find(&line, &Normalised::new(&line), moment, None);
        let found: Vec<String> =
            found.iter().map(|e| format!("{}[{}]={}", e.kind, e.text, e.value)).collect();
        println!("{line}\n      {}", found.join(" ; "));
    }
}
