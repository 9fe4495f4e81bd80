//! Numbers in digits and in words.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::entities::number_words;
use crate::entities::text::{Found, Rank, Text, compiled};

/// A number with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: f64,
    /// Stands on its own. Others are numbers only beside a unit ("one day", "一天").
    pub(crate) sure: bool,
}

impl Number {
    /// As an entity of its own, where it stands on its own.
    pub(crate) fn found(&self) -> Option<Found> {
        let value = number_value(self.value);
        let kind = "number".to_owned();
        self.sure.then_some(Found { kind, start: self.start, end: self.end, value, rank: Rank::Number })
    }

    /// Only a dash or a word for "to" stands between this number and the next.
    pub(crate) fn joins(&self, next: &Self, text: &Text) -> bool {
        let between = text.lower.get(self.end..next.start).unwrap_or_default();
        matches!(between.trim(), "-" | "–" | "~" | "to" | "ถึง" | "到" | "至")
            || (between == " and " && text.near_before(self.start, 8).ends_with("between "))
    }

    /// The number as a whole one within bounds.
    pub(crate) fn whole(&self, least: i64, most: i64) -> Option<i64> {
        let whole = self.value as i64;
        ((whole as f64 - self.value).abs() < f64::EPSILON && (least..=most).contains(&whole)).then_some(whole)
    }
}

/// Whole numbers without a decimal point in JSON.
pub(crate) fn number_value(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}

static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,5},\d{1,2}\b|\d{1,15}(?:\.\d+)?)(?:\s?(k|ร้อย|พัน|หมื่น|แสน|ล้าน|百万|百|千|万|萬|亿|hundred|thousand|million|grand|mil|mn|m))?",
    )
});

/// All numbers in order. `expected`: the dialogue asked for one, so a lone "one" counts.
pub(crate) fn find(text: &Text, expected: bool) -> Vec<Number> {
    let mut numbers: Vec<Number> =
        DIGITS.captures_iter(&text.lower).filter_map(|found| digits(text, &found)).collect();
    numbers.extend(number_words::find(text, expected));
    numbers.extend(HALF_OF.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let value = multiplier(&place[1])? / 2.0;
        Some(Number { start: whole.start(), end: whole.end(), value, sure: true })
    }));
    numbers.extend(HALF_DOZEN.find_iter(&text.lower).map(|place| {
        let (start, end) = (place.start(), place.end());
        Number { start, end, value: 6.0, sure: true }
    }));
    unless_mixed(text, &mut numbers);
    numbers.sort_by_key(|number| (number.start, std::cmp::Reverse(number.end)));
    numbers.dedup_by(|later, earlier| later.start < earlier.end);
    and_a_half(text, &mut numbers);
    numbers
}

/// "two and a half", "one and a half million".
fn and_a_half(text: &Text, numbers: &mut [Number]) {
    for number in numbers.iter_mut() {
        let Some(half) = AND_A_HALF.captures(text.near_after(number.end, 24)) else { continue };
        let factor = half.get(1).and_then(|unit| multiplier(unit.as_str())).unwrap_or(1.0);
        number.value = (number.value + 0.5) * factor;
        number.end += half.get(0).map_or(0, |half| half.end());
        number.sure = true;
    }
}

/// "one oat milk": a word directly before something that the bot lists counts it.
pub(crate) fn counting_listed(text: &Text, numbers: &mut [Number], listed: &[Found]) {
    let starts: HashSet<usize> = listed.iter().map(|found| found.start).collect();
    for number in numbers.iter_mut() {
        let space = usize::from(text.after(number.end).starts_with(' '));
        let in_words = !text.lower[number.start..].starts_with(|first: char| first.is_ascii_digit());
        number.sure |= in_words && starts.contains(&(number.end + space));
    }
}

/// Digits in a run with strokes or hyphens are amounts only where a unit says so.
fn unless_mixed(text: &Text, numbers: &mut [Number]) {
    let places = MIXED.captures_iter(&text.lower).filter_map(|place| place.get(1));
    let runs: Vec<(usize, usize)> = places.map(|place| (place.start(), place.end())).collect();
    for number in numbers.iter_mut() {
        let after = runs.partition_point(|(_, end)| *end <= number.start);
        number.sure &= runs.get(after).is_none_or(|(start, _)| number.end <= *start);
    }
}

fn digits(text: &Text, found: &regex::Captures<'_>) -> Option<Number> {
    let plain = found.get(1)?;
    let written = without_list(plain.as_str(), text.after(plain.end()));
    let value = read(written)?;
    let (start, mut end) = (plain.start(), plain.start() + written.len());
    let below_zero = is_below_zero(text, start);
    let glued = is_glued_amount(text, start, plain.end());
    if is_after_code(&text.lower[..start]) && !glued {
        return None;
    }
    let unit = found.get(2).filter(|_| end == plain.end());
    let unit = unit.filter(|unit| !unit.as_str().is_ascii() || text.is_apart(unit.end(), unit.end()));
    // "1.5m baht" is money and "1.5m" a length.
    let short = |unit: &str| matches!(unit, "m" | "mil" | "mn");
    let priced = |end: usize| {
        CURRENCY_AFTER.is_match(text.near_after(end, 12))
            || CURRENCY_BEFORE.is_match(text.near_before(start, 4))
    };
    let unit = unit.filter(|unit| !short(unit.as_str()) || priced(unit.end()));
    let mut value = value;
    if let Some((unit, factor)) = unit.and_then(|unit| Some((unit, multiplier(unit.as_str())?))) {
        value *= factor;
        end = unit.end();
        // "2พันห้าร้อย", "3หมื่นห้า".
        if let Some((more, length)) =
            number_words::thai_rest(text, end, factor).or_else(|| tenths(text, end, factor))
        {
            value += more;
            end += length;
        }
    }
    // "28/12/2026 โหล…": the year of a date counts no dozens.
    let of_date = text.lower[..start].ends_with(['/', '-']);
    let dozen =
        DOZEN.find(text.after(end)).filter(|dozen| !of_date && ends_thai_word(text, end + dozen.end()));
    if let Some(dozen) = dozen {
        value *= 12.0;
        end += dozen.end();
    }
    if is_code_after(text.after(end)) {
        return None;
    }
    let named = NAMED_BEFORE.is_match(text.near_before(start, 20))
        || NO_UNIT.is_match(text.near_after(end, 12))
        || is_network(text, start, end);
    let (start, value) = if below_zero { (start - 1, -value) } else { (start, value) };
    let code = plain.len() >= 4 && CODE_BEFORE.is_match(text.near_before(start, 24));
    let sure = counts(text, start, end, plain.as_str()) && !named && !glued && !code;
    Some(Number { start, end, value, sure })
}

/// "2แสน5", "3 หมื่น 5 บาท": one digit after a Thai unit counts its tenths.
fn tenths(text: &Text, at: usize, factor: f64) -> Option<(f64, usize)> {
    let place =
        TENTHS.captures(text.near_after(at, 16)).filter(|_| text.lower[..at].ends_with(['น', 'ย']))?;
    let digit = place.get(1).or(place.get(2))?;
    Some((digit.as_str().parse::<f64>().ok()? * factor / 10.0, digit.end()))
}

static TENTHS: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^(?:([1-9])(?:[^\d.,/:-]|$)|\s([1-9])(?:\s?(?:บาท|฿)|$))"));

/// "2,5 kg" has a decimal comma; in "2,3 bags" a list goes on.
fn without_list<'a>(digits: &'a str, rest: &str) -> &'a str {
    let (first, last) = digits.split_once(',').unwrap_or((digits, "000"));
    if last.len() < 3 && !MEASURE.is_match(rest) { first } else { digits }
}

/// "transferred1500baht": an amount directly after a word.
fn is_glued_amount(text: &Text, start: usize, end: usize) -> bool {
    let before = &text.lower[..start];
    let letters = before.len() - before.trim_end_matches(|letter: char| letter.is_ascii_lowercase()).len();
    letters >= 4 && CURRENCY_AFTER.is_match(text.near_after(end, 12))
}

/// "2 โหลด" counts no dozens.
fn ends_thai_word(text: &Text, end: usize) -> bool {
    text.is_edge(end) || text.lower[..end].ends_with(|last: char| last.is_ascii())
}

static CURRENCY_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:บาท|฿|\$|€|£|(?:thai\s)?bahts?\b|bath\b|bht\b|thb\b|usd\b|eur\b|euros?\b|gbp\b|sgd\b|dollars?\b|pounds\b|quid\b|yen\b|yuan\b)",
    )
});
static CURRENCY_BEFORE: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?:[$€£฿]|thb|usd|eur|gbp)\s?$"));
static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:%|percent|€|eur|euros?|kg|kilos?|g|l|litres?|liters?|ml|usd|\$|gbp|chf|baht|thb|บาท)(?:[^a-z]|$)",
    )
});

/// "1,250.5" and, as in much of Europe, "2,5".
fn read(digits: &str) -> Option<f64> {
    let decimals = digits.rsplit(',').next().map_or(0, str::len);
    let comma = if digits.contains(',') && decimals < 3 { "." } else { "" };
    digits.replace(',', comma).parse().ok()
}

/// Whether digits say how many: not laughter ("5555") and not a long code.
fn counts(text: &Text, start: usize, end: usize, digits: &str) -> bool {
    let fives = digits.bytes().all(|digit| digit == b'5') && !AFTER_FIVES.is_match(text.near_after(end, 8));
    let edge = text.before(start).is_empty() != text.after(end).trim_start_matches(['+', ' ']).is_empty();
    let laughter = fives && (digits.len() >= 3 || (digits.len() == 2 && edge));
    let long = digits.len() > LONGEST_COUNT && digits.bytes().all(|digit| digit.is_ascii_digit());
    // "11.11" and "12.12" are days of sales.
    let halves = digits.split_once('.');
    let sale =
        halves.is_some_and(|(month, day)| month == day) && SALE_BEFORE.is_match(text.near_before(start, 12));
    !laughter && !long && !sale
}

static SALE_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:โปร|โปรโมชั่น|แคมเปญ|เซล|ช่วง|ดีล|sale|campaign|promo|deal)\s?$"));
/// What makes "555" an amount and no laughter.
static AFTER_FIVES: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:ใบ|ชิ้น|ถุง|กล่อง|แก้ว|คน|กรัม|กิโล|มล|บาท|คะแนน|แต้ม|g\b|ml|kg|pcs|bags?\b|cups?\b|points?\b|baht|[个個包杯盒瓶克泰铢块元])",
    )
});

/// What is called by a number is not counted: "error 404", "พระราม 9".
static NAMED_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(?:error|code|version|ver|iphone|ipad|android|ios|windows|wi-?fi|usb|covid|rama|soi|sukhumvit|route|line id|catch|studio|room|gate|suite|unit|seat|row|floor|level|page|platform|terminal|counter|desk|lane|bay|locker|ward|apartment|apt|flat|building|block|bus|flight|train|step|option|chapter|episode|ticket|table|queue|zone|door|size|channel|highway|exit|track|form|section|number|num|type|part|grade|phase|stage|model|boeing|airbus|dial|press|hotline|ext|ext\.|extension|top|otp|pin|password|passcode)\s|พระราม\s?|ซอย\s?|ถนน\s?|สุขุมวิท\s?|รุ่น\s?|เวอร์ชั่?น\s?|ไอโฟน\s?|รหัส\s?|โค้ด\s?|(?:^|[^\d]\s?)ชั้น\s?|(?:ครั้ง|รอบ|งวด|ลำดับ|คน|อัน|ชิ้น|แก้ว|กล่อง|บิล|ถุง|ใบ|อันดับ|คิว|ข้อ|หน้า|แถว|โต๊ะ|ห้อง|ชั้น|ตัว|เครื่อง|สาขา|เล่ม|คัน|หน)ที่\s?|第\s?|(?:^|\s)(?:ม|ซ|ป|ร)\.\s?|\bno\.\s?)(?:\d{1,4}\s?(?:or|and|/|,|หรือ|กับ|และ)\s?)?$",
    )
});
/// Four digits or more after these are a name: "booking 88213".
static CODE_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:order|booking|reservation|invoice|case|policy|folio|receipt|claim|complaint|member(?:ship)?|customer|reference|parcel|job|contract)\s?(?:no\.?\s|number\s|id\s|#|:\s)?$",
    )
});
/// "3-pack", "5-star", "3D", "7up": an adjective or a name.
static NO_UNIT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^(?:-[a-z]{2,}|g\s(?:sim|signal|network|data|plan|package|router|coverage|phone|internet|is|not)\b|k\s(?:tv|video|screen|monitor|camera|resolution)\b|\s(?:model|edition|version|season|vintage)\b|d\b|up\b|wd\b|eleven\b)",
    )
});

static NETWORK_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:เน็ต|เนต|สัญญาณ|ซิม|คลื่น|เครือข่าย|ระบบ|รองรับ|จับ|\b(?:network|signal|internet|sim|on|no|supports?))\s?[2-6]$",
    )
});

/// "เน็ต 5G".
fn is_network(text: &Text, start: usize, end: usize) -> bool {
    let rest = text.near_after(end, 2);
    let alone = rest
        .strip_prefix('g')
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()));
    alone && end - start == 1 && NETWORK_BEFORE.is_match(text.near_before(end, 16))
}

/// Longer runs of digits are numbers of accounts, parcels and goods.
const LONGEST_COUNT: usize = 8;

static AND_A_HALF: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^(?:\sand\sa\shalf\b|\s?½|\s1/2\b)(?:\s(hundred|thousand|million)\b)?"));
static HALF_OF: LazyLock<Regex> = LazyLock::new(|| compiled(r"\bhalf\sa\s(thousand|million)\b"));
static HALF_DOZEN: LazyLock<Regex> = LazyLock::new(|| compiled(r"\bhalf (?:a )?dozen\b|ครึ่งโหล|半打"));
static DOZEN: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:โหล|dozens?\b|打)"));
/// Digits with strokes or hyphens that say no amount: "24/7", "7-11", "045-2-81736-9".
static MIXED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:^|[^\d/.-])(7-11|7-eleven|24-7|\d{3}-\d{4}|\d+(?:-\d+){2,}|\d+/\d+|\d{4}(?:[ -]\d{4}){3}|\d+[ -]in[ -]\d+)(?:[^\d/-]|$)",
    )
});

/// Something that is counted stands here: "ถุง", "bags", "个".
pub(crate) fn is_counted(text: &Text, end: usize) -> bool {
    COUNTED.is_match(text.near_after(end, 12))
}

static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    let thai = "ถุง|ใบ|ชิ้น|แก้ว|กล่อง|อัน|คน|ท่าน|เครื่อง|ตัว|ขวด|กระป๋อง|ซอง|แพ็?ค|ลัง|โหล|กิโล|กก|กรัม|ก\\.|ลิตร|มล|ซีซี|ออนซ์|ครั้ง|รอบ|ที่นั่ง|ที่|ห้อง|คืน|คู่|ชุด|เมล็ด|แผ่น|เล่ม|คัน|หลัง|สาขา|รายการ|ออเด|บิล|เมนู|ช้อน|เม็ด|ดวง|คะแนน|แต้ม|ดาว|สี|แบบ|ขนาด|ไซซ์|ไซส์|หน้า|ข้อ|พัสดุ|ม้วน|ห่อ|มัด|ถ้วย|จาน|ชั้น|เท่า|ขีด|ปอนด์|เมตร|เซน|นิ้ว|วัตต์|โวลต์|ต้น|ก้อน|ลูก|หัว|ปุ่ม|รส|สูตร|เดือน|ปี|วัน|นาที|ชั่วโมง|ชม|อาทิตย์|สัปดาห์|บาท|อย่าง|ยูนิต|เจ้า|ร้าน|โต๊ะ|เสียง|สาย|ตา|แถว|คำ|ประโยค|พวง|กระสอบ|ตะกร้า|หลอด|ฝา|จุด|เคส|ฟอง|ช็อต|เซ็?ต|คอร์ส|คลาส|เส้น|องศา|บาร์|เที่ยว|ช่อง|ชนิด|ประเภท|คิว|สลิป|ชาม|ครอบครัว|เม็ด|มือ\\s|กิ๊ก|กิ๊ก|กิก|เมก|นัด|หมื่น|แสน";
    let chinese = "[个個包袋箱公件台瓶杯盒罐支位套份张張只隻条條颗顆粒斤克升毫次人名桌组組双雙对對台部块塊片本层層倍款种種单單把根排辆輛间間壶壺勺盎]";
    compiled(&format!(r"^\s?(?:{thai}|{chinese})"))
});

/// A minus directly before it, with nothing before that: "-5", not "10-5" and not "- 5".
pub(crate) fn is_below_zero(text: &Text, start: usize) -> bool {
    let before = text.lower[..start].strip_suffix('-');
    before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

/// A digit after these belongs to something longer: a code, a decimal, a date.
fn is_after_code(before: &str) -> bool {
    let mut last = before.chars().rev();
    match (last.next(), last.next()) {
        (Some('.' | ','), Some(digit)) => digit.is_ascii_digit(),
        (Some('-'), Some(letter)) => letter.is_ascii_alphabetic(),
        // "oat milk x2" counts.
        (Some('x' | '×'), before) if before.is_none_or(|before| !before.is_ascii_alphanumeric()) => false,
        (Some(letter), _) if letter.is_ascii_alphabetic() => !ends_with_currency(before),
        (Some(character), _) => character.is_ascii_alphanumeric() || matches!(character, '_' | '#'),
        (None, _) => false,
    }
}

/// "THB500", "RM50".
fn ends_with_currency(before: &str) -> bool {
    let word = before.len() - before.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).len();
    matches!(
        &before[before.len() - word..],
        "thb" | "bt" | "usd" | "rm" | "sgd" | "eur" | "gbp" | "myr" | "hkd" | "rmb" | "cny" | "aud" | "jpy"
    )
}

/// "2kg" is a number with a unit; "2ab3" is a code, "2nd" a place in an order.
fn is_code_after(rest: &str) -> bool {
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    if matches!(&rest[..letters], "st" | "nd" | "rd" | "th") {
        return true;
    }
    let digit_follows = rest.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
    letters > 7 || (digit_follows && (letters > 0 || rest.starts_with(|first: char| first.is_ascii_digit())))
}

fn multiplier(unit: &str) -> Option<f64> {
    Some(match unit {
        "ร้อย" | "百" | "hundred" => 1e2,
        "k" | "พัน" | "千" | "thousand" | "grand" => 1e3,
        "หมื่น" | "万" | "萬" => 1e4,
        "แสน" => 1e5,
        "ล้าน" | "百万" | "million" | "m" | "mil" | "mn" => 1e6,
        "亿" => 1e8,
        _ => return None,
    })
}
