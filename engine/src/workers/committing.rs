//! What a turn leaves behind: state, record, replies and wishes, in one commit.

use channels::Content;
use tokio::time::Instant;

use crate::accounts::delivers_live;
use crate::comment_rule;
use crate::decide::Decision;
use crate::links::going_on::{self, CameAlong};
use crate::links::turn::{Place, offered};
use crate::store::{
    Author, Claimed, HandoffRequest, MessageBody, NewReply, PendingMessage, StoreError, TurnCommit,
    with_changes,
};
use crate::turn::Thought;
use crate::turn_record::TurnRecord;

/// Commits what the turn thought.
pub(super) async fn commit(
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
    let understanding = &thought.understanding;
    let read = understanding.sentiment.confidence > 0.0;
    let best = understanding.intent().map(str::to_owned);
    let state = serde_json::to_string(&thought.state).map_err(StoreError::corrupt("state"))?;
    let turn = TurnCommit {
        lease: claimed.lease.clone(),
        inbound: message.inbound.clone(),
        message: message.message.clone(),
        turn: message.turn,
        state: state.clone(),
        language: Some(thought.language.clone()).filter(|_| !silent || claimed.language.is_none()),
        intent: best,
        sentiment: read.then(|| understanding.sentiment.label.name().to_owned()),
        urgent: understanding.urgency.urgent,
        toxic: understanding.urgency.toxic,
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
    metrics::counter!("sala_nlu_memory_total", "outcome" => if thought.remembered { "hit" } else { "miss" })
        .increment(1);
    for stage in &thought.understanding.stages {
        if stage.ran == nlu::Ran::Yes && !thought.remembered {
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
