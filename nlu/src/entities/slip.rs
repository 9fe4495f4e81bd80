//! Reference numbers of bank slips.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::text::{Found, Text, compiled};

const CODE: &str = "[a-z0-9]{8,34}";

/// What a slip calls its number, then the number.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let english = r"ref(?:erence)?|transaction|txn|trans|slip";
    let thai = "อ้?างอิง|(?:เลขที่|หมายเลข|เลข|รหัส)(?:ใบ)?(?:การ)?(?:ทำรายการ|รายการ|ธุรกรรม|โอนเงิน|โอน|ชำระเงิน|ชำระ|สลิป)|สลิป(?:โอน)?";
    let chinese =
        "(?:参考|參考|流水|交易|凭证|憑證|转账|轉帳|汇款|匯款)(?:编号|編號|单号|單號|号码|號碼|号|號|码)";
    let joint = r"(?:\s?(?:no|number|num|code|id|ref|reference|is|was|on|the|my|slip|of|for|payment|transfer|bank)[\s:.#]|\s?(?:คือ|เป็น|เลขที่|เลข|ที่|ของ|ธุรกรรม|รายการ|การ|โอน|เงิน|ตาม|จาก|ใน|สลิป|ธนาคาร|ผม|หนู|เรา|ค่ะ|ครับ|นี้|是|为)|[\s:.#=-])*";
    compiled(&format!("(?:{english}|{thai}|{chinese}){joint}({CODE})"))
});
/// Other words between the name and a number that can be nothing else.
static NAMED_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:\bslip\b|\bref(?:erence)?\b|สลิป)[^\d.?!]{0,40}$"));
/// Numbers of other things.
static OTHER_BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"order|booking|parcel|tracking|flight|invoice|ออเดอร์|ออร์เดอร์|พัสดุ|คำสั่งซื้อ|ใบสั่ง|จอง|订单")
});
/// Letters and then twelve digits or more among others.
static LONG_CODE: LazyLock<Regex> = LazyLock::new(|| compiled(r"[a-z]{1,4}\d{6,}[a-z0-9]{2,20}"));
const SHORTEST_LONG_CODE: usize = 14;

/// One more number of the same kind.
static MORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"^\s?(?:กับ|และ|and|&|,|/|和|跟|與|与|、)\s?({CODE})")));
/// The form of Thai banks needs no name beside it: digits, the bank's letters, digits.
static BANK_FORM: LazyLock<Regex> = LazyLock::new(|| compiled(r"\d{6,20}[a-z]{3}\d{4,12}"));
const SHORTEST_BANK_FORM: usize = 15;

pub(crate) fn find(text: &Text, expected: bool) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for place in NAMED.captures_iter(&text.lower) {
        let (Some(whole), Some(code)) = (place.get(0), place.get(1)) else { continue };
        let starts_a_word = text.is_apart(whole.start(), whole.start());
        if !starts_a_word || !is_code(text, code.start(), code.end()) {
            continue;
        }
        found.push(slip(text, code.start(), code.end()));
        let mut end = code.end();
        while let Some(next) = MORE.captures(text.near_after(end, 48)).and_then(|more| more.get(1)) {
            let (start, next_end) = (end + next.start(), end + next.end());
            if !is_code(text, start, next_end) {
                break;
            }
            found.push(slip(text, start, next_end));
            end = next_end;
        }
    }
    found.extend(LONG_CODE.find_iter(&text.lower).filter_map(|place| {
        let named = NAMED_BEFORE.find(text.near_before(place.start(), 60))?;
        let other = OTHER_BETWEEN.is_match(named.as_str());
        let whole = place.len() >= SHORTEST_LONG_CODE && is_code(text, place.start(), place.end());
        (whole && !other).then(|| slip(text, place.start(), place.end()))
    }));
    let forms =
        BANK_FORM.find_iter(&text.lower).filter(|place| expected || place.len() >= SHORTEST_BANK_FORM);
    found.extend(
        forms
            .filter(|place| text.is_apart(place.start(), place.end()))
            .map(|place| slip(text, place.start(), place.end())),
    );
    found
}

/// Whole, and with digits enough: "reference department" names no slip.
fn is_code(text: &Text, start: usize, end: usize) -> bool {
    let digits = text.lower[start..end].bytes().filter(u8::is_ascii_digit).count();
    digits >= 4 && text.is_apart(start, end)
}

/// All but the last four characters are masked.
fn slip(text: &Text, start: usize, end: usize) -> Found {
    let shown = end - 4;
    let value = "X".repeat(shown - start) + &text.written[shown..end];
    Found::special("slip_reference", start, end, value)
}
