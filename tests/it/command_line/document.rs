//! docs/cli.md beside the program: every command, every option and every field stands there, and no other.

use channels::{ChannelName, FieldKind, SetupField};
use clap::Command;

fn document() -> String {
    std::fs::read_to_string(tests::workspace::root().join("docs/cli.md")).unwrap()
}

/// The row of a field, up to what it is, which is prose.
fn row(channel: ChannelName, field: &SetupField) -> String {
    let name = if field.secret { format!("*{}*", field.name) } else { format!("`{}`", field.name) };
    let takes = match field.kind {
        FieldKind::Choice { choices } => format!("`{}`", choices.join("` or `")),
        FieldKind::Text => "text".to_owned(),
        FieldKind::Number => "digits".to_owned(),
        FieldKind::Url => "a web address".to_owned(),
        FieldKind::Secret => "a secret".to_owned(),
    };
    let more = match field {
        SetupField { ours: true, .. } => ", made up where it is left out",
        SetupField { required: true, .. } => ", needed",
        _ => "",
    };
    let most = match field.kind {
        FieldKind::Choice { .. } => String::new(),
        _ => field.most.to_string(),
    };
    format!("| `{}` | {name} | {takes}{more} | {most} | ", channel.as_str())
}

#[test]
fn the_table_of_fields_is_that_of_the_program() {
    let document = document();
    let (_, table) = document.split_once("| channel | field | takes |").unwrap();
    let written: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let fields = ChannelName::ALL
        .into_iter()
        .flat_map(|name| channels::channel(name).setup().iter().map(move |field| row(name, field)));
    let mut known: Vec<String> = fields.collect();
    known.sort();
    let mut cut: Vec<&str> = written
        .iter()
        .map(|line| known.iter().find(|row| line.starts_with(*row)).map_or(*line, String::as_str))
        .collect();
    cut.sort_unstable();
    assert_eq!(cut, known, "docs/cli.md, the table of fields");
    let is_told = |line: &&str| line.trim_end_matches('|').rsplit('|').next().unwrap().trim().len() > 5;
    assert!(written.iter().all(is_told), "each says what it is");
}

/// Every command below `command`, with the words by which it is called.
fn below(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
        let path = format!("{path} {}", one.get_name()).trim().to_owned();
        below(one, &path, found);
        found.push((path, one.clone()));
    }
}

#[test]
fn every_command_and_option_is_written_down() {
    let document = document();
    let program = engine::cli::command();
    let mut all = vec![(String::new(), program.clone())];
    below(&program, "", &mut all);
    assert!(all.len() > 25, "the commands are found: {}", all.len());
    let mut missing = Vec::new();
    for (path, command) in &all {
        // Those of a group stand below it without its name.
        let (_, own) = path.split_once(' ').unwrap_or(("", path));
        let is_there = [format!("`{path}"), format!("`{own} "), format!("`{own}`"), format!("`sala {path}")];
        if !path.is_empty() && !is_there.iter().any(|said| document.contains(said.as_str())) {
            missing.push(path.clone());
        }
        let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
        let options = shown.filter_map(|argument| argument.get_long());
        for option in options.filter(|option| !matches!(*option, "help" | "version")) {
            let said = format!("--{option}");
            let is_whole = |place: usize| {
                !document[place + said.len()..]
                    .starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-')
            };
            if !document.match_indices(&said).any(|(place, _)| is_whole(place)) {
                missing.push(format!("{path} {said}"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/cli.md lacks {missing:#?}");
}

/// What a row calls a command, such as `list [--company ID]`, up to its arguments.
fn called(code: &str) -> String {
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    code.split(' ').take_while(is_word).filter(|word| !word.starts_with('-')).collect::<Vec<_>>().join(" ")
}

#[test]
fn no_command_is_written_down_that_is_not_there() {
    let document = document();
    let program = engine::cli::command();
    let mut all = Vec::new();
    below(&program, "", &mut all);
    let is_known = |path: &str| all.iter().any(|(known, _)| known == path);
    let check = |heading: &str, group: &str| {
        let (_, table) = document.split_once(heading).unwrap();
        let rows = table.lines().skip_while(|line| !line.starts_with("| `"));
        for row in rows.take_while(|line| line.starts_with('|')) {
            let cell = row.trim_start_matches("| ").split(" | ").next().unwrap();
            for code in cell.split('`').skip(1).step_by(2) {
                let path = called(code);
                let is_there = is_known(&format!("{group}{path}")) || is_known(&format!("channels {path}"));
                assert!(is_there, "{heading}: {code} is no command");
            }
        }
    };
    check("| command | |", "");
    check("## `sala channels`", "channels ");
}
