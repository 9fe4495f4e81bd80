//! What is tried against webhooks, one by one.

use base64::prelude::BASE64_URL_SAFE;

use super::*;

/// Valid HMAC-SHA1 of the three bodies under the secret: Meta still sends the like beside SHA-256, and it proves nothing.
const SHA1: [(ChannelName, &str); 3] = [
    (ChannelName::Messenger, "d0b59b78d554cbcb89ff135b0888e8cb9e4463bf"),
    (ChannelName::Instagram, "94b93696392e665bd2735adaaf365fd601878e60"),
    (ChannelName::Whatsapp, "f4b252dd5267a901258cea98b6264eae3df27e83"),
];

/// One wrong call.
struct Wrong {
    what: &'static str,
    headers: Headers,
    body: Vec<u8>,
}

/// The wrong calls that every channel refuses.
fn of_every_channel(platform: Platform, now: i64) -> Vec<Wrong> {
    let (header, body) = (platform.header, platform.body.as_bytes());
    let good = platform.sign(SECRET, body, now);
    let other = platform.sign("another-accounts-secret", body, now);
    let half = &good[..good.len() / 2];
    let with = |what, values: &[&str]| Wrong {
        what,
        headers: values.iter().map(|value| (header, value.as_bytes().to_vec())).collect(),
        body: body.to_vec(),
    };
    vec![
        with("no signature", &[]),
        with("an empty one", &[""]),
        with("half of it", &[half]),
        with("one letter less", &[&good[..good.len() - 1]]),
        with("one letter more", &[&format!("{good}0")]),
        with("in upper case", &[&good.to_uppercase()]),
        with("quoted", &[&format!("\"{good}\"")]),
        with("the same one twice", &[&good, &good]),
        with("a right and a wrong one", &[&good, &other]),
        with("a wrong and a right one", &[&other, &good]),
        with("two in one header", &[&format!("{other}, {good}")]),
        with("another account's secret", &[&other]),
        with("no secret at all", &[&platform.sign("", body, now)]),
        Wrong {
            what: "under another name",
            headers: vec![("authorization", good.clone().into_bytes()), ("x-signature", good.into_bytes())],
            body: body.to_vec(),
        },
    ]
}

/// The right signature over something else that means the same, or a part of it.
fn of_other_bytes(platform: Platform, now: i64) -> Vec<Wrong> {
    let body = platform.body.as_bytes();
    let value: serde_json::Value = serde_json::from_slice(body).unwrap();
    let escaped = platform.body.replace("สวัสดี", "\\u0e2a\\u0e27\\u0e31\\u0e2a\\u0e14\\u0e35");
    let headers = vec![(platform.header, platform.sign(SECRET, body, now).into_bytes())];
    let over = |what, body: Vec<u8>| Wrong { what, headers: headers.clone(), body };
    vec![
        over("serialised again", serde_json::to_vec_pretty(&value).unwrap()),
        over("with its letters escaped", escaped.into_bytes()),
        over("with a line's end", [body, b"\n"].concat()),
        over("with a byte order mark", [b"\xef\xbb\xbf", body].concat()),
        over("said twice", [body, body].concat()),
        over("its first half", body[..body.len() / 2].to_vec()),
        over("nothing", Vec::new()),
    ]
}

/// What only one platform's signatures can be.
fn of_its_kind(platform: Platform, now: i64) -> Vec<Wrong> {
    let body = platform.body.as_bytes();
    let digest = mac(SECRET, body);
    let with = |what, value: String| Wrong {
        what,
        headers: vec![(platform.header, value.into_bytes())],
        body: body.to_vec(),
    };
    match platform.channel {
        ChannelName::Line => vec![
            with("as hex", hex(&digest)),
            with("in the web's base64", BASE64_URL_SAFE.encode([0xff; 32])),
            with("without its padding", BASE64_STANDARD.encode(&digest).replace('=', "")),
            with("with Meta's prefix", format!("sha256={}", BASE64_STANDARD.encode(&digest))),
        ],
        ChannelName::Telegram => vec![with("the bot's token", "7000000777:none".to_owned())],
        ChannelName::Webhook => {
            let at = |time: i64| platform.sign(SECRET, body, time);
            let (_, digest) = at(now).split_once(",v1=").map(|(t, v)| (t.to_owned(), v.to_owned())).unwrap();
            vec![
                with("an old one", at(now - 400)),
                with("one of tomorrow", at(now + 86_400)),
                with(
                    "an old one with a new time",
                    at(now - 400).replace(&(now - 400).to_string(), &now.to_string()),
                ),
                with("no time", format!("v1={digest}")),
                with("two times", format!("t={now},t={now},v1={digest}")),
                with("another version", format!("t={now},v0={digest}")),
                with("a time that is none", format!("t=+{now},v1={digest}")),
                with("without the time in it", format!("t={now},v1={}", hex(&mac(SECRET, body)))),
            ]
        }
        _ => {
            let sha1 = SHA1.iter().find(|(channel, _)| *channel == platform.channel).unwrap().1;
            let old = vec![("x-hub-signature", format!("sha1={sha1}").into_bytes())];
            vec![
                Wrong { what: "SHA-1 only", headers: old, body: body.to_vec() },
                with("SHA-1 in its place", format!("sha1={sha1}")),
                with("SHA-1 that says SHA-256", format!("sha256={sha1}")),
                with("another algorithm", format!("sha512={}", hex(&digest))),
                with("no algorithm", hex(&digest)),
                with("upper-case digits", format!("sha256={}", hex(&digest).to_uppercase())),
                with("in base64", format!("sha256={}", BASE64_STANDARD.encode(&digest))),
            ]
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_be_wrong_is_refused_alike() {
    let demo = demo().await;
    for platform in PLATFORMS {
        let name = platform.channel.as_str();
        let id = platform.account(&demo, "baan_kafe", platform.external_id, SECRET).await;
        let path = format!("/channels/{id}/webhook");
        let now = seconds(&demo);
        let mut wrongs = of_every_channel(platform, now);
        wrongs.extend(of_its_kind(platform, now));
        if platform.signs_the_body() {
            wrongs.extend(of_other_bytes(platform, now));
        }
        let before = rows(&demo).await;
        let body = platform.body.as_bytes();
        let unsigned = told(&send(demo.address, ("POST", &path), &Headers::new(), body).await);
        for Wrong { what, headers, body } in &wrongs {
            let answer = send(demo.address, ("POST", &path), headers, body).await;
            assert_eq!(told(&answer), unsigned, "{name}: {what}");
        }
        // What a handshake is asked with proves no call.
        let query = format!("{path}?hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=42");
        let answer = send(demo.address, ("POST", &query), &Headers::new(), body).await;
        assert_eq!(told(&answer), unsigned, "{name}: a handshake's token");
        assert_eq!(rows(&demo).await, before, "{name}: nothing was stored");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_without_the_token_is_forbidden() {
    let demo = demo().await;
    for platform in PLATFORMS {
        let name = platform.channel.as_str();
        let id = platform.account(&demo, "baan_kafe", platform.external_id, SECRET).await;
        let before = rows(&demo).await;
        let ask = async |query: &str| {
            let path = format!("/channels/{id}/webhook{query}");
            send(demo.address, ("GET", &path), &Headers::new(), b"").await
        };
        for query in [
            String::new(),
            "?hub.mode=subscribe&hub.challenge=42".to_owned(),
            "?hub.mode=subscribe&hub.verify_token=&hub.challenge=42".to_owned(),
            "?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=42".to_owned(),
            format!("?hub.mode=subscribe&hub.verify_token={}&hub.challenge=42", &VERIFY_TOKEN[1..]),
            format!("?hub.mode=subscribe&hub.verify_token={}&hub.challenge=42", VERIFY_TOKEN.to_uppercase()),
            format!("?hub.mode=subscribe&hub.verify_token={SECRET}&hub.challenge=42"),
            format!("?hub.mode=unsubscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=42"),
            format!("?hub.verify_token={VERIFY_TOKEN}&hub.challenge=42"),
            format!(
                "?hub.mode=subscribe&hub.verify_token=wrong&hub.verify_token={VERIFY_TOKEN}&hub.challenge=42"
            ),
        ] {
            let answer = ask(&query).await;
            assert_eq!((answer.status, answer.text().as_str()), (403, ""), "{name} {query}");
        }
        let right = format!("?hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=42");
        let expected = if platform.is_meta() { (200, "42") } else { (403, "") };
        let answer = ask(&right).await;
        assert_eq!((answer.status, answer.text().as_str()), expected, "{name}");
        assert_eq!(rows(&demo).await, before, "{name}: nothing was stored");
    }
}
