//! The harness itself: a skip is never silent.

use std::process::{Command, Output};

use tests::{environment, need};

/// What the test below runs in a process of its own, with an environment of its own.
#[test]
fn probe() {
    if let Some(name) = environment("SALA_PROBE") {
        assert!(!need(&name), "it was hidden from the probe");
    }
}

#[test]
fn what_is_missing_is_listed_or_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let list = folder.path().join("skipped.txt");
    let run = |name: &str, required: &str| -> Output {
        let mut probe = Command::new(std::env::current_exe().unwrap());
        probe.args(["harness::probe", "--exact", "--nocapture"]).env("SALA_SKIPPED", &list);
        probe.env("SALA_PROBE", name).env("SALA_REQUIRE", required).env("SALA_MODELS", folder.path());
        probe.env("PATH", folder.path()).env_remove("SALA_TEST_POSTGRES").output().unwrap()
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();

    for (name, required) in [("models", ""), ("chromium", "postgres,shared")] {
        let skipped = run(name, required);
        assert!(skipped.status.success(), "{}", said(&skipped));
        assert!(said(&skipped).contains(&format!("SKIPPED {name}: no ")), "{}", said(&skipped));
    }
    let listed = std::fs::read_to_string(&list).unwrap();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(listed.contains("SKIPPED models: ") && listed.contains("(harness::probe)"), "{listed}");

    for (name, required) in [("models", "models"), ("chromium", "postgres, chromium"), ("nonsense", "")] {
        let refused = run(name, required);
        assert!(!refused.status.success(), "{name} with {required}");
        assert!(said(&refused).contains(name), "{}", said(&refused));
    }
    assert_eq!(std::fs::read_to_string(&list).unwrap(), listed, "a failure is not a skip");
}
