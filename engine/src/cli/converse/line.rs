//! A line of `sala converse` as it comes in: what docs/cli.md specifies, and nothing else.

use std::collections::BTreeMap;

use channels::{Contact, Content, Location, Media, MediaKind, MediaSource};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::cli::object;

/// What a line asks for.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a line is read, heard and gone")]
pub(super) enum Line {
    /// A new conversation begins.
    Reset,
    Hear(Content),
}

const EXPECTED: &str = "a line is {\"user\":…}, {\"choice\":…,\"title\":…}, {\"attachment\":{\"type\":…,\"content\":{…}}} \
                        or {\"reset\":true}";
const KINDS: &str = "image, video, audio, voice, file, sticker, location, contact, choice";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, deserialize_with = "given")]
    user: Option<String>,
    #[serde(default, deserialize_with = "given")]
    choice: Option<String>,
    title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    attachment: Option<Attachment>,
    #[serde(default, deserialize_with = "given")]
    reset: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attachment {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    content: Value,
}

/// A key that stands there has a value: `null` is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Line {
    /// Reads a line, or says what is wrong with it.
    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        let refuse = |reason: &str| format!("{reason}; {EXPECTED}");
        let fields: Fields = object(line).map_err(|reason| refuse(&reason))?;
        match fields {
            Fields { user: Some(text), choice: None, title: None, attachment: None, reset: None } => {
                Ok(Self::Hear(Content::Text { text }))
            }
            Fields { user: None, choice: Some(payload), title, attachment: None, reset: None } => {
                Ok(Self::Hear(Content::Choice { payload, title, values: BTreeMap::new() }))
            }
            Fields { user: None, choice: None, title: None, attachment: Some(attachment), reset: None } => {
                content(&attachment.kind, &attachment.content).map(Self::Hear)
            }
            Fields { user: None, choice: None, title: None, attachment: None, reset: Some(true) } => {
                Ok(Self::Reset)
            }
            Fields { user: None, choice: None, title: None, attachment: None, reset: Some(false) } => {
                Err(refuse("reset is false"))
            }
            Fields { user: None, choice: None, attachment: None, reset: None, .. } => {
                Err(refuse("nothing is said"))
            }
            _ => Err(refuse("these keys do not go together")),
        }
    }
}

/// An attachment as the content a channel would make of it. Keys of `content` that mean nothing here are the
/// platform's own and left alone.
pub(in crate::cli) fn content(kind: &str, content: &Value) -> Result<Content, String> {
    let content = Given { kind, content };
    Ok(match kind {
        "image" | "photo" => content.media(MediaKind::Image)?,
        "video" => content.media(MediaKind::Video)?,
        "audio" => content.media(MediaKind::Audio)?,
        "voice" => content.media(MediaKind::Voice)?,
        "file" | "document" => content.media(MediaKind::File)?,
        "sticker" => Content::Sticker {
            id: content.alone_or("id")?.unwrap_or_default(),
            keywords: Vec::new(),
            emoji: content.text("emoji")?,
            media: None,
        },
        "location" => Content::Location { location: content.location()? },
        "contact" => Content::Contact {
            contacts: vec![Contact {
                name: content.text("name")?.unwrap_or_default(),
                phones: Vec::new(),
                emails: Vec::new(),
            }],
        },
        "choice" => Content::Choice {
            payload: content.alone_or("payload")?.unwrap_or_default(),
            title: content.text("title")?,
            values: BTreeMap::new(),
        },
        other => return Err(format!("there is no attachment of the type «{other}»: the types are {KINDS}")),
    })
}

/// What a line gives with an attachment.
struct Given<'a> {
    kind: &'a str,
    content: &'a Value,
}

impl Given<'_> {
    /// The value of a key; none where there is no content, or `null`.
    fn value(&self, name: &str) -> Result<Option<&Value>, String> {
        match self.content {
            Value::Null => Ok(None),
            Value::Object(keys) => Ok(keys.get(name).filter(|value| !value.is_null())),
            _ => Err(format!("the content of «{}» is an object", self.kind)),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.value(name) {
            // A text alone is the one key that the kind cannot do without.
            Err(_) if self.content.is_string() && matches!(self.kind, "sticker" | "choice") => Ok(None),
            Err(reason) => Err(reason),
            Ok(None) => Ok(None),
            Ok(Some(Value::String(text))) => Ok(Some(text.clone())),
            Ok(Some(_)) => Err(format!("{name} is a text")),
        }
    }

    /// The content itself where it is a text, else the text of a key.
    fn alone_or(&self, name: &str) -> Result<Option<String>, String> {
        self.content.as_str().map_or_else(|| self.text(name), |text| Ok(Some(text.to_owned())))
    }

    fn media(&self, kind: MediaKind) -> Result<Content, String> {
        let caption = self.text("caption")?;
        Ok(Content::Media {
            media: Media {
                mime: self.text("mime")?,
                name: self.text("name")?,
                caption: caption.map_or_else(|| self.text("text"), |caption| Ok(Some(caption)))?,
                ..Media::new(kind, MediaSource::Blob { id: "attachment".to_owned() })
            },
        })
    }

    /// Both degrees or none; the place without any is where the equator meets the first meridian.
    fn location(&self) -> Result<Location, String> {
        let (latitude, longitude) = match (self.degrees("latitude", 90.0)?, self.degrees("longitude", 180.0)?)
        {
            (Some(latitude), Some(longitude)) => (latitude, longitude),
            (None, None) => (0.0, 0.0),
            _ => return Err("latitude and longitude stand together".to_owned()),
        };
        Ok(Location { latitude, longitude, title: self.text("title")?, address: self.text("address")? })
    }

    fn degrees(&self, name: &str, most: f64) -> Result<Option<f64>, String> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        let degrees = value.as_f64().filter(|degrees| degrees.abs() <= most);
        degrees.map(Some).ok_or_else(|| format!("{name} is a number from -{most} to {most}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let said = match Line::read(line.as_bytes()) {
            Ok(Line::Reset) => "reset".to_owned(),
            Ok(Line::Hear(content)) => content.kind().to_owned(),
            Err(reason) => reason,
        };
        let fits = if said.contains(' ') { said.contains(expected) } else { said == expected };
        assert!(fits, "{line}: {said}");
    }

    #[test]
    fn what_is_specified_is_heard() {
        check(r#"{"user":"สวัสดี"}"#, "text");
        check(r#"{"user":""}"#, "text");
        check(r#"{"choice":"p"}"#, "choice");
        check(r#"{"choice":"p","title":"P"}"#, "choice");
        check(r#" {"title":null,"choice":"p"} "#, "choice");
        check(r#"{"reset":true}"#, "reset");
        for kind in KINDS.split(", ") {
            for content in ["", r#","content":{}"#, r#","content":null"#] {
                check(&format!(r#"{{"attachment":{{"type":"{kind}"{content}}}}}"#), kind);
            }
        }
        check(r#"{"attachment":{"type":"photo","content":{"caption":"a","url":"b"}}}"#, "image");
        check(r#"{"attachment":{"type":"sticker","content":"thumbs_up"}}"#, "sticker");
        check(
            r#"{"attachment":{"type":"location","content":{"latitude":-90,"longitude":180.0}}}"#,
            "location",
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_is_wrong() {
        check("", "not a JSON object; a line is {");
        check("[]", "not a JSON object");
        check("{}", "nothing is said");
        check(r#"{"title":"P"}"#, "nothing is said");
        check(r#"{"user":"a","reset":true}"#, "these keys do not go together");
        check(r#"{"user":"a","choice":"b"}"#, "these keys do not go together");
        check(r#"{"user":"a","title":"b"}"#, "these keys do not go together");
        check(r#"{"reset":false}"#, "reset is false; a line is {");
        check(r#"{"reset":1}"#, "invalid type: integer `1`, expected a boolean at column 10;");
        check(r#"{"user":null}"#, "invalid type: null, expected a string");
        check(r#"{"user":null,"reset":true}"#, "invalid type: null, expected a string");
        check(r#"{"user":"a","user":"b"}"#, "duplicate field `user`");
        check(r#"{"user":"a","at":1}"#, "unknown field `at`");
    }

    #[test]
    fn an_attachment_that_no_channel_sends_is_refused() {
        let check = |attachment: &str, expected: &str| {
            check(&format!("{{\"attachment\":{{{attachment}}}}}"), expected);
        };
        check("", "missing field `type`");
        check(r#""type":"image","caption":"a""#, "unknown field `caption`");
        check(r#""type":"hologram""#, "there is no attachment of the type «hologram»: the types are image, ");
        check(r#""type":"image","content":"a.jpg""#, "the content of «image» is an object");
        check(r#""type":"image","content":{"caption":5}"#, "caption is a text");
        check(r#""type":"sticker","content":[]"#, "the content of «sticker» is an object");
        check(r#""type":"choice","content":{"payload":{}}"#, "payload is a text");
        let location = |content: &str, expected: &str| {
            check(&format!(r#""type":"location","content":{{{content}}}"#), expected);
        };
        location(r#""latitude":999,"longitude":0"#, "latitude is a number from -90 to 90");
        location(r#""latitude":0,"longitude":-180.1"#, "longitude is a number from -180 to 180");
        location(r#""latitude":"13","longitude":100"#, "latitude is a number");
        location(r#""latitude":13"#, "latitude and longitude stand together");
    }
}
