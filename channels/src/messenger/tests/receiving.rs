use proptest::prelude::*;

use crate::fixtures::own;
use crate::meta::testing::{self, ENVELOPES, any_json, enveloped, receive};
use crate::{ChannelName, Refusal};

const CHANNEL: ChannelName = ChannelName::Messenger;

#[test]
fn shared_fixtures_have_their_kinds() {
    testing::check_kinds(
        CHANNEL,
        &["restfb-webhooks", "botbuilder-facebook", "restfb-errors", "restfb-send"],
    );
}

#[test]
fn own_webhooks_are_received_as_reviewed() {
    testing::check_own(CHANNEL);
}

#[test]
fn what_is_no_object_is_malformed() {
    for (name, body) in own("messenger/refused") {
        assert_eq!(receive(CHANNEL, &body), Err(Refusal::Malformed), "{name}");
    }
}

proptest! {
    #[test]
    fn bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(receive(CHANNEL, &body).is_err());
    }

    #[test]
    fn any_json_is_heard(envelope in ENVELOPES, content in any_json()) {
        testing::check_hears(CHANNEL, &enveloped(&envelope, &content));
    }

    #[test]
    fn broken_webhooks_are_still_heard(at in 0..60usize, with in any_json(), pick in any::<prop::sample::Index>()) {
        testing::check_broken(CHANNEL, pick, at, &with);
    }
}
