//! From a text to its language.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

use crate::dictionary::is_english_word;
use crate::language::Language;
use crate::language::mixed::is_address;
use crate::language::scripts::{LOOKED_AT, Scripts};
use crate::language::short::{self, Told};
use crate::latin::LatinModel;
use crate::romanised::Marks;
use crate::understanding::Detected;

/// Detects the language of a message: that of its grammar, where it has words of two. `hint` (what the conversation spoke
/// before) decides where the text alone cannot: numbers, emoji, one unknown word.
pub fn detect(text: &str, hint: Option<Language>) -> Detected {
    let scripts = Scripts::of(text);
    let letters = scripts.letters();
    if letters == 0 {
        return without_letters(text, hint);
    }
    let own = scripts.own().into_iter();
    let (language, count) =
        own.max_by_key(|(language, count)| weight(*language) * *count).unwrap_or((Language::Unknown, 0));
    let share = count as f32 / letters as f32;
    // One foreign product name is longer than the words around it, and a Thai sentence with English words is Thai.
    if count > 0 && (share >= 0.2 || (count >= 3 && share >= 0.08)) {
        let language = if is_english_around(text, &scripts) { Language::English } else { language };
        return Detected { language, confidence: 0.6 + 0.39 * share.min(1.0) };
    }
    latin(text, hint)
}

/// A Chinese sign says as much as three letters.
fn weight(language: Language) -> usize {
    if language == Language::Chinese { 3 } else { 1 }
}

/// "555" is laughter in Thai, and nothing else without letters tells a language.
fn without_letters(text: &str, hint: Option<Language>) -> Detected {
    let trimmed = text.trim().trim_end_matches('+');
    let laughter = trimmed.len() >= 3 && trimmed.chars().all(|character| character == '5');
    match hint {
        Some(language) => Detected { language, confidence: 0.5 },
        None if laughter => Detected { language: Language::Thai, confidence: 0.6 },
        None => Detected { language: Language::Unknown, confidence: 0.0 },
    }
}

/// What only a sentence of the language has, not a name or a dish.
const THAI_GRAMMAR: [&str; 30] = [
    "ค่ะ",
    "คะ",
    "ครับ",
    "คับ",
    "จ้า",
    "ไหม",
    "มั้ย",
    "ได้",
    "กี่",
    "ขอ",
    "มี",
    "ไม่",
    "อยาก",
    "ของ",
    "แล้ว",
    "ยัง",
    "ไหน",
    "เท่า",
    "นะ",
    "อ่ะ",
    "เลย",
    "มัน",
    "จะ",
    "เป็น",
    "ให้",
    "ช่วย",
    "อะไร",
    "ที่",
    "ใน",
    "กับ",
];
const CHINESE_GRAMMAR: &str = "吗的了怎么我你有是在不多少能可以请要想给没去";

/// An English sentence around a word in another script: "what does เลื่อนนัด mean".
fn is_english_around(text: &str, scripts: &Scripts) -> bool {
    if scripts.latin < 4 || scripts.kana + scripts.hangul > 0 {
        return false;
    }
    let marks = Marks::of(
        text.chars().take(LOOKED_AT).filter(|letter| *letter < '\u{250}').collect::<String>().as_str(),
    );
    let grammar = THAI_GRAMMAR.iter().any(|word| text.contains(word))
        || text.chars().any(|sign| CHINESE_GRAMMAR.contains(sign));
    !grammar && marks.english >= 2 && marks.thai < marks.english
}

fn latin(text: &str, hint: Option<Language>) -> Detected {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let words: Vec<&str> = text.split_whitespace().filter(|word| !is_code(word)).collect();
    let text = words.join(" ");
    if !text.contains(char::is_alphabetic) {
        return without_letters(&text, hint);
    }
    let content = short::content(&text);
    let marks = content.as_ref().map_or_else(|| Marks::of(&text), |content| Marks::of(&content.join(" ")));
    let words = marks.words.max(1) as f32;
    let thai = marks.thai + usize::from(marks.thai_end);
    let others = marks.others.first().map_or(0, |(_, count)| *count);
    if thai > marks.english.max(others) && marks.thai as f32 / words >= 0.5 {
        let share = (thai as f32 / words).min(1.0);
        return Detected { language: Language::Thai, confidence: 0.5 + 0.45 * share };
    }
    if let Some(language) = by_letters(&text) {
        return Detected { language, confidence: 0.9 };
    }
    let english = marks.english as f32 / words;
    if text.is_ascii() && english >= 0.5 && marks.english > others {
        return Detected { language: Language::English, confidence: 0.5 + 0.45 * english };
    }
    match content.map_or(Told::Open, |content| short::told(&content, &marks)) {
        Told::Nothing => without_letters("", hint),
        Told::English => Detected { language: Language::English, confidence: 0.6 },
        Told::Open => by_words(&text, &marks, hint),
    }
}

/// An order number, a phone number, an address of the web: no word of any language. Fives are laughter.
fn is_code(word: &str) -> bool {
    let digits = || word.chars().filter(char::is_ascii_digit);
    let number = digits().count() >= 3 && digits().any(|digit| digit != '5');
    number || word.contains('@') || is_address(word)
}

/// Letters that of these languages only one has; those of Vietnamese first, because it also has "ã".
const OWN_LETTERS: [(Language, &str); 6] = [
    (Language::Vietnamese, "ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"),
    (Language::Turkish, "ışğ"),
    (Language::Polish, "łąężźćńś"),
    (Language::Spanish, "ñ¿¡"),
    (Language::Portuguese, "ãõ"),
    (Language::German, "ß"),
];

fn by_letters(text: &str) -> Option<Language> {
    let lowered = text.to_lowercase();
    OWN_LETTERS
        .into_iter()
        .find(|(_, letters)| lowered.contains(|letter| letters.contains(letter)))
        .map(|row| row.0)
}

/// What whatlang calls the languages of the model that it knows.
const KNOWN_TO_WHATLANG: [(Language, Lang); 12] = [
    (Language::English, Lang::Eng),
    (Language::Vietnamese, Lang::Vie),
    (Language::Indonesian, Lang::Ind),
    (Language::Tagalog, Lang::Tgl),
    (Language::Spanish, Lang::Spa),
    (Language::Portuguese, Lang::Por),
    (Language::French, Lang::Fra),
    (Language::German, Lang::Deu),
    (Language::Italian, Lang::Ita),
    (Language::Dutch, Lang::Nld),
    (Language::Turkish, Lang::Tur),
    (Language::Polish, Lang::Pol),
];

static WHATLANG: LazyLock<Detector> =
    LazyLock::new(|| Detector::with_allowlist(KNOWN_TO_WHATLANG.iter().map(|row| row.1).collect()));

/// What whatlang's opinion counts where it is sure. It knows no Malay, so its Indonesian counts for nothing.
const SECOND_OPINION: f32 = 0.2;
/// What the share of a language's known words counts beside the model's probability.
const KNOWN_WORDS: f32 = 0.6;
/// The same for words of the English dictionary: many are spelt so elsewhere too.
const DICTIONARY: f32 = 0.4;
/// What a word counts that only one of two languages has: more than the model, which such words do not mislead.
const ONE_OF_TWO: f32 = 1.5;
/// Below this margin between the two best, the hint decides.
const UNSURE: f32 = 0.15;

/// The model and the word lists together. Texts of one or two words tell little: then the hint, or English, which
/// product names look like.
fn by_words(text: &str, marks: &Marks, hint: Option<Language>) -> Detected {
    let words = marks.words.max(1) as f32;
    let mut scores = LatinModel::shipped().map(|model| model.probabilities(text)).unwrap_or_default();
    if scores.is_empty() {
        scores.push((Language::English, 0.0));
    }
    let second = WHATLANG.detect(text).filter(whatlang::Info::is_reliable);
    let second = second.filter(|info| info.lang() != Lang::Ind);
    let second = second.and_then(|info| KNOWN_TO_WHATLANG.iter().find(|row| row.1 == info.lang()));
    for (language, score) in &mut scores {
        *score += second.filter(|row| row.0 == *language).map_or(0.0, |_| SECOND_OPINION);
        let known = marks.others.iter().find(|(other, _)| other == language).map_or(0, |(_, count)| *count);
        *score += KNOWN_WORDS * known as f32 / words;
        if *language == Language::English {
            *score += KNOWN_WORDS * marks.english as f32 / words;
            *score += DICTIONARY * dictionary_share(text);
        }
    }
    scores.sort_by(|left, right| right.1.total_cmp(&left.1));
    apart(&mut scores, marks);
    let (language, best) = scores[0];
    let margin = best - scores.get(1).map_or(0.0, |second| second.1);
    match hint.filter(|_| margin < UNSURE) {
        Some(hint) => Detected { language: hint, confidence: 0.4 },
        None => Detected { language, confidence: (0.3 + margin).min(0.99) },
    }
}

/// Indonesian and Malay look alike: where they are the two likeliest, the words that only one of them has decide.
fn apart(scores: &mut [(Language, f32)], marks: &Marks) {
    let [first, second, ..] = scores else { return };
    let pair = [Language::Indonesian, Language::Malay];
    if !pair.contains(&first.0) || !pair.contains(&second.0) {
        return;
    }
    let known =
        |language| marks.others.iter().find(|(other, _)| *other == language).map_or(0, |(_, count)| *count);
    let words = known(second.0) as f32 - known(first.0) as f32;
    if first.1 - second.1 < ONE_OF_TWO * words {
        std::mem::swap(&mut first.0, &mut second.0);
    }
}

/// The share of words that an English dictionary has.
fn dictionary_share(text: &str) -> f32 {
    let lowered = text.to_lowercase().replace(['\'', '’'], "");
    let words = lowered.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
    let (known, all) =
        words.fold((0, 0), |(known, all), word| (known + usize::from(is_english_word(word)), all + 1));
    known as f32 / all.max(1) as f32
}
