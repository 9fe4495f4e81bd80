//! Asking whoever brought a proof whether they want to be joined with the person who made it, and reading what they say.

use channels::{Choice, Content, InboundMessage};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::offer::title;
use super::turn::Place;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::TenantId;
use crate::numbered;
use crate::store::{Author, Begun, Claimed, MessageBody, StoreError};
use crate::texts::Texts;
use crate::turn::ConversationState;

const CONFIRM: &str = "sala/confirm/";
const DECLINE: &str = "sala/decline/";
/// So much of a proof's hash names the question: with its prefix it is short enough for every platform's buttons.
const NAME: usize = 32;
/// The messages among which the question is looked for.
const NEWEST: i64 = 10;
/// Nobody says yes in more.
const LONGEST_ANSWER: usize = 40;
const LANGUAGES: [&str; 3] = ["en", "th", "zh"];

/// What somebody said to the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The first letters of the hash of the proof that was asked about.
    pub(super) question: String,
    pub(super) yes: bool,
}

/// The question about the proof with this hash.
pub(super) fn body(place: &Place<'_>, (hash, begun): (&str, Option<Begun>), language: &str) -> MessageBody {
    let texts = &place.app.texts;
    let name: String = hash.chars().take(NAME).collect();
    let choice =
        |id, prefix: &str| Choice { title: texts.get(language, id), payload: format!("{prefix}{name}") };
    let choices = vec![choice("link-confirm-yes", CONFIRM), choice("link-confirm-no", DECLINE)];
    let asked = ("link-confirm", "link-confirm-plain");
    let text = words(place.app, &place.account.tenant, (begun.as_ref(), language), asked);
    MessageBody { choices, ..MessageBody::text(text) }
}

/// The words of the question: of the text that names the conversation, or of the plain one where there is none.
pub(crate) fn words(
    app: &App,
    tenant: &TenantId,
    (begun, language): (Option<&Begun>, &str),
    (naming, plain): (&str, &str),
) -> String {
    let named = begun.and_then(|begun| {
        let channel = channels::ChannelName::parse(&begun.channel)?;
        Some((title(app, language, channel), day(app, tenant, (begun.at, language))?))
    });
    match named {
        Some((channel, date)) => app.texts.with(language, naming, &[("channel", &channel), ("date", &date)]),
        None => app.texts.get(language, plain),
    }
}

/// The day on which that was, where the company is.
fn day(app: &App, tenant: &TenantId, (at, language): (Micros, &str)) -> Option<String> {
    let zone = TimeZone::get(&app.time_zone(tenant)).unwrap_or(TimeZone::UTC);
    let day = Timestamp::from_microsecond(at.0).ok()?.to_zoned(zone).date();
    let (year, month) = (i32::from(day.year()), day.month());
    let args = [
        ("day", day.day().to_string()),
        ("month", format!("m{month}")),
        ("month_number", month.to_string()),
        ("year", year.to_string()),
        ("buddhist_year", (year + 543).to_string()),
    ];
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some(app.texts.with(language, "link-date", &args))
}

/// The answer that a message is: the pressed choice, its number, or the typed word while the question is our last word.
pub(super) async fn answered(
    place: &Place<'_>,
    claimed: &Claimed,
    heard: &InboundMessage,
) -> Result<Option<Answer>, StoreError> {
    if heard.group || heard.standby {
        return Ok(None);
    }
    if let Content::Choice { payload, .. } = &heard.content {
        return Ok(pressed(payload));
    }
    let number = numbered::number_in(&heard.content);
    let said = typed(&place.app.texts, &heard.content);
    if number.is_none() && said.is_none() {
        return Ok(None);
    }
    let newest =
        place.app.store.messages(&place.account.tenant, &claimed.lease.conversation, None, NEWEST).await?;
    let ours = newest
        .iter()
        .rev()
        .find(|message| matches!(message.author, Author::Bot | Author::System | Author::Agent));
    let Some(ours) = ours else { return Ok(None) };
    if let Some(number) = number {
        let account = place.account;
        let chosen = numbered::chosen(&ours.body, (account.adapter, &account.config), &heard.thread, number);
        // Where the question has buttons a number still says which.
        let place = number.checked_sub(1).and_then(|place| ours.body.choices.get(place));
        return Ok(match chosen {
            Some(Content::Choice { payload, .. }) => pressed(&payload),
            _ => place.and_then(|choice| pressed(&choice.payload)),
        });
    }
    let asked = ours.body.choices.iter().find_map(|choice| pressed(&choice.payload));
    Ok(asked.zip(said).map(|(asked, yes)| Answer { yes, ..asked }))
}

/// So long after an answer the same button says nothing new, and so long the same word, where no choice is asked for
/// meanwhile; right after it a word was typed before our answer was read.
const SAME_PRESS: i64 = 10 * 60 * Micros::SECOND;
const SAME_WORD: i64 = 60 * Micros::SECOND;
const UNREAD: i64 = 5 * Micros::SECOND;

/// True for the answer that was given already, pressed or typed once more.
pub(super) fn is_repeated(
    place: &Place<'_>,
    state: &ConversationState,
    (content, now): (&Content, Micros),
) -> bool {
    let Some(given) = &state.linked else { return false };
    let age = now.0 - given.at.0;
    if let Content::Choice { payload, .. } = content {
        let again = |answer: Answer| answer.yes == given.yes && answer.question == given.question;
        return age < SAME_PRESS && pressed(payload).is_some_and(again);
    }
    let is_same = typed(&place.app.texts, content) == Some(given.yes)
        || !given.words.is_empty() && words_of(content) == given.words;
    let expecting = dialogues::expecting(&place.bot.dialogue, &state.dialogue);
    let is_choice = expecting.is_some_and(|expecting| expecting.kind == dialogues::ExpectingKind::Choice);
    is_same && age < if is_choice { UNREAD } else { SAME_WORD }
}

/// What somebody typed, to be compared.
pub(super) fn words_of(content: &Content) -> String {
    match content {
        Content::Text { text } if text.chars().count() <= LONGEST_ANSWER => text.trim().to_lowercase(),
        _ => String::new(),
    }
}

fn pressed(payload: &str) -> Option<Answer> {
    let (name, yes) = match payload.strip_prefix(CONFIRM) {
        Some(name) => (name, true),
        None => (payload.strip_prefix(DECLINE)?, false),
    };
    (name.len() == NAME).then(|| Answer { question: name.to_owned(), yes })
}

/// Vowels and tone marks of Thai are part of a word.
fn is_mark(sign: char) -> bool {
    ('\u{e31}'..='\u{e4e}').contains(&sign)
}

/// A yes or a no in any of our languages.
fn typed(texts: &Texts, content: &Content) -> Option<bool> {
    let Content::Text { text } = content else { return None };
    if text.chars().count() > LONGEST_ANSWER {
        return None;
    }
    let text = text.to_lowercase();
    // The whole answer, or its first word: `yes please`, `ใช่ ผมเองครับ`.
    let bare =
        |word: &str| word.trim_matches(|sign: char| !sign.is_alphanumeric() && !is_mark(sign)).to_owned();
    let parts_words = |sign: char| sign.is_whitespace() || matches!(sign, ',' | '，' | '、');
    let text = text.trim();
    let (whole, first) = (bare(text), bare(text.split(parts_words).next().unwrap_or_default()));
    // A no may begin a longer answer with any of its words, a yes only with a plain one: `ครับ` begins every other sentence.
    let says = |words: &str, title: &str, may_begin: &dyn Fn(&str, &str) -> bool| {
        LANGUAGES.iter().any(|language| {
            let title = texts.get(language, title).to_lowercase();
            let all = texts.get(language, words).to_lowercase();
            let mut known = all.split(',').map(str::trim).chain([title.as_str()]);
            known.any(|word| word == whole || (word == first && may_begin(word, &title)))
        })
    };
    if says("link-confirm-no-words", "link-confirm-no", &|_, _| true) {
        return Some(false);
    }
    let is_plain = |word: &str, title: &str| word.starts_with(title);
    says("link-confirm-yes-words", "link-confirm-yes", &is_plain).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_answer_is_a_yes_a_no_or_neither() {
        let texts = Texts::compiled_in().unwrap();
        let check = |expected: Option<bool>, all: &[&str]| {
            for text in all {
                let content = Content::Text { text: (*text).to_owned() };
                assert_eq!(typed(&texts, &content), expected, "{text}");
            }
        };
        let yes = [
            "ใช่",
            "ใช่ค่ะ",
            "ได้ค่ะ",
            "ใช่ ผมเองครับ",
            "ใช่ คุยต่อที่นี่",
            "โอเคครับ",
            "Yes!",
            "yes please",
            "是的",
            "是的，谢谢",
        ];
        check(Some(true), &yes);
        check(Some(false), &["ไม่ใช่", "ไม่ ไม่ใช่ฉัน", "No.", "no thanks", "no, that was not me", "不是"]);
        let neither = [
            "ครับ ขอถามราคาหน่อย",
            "ok where is my parcel",
            "ใช่ไหม",
            "ได้ของวันไหน",
            "yesterday",
            "ส่งเชียงใหม่กี่วันคะ",
            "1",
            "",
            "yes but first tell me what this is all about please",
        ];
        check(None, &neither);
    }
}
