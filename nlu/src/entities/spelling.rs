//! Words as people misspell them.

use std::borrow::Cow;

/// A pattern for a word in which Thai tone marks may be wrong or missing.
pub(crate) fn tolerant(word: &str) -> String {
    let mut pattern = String::new();
    for letter in word.chars() {
        if is_tone(letter) {
            pattern.push_str("[่-๋]?");
        } else {
            pattern.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
        }
    }
    pattern
}

pub(crate) fn without_tones(word: &str) -> Cow<'_, str> {
    if word.contains(is_tone) {
        word.chars().filter(|letter| !is_tone(*letter)).collect::<String>().into()
    } else {
        word.into()
    }
}

fn is_tone(letter: char) -> bool {
    matches!(letter, '\u{e48}'..='\u{e4b}')
}

/// Whether `written` is at most `most` edits (a letter replaced, added, left out, or swapped with its neighbour) from
/// `word`, and begins as it does. For short words: the time is the product of the lengths.
pub(crate) fn is_near(word: &str, written: &str, most: usize) -> bool {
    if word.chars().next() != written.chars().next() || word.len().abs_diff(written.len()) > most * 4 {
        return false;
    }
    let (left, right): (Vec<char>, Vec<char>) = (word.chars().collect(), written.chars().collect());
    if left.len().abs_diff(right.len()) > most {
        return false;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (row, letter) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced = rows[row][column] + usize::from(letter != other);
            let mut least = replaced.min(rows[row][column + 1] + 1).min(next[column] + 1);
            let swapped = row > 0 && column > 0 && left[row - 1] == *other && right[column - 1] == *letter;
            if swapped {
                least = least.min(rows[row - 1][column - 1] + 1);
            }
            next.push(least);
        }
        rows.push(next);
    }
    rows[left.len()][right.len()] <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_few_edits_away() {
        for (word, written, near) in [
            ("wednesday", "wednsday", true),
            ("thursday", "thrusday", true),
            ("tomorrow", "tommorow", true),
            ("monday", "monday", true),
            ("monday", "payday", false),
            ("sunday", "someday", false),
            ("", "", true),
        ] {
            assert_eq!(
                is_near(word, written, if word == "tomorrow" { 2 } else { 1 }),
                near,
                "{word} {written}"
            );
        }
        assert_eq!(without_tones("พรุ่งนี้"), "พรุงนี");
        assert_eq!(tolerant("a.ก่"), r"a\.ก[่-๋]?");
    }
}
