//! Recognising that a person steers the conversation, from the bot's own word lists and no model.

use crate::answer::{Fit, collect_at, fit};
use crate::bot::Bot;
use crate::event::{Heard, Mention, Repair};
use crate::settings::ByLanguage;
use crate::state::{DialogueState, Frame};

/// What the message asks for, if it steers the conversation. Words count only as the whole message, so
/// that "cancel" is a repair and "cancel my order" is not; a message that names an option of the open
/// question is none, so that "cancel" answers "shall I cancel it?".
///
/// A correction is a value of an entity that has filled a slot already, said either after a word of
/// correction or where it does not answer the question that is open.
pub fn recognise_repair(bot: &Bot, state: &DialogueState, heard: &Heard) -> Option<Repair> {
    if heard.payload.is_some() {
        return None;
    }
    let words = &bot.settings.words;
    let said = plain(&heard.text, &words.polite);
    if state.paused_flows().next().is_some() && is_one_of(&said, &words.resume) {
        return Some(Repair::Resume);
    }
    if let Some(correction) = correction(bot, state, heard, &said) {
        return Some(correction);
    }
    if state.is_idle() || fit(bot, state, heard) == Fit::Sure {
        return None;
    }
    if is_one_of(&said, &words.cancel) {
        return Some(Repair::Cancel);
    }
    if is_one_of(&said, &words.skip) {
        return Some(Repair::Skip);
    }
    if is_one_of(&said, &words.repeat) {
        return Some(Repair::Repeat);
    }
    None
}

/// What a text says to a question that yes or no answers, if it says either: the whole text counts.
pub fn says_yes(bot: &Bot, text: &str) -> Option<bool> {
    let words = &bot.settings.words;
    let said = plain(text, &words.polite);
    let is_yes = is_one_of(&said, &words.yes);
    (is_yes || is_one_of(&said, &words.no)).then_some(is_yes)
}

fn correction(bot: &Bot, state: &DialogueState, heard: &Heard, said: &str) -> Option<Repair> {
    let words = &bot.settings.words;
    let announced = begins_loosely(said, &words.correct) || begins_loosely(said, &words.no);
    if !announced && (state.is_idle() || fit(bot, state, heard) == Fit::Sure) {
        return None;
    }
    let frames = state.stack.iter().rev().chain(state.finished.as_ref().filter(|_| state.stack.is_empty()));
    for frame in frames {
        for mention in &heard.entities {
            if let Some(slot) = corrected_slot(bot, frame, mention) {
                let open = state.stack.last().is_some_and(|top| std::ptr::eq(top, frame))
                    && collect_at(bot, state).is_some_and(|collect| collect.slot == slot);
                if !open {
                    return Some(Repair::Correct { slot, value: mention.value.clone() });
                }
            }
        }
    }
    None
}

/// The slot of the frame that the mention gives another value.
fn corrected_slot(bot: &Bot, frame: &Frame, mention: &Mention) -> Option<String> {
    let flow = bot.flows.get(&frame.flow)?;
    let steps = flow.all_steps();
    let mut collects = steps.iter().filter_map(|(_, step)| step.verb.as_collect());
    let collect = collects.find(|collect| {
        bot.entity_of(collect) == Some(mention.kind.as_str())
            && frame.slots.get(&collect.slot).is_some_and(|value| *value != mention.value && !value.is_none())
    })?;
    Some(collect.slot.clone())
}

/// Lower case, without the signs and polite particles around it. The words of a bot are in lower case already.
pub(crate) fn plain(text: &str, polite: &ByLanguage) -> String {
    let mut text = trimmed(&text.to_lowercase()).to_owned();
    loop {
        let particles = polite.values().flatten().filter(|particle| !particle.is_empty());
        let shorter = particles.into_iter().find_map(|particle| {
            let rest = without_end(&text, particle).or_else(|| without_beginning(&text, particle))?;
            (!rest.is_empty()).then(|| rest.to_owned())
        });
        match shorter {
            Some(shorter) => text = shorter,
            None => return text,
        }
    }
}

fn without_end<'t>(text: &'t str, particle: &str) -> Option<&'t str> {
    let rest = text.strip_suffix(particle)?;
    is_boundary(rest.chars().last(), particle.chars().next()).then(|| trimmed(rest))
}

fn without_beginning<'t>(text: &'t str, particle: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(particle)?;
    is_boundary(particle.chars().last(), rest.chars().next()).then(|| trimmed(rest))
}

/// Between two letters of a script that puts spaces between words there is no end of a word.
fn is_boundary(left: Option<char>, right: Option<char>) -> bool {
    let spaced = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() && (character as u32) < 0x0E00)
    };
    !(spaced(left) && spaced(right))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace()
            || character.is_ascii_punctuation()
            || "。，、！？…～·“”‘’「」".contains(character)
            || ('\u{2600}'..='\u{27BF}').contains(&character)
            || character >= '\u{1F000}'
    })
}

/// Whether the plain text is one of the words.
pub(crate) fn is_one_of(plain: &str, words: &ByLanguage) -> bool {
    words.values().flatten().any(|word| word == plain)
}

/// Whether the plain text is one of the words, or goes on after one with polite particles and then a space
/// or a sign. In scripts without spaces a longer word that begins alike is something else: "ได้" is a yes and
/// "ได้รับแล้ว" is not.
pub(crate) fn begins_with(plain: &str, words: &ByLanguage, polite: &ByLanguage) -> bool {
    words.values().flatten().any(|word| match plain.strip_prefix(word.as_str()) {
        Some(rest) => is_word_end(without_particles(rest, polite)),
        None => false,
    })
}

fn without_particles<'t>(mut text: &'t str, polite: &ByLanguage) -> &'t str {
    while let Some(rest) = polite.values().flatten().find_map(|particle| {
        text.strip_prefix(particle.as_str()).filter(|_| !particle.is_empty() && !particle.is_ascii())
    }) {
        text = rest;
    }
    text
}

/// Whether a word before this text is over; marks above and below Thai letters go on with it.
fn is_word_end(rest: &str) -> bool {
    rest.chars().next().is_none_or(|next| {
        let is_mark = ('\u{0E31}'..='\u{0E4E}').contains(&next);
        !next.is_alphanumeric() && !is_mark
    })
}

/// Whether the plain text is one of the words or goes on after one of more than one letter.
fn begins_loosely(plain: &str, words: &ByLanguage) -> bool {
    words.values().flatten().any(|word| match plain.strip_prefix(word.as_str()) {
        Some("") => true,
        Some(rest) => word.chars().count() > 1 && is_boundary(word.chars().last(), rest.chars().next()),
        None => false,
    })
}

#[cfg(test)]
mod tests;
