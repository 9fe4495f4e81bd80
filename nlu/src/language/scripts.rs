//! The letters of a text by script.

use crate::language::Language;

/// Letters of a text by script.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    pub(super) thai: usize,
    pub(super) han: usize,
    pub(super) kana: usize,
    pub(super) hangul: usize,
    pub(super) khmer: usize,
    pub(super) lao: usize,
    pub(super) burmese: usize,
    pub(super) cyrillic: usize,
    pub(super) arabic: usize,
    pub(super) devanagari: usize,
    pub(super) latin: usize,
}

/// The longest prefix that is looked at; a language does not change the answer after that.
pub(super) const LOOKED_AT: usize = 400;

impl Scripts {
    pub(super) fn of(text: &str) -> Self {
        let mut scripts = Self::default();
        for character in text.chars().take(LOOKED_AT) {
            let count = match character {
                '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' => &mut scripts.thai,
                '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2ffff}' => {
                    &mut scripts.han
                }
                '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => &mut scripts.kana,
                '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}' => {
                    &mut scripts.hangul
                }
                '\u{1780}'..='\u{17dd}' => &mut scripts.khmer,
                '\u{e81}'..='\u{edf}' => &mut scripts.lao,
                '\u{1000}'..='\u{109f}' => &mut scripts.burmese,
                '\u{400}'..='\u{52f}' => &mut scripts.cyrillic,
                '\u{620}'..='\u{6ff}' => &mut scripts.arabic,
                '\u{904}'..='\u{97f}' => &mut scripts.devanagari,
                character if character.is_alphabetic() => &mut scripts.latin,
                _ => continue,
            };
            *count += 1;
        }
        scripts
    }

    pub(super) fn letters(&self) -> usize {
        self.latin + self.own().iter().map(|(_, count)| count).sum::<usize>()
    }

    /// The scripts that name a language, with their letters. Kana and Han together are Japanese.
    pub(super) fn own(&self) -> [(Language, usize); 10] {
        let japanese = self.kana * 10 >= self.han && self.kana > 0;
        let (chinese, japanese) = if japanese { (0, self.kana + self.han) } else { (self.han, 0) };
        [
            (Language::Thai, self.thai),
            (Language::Chinese, chinese),
            (Language::Japanese, japanese),
            (Language::Korean, self.hangul),
            (Language::Khmer, self.khmer),
            (Language::Lao, self.lao),
            (Language::Burmese, self.burmese),
            (Language::Russian, self.cyrillic),
            (Language::Arabic, self.arabic),
            (Language::Hindi, self.devanagari),
        ]
    }
}
