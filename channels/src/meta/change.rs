//! What happens outside threads: comments below our posts, mentions, and news of the account.

use serde_json::Value;

use super::COMMENT;
use super::decode::Scene;
use super::fields::{first_id, first_text, id, short, text, time};
use crate::{Comment, CommentChange, Content, Echo, Event, InboundMessage, Notice, NoticeKind, Sender};

/// Fields of a page and of a professional account whose news are of the account itself (Graph API, webhooks reference).
const OF_ACCOUNT: &[&str] = &[
    "about",
    "affiliation",
    "attire",
    "awards",
    "bio",
    "birthday",
    "business_integrity",
    "category",
    "company_overview",
    "creator_marketplace_invited_creator_onboarding",
    "creator_marketplace_projects",
    "culinary_team",
    "current_location",
    "delta",
    "description",
    "email",
    "founded",
    "general_info",
    "general_manager",
    "hometown",
    "hours",
    "invoice_access_bank_slip_events",
    "leadgen",
    "leadgen_fat",
    "local_delivery",
    "location",
    "members",
    "merchant_review",
    "mission",
    "name",
    "name_placeholder",
    "page_about_story",
    "page_change_proposal",
    "page_upcoming_change",
    "parking",
    "payment_options",
    "payment_request_update",
    "personal_info",
    "personal_interests",
    "phone",
    "picture",
    "price_range",
    "products",
    "product_review",
    "public_transit",
    "publisher_subscriptions",
    "send_cart",
    "share_message",
    "story_insights",
    "template_category_update",
    "username",
    "website",
];

/// Fields whose news are of posts.
const OF_POSTS: &[&str] = &[
    "checkins",
    "group_feed",
    "inbox_labels",
    "live_videos",
    "story_reactions",
    "story_share",
    "story_poll_response",
    "video_text_question_responses",
    "videos",
    "story_view",
    "media",
];

/// What one change says.
pub(super) fn change_of(scene: &Scene<'_>, field: &str, value: &Value) -> Vec<Event> {
    let item = text(value, "/item").unwrap_or_default();
    let is_comment = match field {
        "comments" | "live_comments" => true,
        "feed" | "group_feed" | "ratings" => item == "comment",
        _ => false,
    };
    if is_comment && let Some(event) = comment(scene, field, value) {
        return vec![event];
    }
    let kind = match field {
        "feed" => NoticeKind::Post,
        "mention" | "mentions" => NoticeKind::Mention,
        "ratings" => NoticeKind::Feedback,
        "conversations" => NoticeKind::Service,
        field if OF_POSTS.contains(&field) => NoticeKind::Post,
        field if OF_ACCOUNT.contains(&field) => NoticeKind::Account,
        _ => return vec![scene.unknown(field, value)],
    };
    vec![news(scene, kind, field, value)]
}

/// Something of the account or of its posts. It opens no conversation: a person who liked a post did not write to us.
fn news(scene: &Scene<'_>, kind: NoticeKind, field: &str, value: &Value) -> Event {
    let item = text(value, "/item").filter(|_| field == "feed");
    let name = item.map_or_else(|| field.to_owned(), |item| format!("{field}_{item}"));
    let words = first_text(value, &["/message", "/review_text", "/title", "/story", "/text"]);
    let created = time(value, "/created_time");
    let event_id = format!("{}:{}", short(field), scene.fingerprint(value, created.is_some()));
    let notice = Notice { kind, name: short(&name), text: words, details: value.clone() };
    let sent_at = scene.sent_at(created);
    let content = Content::Notice { notice };
    let message = InboundMessage::new(event_id, sender_of(value), sent_at, content);
    Event::Message(Box::new(InboundMessage { thread: String::new(), ..message }))
}

/// Who commented, liked or named us; the id is empty where the platform keeps it to itself.
fn sender_of(value: &Value) -> Sender {
    let who = first_id(value, &["/from/id", "/sender_id", "/reviewer_id", "/from/self_ig_scoped_id"]);
    Sender {
        display_name: first_text(value, &["/from/name", "/sender_name", "/reviewer_name"]),
        username: text(value, "/from/username"),
        ..Sender::new(who.unwrap_or_default())
    }
}

/// A comment has a thread of its own, in which it is answered. One of our own is an echo, or we would answer ourselves.
fn comment(scene: &Scene<'_>, field: &str, value: &Value) -> Option<Event> {
    let comment_id = first_id(value, &["/comment_id", "/id"])?;
    let verb = text(value, "/verb").unwrap_or_default();
    let change = match verb.as_str() {
        "remove" | "delete" => CommentChange::Removed,
        "hide" | "hidden" => CommentChange::Hidden,
        "unhide" => CommentChange::Shown,
        "edit" | "edited" | "update" => CommentChange::Edited,
        _ => CommentChange::Added,
    };
    let post = first_id(value, &["/post_id", "/media/id", "/media_id"]);
    let parent = id(value, "/parent_id").filter(|parent| Some(parent) != post.as_ref());
    let created = time(value, "/created_time").or_else(|| time(value, "/timestamp"));
    let comment = Comment {
        id: comment_id.clone(),
        change,
        text: first_text(value, &["/message", "/text"]),
        post,
        parent: parent.clone(),
        url: first_text(value, &["/permalink_url", "/post/permalink_url"]),
        image_url: text(value, "/photo"),
    };
    let thread = format!("{COMMENT}{comment_id}");
    let event_id = match change {
        CommentChange::Added => thread.clone(),
        _ => format!("{thread}:{}", scene.fingerprint(value, false)),
    };
    let mut sender = sender_of(value);
    let is_ours = !sender.external_id.is_empty() && sender.external_id == scene.account;
    if sender.external_id.is_empty() {
        sender.external_id.clone_from(&thread);
    }
    // A change to an older comment is dated by its entry.
    let created = created.filter(|_| change == CommentChange::Added);
    let mut message =
        InboundMessage::new(event_id, sender, scene.sent_at(created), Content::Comment { comment });
    message.external_id = comment_id;
    message.hints.push(("field".into(), field.to_owned()));
    message.reply_to.clone_from(&parent);
    message.thread =
        if is_ours { parent.map_or(thread, |parent| format!("{COMMENT}{parent}")) } else { thread };
    let message = Box::new(message);
    Some(if is_ours {
        Event::Echo(Box::new(Echo { message: *message, ours: false, correlation: None }))
    } else {
        Event::Message(message)
    })
}
