//! The program as people call it, with everything that it prints.

mod beside;
mod broken_models;
mod care;
mod channels;
mod document;
mod evaluate;
mod labelled;
mod learned;
mod several;
mod versions;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, ExitCode, Stdio};

use tests::demo::Demo;

const ARGUMENTS: &str = "SALA_TEST_ARGUMENTS";

/// The program itself, in a process of its own: it does nothing unless it is told its arguments.
#[test]
fn program() {
    let Some((_, arguments)) = std::env::vars().find(|(name, _)| name == ARGUMENTS) else { return };
    let arguments: Vec<String> = serde_json::from_str(&arguments).unwrap();
    let arguments = std::iter::once("sala".to_owned()).chain(arguments).map(OsString::from);
    let code = engine::cli::run_with(arguments);
    let code = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code);
    std::process::exit(code.map_or(-1, i32::from));
}

/// What a call of the program said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    /// Both outputs.
    text: String,
}

impl Said {
    #[track_caller]
    fn has(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for words in words {
            assert!(self.text.contains(words), "{words}\n{}", self.text);
        }
    }
}

/// The program beside a running demo, on the same data.
struct Program {
    data: String,
    url: String,
    /// The private networks that it may call, as the settings have them.
    networks: &'static str,
    /// Everything that was said so far.
    recording: String,
}

impl Program {
    fn beside(demo: &Demo) -> Self {
        Self {
            data: demo.app.config.data.folder.display().to_string(),
            url: demo.url(""),
            networks: r#"["127.0.0.0/8"]"#,
            recording: String::new(),
        }
    }

    /// Runs it with these lines on its standard input.
    async fn run(&mut self, arguments: &[&str], input: &str) -> Said {
        let common = ["--data", &self.data, "--no-models"];
        let arguments: Vec<String> = common.iter().chain(arguments).map(|one| (*one).to_owned()).collect();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["command_line::program", "--exact", "--nocapture"])
            .env(ARGUMENTS, serde_json::to_string(&arguments).unwrap())
            .env("SALA_OUTGOING__ALLOW_NETWORKS", self.networks)
            .env("SALA_SERVER__PUBLIC_URL", &self.url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = input.to_owned();
        let run = move || {
            let mut child = command.spawn().unwrap();
            // One that reads nothing may have gone before it is written to.
            drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
            child.wait_with_output().unwrap()
        };
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        self.recording.push_str(&text);
        Said { code: output.status.code(), text }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_holds_nothing_is_said() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    for reply in [r#"{"parts":[],"choices":[]}"#, r#"{"parts":[{"type":"text","text":" "}]}"#] {
        for channel in ["messenger", "whatsapp", "line", "telegram", "web"] {
            let said = program.run(&["render", channel, "-"], reply).await;
            said.has(1, &["the reply is empty, so nothing would be sent"]);
        }
    }
    let call = r#"{"object":"page","entry":[{"id":"1","messaging":[]}]}"#;
    program.run(&["receive", "messenger", "-"], call).await.has(0, &[r#""kind":"unknown""#]);
    let nothing = r#"{"destination":"U1","events":[]}"#;
    program.run(&["receive", "line", "-"], nothing).await.has(0, &["a payload holds no event"]);
    let tomorrow = r#"{"object":"whatsapp_tomorrow","entry":[{"id":"1"}]}"#;
    program.run(&["receive", "whatsapp", "-"], tomorrow).await.has(0, &[r#""kind":"unknown""#]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_misspelt_name_in_a_reply_is_refused() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    for (reply, wrong) in [
        (r#"{"parts":[{"type":"text","text":"a"}],"choises":[{"title":"x","payload":"x"}]}"#, "choises"),
        (r#"{"parts":[{"type":"text","text":"a","lang":"th"}]}"#, "parts[0].lang"),
        (
            r#"{"parts":[{"type":"template","template":{"name":"n","language":"th","text":"t","filds":[{"in":"body","text":"x"}]}}]}"#,
            "parts[0].template.filds",
        ),
    ] {
        let said = program.run(&["render", "whatsapp", "-"], reply).await;
        said.has(2, &[&format!("{wrong} is not known here")]);
    }
    let sparing = r#"{"parts":[{"type":"text","text":"a"}],"choices":[],"reply_to":null,"template":null}"#;
    program.run(&["render", "whatsapp", "-"], sparing).await.has(0, &[r#""body":"a""#]);
}
