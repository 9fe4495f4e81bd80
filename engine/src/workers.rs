//! Workers: claim ready conversations, take their turns in order, commit each once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use channels::{Content, Destination, InboundMessage};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::accounts::delivers_live;
use crate::app::App;
use crate::bots::LiveBot;
use crate::clock::Micros;
use crate::comment_rule;
use crate::decide::Decision;
use crate::ids::ChannelAccountId;
use crate::links::going_on::{self, CameAlong, come_along};
use crate::links::turn::{Place, know, offered};
use crate::numbered;
use crate::signs::{self, Thinking};
use crate::store::{
    Author, Claimed, HandoffRequest, Lease, MessageBody, NewReply, PendingMessage, StandingClaim, StoreError,
    TurnCommit, free_workers, with_changes,
};
use crate::turn::{ConversationState, Hearing, Thought, think};
use crate::turn_record::TurnRecord;

/// How often the database is asked even when nobody calls: other nodes' messages, ended leases.
const POLL: Duration = Duration::from_millis(250);
/// How often stranded messages are looked for, and how old they must be.
const SWEEP: Duration = Duration::from_secs(5);
const STRANDED_MILLIS: i64 = 5_000;

/// Runs until the app is closing, then finishes the turns under way.
pub async fn run(app: App) {
    let workers = app.config.turns.workers.max(1);
    let free = Arc::new(Semaphore::new(workers));
    let backlog = Arc::new(AtomicBool::new(false));
    let (sender, mut standing) = mpsc::channel(workers);
    app.store.stand_by(StandingClaim {
        node: app.node.clone(),
        lease_millis: app.config.turns.lease_ms,
        free: Arc::clone(&free),
        backlog: Arc::clone(&backlog),
        claimed: sender,
    });
    let mut crew = Crew { app: app.clone(), free: Arc::clone(&free), backlog, tasks: JoinSet::new() };
    let ready = app.store.ready_signal();
    let mut swept = Instant::now();
    while !app.is_closing() {
        while crew.tasks.try_join_next().is_some() {}
        if swept.elapsed() > SWEEP {
            swept = Instant::now();
            sweep(&app).await;
        }
        tokio::select! {
            Some((conversation, worker)) = standing.recv() => crew.take(conversation, worker),
            () = ready.notified() => crew.look().await,
            () = tokio::time::sleep(POLL) => crew.look().await,
            () = app.closing() => {}
        }
    }
    free.close();
    // What was claimed for us until now is still ours.
    while let Ok((conversation, worker)) = standing.try_recv() {
        crew.take(conversation, worker);
    }
    while crew.tasks.join_next().await.is_some() {}
}

/// The workers.
struct Crew {
    app: App,
    free: Arc<Semaphore>,
    backlog: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Crew {
    /// Claims what no commit of ours has told of: what had to wait for a worker, other nodes' messages, ended leases.
    async fn look(&mut self) {
        let workers = free_workers(&self.free, 64);
        if workers.is_empty() {
            return;
        }
        let claimed = claim(&self.app, workers.len()).await;
        self.backlog.store(claimed.len() == workers.len(), Ordering::Relaxed);
        for (conversation, worker) in claimed.into_iter().zip(workers) {
            self.take(conversation, worker);
        }
    }

    fn take(&mut self, conversation: Claimed, worker: OwnedSemaphorePermit) {
        let (app, backlog) = (self.app.clone(), Arc::clone(&self.backlog));
        self.tasks.spawn(async move {
            converse(&app, conversation).await;
            drop(worker);
            if backlog.load(Ordering::Relaxed) {
                app.store.ready_signal().notify_one();
            }
        });
    }
}

async fn claim(app: &App, free: usize) -> Vec<Claimed> {
    let limit = i64::try_from(free).unwrap_or(i64::MAX);
    match app.store.claim(&app.node, limit, app.config.turns.lease_ms).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(%error, "conversations cannot be claimed; trying again");
            Vec::new()
        }
    }
}

async fn sweep(app: &App) {
    match app.store.sweep(STRANDED_MILLIS).await {
        Ok(0) => {}
        Ok(found) => {
            tracing::error!(found, "messages were stranded and have been woken: this is a fault of ours");
        }
        Err(error) => tracing::warn!(%error, "stranded messages cannot be looked for"),
    }
}

/// Takes the turns of one claimed conversation.
async fn converse(app: &App, claimed: Claimed) {
    let lease = claimed.lease.clone();
    match turns(app, claimed).await {
        Ok(()) => {}
        Err(StoreError::Fenced) => {
            metrics::counter!("sala_lease_lost_total").increment(1);
        }
        Err(error) => {
            tracing::warn!(%error, conversation.id = %lease.conversation, "a turn could not be committed");
            retry_later(app, lease, 500).await;
        }
    }
}

async fn turns(app: &App, mut claimed: Claimed) -> Result<(), StoreError> {
    let pending = std::mem::take(&mut claimed.pending);
    if pending.is_empty() {
        return app.store.release(claimed.lease).await;
    }
    let id = ChannelAccountId::from_text(claimed.channel_account.as_str());
    let account = match app.accounts.try_find(&id).await {
        Ok(Some(account)) => account,
        Ok(None) => return park_all(app, claimed, pending, "its channel account was removed").await,
        Err(error) => {
            let reason = format!("its channel account cannot be opened: {error:#}");
            return nobody_answers(app, claimed, pending, &reason).await;
        }
    };
    let Some(bot) = app.bots.get(&account.bot) else {
        let bot = &account.bot;
        let reason = format!(
            "no bot called {bot} is in service: give its channel account another one, then hear it again"
        );
        return nobody_answers(app, claimed, pending, &reason).await;
    };
    let count = pending.len();
    let place = Place { app, account: &account, bot: &bot };
    for (index, message) in pending.into_iter().enumerate() {
        let last = index + 1 == count;
        let went_on = turn(&place, &mut claimed, message, last).await?;
        if !went_on {
            return Ok(());
        }
    }
    Ok(())
}

/// How often it is looked whether somebody answers again, and how old a message becomes until it is set aside.
const NOBODY_MILLIS: u64 = 5_000;
const NOBODY_MICROS: i64 = 60 * Micros::SECOND;

/// Nobody can answer now. That may pass; what has waited for a minute is set aside with the reason, to be seen and heard
/// again once it is mended.
async fn nobody_answers(
    app: &App,
    claimed: Claimed,
    pending: Vec<PendingMessage>,
    reason: &str,
) -> Result<(), StoreError> {
    tracing::error!(account = %claimed.channel_account, reason, "nobody answers on this channel account");
    let Some(first) = pending.first() else { return Ok(()) };
    if app.store.clock().now().0 - first.accepted_at.0 >= NOBODY_MICROS {
        return park_all(app, claimed, pending, reason).await;
    }
    app.store.put_back(claimed.lease, NOBODY_MILLIS, &first.inbound).await
}

/// Sets aside what waits in a conversation in which nobody will answer, to be seen.
async fn park_all(
    app: &App,
    mut claimed: Claimed,
    pending: Vec<PendingMessage>,
    reason: &str,
) -> Result<(), StoreError> {
    let count = pending.len();
    for (index, message) in pending.into_iter().enumerate() {
        park(app, &mut claimed, &message, reason, index + 1 == count).await?;
    }
    Ok(())
}

/// One turn. False when it must be tried again and the rest has to wait for it.
async fn turn(
    place: &Place<'_>,
    claimed: &mut Claimed,
    message: PendingMessage,
    last: bool,
) -> Result<bool, StoreError> {
    let Place { app, bot, .. } = *place;
    let started = Instant::now();
    let attempts = app.config.turns.attempts;
    if message.attempts > attempts {
        return park(app, claimed, &message, "it stopped the program several times", last).await;
    }
    let Some(heard) = &message.inbound_message else {
        return park(app, claimed, &message, "its stored form cannot be read by this version", last).await;
    };
    if crate::links::turn::take(place, claimed, (&message, heard, last)).await? {
        return Ok(true);
    }
    let (hearing, along) = hearing(place, claimed, (&message, heard)).await?;
    claimed.control = hearing.control.clone();
    let thinking_shown = show_signs(place, claimed, heard);
    // Waiting for its turn to think is not part of the time that a turn may take.
    let permit = Arc::clone(&app.thinkers).acquire_owned().await;
    let permit = permit.map_err(|_| StoreError::Unusable("the program ends".into()))?;
    let deadline = Duration::from_millis(app.config.turns.deadline_ms);
    let thinking = tokio::spawn({
        let (app, bot) = (App::clone(app), Arc::clone(bot));
        async move { think(&bot, &app.actions, hearing, permit).await }
    });
    let abort = thinking.abort_handle();
    fail::fail_point!("turn.after_model");
    let failure = match tokio::time::timeout(deadline, thinking).await {
        Ok(Ok(Ok(thought))) => {
            drop(thinking_shown);
            commit(place, claimed, (&message, thought, along, last), started).await?;
            return Ok(true);
        }
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(join)) if join.is_panic() => "a panic".to_owned(),
        Ok(Err(_)) => "it was given up".to_owned(),
        Err(_) => {
            abort.abort();
            format!("it took longer than {} ms", deadline.as_millis())
        }
    };
    metrics::counter!("sala_turn_total", "outcome" => "failed").increment(1);
    tracing::warn!(
        conversation.id = %claimed.lease.conversation, attempt = message.attempts, reason = %failure, "a turn failed"
    );
    if message.attempts >= attempts {
        return park(app, claimed, &message, &failure, last).await;
    }
    retry_later(app, claimed.lease.clone(), 250 * u64::try_from(message.attempts).unwrap_or(1)).await;
    Ok(false)
}

/// The bot hears: the message is shown as seen, and typing when the answer takes a while. None where a person owns the
/// next word or the message was not said to us.
fn show_signs(place: &Place<'_>, claimed: &Claimed, heard: &InboundMessage) -> Option<Thinking> {
    let Place { app, account, .. } = *place;
    let is_ours = claimed.control == crate::store::Control::Bot && heard.addressed && !heard.standby;
    if !is_ours || !heard.content.wants_answer() {
        return None;
    }
    let to = Destination { hints: heard.hints.clone(), ..Destination::thread(heard.thread.as_str()) };
    signs::seen(app, account, &to, &heard.external_id);
    Some(Thinking::begin(app, account, to))
}

async fn hearing(
    place: &Place<'_>,
    claimed: &Claimed,
    (message, heard): (&PendingMessage, &InboundMessage),
) -> Result<(Hearing, CameAlong), StoreError> {
    let Place { app, account, bot } = *place;
    let language = claimed.language.clone().or_else(|| heard.sender.language.clone());
    let stored = serde_json::from_str::<ConversationState>(&claimed.state).ok();
    let is_new = stored.is_none();
    let mut state = stored.unwrap_or_else(|| fresh_state(bot, claimed, language.as_deref()));
    know(&mut state, &claimed.facts);
    // Somebody who is linked goes on with what was left unfinished elsewhere.
    let is_private = !heard.group && !claimed.thread.starts_with(channels::COMMENT_THREAD);
    let along = if is_new && is_private {
        come_along(place, (claimed, &mut state), false).await?
    } else {
        CameAlong::default()
    };
    let wait = app.waits.estimate(&app.store, &account.tenant, &claimed.lease.conversation).await?;
    let hearing = Hearing {
        content: numbered::said_by_button(
            pressed_by_number(place, claimed, heard)
                .await?
                .or_else(|| comment_rule::heard(account, &heard.content))
                .unwrap_or_else(|| heard.content.clone()),
        ),
        overheard: heard.standby || !(heard.addressed || quotes_us(place, heard).await?),
        control: along.owner(&claimed.control),
        channel: claimed.channel.clone(),
        state,
        language,
        now: app.store.clock().now(),
        time_zone: app.time_zone(&account.tenant),
        seed: seed(message.message.as_str()),
        wait,
    };
    Ok((hearing, along))
}

/// In a group an answer to a message of ours is meant for us.
async fn quotes_us(place: &Place<'_>, heard: &InboundMessage) -> Result<bool, StoreError> {
    let Some(quoted) = heard.reply_to.as_deref().filter(|_| heard.group) else { return Ok(false) };
    let Place { app, account, .. } = *place;
    let quoted = app.store.message_of_platform(&account.tenant, &account.id, quoted).await?;
    Ok(quoted.is_some_and(|quoted| matches!(quoted.author, Author::Bot | Author::Agent)))
}

/// What a person means who answers with a number, where the platform showed the choices as a numbered list.
pub async fn pressed_by_number(
    place: &Place<'_>,
    claimed: &Claimed,
    heard: &InboundMessage,
) -> Result<Option<Content>, StoreError> {
    let Some(number) = numbered::number_in(&heard.content) else { return Ok(None) };
    let Place { app, account, .. } = *place;
    let newest = app.store.messages(&account.tenant, &claimed.lease.conversation, None, NEWEST).await?;
    let said = newest.iter().rev().find(|message| message.author == Author::Bot);
    let place = (account.adapter, &account.config);
    Ok(said.and_then(|said| numbered::chosen(&said.body, place, &heard.thread, number)))
}

/// The messages among which the bot's last one is looked for.
const NEWEST: i64 = 10;

/// The state of a conversation in which nothing was said, or whose state another version wrote.
fn fresh_state(bot: &LiveBot, claimed: &Claimed, language: Option<&str>) -> ConversationState {
    let language = bot.language(language, None);
    ConversationState::new(dialogues::DialogueState::new(language, claimed.channel.as_str()))
}

async fn commit(
    place: &Place<'_>,
    claimed: &mut Claimed,
    (message, mut thought, along, last): (&PendingMessage, Thought, CameAlong, bool),
    started: Instant,
) -> Result<(), StoreError> {
    let Place { app, bot, .. } = *place;
    let record = TurnRecord::of(bot, &thought, started.elapsed().as_secs_f64() * 1000.0);
    let now = app.store.clock().now();
    let silent = matches!(thought.decision, Decision::Silent { .. });
    going_on::mention(place, claimed, (message, &mut thought)).await?;
    let replies = replies_of(place, claimed, (message, &thought)).await?;
    let best = thought.understanding.intent().map(str::to_owned);
    let state = serde_json::to_string(&thought.state).map_err(StoreError::corrupt("state"))?;
    let turn = TurnCommit {
        lease: claimed.lease.clone(),
        inbound: message.inbound.clone(),
        message: message.message.clone(),
        turn: message.turn,
        state: state.clone(),
        language: Some(thought.language.clone()).filter(|_| !silent || claimed.language.is_none()),
        intent: best,
        sentiment: Some(thought.understanding.sentiment.label.name().to_owned()),
        decision: record.decision.name().to_owned(),
        record: serde_json::to_string(&record).map_err(StoreError::corrupt("turn"))?,
        view: record.view(message.turn, &message.message, now).to_string(),
        replies,
        handoff: thought.performance.hand_off.clone().map(|reason| HandoffRequest { reason }),
        remember: remembered(&thought),
        jobs: crate::line::own_menu::wish(place.account, message, (&thought, now)).into_iter().collect(),
        moved: along.moved,
        came: along.came,
        parked: None,
        last,
    };
    let handed_off = turn.handoff.is_some();
    let language = thought.language.clone();
    if let Some(changes) = &turn.remember {
        claimed.facts = with_changes(&claimed.facts, changes)?;
    }
    app.store.commit_turn(turn).await?;
    claimed.state = state;
    claimed.language = Some(language);
    claimed.done_turn = message.turn;
    if handed_off {
        claimed.control = crate::store::Control::Waiting;
    }
    metrics::counter!("sala_turn_total", "outcome" => "done").increment(1);
    metrics::histogram!("sala_turn_seconds").record(started.elapsed().as_secs_f64());
    for stage in &thought.understanding.stages {
        if stage.ran == nlu::Ran::Yes {
            metrics::counter!("sala_nlu_stage_total", "stage" => stage.name.clone()).increment(1);
        }
    }
    let latency = app.store.clock().now().0 - message.accepted_at.0;
    metrics::histogram!("sala_reply_latency_seconds").record(latency as f64 / 1e6);
    Ok(())
}

/// What the turn says, as the channel takes it.
async fn replies_of(
    place: &Place<'_>,
    claimed: &Claimed,
    (message, thought): (&PendingMessage, &Thought),
) -> Result<Vec<NewReply>, StoreError> {
    let account = place.account;
    let heard = message.inbound_message.as_ref();
    let mut bodies = thought.performance.replies.clone();
    if let Some(heard) = heard {
        bodies = comment_rule::fold(account, &heard.content, (&thought.decision, bodies));
    }
    // Whoever reads the code can be taken for this person.
    let alone = heard.is_none_or(|heard| !heard.group && !matches!(heard.content, Content::Comment { .. }));
    if thought.performance.offers_link && alone {
        bodies.push(offered(place, claimed, &thought.language).await?);
    } else if thought.performance.offers_link {
        let text = place.app.texts.get(&thought.language, "link-private-only");
        bodies = vec![MessageBody::text(text)];
    }
    let live = delivers_live(account.name.as_str());
    let reply = |body| NewReply { author: Author::Bot, author_name: None, body, live };
    Ok(bodies.into_iter().map(reply).collect())
}

/// What this turn remembered of the person, as JSON; none when nothing changed.
fn remembered(thought: &Thought) -> Option<String> {
    let changes = &thought.performance.remember;
    if changes.is_empty() {
        return None;
    }
    // What is forgotten is null in JSON.
    let changes: serde_json::Map<String, serde_json::Value> = changes
        .iter()
        .filter_map(|(name, value)| {
            let json =
                if value.is_none() { serde_json::Value::Null } else { serde_json::to_value(value).ok()? };
            Some((name.clone(), json))
        })
        .collect();
    serde_json::to_string(&changes).ok()
}

/// Sets a message aside with its reason; the conversation goes on with the next one.
async fn park(
    app: &App,
    claimed: &mut Claimed,
    message: &PendingMessage,
    reason: &str,
    last: bool,
) -> Result<bool, StoreError> {
    tracing::error!(conversation.id = %claimed.lease.conversation, reason, "a message was parked");
    metrics::counter!("sala_parked_total", "kind" => "inbound").increment(1);
    let view = crate::turn_record::parked(message.turn, &message.message, app.store.clock().now(), reason);
    let commit = TurnCommit {
        lease: claimed.lease.clone(),
        inbound: message.inbound.clone(),
        message: message.message.clone(),
        turn: message.turn,
        state: claimed.state.clone(),
        language: None,
        intent: None,
        sentiment: None,
        decision: "parked".to_owned(),
        record: view.to_string(),
        view: view.to_string(),
        replies: Vec::new(),
        handoff: None,
        remember: None,
        jobs: Vec::new(),
        moved: None,
        came: None,
        parked: Some(reason.to_owned()),
        last,
    };
    app.store.commit_turn(commit).await?;
    claimed.done_turn = message.turn;
    Ok(true)
}

async fn retry_later(app: &App, lease: Lease, millis: u64) {
    if let Err(error) = app.store.retry_later(lease, millis).await {
        // The lease ends by itself.
        tracing::debug!(%error, "a lease could not be given back early");
    }
}

/// FNV-1a of the message's id: the same message always gets the same variant of a wording.
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
