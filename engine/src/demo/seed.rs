//! Fills a store with the demo company: its people, its channel accounts and its past.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::try_join_all;

use super::past::{self, Company, PastConversation, PastMessage};
use crate::accounts::secret_row;
use crate::ids::{AgentId, ChannelAccountId, ConversationId, TenantId, random_bytes};
use crate::passwords::{PasswordError, Passwords};
use crate::permission::Permission;
use crate::secrets::{SecretError, SecretKey};
use crate::store::{
    ChannelAccount, ConversationFilter, NewAgent, NewFeedback, Role, Store, StoreError, Tab, Tenant,
};

/// The demo's tenant.
pub const TENANT: &str = "baan_kafe";
/// The bot that answers on the demo's channels.
pub const BOT: &str = "baan_kafe";
const WEB: &str = "web-demo";
const TELEGRAM: &str = "telegram-demo";
/// The pretended Telegram's id of the bot, which its token begins with.
const TELEGRAM_BOT_ID: &str = "7000000001";
const BOT_NAME: &str = "บ้านกาแฟ";
/// Whose judgements the past holds.
const TRAINER: &str = "mali";
/// Conversations that are read at a time.
const PAGE: i64 = 500;

/// Somebody of the demo company. The password is known to everyone who has read this program: it opens nothing but the
/// demo, which listens on the loopback only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub role: &'static str,
}

/// Everyone of the demo company.
pub const PEOPLE: [DemoPerson; 5] = [
    DemoPerson {
        name: "Nok (นก)",
        email: "nok@baankafe.example",
        password: "demo-nok-flatwhite",
        role: "agent",
    },
    DemoPerson {
        name: "Ton (ต้น)",
        email: "ton@baankafe.example",
        password: "demo-ton-americano",
        role: "agent",
    },
    DemoPerson {
        name: "Mali (มะลิ)",
        email: "mali@baankafe.example",
        password: "demo-mali-mocha",
        role: "trainer",
    },
    DemoPerson {
        name: "Chai (ชัย)",
        email: "chai@baankafe.example",
        password: "demo-chai-espresso",
        role: "sales_rep",
    },
    DemoPerson {
        name: "Ploy (พลอย)",
        email: "ploy@baankafe.example",
        password: "demo-ploy-latte",
        role: "admin",
    },
];

/// What each role of the demo company may do.
const ROLES: [(&str, &[Permission]); 4] = [
    ("agent", &[Permission::ConversationsRead, Permission::ConversationsReply, Permission::FeedbackGive]),
    (
        "trainer",
        &[
            Permission::ConversationsRead,
            Permission::FeedbackGive,
            Permission::OperationsRead,
            Permission::TrainingManage,
        ],
    ),
    ("sales_rep", &[Permission::ConversationsRead, Permission::FiguresAsk]),
    ("admin", &Permission::ALL),
];

/// The company as it stands in the store.
#[derive(Clone)]
pub struct DemoCompany {
    pub tenant: TenantId,
    pub web_account: ChannelAccountId,
    /// The channel accounts, the web chat's too.
    pub accounts: Vec<ChannelAccountId>,
    pub people: [DemoPerson; 5],
}

/// Why the demo cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("a secret of the demo cannot be opened, so the data folder's key is another one now: {0}")]
    Secret(#[from] SecretError),
}

/// The id of the demo's web chat account.
pub fn web_account() -> ChannelAccountId {
    ChannelAccountId::from_text(WEB)
}

/// Adds what the store does not have yet of the demo company; a second call adds nothing. `platforms` is where the
/// pretended platforms answer in this run, such as `http://127.0.0.1:8301`.
pub async fn seed(
    store: &Store,
    key: &SecretKey,
    passwords: &Passwords,
    platforms: &str,
) -> Result<DemoCompany, SeedError> {
    let tenant = TenantId::from_text(TENANT);
    let company = Tenant {
        id: tenant.clone(),
        name: "Baan Kafe Supply".to_owned(),
        language: "th".to_owned(),
        time_zone: "Asia/Bangkok".to_owned(),
    };
    store.add_tenant(company).await?;
    let agents = add_agents(store, passwords, &tenant).await?;
    let accounts = channel_accounts(platforms);
    for account in &accounts {
        add_account(store, key, &tenant, account).await?;
    }
    let company = Company {
        tenant: tenant.clone(),
        web: web_account(),
        telegram: ChannelAccountId::from_text(TELEGRAM),
        bot_name: BOT_NAME.to_owned(),
        agents,
    };
    add_past(store, &company).await?;
    past::add_line_figures(store, &tenant, store.clock().now()).await?;
    Ok(DemoCompany {
        tenant,
        web_account: company.web,
        accounts: accounts.into_iter().map(|account| account.id).collect(),
        people: PEOPLE,
    })
}

/// Everyone's id and name, by the part of the e-mail address before the @.
async fn add_agents(
    store: &Store,
    passwords: &Passwords,
    tenant: &TenantId,
) -> Result<BTreeMap<String, (AgentId, String)>, SeedError> {
    let known = store.agents(tenant).await?;
    let missing: Vec<&DemoPerson> =
        PEOPLE.iter().filter(|person| known.iter().all(|known| known.email != person.email)).collect();
    if !missing.is_empty() {
        for (name, permissions) in ROLES {
            let permissions = permissions.iter().map(|permission| permission.as_str().to_owned()).collect();
            store.save_role(Role { tenant: tenant.clone(), name: name.to_owned(), permissions }).await?;
        }
    }
    let hashes =
        try_join_all(missing.iter().map(|person| passwords.hash(person.password.to_owned()))).await?;
    for (person, password_hash) in missing.into_iter().zip(hashes) {
        let agent = NewAgent {
            tenant: tenant.clone(),
            id: store.new_id(),
            email: person.email.to_owned(),
            name: person.name.to_owned(),
            language: "th".to_owned(),
            password_hash,
            roles: vec![person.role.to_owned()],
        };
        store.add_agent(agent).await?;
    }
    let agents = store.agents(tenant).await?.into_iter().map(|agent| {
        let key = agent.email.split('@').next().unwrap_or_default().to_owned();
        (key, (agent.id, agent.name))
    });
    Ok(agents.collect())
}

/// A channel account as the demo needs it.
struct Wanted {
    id: ChannelAccountId,
    channel: &'static str,
    name: &'static str,
    external_id: &'static str,
    api_base: String,
    secrets: &'static [&'static str],
    settings: &'static [(&'static str, &'static str)],
}

/// One account on each channel that people write on. `platforms` is where the pretended platforms answer.
fn channel_accounts(platforms: &str) -> Vec<Wanted> {
    let on = |channel: &'static str, name, external_id, secrets, settings| Wanted {
        id: ChannelAccountId::from_text(format!("{channel}-demo")),
        channel,
        name,
        external_id,
        api_base: if channel == "web" { String::new() } else { format!("{platforms}/{channel}") },
        secrets,
        settings,
    };
    let meta: &[&str] = &["access_token", "app_secret", "verify_token"];
    vec![
        on("web", "Baan Kafe web chat", "", &["site_key", "identity_secret"], &[]),
        on("messenger", "Baan Kafe on Messenger", "105000000000001", meta, &[("app_id", "900000000000001")]),
        on(
            "instagram",
            "Baan Kafe on Instagram",
            "17841400000000001",
            meta,
            &[("app_id", "900000000000001"), ("username", "baan_kafe_demo")],
        ),
        on(
            "whatsapp",
            "Baan Kafe on WhatsApp",
            "106540352242922",
            meta,
            &[("waba_id", "102290129340398"), ("display_phone_number", "+1 555 078 3881")],
        ),
        on(
            "line",
            "Baan Kafe on LINE",
            "",
            &["channel_secret", "access_token", "login_channel_secret"],
            &[("basic_id", "@000sala"), ("login_channel_id", "2000000001")],
        ),
        on(
            "telegram",
            "Baan Kafe on Telegram",
            TELEGRAM_BOT_ID,
            &["bot_token", "webhook_secret"],
            &[("username", "baan_kafe_demo_bot")],
        ),
    ]
}

/// Returns the secrets of the account. One that exists keeps them; only where its platform answers may be another place
/// today.
async fn add_account(
    store: &Store,
    key: &SecretKey,
    tenant: &TenantId,
    wanted: &Wanted,
) -> Result<BTreeMap<String, String>, SeedError> {
    let known = store.channel_accounts(tenant).await?.into_iter().find(|account| account.id == wanted.id);
    let mut account = known.clone().unwrap_or_else(|| ChannelAccount {
        tenant: tenant.clone(),
        id: wanted.id.clone(),
        channel: wanted.channel.to_owned(),
        external_id: wanted.external_id.to_owned(),
        other_external_id: String::new(),
        name: wanted.name.to_owned(),
        bot: BOT.to_owned(),
        api_base: String::new(),
        settings: BTreeMap::new(),
        sealed_secrets: BTreeMap::new(),
    });
    wanted.api_base.clone_into(&mut account.api_base);
    for (name, value) in wanted.settings {
        account.settings.insert((*name).to_owned(), (*value).to_owned());
    }
    let mut secrets = BTreeMap::new();
    for name in wanted.secrets {
        let row = secret_row(&wanted.id, name);
        let sealed = account.sealed_secrets.entry((*name).to_owned());
        let sealed = sealed.or_insert_with(|| key.seal(&row, &new_secret(name)));
        secrets.insert((*name).to_owned(), key.open(&row, sealed)?);
    }
    if known.as_ref() != Some(&account) {
        store.save_channel_account(account).await?;
    }
    Ok(secrets)
}

/// 256 random bits as text, in the form the platform gives such a secret.
fn new_secret(name: &str) -> String {
    let mut bits = [0u8; 32];
    random_bytes(&mut bits);
    let bits = URL_SAFE_NO_PAD.encode(bits);
    if name == "bot_token" { format!("{TELEGRAM_BOT_ID}:{bits}") } else { bits }
}

/// Writes the conversations whose threads the store does not know, then the judgements in them.
async fn add_past(store: &Store, company: &Company) -> Result<(), SeedError> {
    let now = store.clock().now();
    let known: BTreeSet<String> = threads(store, company).await?.into_keys().collect();
    let past: Vec<PastConversation> =
        past::read().into_iter().filter(|past| !known.contains(&past.thread)).collect();
    try_join_all(past.iter().map(|past| store.seed_conversation(past.at(now, company)))).await?;
    let threads = threads(store, company).await?;
    for past in &past {
        if let Some(conversation) = threads.get(&past.thread) {
            add_feedback(store, company, past, conversation).await?;
        }
    }
    Ok(())
}

/// The conversations of the company, by thread.
async fn threads(store: &Store, company: &Company) -> Result<BTreeMap<String, ConversationId>, StoreError> {
    let nobody = AgentId::from_text("");
    let mut threads = BTreeMap::new();
    for status in ["open", "resolved"] {
        let mut before = None;
        loop {
            let filter = ConversationFilter {
                tab: Tab::All,
                status: status.to_owned(),
                words: None,
                before,
                limit: PAGE,
            };
            let page = store.conversations(&company.tenant, &nobody, &filter).await?.conversations;
            before = page.last().map(|last| (last.last_at, last.id.clone()));
            let is_last = (page.len() as i64) < PAGE;
            threads.extend(page.into_iter().map(|conversation| (conversation.thread, conversation.id)));
            if is_last {
                break;
            }
        }
    }
    Ok(threads)
}

async fn add_feedback(
    store: &Store,
    company: &Company,
    past: &PastConversation,
    conversation: &ConversationId,
) -> Result<(), StoreError> {
    if !past.messages.iter().any(PastMessage::is_judged) {
        return Ok(());
    }
    let trainer = company.agents.get(TRAINER).map(|(id, _)| id.as_str());
    let stored = store.messages(&company.tenant, conversation, None, PAGE).await?;
    for (message, stored) in past.messages.iter().zip(stored) {
        let by_customer = ("customer", Some(past.thread.as_str()), message.thumb);
        for (source, actor, value) in [by_customer, ("agent", trainer, message.judged)] {
            if let (Some(actor), Some(value)) = (actor, value) {
                let (tenant, message, actor) = (company.tenant.clone(), stored.id.clone(), actor.to_owned());
                store
                    .give_feedback(NewFeedback { tenant, message, source, actor, value, note: None })
                    .await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{Clock, Micros};
    use crate::ids::Ids;
    use crate::store::{Control, Conversation};

    const API: &str = "http://127.0.0.1:8301";

    async fn store() -> (Store, SecretKey, Passwords) {
        let clock = Clock::fixed(Micros(1_795_140_000_000_000));
        let store = Store::open_memory(clock, Arc::new(Ids::counted())).await.unwrap();
        (store, SecretKey::from_hex(&"5a".repeat(32)).unwrap(), Passwords::new().unwrap())
    }

    async fn list(store: &Store, tab: Tab, status: &str) -> Vec<Conversation> {
        let filter = ConversationFilter { tab, status: status.into(), words: None, before: None, limit: 100 };
        let nobody = AgentId::from_text("");
        store.conversations(&TenantId::from_text(TENANT), &nobody, &filter).await.unwrap().conversations
    }

    #[tokio::test]
    async fn everyone_can_sign_in_and_may_do_what_the_role_says() {
        let (store, key, passwords) = store().await;
        let company = seed(&store, &key, &passwords, API).await.unwrap();
        assert_eq!(store.tenants().await.unwrap()[0].name, "Baan Kafe Supply");
        let agents = store.agents(&company.tenant).await.unwrap();
        assert_eq!(agents.len(), 5);
        for (email, permissions) in [
            ("nok@baankafe.example", "conversations.read conversations.reply feedback.give"),
            ("ton@baankafe.example", "conversations.read conversations.reply feedback.give"),
            ("mali@baankafe.example", "conversations.read feedback.give operations.read training.manage"),
            ("chai@baankafe.example", "conversations.read figures.ask"),
            (
                "ploy@baankafe.example",
                "channels.broadcast channels.manage conversations.read conversations.reply feedback.give \
                 figures.ask operations.manage operations.read training.manage",
            ),
        ] {
            let agent = agents.iter().find(|agent| agent.email == email).unwrap();
            assert_eq!(agent.permissions.join(" "), permissions, "{email}");
            let password = company.people.iter().find(|person| person.email == email).unwrap().password;
            let (_, _, hash) = store.credentials(email).await.unwrap().unwrap();
            assert!(!hash.contains(password));
            assert!(passwords.verify(password.to_owned(), Some(hash)).await, "{email}");
        }
    }

    fn telegram() -> ChannelAccountId {
        ChannelAccountId::from_text(TELEGRAM)
    }

    #[tokio::test]
    async fn secrets_are_sealed_kept_and_different() {
        let (store, key, passwords) = store().await;
        let company = seed(&store, &key, &passwords, API).await.unwrap();
        let secret = |accounts: &[ChannelAccount], id: &ChannelAccountId, name: &str| {
            let account = accounts.iter().find(|account| account.id == *id).unwrap();
            key.open(&secret_row(id, name), &account.sealed_secrets[name]).unwrap()
        };
        let first = store.channel_accounts(&company.tenant).await.unwrap();
        let token = secret(&first, &telegram(), "bot_token");
        assert!(token.starts_with("7000000001:") && token.len() == 54, "{token}");
        let site_key = secret(&first, &company.web_account, "site_key");
        assert_ne!(secret(&first, &telegram(), "webhook_secret"), site_key);
        seed(&store, &key, &passwords, "http://127.0.0.1:9999").await.unwrap();
        let second = store.channel_accounts(&company.tenant).await.unwrap();
        let again = secret(&second, &telegram(), "bot_token");
        assert_eq!((again, secret(&second, &company.web_account, "site_key")), (token, site_key));
        let moved = second.iter().find(|account| account.id == telegram()).unwrap();
        assert_eq!(
            (moved.api_base.as_str(), moved.bot.as_str()),
            ("http://127.0.0.1:9999/telegram", "baan_kafe")
        );
        let other = SecretKey::from_hex(&"5b".repeat(32)).unwrap();
        assert!(matches!(seed(&store, &other, &passwords, API).await, Err(SeedError::Secret(_))));
    }

    #[tokio::test]
    async fn the_past_is_written_once() {
        let (store, key, passwords) = store().await;
        let company = seed(&store, &key, &passwords, API).await.unwrap();
        let events = store.events_after(&company.tenant, 0, 10_000).await.unwrap().len();
        seed(&store, &key, &passwords, API).await.unwrap();
        assert_eq!(store.events_after(&company.tenant, 0, 10_000).await.unwrap().len(), events);
        let (open, resolved) =
            (list(&store, Tab::All, "open").await, list(&store, Tab::All, "resolved").await);
        assert_eq!((open.len(), resolved.len()), (8, 32));
        let waiting = list(&store, Tab::Waiting, "open").await;
        assert_eq!(waiting.len(), 3);
        assert!(waiting.iter().all(|one| one.handoff_reason.is_some() && one.waiting_since.is_some()));
        assert_eq!(store.waiting(&company.tenant).await.unwrap().len(), 3);
        let owned = open.iter().filter(|one| matches!(&one.control, Control::Agent { name: Some(_), .. }));
        assert_eq!(owned.count(), 3);
        let now = store.clock().now();
        assert!(open.iter().chain(&resolved).all(|one| one.last_at <= now && one.intent.is_some()));
    }

    #[tokio::test]
    async fn judgements_lie_on_the_messages_they_judge() {
        let (store, key, passwords) = store().await;
        let company = seed(&store, &key, &passwords, API).await.unwrap();
        let mut stored = threads(
            &store,
            &Company {
                tenant: company.tenant.clone(),
                web: company.web_account,
                telegram: telegram(),
                bot_name: String::new(),
                agents: BTreeMap::new(),
            },
        )
        .await
        .unwrap();
        let mali = store.agents(&company.tenant).await.unwrap();
        let mali = mali.into_iter().find(|agent| agent.email.starts_with(TRAINER)).unwrap();
        let mut judged = 0;
        for past in past::read() {
            let conversation = stored.remove(&past.thread).unwrap();
            let messages = store.messages(&company.tenant, &conversation, None, 100).await.unwrap();
            let own = store.own_thumbs(&company.tenant, &conversation, &mali.id).await.unwrap();
            for (expected, found) in past.messages.iter().zip(&messages) {
                let is_judged = found.thumb.is_some() || own.iter().any(|(message, _)| *message == found.id);
                assert_eq!(is_judged, expected.is_judged(), "{} {}", past.thread, found.seq);
                judged += usize::from(expected.is_judged());
            }
        }
        assert!(stored.is_empty() && judged > 30, "{judged}");
    }
}
