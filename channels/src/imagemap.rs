//! A picture with areas to press.

use serde::{Deserialize, Serialize};

use crate::{Button, ButtonAction};

/// What the payload begins with of a button that stands for an area: the person is heard as saying the rest.
pub const SAYS: &str = "say/";

/// A picture with areas to press. LINE shows it as an imagemap; elsewhere the picture has buttons below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imagemap {
    pub picture: Picture,
    /// What the picture says, for who does not see it.
    pub alt: String,
    /// The picture's own size in pixels, in which the areas are measured.
    pub width: u32,
    pub height: u32,
    pub areas: Vec<ImageArea>,
    /// An https address below which the picture lies in the widths that LINE asks for: `<base_url>/1040`, `/700`,
    /// `/460`, `/300` and `/240`. Whoever serves them fills it in before the reply is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// Where the picture of an imagemap is: JPEG or PNG.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case", deny_unknown_fields)]
pub enum Picture {
    /// At an https address.
    Url { url: String },
    /// In our blob store.
    Blob { id: String },
}

/// An area of the picture; what hangs over its edge does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageArea {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    /// What screen readers say of it, and what stands on its button elsewhere.
    #[serde(default)]
    pub label: String,
    pub action: AreaAction,
}

/// What a press on an area does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum AreaAction {
    /// The person says this.
    Say { text: String },
    /// Opens an address.
    Open { url: String },
}

impl ImageArea {
    /// Its label, or what it says or opens where it has none.
    pub fn title(&self) -> &str {
        match &self.action {
            _ if !self.label.trim().is_empty() => &self.label,
            AreaAction::Say { text } => text,
            AreaAction::Open { url } => url,
        }
    }

    /// The button that does the same.
    pub(crate) fn button(&self) -> Button {
        let action = match &self.action {
            AreaAction::Say { text } => ButtonAction::Choose { payload: format!("{SAYS}{text}") },
            AreaAction::Open { url } => ButtonAction::Open { url: url.clone() },
        };
        Button { title: self.title().to_owned(), action }
    }
}

impl Imagemap {
    /// Everything of it that a person reads, in order.
    pub(crate) fn words(&self) -> Vec<&str> {
        std::iter::once(self.alt.as_str()).chain(self.areas.iter().map(ImageArea::title)).collect()
    }
}
