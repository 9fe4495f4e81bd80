//! The sections of the word lists.

use crate::dictionary;
use crate::urgency::FiredRule;
use crate::urgency::phrases::{Phrase, Phrases};
use crate::words::Words;

/// Sections of phrases with their points, of all lists together.
#[derive(Debug)]
pub struct UrgencyRules {
    sections: Vec<Section>,
    phrases: Phrases,
}

#[derive(Debug, Clone)]
struct Section {
    name: String,
    urgent: i32,
    toxic: i32,
    /// What it covers is not looked at.
    masks: bool,
}

/// A word list must be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrgencyError {
    #[error("urgency list: [{0}] is not [name target points ...] with whole points, or [harmless]")]
    Header(String),
    #[error("urgency list: {0} stands in no section")]
    NoSection(String),
    #[error("urgency list: the phrases cannot be searched for: {0}")]
    Phrases(String),
}

impl UrgencyRules {
    /// Reads word lists; see the head of one for how they are written.
    ///
    /// # Errors
    /// Names the line that cannot be read.
    pub fn new(lists: &[&str]) -> Result<Self, UrgencyError> {
        let mut sections = Vec::new();
        let mut phrases = Vec::new();
        for list in lists {
            let mut current: Option<usize> = None;
            for line in dictionary::lines(list) {
                if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                    current = Some(sections.len());
                    sections.push(Section::new(header)?);
                    continue;
                }
                let section = current.ok_or_else(|| UrgencyError::NoSection(line.to_owned()))?;
                phrases.push(Phrase { written: line.to_owned(), section });
            }
        }
        let phrases = Phrases::new(phrases).map_err(UrgencyError::Phrases)?;
        Ok(Self { sections, phrases })
    }

    /// The first phrase of each section that is found, where no harmless words cover it.
    pub(super) fn fired(&self, text: &str, words: &Words) -> Vec<FiredRule> {
        let found = self.phrases.find(text, words, |section| self.counts(section));
        let masks: Vec<(usize, usize)> = found
            .iter()
            .filter(|hit| self.sections[hit.section].masks)
            .map(|hit| (hit.start, hit.end))
            .collect();
        let mut first: Vec<Option<&Phrase>> = vec![None; self.sections.len()];
        for hit in &found {
            let is_covered = masks.iter().any(|(start, end)| *start <= hit.start && hit.end <= *end);
            if !is_covered && first[hit.section].is_none() {
                first[hit.section] = Some(self.phrases.phrase(hit));
            }
        }
        let fired = self.sections.iter().zip(first).filter(|(section, _)| !section.masks);
        let fired = fired.filter_map(|(section, phrase)| Some((section, phrase?)));
        let mut rules: Vec<FiredRule> = Vec::new();
        for (section, phrase) in fired {
            // A section of another language's list is the same rule.
            if rules.iter().all(|rule| rule.section != section.name) {
                rules.push(FiredRule {
                    section: section.name.clone(),
                    phrase: phrase.written.clone(),
                    urgent: section.urgent,
                    toxic: section.toxic,
                });
            }
        }
        rules
    }

    /// A phrase of it speaks for something, so that a "not" before it takes it back.
    fn counts(&self, section: usize) -> bool {
        self.sections[section].urgent > 0 || self.sections[section].toxic > 0
    }
}

impl Section {
    fn new(header: &str) -> Result<Self, UrgencyError> {
        let wrong = || UrgencyError::Header(header.to_owned());
        let mut parts = header.split_whitespace();
        let name = parts.next().ok_or_else(wrong)?.to_owned();
        let mut section = Self { masks: name == "harmless", name, urgent: 0, toxic: 0 };
        while let Some(target) = parts.next() {
            let points: i32 = parts.next().and_then(|points| points.parse().ok()).ok_or_else(wrong)?;
            match target {
                "urgent" => section.urgent = points,
                "toxic" => section.toxic = points,
                _ => return Err(wrong()),
            }
        }
        let judges = section.urgent != 0 || section.toxic != 0;
        if judges == section.masks { Err(wrong()) } else { Ok(section) }
    }
}
