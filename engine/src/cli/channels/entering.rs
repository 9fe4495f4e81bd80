//! What a person enters: settings as arguments, secrets at the terminal without an echo, or everything as lines on the
//! standard input. Nothing here repeats what was entered: a mistake may be a secret in the wrong place.

use std::io::{BufRead, IsTerminal};

use channels::{FieldKind, SetupField};
use console::Term;

use super::Fields;

/// The settings given as arguments.
pub(super) fn settings(form: &[SetupField], given: &[String]) -> anyhow::Result<Fields> {
    let mut fields = Fields::new();
    for (place, given) in given.iter().enumerate() {
        let what = format!("--field number {}", place + 1);
        let (field, value) = named(form, given, &what)?;
        anyhow::ensure!(
            !field.secret,
            "{} is a secret, and arguments are seen by everyone on this machine and kept by the shell: leave it out, and \
             you are asked for it, or give the line {}=… on the standard input",
            field.name,
            field.name
        );
        put(&mut fields, field, value, &what)?;
    }
    Ok(fields)
}

/// The name of the account.
pub(super) fn name(given: Option<String>) -> anyhow::Result<String> {
    if let Some(name) = given {
        return Ok(name);
    }
    anyhow::ensure!(std::io::stdin().is_terminal(), "say with --name what people call the account here");
    let term = Term::stderr();
    term.write_str("name (what people call the account here): ")?;
    Ok(term.read_line()?.trim().to_owned())
}

/// A secret: typed without an echo, or the first line of the standard input.
pub(super) fn secret(name: &str) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        let term = Term::stderr();
        term.write_str(&format!("{name} (not shown): "))?;
        return Ok(term.read_secure_line()?);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}

/// What the form asks for beside what is there already.
pub(super) fn rest(form: &[SetupField], fields: Fields) -> anyhow::Result<Fields> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() { asked(form, fields) } else { lines(form, fields, stdin.lock()) }
}

fn asked(form: &[SetupField], mut fields: Fields) -> anyhow::Result<Fields> {
    let term = Term::stderr();
    for field in form {
        while !fields.contains_key(field.name) {
            term.write_str(&prompt(field))?;
            let answer = if field.secret { term.read_secure_line() } else { term.read_line() }?;
            let answer = answer.trim();
            if let Some(fault) = field.fault(answer).filter(|_| !answer.is_empty()) {
                term.write_line(&fault.to_string())?;
            } else if !answer.is_empty() {
                fields.insert(field.name.to_owned(), answer.to_owned());
            } else if !field.required {
                break;
            }
        }
    }
    Ok(fields)
}

fn prompt(field: &SetupField) -> String {
    let more = match field {
        SetupField { ours: true, .. } => " (left empty, we make one up; it is not shown while you type)",
        SetupField { secret: true, required: true, .. } => " (not shown while you type)",
        SetupField { secret: true, .. } => " (may be left empty; not shown while you type)",
        SetupField { required: false, .. } => " (may be left empty)",
        _ => "",
    };
    match field.kind {
        FieldKind::Choice { choices } => format!("{}{more}, {}: ", field.name, choices.join(" or ")),
        _ => format!("{}{more}: ", field.name),
    }
}

fn lines(form: &[SetupField], mut fields: Fields, input: impl BufRead) -> anyhow::Result<Fields> {
    for (place, line) in input.lines().enumerate() {
        let what = format!("line {}", place + 1);
        let line = line.map_err(|_| anyhow::anyhow!("{what} of the standard input is not UTF-8"))?;
        if !line.trim().is_empty() {
            let (field, value) = named(form, &line, &what)?;
            put(&mut fields, field, value, &what)?;
        }
    }
    Ok(fields)
}

fn named<'a>(form: &'a [SetupField], text: &'a str, what: &str) -> anyhow::Result<(&'a SetupField, &'a str)> {
    let names = || form.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| anyhow::anyhow!("{what} is not name=value; the names here are {}", names()))?;
    let field = form.iter().find(|field| field.name == name.trim());
    let field = field
        .ok_or_else(|| anyhow::anyhow!("{what} names nothing of this channel; the names are {}", names()))?;
    Ok((field, value))
}

fn put(fields: &mut Fields, field: &SetupField, value: &str, what: &str) -> anyhow::Result<()> {
    let value = value.trim();
    if let Some(fault) = field.fault(value).filter(|_| !value.is_empty()) {
        anyhow::bail!("{what}: {fault}");
    }
    let before = fields.insert(field.name.to_owned(), value.to_owned());
    anyhow::ensure!(before.is_none(), "{what} gives {} a second time", field.name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[SetupField] = &[
        SetupField::secret("access_token"),
        SetupField::made("verify_token"),
        SetupField::setting("app_id").optional(),
        SetupField::seen(),
    ];

    #[test]
    fn lines_are_read_and_never_repeated() {
        let check = |input: &str, expected: &str| {
            let said = match lines(FORM, Fields::new(), input.as_bytes()) {
                Ok(fields) => format!("{fields:?}"),
                Err(error) => error.to_string(),
            };
            assert_eq!(said, expected, "{input}");
        };
        check("access_token=EAAB=1==\n\n app_id = 7 \r\n", r#"{"access_token": "EAAB=1==", "app_id": "7"}"#);
        check("", "{}");
        let names = "access_token, verify_token, app_id, seen";
        check("EAAB-hush", &format!("line 1 is not name=value; the names here are {names}"));
        check("\nEAAB-hush==", &format!("line 2 names nothing of this channel; the names are {names}"));
        check("seen=perhaps", "line 1: seen must be one of: yes, no");
        check("seen=", r#"{"seen": ""}"#);
        check("app_id=1\napp_id=2", "line 2 gives app_id a second time");
    }

    #[test]
    fn a_secret_is_no_argument() {
        let said = settings(FORM, &["access_token=EAAB-hush".to_owned()]).unwrap_err().to_string();
        assert!(said.contains("access_token is a secret") && !said.contains("hush"), "{said}");
        let fields = settings(FORM, &["app_id=7".to_owned()]).unwrap();
        assert_eq!(fields, Fields::from([("app_id".to_owned(), "7".to_owned())]));
    }

    #[test]
    fn a_prompt_says_what_may_be_left_out() {
        let said: Vec<String> = FORM.iter().map(prompt).collect();
        assert_eq!(
            said,
            [
                "access_token (not shown while you type): ",
                "verify_token (left empty, we make one up; it is not shown while you type): ",
                "app_id (may be left empty): ",
                "seen (may be left empty), yes or no: ",
            ]
        );
    }
}
