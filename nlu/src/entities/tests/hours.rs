//! Times of day as people tell them.

use serde_json::json;

use super::check;

#[test]
fn times_are_told_in_many_ways() {
    let one = |text, written, value: &str| check(text, None, &[("time", written, json!(value))]);
    one("บ่ายสามครึงได้ป่าว", "บ่ายสามครึง", "15:30");
    one("ทุ่มครึ่ง", "ทุ่มครึ่ง", "19:30");
    check(
        "ศุกร์หน้าทุ่มครึ่งค่ะ",
        None,
        &[("date", "ศุกร์หน้า", json!("2026-11-27")), ("time", "ทุ่มครึ่ง", json!("19:30"))],
    );
    check(
        "เย็นนี้หกโมงครึ่ง",
        None,
        &[("date", "เย็นนี้", json!("2026-11-21")), ("time", "หกโมงครึ่ง", json!("18:30"))],
    );
    check("พรุ่งนี้เช้า 8.30", None, &[("date", "พรุ่งนี้", json!("2026-11-22")), ("time", "8.30", json!("08:30"))]);
    one("ตอนเย็นประมาณ 6 โมง", "6 โมง", "18:00");
    one("บ่าย 2.30 ได้ไหม", "บ่าย 2.30", "14:30");
    one("come around 4ish", "4ish", "16:00");
    one("半夜一点", "半夜一点", "01:00");
    one("ตอนทุ่มนึง", "ทุ่มนึง", "19:00");
    one("สิบโมงสิบห้า", "สิบโมงสิบห้า", "10:15");
    one("ร้านปิด ๒๑.๐๐ น. ใช่ไหม", "๒๑.๐๐ น.", "21:00");
    one("มาตอน 10.30 นะ", "10.30", "10:30");
    one("come at 4pmค่ะ", "4pm", "16:00");
    one("after 6pm.", "6pm", "18:00");
    one("past 10 p.m.?", "10 p.m.", "22:00");
    one("at two pm", "two pm", "14:00");
    one("quarter to 6 pm", "quarter to 6 pm", "17:45");
    one("half past 2 pm", "half past 2 pm", "14:30");
    one("7 in the morning", "7 in the morning", "07:00");
    one("3 o'clock", "3 o'clock", "15:00");
    one("1930 hrs", "1930 hrs", "19:30");
    one("下午2:30以后", "下午2:30", "14:30");
    one("晚上八点一刻", "晚上八点一刻", "20:15");
    one("下午四点二十分", "下午四点二十分", "16:20");
    one("三点关门", "三点", "15:00");
    one("bus leaves 15.00.", "15.00", "15:00");
    one("table at 8 for dinner", "8", "20:00");
    one("零点关门", "零点", "00:00");
    check(
        "8 โมง 11 โมงครึ่ง",
        None,
        &[("time", "8 โมง", json!("08:00")), ("time", "11 โมงครึ่ง", json!("11:30"))],
    );
    check("9-11am", None, &[("time", "9", json!("09:00")), ("time", "11am", json!("11:00"))]);
    check("10am-2pm", None, &[("time", "10am", json!("10:00")), ("time", "2pm", json!("14:00"))]);
    check("6-7 โมงเย็น", None, &[("time", "6", json!("18:00")), ("time", "7 โมงเย็น", json!("19:00"))]);
    check("9.00-17.00 น.", None, &[("time", "9.00", json!("09:00")), ("time", "17.00 น.", json!("17:00"))]);
    check("บ่ายสามพรุ่งนี้", None, &[("time", "บ่ายสาม", json!("15:00")), ("date", "พรุ่งนี้", json!("2026-11-22"))]);
}

#[test]
fn words_of_the_clock_in_other_words_are_no_times() {
    for text in
        ["พัสดุตีกลับ", "ที่ตีฟอง", "ร้านทุ่มเทมาก", "อย่าบ่ายเบี่ยง", "เครื่องชั่งเที่ยงตรงไหม", "便宜一点", "rush hour", "24/7"]
    {
        check(text, None, &[]);
    }
    check("ratio 1:15", None, &[("number", "1", json!(1)), ("number", "15", json!(15))]);
}
