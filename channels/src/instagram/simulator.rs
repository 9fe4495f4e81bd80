//! A pretended Instagram: the Graph on one side, people's chats with one professional account on the other. What it does is in `meta`.

#[cfg(test)]
mod tests;

use super::Instagram;
use crate::ChannelName;
use crate::meta::simulator::{MetaProduct, MetaSimulator};

/// One pretended Instagram with one professional account.
pub type InstagramSimulator = MetaSimulator<Instagram>;

impl MetaProduct for Instagram {
    const CHANNEL: ChannelName = ChannelName::Instagram;
}
