//! One-time codes and signed tokens: pure text in, pure text out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::clock::Micros;
use crate::ids::{TenantId, random_bytes};
use crate::secrets::SecretKey;

/// Digits and letters that nobody takes for another. Their number is a prime, so that the last one can tell every
/// mistyped or exchanged letter.
pub(super) const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
pub(super) const LENGTH: usize = 8;
/// What stands before a code in a deep link's payload.
const PAYLOAD: &str = "link_";
/// What stands before a token in the payload of the web chat's own page.
pub const TOKEN_PAYLOAD: &str = "link/";

/// How long a code is good, and a signed link.
pub const CODE_LIFE: i64 = 10 * 60 * Micros::SECOND;
pub const TOKEN_LIFE: i64 = 60 * 60 * Micros::SECOND;

/// A new code: seven random letters, at least one of them a digit and one not, and the one that checks them.
pub fn new_code() -> String {
    loop {
        let mut bytes = [0u8; 64];
        random_bytes(&mut bytes);
        let values = bytes.iter().map(|byte| usize::from(byte & 31)).filter(|value| *value < LETTERS.len());
        let values: Vec<usize> = values.take(LENGTH - 1).collect();
        if values.len() < LENGTH - 1 {
            continue;
        }
        let code: String =
            values.iter().chain([&check_of(&values)]).map(|value| char::from(LETTERS[*value])).collect();
        if read_code(&code).is_some() {
            return code;
        }
    }
}

fn check_of(values: &[usize]) -> usize {
    values.iter().enumerate().map(|(place, value)| (place + 1) * value).sum::<usize>() % LETTERS.len()
}

/// The code as people read it.
pub fn shown(code: &str) -> String {
    let (first, second) = code.split_at_checked(LENGTH / 2).unwrap_or((code, ""));
    format!("{first}-{second}")
}

/// The payload of a deep link that brings the code.
pub fn payload(code: &str) -> String {
    format!("{PAYLOAD}{code}")
}

/// A text in capitals, with the digits and letters that Thai and Chinese keyboards write as ours.
pub(super) fn plain(text: &str) -> String {
    let ours = |c: char| match c {
        '๐'..='๙' => char::from_digit(u32::from(c) - u32::from('๐'), 10).unwrap_or(c),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c.to_ascii_uppercase(),
    };
    text.trim().chars().map(ours).collect()
}

/// The code that a text is: alone, in any case, with or without its hyphen, in digits of any keyboard.
pub fn read_code(text: &str) -> Option<String> {
    let text = plain(text);
    let code = match text.split_once(['-', ' ', '–']) {
        Some((first, second)) => {
            let (first, second) = (first.trim(), second.trim_start_matches(['-', '–', ' ']));
            if first.chars().count() != LENGTH / 2 {
                return None;
            }
            format!("{first}{second}")
        }
        None => text,
    };
    let values: Option<Vec<usize>> =
        code.bytes().map(|byte| LETTERS.iter().position(|letter| *letter == byte)).collect();
    let values = values.filter(|values| values.len() == LENGTH)?;
    let is_mixed =
        code.bytes().any(|byte| byte.is_ascii_digit()) && code.bytes().any(|byte| byte.is_ascii_uppercase());
    (is_mixed && check_of(&values[..LENGTH - 1]) == values[LENGTH - 1]).then_some(code)
}

/// The words of a text and its pairs of words, as they stand there.
pub(super) fn pieces_of(text: &str) -> Vec<String> {
    let is_of_code =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '–' | '๐'..='๙' | '\u{ff10}'..='\u{ff5a}');
    let pieces: Vec<&str> = text.split(|c| !is_of_code(c)).filter(|piece| !piece.is_empty()).collect();
    let pairs = pieces.windows(2).map(|pair| format!("{} {}", pair[0], pair[1]));
    let all = pieces.iter().map(|piece| (*piece).to_owned()).chain(pairs);
    all.filter(|piece| text.contains(piece.as_str())).collect()
}

/// The pieces of a text that may be a code or the token of a signed link.
pub fn secrets_in(text: &str) -> Vec<String> {
    let codes = pieces_of(text).into_iter().filter(|piece| read_code(piece).is_some());
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let tokens = text.split("link=").skip(1).map(|rest| {
        let end = rest.find(|c| !is_of_token(c)).unwrap_or(rest.len());
        rest[..end].trim_end_matches('.').to_owned()
    });
    codes.chain(tokens.filter(|token| !token.is_empty())).collect()
}

/// The code in a deep link's payload.
pub fn read_payload(payload: &str) -> Option<String> {
    read_code(payload.strip_prefix(PAYLOAD)?)
}

/// What is stored of a code or of a token's own part.
pub fn hash(key: &SecretKey, tenant: &TenantId, proof: &str) -> String {
    key.mark("link_codes", &format!("{tenant}/{proof}"))
}

/// A nonce that a platform hands back once the person has agreed.
pub fn new_nonce() -> String {
    let mut bytes = [0u8; 32];
    random_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Where a signed link is good, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The page of a web chat.
    Web,
    /// The page before LINE's sign-in.
    Login,
}

impl TokenUse {
    fn mark(self, key: &SecretKey, tenant: &TenantId, claim: &str) -> String {
        let purpose = match self {
            Self::Web => "signed_link",
            Self::Login => "signed_link_login",
        };
        key.mark(purpose, &format!("{tenant}/{claim}"))
    }
}

/// A token for a signed link, and what is stored of it.
pub fn new_token(
    key: &SecretKey,
    tenant: &TenantId,
    (at, expires_at): (TokenUse, Micros),
) -> (String, String) {
    let mut bytes = [0u8; 16];
    random_bytes(&mut bytes);
    let own = URL_SAFE_NO_PAD.encode(bytes);
    let claim = format!("{}.{own}", expires_at.0 / Micros::SECOND);
    let signature = at.mark(key, tenant, &claim);
    (format!("{claim}.{signature}"), hash(key, tenant, &own))
}

/// What is stored of a token that we signed for this tenant. Whether it is still good the store tells.
pub fn read_token(key: &SecretKey, tenant: &TenantId, (at, token): (TokenUse, &str)) -> Option<String> {
    let (claim, signature) = token.rsplit_once('.')?;
    let expected = at.mark(key, tenant, claim);
    let (_, own) = claim.split_once('.')?;
    bool::from(expected.as_bytes().ct_eq(signature.as_bytes())).then(|| hash(key, tenant, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digit as a Thai keyboard writes it.
    fn thai(c: char) -> char {
        c.to_digit(10).and_then(|digit| char::from_u32('๐' as u32 + digit)).unwrap_or(c)
    }

    /// The letter as a Chinese keyboard writes it.
    fn wide(c: char) -> char {
        char::from_u32(u32::from(c) + 0xfee0).filter(|_| c != '-').unwrap_or(c)
    }

    const END: Micros = Micros(1_795_260_000_000_000);

    #[test]
    fn codes_are_read_as_people_write_them_and_nothing_else_is() {
        for _ in 0..1000 {
            let code = new_code();
            for written in [
                code.clone(),
                code.to_lowercase(),
                shown(&code),
                format!("  {} \n", shown(&code).to_lowercase()),
                shown(&code).replace('-', " "),
                shown(&code).replace('-', "–"),
                shown(&code).replace('-', " - "),
                code.chars().map(thai).collect(),
                shown(&code).chars().map(wide).collect(),
            ] {
                assert_eq!(read_code(&written).as_deref(), Some(code.as_str()), "{written}");
            }
            assert_eq!(read_payload(&payload(&code)).as_deref(), Some(code.as_str()));
            // Any one letter wrong, and any two neighbours exchanged.
            for place in 0..LENGTH {
                for letter in LETTERS.iter().filter(|letter| **letter != code.as_bytes()[place]) {
                    let mut wrong = code.clone().into_bytes();
                    wrong[place] = *letter;
                    assert_eq!(read_code(&String::from_utf8(wrong).unwrap()), None);
                }
            }
            for other in [
                &code[1..],
                &format!("{code}2"),
                &format!("my code is {code}"),
                &code.replace(&code[..1], "0"),
            ] {
                assert_eq!(read_code(other), None, "{other}");
            }
        }
        for no_code in
            ["", "greatest", "delivery", "BK240117", "0812345678", "22222222", "AAAA-AAAA", "สวัสดีค่ะ"]
        {
            assert_eq!(read_code(no_code), None, "{no_code}");
        }
    }

    #[test]
    fn codes_and_tokens_are_found_in_sentences() {
        let code = new_code();
        let key = SecretKey::from_hex(&"ab".repeat(32)).unwrap();
        let (token, _) = new_token(&key, &TenantId::from_text("a"), (TokenUse::Web, END));
        for (sentence, found) in [
            (format!("รหัส {}ค่ะ", shown(&code)), shown(&code)),
            (format!("my code is {code}."), code.clone()),
            (format!("it is {} !", shown(&code).replace('-', " ")), shown(&code).replace('-', " ")),
            (format!("https://t.me/bot?start=link_{code}"), code.clone()),
            (format!("look: https://a.example/chat/web?link={token}."), token.clone()),
            (format!("(https://a.example/chat/web?x=1&link={token}&y=2)"), token),
        ] {
            assert!(secrets_in(&sentence).contains(&found), "{sentence}: {:?}", secrets_in(&sentence));
        }
        for sentence in ["", "order BK240117", "where is it?", "link=", "080-123-4567"] {
            assert_eq!(secrets_in(sentence), Vec::<String>::new(), "{sentence}");
        }
    }

    #[test]
    fn a_token_is_ours_for_its_tenant_alone() {
        let key = SecretKey::from_hex(&"ab".repeat(32)).unwrap();
        let other_key = SecretKey::from_hex(&"ac".repeat(32)).unwrap();
        let (tenant, other) = (TenantId::from_text("a"), TenantId::from_text("b"));
        let (token, hash) = new_token(&key, &tenant, (TokenUse::Web, END));
        let read = |key, tenant, at| read_token(key, tenant, (at, token.as_str()));
        assert_eq!(read(&key, &tenant, TokenUse::Web), Some(hash));
        assert_eq!(read(&key, &tenant, TokenUse::Login), None, "a web chat's link is no sign-in");
        assert_eq!(read(&key, &other, TokenUse::Web), None);
        assert_eq!(read(&other_key, &tenant, TokenUse::Web), None);
        for place in 0..token.len() {
            let mut wrong = token.clone().into_bytes();
            wrong[place] ^= 1;
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(read_token(&key, &tenant, (TokenUse::Web, &wrong)), None, "{wrong}");
        }
    }
}
