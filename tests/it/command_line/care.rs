//! Changing, switching and removing an account, and what it used, beside a running server.

use tests::demo::Demo;

use super::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_changed_switched_and_removed() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    let id = "telegram-demo";
    program.run(&["channels", "set", id], "").await.has(2, &["say what to change: --name, --bot"]);
    program.run(&["channels", "set", id, "--bot", "nobody"], "").await.has(2, &["nobody"]);
    let perhaps = ["channels", "set", id, "--field", "seen=perhaps"];
    program.run(&perhaps, "").await.has(2, &["seen must be one of: yes, no"]);
    program.run(&["channels", "set", id, "--field", "seen=no"], "").await.has(0, &["is changed"]);
    let renamed = ["channels", "set", id, "--name", "Corner shop"];
    program.run(&renamed, "").await.has(0, &["The account is changed."]);
    program.run(&["channels", "list"], "").await.has(0, &["Corner shop (telegram)"]);

    let rotate = ["channels", "set", id, "--secret", "webhook_secret"];
    let said = program.run(&rotate, "hush-hush-hush-1\n").await;
    said.has(0, &["The secret webhook_secret is replaced.", "--end-rotation webhook_secret"]);
    let end = ["channels", "set", id, "--end-rotation", "webhook_secret"];
    program.run(&end, "").await.has(0, &["The former webhook_secret is no longer good."]);
    program
        .run(&["channels", "set", id, "--secret", "bot_token"], "7:hush-hush-2\n")
        .await
        .has(1, &["The platform does not take this bot_token: ", "The former one stays.", "add --force"]);
    let forced = ["channels", "set", id, "--secret", "bot_token", "--force"];
    let said = program.run(&forced, "7:hush-hush-2\n").await;
    let mends = format!("`sala channels set {id} --secret bot_token`");
    said.has(
        1,
        &["The secret bot_token is replaced.", "WRONG  token", "does not take the bot token", &mends],
    );
    assert_eq!(said.text.matches("WRONG").count(), 1, "one refusal is told once: {}", said.text);

    program.run(&["channels", "off", id], "").await.has(0, &["The account is off"]);
    program.run(&["channels", "list"], "").await.has(0, &["    off: nothing is taken in, and replies wait"]);
    program.run(&["channels", "check", id], "").await.has(1, &["LOOK   account  it is off"]);
    let trial = program.run(&["channels", "test", id, "4000001"], "").await;
    trial.has(2, &["the account is off, so nothing is sent"]);
    program.run(&["channels", "on", id], "").await.has(0, &["The account is on"]);
    program.run(&["channels", "remove", id, "--yes"], "").await.has(0, &["its conversations stay readable"]);
    program.run(&["channels", "check", id], "").await.has(2, &["there is no channel account telegram-demo"]);
    assert!(!program.recording.contains("hush-hush"), "{}", program.recording);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_account_used_is_told() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    let said = program.run(&["channels", "usage", "line-demo"], "").await;
    said.has(0, &["line-demo (line), 20", "    quota    0 of "]);
    let past = program.run(&["channels", "usage", "line-demo", "--month", "2020-01"], "").await;
    past.has(0, &["line-demo (line), 2020-01"]);
    assert!(!past.text.contains("    quota"), "a month of which nothing is known: {}", past.text);
    let wrong = ["channels", "usage", "line-demo", "--month", "13"];
    program.run(&wrong, "").await.has(2, &["13 is no month"]);
    let checked = program.run(&["channels", "check", "line-demo"], "").await;
    checked.has(0, &["well   quota"]);
    assert_eq!(checked.text.matches("   quota").count(), 1, "one line: {}", checked.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn templates_are_compared_with_accounts_or_it_is_said_that_there_are_none() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    let bots = concat!(env!("CARGO_MANIFEST_DIR"), "/../dialogues/bots/baan_kafe");
    let fetched = engine::ids::ChannelAccountId::from_text("whatsapp-demo");
    for id in [fetched, engine::ids::ChannelAccountId::from_text("messenger-demo")] {
        let account = demo.app.accounts.find(&id).await.unwrap();
        engine::templates::fetch(&demo.app, &account).await.unwrap();
    }
    let check = ["check", bots, "--templates"];
    program.run(&check, "").await.has(0, &["its templates are approved as it names them"]);
    let empty = tempfile::tempdir().unwrap();
    program.data = empty.path().display().to_string();
    program
        .run(&check, "")
        .await
        .has(1, &["no account answers by this bot (baan_kafe): nothing was compared"]);
    for name in ["sala.db", "secret.key"] {
        assert!(!empty.path().join(name).exists(), "{name} was made");
    }
}
