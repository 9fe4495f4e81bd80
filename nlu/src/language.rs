//! Which language a message is written in: script first, then known words, then trigrams.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use whatlang::{Detector, Lang};

use crate::romanised::Marks;
use crate::understanding::Detected;

/// The languages that are told apart; as text their ISO 639-1 code, `und` where nothing tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "th")]
    Thai,
    #[serde(rename = "en")]
    English,
    #[serde(rename = "zh")]
    Chinese,
    #[serde(rename = "ja")]
    Japanese,
    #[serde(rename = "ko")]
    Korean,
    #[serde(rename = "km")]
    Khmer,
    #[serde(rename = "lo")]
    Lao,
    #[serde(rename = "my")]
    Burmese,
    #[serde(rename = "vi")]
    Vietnamese,
    #[serde(rename = "id")]
    Indonesian,
    #[serde(rename = "ms")]
    Malay,
    #[serde(rename = "tl")]
    Tagalog,
    #[serde(rename = "es")]
    Spanish,
    #[serde(rename = "pt")]
    Portuguese,
    #[serde(rename = "fr")]
    French,
    #[serde(rename = "de")]
    German,
    #[serde(rename = "it")]
    Italian,
    #[serde(rename = "nl")]
    Dutch,
    #[serde(rename = "tr")]
    Turkish,
    #[serde(rename = "pl")]
    Polish,
    #[serde(rename = "ru")]
    Russian,
    #[serde(rename = "ar")]
    Arabic,
    #[serde(rename = "hi")]
    Hindi,
    #[serde(rename = "und")]
    Unknown,
}

/// Language, its code, and what whatlang calls it.
const TABLE: [(Language, &str, Option<Lang>); 24] = [
    (Language::Thai, "th", None),
    (Language::English, "en", Some(Lang::Eng)),
    (Language::Chinese, "zh", None),
    (Language::Japanese, "ja", None),
    (Language::Korean, "ko", None),
    (Language::Khmer, "km", None),
    (Language::Lao, "lo", None),
    (Language::Burmese, "my", None),
    (Language::Vietnamese, "vi", Some(Lang::Vie)),
    (Language::Indonesian, "id", Some(Lang::Ind)),
    (Language::Malay, "ms", None),
    (Language::Tagalog, "tl", Some(Lang::Tgl)),
    (Language::Spanish, "es", Some(Lang::Spa)),
    (Language::Portuguese, "pt", Some(Lang::Por)),
    (Language::French, "fr", Some(Lang::Fra)),
    (Language::German, "de", Some(Lang::Deu)),
    (Language::Italian, "it", Some(Lang::Ita)),
    (Language::Dutch, "nl", Some(Lang::Nld)),
    (Language::Turkish, "tr", Some(Lang::Tur)),
    (Language::Polish, "pl", Some(Lang::Pol)),
    (Language::Russian, "ru", None),
    (Language::Arabic, "ar", None),
    (Language::Hindi, "hi", None),
    (Language::Unknown, "und", None),
];

impl Language {
    pub fn code(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("und", |row| row.1)
    }

    /// `None` for a code that is not in the list; the part after a hyphen (`zh-TW`) does not count.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or(code).to_ascii_lowercase();
        TABLE.iter().find(|row| row.1 == primary).map(|row| row.0)
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.code())
    }
}

static LATIN: LazyLock<Detector> =
    LazyLock::new(|| Detector::with_allowlist(TABLE.iter().filter_map(|row| row.2).collect()));

/// Letters of a text by script.
#[derive(Debug, Default)]
struct Scripts {
    thai: usize,
    han: usize,
    kana: usize,
    hangul: usize,
    khmer: usize,
    lao: usize,
    burmese: usize,
    cyrillic: usize,
    arabic: usize,
    devanagari: usize,
    latin: usize,
}

/// The longest prefix that is looked at; a language does not change the answer after that.
const LOOKED_AT: usize = 400;

impl Scripts {
    fn of(text: &str) -> Self {
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

    fn letters(&self) -> usize {
        self.latin + self.own().iter().map(|(_, count)| count).sum::<usize>()
    }

    /// The scripts that name a language, with their letters. Kana and Han together are Japanese.
    fn own(&self) -> [(Language, usize); 10] {
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

/// Detects the language of a message. `hint` (what the conversation spoke before) decides where the text alone cannot:
/// numbers, emoji, one unknown word.
pub fn detect(text: &str, hint: Option<Language>) -> Detected {
    let scripts = Scripts::of(text);
    let letters = scripts.letters();
    if letters == 0 {
        return without_letters(text, hint);
    }
    let own = scripts.own().into_iter();
    let (language, count) = own.max_by_key(|(_, count)| *count).unwrap_or((Language::Unknown, 0));
    let share = count as f32 / letters as f32;
    // One foreign product name is longer than the words around it, and a Thai sentence with English words is Thai.
    if share >= 0.2 || (count >= 3 && share >= 0.08) {
        return Detected { language, confidence: 0.6 + 0.39 * share.min(1.0) };
    }
    latin(text, hint)
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

fn latin(text: &str, hint: Option<Language>) -> Detected {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let marks = Marks::of(&text);
    let share = |count: usize| count as f32 / marks.words.max(1) as f32;
    let sure = |language, count| Detected { language, confidence: 0.5 + 0.45 * share(count) };
    let other = marks.clear_other();
    let most = other.map_or(0, |(_, count)| count);
    if marks.thai > marks.english.max(most) && share(marks.thai) >= 0.5 {
        return sure(Language::Thai, marks.thai);
    }
    if let Some(language) = by_letters(&text) {
        return Detected { language, confidence: 0.9 };
    }
    if is_plain(&text) && share(marks.english) >= 0.34 && marks.english > most {
        return sure(Language::English, marks.english);
    }
    match other.filter(|(_, count)| share(*count) >= 0.3 && *count > marks.english) {
        Some((language, count)) if count >= 2 || marks.words <= 3 => sure(language, count),
        _ => by_trigrams(&text, &marks, hint),
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|character| character.is_ascii() || !character.is_alphabetic())
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

/// Texts of one or two words tell trigrams little: then the hint, or English, which product names look like.
fn by_trigrams(text: &str, marks: &Marks, hint: Option<Language>) -> Detected {
    let found = LATIN.detect(text).and_then(|info| {
        let row = TABLE.iter().find(|row| row.2 == Some(info.lang()))?;
        Some((row.0, info.confidence() as f32))
    });
    let Some((language, confidence)) = found else {
        return Detected { language: hint.unwrap_or(Language::Unknown), confidence: 0.3 };
    };
    let short = marks.words <= 2;
    let confidence = confidence * if short { 0.5 } else { 1.0 };
    if confidence >= 0.3 || !text.is_ascii() {
        return Detected { language, confidence: confidence.clamp(0.3, 0.95) };
    }
    // Among the languages whose words are there, the one with the most.
    let told =
        marks.others.first().filter(|(_, count)| *count > marks.english).map(|(language, _)| *language);
    match told.or(hint) {
        Some(language) => Detected { language, confidence: 0.4 },
        None if short || marks.english > 0 => Detected { language: Language::English, confidence: 0.4 },
        None => Detected { language, confidence: 0.3 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = detect(text, None);
        assert_eq!(found.language.code(), expected, "{text} ({})", found.confidence);
        assert!((0.0..=1.0).contains(&found.confidence));
    }

    #[test]
    fn script_tells_first() {
        check("สวัสดีค่ะ", "th");
        check("status order ค่ะ", "th");
        check("ขอราคา House Blend 1 kg", "th");
        check("我的订单BK240117到哪了？", "zh");
        check("注文はどこですか", "ja");
        check("カフェ", "ja");
        check("주문 어디까지 왔나요", "ko");
        check("តើខ្ញុំអាចទិញបានទេ", "km");
        check("ຂ້ອຍຢາກຊື້ກາເຟ", "lo");
        check("ကော်ဖီဘယ်လောက်လဲ", "my");
        check("где мой заказ", "ru");
        check("أين طلبي", "ar");
        check("मेरा ऑर्डर कहाँ है", "hi");
    }

    #[test]
    fn short_and_romanised_messages_are_sensible() {
        check("ok", "en");
        check("hi", "en");
        check("where is my order", "en");
        check("price list pls", "en");
        check("sawasdee krub", "th");
        check("tao rai ka", "th");
        check("ra ka khrueang chong 2 hua thao rai krub", "th");
        check("i want know price of caramel syrup krub", "en");
        check("555", "th");
        check("55555+", "th");
        check("120", "und");
        check("😀", "und");
        check("", "und");
        check("đơn hàng của tôi ở đâu", "vi");
        check("pesanan saya belum sampai, bagaimana ini ya pak", "id");
        check("bila pesanan awak akan sampai, saya nak tahu", "ms");
        check("¿dónde está mi pedido? todavía no ha llegado", "es");
    }

    #[test]
    fn a_hint_decides_what_the_text_cannot() {
        let check =
            |text: &str, hint, expected| assert_eq!(detect(text, Some(hint)).language, expected, "{text}");
        check("120", Language::Chinese, Language::Chinese);
        check("😀👍", Language::Thai, Language::Thai);
        check("สวัสดี", Language::English, Language::Thai);
        check("where is my order", Language::Thai, Language::English);
    }

    #[test]
    fn codes_round_trip() {
        for (language, code, _) in TABLE {
            assert_eq!(Language::from_code(code), Some(language));
            assert_eq!(serde_json::to_string(&language).unwrap(), format!("\"{code}\""));
        }
        assert_eq!(Language::from_code("zh-TW"), Some(Language::Chinese));
        assert_eq!(Language::from_code("xx"), None);
    }
}
