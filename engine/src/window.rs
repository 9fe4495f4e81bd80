//! The clock on a conversation: until when the platform lets us speak, and how.

use channels::{Outside, Window};
use serde::Serialize;

use crate::clock::Micros;

/// How a conversation stands with the platform's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Anything may be said at any time.
    Always,
    /// Anything may be said until then.
    Open {
        until: Micros,
    },
    /// Only a person of ours may answer, until then.
    HumanOnly {
        until: Micros,
    },
    /// Only approved templates may be sent.
    TemplatesOnly,
    Shut,
}

const HOUR: i64 = 3_600 * Micros::SECOND;

/// `heard_at`: when the person last wrote, zero where nobody knows: the platform then has the last word.
pub fn standing(window: Window, heard_at: Micros, now: Micros) -> Standing {
    let Window::Since { hours, human_hours, after } = window else { return Standing::Always };
    if heard_at.0 == 0 {
        return Standing::Always;
    }
    let until = |hours: u32| Micros(heard_at.0 + i64::from(hours) * HOUR);
    if now < until(hours) {
        Standing::Open { until: until(hours) }
    } else if now < until(human_hours) {
        Standing::HumanOnly { until: until(human_hours) }
    } else if after == Outside::Templates {
        Standing::TemplatesOnly
    } else {
        Standing::Shut
    }
}

impl Standing {
    /// True where a reply may go out. `human`: a person of ours wrote it.
    pub fn lets_through(self, human: bool, is_template: bool) -> bool {
        match self {
            Self::Always | Self::Open { .. } => true,
            Self::HumanOnly { .. } => human || is_template,
            Self::TemplatesOnly => is_template,
            Self::Shut => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: Window = Window::Since { hours: 24, human_hours: 168, after: Outside::Templates };
    const WHATSAPP: Window = Window::Since { hours: 24, human_hours: 24, after: Outside::Templates };
    const BARE: Window = Window::Since { hours: 24, human_hours: 24, after: Outside::Nothing };

    /// `lets`: what the bot, a person and a template may.
    fn check(window: Window, hours_ago: i64, expected: Standing, lets: [bool; 3]) {
        let heard = Micros(1_000 * HOUR);
        let found = standing(window, heard, Micros(heard.0 + hours_ago * HOUR));
        assert_eq!(found, expected);
        let found_lets = [
            found.lets_through(false, false),
            found.lets_through(true, false),
            found.lets_through(false, true),
        ];
        assert_eq!(found_lets, lets, "{found:?}");
    }

    #[test]
    fn the_window_shuts_by_the_hour() {
        let until = |hours: i64| Micros((1_000 + hours) * HOUR);
        check(META, 23, Standing::Open { until: until(24) }, [true, true, true]);
        check(META, 24, Standing::HumanOnly { until: until(168) }, [false, true, true]);
        check(META, 168, Standing::TemplatesOnly, [false, false, true]);
        check(WHATSAPP, 24, Standing::TemplatesOnly, [false, false, true]);
        check(BARE, 25, Standing::Shut, [false, false, false]);
        check(Window::Always, 10_000, Standing::Always, [true, true, true]);
        check(Window::Quota, 10_000, Standing::Always, [true, true, true]);
    }

    #[test]
    fn an_unknown_past_is_left_to_the_platform() {
        assert_eq!(standing(META, Micros(0), Micros(HOUR)), Standing::Always);
    }
}
