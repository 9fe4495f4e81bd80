//! What only Thailand has: identity numbers, bank slips, postcodes, provinces, addresses.

use serde_json::{Value, json};

use super::check;

#[test]
fn identity_numbers_are_known_by_their_check_digit_and_masked() {
    let person = |text, written, value: &str| check(text, None, &[("national_id", written, json!(value))]);
    person("เลขบัตร 1-1111-22222-33-2 ค่ะ", "1-1111-22222-33-2", "X-XXXX-XXXXX-33-2");
    person("เลขบัตร1805001234001ครับ", "1805001234001", "X-XXXX-XXXXX-00-1");
    person("id no. 3 4099 00781 52 1", "3 4099 00781 52 1", "X-XXXX-XXXXX-52-1");
    person("身份证3101200556783", "3101200556783", "X-XXXX-XXXXX-78-3");
    check("my tax id 3409900781237", None, &[("tax_id", "3409900781237", json!("3409900781237"))]);
    check("0-1055-66001-21-1", None, &[("tax_id", "0-1055-66001-21-1", json!("0105566001211"))]);
    check("ลองใส่ 3109901234562", None, &[]);
    check("3109901234562", Some("tax_id"), &[("tax_id", "3109901234562", json!("3109901234562"))]);
}

#[test]
fn slips_are_masked_and_parcels_are_none() {
    let slip = |text, written, value: &str| check(text, None, &[("slip_reference", written, json!(value))]);
    slip("รหัสอ้างอิง 016100ATF0488213", "016100ATF0488213", "XXXXXXXXXXXX8213");
    slip("เลขที่รายการAB12CD34EF56GH78ตรวจด้วย", "AB12CD34EF56GH78", "XXXXXXXXXXXXGH78");
    slip("Ref: txn20261120c88qz", "txn20261120c88qz", "XXXXXXXXXXXX88qz");
    slip("transaction ID KPLUS04127788QA", "KPLUS04127788QA", "XXXXXXXXXXX88QA");
    slip("参考号 2026112512345678", "2026112512345678", "XXXXXXXXXXXX5678");
    slip("เลขอ้างอิงของผมคือ 202611251234ABCD", "202611251234ABCD", "XXXXXXXXXXXXABCD");
    slip("โอนแล้ว 014329123456BTF09876", "014329123456BTF09876", "XXXXXXXXXXXXXXXX9876");
    check(
        "รหัสอ้างอิง C20261228A0001 กับ C20261228A0002",
        None,
        &[
            ("slip_reference", "C20261228A0001", json!("XXXXXXXXXX0001")),
            ("slip_reference", "C20261228A0002", json!("XXXXXXXXXX0002")),
        ],
    );
    check("ref BK240117", None, &[("order_number", "BK240117", json!("BK240117"))]);
    for text in
        ["tracking EX123456789TH", "快递单号 TH01234567890A", "transaction ID will follow", "refunded"]
    {
        check(text, None, &[]);
    }
}

#[test]
fn provinces_by_all_their_names() {
    let one = |text, written, value: &str| check(text, None, &[("province", written, json!(value))]);
    one("ส่งโคราชกี่วัน", "โคราช", "นครราชสีมา");
    one("จ.เลยส่งไหม", "เลย", "เลย");
    one("pickup ที่ BKK", "BKK", "กรุงเทพมหานคร");
    one("ส่งกทม.ไหม", "กทม.", "กรุงเทพมหานคร");
    one("to khon kaen", "khon kaen", "ขอนแก่น");
    one("to Chaing Mai", "Chaing Mai", "เชียงใหม่");
    one("Nan province", "Nan", "น่าน");
    one("寄到清迈", "清迈", "เชียงใหม่");
    one("ไปร้อยเอ็ด", "ร้อยเอ็ด", "ร้อยเอ็ด");
    check("เลย", Some("province"), &[("province", "เลย", json!("เลย"))]);
    for text in
        ["ส่งเลยค่ะ", "ตากผ้า", "ประจวบเหมาะ", "ธนาคารกรุงเทพ", "曼谷银行", "คุณสุรินทร์", "ส่งพัทยา", "nee loei"]
    {
        check(text, None, &[]);
    }
}

#[test]
fn five_digits_are_a_postcode_beside_its_word_or_place() {
    let one = |text, written| check(text, None, &[("postcode", written, json!(written))]);
    one("รหัสไปรษณีย์ 10240", "10240");
    one("zip 50180", "50180");
    one("邮编10310", "10310");
    check("10240", Some("postcode"), &[("postcode", "10240", json!("10240"))]);
    check(
        "清迈50200",
        None,
        &[("province", "清迈", json!("เชียงใหม่")), ("postcode", "50200", json!("50200"))],
    );
    check("41000 อุดร", None, &[("postcode", "41000", json!("41000")), ("province", "อุดร", json!("อุดรธานี"))]);
    check("10240 points", None, &[("number", "10240", json!(10_240))]);
    check("postcode 00123", None, &[("number", "00123", json!(123))]);
}

#[test]
fn addresses_go_from_the_house_to_the_postcode() {
    let one = |text, written, value: Value| check(text, None, &[("address", written, value)]);
    one(
        "ส่งที่ 99/12 ซอยลาดพร้าว 101 แขวงคลองจั่น เขตบางกะปิ กทม. 10240 ค่ะ",
        "99/12 ซอยลาดพร้าว 101 แขวงคลองจั่น เขตบางกะปิ กทม. 10240",
        json!({ "postcode": "10240", "province": "กรุงเทพมหานคร" }),
    );
    one(
        "41 หมู่ 16 ต.คลองหนึ่ง อ.คลองหลวง จ.ปทุมธานี 12120 ฝากไว้หน้าหอ",
        "41 หมู่ 16 ต.คลองหนึ่ง อ.คลองหลวง จ.ปทุมธานี 12120",
        json!({ "postcode": "12120", "province": "ปทุมธานี" }),
    );
    one(
        "New address: 25 Sukhumvit Soi 33, Watthana, Bangkok 10110. Old one pls delete",
        "25 Sukhumvit Soi 33, Watthana, Bangkok 10110",
        json!({ "postcode": "10110", "province": "กรุงเทพมหานคร" }),
    );
    one(
        "77/3 Moo 2, T. Ao Nang, A. Mueang, Krabi 81000",
        "77/3 Moo 2, T. Ao Nang, A. Mueang, Krabi 81000",
        json!({ "postcode": "81000", "province": "กระบี่" }),
    );
    one(
        "88 หมู่ 3 ตำบลหนองหอย อำเภอเมือง จังหวัดเชียงใหม่",
        "88 หมู่ 3 ตำบลหนองหอย อำเภอเมือง จังหวัดเชียงใหม่",
        json!({ "province": "เชียงใหม่" }),
    );
    one("99/5 หมู่ 4 ต.บางรัก ค่ะ", "99/5 หมู่ 4 ต.บางรัก", json!({}));
    check(
        "3 house blend to Phuket 83000",
        None,
        &[
            ("number", "3", json!(3)),
            ("product", "house blend", json!("house_blend")),
            ("province", "Phuket", json!("ภูเก็ต")),
            ("postcode", "83000", json!("83000")),
        ],
    );
}

#[test]
fn telephones_beside_other_digits() {
    let one = |text, written, value: &str| check(text, None, &[("phone", written, json!(value))]);
    one("call me0815550177", "0815550177", "+66815550177");
    one("+886 912 345 678", "+886 912 345 678", "+886912345678");
    one("(081) 555-0123", "(081) 555-0123", "+66815550123");
    one("0066815550123", "0066815550123", "+66815550123");
    check(
        "0815550177 500 บาท",
        None,
        &[
            ("phone", "0815550177", json!("+66815550177")),
            ("money", "500 บาท", json!({ "amount": 500, "currency": "THB" })),
        ],
    );
    check("退到账户 045-2-81736-9", None, &[]);
    check("บัญชี 0815550177", None, &[]);
}
