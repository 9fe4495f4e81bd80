//! Every time that the JSON API tells is in milliseconds, on every route that answers in JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use channels::ChannelName;
use channels::simulator::CustomerAct;
use serde_json::{Value, json};
use sqlx::AnyPool;
use tests::demo::Demo;
use tests::http::call;

use super::SignedIn;

const SOMCHAI: &str = "U4000001aaaabbbbccccddddeeeeffff0";
/// The year 5138 in milliseconds, and 1973 in microseconds.
const TOO_FINE: i64 = 100_000_000_000_000;
/// Those that answer with a file, or only what a platform says.
const FILES: [&str; 4] = [
    "/api/v1/media/{id}",
    "/api/v1/messages/{id}/story",
    "/api/v1/channels/{id}/line/menus/{menu}/picture",
    "/api/v1/session",
];

/// The fields that are times by their names, and finer than milliseconds.
fn too_fine(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(members) => members.iter().for_each(|member| too_fine(member, path, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let here = format!("{path}.{name}");
                let is_time = ["at", "since", "until"].iter().any(|end| {
                    name == end || name.strip_suffix(end).is_some_and(|begin| begin.ends_with('_'))
                });
                if is_time && field.as_i64().is_some_and(|at| at > TOO_FINE) {
                    found.push(format!("{here} {field}"));
                }
                too_fine(field, &here, found);
            }
        }
        _ => {}
    }
}

#[test]
fn microseconds_are_found() {
    let check = |value: Value, expected: usize| {
        let mut found = Vec::new();
        too_fine(&value, "", &mut found);
        assert_eq!(found.len(), expected, "{found:?}");
    };
    check(
        json!({ "a": [{ "created_at": 1_795_333_869_308_841_i64 }], "until": 1_795_333_869_308_841_i64 }),
        2,
    );
    check(
        json!({ "created_at": 1_795_333_869_308_i64, "id": 1_795_333_869_308_841_i64, "done_at": null }),
        0,
    );
}

/// Something of every kind that has a time: a draft to many, an audience, a menu, what was parked, a merge, an address.
async fn fill(demo: &Demo, admin: &SignedIn) -> Vec<Value> {
    let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Line, SOMCHAI, &says).await.unwrap());
    let deadline = Instant::now() + Duration::from_secs(20);
    while demo.lines(ChannelName::Line, SOMCHAI).await.unwrap().len() < 2 {
        assert!(Instant::now() < deadline, "nobody answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let line = "/api/v1/channels/line-demo";
    let menu = json!({
        "name": "main", "bar": "Menu", "width": 2500, "height": 843, "open": true, "alias": "",
        "areas": [{ "x": 0, "y": 0, "width": 2500, "height": 843, "tap": { "do": "say", "text": "hi" } }],
    });
    let reply =
        json!({ "to": { "way": "everybody" }, "reply": { "parts": [{ "type": "text", "text": "news" }] } });
    let people = persons(demo, admin).await;
    let (one, other) = (&people[0], &people[1]);
    let merge = format!("/api/v1/people/{one}/merge");
    let mut answers = Vec::new();
    for (path, body) in [
        (format!("{line}/line/broadcasts"), &reply),
        (format!("{line}/line/menus"), &menu),
        (format!("{line}/line/audiences"), &json!({ "name": "regulars", "choice": {} })),
        (format!("{line}/check"), &Value::Null),
        ("/api/v1/channels/messenger-demo/check".to_owned(), &Value::Null),
        (merge, &json!({ "with": other })),
        ("/api/v1/me/addresses".to_owned(), &Value::Null),
    ] {
        let answer = admin.call(demo, "POST", &path, body).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
        answers.push(answer.json());
    }
    let file = demo.app.config.data.folder.join("sala.db");
    let pool = AnyPool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    for table in ["inbound", "outbox"] {
        let park =
            format!("UPDATE {table} SET state = 'parked' WHERE rowid IN (SELECT rowid FROM {table} LIMIT 1)");
        let parked = sqlx::query(sqlx::AssertSqlSafe(park)).execute(&pool).await.unwrap();
        assert_eq!(parked.rows_affected(), 1, "{table}");
    }
    pool.close().await;
    answers
}

/// The people of the newest conversations, each once.
async fn persons(demo: &Demo, admin: &SignedIn) -> Vec<String> {
    let all = admin.get(demo, "/api/v1/conversations?tab=all&limit=20").await.json();
    let ids: BTreeSet<String> = all["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|conversation| conversation["person"]["id"].as_str().unwrap().to_owned())
        .collect();
    ids.into_iter().collect()
}

/// What stands for a parameter in an address, by what comes before it.
async fn names(demo: &Demo, admin: &SignedIn) -> BTreeMap<&'static str, Vec<String>> {
    let ids = async |path: &str, list: &str| -> Vec<String> {
        let all = admin.get(demo, path).await.json();
        let ids = all[list].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect()
    };
    BTreeMap::from([
        ("conversations", ids("/api/v1/conversations?tab=all&limit=20", "conversations").await),
        ("people", persons(demo, admin).await),
        ("channels", ids("/api/v1/channels", "channels").await),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_time_is_in_milliseconds() {
    let roomy = |config: &mut engine::config::Config| {
        (config.limits.api_burst, config.limits.ip_burst) = (1_000, 1_000);
    };
    let demo = Demo::start_with(roomy).await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let mut found = Vec::new();
    for answer in fill(&demo, &admin).await {
        too_fine(&answer, "POST", &mut found);
    }
    let names = names(&demo, &admin).await;
    let described = call(demo.address, ("GET", "/api/openapi.json"), &[], b"").await.unwrap().json();
    let mut unseen = BTreeSet::new();
    for (route, methods) in described["paths"].as_object().unwrap() {
        if methods.get("get").is_none() || FILES.contains(&route.as_str()) {
            continue;
        }
        let (before, after) = route.split_once("/{id}").unwrap_or((route, ""));
        let kind = before.rsplit('/').next().unwrap_or_default();
        let places: Vec<String> = match names.get(kind).filter(|_| route.contains("{id}")) {
            Some(ids) => ids.iter().map(|id| format!("{before}/{id}{after}")).collect(),
            None => vec![route.clone()],
        };
        let mut seen = false;
        for place in places {
            let place = if place.ends_with("/people") { format!("{place}?q=a") } else { place };
            let answer = admin.get(&demo, &place).await;
            if answer.status == 200 {
                seen = true;
                too_fine(&answer.json(), &format!("GET {place}"), &mut found);
            }
        }
        if !seen {
            unseen.insert(route.clone());
        }
    }
    assert_eq!(unseen, BTreeSet::new(), "never answered");
    assert_eq!(found, Vec::<String>::new());
    let parked = admin.get(&demo, "/api/v1/parked").await.json();
    assert!(
        parked["inbound"][0]["accepted_at"].is_i64() && parked["outbox"][0]["created_at"].is_i64(),
        "{parked}"
    );
}
