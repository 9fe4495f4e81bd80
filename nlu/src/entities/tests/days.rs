//! Days and runs of days, seen from Saturday 2026-11-21.

use serde_json::json;

use super::check;

#[test]
fn days_in_words_in_figures_and_with_mistakes() {
    let one = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    one("มะเรื่องมารับ", "มะเรื่อง", "2026-11-24");
    one("เลื่อนเป็นพรุ้งนี้", "พรุ้งนี้", "2026-11-22");
    one("see you tommorow", "tommorow", "2026-11-22");
    one("on wednsday pls", "wednsday", "2026-11-25");
    one("it came last thurs", "last thurs", "2026-11-19");
    one("down since friday", "friday", "2026-11-20");
    one("nothing moved since the 3rd", "the 3rd", "2026-11-03");
    one("day after tmr", "day after tmr", "2026-11-23");
    one("pickupfriday,name Beer", "friday", "2026-11-27");
    one("วันสุกได้ไหม", "วันสุก", "2026-11-27");
    one("เสาร์ที่จะถึงนี้", "เสาร์ที่จะถึงนี้", "2026-11-21");
    one("วันที่สิบห้า", "วันที่สิบห้า", "2026-12-15");
    one("ห้าธันวา", "ห้าธันวา", "2026-12-05");
    one("15 ธค 69", "15 ธค 69", "2026-12-15");
    one("29 ก.พ. 2571", "29 ก.พ. 2571", "2028-02-29");
    one("วันที่ 1 เดือนหน้า", "วันที่ 1 เดือนหน้า", "2026-12-01");
    one("ส่งก่อน 5/12 นะ", "5/12", "2026-12-05");
    one("12/25/2026", "12/25/2026", "2026-12-25");
    one("workshop on the 3rd, any seats?", "the 3rd", "2026-12-03");
    one("by the 5th of next month", "the 5th of next month", "2026-12-05");
    one("3 Nov 2569", "3 Nov 2569", "2026-11-03");
    one("move it to 11 January. Is that ok", "11 January", "2027-01-11");
    one("in two weeks", "in two weeks", "2026-12-05");
    one("a week ago", "a week ago", "2026-11-14");
    one("สองอาทิตย์ก่อน", "สองอาทิตย์ก่อน", "2026-11-07");
    one("3 เดือนที่แล้ว", "3 เดือนที่แล้ว", "2026-08-21");
    one("สิ้นเดือนนี้", "สิ้นเดือนนี้", "2026-11-30");
    one("下个月5号", "下个月5号", "2026-12-05");
    one("十二月十五号", "十二月十五号", "2026-12-15");
    one("物流从3号就没动过", "3号", "2026-11-03");
    one("大后天", "大后天", "2026-11-24");
    one("12/25送到", "12/25", "2026-12-25");
    check(
        "วันเสาร์ก่อนเที่ยง",
        None,
        &[("date", "วันเสาร์", json!("2026-11-21")), ("time", "เที่ยง", json!("12:00"))],
    );
    check(
        "9/12/69 10.00",
        None,
        &[("date", "9/12/69", json!("2026-12-09")), ("time", "10.00", json!("10:00"))],
    );
    check(
        "from 8 January, please move from 8 January to 11 January",
        None,
        &[
            ("date", "8 January", json!("2027-01-08")),
            ("date", "8 January", json!("2027-01-08")),
            ("date", "11 January", json!("2027-01-11")),
        ],
    );
}

#[test]
fn names_and_other_things_are_no_days() {
    for text in [
        "น้องศุกร์ที่แพ็คของ",
        "ลายดาวอังคาร",
        "คุณเมษาสั่งไว้",
        "ส่งแถวมีนบุรี",
        "คุณ May อยู่ไหม",
        "Sunny was rude",
        "we wed at your cafe",
        "Khun Mon called",
        "April told me",
        "march in and out",
        "เสานี้สวย",
        "see the 3rd photo",
        "老百姓",
        "月月都买",
        "ขอเลื่อนเป็น 30 ก.พ. ได้มั้ย",
    ] {
        check(text, None, &[]);
    }
}

#[test]
fn runs_of_days_have_both_ends() {
    let one = |text, written, from: &str, to: &str| {
        check(text, None, &[("period", written, json!({ "from": from, "to": to }))]);
    };
    one("โปร 25-30 พ.ย.", "25-30 พ.ย.", "2026-11-25", "2026-11-30");
    one("ปิด ๑-๓ ธ.ค. ใช่ไหม", "๑-๓ ธ.ค.", "2026-12-01", "2026-12-03");
    one("20 ธ.ค. ถึง 5 ม.ค.", "20 ธ.ค. ถึง 5 ม.ค.", "2026-12-20", "2027-01-05");
    one("สะดวกจันทร์ถึงพุธ", "จันทร์ถึงพุธ", "2026-11-23", "2026-11-25");
    one("พรุ่งนี้ถึงวันศุกร์", "พรุ่งนี้ถึงวันศุกร์", "2026-11-22", "2026-11-27");
    one("from 3 to 9 December", "from 3 to 9 December", "2026-12-03", "2026-12-09");
    one("Dec 28 - Jan 3", "Dec 28 - Jan 3", "2026-12-28", "2027-01-03");
    one("1-15 March 2027", "1-15 March 2027", "2027-03-01", "2027-03-15");
    one("from Monday to Wednesday", "from Monday to Wednesday", "2026-11-23", "2026-11-25");
    one("5/12-8/12", "5/12-8/12", "2026-12-05", "2026-12-08");
    one("24-26/12", "24-26/12", "2026-12-24", "2026-12-26");
    one("12月10-15号", "12月10-15号", "2026-12-10", "2026-12-15");
    one("周二到周四", "周二到周四", "2026-11-24", "2026-11-26");
    one("Jan-Mar 2027", "Jan-Mar 2027", "2027-01-01", "2027-03-31");
    one("this weekend", "this weekend", "2026-11-21", "2026-11-22");
    one("weekend นี้", "weekend นี้", "2026-11-21", "2026-11-22");
    one("下周末", "下周末", "2026-11-28", "2026-11-29");
    one("next weak", "next weak", "2026-11-23", "2026-11-29");
    one("between Dec 10 and Dec 12", "between Dec 10 and Dec 12", "2026-12-10", "2026-12-12");
    one("วีคหน้า", "วีคหน้า", "2026-11-23", "2026-11-29");
    one("สัปดาหน้า", "สัปดาหน้า", "2026-11-23", "2026-11-29");
    one("เดือนธันวา", "เดือนธันวา", "2026-12-01", "2026-12-31");
    one("ยอดขายเดือนธันวา", "เดือนธันวา", "2025-12-01", "2025-12-31");
    one("will you open in February?", "February", "2027-02-01", "2027-02-28");
    one("ปี 68", "ปี 68", "2025-01-01", "2025-12-31");
    one("明年3月", "明年3月", "2027-03-01", "2027-03-31");
}

#[test]
fn days_that_are_told_as_past_are_past() {
    let date = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    date("วันที่ 12 ที่ผ่านมา", "วันที่ 12 ที่ผ่านมา", "2026-11-12");
    date("สั่งไปเมื่อวันที่ 12", "วันที่ 12", "2026-11-12");
    date("i ordered on the 12th", "the 12th", "2026-11-12");
    date("ซื้อมาเมื่อ 5 ธ.ค.", "5 ธ.ค.", "2025-12-05");
    date("ordered on 27 Nov", "27 Nov", "2025-11-27");
    date("deliver on 27 Nov", "27 Nov", "2026-11-27");
}

#[test]
fn a_weekday_with_its_number_is_one_day() {
    let date = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    date("วันจันทร์ที่ 30", "วันจันทร์ที่ 30", "2026-11-30");
    date("5 ธันวาคมนี้", "5 ธันวาคมนี้", "2026-12-05");
    date("27/11", "27/11", "2026-11-27");
    let (monday, nine) = (json!("2026-11-23"), json!("09:00"));
    check("วันจันทร์ที่ 9 โมง", None, &[("date", "วันจันทร์", monday), ("time", "9 โมง", nine)]);
    let (noon, tomorrow) = (json!("12:00"), json!("2026-11-22"));
    check("เที่ยงวันพรุ่งนี้", None, &[("time", "เที่ยง", noon), ("date", "วันพรุ่งนี้", tomorrow)]);
    let march = json!({ "from": "2025-03-01", "to": "2025-03-31" });
    check("ซื้อไปเมื่อ มี.ค. 68", None, &[("period", "มี.ค. 68", march)]);
}

#[test]
fn days_are_told_by_their_week_month_or_year() {
    let one = |text, written, value: &str| check(text, None, &[("date", written, json!(value))]);
    one("สัปดาห์หน้าวันพุธว่างไหม", "สัปดาห์หน้าวันพุธ", "2026-11-25");
    one("ขอวันพุธของอาทิตย์หน้า", "วันพุธของอาทิตย์หน้า", "2026-11-25");
    one("อาทิตย์ที่แล้ววันจันทร์", "อาทิตย์ที่แล้ววันจันทร์", "2026-11-09");
    one("เดือนหน้าวันที่ 5", "เดือนหน้าวันที่ 5", "2026-12-05");
    one("next month on the 5th", "next month on the 5th", "2026-12-05");
    one("下周的周三可以吗", "下周的周三", "2026-11-25");
    one("ใช้ได้ถึงสิ้นปีนี้", "สิ้นปีนี้", "2026-12-31");
    one("by the end of next year", "end of next year", "2027-12-31");
    one("今年年底", "今年年底", "2026-12-31");
    one("tickets for the 9 Oct show", "9 Oct", "2026-10-09");
}
