//! Live views: committed events on their way to the sockets that show them.
//!
//! A view subscribes first, then reads the log up to its cursor, then follows; so it misses nothing and sees nothing
//! twice. A subscriber that cannot keep up is cut off and reads the log again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::{broadcast, mpsc};

use crate::ids::{AgentId, ConversationId, TenantId};
use crate::store::{Committed, LoggedEvent, Store, StoreError};

/// Events that may wait for one socket.
const BACKLOG: usize = 256;
/// How often a node looks for what other nodes have committed.
const TAIL: Duration = Duration::from_millis(200);
const TAIL_PAGE: i64 = 500;

/// Something that is shown but never stored.
#[derive(Clone, Debug)]
pub enum Glimpse {
    /// The customer is typing.
    CustomerTyping { tenant: TenantId, conversation: ConversationId },
    /// An agent is typing a reply.
    AgentTyping { conversation: ConversationId },
    /// An agent looks at, or writes in, a conversation.
    Presence { tenant: TenantId, conversation: ConversationId, agent: AgentId, name: String, composing: bool },
}

/// The hub between commits and sockets.
pub struct Live {
    conversations: DashMap<ConversationId, Vec<mpsc::Sender<Arc<LoggedEvent>>>>,
    tenants: DashMap<TenantId, broadcast::Sender<Arc<LoggedEvent>>>,
    glimpses: broadcast::Sender<Glimpse>,
}

impl Live {
    /// Starts following the store's commits.
    pub fn start(store: &Store) -> Arc<Self> {
        let (glimpses, _) = broadcast::channel(1024);
        let live = Arc::new(Self { conversations: DashMap::new(), tenants: DashMap::new(), glimpses });
        match store {
            Store::Sqlite(_) | Store::Memory(_) => {
                tokio::spawn(Arc::clone(&live).follow_commits(store.committed_events()));
            }
            Store::Postgres(_) => {
                tokio::spawn(Arc::clone(&live).follow_log(store.clone()));
            }
        }
        live
    }

    /// The events of one conversation from now on. The channel closes when the subscriber is too slow.
    pub fn subscribe_conversation(&self, conversation: &ConversationId) -> mpsc::Receiver<Arc<LoggedEvent>> {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let mut senders = self.conversations.entry(conversation.clone()).or_default();
        senders.retain(|other| !other.is_closed());
        senders.push(sender);
        receiver
    }

    /// The events of one tenant from now on.
    pub fn subscribe_tenant(&self, tenant: &TenantId) -> broadcast::Receiver<Arc<LoggedEvent>> {
        self.tenants.entry(tenant.clone()).or_insert_with(|| broadcast::channel(BACKLOG * 4).0).subscribe()
    }

    pub fn glimpses(&self) -> broadcast::Receiver<Glimpse> {
        self.glimpses.subscribe()
    }

    pub fn glimpse(&self, glimpse: Glimpse) {
        // Nobody looking is fine.
        drop(self.glimpses.send(glimpse));
    }

    async fn follow_commits(self: Arc<Self>, mut commits: broadcast::Receiver<Committed>) {
        loop {
            match commits.recv().await {
                Ok(events) => events.iter().for_each(|event| self.route(event)),
                Err(broadcast::error::RecvError::Lagged(_)) => self.cut_everyone_off(),
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Several nodes write to one log: follow the log itself, woken by this node's own commits.
    async fn follow_log(self: Arc<Self>, store: Store) {
        let mut commits = store.committed_events();
        let mut cursors: HashMap<TenantId, i64> = HashMap::new();
        loop {
            if let Err(error) = self.read_log(&store, &mut cursors).await {
                tracing::warn!(%error, "the event log cannot be read; trying again");
            }
            tokio::select! {
                _ = commits.recv() => {}
                () = tokio::time::sleep(TAIL) => {}
            }
        }
    }

    async fn read_log(&self, store: &Store, cursors: &mut HashMap<TenantId, i64>) -> Result<(), StoreError> {
        for tenant in store.tenants().await? {
            let newest = store.last_event(&tenant.id).await?;
            let cursor = cursors.entry(tenant.id.clone()).or_insert(newest);
            while *cursor < newest {
                let events = store.events_after(&tenant.id, *cursor, TAIL_PAGE).await?;
                let Some(last) = events.last() else { break };
                *cursor = last.n;
                for event in events {
                    self.route(&Arc::new(event));
                }
            }
        }
        Ok(())
    }

    fn route(&self, event: &Arc<LoggedEvent>) {
        if let Some(conversation) = &event.conversation
            && let Some(mut senders) = self.conversations.get_mut(conversation)
        {
            senders.retain(|sender| sender.try_send(Arc::clone(event)).is_ok());
            let empty = senders.is_empty();
            drop(senders);
            if empty {
                self.conversations.remove_if(conversation, |_, senders| senders.is_empty());
            }
        }
        if let Some(sender) = self.tenants.get(&event.tenant) {
            drop(sender.send(Arc::clone(event)));
        }
    }

    /// The hub itself fell behind: every view reads the log from its own cursor.
    fn cut_everyone_off(&self) {
        metrics::counter!("sala_ws_slow_closed_total").increment(1);
        self.conversations.clear();
        self.tenants.clear();
    }
}
