//! Answers that are free, and those that are not.

use super::{NOW, SOMCHAI, account, ask_at, line, path_of, to};
use crate::line::Line;
use crate::line::simulator::{LineSimulator, Member};
use crate::simulator::{CustomerAct, Fault, NO_ANSWER, Simulator};
use crate::{Channel, Cost, Destination, Event, HttpResponse, PlatformRequest, Receipt, Reply, SendError};

const SECOND: i64 = 1_000_000;

/// What the customer's word at [`NOW`] lets us answer.
fn heard(line: &mut LineSimulator) -> Destination {
    let act = CustomerAct::Says { text: "สวัสดี".into(), quotes: None };
    let webhook = line.customer(SOMCHAI, &act, NOW).unwrap().remove(0);
    let received = Line.receive(&account(), &webhook.as_call(NOW)).unwrap();
    let Event::Message(message) = received.events.into_iter().next().unwrap().event else { panic!() };
    let correlation = Some("0193c1d2-0000-7000-8000-000000000001".to_owned());
    Destination { hints: message.hints, correlation, ..to(SOMCHAI) }
}

fn planned(to: &Destination, now: i64) -> PlatformRequest {
    let to = Destination { now, ..to.clone() };
    Line.plan(&account(), &to, &Reply::text("ได้ค่ะ")).requests.remove(0)
}

fn send(line: &mut LineSimulator, request: &PlatformRequest, now: i64) -> Result<Receipt, SendError> {
    let (answer, _) = ask_at(line, request, now);
    assert_ne!(answer.status, NO_ANSWER);
    Line.outcome(request, &answer.as_response())
}

fn check_cost(receipt: &Receipt, category: &str, billable: bool) {
    assert_eq!(receipt.cost, Some(Cost { category: category.into(), billable, ..Cost::default() }));
}

#[test]
fn a_young_event_is_answered_free_of_charge() {
    let mut line = line();
    let to = heard(&mut line);
    for (age, path) in [(0, "reply"), (49, "reply"), (50, "push"), (3_600, "push")] {
        assert!(path_of(&planned(&to, NOW + age * SECOND)).ends_with(path), "{age}");
    }
    let free = send(&mut line, &planned(&to, NOW + 49 * SECOND), NOW + 50 * SECOND).unwrap();
    check_cost(&free, "reply", false);
    assert_eq!(line.used(NOW), 0);
    let paid = send(&mut line, &planned(&to, NOW + 50 * SECOND), NOW + 50 * SECOND).unwrap();
    check_cost(&paid, "push", true);
    assert_eq!(line.used(NOW), 1);
    let mut unknown = to.clone();
    unknown.hints.retain(|(name, _)| name != "reply_token_at");
    assert!(path_of(&planned(&unknown, NOW)).ends_with("reply"), "its age is not known: it is tried");
    assert!(path_of(&planned(&to, 0)).ends_with("reply"), "the time is not known: it is tried");
}

#[test]
fn a_token_is_good_once_and_then_the_reply_is_pushed_once() {
    let mut line = line();
    let to = heard(&mut line);
    let reply = planned(&to, NOW);
    send(&mut line, &reply, NOW).unwrap();
    let refused = send(&mut line, &reply, NOW);
    let Err(SendError::Refused { code, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(code, "reply_token");
    let push = Line.fallback(&account(), &to, &reply).unwrap();
    assert_eq!(push.body["messages"], reply.body["messages"]);
    let first = send(&mut line, &push, NOW).unwrap();
    let second = send(&mut line, &push, NOW + SECOND).unwrap();
    assert_eq!(first, second, "the key makes the repetition harmless");
    assert_eq!(line.transcript(SOMCHAI).len(), 3, "what was heard, the reply, one push");
}

#[test]
fn a_redelivered_event_can_be_answered_anew() {
    let mut line = line();
    let to = heard(&mut line);
    let later = NOW + 300 * SECOND;
    let late = send(&mut line, &planned(&to, NOW), later);
    assert!(matches!(late, Err(SendError::Refused { code, .. }) if code == "reply_token"));
    let webhook = line.redeliver(1, later).remove(0);
    let again = Line.receive(&account(), &webhook.as_call(later)).unwrap();
    let Event::Message(message) = &again.events[0].event else { panic!() };
    let renewed = Destination { hints: message.hints.clone(), ..to.clone() };
    assert!(send(&mut line, &planned(&renewed, later), later).is_ok());
    let first: Vec<&String> =
        to.hints.iter().filter(|(name, _)| name == "reply_token").map(|(_, token)| token).collect();
    assert_eq!(renewed.hint("reply_token"), Some(first[0].as_str()));
    let too_late = NOW + 1_201 * SECOND;
    heard(&mut line);
    line.redeliver(1, too_late);
    let refused = send(&mut line, &planned(&to, NOW), too_late);
    assert!(refused.is_err());
}

#[test]
fn faults_never_double_a_push() {
    let mut line = line();
    let to = heard(&mut line);
    let push = planned(&to, NOW + 60 * SECOND);
    let faults =
        [Fault::ServerError, Fault::Reset, Fault::TooManyRequests { seconds: 3 }, Fault::AcceptThenSilence];
    line.fail_next(&faults);
    let mut retries = 0;
    for _ in &faults {
        let (answer, _) = ask_at(&mut line, &push, NOW);
        if answer.status != NO_ANSWER {
            let outcome = Line.outcome(&push, &answer.as_response());
            assert!(matches!(outcome, Err(SendError::Retry { .. })), "{outcome:?}");
            retries += 1;
        }
    }
    assert_eq!(retries, 2);
    let receipt = send(&mut line, &push, NOW).unwrap();
    assert!(!receipt.external_id.is_empty(), "409 names the message that was sent before");
    let shown = line.transcript(SOMCHAI);
    assert_eq!((shown.len(), line.used(NOW)), (2, 1));
    assert_eq!(shown[1].id, receipt.external_id);
    line.fail_next(&[Fault::TokenExpired]);
    let refused = send(&mut line, &push, NOW);
    assert!(
        matches!(refused, Err(SendError::Refused { code, advice, .. }) if code == "token" && advice == "check-token")
    );
}

#[test]
fn the_months_quota_is_not_tried_again() {
    let mut line = line().with_quota(Some(1));
    let to = heard(&mut line);
    let push = |number: usize| {
        let to = Destination { correlation: Some(number.to_string()), ..to.clone() };
        planned(&to, NOW + 60 * SECOND)
    };
    assert!(send(&mut line, &push(1), NOW).is_ok());
    let refused = send(&mut line, &push(2), NOW);
    let Err(SendError::Refused { code, advice, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((code.as_str(), advice.as_str()), ("quota", "raise-quota"));
    assert!(send(&mut line, &planned(&to, NOW), NOW).is_ok(), "replies are free");
}

#[test]
fn who_blocked_us_sees_nothing_and_line_does_not_tell() {
    let mut line = line();
    let to = heard(&mut line);
    line.customer(SOMCHAI, &CustomerAct::Leaves, NOW);
    assert!(send(&mut line, &planned(&to, NOW + 60 * SECOND), NOW).is_ok());
    assert_eq!(line.transcript(SOMCHAI).len(), 1);
}

#[test]
fn a_group_push_counts_every_member() {
    let mut line = line();
    for person in ["U1", "U2", "U3"] {
        line.group_says(Member { group: super::GROUP, person: Some(person) }, "hi", NOW);
    }
    let push = planned(&to(super::GROUP), NOW);
    assert!(send(&mut line, &push, NOW).is_ok());
    assert_eq!(line.used(NOW), 3);
}

#[test]
fn a_reply_with_a_key_is_refused() {
    let mut line = line();
    let to = heard(&mut line);
    let keyed = crate::line::request::with_header(planned(&to, NOW), "X-Line-Retry-Key", "x");
    assert!(
        matches!(send(&mut line, &keyed, NOW), Err(SendError::Refused { code, .. }) if code == "retry_key")
    );
    let push = planned(&Destination { correlation: None, ..to }, NOW + 60 * SECOND);
    let wrong = crate::line::request::with_header(push, "X-Line-Retry-Key", "not a uuid");
    assert!(
        matches!(send(&mut line, &wrong, NOW), Err(SendError::Refused { code, .. }) if code == "retry_key")
    );
    let empty = HttpResponse { status: 200, headers: vec![], body: b"" };
    assert!(matches!(
        Line.outcome(&planned(&heard(&mut line), NOW), &empty),
        Err(SendError::Ambiguous { .. })
    ));
}
