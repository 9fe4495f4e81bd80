//! How a name sounds, in one alphabet for Thai and Latin letters, so that the two spellings of a loan word meet.
//!
//! Tones, silenced letters and the length of vowels are left out; ร is ล; the vowel that Thai writes before its consonant
//! comes after it. The alphabet: `k g c s t d p b f m n N l w y h` and the vowels `a e i o u`.

use unicode_normalization::UnicodeNormalization;

use crate::normalise::{is_thai_consonant, is_thai_follower};

/// One sound or letter of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) letter: char,
    /// Where it begins (bytes); a vowel written before its consonant begins both.
    pub(super) start: usize,
    pub(super) gap: Gap,
}

/// What stands before a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    Space,
    /// A sign over which no name reaches.
    Stop,
}

impl Gap {
    pub(super) fn of(sign: char) -> Self {
        if matches!(sign, ' ' | '-' | '_') { Self::Space } else { Self::Stop }
    }
}

/// A character with its byte.
type Place = (usize, char);

/// The sounds of a text in small letters, in order.
pub(super) fn sounds(text: &str) -> Vec<Sound> {
    let places: Vec<Place> = text.char_indices().filter(|(_, letter)| !is_tone(*letter)).collect();
    let mut said = Said { sounds: Vec::with_capacity(places.len()), gap: Gap::None, silent: None };
    let mut at = 0;
    while at < places.len() {
        at += match places[at].1 {
            '\u{e01}'..='\u{e5b}' => said.thai(&places[at..]),
            letter if letter.is_alphabetic() => said.latin(&places[at..]),
            '\'' | '’' => 1,
            sign => {
                said.gap = said.gap.max(Gap::of(sign));
                1
            }
        };
    }
    said.sounds
}

fn is_tone(letter: char) -> bool {
    matches!(letter, '\u{e47}'..='\u{e4b}' | '\u{e46}')
}

struct Said {
    sounds: Vec<Sound>,
    gap: Gap,
    /// Where a silent letter begins the syllable of the next sound.
    silent: Option<usize>,
}

impl Said {
    /// A consonant that is said twice in a word is written once.
    fn say(&mut self, letters: &str, start: usize) {
        let start = self.silent.take().unwrap_or(start);
        for letter in letters.chars() {
            let doubled = self.sounds.last().is_some_and(|last| last.letter == letter && !is_vowel(letter));
            if !doubled || self.gap != Gap::None {
                self.sounds.push(Sound { letter, start, gap: self.gap });
                self.gap = Gap::None;
            }
        }
    }

    fn last(&self) -> Option<char> {
        self.sounds.last().filter(|_| self.gap == Gap::None).map(|sound| sound.letter)
    }

    /// Says one Thai cluster; gives how many characters that took.
    fn thai(&mut self, rest: &[Place]) -> usize {
        let at = |index: usize| rest.get(index).map_or(' ', |place| place.1);
        let start = rest[0].0;
        if is_leader(at(0)) && is_thai_consonant(at(1)) {
            let cluster = 1 + usize::from(is_cluster(at(1), at(2)));
            for index in 1..=cluster {
                self.say(initial(at(index)), start);
            }
            let (vowel, length) = led_vowel(at(0), &rest[1 + cluster..]);
            self.say(vowel, start);
            return 1 + cluster + length;
        }
        if is_thai_consonant(at(0)) {
            let vowel = usize::from(matches!(at(1), '\u{e34}' | '\u{e38}'));
            if at(1 + vowel) == '\u{e4c}' {
                return 2 + vowel;
            }
            let opens = is_thai_follower(at(1)) || (at(1) == 'อ' && !is_thai_follower(at(2)));
            self.consonant(at(0), at(1), opens, start);
            return 1;
        }
        let (vowel, length) = own_vowel(at(0), at(1));
        self.say(vowel, start);
        length
    }

    /// A consonant that stands before its vowel, ends a syllable, or is a vowel itself.
    fn consonant(&mut self, letter: char, next: char, opens: bool, start: usize) {
        let after_vowel = self.last().is_some_and(is_vowel);
        match letter {
            'อ' if is_thai_follower(next) => self.silent = Some(start),
            'อ' if after_vowel || self.last().is_none() => self.say("a", start),
            'อ' => self.say("o", start),
            'ย' if !opens && self.last() == Some('i') => {}
            'ย' if !opens && after_vowel => self.say("i", start),
            'ว' if !opens && after_vowel => self.say("o", start),
            'ว' if !opens && self.last().is_some() => self.say("ua", start),
            'ห' if matches!(next, 'ง' | 'ญ' | 'น' | 'ม' | 'ย' | 'ร' | 'ล' | 'ว') => {
                self.silent = Some(start);
            }
            _ => self.say(initial(letter), start),
        }
    }

    /// Says one group of Latin letters; gives how many characters that took.
    fn latin(&mut self, rest: &[Place]) -> usize {
        let plain = |index: usize| rest.get(index).map_or(' ', |place| without_accent(place.1));
        let start = rest[0].0;
        let (first, second) = (plain(0), plain(1));
        let ends = !plain(2).is_alphabetic();
        let at_start = self.last().is_none();
        let (said, length) = match (first, second) {
            ('c' | 's', 'h') => ("c", 2),
            ('c', 'c') if plain(2) == 'h' => ("c", 3),
            ('c', 'c') if matches!(plain(2), 'e' | 'i') => ("c", 2),
            ('c', 'k' | 'c') | ('k', 'h') => ("k", 2),
            ('p', 'h') => ("p", 2),
            ('t', 'h') => ("t", 2),
            ('n', 'g') => ("N", 2),
            ('e', 'e' | 'a') => ("i", 2),
            ('i', 'e') | ('e', 'y') if ends => ("i", 2),
            ('u', 'e') if plain(2) == 'a' => ("ua", 3),
            ('o', 'o' | 'u') | ('e', 'u') | ('u', 'e') => ("u", 2),
            ('a', 'e') => ("e", 2),
            ('a', 'y') => ("ai", 2),
            ('a', 'u') | ('o' | 'a', 'w') => ("ao", 2),
            ('c', 'e' | 'i' | 'y') => ("s", 1),
            ('y', next) if at_start || is_vowel(next) => ("y", 1),
            (letter, _) => (latin_letter(letter), 1),
        };
        self.say(said, start);
        length
    }
}

/// The vowel around a consonant that one written before it begins, and the characters after the consonant it takes.
fn led_vowel(leader: char, after: &[Place]) -> (&'static str, usize) {
    let at = |index: usize| after.get(index).map_or(' ', |place| place.1);
    match (leader, at(0), at(1)) {
        ('เ', 'ี', 'ย') => ("ia", 2),
        ('เ', 'ื', 'อ') => ("ua", 2),
        ('เ', 'า', 'ะ') => ("o", 2),
        ('เ', 'า', _) => ("ao", 1),
        ('เ', 'ย', next) if !is_thai_follower(next) => ("ei", 1),
        ('เ', 'อ', next) if !is_thai_follower(next) => ("e", 1),
        ('เ', 'ิ', _) | ('เ' | 'แ', 'ะ', _) => ("e", 1),
        ('โ', 'ะ', _) => ("o", 1),
        ('เ' | 'แ', _, _) => ("e", 0),
        ('โ', _, _) => ("o", 0),
        ('ไ', 'ย', next) if !is_thai_follower(next) => ("ai", 1),
        _ => ("ai", 0),
    }
}

fn own_vowel(vowel: char, next: char) -> (&'static str, usize) {
    match (vowel, next) {
        ('ั', 'ว') => ("ua", 2),
        ('ั', 'ย') => ("ai", 2),
        ('ะ' | 'า' | 'ั', _) => ("a", 1),
        ('ำ', _) => ("am", 1),
        ('ิ' | 'ี', _) => ("i", 1),
        ('ึ' | 'ื' | 'ุ' | 'ู', _) => ("u", 1),
        ('เ' | 'แ', _) => ("e", 1),
        ('โ', _) => ("o", 1),
        ('ไ' | 'ใ', _) => ("ai", 1),
        _ => ("", 1),
    }
}

fn is_leader(letter: char) -> bool {
    matches!(letter, 'เ'..='ไ')
}

/// Two consonants that are said together before the vowel.
fn is_cluster(first: char, second: char) -> bool {
    matches!(first, 'ก' | 'ข' | 'ค' | 'ต' | 'ท' | 'ด' | 'ป' | 'ผ' | 'พ' | 'บ' | 'ฟ' | 'ห')
        && matches!(second, 'ร' | 'ล' | 'ว')
}

pub(super) fn initial(consonant: char) -> &'static str {
    match consonant {
        'ก' | 'ข' | 'ฃ' | 'ค' | 'ฅ' | 'ฆ' => "k",
        'ง' => "N",
        'จ' | 'ฉ' | 'ช' | 'ฌ' => "c",
        'ซ' | 'ศ' | 'ษ' | 'ส' => "s",
        'ญ' | 'ย' => "y",
        'ฎ' | 'ด' => "d",
        'ฏ' | 'ต' | 'ฐ' | 'ฑ' | 'ฒ' | 'ถ' | 'ท' | 'ธ' => "t",
        'ณ' | 'น' => "n",
        'บ' => "b",
        'ป' | 'ผ' | 'พ' | 'ภ' => "p",
        'ฝ' | 'ฟ' => "f",
        'ม' => "m",
        'ร' | 'ล' | 'ฬ' => "l",
        'ฤ' => "lu",
        'ว' => "w",
        'ห' | 'ฮ' => "h",
        _ => "",
    }
}

fn latin_letter(letter: char) -> &'static str {
    match letter {
        'a' => "a",
        'b' => "b",
        'c' | 'k' | 'q' => "k",
        'd' => "d",
        'e' => "e",
        'f' => "f",
        'g' => "g",
        'h' => "h",
        'i' | 'y' => "i",
        'j' => "c",
        'l' | 'r' => "l",
        'm' => "m",
        'n' => "n",
        'o' => "o",
        'p' => "p",
        's' | 'x' | 'z' => "s",
        't' => "t",
        'u' => "u",
        'v' | 'w' => "w",
        _ => "",
    }
}

pub(super) fn without_accent(letter: char) -> char {
    if letter.is_ascii() { letter } else { letter.nfd().next().unwrap_or(letter) }
}

pub(super) fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let said: String = sounds(text).iter().map(|sound| sound.letter).collect();
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn both_spellings_of_a_loan_word_sound_alike() {
        check("ลาเต้", "late");
        check("latte", "late");
        check("คาปูชิโน่", "kapucino");
        check("cappuccino", "kapucino");
        check("บราวนี่", "blaoni");
        check("browny", "blaoni");
        check("ชาเขียว", "cakiao");
        check("cha khiao", "cakiao");
        check("ชาไทย", "catai");
        check("เครื่องบดกาแฟ", "kluaNbdkafe");
        check("khrueang bot kafae", "kluaNbotkafe");
        check("ครัวซองต์", "kluasoN");
        check("เอสเปรสโซ่", "espleso");
        check("expresso", "espleso");
        check("หวานน้อย", "wanoi");
        check("ขออเมริกาโน่", "koamelikano");
        check("", "");
    }
}
