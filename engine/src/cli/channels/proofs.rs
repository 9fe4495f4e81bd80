//! Which of two secrets the other side signs with, in words, and ending the time in which both are good.

use super::super::print;
use super::{ACTOR, find};
use crate::account_change;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_setup::SetupError;
use crate::rotation::{Rotation, rotations};

/// Says of each secret that is being changed which of the two verified calls.
pub(super) async fn tell(app: &App, account: &OpenAccount) -> anyhow::Result<()> {
    for rotation in rotations(app, account).await? {
        let mark = if rotation.new_proved_at.is_some() { "well " } else { "LOOK " };
        print(&format!("    {mark}  secret   {}", said(&rotation)));
        if rotation.new_proved_at.is_some() {
            let name = &rotation.name;
            print(&format!(
                "           do       `sala channels set {} --end-rotation {name}` when no call comes with the former one",
                account.id
            ));
        } else {
            print(&format!("           do       enter the new {} on the other side", rotation.name));
        }
    }
    Ok(())
}

fn said(rotation: &Rotation) -> String {
    let name = &rotation.name;
    let new = rotation.new_proved_at.map_or_else(
        || "has not verified a call yet".to_owned(),
        |at| format!("verified a call at {}", time(at)),
    );
    let former = rotation
        .former_proved_at
        .map_or_else(|| "has not either".to_owned(), |at| format!("did at {}", time(at)));
    let former = if rotation.new_proved_at.is_some() && rotation.former_proved_at.is_none() {
        "has not".to_owned()
    } else {
        former
    };
    format!("the new {name} {new}; the former one, which is still good, {former}")
}

fn time(millis: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Ends it; where only the former one has verified calls, somebody is asked first.
pub(super) async fn end(app: &App, id: &str, name: &str, insists: bool) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    match account_change::end_rotation(app, &account, (name, insists), ACTOR).await {
        Err(SetupError::Unproved(_)) => {}
        ended => {
            ended?;
            print(&format!("The former {name} is no longer good."));
            return Ok(true);
        }
    }
    let why = format!("The new {name} has not verified a call yet, and the former one has.");
    if !super::care::agreed(&why, "End it all the same?")? {
        return Ok(false);
    }
    account_change::end_rotation(app, &account, (name, true), ACTOR).await?;
    print(&format!("The former {name} is no longer good."));
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_which_secret_verified_calls() {
        let check = |new_proved_at: Option<i64>, former_proved_at: Option<i64>, expected: &str| {
            let rotation = Rotation { name: "app_secret".to_owned(), new_proved_at, former_proved_at };
            assert_eq!(said(&rotation), expected);
        };
        let at = 1_795_270_000_000;
        check(
            None,
            Some(at),
            "the new app_secret has not verified a call yet; the former one, which is still good, did at 2026-11-21 14:06 UTC",
        );
        check(
            None,
            None,
            "the new app_secret has not verified a call yet; the former one, which is still good, has not either",
        );
        check(
            Some(at),
            None,
            "the new app_secret verified a call at 2026-11-21 14:06 UTC; the former one, which is still good, has not",
        );
    }
}
