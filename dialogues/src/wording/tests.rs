use super::*;
use crate::effect::{Choice, Say, Title};
use crate::testing::{demo_bot, small_bot};
use crate::{Date, Value};

fn template(text: &str) -> Result<Template, String> {
    Template::parse(text, Mark::default()).map_err(|error| error.to_string())
}

#[test]
fn templates_are_read_strictly() {
    assert_eq!(template("a {{b}} c").unwrap().plain(), Some("a {b} c"));
    assert_eq!(template("").unwrap().plain(), Some(""));
    assert_eq!(template("{x} {if(y == none, \"}\", '{')}").unwrap().names(), BTreeSet::from(["x", "y"]));
    let check = |text: &str, expected: &str| assert_eq!(template(text).unwrap_err(), expected);
    check("a {b", "a `{` is never closed");
    check("a } b", "a `}` was never opened; write `}}` for the brace itself");
    check("{a +}", "in `{a +}`: expected a value at character 4, found the end");
    check("{}", "in `{}`: expected a value at character 1, found the end");
}

#[test]
fn words_fit_language_channel_and_seed() {
    let wording = [
        (
            "hello",
            "{ text: [one, two, three], channels: { line: only }, choices: [{ title: go, begin: a }] }",
        ),
        ("go", "Go on"),
        ("long", "\"first {x}\\n---\\n\\nsecond\\nline\\n---\\n\""),
        ("colour", "'{title(x)} {baht(y)} {z}'"),
    ];
    let bot = small_bot(
        &[(
            "a",
            "  - say: hello\n  - { say: long, with: { x: said } }\n  - { say: colour, with: { x: said, y: 5, z: today } }\n",
        )],
        &wording,
    );
    let one = |seed| word(&bot, "en", "web", &Say::plain("hello"), seed);
    assert_eq!(one(1), one(1));
    let seen: BTreeSet<String> = (0..50).flat_map(|seed| one(seed).parts).collect();
    assert_eq!(seen.len(), 3);
    assert_eq!(one(1).choices, [WordedChoice { title: "Go on".into(), payload: "begin/a".into() }]);
    assert_eq!(word(&bot, "en", "line", &Say::plain("hello"), 1).parts, ["only"]);
    let long = word(&bot, "th", "line", &Say::with("long", "x", "{y}\n---"), 0);
    assert_eq!(long.parts, ["first {y}\n---", "second\nline"], "only a wording's own dashes end a message");
    let mut say = Say::with("colour", "x", "RED");
    say.args.insert("y".into(), Value::from(1_234_500));
    say.args.insert("z".into(), Value::Date(Date::new(2026, 11, 21).unwrap()));
    say.choices.push(Choice { payload: "p".into(), title: Title::Text("{as it is}".into()) });
    let worded = word(&bot, "th", "line", &say, 0);
    assert_eq!(worded.parts, ["สีแดง 12,345 baht 21 พ.ย. 2569"]);
    assert_eq!(worded.choices[0].title, "{as it is}");
    assert_eq!(word(&bot, "fr", "line", &say, 0).parts, ["สีแดง 12,345 baht 2026-11-21"]);
    assert_eq!(word(&bot, "fr", "line", &Say::plain("gone"), 0).parts, ["gone"]);
}

#[test]
fn the_demo_bot_speaks_three_languages() {
    let bot = demo_bot();
    let mut say = Say::plain("handoff_started");
    say.args.insert("minutes".into(), Value::from(5));
    let check = |language: &str, expected: &str| {
        let text = word(bot, language, "line", &say, 0).parts.join("\n");
        assert!(text.contains(expected), "{text}");
    };
    check("th", "รอประมาณ 5 นาที");
    check("en", "about 5 minutes");
    check("zh", "约 5 分钟");
}

#[test]
fn a_picture_with_areas_goes_with_its_words() {
    let area = "{ x: 0, y: 0, width: 520, height: 520, label: Tea, say: tea }";
    let written = format!(
        "{{ text: 'Hello', imagemap: {{ picture: 'https://x.example/a.png', alt: A, width: 1040, height: 520, \
         areas: [{area}, {{ x: 520, y: 0, width: 520, height: 520, open: 'https://x.example/' }}] }} }}"
    );
    let bot = small_bot(&[("a", "  - { say: sent }\n")], &[("sent", written.as_str())]);
    let worded = word(&bot, "th", "line", &Say::plain("sent"), 0);
    assert_eq!(worded.parts, ["Hello"]);
    let imagemap = worded.imagemap.unwrap();
    assert_eq!(
        (imagemap.picture.as_str(), imagemap.width, imagemap.height),
        ("https://x.example/a.png", 1_040, 520)
    );
    let presses: Vec<_> = imagemap.areas.iter().map(|area| (area.label.as_str(), &area.press)).collect();
    let (tea, shop) = (Press::Say("tea".into()), Press::Open("https://x.example/".into()));
    assert_eq!(presses, [("Tea", &tea), ("", &shop)]);
}

#[test]
fn a_template_is_filled_in_for_its_channel() {
    let wording = [(
        "sent",
        "{ text: 'Sent {x}', templates: { whatsapp: { name: sent_2, values: { body.1: '{x}', button.0: 'a{y}' } }, \
         messenger: { name: sent_3, language: en_US, when: always } } }",
    )];
    let bot = small_bot(&[("a", "  - { say: sent, with: { x: said, y: language } }\n")], &wording);
    let mut say = Say::with("sent", "x", "two\n\t lines {y}");
    say.args.insert("y".into(), Value::from(7));
    let on = |channel: &str| word(&bot, "th", channel, &say, 0);
    let template = on("whatsapp").template.unwrap();
    assert_eq!(
        (template.name.as_str(), template.language.as_str(), template.always),
        ("sent_2", "th", false)
    );
    let values: Vec<_> = template.values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(values, [("body.1", "two lines {y}"), ("button.0", "a7")]);
    let template = on("messenger").template.unwrap();
    assert_eq!((template.language.as_str(), template.always), ("en_US", true));
    assert_eq!(on("line").template, None);
    assert_eq!(on("whatsapp").parts, on("line").parts);
}
