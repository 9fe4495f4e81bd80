//! `sala examples`: labelled examples from other programs into a bot, and a bot's examples out to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand, ValueEnum};
use training::{Format, Labelled};

use super::{counted, print, workbench};

#[derive(Args)]
pub(super) struct Examples {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add the examples of files or folders to a bot; those that it has already are left out
    Import(Import),
    /// Write a bot's examples for another program
    Export(Export),
}

#[derive(Args)]
struct Import {
    /// Files, or folders that are read whole
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// The bot's folder
    #[arg(long, value_name = "DIR")]
    bot: PathBuf,
    /// What the files are; by default as each one looks
    #[arg(long)]
    format: Option<FormatChoice>,
    /// The language of examples that say none (ISO 639-1); by default as each one sounds
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Say what would be added, and write nothing
    #[arg(long)]
    dry_run: bool,
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
        let examples = of_bot(self.bot.as_deref())?;
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

impl Import {
    fn run(self) -> anyhow::Result<ExitCode> {
        let known = of_bot(Some(&self.bot))?;
        let languages = Languages::of_bot(&self.bot);
        let mut brought = Vec::new();
        for source in &self.sources {
            brought.extend(self.read(source)?);
        }
        ensure!(
            !brought.is_empty(),
            "there is no example in what was named: say with --format what the files are"
        );
        let there: BTreeSet<&str> = known.iter().map(|one| one.marked.as_str()).collect();
        let fresh: BTreeSet<Labelled> = brought
            .iter()
            .filter(|one| !there.contains(one.marked.as_str()))
            .map(|one| self.spoken(one, &languages))
            .collect();
        let labels: BTreeSet<&str> = known.iter().map(|one| one.label.as_str()).collect();
        let mut by_label: BTreeMap<&str, usize> = BTreeMap::new();
        for one in &fresh {
            *by_label.entry(&one.label).or_default() += 1;
        }
        for (label, count) in by_label {
            let new = if labels.contains(label) {
                ""
            } else {
                " (a new intent: add it to `intents` in bot.yaml, and a flow that begins with it)"
            };
            print(&format!("{label}: {}{new}", counted(count, "example")));
        }
        let fresh: Vec<Labelled> = fresh.into_iter().collect();
        if !self.dry_run {
            for (path, text) in Format::Own.write(&fresh) {
                append(&self.bot.join(&path), &path, &text)?;
            }
        }
        let done = if self.dry_run { "would be added" } else { "added" };
        let left_out = brought.len() - fresh.len();
        print(&format!("{} {done}, {left_out} there already", counted(fresh.len(), "example")));
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self, source: &Path) -> anyhow::Result<Vec<Labelled>> {
        let mut files = Vec::new();
        gather(source, &mut files)?;
        let base = if source.is_dir() { source } else { source.parent().unwrap_or(source) };
        let mut examples = Vec::new();
        for file in files {
            let name = file.strip_prefix(base).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            let Ok(text) = std::fs::read_to_string(&file) else {
                ensure!(source.is_dir(), "{} cannot be read as UTF-8 text", file.display());
                continue;
            };
            match self.format.map(Format::from).or_else(|| Format::of(&name, &text)) {
                Some(format) => examples.extend(format.read(&name, &text)?),
                None => ensure!(source.is_dir(), "{}: say with --format what it is", file.display()),
            }
        }
        Ok(examples)
    }

    /// The example with a language: its own, the one that was named, or the one that it sounds like, where the bot speaks
    /// that, else the bot's first.
    fn spoken(&self, example: &Labelled, languages: &Languages) -> Labelled {
        let heard = || languages.nearest(nlu::detect(&example.marked, None).language.code());
        let language = example.language.clone().or_else(|| self.language.clone()).unwrap_or_else(heard);
        Labelled { language: Some(language), ..example.clone() }
    }
}

/// The languages that a bot speaks, its default first; none where its `bot.yaml` does not tell.
#[derive(Default, serde::Deserialize)]
struct Languages {
    #[serde(default)]
    default_language: String,
    #[serde(default)]
    languages: Vec<String>,
}

impl Languages {
    fn of_bot(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("bot.yaml")).unwrap_or_default();
        serde_saphyr::from_str(&text).unwrap_or_default()
    }

    fn nearest(&self, heard: &str) -> String {
        let unknown = self.default_language.is_empty();
        let speaks = self.languages.iter().any(|language| language == heard);
        if unknown || speaks { heard.to_owned() } else { self.default_language.clone() }
    }
}

/// The examples of a bot, with their marks.
fn of_bot(folder: Option<&Path>) -> anyhow::Result<Vec<Labelled>> {
    let mut examples = Vec::new();
    for (path, text) in &workbench::bot_files(folder)?.files {
        if path.starts_with("intents/") {
            examples.extend(Format::Own.read(path, text)?);
        }
    }
    Ok(examples)
}

/// Every file below a path, in order.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut below: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    below.sort();
    below.iter().try_for_each(|path| gather(path, files))
}

/// Puts the examples below those of a file. What stands in it, comments too, stays as it is; a file that would not be
/// read as before with the new examples behind is refused and left alone.
fn append(file: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let new = Format::Own.read(name, text)?;
    let Ok(before) = std::fs::read_to_string(file) else { return write(file, text) };
    let lines = text.split_once('\n').map_or("", |(_, lines)| lines);
    let joined = format!("{}\n{lines}", before.trim_end());
    let expected: Vec<Labelled> = Format::Own.read(name, &before)?.into_iter().chain(new).collect();
    ensure!(
        Format::Own.read(name, &joined).is_ok_and(|read| read == expected),
        "{} is not a plain list of examples: add these by hand:\n{lines}",
        file.display()
    );
    write(file, &joined)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let folder = file.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = "bot: b\nname: { th: B }\ndefault_language: th\nlanguages: [th, en]\n";

    /// Imports files, by name and text, into a bot of Thai and English; the bot's files of examples afterwards.
    fn imported(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        let (bot, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(bot.path().join("bot.yaml"), BOT).unwrap();
        for (name, text) in files {
            std::fs::write(from.path().join(name), text).unwrap();
        }
        let import = || Import {
            sources: vec![from.path().to_owned()],
            bot: bot.path().to_owned(),
            format: None,
            language: None,
            dry_run: false,
        };
        import().run().unwrap();
        // What is there already comes no second time.
        import().run().unwrap();
        let mut found = Vec::new();
        gather(&bot.path().join("intents"), &mut found).unwrap();
        let name = |file: &Path| file.strip_prefix(bot.path()).unwrap().to_string_lossy().into_owned();
        found.iter().map(|file| (name(file), std::fs::read_to_string(file).unwrap())).collect()
    }

    #[test]
    fn examples_of_other_programs_come_into_the_bots_own_files() {
        let rasa = "version: \"3.1\"\nnlu:\n- intent: order\n  examples: |\n    - two [lattes](product) please\n    \
                    - ขอลาเต้\n";
        let found = imported(&[("nlu.yml", rasa), ("more.csv", "text,intent\n\"a, b\",order\n")]);
        let texts: Vec<(&str, &str)> =
            found.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("intents/en/order.yaml", "examples:\n  - \"two [lattes](product) please\"\n"),
                // Two letters sound like a language that this bot does not speak.
                ("intents/th/order.yaml", "examples:\n  - \"a, b\"\n  - \"ขอลาเต้\"\n"),
            ]
        );
    }
}
