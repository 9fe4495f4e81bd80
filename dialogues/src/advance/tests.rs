use super::*;
use crate::testing::{COLLECT_WORDING, COLLECTS, Talk, heard, small_bot};
use crate::{DialogueState, ExpectingKind, Repair, Value, expecting};

fn called(result: &serde_json::Value) -> Event {
    Event::Called { result: Value::from_json(result) }
}

#[test]
fn say_set_branch_and_remember_run_through() {
    let steps = "
  - set: { size: 2 + 1, who: 'default(person.name, \"you\")' }
  - branch:
      - { when: size > 5, say: big }
      - when: size > 2
        steps:
          - say: middle
          - remember: size
      - { otherwise: , say: small }
  - { say: bye, with: { extra: size * 2 } }
  - feedback:
";
    let mut talk = Talk::new(&[("a", steps)], &["big", "middle: '{who} {size}'", "small", "bye: '{extra}'"]);
    talk.begin(
        "a",
        "hi",
        &["middle 3,\"you\"", "remember size 3", "bye 6", "feedback ask_feedback", "a Completed"],
    );
    assert_eq!(talk.state.person["size"], Value::from(3));
    assert!(talk.state.is_idle());
}

#[test]
fn the_designs_example_runs() {
    let steps = "
  - collect: order_number
    pattern: '^[A-Z]{2}\\d{6}$'
    attempts: 2
    otherwise: { hand_off: could_not_read_order_number }
  - call: order_status
    with: { number: order_number }
    into: order
    on_error: { say: lookup_failed, then: { hand_off: order_system_down } }
  - branch:
      - when: order.status == \"shipped\"
        say: order_shipped
      - otherwise:
        say: order_pending
  - choose: { say: anything_else, options: [track_another, b] }
";
    let wording = [
        "ask_order_number",
        "lookup_failed",
        "order_shipped: '{order.number}'",
        "order_pending",
        "anything_else",
        "track_another",
        "b: Talk to a person",
    ];
    let mut talk = Talk::new(&[("a", steps), ("b", "  - hand_off: asked\n")], &wording);
    talk.begin("a", "where is my order", &["ask_order_number"]);
    let expected = expecting(&talk.bot, &talk.state).unwrap();
    assert_eq!(expected.slot.as_deref(), Some("order_number"));
    assert_eq!(expected.entity.as_deref(), Some("order_number"));
    assert_eq!(expected.pattern.as_deref(), Some(r"^[A-Z]{2}\d{6}$"));
    talk.say("no idea", &["fallback_ask_again", "ask_order_number"]);
    talk.say("bk240117 please", &["call order_status \"BK240117\""]);
    assert!(talk.state.awaits_effect());
    assert_eq!(talk.error(&Event::Heard(heard("hi"))), AdvanceError::AnswerFirst);
    let order = serde_json::json!({ "number": "BK240117", "status": "shipped", "total": 5 });
    talk.check(
        called(&order),
        &["order_shipped {\"number\":\"BK240117\",\"status\":\"shipped\",\"total\":5}", "anything_else"],
    );
    assert_eq!(expecting(&talk.bot, &talk.state).unwrap().kind, ExpectingKind::Choice);
    talk.say("talk to a person", &["a Completed", "hand off asked", "b HandedOff"]);
}

#[test]
fn a_failed_call_says_why() {
    let steps = "
  - call: note
    with: { text: said }
    on_error:
      branch:
        - { when: error == \"refused\", say: refused }
        - { otherwise: , say: broken }
";
    for (reason, wording) in [
        (CallFailure::Refused, "refused"),
        (CallFailure::Unavailable, "broken"),
        (CallFailure::BadResult, "broken"),
    ] {
        let mut talk = Talk::new(&[("a", steps)], &["refused", "broken"]);
        talk.begin("a", "hi", &["call note \"hi\""]);
        talk.check(Event::CallFailed { reason }, &[wording, "a Completed"]);
        let event = Event::CallFailed { reason };
        assert_eq!(talk.error(&event), AdvanceError::NotWaiting { event: "call_failed" });
    }
    let mut talk = Talk::new(&[("a", "  - call: note\n    with: { text: said }\n")], &[]);
    talk.begin("a", "hi", &["call note \"hi\""]);
    talk.check(
        Event::CallFailed { reason: CallFailure::Refused },
        &["hand off action_failed", "a HandedOff"],
    );
}

#[test]
fn attempts_run_out() {
    let steps =
        "  - { collect: size, entity: number, valid_when: size > 2, ask_again: again, attempts: 3 }\n";
    let mut talk = Talk::new(&[("a", steps)], &["ask_size", "again"]);
    talk.begin("a", "hi", &["ask_size"]);
    talk.say("many", &["again"]);
    talk.say("#1", &["again"]);
    talk.say("2", &["hand off could_not_collect", "a HandedOff"]);
}

#[test]
fn values_are_checked_by_an_action() {
    let steps = "
  - collect: order_number
    check_with:
      call: order_status
      with: { number: order_number }
      into: order
      passes_when: order.total > 0
    otherwise: { say: given_up }
    attempts: 3
  - { say: done }
";
    let mut talk =
        Talk::new(&[("a", steps)], &["ask_order_number", "given_up", "done: '{order_number} {error}'"]);
    talk.begin("a", "BK000001", &["call order_status \"BK000001\""]);
    talk.check(
        Event::CallFailed { reason: CallFailure::Refused },
        &["fallback_ask_again", "ask_order_number"],
    );
    talk.say("BK000002", &["call order_status \"BK000002\""]);
    talk.check(called(&serde_json::json!({ "total": 0 })), &["fallback_ask_again", "ask_order_number"]);
    talk.say("BK000003", &["call order_status \"BK000003\""]);
    talk.check(called(&serde_json::json!({ "total": 9 })), &["done null,\"BK000003\"", "a Completed"]);

    talk.begin("a", "BK000001", &["call order_status \"BK000001\""]);
    let down = Event::CallFailed { reason: CallFailure::Unavailable };
    talk.check(down, &["given_up", "done \"unavailable\",null", "a Completed"]);
}

#[test]
fn one_message_fills_several_slots_but_each_entity_only_one() {
    let steps = "
  - collect: order_number
  - { collect: size, entity: number }
  - { collect: count, entity: number }
  - say: done
";
    let wording = ["ask_order_number", "ask_size", "ask_count", "done: '{order_number} {size} {count}'"];
    let mut talk = Talk::new(&[("a", steps)], &wording);
    talk.begin("a", "#4 of BK240117 please", &["ask_count"]);
    talk.say("#5", &["done 5,\"BK240117\",4", "a Completed"]);
}

#[test]
fn what_is_known_is_not_asked_unless_it_is_no_longer_good() {
    let steps = "  - { collect: name, entity: text, known: person.name, valid_when: length(name) > 2 }\n  - say: done\n";
    let mut talk = Talk::new(&[("a", steps)], &["ask_name", "done: '{name}'"]);
    talk.state.person.insert("name".into(), Value::from("ฝน"));
    talk.begin("a", "hi", &["ask_name"]);
    talk.say("Fon", &["done \"Fon\"", "a Completed"]);
    talk.state.person.insert("name".into(), Value::from("Somchai"));
    talk.begin("a", "hi", &["done \"Somchai\"", "a Completed"]);
}

#[test]
fn steering_cancel_skip_repeat_correct() {
    let mut talk = Talk::new(&[("a", COLLECTS)], &COLLECT_WORDING);
    let repair = Event::Repair;
    talk.begin("a", "go", &["ask_order_number"]);
    talk.check(repair(Repair::Skip), &["cannot_skip", "ask_order_number"]);
    talk.check(repair(Repair::Repeat), &["ask_order_number"]);
    talk.say("BK240117", &["ask_note"]);
    talk.check(repair(Repair::Skip), &["skipped", "sure null,\"BK240117\""]);
    let correct = || Repair::Correct { slot: "order_number".into(), value: Value::from("BK240118") };
    // The skipped note is not asked again, but the choice is.
    talk.check(repair(correct()), &["corrected \"BK240118\"", "sure null,\"BK240118\""]);
    talk.say("yes please", &["call note \"BK240118\""]);
    talk.check(called(&serde_json::json!({ "ok": true })), &["done \"BK240118\"", "a Completed"]);
    // After the end a correction takes the flow up again.
    let correct = Repair::Correct { slot: "order_number".into(), value: Value::from("BK240119") };
    talk.check(repair(correct), &["corrected \"BK240119\"", "sure null,\"BK240119\""]);
    talk.check(repair(Repair::Cancel), &["a Cancelled", "cancelled_flow \"flow_a\""]);
    assert!(talk.state.is_idle());
    talk.check(repair(Repair::Cancel), &[]);
    talk.check(repair(Repair::Repeat), &[]);
    talk.check(repair(Repair::Resume), &[]);
}

#[test]
fn a_change_of_mind_pauses_and_resumes() {
    let flows =
        [("a", COLLECTS), ("b", "  - { collect: colour }\n  - say: hello\n"), ("c", "  - say: hello\n")];
    let wording = [&COLLECT_WORDING[..], &["ask_colour"]].concat();
    let mut talk = Talk::new(&flows, &wording);
    talk.begin("a", "BK240117", &["ask_note"]);
    // A flow that asks nothing does not disturb the open question.
    talk.begin("c", "hi", &["hello", "c Completed", "ask_note"]);
    talk.begin("b", "colours?", &["ask_colour"]);
    assert_eq!(talk.state.paused_flows().collect::<Vec<_>>(), ["a"]);
    talk.say("red", &["hello", "b Completed", "resume_flow \"flow_a\""]);
    talk.say("ok", &["ask_note"]);
    talk.begin("b", "colours?", &["ask_colour"]);
    talk.say("blue", &["hello", "b Completed", "resume_flow \"flow_a\""]);
    talk.press("resume/no", &["a Cancelled", "cancelled_flow \"flow_a\""]);
    assert!(talk.state.is_idle());
    // Beginning a paused flow takes it up where it was.
    talk.begin("a", "BK240117", &["ask_note"]);
    talk.begin("b", "colours?", &["ask_colour"]);
    talk.begin("a", "the order again", &["ask_note"]);
    assert_eq!(talk.state.paused_flows().collect::<Vec<_>>(), ["b"]);
    // Beginning the present flow asks again, and takes what is new.
    talk.begin("a", "the order", &["ask_note"]);
    talk.check(
        Event::Repair(Repair::Cancel),
        &["a Cancelled", "cancelled_flow \"flow_a\"", "resume_flow \"flow_b\""],
    );
    talk.check(Event::Repair(Repair::Resume), &["ask_colour"]);
}

#[test]
fn unclear_wishes_are_offered() {
    let flows = [("a", COLLECTS), ("b", "  - hand_off: asked\n"), ("c", "  - say: hello\n")];
    let mut talk = Talk::new(&flows, &COLLECT_WORDING);
    let clarify = || Event::Repair(Repair::Clarify { flows: vec!["b".into(), "c".into(), "gone".into()] });
    talk.begin("a", "BK240117", &["ask_note"]);
    talk.check(clarify(), &["clarify_which"]);
    let options = expecting(&talk.bot, &talk.state).unwrap().options;
    let payloads: Vec<&str> = options.iter().map(|choice| choice.payload.as_str()).collect();
    assert_eq!(payloads, ["begin/b", "begin/c", "none"]);
    talk.say("the 2nd", &[]);
    talk.say("2", &["hello", "c Completed", "ask_note"]);
    talk.check(clarify(), &["clarify_which"]);
    talk.press("none", &["fallback_ask_again", "ask_note"]);
    talk.check(clarify(), &["clarify_which"]);
    talk.press("begin/b", &["hand off asked", "b HandedOff", "a Abandoned"]);
    talk.check(Event::HandedBack, &["handed_back"]);
}

#[test]
fn old_and_foreign_quick_replies_do_no_harm() {
    let steps = "  - choose: { say: pick, optional: true, options: [c, { option: d, say: hello }] }\n";
    let flows = [("a", COLLECTS), ("b", steps), ("c", "  - say: hello\n")];
    let wording = [&COLLECT_WORDING[..], &["c: Flow c", "d: Say hello", "pick"]].concat();
    let mut talk = Talk::new(&flows, &wording);
    talk.begin("b", "go", &["pick"]);
    talk.begin("a", "go", &["b Completed", "ask_order_number"]);
    talk.press("b/0/d", &["ask_order_number"]);
    talk.press("b/0/c", &["hello", "c Completed", "ask_order_number"]);
    talk.press("b/0/zzz", &["ask_order_number"]);
    talk.press("nowhere/0/zzz", &["ask_order_number"]);
    talk.press("begin/nowhere", &["ask_order_number"]);
    talk.press("resume/yes", &["ask_order_number"]);
    talk.press("none", &["ask_order_number"]);
}

#[test]
fn flows_run_each_other_and_return() {
    let flows = [
        ("a", "  - { run: b, with: { size: 2 }, into: made }\n  - { say: hello }\n  - go_to: c\n"),
        ("b", "  - { collect: colour }\n  - { set: { twice: size * 2 } }\n"),
        ("c", "  - end\n"),
    ];
    let mut talk = Talk::new(&flows, &["ask_colour", "hello: '{made.colour} {made.twice}'"]);
    talk.begin("a", "go", &["ask_colour"]);
    assert_eq!(talk.state.flows().collect::<Vec<_>>(), ["a", "b"]);
    talk.say("red", &["hello {\"colour\":\"RED\",\"size\":2,\"twice\":4}", "a Completed", "c Completed"]);
}

#[test]
fn circles_are_stopped() {
    let talk = Talk::new(&[("a", "  - go_to: a\n"), ("b", "  - run: b\n  - say: x\n")], &["x"]);
    for flow in ["a", "b"] {
        let event = Event::Begin { flow: flow.into(), heard: Heard::default() };
        assert_eq!(talk.error(&event), AdvanceError::Endless { flow: flow.into() });
    }
    let event = Event::Begin { flow: "q".into(), heard: Heard::default() };
    assert_eq!(talk.error(&event), AdvanceError::UnknownFlow { flow: "q".into() });
}

#[test]
fn searching_goes_on_either_way() {
    let steps = "  - { search: said, on_nothing: { say: nothing } }\n  - search: said\n  - say: hello\n";
    let mut talk = Talk::new(&[("a", steps)], &["nothing", "hello"]);
    talk.begin("a", "how?", &["search how?"]);
    talk.check(Event::NothingFound, &["nothing", "search how?"]);
    talk.check(Event::NothingFound, &["no_answer", "hello", "a Completed"]);
    talk.begin("a", "how?", &["search how?"]);
    talk.check(Event::Found { answer: "x".into() }, &["search how?"]);
    // Beginning the flow again performs the step anew, and nothing is found for nothing.
    talk.begin("a", "", &["no_answer", "hello", "a Completed"]);
}

#[test]
fn a_changed_bot_mends_the_state() {
    let mut talk = Talk::new(
        &[("a", COLLECTS), ("b", "  - collect: colour\n")],
        &[&COLLECT_WORDING[..], &["ask_colour"]].concat(),
    );
    talk.begin("b", "go", &["ask_colour"]);
    talk.begin("a", "BK240117", &["ask_note"]);
    // The step is gone: the flow begins anew with the slots it has.
    talk.bot = small_bot(
        &[("a", "  - collect: order_number\n  - say: hello\n")],
        &[("ask_order_number", "x"), ("hello", "x")],
    );
    talk.state.stack[0].at = crate::Position::parse("7.1.2").unwrap();
    talk.say("anything", &["hello", "a Completed"]);
    assert_eq!(talk.state.paused_flows().count(), 0);
    // The flow itself is gone.
    talk.bot = small_bot(&[("c", "  - say: hello\n")], &[("hello", "x")]);
    talk.say("anything", &[]);
    assert!(talk.state.is_idle());
}

#[test]
fn a_newer_state_is_refused() {
    let mut state = DialogueState::new("th", "line");
    state.version += 1;
    let error = DialogueState::read(&serde_json::to_string(&state).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "state of version 2, newer than this program's 1");
    assert!(DialogueState::read("{}").is_err());
}
