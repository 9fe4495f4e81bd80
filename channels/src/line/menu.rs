//! A rich menu as people draw it: a picture, areas on it, and what a tap on each does. [`Menu::problems`] says what LINE
//! would refuse, [`Menu::body`] is what LINE gets.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fit::length;

/// What LINE takes for a picture, bytes.
pub const PICTURE_BYTES: usize = 1 << 20;
/// Areas on one menu.
pub const AREAS: usize = 20;
const BAR_LETTERS: usize = 14;
const NAME_LETTERS: usize = 200;
const ALIAS_LETTERS: usize = 32;
const SAID_LETTERS: usize = 300;
const URL_LETTERS: usize = 1_000;

/// A rich menu. Sizes and places are in pixels of its picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Menu {
    /// What people call it here; LINE's customers never see it.
    pub name: String,
    /// The words on the bar that opens it.
    pub bar: String,
    pub width: u32,
    pub height: u32,
    /// Stands open when the chat is opened.
    pub open: bool,
    /// The name by which other menus switch to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
    pub areas: Vec<MenuArea>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuArea {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    /// What screen readers say of it.
    #[serde(default)]
    pub label: String,
    pub tap: MenuTap,
}

/// What a tap does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum MenuTap {
    /// The person says this.
    Say {
        text: String,
    },
    /// Begins a flow of the bot.
    Begin {
        flow: String,
    },
    /// Sends a payload of our own back to us.
    Choose {
        payload: String,
    },
    Open {
        url: String,
    },
    /// Shows the menu of this alias.
    Switch {
        alias: String,
    },
}

/// Something that LINE would refuse; the console words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MenuProblem {
    /// The area, counted from 0; none for the menu itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<usize>,
    /// `name`, `bar`, `size`, `ratio`, `alias`, `areas`, `outside`, `empty`, `say`, `begin`, `choose`, `open`, `switch`,
    /// `label`, or of pictures `picture_missing`, `picture_kind`, `picture_large`, `picture_size`.
    pub what: &'static str,
}

impl MenuProblem {
    pub fn of_menu(what: &'static str) -> Self {
        Self { area: None, what }
    }
}

/// The kind, width and height of a JPEG or PNG; none for anything else.
pub fn picture_size(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let side = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        return Some(("image/png", side(16)?, side(20)?));
    }
    jpeg_size(bytes).map(|(width, height)| ("image/jpeg", width, height))
}

/// The sides in the first frame header of a JPEG.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let two = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let mut at = if bytes.starts_with(&[0xff, 0xd8]) { 2 } else { return None };
    loop {
        let marker = *bytes.get(at + 1).filter(|_| bytes[at] == 0xff)?;
        // C4, C8 and CC among the frame markers are tables.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((u32::from(two(at + 7)?), u32::from(two(at + 5)?)));
        }
        at += if marker == 0xff { 1 } else { 2 + usize::from(two(at + 2)?) };
    }
}

/// What is wrong with a picture for a menu of this size.
pub fn picture_problem(bytes: &[u8], menu: &Menu) -> Option<MenuProblem> {
    if bytes.len() > PICTURE_BYTES {
        return Some(MenuProblem::of_menu("picture_large"));
    }
    let Some((_, width, height)) = picture_size(bytes) else {
        return Some(MenuProblem::of_menu("picture_kind"));
    };
    ((width, height) != (menu.width, menu.height)).then_some(MenuProblem::of_menu("picture_size"))
}

impl Menu {
    /// Everything that LINE would refuse, the menu's own first.
    pub fn problems(&self) -> Vec<MenuProblem> {
        let mut found = Vec::new();
        let mut check = |good: bool, what| {
            if !good {
                found.push(MenuProblem::of_menu(what));
            }
        };
        check(is_said(&self.name, NAME_LETTERS), "name");
        check(is_said(&self.bar, BAR_LETTERS), "bar");
        check((800..=2_500).contains(&self.width) && self.height >= 250, "size");
        // "Aspect ratio (width / height): 1.45 or more".
        check(u64::from(self.width) * 100 >= u64::from(self.height) * 145, "ratio");
        check(self.alias.is_empty() || is_alias(&self.alias), "alias");
        check(self.areas.len() <= AREAS, "areas");
        for (place, area) in self.areas.iter().enumerate() {
            found.extend(self.wrong(area).map(|what| MenuProblem { area: Some(place), what }));
        }
        found
    }

    fn wrong(&self, area: &MenuArea) -> Option<&'static str> {
        let ends = (area.x.checked_add(area.width), area.y.checked_add(area.height));
        let is_inside = matches!(ends, (Some(x), Some(y)) if x <= self.width && y <= self.height);
        if area.width == 0 || area.height == 0 {
            return Some("empty");
        }
        if !is_inside {
            return Some("outside");
        }
        if length(&area.label) > 20 {
            return Some("label");
        }
        area.tap.wrong()
    }

    /// What LINE gets. `mark` makes this upload known again, should its answer be lost: it stands at the end of the name.
    pub fn body(&self, mark: &str) -> Value {
        let areas: Vec<Value> = self.areas.iter().map(MenuArea::body).collect();
        json!({
            "size": {"width": self.width, "height": self.height},
            "selected": self.open,
            "name": format!("{} {mark}", self.name),
            "chatBarText": self.bar,
            "areas": areas,
        })
    }
}

impl MenuArea {
    fn body(&self) -> Value {
        let mut action = match &self.tap {
            MenuTap::Say { text } => json!({"type": "message", "text": text}),
            MenuTap::Begin { flow } => json!({"type": "postback", "data": format!("begin/{flow}")}),
            MenuTap::Choose { payload } => json!({"type": "postback", "data": payload}),
            MenuTap::Open { url } => json!({"type": "uri", "uri": url}),
            MenuTap::Switch { alias } => {
                json!({"type": "richmenuswitch", "richMenuAliasId": alias, "data": format!("menu/{alias}")})
            }
        };
        if !self.label.trim().is_empty() {
            action["label"] = self.label.as_str().into();
            if matches!(self.tap, MenuTap::Begin { .. } | MenuTap::Choose { .. }) {
                action["displayText"] = self.label.as_str().into();
            }
        }
        let bounds = json!({"x": self.x, "y": self.y, "width": self.width, "height": self.height});
        json!({"bounds": bounds, "action": action})
    }
}

impl MenuTap {
    fn wrong(&self) -> Option<&'static str> {
        let (good, what) = match self {
            Self::Say { text } => (is_said(text, SAID_LETTERS), "say"),
            Self::Begin { flow } => (is_said(flow, 58), "begin"),
            Self::Choose { payload } => (is_said(payload, SAID_LETTERS), "choose"),
            Self::Open { url } => {
                let known = ["https://", "http://", "tel:", "line://", "mailto:"];
                let is_address =
                    known.iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
                (is_address && length(url) <= URL_LETTERS, "open")
            }
            Self::Switch { alias } => (is_alias(alias), "switch"),
        };
        (!good).then_some(what)
    }
}

fn is_said(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && length(text) <= most
}

fn is_alias(alias: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    !alias.is_empty() && alias.len() <= ALIAS_LETTERS && alias.chars().all(known)
}
