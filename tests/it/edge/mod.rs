//! The edge: what comes from outside is refused clearly, changes nothing, and stops nothing.

mod acts;
mod approved;
mod bodies;
mod care_jobs;
mod channel_care;
mod coexistence;
mod files;
mod groups;
mod imagemap;
mod job_lanes;
mod limits;
mod line_menus;
mod line_resume;
mod links;
mod metrics_door;
mod nobody_answers;
mod permissions;
mod pretended;
mod rotation;
mod sessions;
mod signatures;
mod sockets;
mod times;
mod visitor_accounts;
mod webhook_aim;
mod webhooks;

use engine::demo::seed::PEOPLE;
use serde_json::{Value, json};
use sqlx::{AnyPool, Row};
use tests::demo::Demo;
use tests::http::{Answer, call};

/// Somebody who signed in.
pub(crate) struct SignedIn {
    cookie: String,
    csrf: String,
}

impl SignedIn {
    pub(crate) async fn as_role(demo: &Demo, role: &str) -> Self {
        let person = PEOPLE.iter().find(|person| person.role == role).unwrap();
        let answer = sign_in(demo, person.email, person.password).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Self { cookie, csrf: answer.json()["csrf"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn call(&self, demo: &Demo, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("x-sala-csrf", &self.csrf),
            ("content-type", "application/json"),
        ];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        call(demo.address, (method, path), &headers, body.as_bytes()).await.unwrap()
    }

    pub(crate) async fn send_file(&self, demo: &Demo, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("x-sala-csrf", &self.csrf), ("x-file-name", name)];
        call(demo.address, ("POST", path), &headers, bytes).await.unwrap()
    }

    async fn get(&self, demo: &Demo, path: &str) -> Answer {
        self.call(demo, "GET", path, &Value::Null).await
    }
}

async fn sign_in(demo: &Demo, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password }).to_string();
    let json = [("content-type", "application/json")];
    call(demo.address, ("POST", "/api/v1/session"), &json, body.as_bytes()).await.unwrap()
}

/// How many rows each table has: what must not change when something is refused.
async fn rows(demo: &Demo) -> Vec<(String, i64)> {
    let file = demo.app.config.data.folder.join("sala.db");
    let pool = AnyPool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut counts = Vec::new();
    for table in sqlx::query(tables).fetch_all(&pool).await.unwrap() {
        let table: String = table.get(0);
        // When a secret last verified a call is no part of what a call says.
        if table == "secret_proofs" {
            continue;
        }
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        counts.push((table, sqlx::query(count).fetch_one(&pool).await.unwrap().get(0)));
    }
    pool.close().await;
    counts
}

/// A refusal: its status, told as a problem document, in words that do not show our inside.
#[track_caller]
fn is_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    for field in ["type", "title", "detail"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
    }
    for inside in ["sqlx", "panicked", "src/", "SELECT", "axum"] {
        assert!(!answer.text().contains(inside), "{what}: {}", answer.text());
    }
}
