//! `sala examples import`: everything is looked at before anything is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, ValueEnum as _};
use training::{Format, Labelled};

use super::known::{Known, Sorted};
use super::{FormatChoice, write};
use crate::cli::{counted, print};

/// Of a long list of texts, so many are shown.
const SHOWN: usize = 10;
/// A larger file of a bot is not read.
const LARGEST_FILE: usize = 2 << 20;

#[derive(Args)]
pub(super) struct Import {
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

/// A file of the bot as it becomes.
struct Change {
    file: PathBuf,
    /// None where there is no file yet.
    before: Option<String>,
    after: String,
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let known = Known::of_bot(&self.bot)?;
        if let Some(language) = &self.language {
            known.expect_languages(&BTreeMap::from([(language.as_str(), 0)]))?;
        }
        let mut brought = Vec::new();
        for source in &self.sources {
            brought.extend(self.read(source)?);
        }
        ensure!(
            !brought.is_empty(),
            "there is no example in what was named: say with --format what the files are"
        );
        let sorted = known.sort(brought, self.language.as_deref())?;
        let changes = Format::Own.write(&sorted.fresh).into_iter();
        let changes: Vec<Change> =
            changes.map(|(path, text)| Change::of(&self.bot, &path, &text)).collect::<anyhow::Result<_>>()?;
        if !self.dry_run {
            write_all(&changes)?;
        }
        for line in told(&known, &sorted, self.dry_run) {
            print(&line);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self, source: &Path) -> anyhow::Result<Vec<Labelled>> {
        ensure!(
            source.exists(),
            "there is no file or folder {}: say where the examples are",
            source.display()
        );
        let mut files = Vec::new();
        gather(source, &mut files)?;
        let base = if source.is_dir() { source } else { source.parent().unwrap_or(source) };
        let mut examples = Vec::new();
        for file in files {
            let name = file.strip_prefix(base).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let text = match text_of(bytes) {
                Ok(text) => text,
                // A folder may hold pictures, too.
                Err(_) if source.is_dir() && !may_hold_examples(&file) => continue,
                Err(reason) => bail!("{} {reason}", file.display()),
            };
            match self.format.map(Format::from).or_else(|| Format::of(&name, &text)) {
                Some(format) => examples.extend(format.read(&name, &text)?),
                None => ensure!(source.is_dir(), "{}: {}", file.display(), why_of_no_format(&file, &text)),
            }
        }
        Ok(examples)
    }
}

fn ending(file: &Path) -> String {
    file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

fn may_hold_examples(file: &Path) -> bool {
    matches!(ending(file).as_str(), "csv" | "tsv" | "jsonl" | "json" | "yml" | "yaml")
}

/// The text of a file, or what it is instead and what to do.
fn text_of(bytes: Vec<u8>) -> Result<String, &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is UTF-16: save it as UTF-8 (in Excel, `CSV UTF-8`)");
    }
    if bytes.contains(&0) {
        return Err(
            "is no text in UTF-8, or none at all: save it as UTF-8 (a table in Excel as `CSV UTF-8`)",
        );
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8: save it as UTF-8 (in Excel, `CSV UTF-8`)")
}

/// Why a file looks like none of the formats: what is wrong with it, where that can be told.
fn why_of_no_format(file: &Path, text: &str) -> String {
    let wrong = match ending(file).as_str() {
        "yml" | "yaml" => {
            serde_saphyr::from_str::<serde_json::Value>(text).err().map(|error| error.to_string())
        }
        "json" => serde_json::from_str::<serde_json::Value>(text).err().map(|error| error.to_string()),
        _ => None,
    };
    wrong.unwrap_or_else(|| {
        let formats = FormatChoice::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value);
        let formats: Vec<String> = formats.map(|format| format.get_name().to_owned()).collect();
        format!("say with --format what it is ({})", formats.join(", "))
    })
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

impl Change {
    /// Puts the examples of a text below those of a file. What stands in it, comments too, stays as it is; a file that
    /// would not be read as before with the new examples behind is refused.
    fn of(bot: &Path, path: &str, text: &str) -> anyhow::Result<Self> {
        let file = bot.join(path);
        let new = Format::Own.read(path, text)?;
        let before = match std::fs::read_to_string(&file) {
            Ok(before) => before,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Self { file, before: None, after: text.to_owned() }.sized();
            }
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
        };
        let lines = text.split_once('\n').map_or("", |(_, lines)| lines);
        let after = format!("{}\n{lines}", before.trim_end());
        let expected: Vec<Labelled> = Format::Own.read(path, &before)?.into_iter().chain(new).collect();
        ensure!(
            Format::Own.read(path, &after).is_ok_and(|read| read == expected),
            "{} is not a plain list of examples, and nothing was added: add these by hand:\n{lines}",
            file.display()
        );
        Self { file, before: Some(before), after }.sized()
    }

    fn sized(self) -> anyhow::Result<Self> {
        ensure!(
            self.after.len() <= LARGEST_FILE,
            "{} would be larger than 2 MiB, which is not read, and nothing was added: bring fewer examples of it",
            self.file.display()
        );
        Ok(self)
    }

    /// What cannot be put back either is left: the error of writing it says why.
    fn undo(&self) {
        match &self.before {
            Some(before) => std::fs::write(&self.file, before).ok(),
            None => std::fs::remove_file(&self.file).ok(),
        };
    }
}

/// Writes all of the files or none.
fn write_all(changes: &[Change]) -> anyhow::Result<()> {
    for (place, change) in changes.iter().enumerate() {
        if let Err(error) = write(&change.file, &change.after) {
            changes[..=place].iter().for_each(Change::undo);
            return Err(error.context("nothing was added"));
        }
    }
    Ok(())
}

fn told(known: &Known, sorted: &Sorted, is_dry: bool) -> Vec<String> {
    let mut by_label: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &sorted.fresh {
        *by_label.entry(&one.label).or_default() += 1;
    }
    let mut lines: Vec<String> =
        sorted.renamed.iter().map(|(label, name)| format!("`{label}` is called `{name}` here")).collect();
    lines.extend(
        by_label.iter().map(|(label, count)| {
            format!("{label}: {}{}", counted(*count, "example"), known.hint_about(label))
        }),
    );
    if !sorted.undeclared.is_empty() {
        let names: Vec<String> = sorted.undeclared.iter().map(|name| format!("`{name}`")).collect();
        lines.push(format!(
            "marks name entities that the bot does not have: {}: declare them in entities.yaml, or take the marks off",
            names.join(", ")
        ));
    }
    lines.extend(shown(&sorted.conflicts));
    let done = if is_dry { "would be added" } else { "added" };
    let mut parts = vec![
        format!("{} {done}", counted(sorted.fresh.len(), "example")),
        format!("{} there already", sorted.there),
    ];
    if !sorted.conflicts.is_empty() {
        parts.push(format!("{} left out as another intent's", sorted.conflicts.len()));
    }
    if sorted.incomplete > 0 {
        parts.push(format!("{} left out without a label or words", sorted.incomplete));
    }
    lines.push(parts.join(", "));
    lines
}

/// The first of a list of texts, and how many more there are.
pub(super) fn shown(lines: &[String]) -> Vec<String> {
    let mut shown: Vec<String> = lines.iter().take(SHOWN).cloned().collect();
    if lines.len() > SHOWN {
        shown.push(format!("and {} more", lines.len() - SHOWN));
    }
    shown
}

#[cfg(test)]
mod tests;
