//! The store: all SQL lives here, written once for SQLite and PostgreSQL.
//!
//! Writes are small operations that one writer collects into group commits (at most 64 together); a caller hears of
//! success only after the commit. Reads use their own connections. Every query carries its tenant; on PostgreSQL
//! row-level security holds a transaction to exactly the tenants it named.

mod account_care;
mod account_changes;
mod account_events;
mod account_money;
mod acts;
mod agent_addresses;
mod agent_messages;
mod agents;
mod audit;
mod batch;
mod blobs;
mod broadcasts;
mod change_makers;
mod channel_accounts;
mod claim;
mod columns;
mod connect;
mod conversation_row;
mod conversations;
mod early_changes;
mod echoes;
mod error;
mod events;
mod feedback;
mod forgetting;
mod going_on;
mod group_members;
mod handoffs;
mod identity;
mod inbox_reminder;
mod ingest;
mod jobs;
mod json_rows;
mod line_audiences;
mod line_menus;
mod link_questions;
mod links;
mod lock_order;
mod logins;
mod merges;
mod message_changes;
mod message_templates;
mod messages;
mod migrate;
mod model_releases;
mod outbox;
mod parked;
mod passing_on;
mod people;
mod people_choice;
mod person_care;
mod profiles;
mod quoted;
mod receipts;
mod refusal;
mod rows;
mod secret_proofs;
mod seed;
mod self_tests;
mod sessions;
mod standby;
mod standing;
mod strays;
mod tenants;
mod turn_commit;
mod turns;
mod undelivered;
mod unmerge;
mod writer;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use sqlx::Any;
use sqlx::pool::PoolConnection;
use tokio::sync::{Notify, broadcast};

pub use account_care::{AccountHealth, AccountStanding, HealthState};
pub use account_changes::AccountChange;
pub use account_events::AccountEvent;
pub use account_money::{AccountQuota, CountedMessages, Rate};
pub use acts::{ActTarget, OURS};
pub use agent_addresses::AgentAddress;
pub use agent_messages::{NewAgentMessage, Posted};
pub use agents::{Agent, NewAgent, Role};
pub use blobs::BlobRow;
pub use broadcasts::{
    Broadcast, BroadcastRefusal, BroadcastTo, Chunk, ChunkEnd, Confirm, Confirmed, NewBroadcast,
    PEOPLE_A_CALL,
};
pub use change_makers::{ChangeJudged, Maker};
pub use channel_accounts::{ChannelAccount, NewChannelAccount};
pub use claim::{Claimed, Lease, PendingMessage};
pub use conversations::{
    Control, ControlChange, Conversation, ConversationCounts, ConversationFilter, ConversationPage, Tab,
};
pub use echoes::Echoed;
pub use error::StoreError;
pub use events::LoggedEvent;
pub use feedback::NewFeedback;
pub use going_on::{Elsewhere, Moved};
pub use group_members::GroupMember;
pub use handoffs::Handoff;
pub use ingest::{FOR_ACCOUNT_HINT, Ingest, Ingested};
pub use jobs::{Job, JobLane, JobState, NewJob};
pub use line_audiences::LineAudience;
pub use line_menus::{LineMenu, Uploaded};
pub use link_questions::{Asked, Begun};
pub use links::{LinkOwner, NewLink, Redeem, Redeemed};
pub use logins::{NewLogin, Vouched};
pub use merges::{Evidence, Merge, NewMerge};
pub use message_changes::{ChangeKind, MessageChange};
pub use message_templates::{MessageTemplate, TemplateNews};
pub use messages::{
    Author, BroadcastMark, CitationLink, CommentAnswer, Message, MessageBody, MessageState, Quote,
    ReactionMark,
};
pub use model_releases::{KEPT_RELEASES, ModelRelease};
pub use outbox::{OutboxAttempt, OutboxOutcome, OutboxRow};
pub use parked::{ParkedInbound, ParkedOutbound};
pub use passing_on::{Along, Came, Left, Passage, PassageAgent, PassageKind};
pub use people::{AddressRecord, PersonFound, PersonRecord, with_changes};
pub use people_choice::{PeopleChoice, PeopleKinds};
pub use seed::{SeedConversation, SeedMessage};
pub use self_tests::SelfTest;
pub use sessions::{Session, SessionAgent};
pub use standing::{StandingClaim, free_workers};
pub use strays::Stray;
pub use tenants::Tenant;
pub use turn_commit::{HandoffRequest, NewReply, TurnCommit};
pub use turns::TurnRow;

use crate::clock::Clock;
use crate::ids::{Ids, TenantId};
use writer::Writer;

/// Which SQL a database speaks, for the few statements that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// The database in use. `Memory` is SQLite without a file: it serves tests and the seeded simulation.
#[derive(Clone)]
pub enum Store {
    Sqlite(Arc<Database>),
    Postgres(Arc<Database>),
    Memory(Arc<Database>),
}

/// The events of one commit, in order.
pub type Committed = Arc<[Arc<LoggedEvent>]>;

/// The open connections of a store and what they share.
pub struct Database {
    pub(crate) dialect: Dialect,
    pub(crate) readers: sqlx::AnyPool,
    pub(crate) writer: Writer,
    pub(crate) clock: Clock,
    pub(crate) ids: Arc<Ids>,
    /// Raised when a conversation became ready.
    pub(crate) ready: Arc<Notify>,
    /// Raised when a reply is waiting to be sent.
    pub(crate) outbox: Arc<Notify>,
    pub(crate) committed: broadcast::Sender<Committed>,
    pub(crate) standing: Arc<OnceLock<StandingClaim>>,
}

impl Store {
    /// Opens (and creates and migrates) the SQLite file.
    pub async fn open_sqlite(path: &Path, clock: Clock, ids: Arc<Ids>) -> Result<Self, StoreError> {
        Ok(Self::Sqlite(Arc::new(connect::sqlite(path, clock, ids).await?)))
    }

    /// Opens and migrates a PostgreSQL database. The user of `url` owns the schema; the application then works as the
    /// role `sala_app`.
    pub async fn open_postgres(url: &str, clock: Clock, ids: Arc<Ids>) -> Result<Self, StoreError> {
        Ok(Self::Postgres(Arc::new(connect::postgres(url, clock, ids).await?)))
    }

    /// An empty store that is gone when it is dropped.
    pub async fn open_memory(clock: Clock, ids: Arc<Ids>) -> Result<Self, StoreError> {
        Ok(Self::Memory(Arc::new(connect::memory(clock, ids).await?)))
    }

    /// Opens what `url` names: `sqlite:PATH`, `postgres://…` or `memory`.
    pub async fn open(url: &str, clock: Clock, ids: Arc<Ids>) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(Path::new(path.trim_start_matches("//")), clock, ids).await
        } else if url == "memory" {
            Self::open_memory(clock, ids).await
        } else if let Some(mistake) = crate::config::address::mistake(url) {
            Err(StoreError::Unusable(mistake))
        } else {
            Self::open_postgres(url, clock, ids).await
        }
    }

    /// From now on what a commit of this process makes ready is claimed for these workers in that commit. Once only.
    pub fn stand_by(&self, standing: StandingClaim) -> bool {
        self.database().standing.set(standing).is_ok()
    }

    pub(crate) fn database(&self) -> &Database {
        match self {
            Self::Sqlite(database) | Self::Postgres(database) | Self::Memory(database) => database,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::Memory(_) => "memory",
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.database().clock
    }

    pub fn new_id<Kind>(&self) -> crate::ids::Id<Kind> {
        let database = self.database();
        database.ids.next(&database.clock)
    }

    /// Raised after each commit that made a conversation ready.
    pub fn ready_signal(&self) -> Arc<Notify> {
        Arc::clone(&self.database().ready)
    }

    /// Raised after each commit that put a reply into the outbox.
    pub fn outbox_signal(&self) -> Arc<Notify> {
        Arc::clone(&self.database().outbox)
    }

    /// The events of this process's commits, in order. A receiver that lags reads the log instead.
    pub fn committed_events(&self) -> broadcast::Receiver<Committed> {
        self.database().committed.subscribe()
    }

    /// Brings SQLite's log into its file, which then holds everything by itself. What cannot be folded now, because
    /// somebody still reads, is folded at the next start.
    pub async fn fold_log(&self) {
        let Self::Sqlite(database) = self else { return };
        let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&database.readers).await;
        if let Err(error) = folded {
            tracing::warn!(%error, "the log stays beside the database");
        }
    }

    /// True when the database answers a write within its deadline.
    pub async fn writable(&self) -> Result<(), StoreError> {
        self.write(writer::Probe).await
    }

    /// A connection that sees the rows of `tenant` only.
    pub(crate) async fn reader(&self, tenant: &TenantId) -> Result<PoolConnection<Any>, StoreError> {
        let database = self.database();
        let mut connection = database.readers.acquire().await?;
        if database.dialect == Dialect::Postgres {
            sqlx::query("SELECT set_config('sala.tenants', $1, false)")
                .bind(tenant.as_str().to_owned())
                .execute(&mut *connection)
                .await?;
        }
        Ok(connection)
    }

    /// A connection that sees the ids of every tenant's claimable rows and nothing else.
    pub(crate) async fn claim_reader(&self) -> Result<sqlx::Transaction<'static, Any>, StoreError> {
        let database = self.database();
        let mut transaction = database.readers.begin().await?;
        if database.dialect == Dialect::Postgres {
            sqlx::query("SET LOCAL ROLE sala_claim").execute(&mut *transaction).await?;
        }
        Ok(transaction)
    }

    pub(crate) async fn write<Op: batch::WriteOp>(&self, op: Op) -> Result<Op::Output, StoreError> {
        self.database().writer.submit(op).await
    }
}
