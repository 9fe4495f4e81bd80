//! The labelled examples in `intents/<language>/<intent>.yaml`, from which the intents are learned.

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::problem::{Mark, Named, Problem, Severity};
use crate::reading::told;

/// The examples of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examples {
    /// Path relative to the bot's folder.
    pub file: String,
    pub intent: String,
    pub language: String,
    /// The texts as they are written, with entity marks such as `[BK240117](order_number)`.
    pub texts: Vec<Named>,
}

/// Reads a file of examples; none where the path is not one of such a file.
pub fn read_examples(file: &str, text: &str) -> Option<Result<Examples, Problem>> {
    let (language, intent) = language_and_intent(file)?;
    let read = serde_saphyr::from_str::<File>(text);
    Some(match read {
        Ok(read) => Ok(Examples {
            file: file.to_owned(),
            intent: intent.to_owned(),
            language: language.to_owned(),
            texts: read.examples.into_iter().map(named).collect(),
        }),
        Err(error) => Err(unreadable(file, &error)),
    })
}

/// The language and the intent of which a file has examples, as its path says.
pub(crate) fn language_and_intent(file: &str) -> Option<(&str, &str)> {
    let (language, name) = file.strip_prefix("intents/")?.split_once('/')?;
    let intent = name.strip_suffix(".yaml").filter(|intent| !intent.contains('/'))?;
    Some((language, intent))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    examples: Vec<Spanned<String>>,
}

fn named(text: Spanned<String>) -> Named {
    Named { id: text.value, mark: text.referenced.into() }
}

fn unreadable(file: &str, error: &serde_saphyr::Error) -> Problem {
    let Mark { line, column } = error.location().map(Mark::from).unwrap_or_default();
    Problem {
        file: file.to_owned(),
        line,
        column,
        key: "yaml".to_owned(),
        message: told(error),
        advice: "a file of examples is `examples:` and a list of texts".to_owned(),
        severity: Severity::Error,
    }
}
