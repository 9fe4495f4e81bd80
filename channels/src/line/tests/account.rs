use serde_json::{Value, json};

use super::schema::{check_request, check_response, check_webhook};
use super::{GROUP, HOOK, NOW, SECRET, SOMCHAI, TOKEN, account, ask, ask_at, line, path_of};
use crate::line::simulator::{LineSimulator, Member};
use crate::line::{
    Line, bot_info, content_preview, content_transcoding, group_summary, issue_token, issued_token,
    link_page, link_token, member_profile, quota, quota_consumption, transcoding, webhook,
};
use crate::simulator::{CustomerAct, Simulator};
use crate::{
    AccountCheck, AccountConfig, Channel, Content, Event, HttpMethod, HttpResponse, MediaFetch, MediaKind,
    MediaSource, PlatformRequest, SendError, Transport,
};

/// The answer to a call, which is right by the schema, too.
fn asked(line: &mut LineSimulator, request: &PlatformRequest) -> (u16, Value) {
    check_request(request);
    let (status, body) = ask(line, request);
    check_response(request, status, &body);
    (status, body)
}

#[test]
fn registration_sets_the_webhook_and_tries_it() {
    let mut line = LineSimulator::new(SECRET, TOKEN);
    let requests = Line.register(&account(), HOOK);
    let calls: Vec<(&str, &Value)> =
        requests.iter().map(|request| (path_of(request), &request.body)).collect();
    let body = json!({"endpoint": HOOK});
    let (endpoint, test) = ("/v2/bot/channel/webhook/endpoint", "/v2/bot/channel/webhook/test");
    assert_eq!(calls, [(endpoint, &body), (test, &body)]);
    assert_eq!(asked(&mut line, &webhook(&account())).0, 404);
    assert_eq!(asked(&mut line, &requests[0]).0, 200);
    let (answer, webhooks) = ask_at(&mut line, &requests[1], NOW);
    let tried: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((&tried["success"], &tried["timestamp"]), (&json!(true), &json!("2026-11-21T16:53:20.000Z")));
    check_response(&requests[1], 200, &tried);
    check_webhook(&webhooks[0].body);
    let received = Line.receive(&account(), &webhooks[0].as_call(NOW)).unwrap();
    assert!(received.events.is_empty());
    assert_eq!(asked(&mut line, &webhook(&account())).1, json!({"endpoint": HOOK, "active": true}));
}

#[test]
fn checks_look_at_token_webhook_and_quota() {
    let mut line = line().with_quota(Some(200));
    let checks = Line.checks(&account());
    let kinds: Vec<AccountCheck> = checks.iter().map(|(check, _)| *check).collect();
    let expected = [AccountCheck::Token, AccountCheck::Webhook, AccountCheck::Quota, AccountCheck::Quota];
    assert_eq!(kinds, expected);
    for (_, request) in &checks {
        let Transport::Http { method, .. } = &request.transport else { panic!() };
        assert_eq!((*method, asked(&mut line, request).0), (HttpMethod::Get, 200));
    }
    let info = asked(&mut line, &bot_info(&account())).1;
    assert_eq!(info["userId"].as_str(), Some(line.destination()));
    assert_eq!(asked(&mut line, &quota(&account())).1, json!({"type": "limited", "value": 200}));
    assert_eq!(asked(&mut line, &quota_consumption(&account())).1, json!({"totalUsage": 0}));
    let mut wrong = account();
    wrong.secrets.insert("access_token".into(), "old".into());
    let (answer, _) =
        crate::simulator::deliver(&checks[0].1, &wrong, NOW, |path, call| line.handle(path, call)).unwrap();
    assert_eq!(answer.status, 401);
}

#[test]
fn profiles_are_told_of_friends_and_members() {
    let mut line = line();
    line.customer(SOMCHAI, &CustomerAct::Starts { payload: None }, NOW);
    line.name_customer(SOMCHAI, "สมชาย", "th");
    line.group_says(Member { group: GROUP, person: Some("U9") }, "hi", NOW);
    line.name_customer("U9", "小美", "zh-TW");
    let mut profile = |person: &str| {
        let request = Line.profile_request(&account(), person).unwrap();
        check_request(&request);
        let (answer, _) = ask_at(&mut line, &request, NOW);
        Line.profile(&answer.as_response())
    };
    let found = profile(SOMCHAI).unwrap();
    assert_eq!((found.name.as_deref(), found.language.as_deref()), (Some("สมชาย"), Some("th")));
    assert!(matches!(found.picture, Some(MediaSource::Url { .. })));
    assert_eq!(profile("U9"), None, "a member of a group who is no friend");
    let member = profile(&format!("{GROUP}/U9")).unwrap();
    assert_eq!((member.name.as_deref(), member.language), (Some("小美"), None));
    assert_eq!(profile("nobody"), None);
    assert_eq!(path_of(&member_profile(&account(), "R1", "U2")), "/v2/bot/room/R1/member/U2");
    let (status, group) = asked(&mut line, &group_summary(&account(), GROUP));
    assert_eq!((status, &group["groupId"]), (200, &json!(GROUP)));
    line.customer(SOMCHAI, &CustomerAct::Leaves, NOW);
    let request = Line.profile_request(&account(), SOMCHAI).unwrap();
    assert_eq!(asked(&mut line, &request).0, 404);
}

#[test]
fn ids_can_smuggle_nothing_into_a_path() {
    for id in ["../x", "a/b?c#d", "{channel_secret}", "%2e", "สมชาย", ""] {
        let Some(MediaFetch::Download(request)) = Line.media_request(&account(), id) else { panic!() };
        let Transport::Http { url, .. } = &request.transport else { panic!() };
        let filled = account().fill_secrets(url);
        assert_eq!(&filled, url);
        assert!(url.starts_with("https://api-data.line.me/v2/bot/message/") && url.ends_with("/content"));
        assert_eq!(url.matches('/').count(), 7, "{url}");
    }
}

#[test]
fn files_are_fetched_once_line_has_prepared_them() {
    let mut line = line();
    let act = CustomerAct::Sends {
        kind: MediaKind::Video,
        name: "v.mp4".into(),
        mime: "video/mp4".into(),
        bytes: b"bytes".to_vec(),
        caption: None,
    };
    let webhook = line.customer(SOMCHAI, &act, NOW).unwrap().remove(0);
    check_webhook(&webhook.body);
    let received = Line.receive(&account(), &webhook.as_call(NOW)).unwrap();
    let Event::Message(message) = &received.events[0].event else { panic!() };
    let Content::Media { media } = &message.content else { panic!("{message:?}") };
    let MediaSource::Platform { id } = &media.source else { panic!() };
    let Some(MediaFetch::Download(download)) = Line.media_request(&account(), id) else { panic!() };
    let state = content_transcoding(&account(), id);
    line.prepare_until(id, NOW + 1);
    let (answer, _) = ask_at(&mut line, &download, NOW);
    assert!(matches!(
        Line.media_ready(&answer.as_response()),
        Err(SendError::Retry { after_ms: Some(3_000), .. })
    ));
    let (answer, _) = ask_at(&mut line, &state, NOW);
    assert!(matches!(transcoding(&answer.as_response()), Err(SendError::Retry { .. })));
    let (answer, _) = ask_at(&mut line, &state, NOW + 1);
    assert_eq!(transcoding(&answer.as_response()), Ok(()));
    let (answer, _) = ask_at(&mut line, &download, NOW + 1);
    assert_eq!(
        (Line.media_ready(&answer.as_response()), answer.body.as_slice()),
        (Ok(()), b"bytes".as_slice())
    );
    assert_eq!(ask_at(&mut line, &content_preview(&account(), id), NOW + 1).0.status, 200);
    line.customer(SOMCHAI, &CustomerAct::Deletes { line: id.clone() }, NOW);
    let (answer, _) = ask_at(&mut line, &download, NOW + 2);
    assert!(
        matches!(Line.media_ready(&answer.as_response()), Err(SendError::Refused { code, .. }) if code == "gone")
    );
    let failed = HttpResponse { status: 200, headers: vec![], body: br#"{"status":"failed"}"# };
    assert!(matches!(transcoding(&failed), Err(SendError::Refused { .. })));
}

#[test]
fn the_hosts_can_be_set() {
    let url = |account: &AccountConfig| {
        let Some(MediaFetch::Download(request)) = Line.media_request(account, "1") else { panic!() };
        let Transport::Http { url, .. } = request.transport else { panic!() };
        url
    };
    let mut local = account();
    local.api_base = "http://127.0.0.1:9000/".into();
    assert_eq!(url(&local), "http://127.0.0.1:9000/v2/bot/message/1/content");
    local.settings.insert("data_base".into(), "http://127.0.0.1:9001/".into());
    assert_eq!(url(&local), "http://127.0.0.1:9001/v2/bot/message/1/content");
    local.api_base = String::new();
    local.settings.clear();
    assert_eq!(url(&local), "https://api-data.line.me/v2/bot/message/1/content");
}

#[test]
fn tokens_are_issued_for_the_channels_secret() {
    let mut line = line();
    let request = issue_token(&account()).unwrap();
    let (answer, _) = ask_at(&mut line, &request, NOW);
    let (token, seconds) = issued_token(&answer.as_response()).unwrap();
    assert_eq!(seconds, 900);
    let mut renewed = account();
    renewed.secrets.insert("access_token".into(), token);
    let (answer, _) =
        crate::simulator::deliver(&bot_info(&renewed), &renewed, NOW, |path, call| line.handle(path, call))
            .unwrap();
    assert_eq!(answer.status, 200);
    let mut wrong = account();
    wrong.secrets.insert("channel_secret".into(), "wrong".into());
    let (answer, _) = ask_at(&mut line, &issue_token(&wrong).unwrap(), NOW);
    assert!(matches!(issued_token(&answer.as_response()), Err(SendError::Refused { .. })));
    assert_eq!(issue_token(&AccountConfig::default()), None);
}

#[test]
fn accounts_are_linked_by_a_page() {
    let mut line = line();
    line.customer(SOMCHAI, &CustomerAct::Starts { payload: None }, NOW);
    let (status, body) = asked(&mut line, &link_token(&account(), SOMCHAI));
    assert_eq!(status, 200);
    let page = link_page(&account(), body["linkToken"].as_str().unwrap(), "a&b=c");
    assert!(page.starts_with("https://access.line.me/dialog/bot/accountLink?linkToken=link"), "{page}");
    assert!(page.ends_with("&nonce=a%26b%3Dc"));
}
