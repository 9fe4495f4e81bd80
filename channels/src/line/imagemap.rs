//! Imagemaps: a picture in the chat with areas to tap.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fit::{cut, fit_buttons, is_media, length, lines, link, media_link};
use crate::{AreaAction, Button, ImageArea, Imagemap, Loss, MediaKind, Part, Picture};

/// The width in which LINE counts, and the most that the reference allows: areas, and letters said, opened and read.
const WIDTH: u32 = 1_040;
const AREAS: usize = 50;
const SAID: usize = 400;
const LABEL: usize = 50;
/// Older apps take no longer words beside a message.
const ALT: usize = 400;
/// The highest picture we serve, counted as LINE does.
pub const HIGHEST: u32 = 4 * WIDTH;
/// The widths that LINE asks a picture in.
pub const WIDTHS: [u32; 5] = [WIDTH, 700, 460, 300, 240];

/// An area of the picture, in pixels of a picture 1040 wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// What a tap on an area does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Tap {
    /// The person says this, up to 400 letters.
    Say { text: String },
    /// Opens an address, up to 1000 letters.
    Open { url: String },
    /// Copies a text, up to 1000 letters.
    Copy { text: String },
}

/// An imagemap message (to be sent with [`super::broadcast`] or within a call of its own). LINE asks `base_url` for the
/// picture in five widths: `<base_url>/1040`, `/700`, `/460`, `/300` and `/240`. The picture is 1040 wide.
pub fn message(base_url: &str, alt: &str, height: u32, areas: &[(Area, Tap)]) -> Value {
    let actions: Vec<Value> = areas
        .iter()
        .map(|(area, tap)| match tap {
            Tap::Say { text } => json!({"type": "message", "text": text, "area": area}),
            Tap::Open { url } => json!({"type": "uri", "linkUri": url, "area": area}),
            Tap::Copy { text } => json!({"type": "clipboard", "clipboardText": text, "area": area}),
        })
        .collect();
    json!({
        "type": "imagemap",
        "baseUrl": base_url,
        "altText": cut(alt, 400),
        "baseSize": {"width": 1040, "height": height},
        "actions": actions,
    })
}

/// The message of an authored imagemap; none where LINE would refuse it, or where its picture does not lie in LINE's
/// widths.
pub(super) fn of(imagemap: &Imagemap) -> Option<Value> {
    // What is asked for has up to five letters more.
    let base = imagemap.base_url.as_deref().filter(|base| base.len() < 1_990).and_then(media_link)?;
    let is_said = !imagemap.alt.trim().is_empty() && length(&imagemap.alt) <= ALT;
    let height = scaled(imagemap.height, imagemap.width).filter(|height| (1..=HIGHEST).contains(height))?;
    if !is_said || !(1..=AREAS).contains(&imagemap.areas.len()) {
        return None;
    }
    let taps = imagemap.areas.iter().map(|area| Some((clipped(area, imagemap.width, height)?, tap(area)?)));
    let taps: Option<Vec<(Area, Tap)>> = taps.collect();
    let mut message = message(base.trim_end_matches('/'), &imagemap.alt, height, &taps?);
    for (place, area) in imagemap.areas.iter().enumerate() {
        if length(&area.label) > LABEL {
            return None;
        }
        if !area.label.trim().is_empty() {
            message["actions"][place]["label"] = area.label.as_str().into();
        }
    }
    Some(message)
}

/// An imagemap that LINE would refuse, so that the planner makes a picture and buttons of it that LINE takes.
pub(super) fn unpacked(imagemap: &Imagemap) -> (Part, Vec<Loss>) {
    let buttons: Vec<Button> = imagemap.areas.iter().map(ImageArea::button).collect();
    let (alt, buttons, written) = fit_buttons(&imagemap.alt, &buttons);
    let mut losses: Vec<Loss> = written.then_some(Loss::LinksWritten).into_iter().collect();
    if let Picture::Url { url } = &imagemap.picture
        && !is_media(MediaKind::Image, url)
    {
        losses.extend([Loss::ImagemapUnpacked, Loss::MediaLinked]);
        return (Part::Buttons { text: lines(&[&alt, url]), buttons }, losses);
    }
    let is_left = |area: &&ImageArea| buttons.contains(&area.button());
    let areas = imagemap.areas.iter().filter(is_left).cloned().collect();
    (Part::Imagemap { imagemap: Imagemap { alt, areas, base_url: None, ..imagemap.clone() } }, losses)
}

/// What these pixels are in a picture 1040 wide.
fn scaled(pixels: u32, width: u32) -> Option<u32> {
    let scaled = (u64::from(pixels) * u64::from(WIDTH) + u64::from(width) / 2).checked_div(width.into())?;
    u32::try_from(scaled).ok()
}

/// The part of an area that lies within the picture; none where nothing does.
fn clipped(area: &ImageArea, width: u32, height: u32) -> Option<Area> {
    let end = |from: u32, length: u32, most: u32| Some(scaled(from.saturating_add(length), width)?.min(most));
    let (x, y) = (scaled(area.x, width)?, scaled(area.y, width)?);
    let (right, bottom) = (end(area.x, area.width, WIDTH)?, end(area.y, area.height, height)?);
    let sides = right.checked_sub(x).zip(bottom.checked_sub(y));
    let (width, height) = sides.filter(|(width, height)| *width > 0 && *height > 0)?;
    Some(Area { x, y, width, height })
}

fn tap(area: &ImageArea) -> Option<Tap> {
    match &area.action {
        AreaAction::Say { text } => {
            let fits = !text.trim().is_empty() && length(text) <= SAID;
            fits.then(|| Tap::Say { text: text.clone() })
        }
        AreaAction::Open { url } => link(url).map(|url| Tap::Open { url }),
    }
}
