use crate::fixtures::shared;
use crate::meta::testing::{error, outcome};
use crate::{Advice, ChannelName, Receipt, SendError};

const CHANNEL: ChannelName = ChannelName::Instagram;

fn check_refused(code: i64, subcode: i64, name: &str, advice: Advice) {
    match outcome(CHANNEL, 400, &[], &error(code, subcode, "Words of Meta")) {
        Err(SendError::Refused { code: found, advice: advised, .. }) => {
            assert_eq!((found.as_str(), advised.as_str()), (name, advice.as_str()), "{code}/{subcode}");
        }
        other => panic!("{code}/{subcode}: {other:?}"),
    }
}

#[test]
fn answers_mean_what_they_say() {
    let sent = outcome(CHANNEL, 200, &[], r#"{"recipient_id":"7","message_id":"aWdf"}"#);
    assert_eq!(sent, Ok(Receipt::sent("aWdf")));
    check_refused(10, 2_534_022, "window", Advice::UseTemplate);
    check_refused(100, 2_534_014, "no_such_person", Advice::CheckAddress);
    check_refused(100, 2_534_037, "other_owner", Advice::TakeControl);
    check_refused(200, 2_534_041, "messages_forbidden", Advice::AskForRights);
    check_refused(190, 467, "token", Advice::CheckToken);
    let slow = outcome(CHANNEL, 400, &[], &error(4, 2_534_040, "slow"));
    assert!(matches!(slow, Err(SendError::Retry { .. })));
}

#[test]
fn errors_of_others_are_read() {
    let Some(path) = shared("errors_of_others_are_read", "instagram/restfb/ig_login_exception.json") else {
        return;
    };
    let body = std::fs::read_to_string(path).unwrap();
    let expected = SendError::Refused {
        code: "refused".into(),
        reason: "Unknown path components: /impressions/day".into(),
        advice: Advice::Report.as_str().into(),
    };
    assert_eq!(outcome(CHANNEL, 400, &[], &body), Err(expected));
}
