//! The address of the database: which there are.

/// What is wrong with the address; never says the address itself, which may hold a password.
pub(crate) fn mistake(address: &str) -> Option<String> {
    const KINDS: &str =
        "the kinds are sqlite, sqlite:FILE, postgres://USER:PASSWORD@HOST:PORT/NAME and memory";
    let kind = address.split_once("://").or_else(|| address.split_once(':')).map(|(kind, _)| kind);
    match kind {
        None if matches!(address, "sqlite" | "memory") => None,
        Some("sqlite") if address.trim_start_matches("sqlite:").trim_matches('/').is_empty() => {
            Some(format!("this names no file ({KINDS})"))
        }
        Some("sqlite") => None,
        Some("postgres" | "postgresql") => {
            let error = url::Url::parse(address).err()?;
            Some(format!("this is no address of a PostgreSQL: {error} ({KINDS})"))
        }
        Some(kind) if is_scheme(kind) => Some(format!("there is no database of the kind `{kind}` ({KINDS})")),
        _ => Some(format!("this is the address of no database ({KINDS})")),
    }
}

/// Words that may be shown: anything else could be part of a password.
fn is_scheme(word: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    (1..=20).contains(&word.len()) && word.chars().all(is_letter)
}
