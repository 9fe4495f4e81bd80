//! General texts that no bot of a company should answer as one of its intents.

use nlu::{Language, OUT_OF_SCOPE};

use crate::dataset::Example;

const FILES: [(Language, &str); 3] = [
    (Language::Thai, include_str!("../recipes/background/th.txt")),
    (Language::English, include_str!("../recipes/background/en.txt")),
    (Language::Chinese, include_str!("../recipes/background/zh.txt")),
];

/// Small talk, homework, other companies' business, spam, insults and keyboard noise in three languages, of our own
/// writing, labelled out of scope.
pub fn background() -> Vec<Example> {
    let lines =
        FILES.iter().flat_map(|(language, file)| file.lines().map(move |line| (*language, line.trim())));
    let texts = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    texts.map(|(language, text)| Example::new(text, OUT_OF_SCOPE, language)).collect()
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
}
