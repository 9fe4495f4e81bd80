//! Text as search terms: words, and runs of neighbouring characters.

use nlu::{Normalised, Words};

use crate::bm25::Terms;

/// Terms longer than this many bytes are not words.
const LONGEST_TERM: usize = 100;

/// A text as terms of both kinds, the same for articles and for queries.
pub(crate) fn terms(text: &str, words: &Words) -> Terms {
    let text = Normalised::new(text);
    let cut = words.cut(text.text()).into_iter().map(|word| word.text);
    Terms { words: cut.filter(|word| word.len() <= LONGEST_TERM).collect(), grams: grams(text.text()) }
}

/// The character 3- and 4-grams of every run of letters and digits, in lower case, and the 2- and 3-grams of Chinese
/// runs, whose words are shorter. Runs of scripts that put spaces between words carry a mark at both ends, so that
/// beginnings and ends of words count as such.
fn grams(text: &str) -> Vec<String> {
    let mut grams = Vec::new();
    let lowered = text.to_lowercase();
    for run in lowered.split(|character: char| !is_letter(character)).filter(|run| !run.is_empty()) {
        let mut part = Vec::new();
        let mut is_han = None;
        for character in run.chars() {
            if is_han.is_some_and(|han| han != is_ideograph(character)) {
                push_grams(&mut grams, &part);
                part.clear();
            }
            is_han = Some(is_ideograph(character));
            part.push(character);
        }
        push_grams(&mut grams, &part);
    }
    grams
}

fn push_grams(grams: &mut Vec<String>, run: &[char]) {
    let Some(first) = run.first() else { return };
    let is_han = is_ideograph(*first);
    let is_spaced = !is_han && !is_thai(*first);
    let marked: Vec<char> = if is_spaced {
        std::iter::once('_').chain(run.iter().copied()).chain(['_']).collect()
    } else {
        run.to_vec()
    };
    let lengths = if is_han { [2, 3] } else { [3, 4] };
    if marked.len() < lengths[0] {
        grams.push(marked.iter().collect());
        return;
    }
    for length in lengths {
        grams.extend(marked.windows(length).map(|window| window.iter().collect::<String>()));
    }
}

fn is_letter(character: char) -> bool {
    // Thai tone marks are part of a run, the baht sign and the marks of abbreviation and section are not.
    character.is_alphanumeric() || (is_thai(character) && !matches!(character, 'ฯ' | '฿' | '๏' | '๚' | '๛'))
}

fn is_thai(character: char) -> bool {
    ('\u{e00}'..='\u{e7f}').contains(&character)
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_grams(text: &str, expected: &[&str]) {
        assert_eq!(grams(text), expected, "{text}");
    }

    #[test]
    fn grams_follow_the_script() {
        check_grams("V60!", &["_v6", "v60", "60_", "_v60", "v60_"]);
        check_grams("a, 5", &["_a_", "_5_"]);
        check_grams("ไทย ได้", &["ไทย", "ได้"]);
        check_grams("น้ำมัน", &["น้ำ", "้ำม", "ำมั", "มัน", "น้ำม", "้ำมั", "ำมัน"]);
        check_grams("咖啡机", &["咖啡", "啡机", "咖啡机"]);
        check_grams("买V60", &["买", "_v6", "v60", "60_", "_v60", "v60_"]);
        check_grams("฿ … !?", &[]);
    }

    #[test]
    fn spelling_is_normalised_and_punctuation_is_dropped() {
        let words = |text| terms(text, &Words::default()).words;
        assert_eq!(words("Descale, PLEASE!"), ["descale", "please"]);
        assert_eq!(words("ส่งกี่วัน"), ["ส่ง", "กี่", "วัน"]);
        assert_eq!(words("เเก้วมากกกกก"), ["แก้ว", "มาก"]);
        assert_eq!(words("Ｖ６０ 几天能到货"), ["v60", "几天", "能", "到", "货"]);
        assert!(words(&"xy".repeat(100)).is_empty());
    }
}
