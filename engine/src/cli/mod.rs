//! The command line: one program, one command for each thing people do with it.

mod channels;
mod chat;
mod check;
mod converse;
mod demo;
mod doctor;
mod evaluate;
mod examples;
mod models;
mod receive;
mod render;
mod search;
mod serve;
mod simulate;
mod standings;
mod test;
mod understand;
mod user;
mod workbench;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use ::models::OtherBackend;
use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// Sala answers your customers on every channel, hands them to people when it should, and learns from what they say.
///
/// `sala demo` shows a whole company in a minute. Everything is kept in ./sala-data unless you say otherwise.
#[derive(Parser)]
#[command(name = "sala", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Args, Clone)]
pub struct Common {
    /// The settings file (TOML); config.default.toml shows every key
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder for everything that is kept
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder with the models
    #[arg(long, global = true, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Use no models at all: n-grams only
    #[arg(long, global = true)]
    no_models: bool,
    /// What to log, such as info or engine=debug
    #[arg(long, global = true, value_name = "FILTER", default_value = "warn")]
    log: String,
    #[arg(skip)]
    backends: &'static [OtherBackend],
}

#[derive(Subcommand)]
enum Command {
    /// Run the demo company: six past weeks of customers, a bot, agents, and a shop page with a chat
    Demo(demo::Demo),
    /// Run the program for real
    Serve(serve::Serve),
    /// Talk to a bot in the terminal
    Chat(chat::Chat),
    /// Say what a bot understands of messages (JSON lines)
    Understand(understand::Understand),
    /// Measure how well messages are understood, on labelled files
    Evaluate(evaluate::Evaluate),
    /// Bring examples in from other programs, and take them there
    Examples(examples::Examples),
    /// List, check and add encoders
    Models(models::Models),
    /// Play conversations with a bot (JSON lines)
    Converse(converse::Converse),
    /// Say what recorded webhooks of a platform hold (JSON lines)
    Receive(receive::Receive),
    /// Show the platform's own bodies that a reply becomes (JSON lines)
    Render(render::Render),
    /// Search a bot's articles
    Search(search::Search),
    /// Check a bot's files: every mistake with its file, line and key
    Check(check::Check),
    /// Run a bot's scenarios and show which steps of its flows they reach
    Test(test::Test),
    /// Play a customer against a running demo
    Simulate(simulate::Simulate),
    /// Say how the installation is, and what to do about what is wrong
    Doctor(doctor::Doctor),
    /// Add a person of the company, or give one a new password
    User(user::User),
    /// Add channel accounts, and ask the platforms whether they work
    Channels(channels::Channels),
}

/// Runs the command line; the exit code is 0 when all is well, 1 when what was checked is wrong, 2 when the command
/// could not be carried out.
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

/// The same for a program that can also run models that are no ONNX graphs.
pub fn run_with_backends(backends: &'static [OtherBackend]) -> ExitCode {
    start(std::env::args_os(), backends)
}

/// The commands with their options, for those who write about them.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// The same with other arguments, the first of which is the program's name.
pub fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    start(arguments, &[])
}

fn start(arguments: impl IntoIterator<Item = OsString>, backends: &'static [OtherBackend]) -> ExitCode {
    let mut cli = Cli::parse_from(arguments);
    cli.common.backends = backends;
    crate::logs::start(&cli.common.log);
    #[cfg(feature = "failpoints")]
    if let Some((_, order)) = std::env::vars().find(|(name, _)| name == "SALA_KILL_AT") {
        crate::failpoints::arm(&order);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::anyhow!("the run time cannot be started: {error}")),
    };
    let common = cli.common;
    let outcome = runtime.block_on(async move {
        match cli.command {
            Command::Demo(command) => command.run(&common).await,
            Command::Serve(command) => command.run(&common).await,
            Command::Chat(command) => command.run(&common).await,
            Command::Understand(command) => command.run(&common),
            Command::Evaluate(command) => command.run(&common),
            Command::Examples(command) => command.run(),
            Command::Models(command) => command.run(&common).await,
            Command::Converse(command) => command.run(&common).await,
            Command::Receive(command) => Ok(command.run()),
            Command::Render(command) => command.run(),
            Command::Search(command) => command.run(&common),
            Command::Check(command) => command.run(&common).await,
            Command::Test(command) => command.run(&common).await,
            Command::Simulate(command) => command.run().await,
            Command::Doctor(command) => command.run(&common).await,
            Command::User(command) => command.run(&common).await,
            Command::Channels(command) => command.run(&common).await,
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    print_error(&format!("{error:#}"));
    ExitCode::from(2)
}

impl Common {
    /// The settings: defaults, file, environment, then these options.
    pub fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::read(self.config.as_deref(), std::env::vars())?;
        if let Some(data) = &self.data {
            config.data.folder.clone_from(data);
        }
        if let Some(models) = &self.models {
            config.models.folder.clone_from(models);
        }
        config.models.backends = self.backends;
        Ok(config)
    }
}

/// Writes a line to the standard output; a closed pipe ends the program quietly.
pub fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").is_err() {
        std::process::exit(0);
    }
}

/// A number of things, as English has it.
fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A line of JSON lines as it came in: an object, or what is wrong with it.
pub fn object<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    let line = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    // Some programs begin a file with a byte order mark.
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    if !line.trim_start().starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    // It is one line of many, which its reader counts.
    serde_json::from_str(line).map_err(|error| error.to_string().replace("at line 1 column", "at column"))
}

/// A channel by its name on the command line.
fn channel_named(name: &str) -> Result<::channels::ChannelName, String> {
    let known = ::channels::ChannelName::ALL.map(::channels::ChannelName::as_str).join(", ");
    ::channels::ChannelName::parse(name)
        .ok_or_else(|| format!("there is no channel of that name: use one of {known}"))
}

/// Writes a line for people to the standard error.
#[expect(clippy::print_stderr, reason = "this is the command line's word to people")]
pub fn print_error(line: &str) {
    eprintln!("{line}");
}

/// Content of a kind without words, as a scenario or a line names it.
pub fn attachment_of(kind: &str) -> ::channels::Content {
    let content = converse::content(kind, &serde_json::Value::Null);
    content.unwrap_or_else(|_| ::channels::Content::Unknown { kind: kind.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_says_what_it_is() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&<Cli as clap::CommandFactory>::command());
    }

    #[test]
    fn one_thing_is_not_several() {
        for (number, expected) in [(0, "0 mistakes"), (1, "1 mistake"), (2, "2 mistakes")] {
            assert_eq!(counted(number, "mistake"), expected);
        }
    }
}
