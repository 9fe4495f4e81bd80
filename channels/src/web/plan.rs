//! The live event that shows a reply.

use serde_json::json;

use super::CAPABILITIES;
use crate::{Destination, Part, Plan, PlatformRequest, Reply, Transport, degrade};

/// One event for the whole reply: `{"parts": […], "choices": […]}` in the vocabulary of [`Reply`], with `reply_to`
/// where it quotes. The planner splits only giant texts and turns what is no web address into text, so that no
/// address in the event can run code in the page.
pub(super) fn plan(to: &Destination, reply: &Reply) -> Plan {
    let degraded = degrade(reply, &CAPABILITIES);
    let choices = degraded.shown.last().map(|shown| shown.choices.clone()).unwrap_or_default();
    let parts: Vec<Part> = degraded.shown.into_iter().map(|shown| shown.part).collect();
    let mut requests = Vec::new();
    if !parts.is_empty() {
        let mut body = json!({"parts": parts, "choices": choices});
        if let Some(quoted) = &reply.reply_to {
            body["reply_to"] = quoted.clone().into();
        }
        requests.push(PlatformRequest::new(Transport::Live { thread: to.thread.clone() }, body));
    }
    Plan { requests, lost: degraded.lost, numbered: degraded.numbered }
}
