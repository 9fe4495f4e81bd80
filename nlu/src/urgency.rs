//! Whether a message cannot wait, or abuses people: transparent rules over word lists that an operator can read and edit.

mod phrases;
mod rules;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use crate::urgency::rules::{UrgencyError, UrgencyRules};

use crate::normalise::Normalised;
use crate::words::Words;

/// What the rules say of a message, and which of them spoke.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urgency {
    /// It happens now, must be done today, or people, money or access are in danger.
    pub urgent: bool,
    /// It insults, threatens or harasses people.
    pub toxic: bool,
    /// The rules that were counted, in the order of the lists: also those that speak against.
    pub fired: Vec<FiredRule>,
}

/// A section of a list, and the phrase of it that was found first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredRule {
    pub section: String,
    pub phrase: String,
    /// Points for and against "urgent" and "toxic".
    pub urgent: i32,
    pub toxic: i32,
}

/// From how many points on a message is urgent or toxic.
const ENOUGH: i32 = 3;

static SHIPPED: LazyLock<Option<UrgencyRules>> = LazyLock::new(|| {
    let lists = [
        include_str!("../words/urgency_th.txt"),
        include_str!("../words/urgency_en.txt"),
        include_str!("../words/urgency_zh.txt"),
    ];
    UrgencyRules::new(&lists).ok()
});

impl UrgencyRules {
    /// The lists in this crate (`words/urgency_*.txt`).
    pub fn shipped() -> Option<&'static Self> {
        SHIPPED.as_ref()
    }

    /// Judges a message by its own words. Linear in the length of the text, of which the first two thousand characters
    /// are read.
    pub fn judge(&self, text: &Normalised, words: &Words) -> Urgency {
        let fired = self.fired(text.text(), words);
        let sum = |points: fn(&FiredRule) -> i32| fired.iter().map(points).sum::<i32>();
        let (urgent, toxic) = (sum(|rule| rule.urgent), sum(|rule| rule.toxic));
        Urgency { urgent: urgent >= ENOUGH, toxic: toxic >= ENOUGH, fired }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, urgent: bool, toxic: bool) {
        let rules = UrgencyRules::shipped().unwrap();
        let found = rules.judge(&Normalised::new(text), &Words::default());
        assert_eq!((found.urgent, found.toxic), (urgent, toxic), "{text}: {:?}", found.fired);
    }

    #[test]
    fn what_happens_now_is_urgent_and_what_can_wait_is_not() {
        check("someone is using my card right now", true, false);
        check("it's not urgent, no rush", false, false);
        check("มีคนรูดบัตรหนูอยู่ตอนนี้", true, false);
        check("ส่งด่วนกี่บาทคะ", false, false);
        check("电梯里困住了，快来", true, false);
        check("my machine is smoking help!!!", true, false);
        check("asap", true, false);
        check("急急急", true, false);
        check("คนเจ็บ", true, false);
        check("", false, false);
    }

    #[test]
    fn an_hour_alone_is_no_deadline() {
        check("is the shop open at 5pm today", false, false);
        check("are you open at noon on Sunday?", false, false);
        check("do you open at midnight?", false, false);
        check("see you at noon", false, false);
        check("table for 4 at 7pm tonight please", false, false);
        check("จองโต๊ะคืนนี้ 2 ทุ่ม 4 ที่ค่ะ", false, false);
        check("วันนี้เปิดถึงกี่โมงคะ", false, false);
        check("明天下午三点送可以吗", false, false);
        check("5号下午三点半", false, false);
        check("你们今晚开到几点", false, false);
        check("I need it by 5pm today", true, false);
        check("ต้องได้ก่อนห้าโมงวันนี้", true, false);
        check("今天五点前必须送到", true, false);
    }

    #[test]
    fn insults_are_toxic_and_words_that_look_like_them_are_not() {
        check("you are an idiot", false, true);
        check("no stupid questions asked, thank you", false, false);
        check("your bot called \"Idiot\" is not an idiot", false, false);
        check("ไอ้ควาย", false, true);
        check("ขออาหารหมาหมายเลข 5", false, false);
        check("闭嘴吧", false, true);
        check("อร่อยชิบหาย ชอบมาก", false, false);
        check("ฉิบหาย บริการห่วย", false, true);
    }

    #[test]
    fn any_text_is_judged_without_a_fault() {
        let rules = UrgencyRules::shipped().unwrap();
        let million = "ไฟไหม้".repeat(150_000);
        assert!(rules.judge(&Normalised::new(&million), &Words::default()).urgent);
        proptest::proptest!(|(text in "(\\PC|[ไฟมึงควาย\"“' ]|in 5 min |not |滚|着火){0,40}")| {
            let found = rules.judge(&Normalised::new(&text), &Words::default());
            proptest::prop_assert!(found.fired.iter().all(|rule| rule.urgent != 0 || rule.toxic != 0));
        });
    }

    #[test]
    fn lists_that_cannot_be_read_are_named() {
        let error = UrgencyRules::new(&["[harm urgent much]\nfire"]).unwrap_err();
        assert!(error.to_string().contains("harm urgent much"), "{error}");
        assert!(UrgencyRules::new(&["fire"]).is_err());
    }
}
