//! Names that are written wrongly, with lost tone marks, or in the other script.

use crate::dictionary::{is_english_word, is_thai_word};
use crate::entities::list::alike::{Alphabet, LONGEST_NAME, Pattern, SLACK};
use crate::entities::list::sound::{Gap, Sound, sounds, without_accent};
use crate::entities::text::Text;
use crate::normalise::is_thai_consonant;
use crate::romanised::Marks;
use crate::words::is_thai_boundary;

/// Characters of a text in which misspelt names are looked for.
const LONGEST: usize = 500;
/// Lighter names have too many neighbours to be guessed.
const LIGHTEST: f32 = 2.5;
/// The share of a name's weight that may be wrong, by its sound and by its letters.
const LIMITS: [f32; 2] = [0.19, 0.24];
/// A space too many or too few.
const SPACE: f32 = 0.25;
/// A name that ends inside a word as the segmenter cuts it.
const NO_EDGE: f32 = 0.7;
/// A name in the other script than the list's.
const OTHER_SCRIPT: f32 = 0.3;
/// What may be wrong where a word of the language would have to be misspelt for it: for light names and for heavy ones.
const WORD_LIMITS: [f32; 2] = [0.51, 0.71];
/// The same where nothing in the place looks misspelt, but a word of the name stands in it.
const WORDS_LIMITS: [f32; 2] = [0.31, 0.61];
/// What more may be wrong in a heavy Thai name.
const THAI_EXTRA: f32 = 0.4;
/// The same where none does.
const OTHER_WORDS_LIMIT: f32 = 0.05;
/// The share of a light name's letters that may differ where it sounds alike.
const LIGHT_LETTERS: f32 = 0.26;
/// Letters of a word of the name that count.
const SHORTEST_SHARED: usize = 3;
/// What is a heavy name.
const HEAVY: [f32; 2] = [4.0, 5.0];
/// Sounds of a clipped name.
const SHORTEST_CLIP: usize = 4;
/// Letters behind a name that may belong to no word.
const LONGEST_STRAY: usize = 3;

/// A name as it is compared with texts.
#[derive(Debug)]
pub(super) struct Spelling {
    written: String,
    thai: bool,
    apart: usize,
    /// One word, of which the beginning may stand for the whole.
    clips: bool,
    sounds: Pattern,
    letters: Pattern,
}

/// A place (bytes) that may stand for a name, and the share of the name that is wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Guess {
    pub(super) name: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) wrong: f32,
}

impl Spelling {
    /// `None` for a name that is too short to be guessed or in a script that is not read.
    pub(super) fn new(name: &str) -> Option<Self> {
        let said = sounds(name);
        let spelling = Self {
            written: name.to_owned(),
            thai: name.chars().any(is_thai),
            apart: said.iter().skip(1).filter(|sound| sound.gap != Gap::None).count(),
            clips: (is_thai_word(name) && !is_compound(name))
                || name.chars().all(|letter| letter.is_ascii_alphabetic()),
            sounds: Pattern::new(&said, Alphabet::Sounds),
            letters: Pattern::new(&letters(name), Alphabet::Letters),
        };
        let read = name
            .chars()
            .all(|letter| letter.is_ascii() || is_thai(letter) || without_accent(letter).is_ascii());
        let fits = name.chars().count() <= LONGEST_NAME;
        (read && fits && spelling.sounds.weight >= LIGHTEST).then_some(spelling)
    }
}

/// The spellings by the class of their first sound, with the number of the name: others are not compared.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    classes: [Vec<(usize, Spelling)>; CLASSES],
}

const CLASSES: usize = 10;

impl Spellings {
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut spellings = Self::default();
        for (number, name) in names.enumerate() {
            let Some(spelling) = Spelling::new(name) else { continue };
            let class = spelling.sounds.letters.first().map_or(0, |first| class(*first));
            spellings.classes[class].push((number, spelling));
        }
        spellings
    }

    /// The likeliest places, without overlaps. Near one comparison a character: only names that begin alike are
    /// compared, and only where a word begins.
    pub(super) fn find(&self, text: &Text) -> Vec<Guess> {
        if self.classes.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let reading = Reading::new(text);
        let mut guesses: Vec<Guess> = Vec::new();
        for start in reading.starts() {
            for (number, spelling) in &self.classes[class(reading.sounds[start].letter)] {
                guesses.extend(reading.guess(spelling, start).map(|guess| Guess { name: *number, ..guess }));
            }
        }
        guesses.sort_by(|left, right| {
            left.wrong.total_cmp(&right.wrong).then((right.end - right.start).cmp(&(left.end - left.start)))
        });
        let mut kept: Vec<Guess> = Vec::new();
        for guess in guesses {
            if kept.iter().all(|other| guess.end <= other.start || guess.start >= other.end) {
                kept.push(guess);
            }
        }
        kept
    }
}

/// First sounds that are taken for each other share a class.
fn class(first: char) -> usize {
    match first {
        'k' | 'g' => 0,
        'c' | 's' => 1,
        't' | 'd' => 2,
        'p' | 'b' | 'f' => 3,
        'm' => 4,
        'n' | 'N' => 5,
        'l' => 6,
        'w' => 7,
        'y' => 8,
        _ => 9,
    }
}

/// A text as it is compared with names: its sounds and its letters, and where words may begin and end.
struct Reading<'t> {
    text: &'t Text,
    sounds: Vec<Sound>,
    letters: Vec<Sound>,
    edges: Vec<usize>,
    /// It is Thai in Latin letters, so that a word that English has too says nothing.
    romanised: bool,
}

impl<'t> Reading<'t> {
    fn new(text: &'t Text) -> Self {
        let length = text.lower.char_indices().nth(LONGEST).map_or(text.lower.len(), |(byte, _)| byte);
        let looked_at = &text.lower[..length];
        let edge =
            |at: &usize| text.is_apart(*at, *at) && is_thai_boundary(&text.lower, *at) && is_edge(text, *at);
        let edges = looked_at.char_indices().map(|(byte, _)| byte).chain([length]).filter(edge).collect();
        let marks = Marks::of(looked_at);
        let romanised = marks.thai >= 2 && marks.thai > marks.english;
        Self { text, sounds: sounds(looked_at), letters: letters(looked_at), edges, romanised }
    }

    /// The sounds with which a word begins.
    fn starts(&self) -> impl Iterator<Item = usize> {
        let begins = |index: &usize| {
            let start = self.sounds[*index].start;
            let first = *index == 0 || self.sounds[*index - 1].start < start;
            first && self.edges.binary_search(&start).is_ok()
        };
        (0..self.sounds.len()).filter(begins)
    }

    /// The best place that begins with the sound `start`, if it is near enough.
    fn guess(&self, spelling: &Spelling, start: usize) -> Option<Guess> {
        let byte = self.sounds[start].start;
        let latin = !self.text.lower[byte..].starts_with(is_thai);
        let same_script = latin != spelling.thai;
        let letter = self.letters.partition_point(|letter| letter.start < byte);
        let sounds = &self.sounds[start..];
        let mut best = self.best(&spelling.sounds, sounds, LIMITS[0], same_script.then_some(spelling.apart));
        if same_script {
            let written = &self.letters[letter..];
            let written = self.best(&spelling.letters, written, LIGHT_LETTERS, Some(spelling.apart));
            let light = spelling.sounds.weight < HEAVY[0];
            let near = written.filter(|(_, cost)| *cost <= LIMITS[1] * spelling.letters.weight);
            let alike = best.filter(|_| !light || written.is_some());
            best = [alike, near].into_iter().flatten().min_by(|left, right| left.1.total_cmp(&right.1));
        }
        let whole = best.map(|(end, cost)| (end, cost, false));
        let clipped =
            || self.clipped(spelling, sounds).filter(|_| same_script).map(|(end, cost)| (end, cost, true));
        let (end, cost, is_clipped) = whole.or_else(clipped)?;
        let end = absorbed(self.text, end);
        let guess = Guess { name: 0, start: byte, end, wrong: cost / spelling.sounds.weight };
        let one_script = same_script || self.is_one_script(byte, end);
        let no_other = if is_clipped {
            !self.is_word(&self.text.lower[byte..end])
        } else {
            self.is_no_other_word(spelling, &guess, cost)
        };
        (one_script && no_other).then_some(guess)
    }

    /// The end (byte) and the cost of the cheapest reading of `text`'s beginning as the pattern.
    fn best(
        &self,
        pattern: &Pattern,
        text: &[Sound],
        limit: f32,
        apart: Option<usize>,
    ) -> Option<(usize, f32)> {
        let text = &text[..text.len().min(pattern.letters.len() + SLACK)];
        let costs = pattern.costs(text, limit * pattern.weight)?;
        let mut best: Option<(usize, f32)> = None;
        let mut spaces = 0;
        for (count, cost) in costs.iter().enumerate().take(text.len() + 1).skip(1) {
            match text[count - 1].gap {
                Gap::Stop if count > 1 => break,
                Gap::Space if count > 1 => spaces += 1,
                _ => {}
            }
            let Some((end, is_edge)) = self.end_after(text, count) else { continue };
            let space = apart.map_or(OTHER_SCRIPT, |apart| SPACE * apart.abs_diff(spaces) as f32);
            let cost = cost + space + if is_edge { 0.0 } else { NO_EDGE };
            if cost <= limit * pattern.weight && best.is_none_or(|(_, least)| cost <= least) {
                best = Some((end, cost));
            }
        }
        best
    }

    /// The end of a first part of the name that stands alone: "คาปู", "capu".
    fn clipped(&self, spelling: &Spelling, text: &[Sound]) -> Option<(usize, f32)> {
        let name = &spelling.sounds.letters;
        let same = name.iter().zip(text).take_while(|(letter, sound)| **letter == sound.letter).count();
        if !spelling.clips || same < SHORTEST_CLIP || spelling.sounds.weight < HEAVY[1] {
            return None;
        }
        let (end, is_edge) = self.end_after(text, same)?;
        let next_is_apart = text.get(same).is_none_or(|next| next.start >= end);
        (is_edge && next_is_apart).then_some((end, LIMITS[0] * spelling.sounds.weight))
    }

    /// Where a word may end between the letter `count - 1` of a part of the text and the one after it, and whether the
    /// segmenter thinks so too.
    fn end_after(&self, text: &[Sound], count: usize) -> Option<(usize, bool)> {
        let last = text[count - 1].start;
        let next = text.get(count).map(|sound| sound.start);
        let edge = self.edges.get(self.edges.partition_point(|edge| *edge <= last)).copied();
        let inside = |edge: &usize| next.is_none_or(|next| *edge <= next);
        if let Some(edge) = edge.filter(inside) {
            return Some((edge, true));
        }
        let next = next.filter(|next| *next > last && is_thai_boundary(&self.text.lower, *next))?;
        self.text.lower[next..].starts_with(is_thai).then_some((next, false))
    }

    fn is_one_script(&self, start: usize, end: usize) -> bool {
        let mut letters = self.text.lower[start..end].chars().filter(|letter| letter.is_alphabetic());
        let first = letters.next().is_some_and(is_thai);
        letters.all(|letter| is_thai(letter) == first)
    }

    /// A word of more than one letter.
    fn is_word(&self, word: &str) -> bool {
        let english = !self.romanised && is_english_word(word);
        word.chars().nth(1).is_some() && (english || is_thai_word(word))
    }

    /// A word of the language is no misspelling, unless it sounds nearly like the name's.
    fn is_no_other_word(&self, spelling: &Spelling, guess: &Guess, cost: f32) -> bool {
        let place = &self.text.lower[guess.start..guess.end];
        if self.is_word(place) {
            let latin = place.is_ascii();
            let heavy = spelling.sounds.weight >= HEAVY[0];
            return match (latin, spelling.thai) {
                (true, false) => false,
                (false, true) => {
                    guess.wrong <= 0.06 && (heavy || without_tones(place) == without_tones(&spelling.written))
                }
                _ => guess.wrong <= 0.12 && heavy,
            };
        }
        let inner = self.edges.iter().filter(|edge| guess.start < **edge && **edge < guess.end);
        let mut words: Vec<&str> = Vec::new();
        let mut from = guess.start;
        for edge in inner.chain([&guess.end]) {
            words.extend(self.text.lower.get(from..*edge).map(str::trim).filter(|word| !word.is_empty()));
            from = *edge;
        }
        let own = |word: &&str| spelling.written.contains(*word);
        let other = words.iter().any(|word| self.is_word(word) && !own(word));
        let all = words.iter().all(|word| self.is_word(word) || matches!(*word, "a" | "i"));
        let shared = words.iter().any(|word| own(word) && word.chars().count() >= SHORTEST_SHARED);
        let heavy = usize::from(spelling.sounds.weight >= HEAVY[1]);
        let limit = match (other, all) {
            (true, true) if !shared => OTHER_WORDS_LIMIT,
            (true, true) => WORDS_LIMITS[heavy] + if spelling.thai { heavy as f32 * THAI_EXTRA } else { 0.0 },
            (true, false) => WORD_LIMITS[heavy],
            _ => f32::MAX,
        };
        cost <= limit
    }
}

/// The end of a name with the stray letters behind it, which belong to no word: "ชาไทยย", "บราวนี่ย์".
pub(super) fn absorbed(text: &Text, end: usize) -> usize {
    let mut length = 0;
    for letter in text.lower[end..].chars().take(LONGEST_STRAY) {
        if !is_thai_consonant(letter) && !matches!(letter, '\u{e48}'..='\u{e4c}') {
            break;
        }
        length += letter.len_utf8();
        let stray = &text.lower[end..end + length];
        if text.is_edge(end) && text.is_edge(end + length) && is_thai_boundary(&text.lower, end + length) {
            return if is_thai_word(stray) { end } else { end + length };
        }
    }
    end
}

fn is_edge(text: &Text, at: usize) -> bool {
    let thai_on_both_sides =
        text.lower[..at].chars().next_back().is_some_and(is_thai) && text.lower[at..].starts_with(is_thai);
    !thai_on_both_sides || text.is_edge(at)
}

fn is_thai(letter: char) -> bool {
    matches!(letter, '\u{e01}'..='\u{e5b}')
}

fn without_tones(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '\u{e48}'..='\u{e4b}')).collect()
}

/// Words of the dictionary one after the other.
fn is_compound(name: &str) -> bool {
    let places = name.char_indices().skip(2).map(|(byte, _)| byte);
    let mut splits = places.filter(|byte| is_thai_word(&name[..*byte]));
    splits.any(|byte| is_thai_word(&name[byte..]) || is_compound(&name[byte..]))
}

/// The letters of a text as they are written, without tones and accents.
fn letters(text: &str) -> Vec<Sound> {
    let mut gap = Gap::None;
    let mut letters = Vec::with_capacity(text.len());
    for (start, letter) in text.char_indices() {
        match letter {
            '\u{e47}'..='\u{e4c}' | '\'' | '’' => {}
            letter if letter.is_alphabetic() => {
                letters.push(Sound { letter: without_accent(letter), start, gap });
                gap = Gap::None;
            }
            sign => gap = gap.max(Gap::of(sign)),
        }
    }
    letters
}
