//! Names as people may read them, and marks in texts that nobody sees.

use icu_segmenter::GraphemeClusterSegmenter;

/// So many letters, as people count them, a name has at most.
const LONGEST_NAME: usize = 200;

/// The null character, which platforms and databases refuse, and marks that turn the direction of what follows them, by
/// which a text reads otherwise than it is.
pub fn is_hidden_mark(letter: char) -> bool {
    matches!(letter, '\0' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A name on one line, without marks that nobody sees, and not longer than names are. Empty where nothing is left.
pub fn kept_name(name: &str) -> String {
    let seen = name.chars().filter(|letter| !is_hidden_mark(*letter));
    let one_line: String = seen.map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let one_line = one_line.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = GraphemeClusterSegmenter::new().segment_str(&one_line).nth(LONGEST_NAME);
    one_line[..end.unwrap_or(one_line.len())].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_on_one_line() {
        let check = |name: &str, expected: &str| assert_eq!(kept_name(name), expected, "{name:?}");
        check("มะลิ", "มะลิ");
        check(" Nok\r\n\tthe  Bird\0 ", "Nok the Bird");
        check("a\u{202E}cod.exe\u{202C}", "acod.exe");
        check("\n\u{2066}", "");
        let family = "👩‍👩‍👧‍👦";
        check(&family.repeat(300), &family.repeat(200));
        check(&family.repeat(200), &family.repeat(200));
        check(&"x".repeat(3_000), &"x".repeat(200));
    }
}
