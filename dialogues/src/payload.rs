//! The payloads of quick replies: short enough for every channel, and readable without the state.

use crate::effect::{Choice, Title};
use crate::flow::Position;

/// Telegram carries no more bytes in a button.
pub(crate) const MAX_PAYLOAD: usize = 64;

/// Ids that a flow may not have, because payloads begin with them.
pub(crate) const RESERVED: [&str; 3] = ["begin", "resume", "none"];

/// What a pressed quick reply means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Payload<'p> {
    Begin { flow: &'p str },
    Resume { yes: bool },
    NoneOfThese,
    Option { flow: &'p str, position: Position, option: &'p str },
}

impl<'p> Payload<'p> {
    pub(crate) fn parse(text: &'p str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        match (parts.next()?, parts.next(), parts.next()) {
            ("none", None, None) => Some(Payload::NoneOfThese),
            ("resume", Some("yes"), None) => Some(Payload::Resume { yes: true }),
            ("resume", Some("no"), None) => Some(Payload::Resume { yes: false }),
            ("begin", Some(flow), None) => Some(Payload::Begin { flow }),
            (flow, Some(position), Some(option)) => {
                Some(Payload::Option { flow, position: Position::parse(position)?, option })
            }
            _ => None,
        }
    }
}

pub(crate) fn option(flow: &str, position: &Position, option: &str) -> String {
    format!("{flow}/{position}/{option}")
}

pub(crate) fn begin(flow: &str) -> Choice {
    Choice { payload: format!("begin/{flow}"), title: Title::Wording(flow_title(flow)) }
}

pub(crate) fn none_of_these() -> Choice {
    Choice { payload: "none".to_owned(), title: Title::Wording("none_of_these".to_owned()) }
}

pub(crate) fn resume() -> [Choice; 2] {
    ["yes", "no"].map(|answer| Choice {
        payload: format!("resume/{answer}"),
        title: Title::Wording(format!("resume_{answer}")),
    })
}

/// The wording id of a flow's short name, which people see.
pub(crate) fn flow_title(flow: &str) -> String {
    format!("flow_{flow}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_read_back() {
        let position = Position::first().into_block(1);
        let text = option("cancel_order", &position, "yes_cancel");
        assert_eq!(text, "cancel_order/0.1.0/yes_cancel");
        let read = Payload::parse(&text);
        assert_eq!(read, Some(Payload::Option { flow: "cancel_order", position, option: "yes_cancel" }));
        assert_eq!(Payload::parse(&begin("a").payload), Some(Payload::Begin { flow: "a" }));
        assert_eq!(Payload::parse(&resume()[1].payload), Some(Payload::Resume { yes: false }));
        for text in ["", "x", "a/b/c", "a/0.1/c", "resume/maybe", "none/1"] {
            assert_eq!(Payload::parse(text), None, "{text}");
        }
    }
}
