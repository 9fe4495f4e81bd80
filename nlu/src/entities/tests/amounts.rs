//! Numbers, shares and money as people write them.

use serde_json::{Value, json};

use super::check;

#[test]
fn shares_of_a_hundred() {
    let one = |text, written, value: Value| check(text, None, &[("percent", written, value)]);
    one("ลด 20% ไหม", "20%", json!(20));
    one("ห้าสิบเปอร์เซ็นต์เลยเหรอ", "ห้าสิบเปอร์เซ็นต์", json!(50));
    one("หักร้อยละ 7", "ร้อยละ 7", json!(7));
    one("1.5 per cent", "1.5 per cent", json!(1.5));
    one("ten percnt off", "ten percnt", json!(10));
    one("百分之二十五", "百分之二十五", json!(25));
    one("20％折扣", "20％", json!(20));
    check("5-10% off", None, &[("percent", "5", json!(5)), ("percent", "10%", json!(10))]);
    check("ten perfect cups", None, &[("number", "ten", json!(10))]);
}

#[test]
fn money_is_written_in_many_ways() {
    let one = |text, written, amount: Value, currency: &str| {
        check(text, None, &[("money", written, json!({ "amount": amount, "currency": currency }))]);
    };
    one("ขาดอีก 35 สตางค์", "35 สตางค์", json!(0.35), "THB");
    one("ยอด 120 บาท 75 สต.", "120 บาท 75 สต.", json!(120.75), "THB");
    one("THB500 already", "THB500", json!(500), "THB");
    one("RM 380", "RM 380", json!(380), "MYR");
    one("£25 via Wise", "£25", json!(25), "GBP");
    one("200 SGD", "200 SGD", json!(200), "SGD");
    one("650 bht", "650 bht", json!(650), "THB");
    one("ราคา 1,290.- ใช่ไหม", "1,290.-", json!(1290), "THB");
    one("สั่งไป 560บ.โอนแล้ว", "560บ.", json!(560), "THB");
    one("ขอลดสักร้อยนึง", "ร้อยนึง", json!(100), "THB");
    one("โอนไป 590 แล้วนะ", "590", json!(590), "THB");
    one("โอนกรุงเทพ 6920 แล้ว", "6920", json!(6920), "THB");
    one("I paid 2350 too much", "2350", json!(2350), "THB");
    one("ร้อยแปดสิบบาท", "ร้อยแปดสิบบาท", json!(180), "THB");
    one("quoted twelve hundred baht", "twelve hundred baht", json!(1200), "THB");
    one("โอน 2แสน5 บาท", "2แสน5 บาท", json!(250_000), "THB");
    one("3 หมื่น 5 บาท", "3 หมื่น 5 บาท", json!(35_000), "THB");
    one("2พันห้าร้อยบาท", "2พันห้าร้อยบาท", json!(2500), "THB");
    one("สองพันห้าบาท", "สองพันห้าบาท", json!(2500), "THB");
    one("一千五泰铢", "一千五泰铢", json!(1500), "THB");
    one("三百五十铢", "三百五十铢", json!(350), "THB");
    check("2 pounds of beans", None, &[("number", "2", json!(2))]);
    check("โอน 3 ครั้ง", None, &[("number", "3", json!(3))]);
}

#[test]
fn what_counts_nothing_is_no_number() {
    for text in [
        "5555 ขำมาก",
        "น่ารักดี 55",
        "รับที่ 7-11 ได้ไหม",
        "open 24/7",
        "high five to your team",
        "i'm on cloud nine",
        "a six-pack",
        "the 2nd bag",
        "ครั้งที่ 2 แล้วนะ",
        "第2次了",
        "barcode 8850123456781",
        "account 123-4-56789-0",
        "card 4111 1111 1111 1111",
        "error 404",
        "ซ.5",
        "สิบแปดมงกุฎ",
        "กาแฟหกใส่กล่อง",
        "ร้านอยู่สี่แยก",
        "สินค้ามือสอง",
        "ล้านแปด",
        "เกินร้อย",
        "十分感谢",
        "千万别忘了",
        "第一个",
        "zero sugar",
        "a five star hotel",
        "โปร 11.11 มีไหม",
        "555 ร้านนี้แหละ",
    ] {
        check(text, None, &[]);
    }
}

#[test]
fn what_is_counted_is_a_number() {
    let one = |text, written, value: Value| check(text, None, &[("number", written, value)]);
    one("ขอสองโหล", "สองโหล", json!(24));
    one("two dozen lids", "two dozen", json!(24));
    one("half a dozen lids", "half a dozen", json!(6));
    one("คนร้อยยี่สิบคน", "ร้อยยี่สิบ", json!(120));
    one("แยกใบเสร็จเป็นสองใบ", "สอง", json!(2));
    one("one bag please", "one", json!(1));
    one("lids x2", "2", json!(2));
    one("2,5 kg", "2,5", json!(2.5));
    one("two hundred and five cups", "two hundred and five", json!(205));
    check("two and three cups", None, &[("number", "two", json!(2)), ("number", "three", json!(3))]);
    one("六盒多少钱", "六", json!(6));
    one("有1,200个纸杯吗", "1,200", json!(1200));
    check("one oat milk", None, &[("number", "one", json!(1)), ("product", "oat milk", json!("oat_milk"))]);
}

#[test]
fn telephone_numbers_are_read_out() {
    let phone = |text, written| check(text, None, &[("phone", written, json!("+66812345678"))]);
    phone("โทรศูนย์แปดหนึ่งสองสามสี่ห้าหกเจ็ดแปด", "ศูนย์แปดหนึ่งสองสามสี่ห้าหกเจ็ดแปด");
    phone(
        "it is zero eight one, two three four, five six seven eight",
        "zero eight one, two three four, five six seven eight",
    );
    check("หนึ่งสองสามสี่ห้าหก เทสๆ", None, &[]);
}

#[test]
fn mobile_numbers_of_china_are_known_among_chinese() {
    let phone = |text, written| check(text, None, &[("phone", written, json!("+8613812345678"))]);
    phone("电话13812345678", "13812345678");
    phone("手机138-1234-5678，请联系我", "138-1234-5678");
    check("call me at 555-1234", None, &[]);
}
