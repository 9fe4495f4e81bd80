//! Imagemaps: a picture in the chat with areas to tap.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fit::cut;

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
