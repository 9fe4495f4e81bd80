//! BM25 over words and character n-grams, each language with statistics of its own.

use std::collections::BTreeMap;

use tantivy::directory::RamDirectory;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocSet, IndexBuilder, Searcher, TERMINATED, TantivyDocument, Term};

/// tantivy's budget for the writer; the index of a thousand articles fits several times over.
const WRITER_BYTES: usize = 15_000_000;

/// The terms of one passage. `asks` come from its article's title and questions, `text` from the passage itself.
#[derive(Debug, Default)]
pub(crate) struct PassageTerms {
    pub(crate) language: String,
    pub(crate) text: Terms,
    pub(crate) asks: Terms,
}

/// One text as terms of both kinds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) words: Vec<String>,
    pub(crate) grams: Vec<String>,
}

impl Terms {
    /// The same for texts that differ in spaces, punctuation and case only.
    pub(crate) fn key(&self) -> String {
        self.words.concat()
    }
}

/// What a passage has in common with a query.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Match {
    /// BM25 of the words in the passage's text.
    pub(crate) text_words: f32,
    pub(crate) asks_words: f32,
    pub(crate) text_grams: f32,
    pub(crate) asks_grams: f32,
    /// The share of the query's words, weighted by their idf, that the text or the asks have.
    pub(crate) coverage: f32,
}

impl Match {
    pub(crate) fn words(&self, asks: f32) -> f32 {
        self.text_words + asks * self.asks_words
    }

    pub(crate) fn grams(&self, asks: f32) -> f32 {
        self.text_grams + asks * self.asks_grams
    }

    pub(crate) fn is_any(&self) -> bool {
        self.words(1.0) + self.grams(1.0) > 0.0
    }
}

/// What a query has in common with every passage.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    /// By passage.
    pub(crate) passages: Vec<Match>,
    /// By language: the sum of the idf of all words and of all n-grams of the query, which is about what BM25 gives to
    /// a passage that has each of them once.
    pub(crate) totals: BTreeMap<String, Totals>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Totals {
    pub(crate) words: f32,
    pub(crate) grams: f32,
}

/// The index; documents are passages, numbered as they were given.
pub(crate) struct Bm25 {
    searcher: Searcher,
    languages: BTreeMap<String, LanguageFields>,
    passages: usize,
}

struct LanguageFields {
    text_words: Field,
    asks_words: Field,
    text_grams: Field,
    asks_grams: Field,
    passages: u64,
}

impl Bm25 {
    pub(crate) fn build(passages: &[PassageTerms]) -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true);
        let options = TextOptions::default().set_indexing_options(indexing);
        let mut languages: BTreeMap<String, LanguageFields> = BTreeMap::new();
        for passage in passages {
            let number = languages.len();
            let fields = languages.entry(passage.language.clone()).or_insert_with(|| {
                let mut field =
                    |name: &str| schema.add_text_field(&format!("{name}_{number}"), options.clone());
                LanguageFields {
                    text_words: field("text_words"),
                    asks_words: field("asks_words"),
                    text_grams: field("text_grams"),
                    asks_grams: field("asks_grams"),
                    passages: 0,
                }
            });
            fields.passages += 1;
        }
        // A schema without fields cannot be opened, and an empty index needs none of it.
        schema.add_bool_field("is_passage", tantivy::schema::STORED);
        let builder = IndexBuilder::new().schema(schema.build());
        let mut writer = builder.single_segment_index_writer(RamDirectory::create(), WRITER_BYTES)?;
        for passage in passages {
            let fields = &languages[&passage.language];
            let mut document = TantivyDocument::new();
            document.add_pre_tokenized_text(fields.text_words, pre_tokenized(&passage.text.words));
            document.add_pre_tokenized_text(fields.asks_words, pre_tokenized(&passage.asks.words));
            document.add_pre_tokenized_text(fields.text_grams, pre_tokenized(&passage.text.grams));
            document.add_pre_tokenized_text(fields.asks_grams, pre_tokenized(&passage.asks.grams));
            writer.add_document(document)?;
        }
        let searcher = writer.finalize()?.reader()?.searcher();
        Ok(Self { searcher, languages, passages: passages.len() })
    }

    /// Terms are compared as they are: nothing in a query is syntax. `terms` should be free of repetitions, which would
    /// count again.
    pub(crate) fn matches(&self, terms: &Terms) -> tantivy::Result<Matches> {
        let mut passages = vec![Match::default(); self.passages];
        let mut totals = BTreeMap::new();
        for (language, fields) in &self.languages {
            let words = self.match_words(fields, &terms.words, &mut passages)?;
            let grams = self.match_grams(fields, &terms.grams, &mut passages)?;
            totals.insert(language.clone(), Totals { words, grams });
        }
        Ok(Matches { passages, totals })
    }

    fn match_grams(
        &self,
        fields: &LanguageFields,
        grams: &[String],
        matches: &mut [Match],
    ) -> tantivy::Result<f32> {
        let mut text = FieldScorer::open(&self.searcher, fields.text_grams, fields.passages)?;
        let mut asks = FieldScorer::open(&self.searcher, fields.asks_grams, fields.passages)?;
        let mut total = 0.0;
        for gram in grams {
            let in_text = text.each(gram, |passage, score| matches[passage].text_grams += score)?;
            let in_asks = asks.each(gram, |passage, score| matches[passage].asks_grams += score)?;
            total += idf(in_text.max(in_asks), fields.passages as f32);
        }
        Ok(total)
    }

    fn match_words(
        &self,
        fields: &LanguageFields,
        words: &[String],
        matches: &mut [Match],
    ) -> tantivy::Result<f32> {
        let mut text = FieldScorer::open(&self.searcher, fields.text_words, fields.passages)?;
        let mut asks = FieldScorer::open(&self.searcher, fields.asks_words, fields.passages)?;
        let mut covered: BTreeMap<usize, f32> = BTreeMap::new();
        let mut total = 0.0;
        for word in words {
            let mut found = Vec::new();
            text.each(word, |passage, score| {
                matches[passage].text_words += score;
                found.push(passage);
            })?;
            asks.each(word, |passage, score| {
                matches[passage].asks_words += score;
                found.push(passage);
            })?;
            found.sort_unstable();
            found.dedup();
            let idf = idf(found.len() as f32, fields.passages as f32);
            total += idf;
            for passage in found {
                *covered.entry(passage).or_default() += idf;
            }
        }
        for (passage, covered) in covered {
            matches[passage].coverage = covered / total;
        }
        Ok(total)
    }
}

/// How rare a word is that `found` of `count` passages have; Robertson and Spärck Jones, as tantivy's BM25 has it.
pub(crate) fn idf(found: f32, count: f32) -> f32 {
    (1.0 + (count - found + 0.5) / (found + 0.5)).ln()
}

/// Scores the passages that have a term in one field.
struct FieldScorer {
    field: Field,
    postings: Option<(std::sync::Arc<tantivy::InvertedIndexReader>, FieldNormReader)>,
    passages: u64,
    average_length: f32,
}

impl FieldScorer {
    fn open(searcher: &Searcher, field: Field, passages: u64) -> tantivy::Result<Self> {
        let Some(segment) = searcher.segment_readers().first() else {
            return Ok(Self { field, postings: None, passages, average_length: 1.0 });
        };
        let index = segment.inverted_index(field)?;
        let average_length = (index.total_num_tokens() as f32 / passages.max(1) as f32).max(1.0);
        let postings = Some((index, segment.get_fieldnorms_reader(field)?));
        Ok(Self { field, postings, passages, average_length })
    }

    /// Calls back for each passage with the term, and says how many there are.
    fn each(&mut self, term: &str, mut found: impl FnMut(usize, f32)) -> tantivy::Result<f32> {
        let Some((index, lengths)) = &self.postings else { return Ok(0.0) };
        let term = Term::from_field_text(self.field, term);
        let Some(info) = index.get_term_info(&term)? else { return Ok(0.0) };
        let found_in = u64::from(info.doc_freq).min(self.passages);
        let weight = Bm25Weight::for_one_term_without_explain(found_in, self.passages, self.average_length);
        let mut postings = index.read_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
        let mut document = postings.doc();
        while document != TERMINATED {
            found(document as usize, weight.score(lengths.fieldnorm_id(document), postings.term_freq()));
            document = postings.advance();
        }
        Ok(info.doc_freq as f32)
    }
}

fn pre_tokenized(terms: &[String]) -> PreTokenizedString {
    let tokens = terms
        .iter()
        .enumerate()
        .map(|(position, text)| Token {
            offset_from: 0,
            offset_to: 0,
            position,
            text: text.clone(),
            position_length: 1,
        })
        .collect();
    PreTokenizedString { text: String::new(), tokens }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Terms {
        Terms { words: text.split_whitespace().map(str::to_owned).collect(), grams: Vec::new() }
    }

    fn passage(language: &str, text: &str, asks: &str) -> PassageTerms {
        PassageTerms { language: language.to_owned(), text: terms(text), asks: terms(asks) }
    }

    fn matches(passages: &[PassageTerms], query: &str) -> Vec<Match> {
        Bm25::build(passages).unwrap().matches(&terms(query)).unwrap().passages
    }

    fn near(left: f32, right: f32) -> bool {
        (left - right).abs() < 1e-4
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        // Robertson's BM25 with k1 1.2 and b 0.75, written out for passages of 2, 4 and 3 words.
        let passages = [passage("en", "a b", ""), passage("en", "a a c d", ""), passage("en", "c d e", "")];
        let score = |frequency: f32, length: f32, found: f32| {
            let norm = 1.2 * (1.0 - 0.75 + 0.75 * length / 3.0);
            idf(found, 3.0) * 2.2 * frequency / (frequency + norm)
        };
        let found = matches(&passages, "a e");
        assert!(near(found[0].text_words, score(1.0, 2.0, 2.0)), "{found:?}");
        assert!(near(found[1].text_words, score(2.0, 4.0, 2.0)), "{found:?}");
        assert!(near(found[2].text_words, score(1.0, 3.0, 1.0)), "{found:?}");
    }

    #[test]
    fn each_language_has_its_own_statistics() {
        let english = [passage("en", "v60 x", ""), passage("en", "y z", "")];
        let alone = matches(&english, "v60");
        let mut both: Vec<_> = english.into_iter().collect();
        both.extend((0..20).map(|_| passage("th", "v60 กาแฟ กาแฟ กาแฟ", "")));
        let beside = matches(&both, "v60");
        assert!(near(alone[0].text_words, beside[0].text_words));
        assert!(beside[2].text_words > 0.0 && beside[2].text_words < beside[0].text_words);
    }

    #[test]
    fn coverage_is_the_share_of_rare_words_in_text_or_asks() {
        let passages = [passage("en", "a b", "c"), passage("en", "a", "a"), passage("en", "a", "b")];
        let found = matches(&passages, "a c");
        assert!(near(found[0].coverage, 1.0));
        let (common, rare) = (idf(3.0, 3.0), idf(1.0, 3.0));
        assert!(near(found[1].coverage, common / (common + rare)), "{found:?}");
        assert!(near(matches(&passages, "c unknown")[0].coverage, rare / (rare + idf(0.0, 3.0))));
        assert!(!matches(&passages, "unknown")[0].is_any());
    }

    #[test]
    fn an_index_without_passages_finds_nothing() {
        assert!(matches(&[], "a").is_empty());
    }
}
