//! A pretended Messenger: the Graph on one side, people's chats with one page on the other. What it does is in `meta`.

#[cfg(test)]
mod tests;

use super::Messenger;
use crate::ChannelName;
use crate::meta::simulator::{MetaProduct, MetaSimulator};

/// One pretended Messenger with one page.
pub type MessengerSimulator = MetaSimulator<Messenger>;

impl MetaProduct for Messenger {
    const CHANNEL: ChannelName = ChannelName::Messenger;
}
