//! A picture with areas to press, below the words of a wording.
//!
//! ```yaml
//! what_to_buy:
//!   text: What may we bring you?
//!   imagemap:
//!     picture: https://shop.example/menu.jpg
//!     alt: Coffee on the left, tea on the right
//!     width: 1040
//!     height: 520
//!     areas:
//!       - { x: 0, y: 0, width: 520, height: 520, label: Coffee, say: I would like coffee }
//!       - { x: 520, y: 0, width: 520, height: 520, label: Tea, open: 'https://shop.example/tea' }
//! ```

use serde::{Deserialize, Serialize};

use crate::reading::{Fields, Node, Reading, Yaml};

/// How many areas LINE takes, and how far a picture may reach, in pixels.
const AREAS: usize = 50;
const SIDE: u32 = 10_000;

/// A picture with areas, as its author wrote it: it holds no values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordedImagemap {
    /// An https address, or `blob:` and the id of a stored file.
    pub picture: String,
    pub alt: String,
    pub width: u32,
    pub height: u32,
    pub areas: Vec<WordedArea>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordedArea {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    pub label: String,
    pub press: Press,
}

/// What a press does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Press {
    Say(String),
    Open(String),
}

/// The picture of a wording; one that is wrong is reported and left out.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Option<WordedImagemap> {
    let fields = reading.fields(node, "imagemap", &["picture", "alt", "width", "height", "areas"])?;
    let picture = fields.need("picture", reading)?;
    let address = reading.text(picture, "picture")?;
    if !(address.starts_with("https://") || address.starts_with("blob:")) {
        let advice = "write an https address, or blob: and the id of a stored file";
        reading.error(picture.mark, "picture", format!("`{address}` is no picture"), advice);
        return None;
    }
    let alt = fields.need("alt", reading).and_then(|node| reading.text(node, "alt"))?;
    let (width, height) = (pixels(&fields, "width", 1, reading)?, pixels(&fields, "height", 1, reading)?);
    let listed = fields.need("areas", reading)?;
    let Yaml::List(items) = &listed.value else {
        reading.wrong(listed, "areas", "a list");
        return None;
    };
    if !(1..=AREAS).contains(&items.len()) {
        reading.error(listed.mark, "areas", format!("a picture has 1 to {AREAS} areas"), "");
    }
    let areas = items.iter().filter_map(|item| read_area(item, (width, height), reading)).collect();
    Some(WordedImagemap { picture: address, alt, width, height, areas })
}

fn read_area(node: &Node, (wide, high): (u32, u32), reading: &mut Reading<'_>) -> Option<WordedArea> {
    let known = ["x", "y", "width", "height", "label", "say", "open"];
    let fields = reading.fields(node, "areas", &known)?;
    let (x, y) = (pixels(&fields, "x", 0, reading)?, pixels(&fields, "y", 0, reading)?);
    let (width, height) = (pixels(&fields, "width", 1, reading)?, pixels(&fields, "height", 1, reading)?);
    if x + width > wide || y + height > high {
        reading.error(fields.mark, "areas", "the area hangs over the edge of the picture", "");
    }
    let label = fields.get("label").and_then(|node| reading.text(node, "label")).unwrap_or_default();
    let say = fields.get("say").and_then(|node| reading.text(node, "say")).map(Press::Say);
    let open = fields.get("open").and_then(|node| reading.text(node, "open")).map(Press::Open);
    if let Some(Press::Open(url)) = &open
        && !url.starts_with("https://")
    {
        reading.error(fields.mark, "open", format!("`{url}` is no https address"), "");
    }
    let ((Some(press), None) | (None, Some(press))) = (say, open) else {
        reading.error(fields.mark, "areas", "a press does one thing", "write either say or open");
        return None;
    };
    Some(WordedArea { x, y, width, height, label, press })
}

fn pixels(fields: &Fields<'_>, name: &str, least: u32, reading: &mut Reading<'_>) -> Option<u32> {
    let node = fields.need(name, reading)?;
    let number = reading.count(node, name, SIDE)?;
    if number < least {
        reading.error(node.mark, name, format!("{number} is outside {least} to {SIDE}"), "");
    }
    Some(number)
}
