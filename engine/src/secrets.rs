//! Secrets at rest: XChaCha20-Poly1305, each bound to the row it belongs to.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use crate::ids::random_bytes;

const NONCE: usize = 24;

/// Why a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the key file {0} cannot be read or made: {1}")]
    KeyFile(String, std::io::Error),
    #[error("a secret key is 64 hex digits, and this is not ({0})")]
    BadKey(String),
    #[error(
        "the key file {file} holds no secret key ({found}): a key is 64 hex digits. Put the file back that was beside \
         the data; where there is none, remove this one, start again to have a new key made, and enter the channels' \
         secrets anew"
    )]
    BadKeyFile { file: String, found: String },
    #[error("the stored secret does not open: another key, another row, or damage")]
    DoesNotOpen,
}

/// The key that seals secrets.
pub struct SecretKey(SecretBox<[u8; 32]>);

impl SecretKey {
    /// Reads 64 hex digits.
    pub fn from_hex(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        let digits: Vec<u8> = text.chars().map_while(|letter| Some(letter.to_digit(16)? as u8)).collect();
        let length = text.chars().count();
        if digits.len() != length {
            return Err(SecretError::BadKey(format!("character {} is no hex digit", digits.len() + 1)));
        }
        if length != 64 {
            return Err(SecretError::BadKey(format!("it has {length}")));
        }
        let mut key = [0u8; 32];
        for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(SecretBox::new(Box::new(key))))
    }

    /// Reads the key file, or makes one that only its owner may read.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let failed = |error| SecretError::KeyFile(path.display().to_string(), error);
        let bad = |found| SecretError::BadKeyFile { file: path.display().to_string(), found };
        match std::fs::read(path) {
            Ok(bytes) => Self::from_hex(&String::from_utf8_lossy(&bytes)).map_err(|error| match error {
                SecretError::BadKey(found) => bad(found),
                other => other,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut key = [0u8; 32];
                random_bytes(&mut key);
                write_private(path, &hex(&key)).map_err(failed)?;
                Ok(Self(SecretBox::new(Box::new(key))))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Encrypts for exactly the row that `belongs_to` names.
    pub fn seal(&self, belongs_to: &str, secret: &str) -> String {
        let mut nonce = [0u8; NONCE];
        random_bytes(&mut nonce);
        let payload = Payload { msg: secret.as_bytes(), aad: belongs_to.as_bytes() };
        let mut sealed = nonce.to_vec();
        // Encrypting into memory cannot fail; an empty text would not open again.
        sealed.extend(self.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default());
        STANDARD_NO_PAD.encode(sealed)
    }

    pub fn open(&self, belongs_to: &str, sealed: &str) -> Result<String, SecretError> {
        let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| SecretError::DoesNotOpen)?;
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(SecretError::DoesNotOpen)?;
        let payload = Payload { msg: text, aad: belongs_to.as_bytes() };
        let opened =
            self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| SecretError::DoesNotOpen)?;
        String::from_utf8(opened).map_err(|_| SecretError::DoesNotOpen)
    }

    /// A keyed mark of a text, in hex: nobody without the key can make it or guess the text from it.
    pub fn mark(&self, purpose: &str, text: &str) -> String {
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.0.expose_secret()) else {
            // HMAC takes keys of any length.
            return String::new();
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0.expose_secret()))
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_for_its_row() {
        let key = SecretKey::from_hex(&"ab".repeat(32)).unwrap();
        let sealed = key.seal("channel_accounts/secrets/1", "token ความลับ");
        assert!(!sealed.contains("token"));
        assert_eq!(key.open("channel_accounts/secrets/1", &sealed).unwrap(), "token ความลับ");
        assert!(key.open("channel_accounts/secrets/2", &sealed).is_err());
        let other = SecretKey::from_hex(&"ac".repeat(32)).unwrap();
        assert!(other.open("channel_accounts/secrets/1", &sealed).is_err());
        assert!(key.open("channel_accounts/secrets/1", "AAAA").is_err());
    }

    #[test]
    fn a_key_file_that_holds_no_key_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let check = |bytes: &[u8], expected: &str| {
            std::fs::write(&file, bytes).unwrap();
            let said = SecretKey::from_file(&file).err().map(|error| error.to_string()).unwrap_or_default();
            if expected.is_empty() {
                assert_eq!(said, "");
            } else {
                let named = format!("the key file {} holds no secret key ({expected}): ", file.display());
                assert!(said.starts_with(&named) && said.contains("Put the file back"), "{said}");
            }
            assert_eq!(std::fs::read(&file).unwrap(), bytes, "it is left as it is");
        };
        check("aB".repeat(32).as_bytes(), "");
        check(format!("{}\r\n", "09".repeat(32)).as_bytes(), "");
        check(b"", "it has 0");
        check(b"abc", "it has 3");
        check("ab".repeat(33).as_bytes(), "it has 66");
        check("+a".repeat(32).as_bytes(), "character 1 is no hex digit");
        check(b"ab\xff", "character 3 is no hex digit");
    }
}
