//! General texts that no bot of a company should answer as one of its intents.

use std::collections::HashSet;

use nlu::{Language, OUT_OF_SCOPE};

use crate::dataset::{Dataset, Example, text_hash};
use crate::embed::TextHash;

const FILES: [(Language, &str); 3] = [
    (Language::Thai, include_str!("../recipes/background/th.txt")),
    (Language::English, include_str!("../recipes/background/en.txt")),
    (Language::Chinese, include_str!("../recipes/background/zh.txt")),
];

/// Small talk, homework, other companies' business, spam, insults, keyboard noise, and bare days, amounts and answers in
/// three languages, of our own writing, labelled out of scope.
pub fn background() -> Vec<Example> {
    let lines =
        FILES.iter().flat_map(|(language, file)| file.lines().map(move |line| (*language, line.trim())));
    let texts = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    texts.map(|(language, text)| Example::new(text, OUT_OF_SCOPE, language)).collect()
}

/// Those of them that are no example of the bot.
pub(crate) fn background_beside(dataset: &Dataset) -> Vec<Example> {
    let known: HashSet<TextHash> =
        dataset.examples().iter().map(|example| text_hash(&example.text)).collect();
    let mut texts = background();
    texts.retain(|text| !known.contains(&text_hash(&text.text)));
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_enough_and_no_text_twice() {
        let mut texts = background();
        for (language, _) in FILES {
            assert!(texts.iter().filter(|example| example.language == language).count() >= 80);
        }
        let count = texts.len();
        texts.sort_by(|left, right| left.text.cmp(&right.text));
        texts.dedup_by(|left, right| left.text == right.text);
        assert_eq!(texts.len(), count);
    }

    #[test]
    fn what_a_bot_has_as_an_example_is_none_of_it() {
        let example = Example::new("Tomorrow", "affirm", Language::English);
        assert!(background().iter().any(|text| text.text == "tomorrow"));
        let beside = background_beside(&Dataset::new(vec![
            Example::new("tomorrow", "when", Language::English),
            example,
        ]));
        assert!(beside.iter().all(|text| text.text != "tomorrow") && beside.len() + 1 == background().len());
    }
}
