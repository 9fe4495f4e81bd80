//! An article: one file of Markdown that answers one thing in one language.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::front_matter::{self, is_slug};
use crate::markdown;
use crate::problem::{Fault, Mark, Problem};

/// The slug that an article shares with its translations, such as `delivery-time`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArticleId(pub String);

impl ArticleId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One article in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    pub id: ArticleId,
    /// BCP 47 code, such as `th`.
    pub language: String,
    /// The article's name as readers see it.
    pub title: String,
    /// Ways in which people ask what the article answers.
    pub questions: Vec<String>,
    pub tags: Vec<String>,
    /// The Markdown below the front matter, without blank lines around it. It begins with a paragraph, the direct
    /// answer. Offsets of passages and citations count in this text.
    pub body: String,
    /// SHA-256 of the whole file with `\n` line ends, in lower-case hexadecimal.
    pub hash: String,
}

impl Article {
    /// Reads `<slug>.<language>.md`. `path` may have folders before the file name; they only appear in problems.
    /// All problems of the file are returned, in the order of their lines.
    pub fn parse(path: &str, text: &str) -> Result<Article, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let mut problems = Vec::new();
        let name = file_name(path);
        if name.is_none() {
            problems.push(Fault::FileName.at(path, START, "file"));
        }
        let Some(parts) = split(path, &text, &mut problems) else { return Err(problems) };
        let front = front_matter::read(path, parts.yaml, 2, &mut problems);
        let body = check_body(path, &parts, &mut problems);
        problems.sort();
        match name {
            Some((id, language)) if problems.is_empty() => Ok(Article {
                id,
                language,
                title: front.title,
                questions: front.questions,
                tags: front.tags,
                body: body.to_owned(),
                hash: hexadecimal(&Sha256::digest(&text)),
            }),
            _ => Err(problems),
        }
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(HEX[usize::from(digit)]))
        .collect()
}

const HEX: &[u8; 16] = b"0123456789abcdef";
const START: Mark = Mark { line: 1, column: 1 };

fn file_name(path: &str) -> Option<(ArticleId, String)> {
    let name = path.rsplit(['/', '\\']).next()?.strip_suffix(".md")?;
    let (slug, language) = name.rsplit_once('.')?;
    let mut subtags = language.split('-');
    let primary = subtags.next()?;
    let is_language = (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && subtags
            .all(|tag| (2..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    (is_slug(slug) && is_language).then(|| (ArticleId(slug.to_owned()), language.to_owned()))
}

struct Parts<'a> {
    yaml: &'a str,
    body: &'a str,
    /// Line of the file on which `body` begins.
    body_line: u32,
}

fn split<'a>(path: &str, text: &'a str, problems: &mut Vec<Problem>) -> Option<Parts<'a>> {
    let mut lines = text.split_inclusive('\n');
    let Some(opening) = lines.next().filter(|line| line.trim_end() == "---") else {
        problems.push(Fault::NoFrontMatter.at(path, START, "yaml"));
        return None;
    };
    let mut end = opening.len();
    for (index, line) in lines.enumerate() {
        if line.trim_end() == "---" {
            let body = &text[end + line.len()..];
            return Some(Parts { yaml: &text[opening.len()..end], body, body_line: index as u32 + 3 });
        }
        end += line.len();
    }
    problems.push(Fault::OpenFrontMatter.at(path, START, "yaml"));
    None
}

fn check_body<'a>(path: &str, parts: &Parts<'a>, problems: &mut Vec<Problem>) -> &'a str {
    let body = parts.body.trim_end();
    let blank_lines = body.lines().take_while(|line| line.trim().is_empty()).count();
    let first_line = parts.body_line + blank_lines as u32;
    let body = body.trim_start_matches(|character: char| character.is_whitespace());
    let first = Mark { line: first_line, column: 1 };
    if body.is_empty() {
        problems.push(Fault::NoBody.at(path, Mark { line: parts.body_line, column: 1 }, "body"));
        return body;
    }
    let outline = markdown::outline(body);
    if !outline.begins_with_paragraph {
        problems.push(Fault::NoDirectAnswer.at(path, first, "body"));
    }
    for line in outline.top_headings {
        problems.push(Fault::TopHeading.at(path, Mark { line: first_line + line - 1, column: 1 }, "body"));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "---\ntitle: ส่งกี่วัน\nquestions:\n  - ส่งกี่วันถึง\n  - \"เมื่อไหร่: ถึง\"\ntags: [delivery]\n---\n\nกรุงเทพฯ 1–2 วัน\n\n## ต่างจังหวัด\n\n2–4 วัน\n";

    /// Each expected problem is `line:column key`.
    fn check(path: &str, text: &str, expected: &[&str]) {
        let problems = Article::parse(path, text).err().unwrap_or_default();
        let found: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.key))
            .collect();
        assert_eq!(found, expected, "{text}\n{problems:#?}");
        for problem in problems {
            assert_eq!(problem.file, path);
            assert!(!problem.message.is_empty() && !problem.advice.is_empty());
        }
    }

    #[test]
    fn a_good_file_is_read_whole() {
        let article = Article::parse("articles/delivery-time.th.md", GOOD).unwrap();
        assert_eq!((article.id.as_str(), article.language.as_str()), ("delivery-time", "th"));
        assert_eq!(article.title, "ส่งกี่วัน");
        assert_eq!(article.questions, ["ส่งกี่วันถึง", "เมื่อไหร่: ถึง"]);
        assert_eq!(article.tags, ["delivery"]);
        assert_eq!(article.body, "กรุงเทพฯ 1–2 วัน\n\n## ต่างจังหวัด\n\n2–4 วัน");
        assert_eq!(article.hash.len(), 64);
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_do_not_matter() {
        let plain = Article::parse("a.th.md", GOOD).unwrap();
        let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        assert_eq!(Article::parse("a.th.md", &windows).unwrap(), plain);
        let changed = Article::parse("a.th.md", &GOOD.replace("2–4", "2–5")).unwrap();
        assert_ne!(changed.hash, plain.hash);
    }

    #[test]
    fn file_names_carry_slug_and_language() {
        for good in ["a.th.md", "x/y/a-2.zh-Hant.md", "c:\\kb\\a.fil.md"] {
            check(good, GOOD, &[]);
        }
        for bad in [
            "a.md",
            "A.th.md",
            "a_b.th.md",
            "a.thai.md",
            "a.TH.md",
            "a.th.txt",
            "-a.th.md",
            "a--b.th.md",
            ".th.md",
        ] {
            check(bad, GOOD, &["1:1 file"]);
        }
    }

    #[test]
    fn every_problem_is_found_with_its_line() {
        check("a.en.md", "no front matter", &["1:1 yaml"]);
        check("a.en.md", "", &["1:1 yaml"]);
        check("a.en.md", "---\ntitle: a\n", &["1:1 yaml"]);
        check("a.en.md", "---\n---\nText\n", &["2:1 questions", "2:1 title"]);
        check("a.en.md", "---\n- a\n---\nText\n", &["2:1 yaml"]);
        check("a.en.md", "---\ntitle: a: b\nquestions: [a]\n---\nText\n", &["2:9 yaml"]);
        check("a.en.md", "---\ntitle: a\nquestions: [a]\ntitle: b\n---\nText\n", &["4:1 yaml"]);
        check(
            "a.en.md",
            "---\ntitle: 12\nquestion: [a]\nquestions:\n  - a\n  - \"\"\n  - a\n  - [b]\ntags: Delivery\nauthor: me\n---\n\n# Top\n\n- list\n",
            &[
                "2:8 title",
                "3:1 question",
                "6:5 questions[1]",
                "7:5 questions[2]",
                "8:5 questions[3]",
                "9:7 tags",
                "10:1 author",
                "13:1 body",
                "13:1 body",
            ],
        );
        check(
            "a.en.md",
            "---\ntitle: a\nquestions: [a]\ntags: [OK no]\n---\n\n\n",
            &["4:7 tags", "6:1 body"],
        );
    }
}
