//! Choices that a platform could show only as a numbered list: a number in answer is the choice.

use std::collections::BTreeMap;

use channels::{AccountConfig, Channel, Content, Destination, Reply, SAYS};
use nlu::Normalised;

use crate::store::MessageBody;

/// A number from 1 to 99 alone in a text, in digits of any script, with a full stop or bracket behind it at most.
pub fn number_in(content: &Content) -> Option<usize> {
    let Content::Text { text } = content else { return None };
    let digits = text.trim().trim_end_matches(['.', ')']);
    if digits.is_empty() || digits.chars().count() > 2 {
        return None;
    }
    Normalised::new(digits).text().parse().ok().filter(|number| (1..=99).contains(number))
}

/// The choice of that number in what was said, as this platform numbered it there; none where it numbered nothing.
pub fn chosen(
    said: &MessageBody,
    (adapter, account): (&dyn Channel, &AccountConfig),
    thread: &str,
    number: usize,
) -> Option<Content> {
    let reply = Reply { parts: said.parts.clone(), choices: said.choices.clone(), ..Reply::default() };
    let fitted = adapter.fit(account, &Destination::thread(thread), &reply);
    let choice = fitted.numbered.into_iter().nth(number.checked_sub(1)?)?;
    Some(Content::Choice { payload: choice.payload, title: Some(choice.title), values: BTreeMap::new() })
}

/// What a person says who presses a button that stands for an area of a picture: LINE's areas say it themselves.
pub fn said_by_button(content: Content) -> Content {
    let said = match &content {
        Content::Choice { payload, .. } => payload.strip_prefix(SAYS).map(str::to_owned),
        _ => None,
    };
    said.map_or(content, |text| Content::Text { text })
}

#[cfg(test)]
mod tests {
    use channels::{ChannelName, Choice, channel};

    use super::*;

    fn check(channel_name: ChannelName, choices: usize, answer: &str, expected: Option<&str>) {
        let choice = |n: usize| Choice { title: format!("Choice {n}"), payload: format!("p{n}") };
        let said =
            MessageBody { choices: (1..=choices).map(choice).collect(), ..MessageBody::text("Which?") };
        let account = AccountConfig::default();
        let place = (channel(channel_name), &account);
        let heard = Content::Text { text: answer.to_owned() };
        let found = number_in(&heard).and_then(|number| chosen(&said, place, "1000001", number));
        let payload = found.map(|content| match content {
            Content::Choice { payload, .. } => payload,
            other => panic!("{other:?}"),
        });
        assert_eq!(payload.as_deref(), expected, "{answer} on {}", channel_name.as_str());
    }

    #[test]
    fn a_number_is_the_choice_where_the_platform_numbered_them() {
        check(ChannelName::Whatsapp, 12, "11", Some("p11"));
        check(ChannelName::Whatsapp, 12, " ๒. ", Some("p2"));
        check(ChannelName::Whatsapp, 12, "３)", Some("p3"));
        for other in ["0", "13", "2 bags", "100", "-1", "1.5", ""] {
            check(ChannelName::Whatsapp, 12, other, None);
        }
        // Shown as buttons: a number is a number.
        check(ChannelName::Whatsapp, 3, "2", None);
        check(ChannelName::Web, 12, "2", None);
    }
}
