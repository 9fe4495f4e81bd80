//! What holds an emoji together and cannot be seen.

const JOINER: char = '\u{200d}';
const VARIATION: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// An invisible character that is part of the emoji around it: the joiner between two of them, and the sign behind one
/// that asks for its coloured form.
pub(super) fn is_part(character: char, before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match character {
        JOINER => (is_emoji(before) || before == VARIATION) && after.is_some_and(is_emoji),
        VARIATION => is_emoji(before) || after == Some(KEYCAP),
        _ => false,
    }
}

/// Pictures and signs that have a coloured form, and the skin tones.
fn is_emoji(character: char) -> bool {
    matches!(character,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21aa}'
        | '\u{231a}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{27bf}' | '\u{2934}'..='\u{2935}'
        | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}')
}
