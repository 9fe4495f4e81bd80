//! The words of messages with headings, lists and tables.

use serde_json::Value;

/// The words of a rich message, a line for each block, cell or item. None where it has no words.
pub(super) fn rich_text(rich: &Value) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    block_lines(rich.get("blocks")?, &mut lines);
    let text = lines.join("\n");
    (!text.trim().is_empty()).then_some(text)
}

fn block_lines(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| block_lines(item, lines)),
        Value::Object(block) => {
            for name in ["summary", "text", "expression", "items", "cells", "blocks", "caption", "credit"] {
                match block.get(name) {
                    Some(words) if matches!(name, "summary" | "text" | "expression" | "credit") => {
                        lines.push(span_words(words));
                    }
                    Some(caption @ Value::Object(_))
                        if name == "caption" && caption.get("type").is_none() =>
                    {
                        block_lines(caption, lines);
                    }
                    Some(words) if name == "caption" => lines.push(span_words(words)),
                    Some(inner) => block_lines(inner, lines),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// The words of a text with marks: a string, a list of such, or an object around one.
fn span_words(span: &Value) -> String {
    match span {
        Value::String(words) => words.clone(),
        Value::Array(spans) => spans.iter().map(span_words).collect(),
        Value::Object(span) => {
            let inner =
                ["text", "alternative_text", "expression"].into_iter().find_map(|name| span.get(name));
            inner.map(span_words).unwrap_or_default()
        }
        _ => String::new(),
    }
}
