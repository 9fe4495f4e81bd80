//! Checks of the examples: that they are of the bot's intents and languages, that each says one thing once, and that
//! their entity marks are whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::Check;
use crate::entities::{self, Shape};
use crate::examples::{Examples, language_and_intent};
use crate::problem::{Mark, Named, Place, advise};

/// The label of examples that no intent should answer.
const OUT_OF_SCOPE: &str = "oos";

/// From fewer marks hardly anything is learned.
const FEWEST_MARKS: usize = 20;

/// A text without anything to learn from. Emoji are no punctuation.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{Punctuation}[:punct:]\s]*$").ok());

/// Where a text has been seen first.
struct Seen<'e> {
    examples: &'e Examples,
    line: u32,
}

impl Check<'_> {
    pub(super) fn examples(&mut self, all: &[Examples]) {
        self.example_languages(all);
        let mut seen = BTreeMap::new();
        for examples in all {
            self.example_intent(examples);
            if examples.texts.is_empty() {
                let place = Place { file: &examples.file, mark: Mark::default(), key: "examples" };
                self.problems.warning(place, "there are no examples in it", "write some, or remove the file");
            }
            for text in &examples.texts {
                let plain = self.marks(examples, text);
                self.repeated(examples, text, &plain, &mut seen);
            }
        }
        self.intents_without_examples(all);
        self.learned_from_little(all);
    }

    /// An entity that is learned needs to have been marked.
    fn learned_from_little(&mut self, all: &[Examples]) {
        let texts = all.iter().flat_map(|examples| &examples.texts);
        let marks: Vec<&str> =
            texts.filter_map(|text| Some(read_marks(&text.id).ok()?.entities)).flatten().collect();
        let learned = self.bot.entities.values().filter(|entity| matches!(entity.shape, Shape::Learned));
        for entity in learned {
            let marked = marks.iter().filter(|mark| **mark == entity.name).count();
            if marked < FEWEST_MARKS {
                let place = Place { file: "entities.yaml", mark: entity.mark, key: &entity.name };
                let message = format!("is learned from {marked} marks, which is hardly enough");
                let advice = format!("mark it in more examples: `[the customer's words]({})`", entity.name);
                self.problems.warning(place, message, advice);
            }
        }
    }

    fn example_languages(&mut self, all: &[Examples]) {
        let languages: BTreeSet<&String> = all.iter().map(|examples| &examples.language).collect();
        for language in languages {
            let folder = format!("intents/{language}");
            self.known_language(language, Place { file: &folder, mark: Mark::default(), key: language });
        }
    }

    fn example_intent(&mut self, examples: &Examples) {
        let intents = &self.bot.settings.intents;
        let is_known = examples.intent == OUT_OF_SCOPE || intents.iter().any(|one| one.id == examples.intent);
        if !is_known && !self.unread.has("bot.yaml") {
            let advice = advise(&examples.intent, intents.iter().map(|intent| intent.id.as_str()));
            let place = Place { file: &examples.file, mark: Mark::default(), key: "intent" };
            self.problems.error(place, format!("there is no intent `{}`", examples.intent), advice);
        }
    }

    fn intents_without_examples(&mut self, all: &[Examples]) {
        let unread = self.unread.files.iter().filter_map(|file| Some(language_and_intent(file)?.1));
        let known: BTreeSet<&str> = all.iter().map(|one| one.intent.as_str()).chain(unread).collect();
        for intent in self.bot.settings.intents.iter().filter(|one| !known.contains(one.id.as_str())) {
            let place = Place { file: "bot.yaml", mark: intent.mark, key: "intents" };
            let message = format!("`{}` has no examples, so nothing is ever understood as it", intent.id);
            let language = Some(&self.bot.settings.default_language).filter(|language| !language.is_empty());
            let language = language.map_or("<language>", String::as_str);
            let advice = format!("write some into intents/{language}/{}.yaml", intent.id);
            self.problems.warning(place, message, advice);
        }
    }

    /// Reports marks that are not whole or name no entity; returns the text without its marks.
    fn marks(&mut self, examples: &Examples, text: &Named) -> String {
        let place = Place { file: &examples.file, mark: text.mark, key: "examples" };
        let written = match read_marks(&text.id) {
            Ok(written) => written,
            Err(message) => {
                let advice = "a mark is written `[the customer's words](entity)`";
                self.problems.error(place, message, advice);
                return text.id.clone();
            }
        };
        for entity in &written.entities {
            if self.is_markable(entity) {
                continue;
            }
            let known = self.bot.entities.keys().map(String::as_str).chain(entities::FOUND_BY_NLU);
            self.problems.error(place, format!("there is no entity `{entity}`"), advise(entity, known));
        }
        written.plain
    }

    fn is_markable(&self, entity: &str) -> bool {
        self.bot.entities.contains_key(entity)
            || entities::FOUND_BY_NLU.contains(&entity)
            || self.unread.has("entities.yaml")
    }

    fn repeated<'e>(
        &mut self,
        examples: &'e Examples,
        text: &Named,
        plain: &str,
        seen: &mut BTreeMap<String, Seen<'e>>,
    ) {
        let place = Place { file: &examples.file, mark: text.mark, key: "examples" };
        if !has_words(plain) {
            let message = if plain.trim().is_empty() {
                "the example is empty".to_owned()
            } else {
                format!("`{plain}` has no words to learn from")
            };
            self.problems.error(place, message, "remove it");
            return;
        }
        let key = plain.trim().to_lowercase();
        let line = text.mark.line;
        let Some(first) = seen.get(&key) else {
            seen.insert(key, Seen { examples, line });
            return;
        };
        if first.examples.intent != examples.intent {
            let Examples { file, intent, .. } = first.examples;
            let message = format!("`{plain}` is also an example of `{intent}` ({file}:{})", first.line);
            self.problems.error(place, message, "keep it in the one intent that it means");
        } else if first.examples.file == examples.file {
            let message = format!("`{plain}` is there twice (line {})", first.line);
            self.problems.warning(place, message, "remove one of them");
        }
    }
}

/// Whether there is anything to learn from in a text without its marks.
pub fn has_words(plain: &str) -> bool {
    !BARE.as_ref().is_some_and(|bare| bare.is_match(plain))
}

/// An example as it is understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Written<'t> {
    /// The text without its marks.
    pub plain: String,
    /// The entities that the marks name, in order.
    pub entities: Vec<&'t str>,
}

/// Takes an example apart, or says which of its marks is not whole. Brackets without a name in parentheses right after
/// them are brackets that the customer wrote.
pub fn read_marks(text: &str) -> Result<Written<'_>, String> {
    let mut written = Written { plain: String::new(), entities: Vec::new() };
    let mut rest = text;
    while let Some(at) = rest.find(['[', ']']) {
        let (before, bracket) = rest.split_at(at);
        written.plain.push_str(before);
        let Some(inner) = bracket.strip_prefix('[') else {
            return Err(format!("`{text}` has a `]` without its `[`"));
        };
        let Some((value, after)) = inner.split_once(']').filter(|(value, _)| !value.contains('[')) else {
            return Err(format!("`{text}` has a `[` that is never closed"));
        };
        let Some(name) = after.strip_prefix('(') else {
            written.plain.extend(["[", value, "]"]);
            rest = after;
            continue;
        };
        let Some((entity, after)) = name.split_once(')') else {
            return Err(format!("`{text}` has a mark whose `(` is never closed"));
        };
        if value.trim().is_empty() {
            return Err(format!("`{text}` has a mark without words"));
        }
        if entity.trim().is_empty() {
            return Err(format!("`{text}` has a mark without an entity"));
        }
        written.plain.push_str(value);
        written.entities.push(entity);
        rest = after;
    }
    written.plain.push_str(rest);
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, &[&str]), &str>) {
        let found = read_marks(text);
        match (found, expected) {
            (Ok(written), Ok((plain, entities))) => {
                assert_eq!(
                    (written.plain.as_str(), written.entities.as_slice()),
                    (plain, entities),
                    "{text}"
                );
            }
            (Err(message), Err(part)) => assert!(message.contains(part), "{text}: {message}"),
            (found, expected) => panic!("{text}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn marks_are_whole_or_said_not_to_be() {
        check("ดู [BK240117](order_number) ที", Ok(("ดู BK240117 ที", &["order_number"])));
        check("[a](x)[b](y)", Ok(("ab", &["x", "y"])));
        check("a [photo] (here)", Ok(("a [photo] (here)", &[])));
        check("[BK240117(order_number)", Err("`[` that is never closed"));
        check("[a [b](x)", Err("`[` that is never closed"));
        check("BK240117](order_number)", Err("`]` without its `[`"));
        check("[BK240117](order_number", Err("`(` is never closed"));
        check("[](order_number)", Err("a mark without words"));
        check("[BK240117]()", Err("a mark without an entity"));
    }
}
