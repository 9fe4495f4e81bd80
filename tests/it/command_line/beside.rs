//! The program beside a running demo: it reaches the demo's platforms without being told of them.

use engine::data_lock;
use engine::demo::beside::{Running, announce};
use serde_json::Value;
use tests::demo::Demo;

use super::Program;
use crate::edge::SignedIn;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_beside_the_demo_reaches_its_platforms() {
    let demo = Demo::start().await.unwrap();
    let folder = demo.app.config.data.folder.clone();
    let mut program = Program { networks: "[]", ..Program::beside(&demo) };
    let check = ["channels", "check", "line-demo"];
    program.run(&check, "").await.has(1, &["the platform was not asked", "start `sala demo`"]);

    data_lock::serve_alone(&folder.join("sala.db")).unwrap();
    let running = Running { url: demo.url(""), platforms: demo.platforms.port() };
    let _announced = announce(&folder, &running).unwrap();
    program.run(&check, "").await.has(0, &["well   token", "well   webhook"]);

    let doctor = program.run(&["doctor"], "").await;
    assert!(doctor.text.contains("it was never looked at"), "{}", doctor.text);
    let admin = SignedIn::as_role(&demo, "admin").await;
    let wrong = serde_json::json!({ "secret": "wrong-token", "force": true });
    admin.call(&demo, "PUT", "/api/v1/channels/line-demo/secrets/access_token", &wrong).await;
    admin.call(&demo, "POST", "/api/v1/channels/whatsapp-demo/check", &Value::Null).await;
    let doctor = program.run(&["doctor"], "").await;
    doctor.has(1, &["it does not work: token: ", "sala channels check line-demo", ": well"]);
    assert!(!doctor.text.contains("wrong\""), "{}", doctor.text);
}
