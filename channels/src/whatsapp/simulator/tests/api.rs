//! The Graph's calls, as our adapter and anybody's client make them.

use super::*;

#[test]
fn faults_meet_the_next_sends() {
    let mut whatsapp = whatsapp();
    does(&mut whatsapp, PHONE, &says("hi"));
    let faults = [
        Fault::TooManyRequests { seconds: 3 },
        Fault::ServerError,
        Fault::TokenExpired,
        Fault::AcceptThenSilence,
        Fault::Reset,
    ];
    whatsapp.fail_next(&faults);
    let mut next = || {
        let request =
            Whatsapp.plan(&account(), &Destination::thread(PHONE), &Reply::text("x")).requests.remove(0);
        let (answer, webhooks) =
            deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
        (answer.status, Whatsapp.outcome(&request, &answer.as_response()), webhooks.len())
    };
    assert!(matches!(next(), (429, Err(SendError::Retry { .. }), 0)));
    assert!(matches!(next(), (500, Err(SendError::Retry { .. }), 0)));
    assert!(matches!(next(), (401, Err(SendError::Refused { advice, .. }), 0) if advice == "check-token"));
    assert!(matches!(next(), (NO_ANSWER, _, 2)));
    assert!(matches!(next(), (NO_ANSWER, _, 0)));
    assert!(matches!(next(), (200, Ok(_), 2)));
    assert_eq!(whatsapp.transcript(PHONE).len(), 3);
}

#[test]
fn one_person_takes_so_many_messages_at_once() {
    let mut whatsapp = whatsapp();
    does(&mut whatsapp, PHONE, &says("hi"));
    let to = Destination::thread(PHONE);
    for _ in 0..45 {
        assert!(send(&mut whatsapp, &to, &Reply::text("x"), START).0[0].is_ok());
    }
    let (outcomes, _) = send(&mut whatsapp, &to, &Reply::text("x"), START);
    assert!(matches!(outcomes[0], Err(SendError::Retry { after_ms: Some(6_000), .. })));
    assert!(send(&mut whatsapp, &to, &Reply::text("x"), START + 6 * SECOND).0[0].is_ok());
}

#[test]
fn only_our_token_and_address_are_taken() {
    let mut whatsapp = whatsapp();
    let mut stranger = account();
    stranger.secrets.insert("access_token".into(), "EAAother".into());
    let request = Whatsapp.plan(&stranger, &Destination::thread(PHONE), &Reply::text("x")).requests.remove(0);
    let (answer, _) = deliver(&request, &stranger, START, |path, call| whatsapp.handle(path, call)).unwrap();
    assert_eq!(answer.status, 401);
    let mut elsewhere = account();
    elsewhere.external_id = "5".into();
    let request =
        Whatsapp.plan(&elsewhere, &Destination::thread(PHONE), &Reply::text("x")).requests.remove(0);
    let (answer, _) = deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
    assert_eq!(answer.status, 400);
    let (outcomes, _) = send(&mut whatsapp, &Destination::thread("15550783881"), &Reply::text("x"), START);
    assert!(matches!(&outcomes[0], Err(SendError::Refused { code, .. }) if code == "131021"));
}

#[test]
fn registration_says_where_webhooks_go() {
    let mut whatsapp = WhatsappSimulator::new(&account());
    assert!(whatsapp.customer(PHONE, &says("hi"), START).unwrap().is_empty());
    for request in Whatsapp.register(&account(), "https://bots.example/hook") {
        let (answer, _) =
            deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
        assert_eq!(answer.status, 200);
    }
    does(&mut whatsapp, PHONE, &says("hi"));
    for (_, request) in Whatsapp.checks(&account()) {
        let (answer, _) =
            deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(answer.status == 200 && body.get("error").is_none(), "{body}");
    }
    let address = "callback_url=https%3A%2F%2Fbots.example%2Fhook&verify_token=meatyhamhock";
    for (query, kind, body) in
        [(address, "application/json", ""), ("", "application/x-www-form-urlencoded", address)]
    {
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        let call = HttpCall {
            method: HttpMethod::Post,
            query: query.chain([("access_token".into(), "634974688087057|my_app_secret".into())]).collect(),
            headers: vec![("content-type".into(), kind.into())],
            body: body.as_bytes(),
            now: START,
        };
        assert_eq!(whatsapp.handle("/v25.0/634974688087057/subscriptions", &call).0.status, 200);
    }
    let mut other = account();
    other.secrets.insert("verify_token".into(), "wrong".into());
    for request in Whatsapp.register(&other, "https://bots.example/other") {
        let (answer, _) =
            deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
        assert_eq!(answer.status, 400);
    }
    let (_, token) = get(&mut whatsapp, "/v25.0/debug_token", &[("input_token", "other")]);
    assert_eq!(token["data"]["is_valid"], false);
}

#[test]
fn what_is_beyond_the_limits_is_refused_in_the_platforms_words() {
    let mut whatsapp = whatsapp();
    does(&mut whatsapp, PHONE, &says("hi"));
    let mut check = |content: Value, code: i64| {
        let mut body = json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE});
        body.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        let text = body.to_string();
        let call = HttpCall {
            method: HttpMethod::Post,
            query: Vec::new(),
            headers: vec![("authorization".into(), "Bearer EAAJB".into())],
            body: text.as_bytes(),
            now: START,
        };
        let (answer, _) = whatsapp.handle("/106540352242922/messages", &call);
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer["error"]["code"], code, "{body} {answer}");
        assert!(answer["error"]["fbtrace_id"].is_string());
    };
    let interactive = |kind: &str, action: Value| json!({"type": "interactive", "interactive": {"type": kind, "body": {"text": "?"}, "action": action}});
    let key = |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
    let row = |number: usize| json!({"id": number.to_string(), "title": number.to_string()});
    let rows = |count: usize| (0..count).map(row).collect::<Vec<_>>();
    check(json!({"type": "text", "text": {"body": ""}}), 131_009);
    check(json!({"type": "text", "text": {"body": "x".repeat(4097)}}), 131_009);
    check(json!({"type": "text"}), 131_008);
    check(json!({"type": "text", "text": {"body": "x"}, "colour": "red"}), 100);
    check(json!({"type": "text", "text": {"body": "x"}, "messaging_product": "sms"}), 100);
    check(
        json!({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x".repeat(513)}),
        131_009,
    );
    check(json!({"type": "text", "text": {"body": "x"}, "context": {}}), 131_008);
    check(json!({"type": "text", "text": {"body": "x"}, "to": "Malee"}), 131_009);
    check(json!({"type": "poem", "poem": {}}), 131_051);
    check(json!({"type": "image", "image": {"link": "file:///a"}}), 131_009);
    check(json!({"type": "image", "image": {"link": "https://x.example/a", "id": "1"}}), 131_008);
    check(json!({"type": "audio", "audio": {"link": "https://x.example/a", "caption": "x"}}), 100);
    check(json!({"type": "location", "location": {"latitude": "91", "longitude": "0"}}), 131_009);
    check(json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "A"}}]}), 131_008);
    check(json!({"type": "contacts", "contacts": []}), 131_009);
    check(json!({"type": "reaction", "reaction": {"message_id": "no", "emoji": "👍"}}), 131_009);
    let four: Vec<Value> = ["a", "b", "c", "d"].iter().map(|name| key(name, name)).collect();
    check(interactive("button", json!({"buttons": four})), 131_009);
    check(interactive("button", json!({"buttons": [key("a", "A"), key("a", "B")]})), 131_009);
    check(interactive("button", json!({"buttons": [key("a", "A"), key("b", "A")]})), 131_009);
    check(interactive("button", json!({"buttons": [key("a", &"x".repeat(21))]})), 131_009);
    check(interactive("list", json!({"button": "☰", "sections": [{"rows": rows(11)}]})), 131_009);
    let two = json!([{"rows": rows(2)}, {"rows": rows(2)}]);
    check(interactive("list", json!({"button": "☰", "sections": two})), 131_008);
    check(interactive("list", json!({"sections": [{"rows": rows(1)}]})), 131_008);
    check(
        interactive("cta_url", json!({"name": "cta_url", "parameters": {"display_text": "x", "url": "x"}})),
        131_009,
    );
    let template = |text: &str| {
        let body = json!({"type": "body", "parameters": [{"type": "text", "text": text}]});
        json!({"type": "template", "template": {"name": "a", "language": {"code": "th"}, "components": [body]}})
    };
    check(template("a\nb"), 132_018);
    check(template(""), 131_009);
}

#[test]
fn a_file_can_be_uploaded_and_sent() {
    let mut whatsapp = whatsapp();
    let mut body = b"--B\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n".to_vec();
    body.extend([0, 1, 2]);
    body.extend(b"\r\n--B--\r\n");
    let call = HttpCall {
        method: HttpMethod::Post,
        query: Vec::new(),
        headers: vec![
            ("authorization".into(), "Bearer EAAJB".into()),
            ("content-type".into(), "multipart/form-data; boundary=B".into()),
        ],
        body: &body,
        now: START,
    };
    let (answer, _) = whatsapp.handle("/v23.0/106540352242922/media", &call);
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let id = answer["id"].as_str().unwrap().to_owned();
    let (status, told) = get(&mut whatsapp, &format!("/{id}"), &[]);
    assert_eq!((status, &told["mime_type"], &told["file_size"]), (200, &json!("image/png"), &json!("3")));
}
