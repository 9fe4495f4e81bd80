//! Whatever happens in whatever order, a conversation stays sound.

use proptest::prelude::*;

use super::*;
use crate::testing::demo_bot;
use crate::{DialogueState, FlowOutcome, Mention, Repair, Value, expecting};

fn any_value() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        Value::text("BK240117"),
        Value::text("MACH-01"),
        Value::from(3),
        Value::from(-1),
        Value::None,
        Value::Date(crate::Date::new(2026, 11, 25).unwrap()),
        Value::from(vec![]),
    ])
}

fn any_heard() -> impl Strategy<Value = Heard> {
    let texts = "|BK240117|ยกเลิก|ใช่ค่ะ|no|3|RED|081-234-5678|เครื่องชง 2 หัว|{said}|ไม่ใช่ BK240118";
    let kinds = "order_number product phone number date email tax_id";
    let payloads = "begin/track_order resume/yes resume/no none cancel_order/2.2.0/yes_cancel x/0/y \
                    track_order/3/track_another";
    let mention = (any_word(kinds), any_value());
    let mention = mention.prop_map(|(kind, value)| Mention { kind, text: String::new(), value });
    let text = proptest::sample::select(texts.split('|').collect::<Vec<_>>());
    let payload = proptest::option::weighted(0.2, any_word(payloads));
    (text, proptest::collection::vec(mention, 0..3), payload).prop_map(|(text, entities, payload)| Heard {
        entities,
        payload,
        ..Heard::text(text)
    })
}

fn any_word(words: &'static str) -> impl Strategy<Value = String> {
    proptest::sample::select(words.split_whitespace().collect::<Vec<_>>()).prop_map(str::to_owned)
}

fn any_repair() -> impl Strategy<Value = Repair> {
    let flows = vec!["track_order".to_owned(), "cancel_order".to_owned()];
    let plain =
        [Repair::Cancel, Repair::Skip, Repair::Repeat, Repair::Resume, Repair::Clarify { flows }].to_vec();
    prop_oneof![
        (any_word("order_number machine phone date people nothing"), any_value())
            .prop_map(|(slot, value)| Repair::Correct { slot, value }),
        proptest::sample::select(plain),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let flows = "track_order cancel_order machine_not_working barista_training_book greeting \
                 recommend_product complaint nowhere";
    let failures = [CallFailure::Refused, CallFailure::Unavailable, CallFailure::BadResult].to_vec();
    let others = [Event::HandedBack, Event::NothingFound, Event::Found { answer: "x".into() }].to_vec();
    prop_oneof![
        4 => any_heard().prop_map(Event::Heard),
        3 => (any_word(flows), any_heard()).prop_map(|(flow, heard)| Event::Begin { flow, heard }),
        2 => any_repair().prop_map(Event::Repair),
        3 => any_value().prop_map(|result| Event::Called { result }),
        1 => proptest::sample::select(failures).prop_map(|reason| Event::CallFailed { reason }),
        1 => proptest::sample::select(others),
    ]
}

/// What holds after every event, whatever it was.
fn hold(bot: &Bot, advanced: &Advanced) {
    let state = &advanced.state;
    assert!(state.paused.len() <= 3);
    assert!(advanced.visited.len() <= MAX_STEPS as usize);
    let waits =
        advanced.effects.iter().position(|e| matches!(e, Effect::Search { .. } | Effect::Call { .. }));
    if let Some(index) = waits {
        assert_eq!(index + 1, advanced.effects.len(), "a call or a search is last");
        assert!(state.awaits_effect());
    }
    let waiting = state.awaits_effect() || expecting(bot, state).is_some();
    assert!(waiting || state.stack.is_empty(), "a flow under way waits for something: {state:?}");
    let ended = advanced
        .effects
        .iter()
        .filter(|e| matches!(e, Effect::Ended { outcome: FlowOutcome::HandedOff, .. }));
    let handed = advanced.effects.iter().filter(|e| matches!(e, Effect::HandOff { .. }));
    assert_eq!(ended.count(), handed.count());
    let stored = serde_json::to_string(state).unwrap();
    assert_eq!(&DialogueState::read(&stored).unwrap(), state);
    for effect in &advanced.effects {
        if let Effect::Say(say) | Effect::AskFeedback(say) = effect {
            for language in ["th", "en", "zh"] {
                assert!(!crate::word(bot, language, "line", say, 1).parts.is_empty(), "{say:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_conversation_stays_sound(events in proptest::collection::vec(any_event(), 1..40)) {
        let bot = demo_bot();
        let mut state = DialogueState::new("th", "line");
        for event in events {
            match advance(bot, state.clone(), event.clone()) {
                Ok(advanced) => {
                    hold(bot, &advanced);
                    let again = advance(bot, state, event).unwrap();
                    prop_assert_eq!(&again, &advanced, "not the same twice");
                    state = advanced.state;
                }
                Err(error) => {
                    let expected = matches!(
                        error,
                        AdvanceError::UnknownFlow { .. } | AdvanceError::NotWaiting { .. } | AdvanceError::AnswerFirst
                    );
                    prop_assert!(expected, "{}", error);
                }
            }
        }
    }
}
