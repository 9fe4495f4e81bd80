//! `sala examples`: labelled examples from other programs into a bot, and a bot's examples out to them.

mod import;
mod known;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use training::{Format, Labelled};

use super::{counted, print, workbench};
use crate::bot_files::BotFiles;

#[derive(Args)]
pub(super) struct Examples {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add the examples of files or folders to a bot; those that it has already are left out
    Import(import::Import),
    /// Write a bot's examples for another program
    Export(Export),
}

#[derive(Args)]
struct Export {
    /// The folder to write into; it is made where it is missing
    folder: PathBuf,
    /// Which program's files
    #[arg(long)]
    format: FormatChoice,
    /// The bot's folder; the demo's bot when none is given
    #[arg(long, value_name = "DIR")]
    bot: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatChoice {
    Own,
    Rasa,
    Csv,
    Jsonl,
    Dialogflow,
    Botpress,
}

impl From<FormatChoice> for Format {
    fn from(choice: FormatChoice) -> Self {
        match choice {
            FormatChoice::Own => Self::Own,
            FormatChoice::Rasa => Self::Rasa,
            FormatChoice::Csv => Self::Csv,
            FormatChoice::Jsonl => Self::JsonLines,
            FormatChoice::Dialogflow => Self::Dialogflow,
            FormatChoice::Botpress => Self::Botpress,
        }
    }
}

impl Examples {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Import(import) => import.run(),
            Command::Export(export) => export.run(),
        }
    }
}

impl Export {
    fn run(self) -> anyhow::Result<ExitCode> {
        let examples = of_bot(&workbench::bot_files(self.bot.as_deref())?)?;
        let files = Format::from(self.format).write(&examples);
        for (path, text) in &files {
            write(&self.folder.join(path), text)?;
        }
        print(&format!(
            "{} in {} written to {}",
            counted(examples.len(), "example"),
            counted(files.len(), "file"),
            self.folder.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// The examples of a bot, with their marks.
fn of_bot(files: &BotFiles) -> anyhow::Result<Vec<Labelled>> {
    let mut examples = Vec::new();
    for (path, text) in &files.files {
        if path.starts_with("intents/") {
            examples.extend(Format::Own.read(path, text)?);
        }
    }
    examples.retain(|example| !example.marked.is_empty());
    Ok(examples)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let folder = file.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
