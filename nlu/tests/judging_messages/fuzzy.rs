//! Listed names with typos, lost tone marks, in the other script.

use nlu::{EntityConfig, EntityFinder, EntityMoment, ListEntity, ListValue, Normalised, Words};
use serde::Deserialize;

use crate::{Tally, cases, show};

#[derive(Deserialize)]
struct Case {
    text: String,
    value: Option<String>,
    span: Option<String>,
}

const PRODUCTS: [(&str, &str); 12] = [
    ("ลาเต้", "latte"),
    ("คาปูชิโน่", "cappuccino"),
    ("อเมริกาโน่", "americano"),
    ("เอสเปรสโซ่", "espresso"),
    ("มอคค่า", "mocha"),
    ("ชาไทย", "thai tea"),
    ("ชาเขียว", "green tea"),
    ("โกโก้", "cocoa"),
    ("ครัวซองต์", "croissant"),
    ("บราวนี่", "brownie"),
    ("เครื่องบดกาแฟ", "coffee grinder"),
    ("เมล็ดกาแฟ", "coffee beans"),
];

/// The products by their names in one language, with the other's as synonyms where `both`.
fn finder(file: &str, both: bool) -> EntityFinder {
    let values = PRODUCTS.iter().map(|(thai, english)| {
        let (value, other) = if file == "th" { (thai, english) } else { (english, thai) };
        let synonyms = if both { vec![(*other).to_owned()] } else { Vec::new() };
        ListValue { value: (*value).to_owned(), synonyms }
    });
    let config = EntityConfig {
        builtins: Vec::new(),
        patterns: Vec::new(),
        lists: vec![ListEntity { name: "products".to_owned(), values: values.collect() }],
    };
    EntityFinder::new(&config, &Words::new(&config.names())).expect("the list is usable")
}

fn judge(file: &str, both: bool, floors: [[f64; 2]; 2]) {
    let finder = finder(file, both);
    let (mut products, mut others) = (Tally::default(), Tally::default());
    for case in cases::<Case>(&format!("fuzzy/{file}.jsonl")) {
        let found = finder.find(&case.text, &Normalised::new(&case.text), EntityMoment::new(0, 0), None);
        let found: Vec<(String, String)> = found
            .into_iter()
            .map(|entity| (entity.value.as_str().unwrap_or_default().to_owned(), entity.text))
            .collect();
        let expected: Vec<(String, String)> = case.value.into_iter().zip(case.span).collect();
        let tally = if expected.is_empty() { &mut others } else { &mut products };
        tally.count(&case.text, found == expected);
        if found != expected {
            show(&case.text, &expected, &found);
        }
    }
    let names = if both { "names of both languages" } else { "names of one language" };
    products.check(&format!("fuzzy {file}, {names}, value and span"), floors[0]);
    others.check(&format!("fuzzy {file}, {names}, no product"), floors[1]);
}

#[test]
fn judging_fuzzy_names() {
    judge("th", true, [[96.0, 87.0], [95.0, 88.0]]);
    judge("en", true, [[96.0, 90.0], [95.0, 90.0]]);
    judge("th", false, [[84.0, 81.0], [95.0, 88.0]]);
    judge("en", false, [[88.0, 80.0], [95.0, 90.0]]);
}
