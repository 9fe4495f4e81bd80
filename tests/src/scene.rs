//! A tenant with a channel account, and the short calls by which a test plays its customers and its bot.

use channels::{Content, InboundMessage, Sender};
use engine::ids::{AgentId, ChannelAccountId, ConversationId, TenantId};
use engine::store::{
    Author, ChannelAccount, Claimed, Ingest, Ingested, Lease, Message, MessageBody, NewAgent, NewReply,
    PendingMessage, Role, Store, Tenant, TurnCommit,
};

/// One tenant and one channel account of it.
#[derive(Clone, Debug)]
pub struct Scene {
    pub tenant: TenantId,
    pub account: ChannelAccountId,
}

/// Long enough that a lease ends only where the test moves the clock.
const LEASE_MILLIS: u64 = 60_000;

impl Scene {
    /// Adds a tenant called `name` with a Telegram account.
    pub async fn set(store: &Store, name: &str) -> Self {
        let scene = Self { tenant: store.new_id(), account: store.new_id() };
        let tenant = Tenant {
            id: scene.tenant.clone(),
            name: name.to_owned(),
            language: "th".to_owned(),
            time_zone: "Asia/Bangkok".to_owned(),
        };
        store.add_tenant(tenant).await.expect("a tenant can be added");
        store.save_channel_account(scene.channel_account()).await.expect("a channel account can be saved");
        scene
    }

    pub fn channel_account(&self) -> ChannelAccount {
        ChannelAccount {
            tenant: self.tenant.clone(),
            id: self.account.clone(),
            channel: "telegram".to_owned(),
            external_id: "7000".to_owned(),
            other_external_id: String::new(),
            name: "ร้านกาแฟ".to_owned(),
            bot: "shop".to_owned(),
            api_base: "https://api.telegram.org".to_owned(),
            settings: [("username".to_owned(), "cafe_bot".to_owned())].into(),
            sealed_secrets: [("token".to_owned(), "sealed".to_owned())].into(),
        }
    }

    /// A text as a platform delivers it. `event` names the event and the message.
    pub fn text(&self, thread: &str, event: &str, text: &str) -> Ingest {
        let sender = Sender {
            display_name: Some(format!("ลูกค้า {thread}")),
            language: Some("th".to_owned()),
            ..Sender::new(thread)
        };
        let content = Content::Text { text: text.to_owned() };
        let message = InboundMessage {
            external_id: format!("m-{event}"),
            ..InboundMessage::new(event, sender, crate::START.0, content)
        };
        Ingest { tenant: self.tenant.clone(), account: self.account.clone(), channel: "telegram", message }
    }

    /// Takes in a text that must be new.
    pub async fn hear(&self, store: &Store, thread: &str, event: &str, text: &str) -> Message {
        let mut ingest = self.text(thread, event, text);
        ingest.message.sent_at = store.clock().now().0;
        match store.ingest(ingest).await.expect("a message can be taken in") {
            Ingested::Accepted(message) => *message,
            Ingested::Duplicate => panic!("event {event} was taken for a redelivery"),
        }
    }

    /// Claims the one conversation that is ready.
    pub async fn claim(&self, store: &Store) -> Claimed {
        let mut claimed = store.claim("node", 10, LEASE_MILLIS).await.expect("conversations can be claimed");
        assert_eq!(claimed.len(), 1, "one conversation is ready");
        claimed.remove(0)
    }

    /// Hears everything that waits in the one ready conversation, answers the last message, and returns the answers.
    pub async fn answer(&self, store: &Store, replies: Vec<NewReply>) -> Vec<Message> {
        let claimed = self.claim(store).await;
        let mut stored = Vec::new();
        for (index, pending) in claimed.pending.iter().enumerate() {
            let last = index + 1 == claimed.pending.len();
            let replies = if last { replies.clone() } else { Vec::new() };
            let commit = TurnCommit { replies, last, ..nothing_said(&claimed.lease, pending) };
            stored = store.commit_turn(commit).await.expect("a turn can be committed");
        }
        stored
    }

    /// The conversation of a thread, which must be there.
    pub async fn conversation(&self, store: &Store, thread: &str) -> engine::store::Conversation {
        let found = store.conversation_of_thread(&self.tenant, &self.account, thread).await;
        found.expect("conversations can be read").expect("the thread has a conversation")
    }

    pub async fn messages(&self, store: &Store, conversation: &ConversationId) -> Vec<Message> {
        store.messages(&self.tenant, conversation, None, 1000).await.expect("messages can be read")
    }

    /// Adds an agent called `name` with the role `agent`.
    pub async fn agent(&self, store: &Store, name: &str) -> AgentId {
        let permissions = vec!["conversations.read".to_owned(), "conversations.reply".to_owned()];
        let role = Role { tenant: self.tenant.clone(), name: "agent".to_owned(), permissions };
        store.save_role(role).await.expect("a role can be saved");
        let agent = NewAgent {
            tenant: self.tenant.clone(),
            id: store.new_id(),
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            language: "th".to_owned(),
            password_hash: format!("hash of {name}"),
            roles: vec!["agent".to_owned()],
        };
        let id = agent.id.clone();
        store.add_agent(agent).await.expect("an agent can be added");
        id
    }
}

/// A turn that heard `pending` and said nothing; it does not end the lease.
pub fn nothing_said(lease: &Lease, pending: &PendingMessage) -> TurnCommit {
    TurnCommit {
        lease: lease.clone(),
        inbound: pending.inbound.clone(),
        message: pending.message.clone(),
        turn: pending.turn,
        state: format!("{{\"turn\":{}}}", pending.turn),
        language: None,
        intent: None,
        sentiment: None,
        urgent: false,
        toxic: false,
        decision: "answer".to_owned(),
        record: "{}".to_owned(),
        view: "{}".to_owned(),
        replies: Vec::new(),
        handoff: None,
        remember: None,
        jobs: Vec::new(),
        moved: None,
        came: None,
        parked: None,
        last: false,
    }
}

/// A reply of the bot that goes through the outbox.
pub fn reply(text: &str) -> NewReply {
    NewReply { author: Author::Bot, author_name: None, body: MessageBody::text(text), live: false }
}

/// The words of a message, heard or said.
pub fn said(message: &Message) -> String {
    message.body.summary()
}
