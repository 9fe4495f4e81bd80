//! The shop as its callers see it: requests in, status and JSON out.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt;

use super::*;

/// Friday, 20 November 2026, 09:00 in Bangkok.
fn shop() -> Router {
    router(Clock::fixed(Micros(1_795_140_000_000_000)))
}

async fn call(shop: &Router, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request =
        Request::builder().method(method).uri(path).header("content-type", "application/json").body(body);
    let response = shop.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Each step: method, path, body, expected status, expected answer. One shop lives through all of them.
async fn check(steps: Vec<(&str, &str, Value, u16, Value)>) {
    let shop = shop();
    for (method, path, body, status, expected) in steps {
        assert_eq!(call(&shop, method, path, body).await, (status, expected), "{method} {path}");
    }
}

#[tokio::test]
async fn an_order_is_shown_in_its_customers_language() {
    check(vec![
        ("GET", "/orders/BK240117", Value::Null, 200, json!({
            "number": "BK240117", "status": "shipped", "paid": true, "carrier": "Flash", "tracking": "TH358VGS9ZM5C",
            "eta": "2026-11-21", "total": 120_000, "items": [
                { "sku": "BEAN-02", "name": "เฮาส์เบลนด์ 1 กก.", "quantity": 2 },
                { "sku": "SYRP-01", "name": "ไซรัปคาราเมล", "quantity": 1 },
            ],
        })),
        ("GET", "/orders/bk240556", Value::Null, 200, json!({
            "number": "BK240556", "status": "delivered", "paid": true, "carrier": "Kerry", "tracking": "KEX25430656909",
            "total": 168_000, "items": [
                { "sku": "BEAN-01", "name": "Doi Chang single origin 1kg", "quantity": 1 },
                { "sku": "CUPS-01", "name": "Paper cup 8oz x1000", "quantity": 1 },
            ],
        })),
        // Two days from a Friday is a Sunday, so it comes on Monday. A little under 3,000 baht pays for delivery.
        ("GET", "/orders/BK240777", Value::Null, 200, json!({
            "number": "BK240777", "status": "shipped", "paid": true, "carrier": "Thailand Post",
            "tracking": "EF670850867TH", "eta": "2026-11-23", "total": 283_000, "items": [
                { "sku": "BEAN-03", "name": "深烘意式咖啡豆 1公斤", "quantity": 5 },
                { "sku": "SYRP-03", "name": "泰式奶茶糖浆", "quantity": 2 },
            ],
        })),
        ("GET", "/orders/BK999999", Value::Null, 404, json!({ "error": "not_found" })),
        ("GET", "/orders/%E0%B8%81", Value::Null, 404, json!({ "error": "not_found" })),
        ("GET", "/nowhere", Value::Null, 404, json!({ "error": "not_found" })),
    ])
    .await;
}

#[tokio::test]
async fn an_order_in_the_warehouse_can_be_cancelled_once_and_for_all() {
    let cancelled = json!({ "number": "BK240320", "refund": 200_000 });
    check(vec![
        ("POST", "/orders/BK240320/cancel", json!({}), 200, cancelled.clone()),
        ("POST", "/orders/BK240320/cancel", json!({}), 200, cancelled),
        (
            "PUT",
            "/orders/BK240320/address",
            json!({ "address": "99/1" }),
            409,
            json!({ "error": "already_cancelled" }),
        ),
        ("POST", "/orders/BK240118/cancel", Value::Null, 200, json!({ "number": "BK240118" })),
        (
            "POST",
            "/orders/BK240882/cancel",
            json!({}),
            200,
            json!({ "number": "BK240882", "refund": 259_000 }),
        ),
        ("POST", "/orders/BK240117/cancel", json!({}), 409, json!({ "error": "already_shipped" })),
        ("POST", "/orders/BK240556/cancel", json!({}), 409, json!({ "error": "already_delivered" })),
        ("POST", "/orders/BK241203/cancel", json!({}), 409, json!({ "error": "already_cancelled" })),
        ("POST", "/orders/BK999999/cancel", json!({}), 404, json!({ "error": "not_found" })),
    ])
    .await;
    let shop = shop();
    call(&shop, "POST", "/orders/BK240882/cancel", Value::Null).await;
    let (_, order) = call(&shop, "GET", "/orders/BK240882", Value::Null).await;
    assert_eq!((&order["status"], order.get("eta"), order.get("carrier")), (&json!("cancelled"), None, None));
}

#[tokio::test]
async fn papers_of_an_order_keep_their_references() {
    let company =
        json!({ "company": "บริษัท กาแฟดี จำกัด", "tax_id": "0-1055-61234-56-7", "email": "acc@kafe.example" });
    let with = |field: &str, value: &str| {
        let mut company = company.clone();
        company[field] = value.into();
        company
    };
    check(vec![
        (
            "PUT",
            "/orders/BK240119/address",
            json!({ "address": " 99/1 ถ.นิมมาน " }),
            200,
            json!({ "number": "BK240119", "address": "99/1 ถ.นิมมาน" }),
        ),
        (
            "PUT",
            "/orders/BK240119/address",
            json!({ "address": " " }),
            422,
            invalid("address: nothing is given"),
        ),
        (
            "PUT",
            "/orders/BK240117/address",
            json!({ "address": "x" }),
            409,
            json!({ "error": "already_shipped" }),
        ),
        ("POST", "/orders/BK240117/tax-invoice", company.clone(), 200, json!({ "reference": "TX-BK240117" })),
        ("POST", "/orders/BK240117/tax-invoice", company.clone(), 200, json!({ "reference": "TX-BK240117" })),
        (
            "POST",
            "/orders/BK240117/tax-invoice",
            with("tax_id", "12345"),
            422,
            invalid("tax_id: 13 digits are needed"),
        ),
        ("POST", "/orders/BK240117/tax-invoice", with("email", "acc"), 422, invalid("email: there is no @")),
        ("POST", "/orders/BK241203/tax-invoice", company, 409, json!({ "error": "already_cancelled" })),
        ("POST", "/orders/BK240118/payment-slip", json!({}), 200, json!({ "reference": "SL-BK240118" })),
        (
            "POST",
            "/orders/BK240118/cancel",
            json!({}),
            200,
            json!({ "number": "BK240118", "refund": 450_000 }),
        ),
        ("POST", "/orders/BK240118/payment-slip", json!({}), 409, json!({ "error": "already_cancelled" })),
        ("POST", "/orders/BK999999/payment-slip", json!({}), 404, json!({ "error": "not_found" })),
    ])
    .await;
}

/// Each step: body, expected status, expected answer. One shop lives through all of them.
async fn check_bookings(path: &str, steps: Vec<(Value, u16, Value)>) {
    check(steps.into_iter().map(|(body, status, answer)| ("POST", path, body, status, answer)).collect())
        .await;
}

fn refused(reason: &str) -> Value {
    json!({ "error": reason })
}

fn invalid(detail: &str) -> Value {
    json!({ "error": "invalid", "detail": detail })
}

#[tokio::test]
async fn technicians_come_on_working_days() {
    let visit = |machine: &str, day: &str| json!({ "machine": machine, "problem": "น้ำรั่ว", "phone": "0812345678", "day": day });
    let booked = |reference: &str, day: &str| json!({ "reference": reference, "day": day });
    let steps = vec![
        (visit("MACH-02", "2026-11-21"), 200, booked("SV-1001", "2026-11-21")),
        (visit("mach-02", "2026-11-20"), 409, refused("day_is_past")),
        (visit("GRND-01", "2026-11-22"), 409, refused("closed_on_sunday")),
        (visit("GRND-01", "2026-11-23"), 200, booked("SV-1002", "2026-11-23")),
        (visit("BEAN-01", "2026-11-21"), 422, invalid("machine: the shop has no such machine")),
    ];
    check_bookings("/service-visits", steps).await;
    for body in [json!({ "machine": "MACH-01" }), visit("MACH-01", "tomorrow"), json!([]), Value::Null] {
        let (status, answer) = call(&shop(), "POST", "/service-visits", body).await;
        assert_eq!((status, &answer["error"]), (422, &json!("invalid")));
    }
}

#[tokio::test]
async fn a_training_day_has_six_seats() {
    let training = |date: &str, people: u32| json!({ "date": date, "people": people, "name": "มะลิ", "phone": "0812345678" });
    let booked = |reference: &str, date: &str, total: i64| json!({ "reference": reference, "date": date, "total": total });
    let steps = vec![
        (training("2026-11-25", 4), 200, booked("TR-1001", "2026-11-25", 3_600_000)),
        (training("2026-11-25", 3), 409, refused("full")),
        (training("2026-11-25", 2), 200, booked("TR-1002", "2026-11-25", 1_800_000)),
        (training("2026-11-28", 6), 200, booked("TR-1003", "2026-11-28", 5_400_000)),
        (training("2026-12-02", u32::MAX), 409, refused("full")),
        (training("2026-11-26", 1), 409, refused("no_training_on_this_day")),
        (training("2026-11-18", 1), 409, refused("day_is_past")),
        (training("2026-12-02", 0), 422, invalid("people: nobody would come")),
    ];
    check_bookings("/trainings", steps).await;
}

#[tokio::test]
async fn a_wholesale_account_needs_a_name_and_a_phone() {
    let account = |name: &str, phone: &str| json!({ "name": name, "business": "Ton's Cafe", "phone": phone });
    let steps = vec![
        (account("Ton", "021234567"), 200, json!({ "reference": "WS-1001" })),
        (account(" ", "021234567"), 422, invalid("name: nothing is given")),
        (account("Ton", ""), 422, invalid("phone: nothing is given")),
        (account("ต้น", "021234567"), 200, json!({ "reference": "WS-1002" })),
    ];
    check_bookings("/wholesale-accounts", steps).await;
}

#[tokio::test]
async fn products_are_found_by_sku_and_by_words_of_three_languages() {
    let shop = shop();
    for (query, expected) in [
        ("BEAN-02", &["BEAN-02"][..]),
        ("mach-01", &["MACH-01"]),
        ("house blend", &["BEAN-02"]),
        ("ดอยช้าง", &["BEAN-01"]),
        ("ไซรัป", &["SYRP-01", "SYRP-02", "SYRP-03"]),
        ("เครื่องชง หัว", &["MACH-01", "MACH-02"]),
        ("双头", &["MACH-02"]),
        ("糖浆", &["SYRP-01", "SYRP-02", "SYRP-03"]),
        ("Oat latte", &["MILK-02"]),
        ("teapot", &[]),
    ] {
        let path = format!(
            "/products?{}",
            url::form_urlencoded::Serializer::new(String::new()).append_pair("query", query).finish()
        );
        let (status, answer) = call(&shop, "GET", &path, Value::Null).await;
        let found: Vec<&str> = answer["products"]
            .as_array()
            .unwrap()
            .iter()
            .map(|product| product["sku"].as_str().unwrap())
            .collect();
        assert_eq!((status, &*found), (200, expected), "{query}");
    }
    let (_, all) = call(&shop, "GET", "/products", Value::Null).await;
    assert_eq!(all["products"].as_array().unwrap().len(), 18);
    assert_eq!(all["products"][1]["price"], 42_000);
}

#[tokio::test]
async fn promotions_end() {
    let clock = Clock::fixed(Micros(1_795_140_000_000_000));
    let shop = router(clock.clone());
    for (days, expected) in [
        (0, vec![json!("2026-12-02"), json!("2026-12-16"), Value::Null]),
        (13, vec![json!("2026-12-16"), Value::Null]),
        (20, vec![Value::Null]),
    ] {
        clock.advance_millis(days * 86_400_000);
        let (_, answer) = call(&shop, "GET", "/promotions", Value::Null).await;
        let until: Vec<Value> = answer["promotions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|promotion| promotion["until"].clone())
            .collect();
        assert_eq!(until, expected);
    }
}

#[tokio::test]
async fn the_data_is_whole() {
    let opened = day(Micros(1_795_140_000_000_000));
    let catalogue = Catalogue::read(opened);
    let shop = shop();
    let rows: Vec<Value> = serde_saphyr::from_str(include_str!("../data/orders.yaml")).unwrap();
    assert_eq!(rows.len(), 60);
    let mut seen = std::collections::BTreeMap::new();
    for row in &rows {
        let number = row["number"].as_str().unwrap();
        let (prefix, digits) = number.split_at(2);
        assert!(
            prefix.chars().all(|c| c.is_ascii_uppercase())
                && digits.len() == 6
                && digits.parse::<u32>().is_ok(),
            "{number}"
        );
        let (status, order) = call(&shop, "GET", &format!("/orders/{number}"), Value::Null).await;
        assert_eq!((status, &order["number"]), (200, &row["number"]));
        let items = row["items"].as_object().unwrap();
        assert!(items.keys().all(|sku| catalogue.product(sku).is_some()), "{number} has an unknown product");
        assert_eq!(order["items"].as_array().unwrap().len(), items.len());
        assert!(order.get("tracking").is_none() || order.get("carrier").is_some(), "{number}");
        let moving = matches!(order["status"].as_str(), Some("packed" | "shipped"));
        assert_eq!(order.get("eta").is_some(), moving, "{number}");
        *seen.entry(order["status"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 5, "every status is there: {seen:?}");
}
