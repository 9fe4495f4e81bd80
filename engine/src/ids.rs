//! Ids: UUIDv7 text behind one newtype per thing, so that a conversation's id cannot be given where a message's is due.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Clock;

/// The id of one `Kind` of thing. Cheap to clone.
pub struct Id<Kind> {
    text: Arc<str>,
    kind: PhantomData<fn() -> Kind>,
}

/// The things that have ids.
pub mod kind {
    #[derive(Debug)]
    pub enum Tenant {}
    #[derive(Debug)]
    pub enum ChannelAccount {}
    #[derive(Debug)]
    pub enum Person {}
    #[derive(Debug)]
    pub enum Conversation {}
    #[derive(Debug)]
    pub enum Message {}
    #[derive(Debug)]
    pub enum Agent {}
    #[derive(Debug)]
    pub enum Row {}
}

pub type TenantId = Id<kind::Tenant>;
pub type ChannelAccountId = Id<kind::ChannelAccount>;
pub type PersonId = Id<kind::Person>;
pub type ConversationId = Id<kind::Conversation>;
pub type MessageId = Id<kind::Message>;
pub type AgentId = Id<kind::Agent>;
/// The id of a row that nothing outside the store names by type (an inbox row, an outbox row, a job, …).
pub type RowId = Id<kind::Row>;

impl<Kind> Id<Kind> {
    /// Takes text that is known to be an id: from the database, or a path that is then looked up.
    pub fn from_text(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), kind: PhantomData }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<Kind> Clone for Id<Kind> {
    fn clone(&self) -> Self {
        Self { text: Arc::clone(&self.text), kind: PhantomData }
    }
}

impl<Kind> PartialEq for Id<Kind> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<Kind> Eq for Id<Kind> {}

impl<Kind> std::hash::Hash for Id<Kind> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<Kind> PartialOrd for Id<Kind> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<Kind> Ord for Id<Kind> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<Kind> fmt::Debug for Id<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<Kind> fmt::Display for Id<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<Kind> Serialize for Id<Kind> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, Kind> Deserialize<'de> for Id<Kind> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from_text)
    }
}

/// Where new ids come from: the time of the clock and random bits, or a counted sequence in tests.
#[derive(Debug)]
pub enum Ids {
    Random,
    Counted(std::sync::atomic::AtomicU64),
}

impl Ids {
    /// Ids that are the same in every run.
    pub fn counted() -> Self {
        Self::Counted(std::sync::atomic::AtomicU64::new(1))
    }

    /// A new UUIDv7 at the clock's time.
    pub fn next<Kind>(&self, clock: &Clock) -> Id<Kind> {
        let millis = u64::try_from(clock.now().0 / 1000).unwrap_or_default();
        let mut bits = [0u8; 10];
        match self {
            Self::Random => random_bytes(&mut bits),
            Self::Counted(counter) => {
                let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                bits[2..].copy_from_slice(&n.to_be_bytes());
            }
        }
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid();
        Id::from_text(id.to_string())
    }
}

/// Fills `bytes` from the operating system.
#[expect(
    clippy::expect_used,
    reason = "without randomness there are no safe ids, tokens or keys: stopping is right"
)]
pub fn random_bytes(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
