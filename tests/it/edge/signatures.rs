//! Webhooks that prove nothing: every one is refused alike, and nothing of it is kept. The signatures are made here, by the
//! platforms' own papers, and not by our adapters.

mod list;
mod tenants;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use channels::ChannelName;
use engine::channel_setup::{self, NewAccount};
use engine::ids::{ChannelAccountId, TenantId};
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tests::demo::Demo;
use tests::http::{Answer, raw};

use super::rows;

/// The secret of every account here.
const SECRET: &str = "the-apps-own-secret";
const VERIFY_TOKEN: &str = "meatyhamhock";
/// How many wrong calls are under way at once.
const AT_ONCE: usize = 32;

const MESSENGER: &str = r#"{"object":"page","entry":[{"id":"105000000000777","time":1700000000000,"messaging":[{"sender":{"id":"9001"},"recipient":{"id":"105000000000777"},"timestamp":1700000000000,"message":{"mid":"m_signed","text":"สวัสดี 😀"}}]}]}"#;
const INSTAGRAM: &str = r#"{"object":"instagram","entry":[{"id":"17841400000000777","time":1700000000000,"messaging":[{"sender":{"id":"9002"},"recipient":{"id":"17841400000000777"},"timestamp":1700000000000,"message":{"mid":"ig_signed","text":"สวัสดี 😀"}}]}]}"#;
const WHATSAPP: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"102290129340777","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550777","phone_number_id":"106540352242777"},"contacts":[{"profile":{"name":"Nok"},"wa_id":"66812345678"}],"messages":[{"from":"66812345678","id":"wamid.signed","timestamp":"1700000000","type":"text","text":{"body":"สวัสดี 😀"}}]}}]}]}"#;
const LINE: &str = r#"{"destination":"U0000000000000000000000000000777","events":[{"type":"message","webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","mode":"active","timestamp":1700000000000,"deliveryContext":{"isRedelivery":false},"source":{"type":"user","userId":"U4000001aaaabbbbccccddddeeeeffff0"},"replyToken":"38ef843bde154d9b91c21320ffd17a0f","message":{"type":"text","id":"1","text":"สวัสดี 😀"}}]}"#;
const TELEGRAM: &str = r#"{"update_id":77,"message":{"message_id":77,"date":1700000000,"chat":{"id":907,"type":"private","first_name":"Nok"},"from":{"id":907,"is_bot":false,"first_name":"Nok"},"text":"สวัสดี 😀"}}"#;
const WEBHOOK: &str = r#"{"id":"signed","thread":"c-7","sender":{"id":"c-7","name":"Nok"},"text":"สวัสดี 😀"}"#;

/// Headers by name; a wrong one may hold any bytes.
type Headers = Vec<(&'static str, Vec<u8>)>;

/// A channel with a webhook.
#[derive(Clone, Copy)]
struct Platform {
    channel: ChannelName,
    header: &'static str,
    external_id: &'static str,
    body: &'static str,
}

const PLATFORMS: [Platform; 6] = [
    Platform {
        channel: ChannelName::Messenger,
        header: "x-hub-signature-256",
        external_id: "105000000000777",
        body: MESSENGER,
    },
    Platform {
        channel: ChannelName::Instagram,
        header: "x-hub-signature-256",
        external_id: "17841400000000777",
        body: INSTAGRAM,
    },
    Platform {
        channel: ChannelName::Whatsapp,
        header: "x-hub-signature-256",
        external_id: "106540352242777",
        body: WHATSAPP,
    },
    Platform {
        channel: ChannelName::Line,
        header: "x-line-signature",
        external_id: "U0000000000000000000000000000777",
        body: LINE,
    },
    Platform {
        channel: ChannelName::Telegram,
        header: "x-telegram-bot-api-secret-token",
        external_id: "7000000777",
        body: TELEGRAM,
    },
    Platform { channel: ChannelName::Webhook, header: "x-sala-signature", external_id: "", body: WEBHOOK },
];

impl Platform {
    fn is_meta(self) -> bool {
        matches!(self.channel, ChannelName::Messenger | ChannelName::Instagram | ChannelName::Whatsapp)
    }

    /// Telegram proves itself by a word that does not depend on what it says.
    fn signs_the_body(self) -> bool {
        self.channel != ChannelName::Telegram
    }

    /// The header's value for a body at `now`, seconds.
    fn sign(self, secret: &str, body: &[u8], now: i64) -> String {
        match self.channel {
            ChannelName::Line => BASE64_STANDARD.encode(mac(secret, body)),
            ChannelName::Telegram => secret.to_owned(),
            ChannelName::Webhook => {
                let signed = [format!("{now}.").as_bytes(), body].concat();
                format!("t={now},v1={}", hex(&mac(secret, &signed)))
            }
            _ => format!("sha256={}", hex(&mac(secret, body))),
        }
    }

    /// Adds an account of this channel, whose platform is not there.
    async fn account(self, demo: &Demo, tenant: &str, external_id: &str, secret: &str) -> String {
        let fields: &[(&str, &str)] = match self.channel {
            ChannelName::Line => &[("channel_secret", secret), ("access_token", "none-at-all")],
            ChannelName::Telegram => &[("webhook_secret", secret), ("bot_token", "7000000777:none")],
            ChannelName::Webhook => &[("signing_secret", secret), ("url", "http://127.0.0.1:9/")],
            _ => &[("app_secret", secret), ("access_token", "none-at-all"), ("verify_token", VERIFY_TOKEN)],
        };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let new = NewAccount {
            channel: self.channel.as_str().to_owned(),
            name: "signed".to_owned(),
            bot: "baan_kafe".to_owned(),
            external_id: external_id.to_owned(),
            api_base: "http://127.0.0.1:9".to_owned(),
            fields: fields.iter().map(owned).collect::<BTreeMap<_, _>>(),
        };
        let added = channel_setup::add(&demo.app, &TenantId::from_text(tenant), new).await.unwrap();
        added.id.as_str().to_owned()
    }
}

fn mac(secret: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn seconds(demo: &Demo) -> i64 {
    demo.app.store.clock().now().0 / 1_000_000
}

/// A demo that takes as many calls a second as a test makes.
async fn demo() -> Demo {
    let change = |config: &mut engine::config::Config| {
        config.limits.ip_per_second = 1_000_000;
        config.limits.ip_burst = 1_000_000;
        config.limits.webhook_per_second = 1_000_000;
    };
    Demo::start_with(change).await.unwrap()
}

async fn send(to: SocketAddr, (method, path): (&str, &str), headers: &Headers, body: &[u8]) -> Answer {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n");
    let mut bytes = head.into_bytes();
    for (name, value) in headers {
        bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    bytes.extend(body);
    raw(to, &bytes).await.unwrap()
}

/// Everything that an answer tells but the time and the call's own number.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"));
    (answer.status, headers, answer.body.clone())
}

/// A fixed sequence of numbers (xorshift), the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    /// `bytes` with one bit the other way round, in a way that `allowed` lets be sent.
    fn flipped(&mut self, bytes: &[u8], allowed: fn(u8) -> bool) -> Vec<u8> {
        loop {
            let (place, bit) = (self.below(bytes.len()), self.below(8));
            let mut flipped = bytes.to_vec();
            flipped[place] ^= 1 << bit;
            if allowed(flipped[place]) {
                return flipped;
            }
        }
    }
}

/// What may stand in a header: anything else is no HTTP, and refused before us.
fn may_stand_in_a_header(byte: u8) -> bool {
    !byte.is_ascii_control()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_flipped_bits_on_every_channel_are_refused() {
    let demo = demo().await;
    let mut accounts = Vec::new();
    for platform in PLATFORMS {
        let name = platform.channel.as_str();
        let id = platform.account(&demo, "baan_kafe", platform.external_id, SECRET).await;
        let path = format!("/channels/{id}/webhook");
        let body = platform.body.as_bytes();
        let signature = platform.sign(SECRET, body, seconds(&demo)).into_bytes();
        let before = rows(&demo).await;
        let unsigned = told(&send(demo.address, ("POST", &path), &Headers::new(), body).await);
        assert_eq!((unsigned.0, unsigned.2.as_slice()), (401, &b""[..]), "{name}");
        let mut numbers = Numbers(0x5a1a_0000 + id.len() as u64);
        let calls: Vec<(Vec<u8>, Vec<u8>)> = (0..1_000)
            .map(|n| {
                if n % 2 == 0 || !platform.signs_the_body() {
                    (numbers.flipped(&signature, may_stand_in_a_header), body.to_vec())
                } else {
                    (signature.clone(), numbers.flipped(body, |_| true))
                }
            })
            .collect();
        for calls in calls.chunks(AT_ONCE) {
            let sent = calls.iter().map(async |(signature, body)| {
                let headers = vec![(platform.header, signature.clone())];
                send(demo.address, ("POST", &path), &headers, body).await
            });
            for (answer, (signature, body)) in join_all(sent).await.iter().zip(calls) {
                let call = (String::from_utf8_lossy(signature), String::from_utf8_lossy(body));
                assert_eq!(told(answer), unsigned, "{name}: {call:?}");
            }
        }
        assert_eq!(rows(&demo).await, before, "{name}: nothing was stored");
        accounts.push((platform, path));
    }
    // The good ones come last: what they set off would change rows, too.
    for (platform, path) in accounts {
        let (name, body) = (platform.channel.as_str(), platform.body.as_bytes());
        let before = inbound(&demo).await;
        let headers = vec![(platform.header, platform.sign(SECRET, body, seconds(&demo)).into_bytes())];
        let good = send(demo.address, ("POST", &path), &headers, body).await;
        assert_eq!(good.status, 200, "{name}: {}", good.text());
        assert_eq!(inbound(&demo).await, before + 1, "{name}: and the good one is");
    }
}

/// How many events were ever taken in.
async fn inbound(demo: &Demo) -> i64 {
    rows(demo).await.into_iter().find(|(table, _)| table == "inbound").unwrap().1
}

/// The account's conversation in this thread, if there is one.
async fn is_heard(demo: &Demo, tenant: &str, account: &str, thread: &str) -> bool {
    let (tenant, account) = (TenantId::from_text(tenant), ChannelAccountId::from_text(account));
    demo.app.store.conversation_of_thread(&tenant, &account, thread).await.unwrap().is_some()
}
