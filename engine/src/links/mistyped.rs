//! Codes that somebody mistyped: known for what they are, so that who made one slip is told to look again, and nobody's
//! typing is a free guess.

use super::proof::{self, LENGTH, LETTERS};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::store::StoreError;
use crate::turn::ConversationState;

/// So many pieces of a text are looked at.
const MOST_PIECES: usize = 8;

/// The piece of a text that is a mistyped code, as it stands there: one letter away from one that we made lately, or the
/// whole text in the shape of a code where no flow waits for a value.
pub(super) async fn find(
    app: &App,
    account: &OpenAccount,
    (thread, text): (&str, &str),
) -> Result<Option<String>, StoreError> {
    for piece in proof::pieces_of(text).into_iter().filter(|piece| is_near(piece)).take(MOST_PIECES) {
        let hash = |code: String| proof::hash(&app.key, &account.tenant, &code);
        let hashes: Vec<String> = meant(&piece).into_iter().map(hash).collect();
        if app.store.is_any_link(&account.tenant, &hashes).await? {
            return Ok(Some(piece));
        }
    }
    let is_alone = has_shape(text) && !expects_value(app, account, thread).await?;
    Ok(is_alone.then(|| text.trim().to_owned()))
}

/// True where a flow has asked for something that may look like a code: an order number, say.
async fn expects_value(app: &App, account: &OpenAccount, thread: &str) -> Result<bool, StoreError> {
    let Some(bot) = app.bots.get(&account.bot) else { return Ok(false) };
    let state = app.store.state_of_thread(&account.tenant, &account.id, thread).await?;
    let state = state.and_then(|state| serde_json::from_str::<ConversationState>(&state).ok());
    let expecting = state.and_then(|state| dialogues::expecting(&bot.dialogue, &state.dialogue));
    Ok(expecting.is_some_and(|expecting| expecting.kind == dialogues::ExpectingKind::Slot))
}

fn bare(text: &str) -> String {
    proof::plain(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

fn is_mixed(bare: &str) -> bool {
    bare.bytes().any(|byte| byte.is_ascii_digit()) && bare.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_near(piece: &str) -> bool {
    let bare = bare(piece);
    (LENGTH - 1..=LENGTH + 1).contains(&bare.len()) && is_mixed(&bare)
}

/// True for a text that is nothing but what a code looks like. Letters and then digits, or the other way round, is what
/// order numbers look like.
fn has_shape(text: &str) -> bool {
    let plain = proof::plain(text);
    let bare = bare(text);
    let is_letter = |byte: &u8| LETTERS.contains(byte);
    let turns = bare.as_bytes().windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit());
    if !is_mixed(&bare) || turns.count() < 2 {
        return false;
    }
    let groups: Vec<&str> = plain.split(['-', '–', ' ']).collect();
    let is_word = |group: &&str| group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !groups.iter().all(is_word) {
        return false;
    }
    match groups.as_slice() {
        [_] => bare.len() == LENGTH && bare.as_bytes().iter().all(is_letter),
        [first, second] if plain.contains(' ') => {
            first.len() == LENGTH / 2 && second.len() == LENGTH / 2 && bare.as_bytes().iter().all(is_letter)
        }
        [first, second] => {
            is_near(text) && first.len().abs_diff(LENGTH / 2) <= 1 && second.len().abs_diff(LENGTH / 2) <= 1
        }
        _ => false,
    }
}

/// The codes that somebody may have meant who made one slip: a letter wrong, missing or too many, or two neighbours
/// exchanged. The letter that checks the others leaves few.
fn meant(piece: &str) -> Vec<String> {
    let bare = bare(piece).into_bytes();
    let mut tried: Vec<Vec<u8>> = Vec::new();
    for place in 0..bare.len() {
        let mut other = bare.clone();
        if bare.len() > LENGTH {
            other.remove(place);
            tried.push(other);
            continue;
        }
        for letter in LETTERS {
            let mut other = bare.clone();
            if bare.len() < LENGTH {
                other.insert(place, *letter);
            } else {
                other[place] = *letter;
            }
            tried.push(other);
        }
        if bare.len() == LENGTH && place + 1 < LENGTH {
            other.swap(place, place + 1);
            tried.push(other);
        }
    }
    if bare.len() < LENGTH {
        tried.extend(LETTERS.iter().map(|letter| [bare.as_slice(), &[*letter]].concat()));
    }
    let codes = tried.into_iter().filter_map(|bytes| proof::read_code(&String::from_utf8(bytes).ok()?));
    let mut codes: Vec<String> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_found_whatever_it_is() {
        for _ in 0..200 {
            let code = proof::new_code();
            let letters = code.as_bytes();
            let mut slips: Vec<Vec<u8>> = Vec::new();
            for place in 0..LENGTH {
                for wrong in [b'0', b'O', b'I', b'X', b'7'] {
                    let mut slip = letters.to_vec();
                    slip[place] = wrong;
                    slips.push(slip);
                }
                let mut missing = letters.to_vec();
                missing.remove(place);
                let mut doubled = letters.to_vec();
                doubled.insert(place, letters[place]);
                slips.extend([missing, doubled]);
                if place > 0 {
                    let mut swapped = letters.to_vec();
                    swapped.swap(place - 1, place);
                    slips.push(swapped);
                }
            }
            for slip in slips {
                let slip = String::from_utf8(slip).unwrap();
                assert!(meant(&slip).contains(&code), "{slip} was {code}");
                assert!(meant(&slip.to_lowercase()).len() <= 32, "few are left");
            }
        }
    }

    #[test]
    fn order_numbers_and_words_are_no_codes() {
        for (text, shape) in [
            ("QQ46-KTNX", true),
            ("qq46 ktnx", true),
            ("QQ46KTNX", true),
            ("QQ46-KTN", true),
            ("๒Q46–KTNX", true),
            ("QO46-K1NX", true),
            ("BK240117", false),
            ("BK24-0117", false),
            ("240117BK", false),
            ("3in1 mixx", false),
            ("model X200", false),
            ("where is QQ46-KTNX", false),
            ("081-2345678", false),
            ("greatest", false),
            ("", false),
        ] {
            assert_eq!(has_shape(text), shape, "{text}");
        }
    }
}
