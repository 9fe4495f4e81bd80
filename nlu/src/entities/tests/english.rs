//! English as customers write it, seen from Saturday 2026-11-21.

use serde_json::{Value, json};

use super::check;

#[test]
fn days_are_counted_from_other_days() {
    let one = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    one("a week from Tuesday please", "a week from Tuesday", "2026-12-01");
    one("Tuesday week is fine", "Tuesday week", "2026-12-01");
    one("could it come a week tomorrow?", "a week tomorrow", "2026-11-29");
    one("two weeks today", "two weeks today", "2026-12-05");
    one("3 days after Monday", "3 days after Monday", "2026-11-26");
    one("two days before 5 December", "two days before 5 December", "2026-12-03");
    one("three Fridays from now", "three Fridays from now", "2026-12-11");
    one("two Saturdays ago", "two Saturdays ago", "2026-11-07");
    one("Friday after next", "Friday after next", "2026-12-04");
    one("next week on Thursday", "next week on Thursday", "2026-11-26");
    one("Friday last week", "Friday last week", "2026-11-13");
    one("Friday the 27th", "Friday the 27th", "2026-11-27");
    one("first Monday in January", "first Monday in January", "2027-01-04");
    one("last Friday of the month", "last Friday of the month", "2026-11-27");
    one("ends in a fortnight", "in a fortnight", "2026-12-05");
    one("in 2 weeks' time", "in 2 weeks' time", "2026-12-05");
    one("the fifth of December", "the fifth of December", "2026-12-05");
    one("22 Decmber plz", "22 Decmber", "2026-12-22");
    one("5 Feburary", "5 Feburary", "2027-02-05");
}

#[test]
fn weekdays_are_short_past_or_somebodys_name() {
    let one = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    one("can we do Thurs instead", "Thurs", "2026-11-26");
    one("I ordered on Friday", "Friday", "2026-11-20");
    one("it arrived Tuesday", "Tuesday", "2026-11-17");
    one("I ordered a cake for Friday", "Friday", "2026-11-27");
    one("did you say it is delivered on Friday?", "Friday", "2026-11-27");
    one("ordered the Friday delivery", "Friday", "2026-11-27");
    one("ไม่มีสัญญาณตั้งแต่วันจันทร์", "วันจันทร์", "2026-11-16");
    check(
        "changing pickup from Mon to Tues",
        None,
        &[("date", "Mon", json!("2026-11-23")), ("date", "Tues", json!("2026-11-24"))],
    );
    for text in [
        "someone by the name of Friday Okafor",
        "Miss Sunday Oke",
        "every Friday",
        "the sun was out",
        "sat on the sofa",
    ] {
        check(text, None, &[]);
    }
}

#[test]
fn runs_of_days_are_named_by_one_of_them() {
    let one = |text, written, from: &str, to: &str| {
        check(text, None, &[("period", written, json!({ "from": from, "to": to }))]);
    };
    one("the weekend of 5 December", "weekend of 5 December", "2026-12-05", "2026-12-06");
    one("the week of 7 December", "week of 7 December", "2026-12-07", "2026-12-13");
    one("weekend after next", "weekend after next", "2026-12-05", "2026-12-06");
    one("second quarter of 2026", "second quarter of 2026", "2026-04-01", "2026-06-30");
    one("between the 14th and the 20th", "between the 14th and the 20th", "2026-12-14", "2026-12-20");
    one("from now until Friday", "from now until Friday", "2026-11-21", "2026-11-27");
    one("from Nov 2026 to Feb 2027", "from Nov 2026 to Feb 2027", "2026-11-01", "2027-02-28");
}

#[test]
fn times_in_words() {
    let one = |text, written, value: &str| check(text, None, &[("time", written, json!(value))]);
    one("half seven", "half seven", "07:30");
    one("twenty to six", "twenty to six", "17:40");
    one("at eight thirty", "eight thirty", "08:30");
    one("nine fifteen am", "nine fifteen am", "09:15");
    one("half past six in the morning", "half past six in the morning", "06:30");
    one("ten in the morning", "ten in the morning", "10:00");
    one("730pm", "730pm", "19:30");
    one("before 9, please", "9", "09:00");
    one("come around 6", "6", "18:00");
    check(
        "7:30 tonight",
        None,
        &[("time", "7:30", json!("19:30")), ("date", "tonight", json!("2026-11-21"))],
    );
    check("open 10-6?", None, &[("time", "10", json!("10:00")), ("time", "6", json!("18:00"))]);
    check("around 6 bags", None, &[("number", "6", json!(6))]);
    check("increase it by 5.", None, &[("number", "5", json!(5))]);
}

#[test]
fn lengths_in_words() {
    let one = |text, written, value: &str| check(text, None, &[("duration", written, json!(value))]);
    one("suspended for a fortnight", "a fortnight", "P2W");
    one("takes a quarter of an hour", "a quarter of an hour", "PT15M");
    one("three quarters of an hour", "three quarters of an hour", "PT45M");
    one("1h30", "1h30", "PT1H30M");
    one("2½ hours", "2½ hours", "PT2H30M");
    one("one and a half hours", "one and a half hours", "PT1H30M");
    one("a year and two months", "a year and two months", "P1Y2M");
    one("my parcel is a week late", "a week", "P1W");
    check("just a minute", None, &[]);
    check("twice a fortnight", None, &[]);
}

#[test]
fn amounts_stand_beside_words() {
    let money = |text, written, amount: Value, currency: &str| {
        check(text, None, &[("money", written, json!({ "amount": amount, "currency": currency }))]);
    };
    money("i transfered1500baht", "1500baht", json!(1500), "THB");
    money("1.5m baht", "1.5m baht", json!(1_500_000), "THB");
    money("a 500-baht voucher", "500-baht", json!(500), "THB");
    money("half a million baht", "half a million baht", json!(500_000), "THB");
    money("人民币300元", "人民币300元", json!(300), "CNY");
    let number = |text, written, value: Value| check(text, None, &[("number", written, value)]);
    number("three and a half", "three and a half", json!(3.5));
    number("1.5m long", "1.5", json!(1.5));
    for text in ["eight thirty", "room 305 is cold", "booking 88213", "press 2", "a day or two"] {
        check(text, None, &[]);
    }
}

#[test]
fn names_and_codes_are_kept() {
    check("ship to 50200 please", None, &[("postcode", "50200", json!("50200"))]);
    check("微信号 lulu_bkk", None, &[]);
    check("ref A7f20261125Z99x4", None, &[("slip_reference", "A7f20261125Z99x4", json!("XXXXXXXXXXXX99x4"))]);
    check("28/12/2026 โหลดกระเป๋า", None, &[("date", "28/12/2026", json!("2026-12-28"))]);
}
