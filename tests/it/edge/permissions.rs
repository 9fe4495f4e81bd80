//! Who may do what: every route against every role, and nobody.

use engine::config::Config;
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::call;

use super::{SignedIn, is_problem};

/// Every route that needs somebody, what is sent to it, and the roles of the demo that it lets in. A call that is let
/// in names something that is not there, so that nothing changes.
const ROUTES: [(&str, &str, &str, &[&str]); 75] = [
    ("POST", "/api/v1/live/ticket", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/conversations", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/conversations/none", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/conversations/none/messages", "", &["agent", "trainer", "sales_rep", "admin"]),
    (
        "POST",
        "/api/v1/conversations/none/messages",
        r#"{"client_id":"c1","text":"x","seen_seq":0}"#,
        &["agent", "admin"],
    ),
    ("POST", "/api/v1/conversations/none/files", "x", &["agent", "admin"]),
    ("POST", "/api/v1/conversations/none/take", "", &["agent", "admin"]),
    ("POST", "/api/v1/conversations/none/hand-back", "", &["agent", "admin"]),
    ("POST", "/api/v1/conversations/none/resolve", "", &["agent", "admin"]),
    ("POST", "/api/v1/conversations/none/link", r#"{"client_id":"c1","seen_seq":0}"#, &["agent", "admin"]),
    ("GET", "/api/v1/stickers", "", &["agent", "trainer", "sales_rep", "admin"]),
    (
        "POST",
        "/api/v1/conversations/none/sticker",
        r#"{"client_id":"c1","sticker":"446/1988","seen_seq":0}"#,
        &["agent", "admin"],
    ),
    ("POST", "/api/v1/conversations/none/account-link", r#"{"person":"nobody"}"#, &["agent", "admin"]),
    ("GET", "/api/v1/people?q=none", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/people/none", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/people/none/conversations", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("PATCH", "/api/v1/people/none", r#"{"language":"th"}"#, &["agent", "admin"]),
    ("POST", "/api/v1/people/none/merge", r#"{"with":"nobody"}"#, &["agent", "admin"]),
    ("POST", "/api/v1/merges/none/undo", "", &["agent", "admin"]),
    ("GET", "/api/v1/me/addresses", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("POST", "/api/v1/me/addresses", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("DELETE", "/api/v1/me/addresses/none", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("PUT", "/api/v1/messages/none/feedback", r#"{"value":1}"#, &["agent", "trainer", "admin"]),
    ("POST", "/api/v1/conversations/none/thread-control", r#"{"owner":"inbox"}"#, &["agent", "admin"]),
    ("DELETE", "/api/v1/messages/none", "", &["agent", "admin"]),
    ("PUT", "/api/v1/messages/none/reaction", r#"{"emoji":"👍"}"#, &["agent", "admin"]),
    ("PUT", "/api/v1/messages/none/text", r#"{"text":"x"}"#, &["agent", "admin"]),
    ("PUT", "/api/v1/messages/none/visibility", r#"{"hidden":true}"#, &["agent", "admin"]),
    ("GET", "/api/v1/titles", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/messages/none/story", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/media/none", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("GET", "/api/v1/channels", "", &["admin"]),
    ("POST", "/api/v1/channels", r#"{"channel":"web","name":"Shop","bot":"baan_kafe"}"#, &["admin"]),
    ("POST", "/api/v1/channels/none/check", "", &["admin"]),
    ("POST", "/api/v1/channels/none/test", r#"{"to":"1","text":"hi"}"#, &["admin"]),
    ("GET", "/api/v1/channels/health", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("PATCH", "/api/v1/channels/none", r#"{"name":"x"}"#, &["admin"]),
    ("DELETE", "/api/v1/channels/none", "", &["admin"]),
    ("PUT", "/api/v1/channels/none/secrets/access_token", r#"{"secret":"x"}"#, &["admin"]),
    ("DELETE", "/api/v1/channels/none/secrets/app_secret", "", &["admin"]),
    ("GET", "/api/v1/channels/none/usage", "", &["admin"]),
    ("GET", "/api/v1/channels/none/events", "", &["admin"]),
    ("PUT", "/api/v1/channels/none/rates", r#"{"rates":[]}"#, &["admin"]),
    ("GET", "/api/v1/channels/none/templates", "", &["agent", "trainer", "sales_rep", "admin"]),
    ("POST", "/api/v1/channels/none/templates", "", &["admin"]),
    (
        "POST",
        "/api/v1/conversations/none/template",
        r#"{"client_id":"c1","name":"x","language":"th","seen_seq":0}"#,
        &["agent", "admin"],
    ),
    ("POST", "/api/v1/channels/none/faults", r#"{"faults":[{"fault":"server_error"}]}"#, &["admin"]),
    ("POST", "/api/v1/preview", r#"{"parts":[{"type":"text","text":"hi"}]}"#, &["admin"]),
    ("GET", "/api/v1/channels/none/line", "", &["admin"]),
    ("GET", "/api/v1/channels/none/line/quota", "", &["admin"]),
    ("GET", "/api/v1/channels/none/line/figures", "", &["admin"]),
    ("GET", "/api/v1/channels/none/line/menus", "", &["admin"]),
    ("POST", "/api/v1/channels/none/line/menus", r#"{"name":"x"}"#, &["admin"]),
    ("PUT", "/api/v1/channels/none/line/menus/none", r#"{"name":"x"}"#, &["admin"]),
    ("DELETE", "/api/v1/channels/none/line/menus/none", "", &["admin"]),
    ("GET", "/api/v1/channels/none/line/menus/none/picture", "", &["admin"]),
    ("PUT", "/api/v1/channels/none/line/menus/none/picture", "", &["admin"]),
    ("POST", "/api/v1/channels/none/line/menus/none/publish", "", &["admin"]),
    ("POST", "/api/v1/channels/none/line/menus/none/show", r#"{"to":"everybody","on":true}"#, &["admin"]),
    ("GET", "/api/v1/channels/none/line/broadcasts", "", &["admin"]),
    (
        "POST",
        "/api/v1/channels/none/line/broadcasts",
        r#"{"to":{"way":"everybody"},"reply":{"parts":[]}}"#,
        &["admin"],
    ),
    ("POST", "/api/v1/channels/none/line/broadcasts/none/send", r#"{"people":1}"#, &["admin"]),
    ("POST", "/api/v1/channels/none/line/broadcasts/none/stop", "", &["admin"]),
    ("POST", "/api/v1/channels/none/line/broadcasts/none/resume", "", &["admin"]),
    ("GET", "/api/v1/channels/none/line/audiences", "", &["admin"]),
    ("POST", "/api/v1/channels/none/line/audiences", r#"{"name":"x"}"#, &["admin"]),
    ("DELETE", "/api/v1/channels/none/line/audiences/none", "", &["admin"]),
    ("PUT", "/api/v1/conversations/none/tags", r#"{"tags":["vip"]}"#, &["agent", "admin"]),
    ("GET", "/api/v1/parked", "", &["trainer", "admin"]),
    ("POST", "/api/v1/parked/inbound/none/retry", "", &["admin"]),
    ("GET", "/api/v1/jobs", "", &["trainer", "admin"]),
    ("GET", "/api/v1/health", "", &["trainer", "admin"]),
    ("GET", "/api/v1/models", "", &["trainer", "admin"]),
    ("POST", "/api/v1/models/none/none/promote", "", &["trainer", "admin"]),
    ("POST", "/api/v1/models/none/follow", "", &["trainer", "admin"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_lets_in_its_roles_and_nobody_else() {
    // So many calls at once are more than one person makes.
    let roomy = |config: &mut Config| (config.limits.api_burst, config.limits.ip_burst) = (1_000, 1_000);
    let demo = Demo::start_with(roomy).await.unwrap();
    for role in ["agent", "trainer", "sales_rep", "admin"] {
        let caller = SignedIn::as_role(&demo, role).await;
        for (method, path, body, roles) in ROUTES {
            let body = serde_json::from_str(body).unwrap_or(Value::Null);
            let answer = caller.call(&demo, method, path, &body).await;
            let what = format!("{role}: {method} {path}");
            if roles.contains(&role) {
                assert!(
                    matches!(answer.status, 200 | 201 | 404),
                    "{what}: {} {}",
                    answer.status,
                    answer.text()
                );
            } else {
                is_problem(&answer, 403, &what);
            }
        }
    }
    let forged = format!("sala={}", "A".repeat(43));
    for (method, path, body, _) in ROUTES {
        for (who, headers) in [("nobody", vec![]), ("a forged cookie", vec![("cookie", forged.as_str())])] {
            let answer = call(demo.address, (method, path), &headers, body.as_bytes()).await.unwrap();
            is_problem(&answer, 401, &format!("{who}: {method} {path}"));
        }
    }
}

/// The list above is the list of the API's own description, so that a new route cannot be forgotten here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_complete() {
    let demo = Demo::start().await.unwrap();
    let answer = call(demo.address, ("GET", "/api/openapi.json"), &[], b"").await.unwrap();
    let described = answer.json();
    let mut missing = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let listed = ROUTES
                .iter()
                .any(|(known, example, _, _)| known.eq_ignore_ascii_case(method) && fits(path, example));
            let open = path == "/api/v1/session";
            if !listed && !open {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// True when an address is one of a route with `{parameters}`.
fn fits(route: &str, address: &str) -> bool {
    let address = address.split('?').next().unwrap_or_default();
    let (route, address): (Vec<_>, Vec<_>) = (route.split('/').collect(), address.split('/').collect());
    route.len() == address.len()
        && route.iter().zip(&address).all(|(part, given)| part.starts_with('{') || part == given)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_needs_the_sessions_own_token_and_our_own_page() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let other = SignedIn::as_role(&demo, "admin").await;
    let path = "/api/v1/live/ticket";
    let evil = [("origin", "https://evil.example")];
    let framed = [("sec-fetch-site", "cross-site")];
    for (what, csrf, more) in [
        ("no token", None, &[][..]),
        ("an empty token", Some(""), &[]),
        ("another session's token", Some(other.csrf.as_str()), &[]),
        ("another site", Some(nok.csrf.as_str()), &evil),
        ("a frame of another site", Some(nok.csrf.as_str()), &framed),
    ] {
        let mut headers = vec![("cookie", nok.cookie.as_str())];
        headers.extend(csrf.map(|csrf| ("x-sala-csrf", csrf)));
        headers.extend(more);
        let answer = call(demo.address, ("POST", path), &headers, b"").await.unwrap();
        is_problem(&answer, 403, what);
    }
    let body = json!({ "email": "nok@baankafe.example", "password": "demo-nok-flatwhite" }).to_string();
    let headers = [("content-type", "application/json"), ("origin", "https://evil.example")];
    let answer = call(demo.address, ("POST", "/api/v1/session"), &headers, body.as_bytes()).await.unwrap();
    is_problem(&answer, 403, "signing in from another site");
    assert_eq!(nok.call(&demo, "POST", path, &Value::Null).await.status, 200);
}
