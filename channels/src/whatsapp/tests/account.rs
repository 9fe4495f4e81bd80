use serde_json::{Value, json};

use super::{NUMBER, account, called};
use crate::whatsapp::Whatsapp;
use crate::{
    AccountCheck, AccountConfig, Channel, HttpMethod, HttpResponse, MediaFetch, Outside, PlatformRequest,
    SendError, Transport, Window,
};

#[test]
fn the_webhook_is_entered_at_the_app_and_the_account() {
    let requests = Whatsapp.register(&account(), "https://bots.example/hook");
    let (path, body) = called(&requests[0]);
    assert_eq!(path, "634974688087057/subscriptions?access_token=634974688087057|{app_secret}");
    assert_eq!(
        (&body["object"], &body["callback_url"]),
        (&json!("whatsapp_business_account"), &json!("https://bots.example/hook"))
    );
    let fields: Vec<&str> = body["fields"].as_str().unwrap().split(',').collect();
    assert!(
        fields.contains(&"messages")
            && fields.iter().all(|field| field.trim() == *field && !field.is_empty())
    );
    let (path, body) = called(&requests[1]);
    assert_eq!(path, "102290129340398/subscribed_apps");
    assert_eq!(
        body,
        &json!({"override_callback_uri": "https://bots.example/hook", "verify_token": "meatyhamhock"})
    );
    assert_eq!(requests.len(), 2);
    assert!(Whatsapp.register(&AccountConfig::default(), "https://bots.example/hook").is_empty());
}

#[test]
fn checks_only_read() {
    let checks = Whatsapp.checks(&account());
    let kinds: Vec<AccountCheck> = checks.iter().map(|(kind, _)| *kind).collect();
    let expected = [AccountCheck::Token, AccountCheck::Scopes, AccountCheck::Webhook, AccountCheck::Webhook];
    assert_eq!(kinds, expected);
    for (_, request) in &checks {
        let Transport::Http { method, url, .. } = &request.transport else { panic!("not HTTP") };
        assert_eq!((*method, &request.body), (HttpMethod::Get, &Value::Null), "{url}");
    }
    assert!(called(&checks[0].1).0.starts_with(&format!("{NUMBER}?fields=")));
    assert_eq!(Whatsapp.checks(&AccountConfig::default()).len(), 1);
}

fn located(account: &AccountConfig, url: &Value) -> Result<PlatformRequest, SendError> {
    let body = json!({"messaging_product": "whatsapp", "url": url, "mime_type": "image/jpeg", "id": "1"})
        .to_string();
    Whatsapp.media_located(account, &HttpResponse { status: 200, headers: Vec::new(), body: body.as_bytes() })
}

#[test]
fn media_are_located_then_fetched_with_the_token() {
    let Some(MediaFetch::Locate(request)) = Whatsapp.media_request(&account(), "1003383421387256") else {
        panic!("no request")
    };
    assert_eq!(called(&request), ("1003383421387256", &Value::Null));
    let url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash={access_token}";
    let Transport::Http { url, headers, .. } = located(&account(), &json!(url)).unwrap().transport else {
        panic!("not HTTP")
    };
    assert!(url.ends_with("hash=%7Baccess_token%7D"), "{url}");
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        (names, headers[0].1.as_str()),
        (vec!["authorization", "user-agent"], "Bearer {access_token}")
    );
}

#[test]
fn the_token_goes_to_no_stranger() {
    let account = account();
    for id in ["", "../me", "a?b", "{access_token}", "ก", "a/b"] {
        assert_eq!(Whatsapp.media_request(&account, id), None, "{id}");
    }
    let strangers = [
        json!("https://evil.example/a"),
        json!("https://fbsbx.com.evil.example/a"),
        json!("https://notfbsbx.com/a"),
        json!("http://lookaside.fbsbx.com/a"),
        json!("file:///etc/passwd"),
        json!("https://evil.example/lookaside.fbsbx.com"),
        json!(5),
        Value::Null,
    ];
    for url in &strangers {
        assert!(matches!(located(&account, url), Err(SendError::Ambiguous { .. })), "{url}");
    }
    let local = AccountConfig { api_base: "http://127.0.0.1:8081/v25.0".into(), ..account };
    assert!(located(&local, &json!("http://127.0.0.1:8081/media/1")).is_ok());
    assert!(located(&local, &json!("http://127.0.0.1:8082/media/1")).is_err());
}

#[test]
fn a_missing_file_is_refused() {
    let body = json!({"error": {"message": "Unsupported get request.", "code": 100, "type": "GraphMethodException"}});
    let text = body.to_string();
    let response = HttpResponse { status: 400, headers: Vec::new(), body: text.as_bytes() };
    let found = Whatsapp.media_located(&account(), &response);
    assert!(matches!(found, Err(SendError::Refused { code, .. }) if code == "100"));
}

#[test]
fn after_a_day_only_templates_are_left() {
    let rules = Whatsapp.rules();
    let window = Window::Since { hours: 24, human_hours: 24, after: Outside::Templates };
    assert_eq!(
        (rules.window, rules.account_per_second, rules.thread_every_ms, rules.thread_burst),
        (window, 80, 6_000, 45)
    );
}
