use super::*;
use crate::{HttpResponse, channel};

const SECRET: &str = "my_app_secret";

fn account() -> AccountConfig {
    let secrets = [("app_secret", SECRET), ("app_secret.previous", "old"), ("verify_token", "meatyhamhock")];
    let secrets = secrets.into_iter().map(|(name, secret)| (name.to_owned(), secret.to_owned())).collect();
    AccountConfig { id: "shop".into(), secrets, ..AccountConfig::default() }
}

fn call<'a>(headers: &[(&str, &str)], body: &'a [u8]) -> HttpCall<'a> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: 0 }
}

/// Signatures made by Python's hmac, not by this code.
const VECTORS: [(&[u8], &str); 2] = [
    (
        br#"{"object":"page","entry":[]}"#,
        "sha256=f373092cfe9f34e1e016a6b15554116814589f121d055510f67b1f54e51b9eae",
    ),
    (
        br#"{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"message":{"mid":"m_1","text":"\u00e4\u00f6\/\ud83d\ude00"}}]}]}"#,
        "sha256=6f5444cd0bea80b604dc414eacc5c133b8d46751e17c927869ae2a265f08bbd2",
    ),
];

#[test]
fn signatures_of_others_verify() {
    for (body, signature) in VECTORS {
        assert!(verify(&account(), &call(&[(SIGNATURE_HEADER, signature)], body)));
        assert_eq!(sign(SECRET, body), signature);
        assert!(verify(&account(), &call(&[(SIGNATURE_HEADER, &sign("old", body))], body)));
    }
}

#[test]
fn nothing_else_verifies() {
    let (body, signature) = VECTORS[0];
    let digits = signature.trim_start_matches("sha256=");
    let upper = format!("sha256={}", digits.to_uppercase());
    let short = &signature[..signature.len() - 2];
    for wrong in ["", "sha256=", digits, &upper, short, &format!("{signature}00"), &format!(" {signature}")] {
        assert!(!verify(&account(), &call(&[(SIGNATURE_HEADER, wrong)], body)), "{wrong}");
    }
    let sha1 = [("x-hub-signature", "sha1=0000000000000000000000000000000000000000")];
    assert!(!verify(&account(), &call(&sha1, body)));
    assert!(!verify(&account(), &call(&[], body)));
    let twice = [(SIGNATURE_HEADER, signature), (SIGNATURE_HEADER, signature)];
    assert!(!verify(&account(), &call(&twice, body)));
    assert!(!verify(&AccountConfig::default(), &call(&[(SIGNATURE_HEADER, &sign("", body))], body)));
}

#[test]
fn every_flipped_bit_is_refused() {
    let (body, signature) = VECTORS[1];
    for bit in 0..body.len() * 8 {
        let mut flipped = body.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify(&account(), &call(&[(SIGNATURE_HEADER, signature)], &flipped)));
    }
}

#[test]
fn a_handshake_is_answered_with_its_challenge_alone() {
    let get = |token: &str, mode: &str| HttpCall {
        method: HttpMethod::Get,
        query: [("hub.mode", mode), ("hub.challenge", "1158201444"), ("hub.verify_token", token)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        headers: Vec::new(),
        body: b"",
        now: 0,
    };
    for name in [crate::ChannelName::Messenger, crate::ChannelName::Instagram, crate::ChannelName::Whatsapp] {
        let received = channel(name).receive(&account(), &get("meatyhamhock", "subscribe")).unwrap();
        assert_eq!(received, Received { events: Vec::new(), answer: "1158201444".into() });
        for (token, mode) in [("wrong", "subscribe"), ("", "subscribe"), ("meatyhamhock", "unsubscribe")] {
            assert_eq!(channel(name).receive(&account(), &get(token, mode)), Err(Refusal::Unverified));
        }
    }
}

#[test]
fn errors_are_read_wherever_the_graph_puts_them() {
    let error = |status, body: &str| {
        graph_error(&HttpResponse { status, headers: Vec::new(), body: body.as_bytes() })
    };
    let window = r#"{"error":{"message":"(#10) outside of allowed window.","type":"OAuthException","code":10,"error_subcode":2018278}}"#;
    let found = error(400, window).unwrap();
    assert_eq!((found.code, found.subcode), (10, Some(2_018_278)));
    let rate = r#"{"error":{"message":"(#130429) Rate limit hit","code":130429,"error_data":{"details":"Throughput has been reached."}}}"#;
    assert_eq!(error(400, rate).unwrap().reason, "(#130429) Rate limit hit: Throughput has been reached.");
    let page = error(502, "<html>").unwrap();
    assert_eq!((page.code, page.reason.as_str()), (0, "HTTP 502"));
    assert_eq!(error(200, "{}"), None);
}
