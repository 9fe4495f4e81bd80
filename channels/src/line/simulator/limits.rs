//! What a message may be, by the reference of the Messaging API.

use icu_segmenter::GraphemeClusterSegmenter;
use serde_json::Value;
use url::Url;

use crate::line::fields::list;
use crate::line::fit::length;
use crate::line::flex::{BUBBLE_BYTES, BUBBLES, CAROUSEL_BYTES};

/// A property and what is wrong with it.
type Wrong = Vec<(String, String)>;

const EMPTY: &str = "May not be empty";

/// What is wrong with the messages of a call; nothing where LINE takes them.
pub(super) fn check_messages(messages: &[Value], is_quotable: &dyn Fn(&str) -> bool) -> Wrong {
    let mut checker = Checker { wrong: Vec::new(), is_quotable };
    if !(1..=5).contains(&messages.len()) {
        checker.say("messages", "Size must be between 1 and 5");
    }
    for (index, message) in messages.iter().enumerate() {
        checker.message(message, &format!("messages[{index}]"));
    }
    checker.wrong
}

struct Checker<'a> {
    wrong: Wrong,
    is_quotable: &'a dyn Fn(&str) -> bool,
}

impl Checker<'_> {
    fn say(&mut self, property: &str, message: &str) {
        self.wrong.push((property.to_owned(), message.to_owned()));
    }

    fn message(&mut self, message: &Value, at: &str) {
        match kind(message) {
            "text" | "textV2" => {
                self.text(message, at, "text", 5_000);
                self.quote(message, at);
            }
            "sticker" => {
                for name in ["packageId", "stickerId"] {
                    let id = word(message, name);
                    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                        self.say(&format!("{at}.{name}"), "Must be a number");
                    }
                }
                self.quote(message, at);
            }
            "image" | "video" => {
                self.media(message, at, "originalContentUrl");
                self.media(message, at, "previewImageUrl");
            }
            "audio" => {
                self.media(message, at, "originalContentUrl");
                if message["duration"].as_i64().is_none_or(|duration| duration < 1) {
                    self.say(&format!("{at}.duration"), "Must be greater than or equal to 1");
                }
            }
            "location" => self.location(message, at),
            "imagemap" => self.imagemap(message, at),
            "template" => self.template(message, at),
            "flex" => self.flex(message, at),
            "coupon" => self.text(message, at, "couponId", 100),
            _ => self.say(&format!("{at}.type"), "Must be one of the types of messages"),
        }
        if let Some(reply) = message.get("quickReply") {
            let items = list(reply, "/items");
            if items.len() > 13 || items.is_empty() {
                self.say(&format!("{at}.quickReply.items"), "Size must be between 1 and 13");
            }
            for (index, item) in items.iter().enumerate() {
                let at = format!("{at}.quickReply.items[{index}].action");
                self.action(&item["action"], &at, Some(20));
            }
        }
        if message.pointer("/sender/name").and_then(Value::as_str).is_some_and(|name| length(name) > 20) {
            self.say(&format!("{at}.sender.name"), "Length must be between 0 and 20");
        }
    }

    /// A text that must be there, counted in UTF-16 units.
    fn text(&mut self, from: &Value, at: &str, name: &str, most: usize) {
        self.room(&format!("{at}.{name}"), word(from, name), length(word(from, name)), most);
    }

    /// A label or the words of a template, which must be there, counted by what a reader takes for one character.
    fn label(&mut self, from: &Value, at: &str, name: &str, most: usize) {
        self.room(&format!("{at}.{name}"), word(from, name), graphemes(word(from, name)), most);
    }

    fn room(&mut self, property: &str, text: &str, length: usize, most: usize) {
        if text.trim().is_empty() {
            self.say(property, EMPTY);
        } else if length > most {
            self.say(property, &format!("Length must be between 0 and {most}"));
        }
    }

    fn quote(&mut self, message: &Value, at: &str) {
        let token = message.get("quoteToken").and_then(Value::as_str);
        if token.is_some_and(|token| !(self.is_quotable)(token)) {
            self.say(&format!("{at}.quoteToken"), "Invalid quote token");
        }
    }

    fn media(&mut self, from: &Value, at: &str, name: &str) {
        let url = word(from, name);
        let is_https = Url::parse(url).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        if !is_https || !url.is_ascii() {
            self.say(&format!("{at}.{name}"), "Must be a valid HTTPS URL");
        } else if url.len() > 2_000 {
            self.say(&format!("{at}.{name}"), "Length must be between 0 and 2000");
        }
    }

    fn location(&mut self, message: &Value, at: &str) {
        self.text(message, at, "title", 100);
        self.text(message, at, "address", 100);
        for (name, most) in [("latitude", 90.0), ("longitude", 180.0)] {
            if message[name].as_f64().is_none_or(|degrees| degrees.abs() > most) {
                self.say(&format!("{at}.{name}"), "Must be a number of degrees");
            }
        }
    }

    fn imagemap(&mut self, message: &Value, at: &str) {
        self.media(message, at, "baseUrl");
        self.text(message, at, "altText", 1_500);
        if message.pointer("/baseSize/width") != Some(&Value::from(1_040)) {
            self.say(&format!("{at}.baseSize.width"), "Must be 1040");
        }
        let height = message.pointer("/baseSize/height").and_then(Value::as_u64).unwrap_or_default();
        if height == 0 {
            self.say(&format!("{at}.baseSize.height"), "Must be greater than or equal to 1");
        }
        let actions = list(message, "/actions");
        if actions.len() > 50 {
            self.say(&format!("{at}.actions"), "Size must be between 0 and 50");
        }
        for (index, action) in actions.iter().enumerate() {
            let at = format!("{at}.actions[{index}]");
            match kind(action) {
                "message" => self.text(action, &at, "text", 400),
                "uri" => {
                    self.text(action, &at, "linkUri", 1_000);
                    let known = ["http://", "https://", "line://", "tel:"];
                    if !known.iter().any(|start| word(action, "linkUri").starts_with(start)) {
                        self.say(&format!("{at}.linkUri"), "Must be a valid URI");
                    }
                }
                "clipboard" => self.text(action, &at, "clipboardText", 1_000),
                _ => self.say(&format!("{at}.type"), "Must be one of the types of imagemap actions"),
            }
            if length(word(action, "label")) > 50 {
                self.say(&format!("{at}.label"), "Length must be between 0 and 50");
            }
            let side = |name: &str| action["area"][name].as_u64().filter(|side| *side <= 1_000_000);
            let ends = |from: &str, along: &str| Some((side(from)? + side(along)?, side(along)?));
            let is_within = |end: Option<(u64, u64)>, most: u64| {
                end.is_some_and(|(end, length)| length > 0 && end <= most)
            };
            if !is_within(ends("x", "width"), 1_040) || !is_within(ends("y", "height"), height) {
                self.say(&format!("{at}.area"), "Must lie within the base size");
            }
        }
    }

    fn template(&mut self, message: &Value, at: &str) {
        self.text(message, at, "altText", 1_500);
        let template = &message["template"];
        let at = format!("{at}.template");
        match kind(template) {
            "buttons" => {
                let most = if is_rich(template) { 60 } else { 160 };
                self.label(template, &at, "text", most);
                self.title(template, &at);
                self.actions(template, &at, 1, 4);
            }
            "confirm" => {
                self.label(template, &at, "text", 240);
                self.actions(template, &at, 2, 2);
            }
            "carousel" => self.columns(template, &at),
            "image_carousel" => {
                let columns = list(template, "/columns");
                if !(1..=10).contains(&columns.len()) {
                    self.say(&format!("{at}.columns"), "Size must be between 1 and 10");
                }
                for (index, column) in columns.iter().enumerate() {
                    let at = format!("{at}.columns[{index}]");
                    self.media(column, &at, "imageUrl");
                    self.action(&column["action"], &format!("{at}.action"), None);
                }
            }
            _ => self.say(&format!("{at}.type"), "Must be one of the types of templates"),
        }
    }

    fn columns(&mut self, template: &Value, at: &str) {
        let columns = list(template, "/columns");
        if !(1..=10).contains(&columns.len()) {
            self.say(&format!("{at}.columns"), "Size must be between 1 and 10");
        }
        let sizes: Vec<usize> = columns.iter().map(|column| list(column, "/actions").len()).collect();
        if sizes.windows(2).any(|pair| pair[0] != pair[1]) {
            self.say(&format!("{at}.columns"), "The number of actions must be the same in all columns");
        }
        for (index, column) in columns.iter().enumerate() {
            let at = format!("{at}.columns[{index}]");
            self.label(column, &at, "text", if is_rich(column) { 60 } else { 120 });
            self.title(column, &at);
            self.actions(column, &at, 1, 3);
        }
    }

    fn title(&mut self, from: &Value, at: &str) {
        if graphemes(word(from, "title")) > 40 {
            self.say(&format!("{at}.title"), "Length must be between 0 and 40");
        }
        if from.get("thumbnailImageUrl").is_some() {
            self.media(from, at, "thumbnailImageUrl");
        }
    }

    fn actions(&mut self, from: &Value, at: &str, least: usize, most: usize) {
        let actions = list(from, "/actions");
        if !(least..=most).contains(&actions.len()) {
            self.say(&format!("{at}.actions"), &format!("Size must be between {least} and {most}"));
        }
        for (index, action) in actions.iter().enumerate() {
            self.action(action, &format!("{at}.actions[{index}]"), Some(20));
        }
    }

    /// `label` is the most that its label may hold where it must have one.
    fn action(&mut self, action: &Value, at: &str, label: Option<usize>) {
        if let Some(most) = label {
            self.label(action, at, "label", most);
        }
        let limited = |name: &str, most: usize| graphemes(word(action, name)) > most;
        match kind(action) {
            "postback" => {
                self.label(action, at, "data", 300);
                for name in ["displayText", "text"] {
                    if limited(name, 300) {
                        self.say(&format!("{at}.{name}"), "Length must be between 0 and 300");
                    }
                }
            }
            "message" => self.label(action, at, "text", 300),
            "uri" => {
                let uri = word(action, "uri");
                let known = ["http://", "https://", "line://", "tel:"];
                if uri.len() > 1_000 || !uri.is_ascii() || !known.iter().any(|start| uri.starts_with(start)) {
                    self.say(&format!("{at}.uri"), "Must be a valid URI");
                }
            }
            "datetimepicker" | "richmenuswitch" => self.label(action, at, "data", 300),
            "clipboard" => self.text(action, at, "clipboardText", 1_000),
            "camera" | "cameraRoll" | "location" => {}
            _ => self.say(&format!("{at}.type"), "Must be one of the types of actions"),
        }
    }

    fn flex(&mut self, message: &Value, at: &str) {
        self.text(message, at, "altText", 1_500);
        let contents = &message["contents"];
        let at = format!("{at}.contents");
        let bytes = contents.to_string().len();
        match kind(contents) {
            "bubble" => self.bubble(contents, &at),
            "carousel" => {
                let bubbles = list(contents, "/contents");
                if !(1..=BUBBLES).contains(&bubbles.len()) || bytes > CAROUSEL_BYTES {
                    self.say(&at, "A carousel holds 1 to 12 bubbles and up to 50 KB");
                }
                for (index, bubble) in bubbles.iter().enumerate() {
                    self.bubble(bubble, &format!("{at}.contents[{index}]"));
                }
            }
            _ => self.say(&format!("{at}.type"), "Must be one of bubble, carousel"),
        }
    }

    fn bubble(&mut self, bubble: &Value, at: &str) {
        if kind(bubble) != "bubble" || bubble.to_string().len() > BUBBLE_BYTES {
            self.say(at, "A bubble holds up to 30 KB");
        }
        let blocks = ["header", "hero", "body", "footer"];
        if blocks.iter().all(|block| bubble.get(block).is_none()) {
            self.say(at, "At least one block must be specified");
        }
        for block in blocks {
            if let Some(component) = bubble.get(block) {
                self.component(component, &format!("{at}.{block}"));
            }
        }
    }

    fn component(&mut self, component: &Value, at: &str) {
        match kind(component) {
            "box" => {
                if !["horizontal", "vertical", "baseline"].contains(&word(component, "layout")) {
                    self.say(&format!("{at}.layout"), "Must be one of horizontal, vertical, baseline");
                }
                if !component["contents"].is_array() {
                    self.say(&format!("{at}.contents"), EMPTY);
                }
                for (index, inner) in list(component, "/contents").iter().enumerate() {
                    self.component(inner, &format!("{at}.contents[{index}]"));
                }
            }
            "text" if component.get("contents").is_none() => {
                if word(component, "text").is_empty() {
                    self.say(&format!("{at}.text"), EMPTY);
                }
            }
            "image" | "icon" => self.media(component, at, "url"),
            "video" => {
                self.media(component, at, "url");
                self.media(component, at, "previewUrl");
            }
            "button" => self.action(&component["action"], &format!("{at}.action"), Some(40)),
            "text" | "span" | "separator" | "filler" => {}
            _ => self.say(&format!("{at}.type"), "Must be one of the types of components"),
        }
        if let Some(action) = component.get("action").filter(|_| kind(component) != "button") {
            self.action(action, &format!("{at}.action"), None);
        }
    }
}

fn kind(value: &Value) -> &str {
    word(value, "type")
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A template with a picture or a title has less room for words.
fn is_rich(template: &Value) -> bool {
    template.get("thumbnailImageUrl").is_some() || !word(template, "title").is_empty()
}

/// How LINE counts labels and the words of templates (the guide "Character counting in a text").
fn graphemes(text: &str) -> usize {
    GraphemeClusterSegmenter::new().segment_str(text).count().saturating_sub(1)
}
