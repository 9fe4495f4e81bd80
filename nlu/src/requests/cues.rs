//! The words that tell where requests begin and end (`words/requests.txt`), as expressions.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use crate::dictionary;
use crate::requests::{Joint, Piece, Range};

pub(super) static CUES: LazyLock<Option<Cues>> =
    LazyLock::new(|| Cues::new(include_str!("../../words/requests.txt")).ok());

/// What is looked for in a message.
#[derive(Debug)]
pub(super) struct Cues {
    joint: Regex,
    /// A second question without a joint before it.
    second: Regex,
    english: Requests,
    thai: Requests,
    greeting: Regex,
    thanks: Regex,
}

/// How requests of one language look.
#[derive(Debug)]
struct Requests {
    start: Regex,
    ask: Regex,
    end: Regex,
    problem: Regex,
    confirm: Regex,
    story: Regex,
    /// What also begins a request behind a joining word.
    after: Regex,
    /// What is asked for before a joining word.
    topic: Regex,
    /// What a verb without its object is followed by only where a new question begins.
    question: Regex,
}

/// Bytes of an announcement before the requests.
const LONGEST_OPENING: usize = 24;

/// Politeness and doubt at the end of Thai sentences.
const PARTICLES: &str = "(?:ค่ะ|คะ|ครับ|คับ|จ้า|จ๊ะ|นะ|น้า|อะ|อ่ะ|ละ|ล่ะ|ด้วย|บ้าง|[ ?.!])*";

impl Cues {
    fn new(list: &str) -> Result<Self, regex::Error> {
        let words = |section: &str| alternatives(list, section);
        let (english, thai) = (words("en joiner"), words("th joiner"));
        let joint = format!(
            r"(?:[\s,.;!?…]+|(?P<polite>ค่ะ|คะ|ครับ|คับ|จ้า|นะ|ไหม|มั้ย|เท่าไหร่|เท่าไร|ป่าว|หน่อย|ยังไง|ด้วย))(?P<word>(?:{thai})\s*|(?:{english})(?:[\s,:]+|$))|[.;!?…\n]+\s+|,\s+|(?P<sign>\s*[/+|]\s*|\s+\d[.)]\s+)|(?P<space>\s+)"
        );
        let second = r"\b(?:can i|can you|can u|can someone|could you|could i|do you|do u|does the|what time|whats the|what's the|what is the|how much|how do i|where is|where are|is there any|are there any|are you|i also)\b";
        let greeting = format!(
            r"^(?:\d[.)]\s+|(?:{})(?:[\s,.!]+|$)|(?:{})[\s,.!]*)+",
            words("en greeting"),
            words("th greeting")
        );
        let thanks =
            format!(r"[\s,.!]+(?:(?:{})|(?:{}))[\s,.!]*$", words("en greeting"), words("th greeting"));
        Ok(Self {
            joint: expression(&joint)?,
            second: expression(second)?,
            english: Requests::english(list)?,
            thai: Requests::thai(list)?,
            greeting: expression(&greeting)?,
            thanks: expression(&thanks)?,
        })
    }

    /// The text cut at every joint; what stands in quotation marks is not cut.
    pub(super) fn pieces(&self, text: &str) -> Vec<Piece> {
        let quoted = quoted(text);
        let is_thai = is_thai(text);
        let mut pieces = Vec::new();
        let (mut start, mut joint) = (0, Joint::None);
        for found in self.joint.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            let in_quotes = quoted.iter().any(|(from, to)| *from < whole.start() && whole.end() <= *to);
            let word = found.name("word").or(found.name("sign")).is_some();
            let inner = word && is_inner(&text[..whole.start()], whole.as_str());
            if in_quotes || inner || (found.name("space").is_some() && !is_thai) {
                continue;
            }
            let end = found.name("polite").map_or(whole.start(), |polite| polite.end());
            self.push(text, (start, end), joint, &mut pieces);
            (start, joint) = (whole.end(), if word { Joint::Word } else { Joint::Pause });
        }
        self.push(text, (start, text.len()), joint, &mut pieces);
        pieces
    }

    /// Adds a piece, cut once more where a second question begins in it. Closing question marks stay with it.
    fn push(&self, text: &str, (start, end): Range, joint: Joint, pieces: &mut Vec<Piece>) {
        if text[start..end].trim().is_empty() {
            return;
        }
        let end = end
            + text[end..]
                .chars()
                .take_while(|sign| matches!(sign, '?' | '!'))
                .map(char::len_utf8)
                .sum::<usize>();
        let second = self
            .second
            .find_iter(&text[start..end])
            .find(|found| self.is_second(&text[start..start + found.start()]));
        let Some(second) = second else {
            pieces.push(Piece { range: (start, end), joint });
            return;
        };
        let middle = start + second.start();
        pieces.push(Piece { range: (start, start + text[start..middle].trim_end().len()), joint });
        pieces.push(Piece { range: (middle, end), joint: Joint::None });
    }

    /// A question of at least three words that needs no more words stands before the place.
    fn is_second(&self, before: &str) -> bool {
        let is_word = |word: &&str| word.contains(char::is_alphanumeric);
        let words: Vec<&str> = before.split_whitespace().filter(is_word).collect();
        let open = words.last().is_none_or(|last| {
            let last = last.to_lowercase();
            OPEN.contains(&last.as_str()) || self.english.start.is_match(&last)
        });
        words.len() >= 3 && !open && self.english.start.is_match(before) && !is_thai(before)
    }

    /// The piece begins another request than the one before it.
    pub(super) fn divides(&self, joint: Joint, left: &str, next: &str, rest: &str) -> bool {
        let left = &left[self.opening(left)..];
        let thai = is_thai(left) || is_thai(next);
        let language = if thai { &self.thai } else { &self.english };
        match joint {
            Joint::None => true,
            // Thai is also written with Latin letters.
            Joint::Word => {
                language.divides(left, next, rest) || (!thai && self.thai.divides(left, next, rest))
            }
            Joint::Pause => {
                let asked = if thai {
                    language.asks(left)
                } else {
                    language.start.is_match(left) || left.ends_with('?')
                };
                let done = language.end.is_match(left) && asked && !language.story.is_match(left);
                let reported =
                    left.ends_with('?') && language.after.is_match(next) && language.problem.is_match(next);
                done && (reported || language.follows(next)) && !language.confirm.is_match(next)
            }
        }
    }

    /// Where greetings end, and an announcement like "two things:".
    fn opening(&self, part: &str) -> usize {
        let greeting = self.greeting.find(part).map_or(0, |greeting| greeting.end());
        part.find(": ")
            .filter(|colon| *colon < LONGEST_OPENING)
            .map_or(greeting, |colon| greeting.max(colon + 2))
    }

    /// Nothing but a greeting.
    pub(super) fn is_greeting(&self, text: &str) -> bool {
        self.greeting.find(text).is_some_and(|greeting| greeting.end() == text.len())
    }

    pub(super) fn without_greetings(&self, text: &str, (start, end): Range) -> Range {
        let part = &text[start..end];
        let after = self.opening(part);
        let before = self.thanks.find(part).map_or(part.len(), |thanks| thanks.start().max(after));
        let kept = &part[after..before];
        let left = kept.len() - kept.trim_start().len();
        (start + after + left, start + after + kept.trim_end().len().max(left))
    }
}

/// Words after which a sentence goes on.
const OPEN: [&str; 24] = [
    "and", "or", "if", "when", "that", "know", "me", "whether", "so", "but", "because", "to", "the", "a",
    "my", "your", "for", "of", "in", "at", "with", "then", "as", "where",
];

impl Requests {
    fn english(list: &str) -> Result<Self, regex::Error> {
        let words = |section: &str| format!(r"\b(?:{})(?:\b|$)", alternatives(list, section));
        let story = alternatives(list, "en story");
        Ok(Self {
            start: expression(&format!(r"^\W*{}", words("en start")))?,
            ask: expression(&words("en ask"))?,
            end: expression(r"\w\W*$")?,
            problem: expression(&words("en problem"))?,
            confirm: expression(&format!("^{}", words("en confirm")))?,
            story: expression(&format!(
                r"\b(?:{story}|(?:i|you|u|we)\s+[a-z]+)$|^order (?:says|said|shows)\b"
            ))?,
            after: expression(&format!("^{}", words("en after")))?,
            topic: expression(&words("en topic"))?,
            question: expression(&format!("^{}", words("en question")))?,
        })
    }

    fn thai(list: &str) -> Result<Self, regex::Error> {
        let words = |section: &str| format!("(?:{})", alternatives(list, section));
        let roman = alternatives(list, "roman ask");
        Ok(Self {
            start: expression(&format!(r"^\W*{}", words("th start")))?,
            ask: expression(&format!(r"{}|\b(?:{roman})\b", words("th ask")))?,
            end: expression(&format!("{}{PARTICLES}$", words("th end")))?,
            problem: expression(&words("th problem"))?,
            confirm: expression(&words("th confirm"))?,
            story: expression(&format!("^{}", words("th story")))?,
            after: expression("$^")?,
            topic: expression("$^")?,
            question: expression("$^")?,
        })
    }

    fn asks(&self, text: &str) -> bool {
        self.start.is_match(text) || self.ask.is_match(text) || text.contains('?')
    }

    fn divides(&self, left: &str, next: &str, rest: &str) -> bool {
        let asked = self.asks(left) || self.problem.is_match(left) || self.topic.is_match(left);
        let goes_on = self.story.is_match(left) && !self.question.is_match(next);
        asked && !goes_on && !self.confirm.is_match(next) && self.begins(next, rest)
    }

    /// After a joining word: a request, or a reason and then one, of more than one word.
    fn begins(&self, next: &str, rest: &str) -> bool {
        let several = is_thai(next) || next.split_whitespace().nth(1).is_some();
        let starts = self.start.is_match(next) || self.after.is_match(next);
        several && (starts || self.ask.is_match(rest) || self.problem.is_match(rest))
    }

    /// After a pause: a request at once.
    fn follows(&self, next: &str) -> bool {
        let several = is_thai(next) || next.split_whitespace().nth(1).is_some();
        let starts = self.start.is_match(next) && (self.ask.is_match(next) || !is_thai(next));
        several && (starts || (is_thai(next) && self.end.is_match(next)))
    }
}

/// "I'd also like": the joining word stands inside a request.
fn is_inner(before: &str, joint: &str) -> bool {
    let last = before.rsplit(char::is_whitespace).next().unwrap_or("").to_lowercase();
    let adverb = matches!(joint.trim().to_lowercase().as_str(), "also" | "then" | "next" | "plus" | "second");
    adverb && BEFORE_ADVERBS.contains(&last.as_str())
}

const BEFORE_ADVERBS: [&str; 24] = [
    "i", "i'd", "id", "we", "we'd", "you", "u", "is", "are", "am", "would", "could", "can", "will", "it",
    "they", "have", "has", "do", "does", "the", "if", "should", "by",
];

fn is_thai(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{e01}'..='\u{e5b}'))
}

/// `\b` is an edge of Latin words only: Thai has none, and automata know no other edges.
fn expression(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&pattern.replace(r"\b", r"(?-u:\b)")).case_insensitive(true).build()
}

/// The words of a section, the longest first.
fn alternatives(list: &str, section: &str) -> String {
    let mut inside = false;
    let mut words: Vec<&str> = Vec::new();
    for line in dictionary::lines(list) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = name == section;
        } else if inside {
            words.push(line);
        }
    }
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.iter().map(|word| regex::escape(word)).collect::<Vec<_>>().join("|")
}

fn quoted(text: &str) -> Vec<Range> {
    let marks: Vec<usize> =
        text.char_indices().filter(|(_, sign)| matches!(sign, '"' | '“' | '”')).map(|(at, _)| at).collect();
    marks.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}
