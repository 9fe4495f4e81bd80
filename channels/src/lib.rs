//! Channels: the message vocabulary and the platforms that speak it.
//!
//! This crate is pure. An adapter turns the bytes of a webhook into [`InboundMessage`]s, a [`Reply`] into
//! [`PlatformRequest`]s, and a platform's response into a [`Receipt`] or a [`SendError`]; each platform also has a
//! simulator that plays the other side. Nothing here does IO, reads a clock or knows about dialogues.
//! A new channel is one file (or folder), one variant of [`ChannelName`] and one line in [`channel`].
//!
//! Every adapter has the same files, so that who knows one knows all:
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | the adapter's struct, its [`Capabilities`], and how the trait's methods are spread over the files |
//! | `receive.rs` | verification, then decoding of what the platform sends |
//! | `plan.rs` | how [`degrade`] fits a reply to the platform, and the requests that show it |
//! | `outcome.rs` | what the platform's answers mean |
//! | `simulator.rs` | the pretended platform, for tests, `sala simulate` and the demo |
//!
//! Messenger and Instagram have theirs in common, in `meta`: their own folders hold what tells them apart.
//!
//! What only one platform has (tokens, registration, media) is in files of its own beside these; a channel as small as
//! [`webhook`] has the first four in one. `docs/adding-a-channel.md` goes through it step by step.
//!
//! Invariants: verification comes before decoding and takes the same time for every wrong secret; what a platform
//! sends never makes `receive` panic, and a kind it does not know becomes [`Content::Unknown`]; no word of a reply is
//! dropped; no request holds a secret where it could be stored or logged.

mod account_config;
mod acts;
mod advice;
mod capabilities;
mod channel;
mod content;
mod degrade;
#[cfg(test)]
mod fitted;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
mod imagemap;
mod json;
mod mark;
mod message;
mod names;
#[cfg(test)]
mod outbound;
mod outgoing;
mod receipt;
mod recorded;
mod reply;
mod rules;
mod setup;
mod signature;

pub mod instagram;
pub mod line;
pub mod messenger;
mod meta;
pub mod simulator;
pub mod telegram;
pub mod templates;
pub mod web;
pub mod webhook;
pub mod whatsapp;

pub use account_config::AccountConfig;
pub use acts::{Act, Acts, PUBLIC_ANSWER, Reactions};
pub use advice::Advice;
pub use capabilities::{Capabilities, Feature, LengthUnit, MediaRule};
pub use channel::{
    Action, Channel, ChannelName, Destination, HINTS_FOR_ONE_REPLY, HttpCall, HttpMethod, HttpResponse,
    MediaFetch, Plan, Polled, Profile, Received, Refusal, channel,
};
pub use content::{
    Comment, CommentChange, Contact, Content, Location, Media, MediaKind, MediaSource, Notice, NoticeKind,
    Order, OrderItem, Reaction, Referral, Shared, Story,
};
pub use degrade::{Degraded, Loss, Lost, Shown, degrade};
pub use imagemap::{AreaAction, ImageArea, Imagemap, Picture, SAYS};
pub use mark::{mark, read_mark};
pub use message::{CALLED, Echo, Event, GROUP_TITLE, Heard, InboundMessage, Sender};
pub use meta::COMMENT as COMMENT_THREAD;
pub use names::{is_hidden_mark, kept_name};
pub use outgoing::{Outgoing, PlatformRequest, Signing, Transport};
pub use receipt::{Cost, Receipt, ReceiptState, SendError};
pub use recorded::{Recorded, recorded};
pub use reply::{
    Button, ButtonAction, Card, Choice, ListRow, ListSection, Part, Reply, Template, TemplatePart,
    TemplateUse,
};
pub use rules::{Outside, Rules, Window};
pub use setup::{AccountCheck, Fact, FieldFault, FieldKind, Finding, INBOX_MINUTES, SetupField};
pub use templates::{TemplatePage, ToldTemplate};
