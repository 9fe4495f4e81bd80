//! Which language a message is written in: script first, then known words and what words look like.

mod detection;
mod mixed;
mod scripts;
mod short;

use serde::{Deserialize, Serialize};

pub use crate::language::detection::detect;
pub use crate::language::mixed::is_mixed;

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

/// A language and its code.
const TABLE: [(Language, &str); 24] = [
    (Language::Thai, "th"),
    (Language::English, "en"),
    (Language::Chinese, "zh"),
    (Language::Japanese, "ja"),
    (Language::Korean, "ko"),
    (Language::Khmer, "km"),
    (Language::Lao, "lo"),
    (Language::Burmese, "my"),
    (Language::Vietnamese, "vi"),
    (Language::Indonesian, "id"),
    (Language::Malay, "ms"),
    (Language::Tagalog, "tl"),
    (Language::Spanish, "es"),
    (Language::Portuguese, "pt"),
    (Language::French, "fr"),
    (Language::German, "de"),
    (Language::Italian, "it"),
    (Language::Dutch, "nl"),
    (Language::Turkish, "tr"),
    (Language::Polish, "pl"),
    (Language::Russian, "ru"),
    (Language::Arabic, "ar"),
    (Language::Hindi, "hi"),
    (Language::Unknown, "und"),
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
        check("BK240117", "und");
        check("ploy@baankafe.example", "und");
        check("BK240117 where is it", "en");
        check("naka555", "th");
        check("😀", "und");
        check("", "und");
        check("đơn hàng của tôi ở đâu", "vi");
        check("pesanan saya belum sampai, bagaimana ini ya pak", "id");
        check("bila pesanan awak akan sampai, saya nak tahu", "ms");
        check("¿dónde está mi pedido? todavía no ha llegado", "es");
    }

    #[test]
    fn figures_units_and_names_tell_no_language_and_few_words_no_foreign_one() {
        for text in ["12oz cups 1000 pcs", "vanila syrup", "10 x 8oz cups", "no rush", "wtf", "kk", "latte"] {
            check(text, "en");
        }
        for text in [
            "5-7pm",
            "Nov 27",
            "1500 Baht",
            "Mon-Fri 9am-5pm",
            "1 hr 30 mins",
            "k",
            "oatmilk",
            "Chiang Mai",
            "123 Sukhumvit Rd, Khlong Toei, Bangkok 10110",
            "facebook.com/baankafe",
            "BK 240117",
        ] {
            check(text, "und");
        }
        check("500 baht krub", "th");
        check("gracias", "es");
        check("die Rechnung bitte", "de");
    }

    #[test]
    fn words_of_another_language_are_seen_and_names_are_not() {
        let check = |text: &str, code: &str, mixed: bool| {
            let language = detect(text, None).language;
            assert_eq!((language.code(), is_mixed(text, language)), (code, mixed), "{text}");
        };
        check("ขอ refund ได้ไหม", "th", true);
        check("โอนผ่าน PromptPay แล้ว", "th", false);
        check("what does หวานน้อย mean", "en", true);
        check("yak cancel booking krub", "th", true);
        check("ok krub", "th", false);
        check("这个 coupon 怎么用", "zh", true);
        check("where is my order", "en", false);
        check("555", "th", false);
        check("เบอร์ผม 0812345678 เมล somchai@gmail.com", "th", false);
        check("อีเมล์somchai@gmail.comค่ะ", "th", false);
    }

    #[test]
    fn a_hint_decides_what_the_text_cannot() {
        let check =
            |text: &str, hint, expected| assert_eq!(detect(text, Some(hint)).language, expected, "{text}");
        check("120", Language::Chinese, Language::Chinese);
        check("BK240117", Language::English, Language::English);
        check("😀👍", Language::Thai, Language::Thai);
        check("สวัสดี", Language::English, Language::Thai);
        check("where is my order", Language::Thai, Language::English);
    }

    #[test]
    fn codes_round_trip() {
        for (language, code) in TABLE {
            assert_eq!(Language::from_code(code), Some(language));
            assert_eq!(serde_json::to_string(&language).unwrap(), format!("\"{code}\""));
        }
        assert_eq!(Language::from_code("zh-TW"), Some(Language::Chinese));
        assert_eq!(Language::from_code("xx"), None);
    }
}
