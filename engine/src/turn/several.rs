//! Messages that ask for several things: one after the other, and what must wait is kept until it can be dealt with.

use std::sync::Arc;

use channels::Content;
use nlu::Understood;

use super::{Hearing, Mind, Thought, carry_out, make_up_mind, question};
use crate::actions::Actions;
use crate::bots::LiveBot;
use crate::clock::Micros;
use crate::decide::{Decision, Question};
use crate::store::Control;

/// More are not carried out in one turn.
const AT_ONCE: usize = 3;
/// After so long nobody waits for an answer to what was asked besides.
const STALE_MS: i64 = 30 * 60 * 1000;

/// What to begin with and what comes after, where a message asks for several things and nothing else is under way that
/// it may be about. What is answered from the articles goes first: it asks nothing back.
pub(super) fn divided(
    bot: &LiveBot,
    hearing: &Hearing,
    understood: &Understood,
) -> Option<(String, Vec<String>)> {
    let requests = &understood.understanding.requests;
    let plain = matches!(hearing.content, Content::Text { .. }) && !hearing.overheard;
    let expecting = dialogues::expecting(&bot.dialogue, &hearing.state.dialogue);
    if requests.len() < 2
        || !plain
        || hearing.control != Control::Bot
        || question(expecting.as_ref()).is_open()
    {
        return None;
    }
    let (mut order, flows): (Vec<_>, Vec<_>) =
        requests.iter().partition(|request| bot.dialogue.answers_from_knowledge(&request.intent.name));
    order.extend(flows);
    let mut texts = order.into_iter().map(|request| request.text.clone());
    Some((texts.next()?, texts.collect()))
}

/// Carries out what was asked besides, until one of them asks something back.
pub(super) async fn carry_out_the_rest(
    bot: &Arc<LiveBot>,
    actions: &Actions,
    hearing: &Hearing,
    mut thought: Thought,
) -> anyhow::Result<Thought> {
    if thought.performance.hand_off.is_some() {
        // A person takes care of all of it.
        thought.state.asked.clear();
    }
    thought.state.asked.retain(|asked| !is_stale(asked.at, hearing.now));
    for _ in 0..AT_ONCE {
        if !is_free(bot, hearing, &thought) || thought.state.asked.is_empty() {
            break;
        }
        let asked = thought.state.asked.remove(0);
        let rest = Hearing {
            content: Content::Text { text: asked.text },
            state: thought.state.clone(),
            language: Some(thought.language.clone()),
            ..hearing.clone()
        };
        let bot_clone = Arc::clone(bot);
        let made_up = tokio::task::spawn_blocking(move || (make_up_mind(&bot_clone, &rest), rest));
        let (mind, rest) = made_up.await?;
        if says_something(&mind) {
            drop_the_offer(bot, &mut thought);
            let next = carry_out(bot, actions, &rest, mind).await?;
            add(&mut thought, next);
        }
    }
    Ok(thought)
}

fn is_stale(at: Micros, now: Micros) -> bool {
    now.millis() - at.millis() > STALE_MS
}

/// Nothing that was said waits for an answer, and the bot may speak.
fn is_free(bot: &LiveBot, hearing: &Hearing, thought: &Thought) -> bool {
    let performance = &thought.performance;
    let speaks = hearing.control == Control::Bot && !matches!(thought.decision, Decision::Silent { .. });
    let goes_on = performance.hand_off.is_none() && !performance.offers_link;
    speaks && goes_on && !asks(bot, thought).is_open()
}

fn asks(bot: &LiveBot, thought: &Thought) -> Question {
    question(dialogues::expecting(&bot.dialogue, &thought.state.dialogue).as_ref())
}

/// What was certain when it was heard may no longer be, with what was said since.
fn says_something(mind: &Mind) -> bool {
    matches!(mind.decision, Decision::Answer | Decision::StartFlow { .. } | Decision::ContinueFlow)
}

/// "Anything else?" comes once, at the end.
fn drop_the_offer(bot: &LiveBot, thought: &mut Thought) {
    let performance = &mut thought.performance;
    let last_is_offer = performance.said.len() == performance.replies.len() && performance.replies.len() > 1;
    if last_is_offer && asks(bot, thought) == Question::Offer {
        thought.performance.said.pop();
        thought.performance.replies.pop();
    }
}

fn add(thought: &mut Thought, next: Thought) {
    thought.also.push(next.decision);
    thought.state = next.state;
    thought.language = next.language;
    thought.articles.extend(next.articles);
    let (all, more) = (&mut thought.performance, next.performance);
    all.state = more.state;
    all.replies.extend(more.replies);
    all.said.extend(more.said);
    all.hand_off = all.hand_off.take().or(more.hand_off);
    all.remember.extend(more.remember);
    all.visited.extend(more.visited);
    all.called.extend(more.called);
    all.offers_link |= more.offers_link;
    all.menu = more.menu.or(all.menu.take());
}
