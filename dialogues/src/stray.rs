//! Files in a bot's folder that nothing reads, most often because of their name.

use crate::bot::BotFile;
use crate::problem::{Problem, Severity, advise};

/// The folders of a bot.
const FOLDERS: [&str; 5] = ["flows", "wording", "scenarios", "intents", "articles"];
/// The files beside them, each with `.yaml`.
const FILES: [&str; 3] = ["bot", "actions", "entities"];

/// The warning about a file that nothing reads, by its path relative to the bot's folder. Hidden files, the writer's
/// notes and folders that are nobody's concern are left alone.
pub fn stray_file(path: &str) -> Option<Problem> {
    let name = path.rsplit('/').next()?;
    let is_private = path.split('/').any(|part| part.starts_with('.')) || name.ends_with('~');
    if is_private || name.eq_ignore_ascii_case("readme.md") || BotFile::of(path).is_some() {
        return None;
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_yaml = matches!(extension, "yaml" | "yml");
    let advice = match path.split_once('/').map(|(folder, _)| folder) {
        // What is wrong with an article's name is said where articles are read.
        Some("articles") if matches!(extension, "md" | "yaml" | "toml") => return None,
        Some("articles") => "articles are Markdown: <slug>.<language>.md".to_owned(),
        Some("intents") if extension == "yaml" => {
            "examples are in intents/<language>/<intent>.yaml".to_owned()
        }
        Some(folder) if FOLDERS.contains(&folder) && is_yaml => format!("rename it to {stem}.yaml"),
        Some(folder) if FOLDERS.contains(&folder) => "only .yaml files are read here".to_owned(),
        Some("figures") => return None,
        Some(folder) if is_yaml || extension == "md" => {
            Some(advise(folder, FOLDERS)).filter(|advice| is_yaml || advice.starts_with("did you"))?
        }
        None if extension == "yml" && FILES.contains(&stem) => format!("rename it to {stem}.yaml"),
        None if is_yaml => advise(stem, FILES),
        _ => return None,
    };
    Some(Problem {
        file: path.to_owned(),
        line: 0,
        column: 0,
        key: "file".to_owned(),
        message: "nothing reads this file".to_owned(),
        advice,
        severity: Severity::Warning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, advice: Option<&str>) {
        assert_eq!(stray_file(path).map(|problem| problem.advice).as_deref(), advice, "{path}");
    }

    #[test]
    fn a_file_that_nothing_reads_is_named() {
        check("flows/a.yml", Some("rename it to a.yaml"));
        check("flows/a.yaml.bak", Some("only .yaml files are read here"));
        check("intents/en/a.yml", Some("rename it to a.yaml"));
        check("intents/a.yaml", Some("examples are in intents/<language>/<intent>.yaml"));
        check("articles/a.en.txt", Some("articles are Markdown: <slug>.<language>.md"));
        check("flow/a.yaml", Some("did you mean `flows`?"));
        check("article/a.en.md", Some("did you mean `articles`?"));
        check("drafts/a.yaml", Some("known: flows, wording, scenarios, intents, articles"));
        check("bot.yml", Some("rename it to bot.yaml"));
        check("entites.yaml", Some("did you mean `entities`?"));
        check("notes.yaml", Some("known: bot, actions, entities"));
    }

    #[test]
    fn what_is_read_or_nobodys_concern_is_left_alone() {
        for path in [
            "bot.yaml",
            "flows/a.yaml",
            "intents/th/a.yaml",
            "articles/a.en.md",
            "README.md",
            "flows/README.md",
            "flows/.a.yaml.swp",
            ".git/config.yaml",
            "flows/a.yaml~",
            "drafts/notes.md",
            "logo.png",
        ] {
            check(path, None);
        }
    }
}
