use crate::fixtures::{read, shared};
use crate::messenger::Messenger;
use crate::meta::testing::{account, error, outcome};
use crate::{Advice, Channel, ChannelName, Destination, HttpResponse, Receipt, Reply, SendError};

const CHANNEL: ChannelName = ChannelName::Messenger;

fn check_refused(code: i64, subcode: i64, name: &str, advice: Advice) {
    let words = format!("(#{code}) Words of Meta");
    let expected =
        SendError::Refused { code: name.into(), reason: words.clone(), advice: advice.as_str().into() };
    assert_eq!(outcome(CHANNEL, 400, &[], &error(code, subcode, &words)), Err(expected), "{code}/{subcode}");
}

#[test]
fn a_sent_message_has_its_id() {
    let sent = |body: &str| outcome(CHANNEL, 200, &[], body);
    assert_eq!(sent(r#"{"recipient_id":"7","message_id":"m_1"}"#), Ok(Receipt::sent("m_1")));
    assert_eq!(sent(r#"{"message_id":"m_1","attachment_id":"9"}"#), Ok(Receipt::sent("m_1")));
    // A comment's author is known by the answer.
    let known = Receipt { also: vec!["5275811702471834".into()], ..Receipt::sent("m_1") };
    let answer = br#"{"recipient_id":"5275811702471834","message_id":"m_1"}"#;
    let request =
        &Messenger.plan(&account(), &Destination::thread("comment:1_2"), &Reply::text("hi")).requests[0];
    let response = HttpResponse { status: 200, headers: Vec::new(), body: answer };
    assert_eq!(Messenger.outcome(request, &response), Ok(known));
}

#[test]
fn refusals_say_what_to_do() {
    for subcode in [2_018_278, 2_018_065, 2_534_022] {
        check_refused(10, subcode, "window", Advice::UseTemplate);
    }
    for (code, subcode) in [(10, 2_018_108), (551, 1_545_041), (551, 0), (200, 1_545_041)] {
        check_refused(code, subcode, "unreachable", Advice::WaitForPerson);
    }
    check_refused(10, 1_893_063, "restricted", Advice::CheckAccount);
    check_refused(368, 0, "blocked", Advice::CheckAccount);
    check_refused(100, 2_018_001, "no_such_person", Advice::CheckAddress);
    check_refused(100, 2_534_014, "no_such_person", Advice::CheckAddress);
    for subcode in [2_018_008, 2_018_047, 2_018_074, 2_018_109, 2_018_294] {
        check_refused(100, subcode, "file", Advice::CheckFile);
    }
    for subcode in [2_018_014, 2_534_015, 2_534_025, 2_534_029] {
        check_refused(100, subcode, "invalid", Advice::Report);
    }
    check_refused(100, 2_534_037, "other_owner", Advice::TakeControl);
    check_refused(100, 2_018_300, "other_owner", Advice::TakeControl);
    for subcode in [0, 460, 463, 467] {
        check_refused(190, subcode, "token", Advice::CheckToken);
    }
    check_refused(200, 2_018_028, "not_live", Advice::AskForRights);
    check_refused(200, 2_534_041, "messages_forbidden", Advice::AskForRights);
    check_refused(200, 0, "rights", Advice::AskForRights);
    check_refused(10, 0, "rights", Advice::AskForRights);
    check_refused(10_900, 0, "answered", Advice::WaitForPerson);
    check_refused(12_345, 0, "refused", Advice::Report);
}

#[test]
fn an_invalid_parameter_is_told_by_its_words() {
    let check = |words: &str, name: &str| match outcome(CHANNEL, 400, &[], &error(100, 0, words)) {
        Err(SendError::Refused { code, .. }) => assert_eq!(code, name, "{words}"),
        other => panic!("{words}: {other:?}"),
    };
    check("(#100) Length of param message[text] must be less than or equal to 2000", "text");
    check("(#100) Param message[quick_replies] must have at most 13 elements", "buttons");
    check("(#100) The message tag is deprecated", "template");
    check("(#100) Failed to fetch the file from the url", "file");
    check("(#100) Param messaging_type must be one of", "invalid");
}

#[test]
fn waits_are_kept_in_the_unit_of_the_platform() {
    let retry = |after_ms, reason: &str| Err(SendError::Retry { after_ms, reason: reason.into() });
    for (code, subcode) in
        [(4, 0), (17, 0), (32, 0), (613, 0), (9, 2_018_352), (613, 2_534_040), (100, 1_893_016)]
    {
        assert_eq!(outcome(CHANNEL, 400, &[], &error(code, subcode, "slow")), retry(None, "slow"), "{code}");
    }
    let usage = r#"{"123":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":3}],"9":[{"estimated_time_to_regain_access":1}]}"#;
    let headers = [("X-Business-Use-Case-Usage", usage)];
    assert_eq!(outcome(CHANNEL, 429, &headers, &error(4, 0, "slow")), retry(Some(180_000), "slow"));
    for wrong in ["", "{", "[]", r#"{"1":[{"estimated_time_to_regain_access":-1}]}"#] {
        let headers = [("x-business-use-case-usage", wrong)];
        assert_eq!(outcome(CHANNEL, 429, &headers, &error(4, 0, "slow")), retry(None, "slow"), "{wrong}");
    }
    for code in [1, 2] {
        assert_eq!(outcome(CHANNEL, 500, &[], &error(code, 0, "again")), retry(None, "again"));
    }
    let transient = r#"{"error":{"message":"again","code":12345,"is_transient":true}}"#;
    assert_eq!(outcome(CHANNEL, 500, &[], transient), retry(None, "again"));
    assert_eq!(outcome(CHANNEL, 503, &[], "<html>"), retry(None, "HTTP 503"));
    assert_eq!(outcome(CHANNEL, 429, &[], ""), retry(None, "HTTP 429"));
}

#[test]
fn what_may_have_been_sent_is_ambiguous() {
    for (status, body) in [(200, ""), (200, "<html>"), (200, "[]"), (200, "{}"), (504, "<html>"), (520, "")] {
        let found = outcome(CHANNEL, status, &[], body);
        assert!(matches!(found, Err(SendError::Ambiguous { .. })), "{status} {body}: {found:?}");
    }
    let failed = outcome(CHANNEL, 200, &[], r#"{"success":false}"#);
    assert!(matches!(failed, Err(SendError::Refused { .. })), "{failed:?}");
}

#[test]
fn errors_of_others_are_read() {
    let Some(folder) = shared("errors_of_others_are_read", "messenger/restfb-errors") else { return };
    for (name, body) in read(&folder) {
        let body = String::from_utf8(body).unwrap();
        let found = outcome(CHANNEL, 400, &[], &body);
        match name.as_str() {
            "exampleError" | "exampleErrorNew" => {
                assert!(
                    matches!(found, Err(SendError::Refused { ref code, .. }) if code == "token"),
                    "{found:?}"
                );
            }
            "oauthExampleError" => assert!(matches!(found, Err(SendError::Retry { .. })), "{found:?}"),
            _ => assert!(found.is_err(), "{name}: {found:?}"),
        }
    }
}
