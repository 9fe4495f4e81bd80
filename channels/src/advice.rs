//! What a person can do about a message that was refused.

use serde::{Deserialize, Serialize};

/// A closed list, so that the engine can word every one in every language and a test can hold it to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// The account's token or key is wrong or was taken back: enter a new one.
    CheckToken,
    /// The person blocked us, left, or never began a chat: wait until they write.
    WaitForPerson,
    /// The thread does not exist for this account: check the address.
    CheckAddress,
    /// The group has a new id: use the one that the platform names.
    UseNewThread,
    /// The text is empty, too long or not allowed: change its wording.
    ChangeText,
    /// The platform could not fetch or read the file: check its address, type and size.
    CheckFile,
    /// A button's title, address or payload is not allowed: change it.
    ChangeButtons,
    /// We lack a right in this chat: ask its owner.
    AskForRights,
    /// The message that was to be changed is gone: send a new one.
    SendNew,
    /// A webhook is set, so the account cannot be polled: remove one of the two.
    RemoveWebhook,
    /// This channel works by webhook only.
    UseWebhook,
    /// The time for free answers is over: send an approved template, or let a person answer while the platform lets one.
    UseTemplate,
    /// Another program or the platform's own inbox owns the thread: take it back first.
    TakeControl,
    /// The platform restricts our account, or waits for something there (payment, registration, a name): look at it on the
    /// platform.
    CheckAccount,
    /// The template does not exist, is paused, or has other blanks: look at it on the platform.
    CheckTemplate,
    /// This month's quota of messages is used up: wait for the next month, or buy more.
    RaiseQuota,
    /// Nobody can do anything but report the reason.
    Report,
}

impl Advice {
    pub const ALL: [Self; 17] = [
        Self::CheckToken,
        Self::WaitForPerson,
        Self::CheckAddress,
        Self::UseNewThread,
        Self::ChangeText,
        Self::CheckFile,
        Self::ChangeButtons,
        Self::AskForRights,
        Self::SendNew,
        Self::RemoveWebhook,
        Self::UseWebhook,
        Self::UseTemplate,
        Self::TakeControl,
        Self::CheckAccount,
        Self::CheckTemplate,
        Self::RaiseQuota,
        Self::Report,
    ];

    /// The stable name, as [`crate::SendError::Refused`] carries it and the message catalogues spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CheckToken => "check-token",
            Self::WaitForPerson => "wait-for-person",
            Self::CheckAddress => "check-address",
            Self::UseNewThread => "use-new-thread",
            Self::ChangeText => "change-text",
            Self::CheckFile => "check-file",
            Self::ChangeButtons => "change-buttons",
            Self::AskForRights => "ask-for-rights",
            Self::SendNew => "send-new",
            Self::RemoveWebhook => "remove-webhook",
            Self::UseWebhook => "use-webhook",
            Self::UseTemplate => "use-template",
            Self::TakeControl => "take-control",
            Self::CheckAccount => "check-account",
            Self::CheckTemplate => "check-template",
            Self::RaiseQuota => "raise-quota",
            Self::Report => "report",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advice_is_spelled_one_way() {
        for advice in Advice::ALL {
            assert_eq!(serde_json::to_value(advice).unwrap(), advice.as_str());
        }
    }
}
