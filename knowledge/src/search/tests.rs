use models::{Encode, HashEncoder, Purpose};
use nlu::Words;

use super::*;
use crate::answer::Answer;
use crate::vectors::VectorCache;

fn article(id: &str, title: &str, body: &str) -> Article {
    let text = format!("---\ntitle: \"{title}\"\nquestions: [\"{title} ?\"]\n---\n{body}");
    Article::parse(&format!("{id}.md"), &text).unwrap()
}

fn shop() -> Index {
    let articles = vec![
        article(
            "delivery.en",
            "Delivery",
            "Parcels arrive in two days.\n\n## Islands\n\nBoats need six days.",
        ),
        article("delivery.th", "การส่งสินค้า", "พัสดุถึงภายในสองวัน\n\n## เกาะ\n\nเรือใช้เวลาหกวัน"),
        article("delivery.zh", "送货", "包裹两天送达。"),
        article("returns.en", "Returns", "Send goods back within a week."),
        article("returns.th", "การคืนสินค้า", "คืนของได้ภายในเจ็ดวัน"),
        article("beans.en", "Beans", "House blend suits milk drinks."),
        article("beans.th", "เมล็ดกาแฟ", "เฮาส์เบลนด์เข้ากับนม"),
    ];
    Index::build(articles, Words::default()).unwrap()
}

fn query(text: &str, language: &str) -> Query {
    Query { text: text.to_owned(), language: language.to_owned(), limit: 10, ..Query::default() }
}

/// Which passages are found, best first; `…` stands for any others.
fn check(index: &Index, query: &Query, expected: &[&str]) {
    let hits = index.search(query).unwrap();
    let found: Vec<_> = hits.iter().map(|hit| hit.passage.id.as_str()).take(expected.len()).collect();
    assert_eq!(found, expected, "{query:?}");
}

/// Vectors that know the meaning of a few words in three languages.
struct Dictionary;

const MEANINGS: [&[&str]; 4] = [
    &["deliver", "parcel", "arrive", "ส่ง", "พัสดุ", "送", "包裹"],
    &["return", "back", "คืน", "退"],
    &["bean", "blend", "เมล็ด", "เบลนด์", "豆"],
    &["island", "boat", "เกาะ", "เรือ", "岛"],
];

impl Encode for Dictionary {
    fn dimensions(&self) -> usize {
        MEANINGS.len() + 1
    }

    fn name(&self) -> &'static str {
        "dictionary 1"
    }

    fn encode_blocking(&self, texts: &[String], _: Purpose) -> Result<Vec<Embedding>, models::EncodeError> {
        let embed = |text: &String| {
            let text = text.to_lowercase();
            let count =
                |words: &&[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>() as f32;
            let mut vector: Vec<f32> = MEANINGS.iter().map(count).collect();
            vector.push(0.5);
            let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.iter().map(|value| value / length).collect()
        };
        Ok(texts.iter().map(embed).collect())
    }
}

fn with_vectors(index: &Index, encoder: &dyn Encode) -> Index {
    let mut cache = VectorCache::new();
    for text in index.missing(&cache, encoder.name()) {
        let embeddings = encoder.encode_blocking(&[text.text], text.purpose).unwrap();
        cache.add(encoder.name(), text.key, &embeddings[0]).unwrap();
    }
    assert!(index.missing(&cache, encoder.name()).is_empty());
    index.with_vectors(&cache)
}

fn embedded(mut query: Query, encoder: &dyn Encode) -> Query {
    let embeddings = encoder.encode_blocking(std::slice::from_ref(&query.text), Purpose::Query).unwrap();
    query.embeddings.insert(encoder.name().to_owned(), embeddings[0].clone());
    query
}

#[test]
fn words_find_the_passage_in_the_askers_language() {
    let shop = shop();
    check(&shop, &query("when do boats come", "en"), &["delivery.en#1"]);
    check(&shop, &query("เรือใช้เวลากี่วัน", "th"), &["delivery.th#1"]);
    check(&shop, &query("包裹几天送到", "zh"), &["delivery.zh#0"]);
    check(&shop, &query("blends", "en"), &["beans.en#0"]);
}

#[test]
fn a_mixed_or_wrongly_detected_query_is_answered_in_the_language_that_is_asked_for() {
    let shop = shop();
    check(&shop, &query("พัสดุถึงเมื่อไหร่", "en"), &["delivery.en#0"]);
    check(&shop, &query("House blend ครับ", "th"), &["beans.th#0"]);
    let hits = shop.search(&query("พัสดุถึงเมื่อไหร่", "en")).unwrap();
    assert!(hits[0].features.by_translation && !hits[0].features.is_foreign);
}

#[test]
fn every_article_is_there_in_one_language() {
    let hits = shop().search(&query("Delivery ส่งสินค้า 送货 Returns คืนสินค้า beans", "zh")).unwrap();
    let languages: BTreeMap<&str, &str> =
        hits.iter().map(|hit| (hit.article.id.as_str(), hit.article.language.as_str())).collect();
    assert_eq!(languages, BTreeMap::from([("beans", "en"), ("delivery", "zh"), ("returns", "en")]));
    for hit in hits {
        assert_eq!(hit.features.is_foreign, hit.article.id.as_str() != "delivery");
        assert_eq!(hit.passage.language, hit.article.language);
    }
}

#[test]
fn vectors_find_what_words_cannot_across_languages() {
    let shop = shop();
    let asked = query("可以退吗", "zh");
    assert!(shop.search(&asked).unwrap().iter().all(|hit| hit.article.id.as_str() != "returns"));
    let shop = with_vectors(&shop, &Dictionary);
    assert_eq!(shop.encoders().collect::<Vec<_>>(), ["dictionary 1"]);
    check(&shop, &embedded(asked, &Dictionary), &["returns.en#0"]);
    check(&shop, &embedded(query("岛", "th"), &Dictionary), &["delivery.th#1"]);
    let hits = shop.search(&embedded(query("parcel", "en"), &Dictionary)).unwrap();
    let likeness = hits[0].features.likeness["dictionary 1"];
    assert!(
        likeness.cosine > 0.85 && likeness.passage_rise > 0.1 && likeness.asks_rise > 0.1,
        "{likeness:?}"
    );
}

#[test]
fn an_article_that_is_asked_for_in_its_own_words_is_the_answer() {
    let shop = shop();
    for (text, language, expected) in [
        ("送货", "zh", "zh"),
        (" DELIVERY?! ", "en", "en"),
        ("การส่ง สินค้า ?", "th", "th"),
        ("delivery", "th", "th"),
        ("การส่งสินค้า", "ja", "en"),
    ] {
        let asked = query(text, language);
        let hits = shop.search(&asked).unwrap();
        assert!(hits[0].features.is_exact, "{text}");
        let Answer::Found { citations, confidence, .. } = shop.answer(&asked, &hits) else {
            panic!("{text}")
        };
        assert_eq!((citations[0].article.as_str(), citations[0].language.as_str()), ("delivery", expected));
        assert!(confidence > 0.9);
    }
}

#[test]
fn embeddings_that_do_not_fit_are_ignored() {
    let shop = shop();
    let plain = shop.search(&query("boats", "en")).unwrap();
    let vectored = with_vectors(&shop, &Dictionary);
    let mut wrong = embedded(query("boats", "en"), &HashEncoder::new(64));
    wrong.embeddings.insert("dictionary 1".to_owned(), Embedding::from([1.0]));
    let hits = vectored.search(&wrong).unwrap();
    assert_eq!(hits.len(), plain.len());
    assert_eq!(hits[0].score.to_bits(), plain[0].score.to_bits());
}

#[test]
fn a_text_that_lacks_its_vector_is_still_found_by_words() {
    let shop = shop();
    let mut cache = VectorCache::new();
    let texts = shop.missing(&cache, Dictionary.name());
    let boats = texts.iter().position(|text| text.text.contains("Boats")).unwrap();
    for (number, text) in texts.into_iter().enumerate() {
        if number != boats {
            let embeddings = Dictionary.encode_blocking(&[text.text], text.purpose).unwrap();
            cache.add(Dictionary.name(), text.key, &embeddings[0]).unwrap();
        }
    }
    assert_eq!(shop.missing(&cache, Dictionary.name()).len(), 1);
    let partial = shop.with_vectors(&cache);
    check(&partial, &embedded(query("six boats", "en"), &Dictionary), &["delivery.en#1"]);
}

#[test]
fn lists_are_limited_and_mixed() {
    let sections = "\n\n## Part\n\nTea and tea again.".repeat(9);
    let mut articles = vec![article("tea.en", "Tea", &format!("All about tea.{sections}"))];
    articles.extend(
        (0..6).map(|number| article(&format!("other-{number}.en"), "Other", "Coffee, and some tea.")),
    );
    let index = Index::build(articles, Words::default()).unwrap();
    let asked = query("tea", "en");
    let hits = index.search(&asked).unwrap();
    assert_eq!(hits.iter().filter(|hit| hit.article.id.as_str() == "tea").count(), 3);
    assert_eq!(hits.len(), 9);
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert_eq!(index.search(&Query { limit: 2, ..asked.clone() }).unwrap().len(), 2);
    assert!(index.search(&Query { limit: 0, ..asked }).unwrap().is_empty());
}

/// Text is data: it is cut into words, and no sign in it means anything.
#[test]
fn hostile_texts_are_searched_like_any_other() {
    let vectored = with_vectors(&shop(), &HashEncoder::new(32));
    let plain = shop();
    let long = "พัสดุ parcel 包裹 ".repeat(4096);
    assert!(long.len() > 64 * 1024);
    let syntax = "text_words_0:six AND -(boats OR need*) \"days six\"~9 [a TO z] ^5 \\ -boats";
    for text in [
        long.as_str(),
        syntax,
        "\u{0}\u{0}parcel",
        "AND",
        "*",
        "\"",
        "((((",
        "title:",
        "\u{202e}parcel",
        "ก",
        "้้้้",
    ] {
        for (index, asked) in
            [(&plain, query(text, "en")), (&vectored, embedded(query(text, "en"), &HashEncoder::new(32)))]
        {
            for hit in index.search(&asked).unwrap() {
                assert!(hit.score.is_finite(), "{text:.40}");
            }
        }
    }
    for nothing in ["", " ", "?!… 👍", "\u{200b}", "(((("] {
        let asked = embedded(query(nothing, "en"), &HashEncoder::new(32));
        assert!(vectored.search(&asked).unwrap().is_empty(), "{nothing}");
        assert_eq!(vectored.answer(&asked, &[]), Answer::Nothing);
    }
    check(&plain, &query(syntax, "en"), &["delivery.en#1"]);
    assert!(plain.search(&query("AND", "en")).unwrap().iter().all(|hit| hit.features.words == 0.0));
    let unknown = query("parcel", "xx-Latn-1");
    check(&plain, &unknown, &["delivery.en#0"]);
}

#[test]
fn an_empty_index_answers_nothing() {
    let index = Index::build(Vec::new(), Words::default()).unwrap();
    let asked = query("anything", "th");
    assert!(index.search(&asked).unwrap().is_empty());
    assert!(index.missing(&VectorCache::new(), "any").is_empty());
}

#[test]
fn two_files_of_one_article_and_language_are_refused() {
    let twice = vec![article("a.en", "A", "One."), article("a.en", "A", "Two.")];
    assert!(matches!(Index::build(twice, Words::default()), Err(IndexError::Twice { .. })));
}
