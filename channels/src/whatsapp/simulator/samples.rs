//! The templates of the pretended business account where nobody gave it others.

use serde_json::{Value, json};

/// One for each thing that happens to templates: approved in two languages, with a picture, paused, waiting.
pub(super) fn templates() -> Vec<Value> {
    let url = json!({"type": "URL", "text": "ติดตามพัสดุ", "url": "https://baankafe.example/track/{{1}}", "example": ["BK240117"]});
    vec![
        json!({
            "name": "order_shipped", "language": "th", "category": "UTILITY", "status": "APPROVED",
            "quality_score": {"score": "GREEN", "date": 1_767_225_600},
            "components": [
                {"type": "BODY", "text": "คุณ{{1}} คำสั่งซื้อ {{2}} ส่งแล้วค่ะ", "example": {"body_text": [["มะลิ", "BK240117"]]}},
                {"type": "FOOTER", "text": "บ้านกาแฟซัพพลาย"},
                {"type": "BUTTONS", "buttons": [url]}],
        }),
        json!({
            "name": "order_shipped", "language": "en", "category": "UTILITY", "status": "APPROVED",
            "components": [{"type": "BODY", "text": "{{1}}, your order {{2}} is on its way.",
                "example": {"body_text": [["Mali", "BK240117"]]}}],
        }),
        json!({
            "name": "new_harvest", "language": "th", "category": "MARKETING", "status": "APPROVED",
            "components": [
                {"type": "HEADER", "format": "IMAGE"},
                {"type": "BODY", "text": "เมล็ดกาแฟดอยช้างฤดูใหม่มาแล้วค่ะ คุณ{{1}}", "example": {"body_text": [["มะลิ"]]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "สนใจ"}, {"type": "QUICK_REPLY", "text": "ไม่รับข่าวสาร"}]}],
        }),
        json!({
            "name": "payment_reminder", "language": "th", "category": "UTILITY", "status": "PAUSED",
            "components": [{"type": "BODY", "text": "ใบแจ้งหนี้ {{1}} ครบกำหนดวันนี้ค่ะ"}],
        }),
        json!({
            "name": "spring_sale", "language": "th", "category": "MARKETING", "status": "PENDING",
            "components": [{"type": "BODY", "text": "ลดราคาเมล็ดกาแฟทั้งร้าน"}],
        }),
    ]
}
