//! Markdown as the blocks that readers see: plain text with the place of its source.

use std::ops::Range;

use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options, parse_document};

/// One block of the body's top level; a list or table comes as one block for each item or row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    /// Without markup. Cells of a table row are joined by ` | `, list items keep their marker.
    pub(crate) text: String,
    /// Bytes of the body that the block was read from, without blank space around them.
    pub(crate) bytes: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Heading {
        level: u8,
    },
    Paragraph,
    /// The first item or row; what follows it as `Continued` belongs to the same list or table.
    Start,
    Continued,
    Other,
}

/// What an article's reader checks of the body.
pub(crate) struct Outline {
    pub(crate) begins_with_paragraph: bool,
    /// Lines of the body, from 1, with headings of level 1.
    pub(crate) top_headings: Vec<u32>,
}

pub(crate) fn outline(body: &str) -> Outline {
    let blocks = blocks(body);
    let line_of = |block: &Block| body[..block.bytes.start].matches('\n').count() as u32 + 1;
    Outline {
        begins_with_paragraph: blocks.first().is_some_and(|block| block.kind == BlockKind::Paragraph),
        top_headings: blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Heading { level: 1 })
            .map(line_of)
            .collect(),
    }
}

/// The blocks of a body in order. HTML, thematic breaks and blocks without text are left out.
pub(crate) fn blocks(body: &str) -> Vec<Block> {
    let arena = Arena::new();
    let root = parse_document(&arena, body, &options());
    let source = Source::new(body);
    let mut blocks = Vec::new();
    for node in root.children() {
        match &node.data().value {
            NodeValue::List(_) | NodeValue::Table(_) => {
                for (index, part) in node.children().enumerate() {
                    let kind = if index == 0 { BlockKind::Start } else { BlockKind::Continued };
                    source.push(&mut blocks, kind, part);
                }
            }
            NodeValue::Heading(heading) => {
                source.push(&mut blocks, BlockKind::Heading { level: heading.level }, node);
            }
            NodeValue::Paragraph => source.push(&mut blocks, BlockKind::Paragraph, node),
            _ => source.push(&mut blocks, BlockKind::Other, node),
        }
    }
    blocks
}

/// The extensions that articles may use; engine renders them with the same ones.
fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options
}

struct Source<'a> {
    body: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    fn new(body: &'a str) -> Self {
        let lines = std::iter::once(0).chain(body.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { body, lines }
    }

    fn push<'n>(&self, blocks: &mut Vec<Block>, kind: BlockKind, node: &'n AstNode<'n>) {
        let mut text = String::new();
        write(node, &mut text);
        let text = text.trim();
        let bytes = self.bytes(node);
        if !text.is_empty() && !bytes.is_empty() {
            blocks.push(Block { kind, text: text.to_owned(), bytes });
        }
    }

    /// Whole lines, because a block begins and ends with its lines.
    fn bytes<'n>(&self, node: &'n AstNode<'n>) -> Range<usize> {
        let position = node.data().sourcepos;
        let line = |number: usize| self.lines.get(number).copied().unwrap_or(self.body.len());
        let start = line(position.start.line.saturating_sub(1));
        let end = line(position.end.line).max(start);
        let lines = &self.body[start..end];
        let start = start + lines.len() - lines.trim_start().len();
        start..start + lines.trim().len()
    }
}

/// Appends what a reader of the node sees.
fn write<'n>(node: &'n AstNode<'n>, text: &mut String) {
    let value = &node.data().value;
    match value {
        NodeValue::Text(written) => text.push_str(written),
        NodeValue::Code(code) => text.push_str(&code.literal),
        NodeValue::CodeBlock(code) => text.push_str(&code.literal),
        NodeValue::SoftBreak => text.push(' '),
        NodeValue::LineBreak => text.push('\n'),
        NodeValue::Link(link) => {
            let start = text.len();
            write_children(node, text);
            let address = link
                .url
                .strip_prefix("mailto:")
                .or_else(|| link.url.strip_prefix("tel:"))
                .unwrap_or(&link.url);
            if !text[start..].contains(address) {
                text.extend([" (", address, ")"]);
            }
        }
        NodeValue::Item(list) if list.list_type == ListType::Ordered => {
            text.push_str(&list.start.to_string());
            text.push_str(". ");
            write_blocks(node, text);
        }
        NodeValue::Item(_) | NodeValue::TaskItem(_) => {
            text.push_str("- ");
            write_blocks(node, text);
        }
        NodeValue::TableRow(_) => {
            for (index, cell) in node.children().enumerate() {
                text.push_str(if index == 0 { "" } else { " | " });
                write_children(cell, text);
            }
        }
        NodeValue::BlockQuote | NodeValue::List(_) | NodeValue::Table(_) => write_blocks(node, text),
        NodeValue::HtmlBlock(_) | NodeValue::HtmlInline(_) | NodeValue::ThematicBreak => {}
        _ => write_children(node, text),
    }
}

fn write_children<'n>(node: &'n AstNode<'n>, text: &mut String) {
    for child in node.children() {
        write(child, text);
    }
}

fn write_blocks<'n>(node: &'n AstNode<'n>, text: &mut String) {
    for (index, child) in node.children().enumerate() {
        text.push_str(if index == 0 { "" } else { "\n" });
        write(child, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[(&str, &str)]) {
        let found = blocks(body);
        let found: Vec<_> =
            found.iter().map(|block| (block.text.as_str(), &body[block.bytes.clone()])).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_block_has_plain_text_and_its_exact_source() {
        check("ตอบ **ตรง**\nบรรทัดสอง", &[("ตอบ ตรง บรรทัดสอง", "ตอบ **ตรง**\nบรรทัดสอง")]);
        check("## หัว `ข้อ`\n\nText", &[("หัว ข้อ", "## หัว `ข้อ`"), ("Text", "Text")]);
        check("- 一\n- 二\n  more", &[("- 一", "- 一"), ("- 二 more", "- 二\n  more")]);
        check("3. a\n4. b\n   - c\n", &[("3. a", "3. a"), ("4. b\n- c", "4. b\n   - c")]);
        check(
            "| พื้นที่ | วัน |\n|---|---|\n| เกาะ | *6* |\n\nafter",
            &[("พื้นที่ | วัน", "| พื้นที่ | วัน |"), ("เกาะ | 6", "| เกาะ | *6* |"), ("after", "after")],
        );
        check(
            "See [us](https://a.example/x) or <a@b.example>",
            &[(
                "See us (https://a.example/x) or a@b.example",
                "See [us](https://a.example/x) or <a@b.example>",
            )],
        );
        check("<b>no</b>\n\n---\n\n> quote\n", &[("no", "<b>no</b>"), ("quote", "> quote")]);
        check("<div>\nhidden\n</div>\n", &[]);
    }

    #[test]
    fn the_outline_knows_the_first_block_and_headings_of_level_one() {
        let outline = outline("# A\n\ntext\n\nB\n===\n");
        assert!(!outline.begins_with_paragraph);
        assert_eq!(outline.top_headings, [1, 5]);
    }
}
