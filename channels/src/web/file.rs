//! Files of visitors: what the server stored for one of them, signed by the account's site key so that nobody else can
//! send it and nothing of it can be changed on the way.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use serde::{Deserialize, Serialize};

use super::token::signed;
use crate::{AccountConfig, Media, MediaKind, MediaSource};

const SECRET: &str = "site_key";
const VERSION: &str = "f1";

/// A file that a visitor brought and has not sent yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorFile {
    /// The blob's id.
    pub id: String,
    pub kind: MediaKind,
    /// What the bytes are, whatever the browser says.
    pub mime: String,
    pub name: String,
    /// Bytes.
    pub size: u64,
}

impl VisitorFile {
    /// The message that it is, with the words below it.
    pub(super) fn media(self, caption: Option<String>) -> Media {
        let source = MediaSource::Blob { id: self.id };
        Media {
            mime: Some(self.mime),
            name: Some(self.name),
            size: Some(self.size),
            caption,
            ..Media::new(self.kind, source)
        }
    }
}

/// `f1.<the file as JSON, base64url>.<HMAC-SHA256 over both and the visitor's id, base64url>`. None where the account has no
/// site key.
pub fn issue_file(account: &AccountConfig, visitor: &str, file: &VisitorFile) -> Option<String> {
    let key = account.secrets_of(SECRET).find(|key| !key.is_empty())?;
    let claim = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(file).ok()?));
    let signature = signed(key, &format!("{claim}.{visitor}"))?.finalize().into_bytes();
    Some(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The file of this visitor, if one of the account's keys signed it. The comparison takes the same time for every wrong
/// signature.
pub fn verify_file(account: &AccountConfig, visitor: &str, ticket: &str) -> Option<VisitorFile> {
    let (claim, signature) = ticket.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let mut keys = account.secrets_of(SECRET).filter(|key| !key.is_empty());
    let claimed = format!("{claim}.{visitor}");
    let is_ours = |key: &str| signed(key, &claimed).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
    if keys.any(is_ours) { read_file(ticket) } else { None }
}

/// What a ticket says, whoever made it.
pub(super) fn read_file(ticket: &str) -> Option<VisitorFile> {
    let mut parts = ticket.split('.');
    let (version, body) = (parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(body).ok().filter(|_| version == VERSION)?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(key: &str) -> AccountConfig {
        let secrets = [(SECRET.to_owned(), key.to_owned())].into();
        AccountConfig { id: "shop".into(), secrets, ..AccountConfig::default() }
    }

    #[test]
    fn a_file_is_its_visitors_and_stays_as_it_was_stored() {
        let file = VisitorFile {
            id: "ab".repeat(16),
            kind: MediaKind::Image,
            mime: "image/png".into(),
            name: "สลิป.png".into(),
            size: 12,
        };
        let ours = account("key");
        let ticket = issue_file(&ours, "mali", &file).unwrap();
        let check = |account: &AccountConfig, visitor: &str, ticket: &str, expected: bool| {
            assert_eq!(verify_file(account, visitor, ticket), expected.then(|| file.clone()), "{ticket}");
        };
        check(&ours, "mali", &ticket, true);
        check(&ours, "nok", &ticket, false);
        check(&account("other"), "mali", &ticket, false);
        let mut rotated = account("new");
        rotated.secrets.insert("site_key.previous".into(), "key".into());
        check(&rotated, "mali", &ticket, true);
        let other = issue_file(&ours, "mali", &VisitorFile { size: 13, ..file.clone() }).unwrap();
        let (body, signature) = (other.rsplit_once('.').unwrap().0, ticket.rsplit_once('.').unwrap().1);
        check(&ours, "mali", &format!("{body}.{signature}"), false);
        for wrong in ["", "f1", "f1..", "f1.e30.x", &format!("f2{}", &ticket[2..])] {
            check(&ours, "mali", wrong, false);
        }
        assert_eq!(issue_file(&account(""), "mali", &file), None);
    }
}
