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
//! | `plan.rs` | the requests that show a reply, after [`degrade`] has fitted it to the platform |
//! | `outcome.rs` | what the platform's answers mean |
//! | `simulator.rs` | the pretended platform, for tests, `sala simulate` and the demo |
//!
//! What only one platform has (tokens, registration, media) is in files of its own beside these.
//!
//! Invariants: verification comes before decoding and takes the same time for every wrong secret; what a platform
//! sends never makes `receive` panic, and a kind it does not know becomes [`Content::Unknown`]; no word of a reply is
//! dropped; no request holds a secret where it could be stored or logged.

mod advice;
mod capabilities;
mod channel;
mod content;
mod degrade;
#[cfg(test)]
mod fixtures;
mod json;
mod message;
mod reply;

pub mod simulator;
pub mod telegram;
pub mod web;

pub use advice::Advice;
pub use capabilities::{Capabilities, Feature, LengthUnit};
pub use channel::{
    AccountConfig, Channel, ChannelName, Destination, HttpCall, HttpMethod, HttpResponse, MediaFetch, Plan,
    PlatformRequest, Polled, Receipt, ReceiptState, Received, Refusal, SendError, Transport, channel,
};
pub use content::{Contact, Content, Location, Media, MediaKind, MediaSource, Reaction, Referral};
pub use degrade::{Degraded, Loss, Lost, Shown, degrade};
pub use message::{Event, InboundMessage, Sender};
pub use reply::{Button, ButtonAction, Card, Choice, Part, Reply};
