use serde_json::json;

use super::*;

fn components() -> Value {
    json!([
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://x/h"]}},
        {"type": "BODY", "text": "คุณ {{name}} สั่ง {{order}} แล้ว ({{name}})",
         "example": {"body_text_named_params": [{"param_name": "name", "example": "มะลิ"}]}},
        {"type": "FOOTER", "text": "Baan Kafe"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "URL", "text": "Track", "url": "https://x.example/{{1}}", "example": ["BK1"]}]},
    ])
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn blanks_are_named_in_the_order_of_reading() {
    let found = blanks(&components()).unwrap();
    let keys: Vec<&str> = found.iter().map(|blank| blank.key.as_str()).collect();
    assert_eq!(keys, ["header", "body.name", "body.order", "button.1"]);
    assert_eq!(found[0].kind, BlankKind::Image);
    assert_eq!(found[1].example.as_deref(), Some("มะลิ"));
    let odd = json!([{"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Begin"}]}]);
    assert_eq!(blanks(&odd), Err(FillError::Unsupported("button flow".to_owned())));
}

const GOOD: &[(&str, &str)] = &[
    ("header", "https://x.example/a.png"),
    ("body.name", "{{order}}"),
    ("body.order", "BK240117"),
    ("button.1", "BK240117"),
];

#[test]
fn a_filled_template_reads_as_the_person_sees_it() {
    let filled = fill(("order", "th"), &components(), &values(GOOD)).unwrap();
    assert_eq!(filled.text, "คุณ {{order}} สั่ง BK240117 แล้ว ({{order}})\nBaan Kafe");
    assert_eq!(filled.fields.len(), 5);
    let payload = TemplatePart::Payload { index: 0, payload: "Stop".to_owned() };
    assert_eq!(filled.fields.last(), Some(&payload));
}

fn voucher() -> Value {
    json!([
        {"type": "HEADER", "format": "LOCATION"},
        {"type": "BODY", "text": "See you"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Stop"}, {"type": "COPY_CODE", "text": "Copy", "example": "SPRING"}]},
    ])
}

const VOUCHER: &[(&str, &str)] = &[
    ("header.latitude", "13.7563"),
    ("header.longitude", "100.5018"),
    ("header.name", "Baan Kafe"),
    ("header.address", "1 Charoen Krung"),
    ("button.1", "SPRING25"),
];

#[test]
fn a_place_and_a_coupon_are_filled_in() {
    let found = blanks(&voucher()).unwrap();
    assert_eq!((found.len(), found[4].example.as_deref()), (5, Some("SPRING")));
    let filled = fill(("voucher", "en"), &voucher(), &values(VOUCHER)).unwrap();
    let expected = [
        TemplatePart::HeaderLocation {
            latitude: "13.7563".to_owned(),
            longitude: "100.5018".to_owned(),
            name: "Baan Kafe".to_owned(),
            address: "1 Charoen Krung".to_owned(),
        },
        TemplatePart::CouponCode { index: 1, code: "SPRING25".to_owned() },
        TemplatePart::Payload { index: 0, payload: "Stop".to_owned() },
    ];
    assert_eq!(filled.fields, expected);
    for (key, text) in [
        ("header.latitude", "91"),
        ("header.longitude", "-180.1"),
        ("header.latitude", "NaN"),
        ("header.latitude", "north"),
    ] {
        let mut given = values(VOUCHER);
        given.insert(key.to_owned(), text.to_owned());
        let refused = fill(("voucher", "en"), &voucher(), &given).unwrap_err();
        assert_eq!(refused, FillError::NoDegrees(key.to_owned()));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let check = |change: (&str, Option<&str>), expected: FillError| {
        let mut given = values(GOOD);
        match change.1 {
            Some(text) => given.insert(change.0.to_owned(), text.to_owned()),
            None => given.remove(change.0),
        };
        assert_eq!(fill(("order", "th"), &components(), &given).unwrap_err(), expected);
    };
    check(("body.order", None), FillError::Missing("body.order".to_owned()));
    check(("body.order", Some("  ")), FillError::Missing("body.order".to_owned()));
    check(("body.3", Some("x")), FillError::Unknown("body.3".to_owned()));
    for text in ["a\nb", "a\tb", "a     b"] {
        check(("body.order", Some(text)), FillError::NotOneLine("body.order".to_owned()));
    }
    check(("body.order", Some(&"ก".repeat(1025))), FillError::TooLong("body.order".to_owned()));
    check(("header", Some("file:///etc/passwd")), FillError::NoAddress("header".to_owned()));
}

#[test]
fn a_page_is_read_with_its_cursor() {
    let body = json!({"data": [
        {"name": "a", "language": "th", "status": "APPROVED", "category": "UTILITY", "components": [],
         "quality_score": {"score": "GREEN"}, "rejected_reason": "NONE"},
        {"language": "th"}],
        "paging": {"cursors": {"after": "MQ"}, "next": "https://graph.facebook.com/next"}})
    .to_string();
    let response = HttpResponse { status: 200, headers: Vec::new(), body: body.as_bytes() };
    let page = told(&response);
    assert_eq!((page.templates.len(), page.next.as_deref()), (1, Some("MQ")));
    assert_eq!((page.templates[0].quality.as_deref(), &page.templates[0].reason), (Some("GREEN"), &None));
}

/// As the Graph tells them: before they are approved, and afterwards.
#[test]
fn a_password_is_filled_in_once_and_said_twice() {
    let otp = json!({"type": "OTP", "otp_type": "ONE_TAP", "text": "Copy"});
    let url = "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}";
    let approved = json!({"type": "URL", "text": "Copy", "url": url, "example": ["otp123456"]});
    let bodies = [
        json!({"type": "BODY", "add_security_recommendation": true}),
        json!({"type": "BODY", "text": "*{{1}}* is your verification code."}),
    ];
    for (button, (body, expected)) in [otp, approved]
        .into_iter()
        .zip(bodies.into_iter().zip(["A1-77", "*A1-77* is your verification code."]))
    {
        let footer = json!({"type": "FOOTER", "code_expiration_minutes": 10});
        let components = json!([body, footer, {"type": "BUTTONS", "buttons": [button]}]);
        let found = blanks(&components).unwrap();
        assert_eq!((found.len(), found[0].key.as_str(), found[0].kind), (1, "body.1", BlankKind::Code));
        let filled = fill(("otp", "en"), &components, &values(&[("body.1", "A1-77")])).unwrap();
        let text = || "A1-77".to_owned();
        assert_eq!(
            filled.fields,
            [
                TemplatePart::Body { name: None, text: text() },
                TemplatePart::UrlEnding { index: 0, text: text() }
            ]
        );
        assert_eq!(filled.text, expected);
        let long = fill(("otp", "en"), &components, &values(&[("body.1", "1234567890123456")]));
        assert_eq!(long.unwrap_err(), FillError::NoCode("body.1".to_owned()));
    }
}

#[test]
fn a_coupon_is_letters_and_digits() {
    for code in ["SPRING-25", "ลด25", "SPRING2026SPRING"] {
        let mut given = values(VOUCHER);
        given.insert("button.1".to_owned(), code.to_owned());
        let refused = fill(("voucher", "en"), &voucher(), &given).unwrap_err();
        assert_eq!(refused, FillError::NoCode("button.1".to_owned()), "{code}");
    }
}

#[test]
fn a_named_blank_in_a_header_keeps_its_name() {
    let example = json!({"header_text_named_params": [{"param_name": "name", "example": "Albert"}]});
    let components = json!([{"type": "HEADER", "format": "TEXT", "text": "Hello {{name}}", "example": example},
        {"type": "BODY", "text": "Welcome"}]);
    let found = blanks(&components).unwrap();
    assert_eq!((found[0].key.as_str(), found[0].example.as_deref()), ("header.name", Some("Albert")));
    let filled = fill(("hello", "en"), &components, &values(&[("header.name", "มะลิ")])).unwrap();
    let header = TemplatePart::HeaderText { name: Some("name".to_owned()), text: "มะลิ".to_owned() };
    assert_eq!((filled.fields, filled.text.as_str()), (vec![header], "Hello มะลิ\nWelcome"));
}
