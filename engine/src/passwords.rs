//! Passwords: hashed with argon2id, never more than two at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

use crate::ids::random_bytes;

/// OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at the same time, so that a flood of sign-ins leaves the processor to the customers.
const AT_ONCE: usize = 2;
const SHORTEST: usize = 8;
/// Hashing reads every byte, so the length has an end. It is far beyond what anyone types.
const LONGEST: usize = 1024;

/// Passwords that everyone tries first, sorted, in lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("a password needs at least {SHORTEST} characters")]
    TooShort,
    #[error("a password has at most {LONGEST} bytes")]
    TooLong,
    #[error("this password is one of those that are tried first")]
    Common,
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes and verifies. Cheap to clone; clones share the limit.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// What the password of nobody is compared with.
    dummy: Arc<str>,
}

impl Passwords {
    pub fn new() -> Result<Self, PasswordError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| failed(&error))?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            dummy: dummy_hash().into(),
        })
    }

    /// Hashes a new password with a new salt, as a PHC string.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        check(&password)?;
        let argon2 = self.argon2.clone();
        self.in_turn(move || {
            let mut salt = [0u8; 16];
            random_bytes(&mut salt);
            let hash: Result<PasswordHash, _> = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| failed(&error))
        })
        .await?
    }

    /// True when the password is the one behind `hash`. Without a hash (an unknown user) the answer is false and takes
    /// the same work.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.dummy), Arc::from);
        let good = self.in_turn(move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        good.await.unwrap_or(false) && known
    }

    /// True when the hash was made with other parameters: hash the password again at the next sign-in.
    pub fn needs_rehash(&self, hash: &str) -> bool {
        PasswordHash::new(hash).map_or(true, |hash| {
            hash.algorithm != Algorithm::Argon2id.ident()
                || hash.version != Some(Version::V0x13.into())
                || Params::try_from(&hash).map_or(true, |params| {
                    (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES)
                })
        })
    }

    /// The permit goes with the work, so that a caller who gives up does not let a third hash start.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = Arc::clone(&self.turns).acquire_owned().await.map_err(|error| failed(&error))?;
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        work.await.map_err(|error| failed(&error))
    }
}

/// Checks a new password. Any characters will do; length is what counts.
pub fn check(password: &str) -> Result<(), WeakPassword> {
    if password.chars().count() < SHORTEST {
        return Err(WeakPassword::TooShort);
    }
    if password.len() > LONGEST {
        return Err(WeakPassword::TooLong);
    }
    let lower = password.to_lowercase();
    if COMMON.lines().any(|common| common == lower.trim()) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

fn failed(error: &dyn std::error::Error) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

/// A hash that no password has: right parameters, random salt and output.
fn dummy_hash() -> String {
    let mut bits = [0u8; 48];
    random_bytes(&mut bits);
    let (salt, output) = bits.split_at(16);
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let passwords = Passwords::new().unwrap();
        for password in ["correct horse", "รหัสผ่านยาวพอ", "密码足够长的一句话", "  spaces count  "]
        {
            let hash = passwords.hash(password.to_owned()).await.unwrap();
            assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
            assert!(!passwords.needs_rehash(&hash));
            assert!(passwords.verify(password.to_owned(), Some(hash.clone())).await);
            for wrong in [format!("{password} "), password.to_uppercase() + "x", String::new()] {
                assert!(!passwords.verify(wrong, Some(hash.clone())).await, "{password}");
            }
            let again = passwords.hash(password.to_owned()).await.unwrap();
            assert_ne!(hash, again, "each hash has its own salt");
        }
    }

    #[tokio::test]
    async fn nobody_and_a_damaged_hash_never_verify() {
        let passwords = Passwords::new().unwrap();
        for hash in [None, Some(""), Some("plain text"), Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA")] {
            assert!(!passwords.verify("correct horse".into(), hash.map(str::to_owned)).await, "{hash:?}");
        }
    }

    #[test]
    fn nobody_costs_what_an_agent_costs() {
        let passwords = Passwords::new().unwrap();
        let dummy = PasswordHash::new(&passwords.dummy).unwrap();
        let params = Params::try_from(&dummy).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
        assert_eq!((dummy.salt.unwrap().len(), dummy.hash.unwrap().len()), (16, Params::DEFAULT_OUTPUT_LEN));
        assert_ne!(*Passwords::new().unwrap().dummy, *passwords.dummy);
    }

    #[test]
    fn weak_passwords_are_refused() {
        let check_all = |texts: &[&str], expected: Result<(), WeakPassword>| {
            for text in texts {
                assert_eq!(check(text), expected, "{text}");
            }
        };
        check_all(&["", "1234567", "กาแฟดี", "a b c d"], Err(WeakPassword::TooShort));
        check_all(
            &["password", "PassWord1", "12345678", "iloveyou", "Thailand", "qwertyuiop "],
            Err(WeakPassword::Common),
        );
        check_all(&["nok-likes-flat-white", "กาแฟดำไม่ใส่น้ำตาล", "一二三四五六七八", "xk7$Qp2!"], Ok(()));
        check_all(&[&"x".repeat(1024)], Ok(()));
        check_all(&[&"x".repeat(1025)], Err(WeakPassword::TooLong));
        assert!(COMMON.lines().count() >= 200);
        for line in COMMON.lines() {
            assert!(line.len() >= SHORTEST && line == line.to_lowercase().trim(), "{line}");
        }
    }

    #[test]
    fn other_parameters_need_a_new_hash() {
        let passwords = Passwords::new().unwrap();
        for (old, needs) in [
            (
                "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
                false,
            ),
            (
                "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
                true,
            ),
            (
                "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
                true,
            ),
            (
                "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
                true,
            ),
            ("nonsense", true),
        ] {
            assert_eq!(passwords.needs_rehash(old), needs, "{old}");
        }
    }

    #[tokio::test]
    async fn a_third_hash_waits_for_the_first_two() {
        let passwords = Passwords::new().unwrap();
        let (first, second) =
            (passwords.turns.acquire().await.unwrap(), passwords.turns.acquire().await.unwrap());
        let mut third = Box::pin(passwords.verify("correct horse".into(), None));
        assert!(futures_util::poll!(third.as_mut()).is_pending());
        assert_eq!(passwords.turns.available_permits(), 0);
        drop((first, second));
        assert!(!third.await);
        assert_eq!(passwords.turns.available_permits(), AT_ONCE);
    }
}
