//! The shapes of what a message holds beside its words.

use serde::Deserialize;

use super::update::{Field, Integer, Story};

/// What a message holds beside its words; of these it has one, apart from the pairs that [`super::content`] names.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Parts {
    pub(super) animation: Field<File>,
    pub(super) audio: Field<File>,
    pub(super) document: Field<File>,
    pub(super) live_photo: Field<File>,
    pub(super) paid_media: Field<PaidMedia>,
    pub(super) photo: Field<Vec<Field<File>>>,
    pub(super) sticker: Field<Sticker>,
    pub(super) video: Field<File>,
    pub(super) video_note: Field<File>,
    pub(super) voice: Field<File>,
    pub(super) contact: Field<Contact>,
    pub(super) venue: Field<Venue>,
    pub(super) location: Field<Place>,
    pub(super) poll: Field<Poll>,
    pub(super) checklist: Field<Checklist>,
    pub(super) story: Field<Story>,
    pub(super) users_shared: Field<UsersShared>,
    pub(super) chat_shared: Field<ChatShared>,
    pub(super) web_app_data: Field<WebAppData>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PaidMedia {
    pub(super) paid_media: Field<Vec<Field<PaidFile>>>,
}

/// One of the things that were paid for, or only its blurred preview.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PaidFile {
    pub(super) photo: Field<Vec<Field<File>>>,
    pub(super) video: Field<File>,
    pub(super) live_photo: Field<File>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub(super) phone_number: Field<String>,
    pub(super) first_name: Field<String>,
    pub(super) last_name: Field<String>,
    pub(super) user_id: Integer,
    pub(super) vcard: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    pub(super) latitude: Field<f64>,
    pub(super) longitude: Field<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Venue {
    pub(super) location: Field<Place>,
    pub(super) title: Field<String>,
    pub(super) address: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Poll {
    pub(super) question: Field<String>,
    pub(super) options: Field<Vec<Field<Worded>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Checklist {
    pub(super) title: Field<String>,
    pub(super) tasks: Field<Vec<Field<Worded>>>,
}

/// An option of a poll, a task of a list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Worded {
    pub(super) text: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UsersShared {
    pub(super) users: Field<Vec<Field<SharedUser>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SharedUser {
    pub(super) user_id: Integer,
    pub(super) first_name: Field<String>,
    pub(super) last_name: Field<String>,
    pub(super) username: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatShared {
    pub(super) chat_id: Integer,
    pub(super) title: Field<String>,
    pub(super) username: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WebAppData {
    pub(super) data: Field<String>,
    pub(super) button_text: Field<String>,
}

/// A file of any kind; a photo is a list of these.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are the Bot API's")]
pub(super) struct File {
    pub(super) file_id: Field<String>,
    pub(super) file_name: Field<String>,
    pub(super) mime_type: Field<String>,
    pub(super) file_size: Field<u64>,
    pub(super) width: Field<u32>,
    pub(super) height: Field<u32>,
    /// Seconds.
    pub(super) duration: Field<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sticker {
    pub(super) file_id: Field<String>,
    pub(super) emoji: Field<String>,
    pub(super) is_animated: Field<bool>,
    pub(super) is_video: Field<bool>,
    pub(super) file_size: Field<u64>,
}
