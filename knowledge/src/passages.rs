//! The pieces of an article that are searched, quoted and cited.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::article::{Article, ArticleId};
use crate::markdown::{self, Block, BlockKind};

/// A passage ends before the block that would make it longer than this, in Unicode scalar values. About 400 tokens of
/// the shipped encoders, which cut at 512. A single longer block stays whole: a quotation never ends inside a sentence.
const LONGEST_CHARS: usize = 900;

/// Which passage of which article, such as `delivery-time.th#2`. It holds for one version of the article only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PassageId(pub String);

impl PassageId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PassageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run of blocks under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub id: PassageId,
    pub article: ArticleId,
    pub language: String,
    pub kind: PassageKind,
    /// The headings above it, outermost first; empty before the first heading.
    pub headings: Vec<String>,
    /// What a reader sees, one line a block, without markup and without the headings.
    pub text: String,
    /// Where it stands in the article's body, in bytes: `body[bytes]` is its Markdown, to the letter.
    pub bytes: Range<usize>,
    /// The same place in Unicode scalar values.
    pub chars: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassageKind {
    /// The article's first paragraph, which answers its title by itself.
    DirectAnswer,
    Section,
}

/// The passages of an article in order; the first is its direct answer. A heading without text below it has none.
pub fn passages(article: &Article) -> Vec<Passage> {
    let mut builder =
        Builder { article, passages: Vec::new(), headings: Vec::new(), pending: Vec::new(), chars: (0, 0) };
    for block in markdown::blocks(&article.body) {
        builder.push(block);
    }
    builder.flush();
    builder.passages
}

struct Builder<'a> {
    article: &'a Article,
    passages: Vec<Passage>,
    headings: Vec<(u8, String)>,
    pending: Vec<Block>,
    /// Byte offset up to which characters are counted, and their number.
    chars: (usize, usize),
}

impl Builder<'_> {
    fn push(&mut self, block: Block) {
        if let BlockKind::Heading { level } = block.kind {
            self.flush();
            self.headings.retain(|(above, _)| *above < level);
            self.headings.push((level, block.text));
            return;
        }
        let length: usize = self.pending.iter().chain([&block]).map(|block| block.text.chars().count()).sum();
        if length > LONGEST_CHARS {
            self.flush();
        }
        let is_direct_answer = self.passages.is_empty() && self.pending.is_empty();
        self.pending.push(block);
        if is_direct_answer {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let (Some(first), Some(last)) = (pending.first(), pending.last()) else { return };
        let bytes = first.bytes.start..last.bytes.end;
        let chars = self.char_at(bytes.start)..self.char_at(bytes.end);
        let ordinal = self.passages.len();
        let Article { id, language, .. } = self.article;
        self.passages.push(Passage {
            id: PassageId(format!("{id}.{language}#{ordinal}")),
            article: id.clone(),
            language: language.clone(),
            kind: if ordinal == 0 { PassageKind::DirectAnswer } else { PassageKind::Section },
            headings: self.headings.iter().map(|(_, text)| text.clone()).collect(),
            text: pending.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n"),
            bytes,
            chars,
        });
    }

    /// Offsets are asked for in ascending order, so that a body is counted once.
    fn char_at(&mut self, byte: usize) -> usize {
        let (from, count) = self.chars;
        let count = count + self.article.body[from..byte].chars().count();
        self.chars = (byte, count);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(body: &str) -> Article {
        let text = format!("---\ntitle: t\nquestions: [q]\n---\n{body}");
        Article::parse("a.th.md", &text).unwrap()
    }

    /// Each expected passage is `headings | text`, and its source must be the body's.
    fn check(body: &str, expected: &[(&str, &str)]) {
        let article = article(body);
        let found = passages(&article);
        let read: Vec<_> =
            found.iter().map(|passage| (passage.headings.join(" > "), passage.text.clone())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(headings, text)| ((*headings).to_owned(), (*text).to_owned())).collect();
        assert_eq!(read, expected);
        for (index, passage) in found.iter().enumerate() {
            let by_chars: String =
                article.body.chars().skip(passage.chars.start).take(passage.chars.len()).collect();
            assert_eq!(article.body[passage.bytes.clone()], by_chars);
            assert_eq!(passage.kind == PassageKind::DirectAnswer, index == 0);
            assert_eq!(passage.id.as_str(), format!("a.th#{index}"));
        }
    }

    #[test]
    fn headings_part_passages_and_the_first_paragraph_stands_alone() {
        check(
            "ตอบตรง **ๆ**\n\nต่อ\n\n## หนึ่ง\n\n- ก\n- ข\n\n### ลึก\n\nค\n\n## สอง\n\n## สาม\n\n答案\n",
            &[("", "ตอบตรง ๆ"), ("", "ต่อ"), ("หนึ่ง", "- ก\n- ข"), ("หนึ่ง > ลึก", "ค"), ("สาม", "答案")],
        );
    }

    #[test]
    fn long_sections_are_parted_between_blocks_and_never_inside_one() {
        let item = format!("- {}", "ก".repeat(400));
        let long = "ข".repeat(2000);
        check(
            &format!("a\n\n## h\n\n{item}\n{item}\n{item}\n\n{long}"),
            &[("", "a"), ("h", &format!("{item}\n{item}")), ("h", &item), ("h", &long)],
        );
    }
}
