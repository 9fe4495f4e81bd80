//! Lengths of time.

use serde_json::json;

use super::check;

#[test]
fn lengths_of_time_are_iso_durations() {
    let one = |text, written, value: &str| check(text, None, &[("duration", written, json!(value))]);
    one("ใช้มาสองปีแล้ว", "สองปี", "P2Y");
    one("รอครึ่งชั่วโมง", "ครึ่งชั่วโมง", "PT30M");
    one("คลาสชั่วโมงครึ่ง", "ชั่วโมงครึ่ง", "PT1H30M");
    one("ใช้มาปีครึ่ง", "ปีครึ่ง", "P1Y6M");
    one("ภายใน 24 ชม.", "24 ชม.", "PT24H");
    one("1 ชั่วโมง 30 นาที", "1 ชั่วโมง 30 นาที", "PT1H30M");
    one("7 วันทำการ", "7 วันทำการ", "P7D");
    one("เดือนนึงแล้ว", "เดือนนึง", "P1M");
    one("two-year warranty", "two-year", "P2Y");
    one("2.5 hours", "2.5 hours", "PT2H30M");
    one("2 and a half hours", "2 and a half hours", "PT2H30M");
    one("half an hour on hold", "half an hour", "PT30M");
    one("an hour and a half", "an hour and a half", "PT1H30M");
    one("waited for a week", "a week", "P1W");
    one("2 monthes alredy", "2 monthes", "P2M");
    one("1.5 weeks", "1.5 weeks", "P10DT12H");
    one("never a problem in 12 years", "12 years", "P12Y");
    one("3 working days", "3 working days", "P3D");
    one("保修一年半", "一年半", "P1Y6M");
    one("两个半小时", "两个半小时", "PT2H30M");
    one("等了20分鐘", "20分鐘", "PT20M");
    one("用了八个月", "八个月", "P8M");
}

#[test]
fn what_only_looks_like_a_length_is_none() {
    for text in
        ["ช่วงนาทีทอง", "วันหนึ่ง", "สองสามวัน", "once a week", "within the hour", "all day", "半天", "第二天"]
    {
        check(text, None, &[]);
    }
    check("2 ชมพู", None, &[("number", "2", json!(2))]);
    check("周二", None, &[("date", "周二", json!("2026-11-24"))]);
    check("2026年", None, &[("period", "2026年", json!({ "from": "2026-01-01", "to": "2026-12-31" }))]);
}
