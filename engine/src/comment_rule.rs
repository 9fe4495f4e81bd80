//! The rule by which the bot answers comments: a setting of the account. Without it people do.

use channels::{Comment, CommentChange, Content};

use crate::accounts::OpenAccount;
use crate::decide::Decision;
use crate::store::{CommentAnswer, MessageBody};

/// `public`: below the comment; `private`: to its author alone; anything else: people answer.
pub const COMMENTS_SETTING: &str = "comments";

/// How the bot answers comments on this account; none where people do.
fn rule(account: &OpenAccount) -> Option<CommentAnswer> {
    match account.config.settings.get(COMMENTS_SETTING).map(String::as_str) {
        Some("public") => Some(CommentAnswer::Public),
        Some("private") => Some(CommentAnswer::Private),
        _ => None,
    }
}

/// A new comment as the words that the bot hears, where the rule says so.
pub fn heard(account: &OpenAccount, content: &Content) -> Option<Content> {
    rule(account)?;
    let Content::Comment { comment: Comment { change: CommentChange::Added, text: Some(text), .. } } =
        content
    else {
        return None;
    };
    Some(Content::Text { text: text.clone() })
}

/// The replies to a comment as one message, which is all that may be sent in private; nothing where the bot has no answer
/// to give: that it did not understand is no news for everybody. Replies elsewhere stay as they are.
pub fn fold(
    account: &OpenAccount,
    content: &Content,
    (decision, replies): (&Decision, Vec<MessageBody>),
) -> Vec<MessageBody> {
    let is_comment = matches!(content, Content::Comment { .. });
    let Some(answer) = rule(account).filter(|_| is_comment) else { return replies };
    if matches!(decision, Decision::AskAgain { .. } | Decision::HandOff { .. }) {
        return Vec::new();
    }
    let mut whole = MessageBody { answer: Some(answer), ..MessageBody::default() };
    for body in replies {
        whole.parts.extend(body.parts);
        whole.citations.extend(body.citations);
        whole.choices = body.choices;
    }
    if answer == CommentAnswer::Public {
        // Nothing can be pressed below a comment.
        whole.choices.clear();
    }
    if whole.parts.is_empty() { Vec::new() } else { vec![whole] }
}
