//! Signs of life: "is typing" and "seen". They are small comforts, so nothing waits for them: one that cannot go out at once
//! is dropped, and none ever fails or delays a turn.

use std::sync::Arc;
use std::time::Duration;

use channels::{Action, Acts, Destination, HttpResponse};
use dashmap::DashMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, TenantId};
use crate::platform::{CallLimits, call};

/// So many signs may be on their way at once.
const ON_THEIR_WAY: usize = 64;
/// A sign that takes longer tells nothing any more.
const PATIENCE: Duration = Duration::from_secs(3);
/// After so much silence the customer is shown that something comes.
pub const QUIET: Duration = Duration::from_secs(1);
/// The setting of an account that says whether people see that their messages were read: `yes` or `no`.
pub const SEEN_SETTING: &str = "seen";
/// A thread that was shown nothing for so long is let go.
const FORGET: i64 = 600 * Micros::SECOND;
/// So many threads are remembered before old ones are let go.
const REMEMBERED: usize = 10_000;

/// What was shown last in each thread.
pub struct Signs {
    free: Arc<Semaphore>,
    threads: DashMap<(ChannelAccountId, String), Shown>,
}

#[derive(Clone, Debug, Default)]
struct Shown {
    typing_at: i64,
    seen: Option<String>,
    at: i64,
}

impl Default for Signs {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(ON_THEIR_WAY)), threads: DashMap::new() }
    }
}

impl Signs {
    /// True where the thread has not been shown typing for the most of the time for which it stays.
    fn may_type(&self, key: (ChannelAccountId, String), typing_ms: u32, now: i64) -> bool {
        let mut shown = self.threads.entry(key).or_default();
        let stays = i64::from(typing_ms) * 1_000 * 4 / 5;
        if shown.typing_at > 0 && now - shown.typing_at < stays {
            return false;
        }
        (shown.typing_at, shown.at) = (now, now);
        true
    }

    /// True the first time for a message.
    fn may_see(&self, key: (ChannelAccountId, String), message: &str, now: i64) -> bool {
        let mut shown = self.threads.entry(key).or_default();
        if shown.seen.as_deref() == Some(message) {
            return false;
        }
        (shown.seen, shown.at) = (Some(message.to_owned()), now);
        true
    }

    fn forget_old(&self, now: i64) {
        if self.threads.len() > REMEMBERED {
            self.threads.retain(|_, shown| now - shown.at < FORGET);
        }
    }
}

/// The account's own word, else what people of the platform are used to.
fn shows_seen(account: &OpenAccount, acts: &Acts) -> bool {
    match account.config.settings.get(SEEN_SETTING).map(String::as_str) {
        Some(setting) => setting == "yes",
        None => acts.shows_seen,
    }
}

/// Shows the customer that we type, unless that is still shown.
pub fn typing(app: &App, account: &Arc<OpenAccount>, to: &Destination) {
    let acts = account.adapter.acts(&account.config, &to.thread);
    if acts.typing_ms == 0 || (acts.typing_reads && !shows_seen(account, acts)) {
        return;
    }
    let now = app.store.clock().now().0;
    app.signs.forget_old(now);
    if app.signs.may_type((account.id.clone(), to.thread.clone()), acts.typing_ms, now) {
        show(app, account, to, &Action::Typing);
    }
}

/// Shows the customer that a message was seen, once.
pub fn seen(app: &App, account: &Arc<OpenAccount>, to: &Destination, message: &str) {
    let acts = account.adapter.acts(&account.config, &to.thread);
    let now = app.store.clock().now().0;
    if shows_seen(account, acts) && app.signs.may_see((account.id.clone(), to.thread.clone()), message, now) {
        show(app, account, to, &Action::Seen { external_id: Some(message.to_owned()) });
    }
}

fn show(app: &App, account: &Arc<OpenAccount>, to: &Destination, action: &Action) {
    let kind = if *action == Action::Typing { "typing" } else { "seen" };
    let Some(request) = account.adapter.act(&account.config, to, action) else { return };
    let Ok(permit) = Arc::clone(&app.signs.free).try_acquire_owned() else {
        count(kind, "dropped");
        return;
    };
    let (app, account) = (app.clone(), Arc::clone(account));
    tokio::spawn(async move {
        let permit: OwnedSemaphorePermit = permit;
        let limits = CallLimits { timeout: Some(PATIENCE), ..CallLimits::default() };
        let outcome = match call(&app, &account, &request, limits).await {
            Ok(response) => {
                let body = &response.body;
                let answer = HttpResponse { status: response.status, headers: response.headers, body };
                if account.adapter.outcome(&request, &answer).is_ok() { "shown" } else { "refused" }
            }
            Err(_) => "late",
        };
        count(kind, outcome);
        drop(permit);
    });
}

fn count(kind: &'static str, outcome: &'static str) {
    metrics::counter!("sala_signs_total", "kind" => kind, "outcome" => outcome).increment(1);
}

/// An agent is in a conversation: the newest message was seen, and where the agent writes, that is shown.
pub fn agent_present(app: &App, tenant: &TenantId, conversation: &ConversationId, composing: bool) {
    // The look-up counts among what is on its way.
    let Ok(permit) = Arc::clone(&app.signs.free).try_acquire_owned() else { return };
    let (app, tenant, conversation) = (app.clone(), tenant.clone(), conversation.clone());
    tokio::spawn(async move {
        let Ok(Some(target)) = app.store.act_target(&tenant, &conversation).await else { return };
        drop(permit);
        let Some(account) = app.accounts.find(&target.account).await else { return };
        if account.tenant != tenant || !is_open(&app, &account, target.heard_at) {
            return;
        }
        let to = Destination { human: true, ..target.destination };
        if let Some(newest) = &target.newest {
            seen(&app, &account, &to, newest);
        }
        if composing {
            typing(&app, &account, &to);
        }
    });
}

/// Outside the platform's window signs are refused, too.
fn is_open(app: &App, account: &OpenAccount, heard_at: Micros) -> bool {
    let now = app.store.clock().now();
    crate::window::standing(account.adapter.rules().window, heard_at, now).lets_through(true, false)
}

/// Shows typing once the bot has been thinking for a while; stops when it is dropped.
pub struct Thinking(Option<tokio::task::JoinHandle<()>>);

impl Thinking {
    /// For a conversation whose next word is the bot's.
    pub fn begin(app: &App, account: &Arc<OpenAccount>, to: Destination) -> Self {
        let typing_ms = account.adapter.acts(&account.config, &to.thread).typing_ms;
        if typing_ms == 0 {
            return Self(None);
        }
        let (app, account) = (app.clone(), Arc::clone(account));
        Self(Some(tokio::spawn(async move {
            tokio::time::sleep(QUIET).await;
            typing(&app, &account, &to);
        })))
    }
}

impl Drop for Thinking {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (ChannelAccountId, String) {
        (ChannelAccountId::from_text("a"), "t".to_owned())
    }

    #[test]
    fn typing_is_shown_again_when_it_is_about_to_end() {
        let signs = Signs::default();
        for (at_ms, shown) in [(1_000, true), (4_900, false), (5_100, true), (5_200, false), (60_000, true)] {
            assert_eq!(signs.may_type(key(), 5_000, at_ms * 1_000), shown, "at {at_ms} ms");
        }
    }

    #[test]
    fn a_message_is_seen_once() {
        let signs = Signs::default();
        for (message, shown) in [("m1", true), ("m1", false), ("m2", true), ("m2", false)] {
            assert_eq!(signs.may_see(key(), message, 1), shown, "{message}");
        }
    }
}
