//! Signing in and out.

use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::call;

use super::{SignedIn, is_problem, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_tell_nothing_about_who_exists() {
    let demo = Demo::start_with(|config| config.limits.sign_in_per_20_seconds = 100).await.unwrap();
    let known = sign_in(&demo, "nok@baankafe.example", "wrong").await;
    is_problem(&known, 401, "a wrong password");
    let long = "x".repeat(5000);
    for (email, password) in [
        ("nobody@baankafe.example", "wrong"),
        ("", ""),
        ("nok@baankafe.example", ""),
        ("nok@baankafe.example' --", "demo-nok-flatwhite"),
        ("nok@baankafe.example", long.as_str()),
        (long.as_str(), "demo-nok-flatwhite"),
    ] {
        let answer = sign_in(&demo, email, password).await;
        is_problem(&answer, 401, email);
        assert_eq!(answer.json(), known.json(), "the same words for {}", &email[..email.len().min(40)]);
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(sign_in(&demo, " NOK@baankafe.example ", "demo-nok-flatwhite").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_when_its_agent_signs_out() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let again = SignedIn::as_role(&demo, "agent").await;
    assert_ne!(nok.cookie, again.cookie, "each session has its own token");
    let who = nok.get(&demo, "/api/v1/session").await;
    assert_eq!(who.json()["agent"]["email"], "nok@baankafe.example");
    assert_eq!(who.header("cache-control"), Some("no-store"), "nobody keeps who is signed in");
    assert_eq!(nok.call(&demo, "DELETE", "/api/v1/session", &Value::Null).await.status, 204);
    let nobody = json!({ "agent": null, "tenant": null, "csrf": null });
    let after = nok.get(&demo, "/api/v1/session").await;
    assert_eq!((after.status, after.json()), (200, nobody.clone()), "after signing out");
    for headers in [&[][..], &[("cookie", "sala=made-up")], &[("cookie", "sala=")]] {
        let answer = call(demo.address, ("GET", "/api/v1/session"), headers, b"").await.unwrap();
        assert_eq!(
            (answer.status, answer.json()),
            (200, nobody.clone()),
            "asking is no mistake: {headers:?}"
        );
    }
    is_problem(&nok.get(&demo, "/api/v1/conversations").await, 401, "everything else");
    assert_eq!(again.get(&demo, "/api/v1/session").await.status, 200, "the other session goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_plain_http() {
    let demo = Demo::start_with(|config| config.server.public_url = "https://chat.example".to_owned())
        .await
        .unwrap();
    let answer = sign_in(&demo, "nok@baankafe.example", "demo-nok-flatwhite").await;
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["__Host-sala=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(answer.header("strict-transport-security").is_some());
    for (name, part) in [
        ("content-security-policy", "default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert!(answer.header(name).is_some_and(|value| value.contains(part)), "{name}");
    }
}
