use super::*;
use crate::testing::{COLLECT_WORDING, COLLECTS, Talk, heard, small_bot};
use crate::{DialogueState, Event, advance};

#[test]
fn choices_are_named_in_many_ways() {
    let steps = "
  - choose:
      say: sure
      attempts: 2
      options: [{ option: yes_do, say: one }, { option: no_dont, say: two }, { option: other, say: three }]
      otherwise: { say: none }
";
    let wording = [
        "sure",
        "yes_do: Go ahead now",
        "no_dont: Leave everything",
        "other: Ask later",
        "one",
        "two",
        "three",
        "none: x",
    ];
    let check = |text: &str, expected: &str| {
        let mut talk = Talk::new(&[("a", steps)], &wording);
        talk.begin("a", "go", &["sure"]);
        assert_eq!(fit(&talk.bot, &talk.state, &heard(text)), Fit::Sure, "{text}");
        talk.say(text, &[expected, "a Completed"]);
    };
    check("go ahead now", "one");
    check("ค่ะ", "one");
    check("ใช่ค่ะ", "one");
    check("OK!", "one");
    check("ไม่ใช่ครับ", "two");
    check("no, thank you", "two");
    check("3", "three");
    check("๒", "two");
    check("please ask later, not now", "three");
    check("everything", "two");
    // Confirming a question is no steering, even in a word of steering.
    let bot = &small_bot(&[("a", steps)], &wording.map(|w| w.split_once(": ").unwrap_or((w, "text"))));
    let asked =
        advance(bot, DialogueState::new("th", "line"), Event::Begin { flow: "a".into(), heard: heard("") });
    let asked = asked.unwrap().state;
    assert_eq!(fit(bot, &asked, &heard("ใช่แต่ยังก่อน")), Fit::No, "a longer word is another word");
    assert_eq!(fit(bot, &asked, &heard("norway")), Fit::No);
    assert_eq!(recognise_repair(bot, &asked, &heard("skip")), Some(Repair::Skip));
    assert_eq!(recognise_repair(bot, &asked, &heard("leave everything")), None);
    let mut talk = Talk::new(&[("a", steps)], &wording);
    talk.begin("a", "go", &["sure"]);
    assert_eq!(fit(&talk.bot, &talk.state, &heard("a nice day")), Fit::No);
    talk.say("a nice day", &["fallback_ask_again", "sure"]);
    talk.say("4", &["none", "a Completed"]);
}

#[test]
fn repairs_are_recognised_from_words_alone() {
    let mut talk = Talk::new(&[("a", COLLECTS)], &COLLECT_WORDING);
    let recognised = |talk: &Talk, text: &str| recognise_repair(&talk.bot, &talk.state, &heard(text));
    assert_eq!(recognised(&talk, "cancel"), None, "nothing is under way");
    talk.begin("a", "BK240117", &["ask_note"]);
    for (text, expected) in [
        ("cancel", Some(Repair::Cancel)),
        ("ยกเลิกครับ", Some(Repair::Cancel)),
        ("Never mind!", Some(Repair::Cancel)),
        ("cancel my order", None),
        ("ยกเลิกออเดอร์", None),
        ("please skip", Some(Repair::Skip)),
        ("ข้ามนะค่ะ", Some(Repair::Skip)),
        ("skipping stones", None),
        ("Pardon?", Some(Repair::Repeat)),
        ("go on", None),
        ("a note about BK240117", None),
        (
            "no, the number is BK240118",
            Some(Repair::Correct { slot: "order_number".into(), value: "BK240118".into() }),
        ),
        (
            "ไม่ใช่ค่ะ เลข BK240118",
            Some(Repair::Correct { slot: "order_number".into(), value: "BK240118".into() }),
        ),
        (
            "north of BK240118",
            Some(Repair::Correct { slot: "order_number".into(), value: "BK240118".into() }),
        ),
    ] {
        assert_eq!(recognised(&talk, text), expected, "{text}");
    }
    talk.say("a note", &["sure \"a note\",\"BK240117\""]);
    talk.say("no", &["not_done", "done \"BK240117\"", "a Completed"]);
    assert!(recognised(&talk, "no, BK240118").is_some(), "the flow that has just ended can be corrected");
    assert_eq!(recognised(&talk, "and BK240118?"), None, "a new wish");
}
