//! The live event that shows a reply.

use serde_json::json;

use crate::{Destination, Part, PlatformRequest, Shown, Transport};

/// One event for the whole reply: `{"parts": […], "choices": […]}` in the vocabulary of [`crate::Reply`], with `reply_to`
/// where it quotes. The planner splits only giant texts and turns what is no web address into text, so that no
/// address in the event can run code in the page.
pub(super) fn request(to: &Destination, shown: &[Shown]) -> Option<PlatformRequest> {
    let parts: Vec<&Part> = shown.iter().map(|shown| &shown.part).collect();
    let mut body = json!({"parts": parts, "choices": shown.last()?.choices});
    if let Some(quoted) = &shown.first()?.reply_to {
        body["reply_to"] = quoted.clone().into();
    }
    Some(PlatformRequest::new(Transport::Live { thread: to.thread.clone() }, body))
}
