use serde_json::{Value, json};

use super::*;
use crate::normalise::Normalised;

mod amounts;
mod days;
mod durations;
mod english;
mod hours;
mod thailand;

/// Saturday 2026-11-21, 10:00 in Bangkok.
fn moment() -> EntityMoment {
    EntityMoment::new(1_795_230_000_000_000, 420)
}

fn config() -> EntityConfig {
    let value = |value: &str, synonyms: &[&str]| ListValue {
        value: value.to_owned(),
        synonyms: synonyms.iter().map(|name| (*name).to_owned()).collect(),
    };
    EntityConfig {
        patterns: vec![PatternEntity {
            name: "order_number".to_owned(),
            pattern: r"\b[A-Z]{2}\d{6}\b".to_owned(),
            keep_case: false,
        }],
        lists: vec![ListEntity {
            name: "product".to_owned(),
            values: vec![
                value("house_blend", &["House Blend", "เฮาส์เบลนด์", "拼配豆"]),
                value("milk", &["นม", "milk", "นมสด"]),
                value("oat_milk", &["oat milk", "นมโอ๊ต", "燕麦奶"]),
                value("doi_chang", &["ดอยช้าง", "Doi Chang"]),
            ],
        }],
        ..EntityConfig::default()
    }
}

fn find(text: &str, expecting: Option<&str>) -> Vec<Entity> {
    let finder = EntityFinder::new(&config(), &Words::default()).unwrap();
    finder.find(text, &Normalised::new(text), moment(), expecting)
}

/// Every entity as (type, text, value); offsets must lead to the text.
fn check(text: &str, expecting: Option<&str>, expected: &[(&str, &str, Value)]) {
    let found = find(text, expecting);
    for entity in &found {
        let there: String = text.chars().skip(entity.start).take(entity.end - entity.start).collect();
        assert_eq!(there, entity.text, "{text}");
    }
    let found: Vec<(&str, &str, Value)> = found
        .iter()
        .map(|entity| (entity.kind.as_str(), entity.text.as_str(), entity.value.clone()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn patterns_are_found_with_spaces_hyphens_and_any_case() {
    let order = |text, written| check(text, None, &[("order_number", written, json!("BK240117"))]);
    order("ออเดอร์ BK240117 ถึงไหนแล้วคะ", "BK240117");
    order("where is bk240117?", "bk240117");
    order("订单BK-240117到哪了", "BK-240117");
    order("order bk 240117 please", "bk 240117");
    order("เลขที่bk 240 117ค่ะ", "bk 240 117");
    order("ＢＫ２４０１１７", "ＢＫ２４０１１７");
    check("i ordered on 2026-02-15", None, &[("date", "2026-02-15", json!("2026-02-15"))]);
    check("ordered on 15-02-26", Some("order_number"), &[("date", "15-02-26", json!("2026-02-15"))]);
    order("it is on bk 24-01-17", "bk 24-01-17");
    check("ABK240117", None, &[]);
    check("BK2401178", None, &[]);
    let bad = EntityConfig {
        patterns: vec![PatternEntity { name: "x".into(), pattern: "(".into(), keep_case: false }],
        ..EntityConfig::default()
    };
    let error = EntityFinder::new(&bad, &Words::default()).unwrap_err();
    assert!(matches!(error, EntityConfigError::Pattern { ref name, .. } if name == "x"));
}

#[test]
fn lists_take_the_longest_name_and_small_mistakes() {
    let product = |text, written, value| check(text, None, &[("product", written, json!(value))]);
    product("ขอ house blend หน่อย", "house blend", "house_blend");
    product("HOUSE BLENDS left?", "HOUSE BLENDS", "house_blend");
    product("มีนมโอ๊ตไหม", "นมโอ๊ต", "oat_milk");
    product("have oat milk?", "oat milk", "oat_milk");
    product("燕麦奶还有吗", "燕麦奶", "oat_milk");
    product("ราคาดอยช้าง", "ดอยช้าง", "doi_chang");
    product("price of hose blend", "hose blend", "house_blend");
    product("price of huose blend", "huose blend", "house_blend");
    product("doi chng price", "doi chng", "doi_chang");
    product("เฮาส์เบลน์", "เฮาส์เบลน์", "house_blend");
    product("ขอดอยช้าง doi chang หน่อย", "ดอยช้าง doi chang", "doi_chang");
    check("นมัสการค่ะ", None, &[]);
    check("milky way", None, &[]);
}

#[test]
fn contacts_are_found_and_normalised() {
    let one = |text, kind, written, value: &str| check(text, None, &[(kind, written, json!(value))]);
    one("โทร 081-234-5678 ค่ะ", "phone", "081-234-5678", "+66812345678");
    one("เบอร์ ๐๘๑๒๓๔๕๖๗๘", "phone", "๐๘๑๒๓๔๕๖๗๘", "+66812345678");
    one("call +66 81 234 5678", "phone", "+66 81 234 5678", "+66812345678");
    one("02 123 4567", "phone", "02 123 4567", "+6621234567");
    one("电话 +8613800138000", "phone", "+8613800138000", "+8613800138000");
    one("mail me: Nok.S@example.co.th.", "email", "Nok.S@example.co.th", "nok.s@example.co.th");
    one("ดู https://example.com/a?b=1 ค่ะ", "url", "https://example.com/a?b=1", "https://example.com/a?b=1");
    one("www.example.com.", "url", "www.example.com", "www.example.com");
    one("เลขผู้เสียภาษี 0105551234567", "tax_id", "0105551234567", "0105551234567");
    one("0-1055-51234-56-7", "tax_id", "0-1055-51234-56-7", "0105551234567");
}

#[test]
fn numbers_in_digits_and_words() {
    let one = |text, written, value: Value| check(text, None, &[("number", written, value)]);
    one("เอา 3 ถุง", "3", json!(3));
    one("เอาสามถุงค่ะ", "สาม", json!(3));
    one("สองร้อยห้าสิบแก้ว", "สองร้อยห้าสิบ", json!(250));
    one("ยี่สิบเอ็ดกล่อง", "ยี่สิบเอ็ด", json!(21));
    one("2kg please", "2", json!(2));
    one("1,250.5", "1,250.5", json!(1250.5));
    one("งบ 3 หมื่น", "3 หมื่น", json!(30000));
    one("twenty-five boxes", "twenty-five", json!(25));
    one("one hundred thousand", "one hundred thousand", json!(100_000));
    one("a dozen cups", "a dozen", json!(12));
    one("两百五十个", "两百五十", json!(250));
    one("三包", "三", json!(3));
    one("ลบ -5", "-5", json!(-5));
    check("สามารถส่งได้ไหม", None, &[]);
    check("which one is best", None, &[]);
    check("ยี่ห้ออะไร", None, &[]);
    check("请等一下", None, &[]);
    check("V2 A1B2", None, &[]);
    check("one", Some("number"), &[("number", "one", json!(1))]);
}

#[test]
fn money_has_an_amount_and_a_currency() {
    let one = |text, written, amount: Value, currency: &str| {
        check(text, None, &[("money", written, json!({ "amount": amount, "currency": currency }))]);
    };
    one("500 บาท", "500 บาท", json!(500), "THB");
    one("ห้าร้อยบาท", "ห้าร้อยบาท", json!(500), "THB");
    one("฿1,200", "฿1,200", json!(1200), "THB");
    one("under 2k baht", "2k baht", json!(2000), "THB");
    one("$10.50 each", "$10.50", json!(10.5), "USD");
    one("100块", "100块", json!(100), "CNY");
    one("refund of -5 baht", "-5 baht", json!(-5), "THB");
    one("-$5", "-$5", json!(-5), "USD");
}

#[test]
fn days_are_iso_dates() {
    let one = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    one("ส่งวันนี้ได้ไหม", "วันนี้", "2026-11-21");
    one("พรุ่งนี้สะดวกค่ะ", "พรุ่งนี้", "2026-11-22");
    one("see you tomorrow", "tomorrow", "2026-11-22");
    one("明天可以吗", "明天", "2026-11-22");
    one("the day after tomorrow", "day after tomorrow", "2026-11-23");
    one("วันเสาร์นี้", "วันเสาร์นี้", "2026-11-21");
    one("on Saturday 28 November", "Saturday 28 November", "2026-11-28");
    one("นัดวันเสาร์ที่ 28 พ.ย.", "วันเสาร์ที่ 28 พ.ย.", "2026-11-28");
    one("วันเสาร์หน้า", "วันเสาร์หน้า", "2026-11-28");
    one("ศุกร์หน้า", "ศุกร์หน้า", "2026-11-27");
    one("สั่งไปเมื่อวันจันทร์", "วันจันทร์", "2026-11-16");
    one("วันอาทิตย์ที่แล้ว", "วันอาทิตย์ที่แล้ว", "2026-11-15");
    one("next monday", "next monday", "2026-11-23");
    one("on friday", "friday", "2026-11-27");
    one("下周一", "下周一", "2026-11-23");
    one("上周五", "上周五", "2026-11-13");
    one("2026-12-01", "2026-12-01", "2026-12-01");
    one("1/12/2569", "1/12/2569", "2026-12-01");
    one("1/12/69", "1/12/69", "2026-12-01");
    one("1/12/26", "1/12/26", "2026-12-01");
    one("วันที่ 5 ธันวาคม 2569", "วันที่ 5 ธันวาคม 2569", "2026-12-05");
    one("๕ ธ.ค. ๖๙", "๕ ธ.ค. ๖๙", "2026-12-05");
    one("วันที่ 5", "วันที่ 5", "2026-12-05");
    one("5 Dec 2026", "5 Dec 2026", "2026-12-05");
    one("December 5th", "December 5th", "2026-12-05");
    one("12月5日", "12月5日", "2026-12-05");
    one("อีก 3 วัน", "อีก 3 วัน", "2026-11-24");
    one("in three days", "in three days", "2026-11-24");
    one("3天后", "3天后", "2026-11-24");
    one("2 weeks ago", "2 weeks ago", "2026-11-07");
    one("อีกสามวัน", "อีกสามวัน", "2026-11-24");
    check(
        "31/2/2026",
        None,
        &[("number", "31", json!(31)), ("number", "2", json!(2)), ("number", "2026", json!(2026))],
    );
    // No calendar has them: the thirtieth of another month was not meant.
    for (text, number) in [("วันที่ 30 ก.พ.", 30), ("30 ก.พ.", 30), ("Feb 30", 30)] {
        check(text, Some("date"), &[("number", &number.to_string(), json!(number))]);
    }
    check("15", Some("date"), &[("date", "15", json!("2026-12-15"))]);
    check("15/12", Some("date"), &[("date", "15/12", json!("2026-12-15"))]);
}

#[test]
fn times_are_hours_and_minutes() {
    let one = |text, written, value: &str| check(text, None, &[("time", written, json!(value))]);
    one("14:30", "14:30", "14:30");
    one("at 2pm", "2pm", "14:00");
    one("2.30 pm", "2.30 pm", "14:30");
    one("9.30 น.", "9.30 น.", "09:30");
    one("บ่ายสอง", "บ่ายสอง", "14:00");
    one("บ่าย 3 โมงครึ่ง", "บ่าย 3 โมงครึ่ง", "15:30");
    one("สิบโมงเช้า", "สิบโมงเช้า", "10:00");
    one("สามโมงเช้า", "สามโมงเช้า", "09:00");
    one("ห้าโมงเย็น", "ห้าโมงเย็น", "17:00");
    one("2 ทุ่ม", "2 ทุ่ม", "20:00");
    one("ตีห้า", "ตีห้า", "05:00");
    one("เที่ยงครึ่ง", "เที่ยงครึ่ง", "12:30");
    one("下午3点半", "下午3点半", "15:30");
    one("上午十点", "上午十点", "10:00");
    one("noon", "noon", "12:00");
    check("พรุ่งนี้บ่ายสอง", None, &[("date", "พรุ่งนี้", json!("2026-11-22")), ("time", "บ่ายสอง", json!("14:00"))]);
}

#[test]
fn periods_have_two_ends() {
    let one = |text, written, from: &str, to: &str| {
        check(text, None, &[("period", written, json!({ "from": from, "to": to }))]);
    };
    one("ยอดขายเดือนที่แล้ว", "เดือนที่แล้ว", "2026-10-01", "2026-10-31");
    one("สัปดาห์นี้", "สัปดาห์นี้", "2026-11-16", "2026-11-22");
    one("sales this quarter", "this quarter", "2026-10-01", "2026-12-31");
    one("next month", "next month", "2026-12-01", "2026-12-31");
    one("去年", "去年", "2025-01-01", "2025-12-31");
    one("上个月", "上个月", "2026-10-01", "2026-10-31");
    one("ปี 2568", "ปี 2568", "2025-01-01", "2025-12-31");
    one("เดือนมกราคม", "เดือนมกราคม", "2026-01-01", "2026-01-31");
    one("january 2026", "january 2026", "2026-01-01", "2026-01-31");
    one("q3 2026", "q3 2026", "2026-07-01", "2026-09-30");
    one("last 7 days", "last 7 days", "2026-11-15", "2026-11-21");
    one("7 วันที่ผ่านมา", "7 วันที่ผ่านมา", "2026-11-15", "2026-11-21");
    one("最近3个月", "最近3个月", "2026-08-22", "2026-11-21");
}

#[test]
fn the_expected_type_wins_over_longer_ones() {
    check("500 บาท", Some("number"), &[("number", "500", json!(500))]);
    check("0105551234567", Some("tax_id"), &[("tax_id", "0105551234567", json!("0105551234567"))]);
}

#[test]
fn any_text_is_searched_without_a_fault() {
    let finder = EntityFinder::new(&config(), &Words::default()).unwrap();
    proptest::proptest!(|(text in "(\\PC|[0-9/.:-]|[กาำ่้ีเแวันที่สองบาท ]){0,60}")| {
        let length = text.chars().count();
        let mut last = 0;
        for entity in finder.find(&text, &Normalised::new(&text), moment(), None) {
            proptest::prop_assert!(entity.start < entity.end && entity.end <= length);
            proptest::prop_assert!(entity.start >= last || entity.end > last);
            last = entity.end;
        }
    });
}

#[test]
fn texts_of_any_length_are_searched_in_their_first_ten_thousand_characters() {
    let finder = EntityFinder::new(&config(), &Words::default()).unwrap();
    let any_bytes: Vec<u8> =
        (0..64_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let any_bytes = String::from_utf8_lossy(&any_bytes).into_owned();
    let repeated = ["😀", "ก", "1 ", "99/9 ซ.", "กทม 10400 ", "三点", "5 ธ.ค. ", "ref ", "one "]
        .map(|unit| unit.repeat(30_000));
    for text in repeated.into_iter().chain([any_bytes, "ส่งของวันนี้".repeat(80_000)])
    {
        let found = finder.find(&text, &Normalised::new(&text), moment(), None);
        assert!(found.iter().all(|entity| entity.start < entity.end));
        assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}
