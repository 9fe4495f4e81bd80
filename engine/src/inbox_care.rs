//! Customers whom a colleague in the platform's own inbox has left waiting: after a while they wait in our queue.

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;

/// After how many minutes, where the account does not say; 0 there stands for never.
const MINUTES: i64 = 30;
/// A day: nobody means more.
const MOST_MINUTES: i64 = 24 * 60;

/// Puts the customers of an account who have waited too long into the queue; returns how many.
pub(crate) async fn remind(app: &App, account: &OpenAccount) -> anyhow::Result<usize> {
    let Some(minutes) = minutes(account.config.settings.get(channels::INBOX_MINUTES).map(String::as_str))
    else {
        return Ok(0);
    };
    let before = Micros(app.store.clock().now().0 - minutes * 60 * Micros::SECOND);
    Ok(app.store.remind_of_inbox(&account.tenant, &account.id, before).await?)
}

fn minutes(setting: Option<&str>) -> Option<i64> {
    let minutes = setting.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(MINUTES);
    (minutes > 0).then_some(minutes.min(MOST_MINUTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_while_is_half_an_hour_unless_the_account_says_otherwise() {
        for (setting, expected) in [
            (None, Some(30)),
            (Some("5"), Some(5)),
            (Some("0"), None),
            (Some("99999999"), Some(MOST_MINUTES)),
            (Some("99999999999999999999999"), Some(30)),
            (Some(""), Some(30)),
        ] {
            assert_eq!(minutes(setting), expected, "{setting:?}");
        }
    }
}
