use proptest::prelude::*;

use super::*;

/// A tagger that knows nothing but what the words themselves say: each known unit's feature speaks for a label.
fn tagger(texts: &[(&str, &[u8])]) -> Tagger {
    let mut rows = std::collections::BTreeMap::new();
    for (text, labels) in texts {
        let units = TaggedUnits::new(text, &Words::default());
        assert_eq!(units.len(), labels.len(), "{text}");
        for (index, label) in labels.iter().enumerate() {
            for feature in units.features(index) {
                *rows
                    .entry(*feature)
                    .or_insert_with(std::collections::BTreeMap::new)
                    .entry(*label)
                    .or_insert(0.0) += 1.0f32;
            }
        }
    }
    let rows = rows
        .into_iter()
        .map(|(feature, weights)| TaggerRow { feature, weights: weights.into_iter().collect() });
    let kinds = vec!["date".to_owned(), "product".to_owned()];
    let transitions = vec![0.0; 6 * 5];
    let weights = TaggerWeights { content: "c".to_owned(), kinds, rows: rows.collect(), transitions };
    Tagger::new(weights).unwrap()
}

fn check_units(text: &str, expected: &[&str]) {
    let units = TaggedUnits::new(text, &Words::default());
    let written: Vec<String> = (0..units.len())
        .map(|index| {
            let (start, end) = units.place(index);
            text.chars().skip(start).take(end - start).collect()
        })
        .collect();
    assert_eq!(written, expected);
}

#[test]
fn units_are_small_but_keep_marks_letters_and_numbers_together() {
    check_units("เตือนให้ 10โมง", &["เตื", "อ", "น", "ให้", "10", "โม", "ง"]);
    check_units("ส่ง Los Angeles!", &["ส่", "ง", "Los", "Angeles", "!"]);
    check_units("明天3点", &["明", "天", "3", "点"]);
    check_units("ว่่า ๑๒ 👍🏽 cafe\u{301}", &["ว่่า", "๑๒", "👍🏽", "cafe\u{301}"]);
    check_units("AB12", &["AB", "12"]);
    check_units(" ", &[]);
    check_units("", &[]);
}

fn check(tagger: &Tagger, text: &str, expected: &[(&str, &str, usize, usize)]) {
    let found = tagger.tag(text, &Words::default());
    let found: Vec<_> = found
        .iter()
        .map(|entity| (entity.kind.as_str(), entity.text.as_str(), entity.start, entity.end))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn entities_have_the_places_of_the_text_as_it_was_written() {
    let tagger = tagger(&[("ส่งพรุ่งนี้ 10", &[0, 0, 1, 2, 2, 2, 0]), ("buy coffee", &[0, 3])]);
    check(&tagger, "ส่งพรุ่งนี้ 10", &[("date", "พรุ่งนี้", 3, 11)]);
    check(&tagger, "ส่\u{e48}งพรุ่งนี้ 10", &[("date", "พรุ่งนี้", 4, 12)]);
    check(&tagger, "ส่งพรุ่งน\u{e49}\u{e35} ๑๐", &[("date", "พรุ่งน\u{e49}\u{e35}", 3, 11)]);
    check(&tagger, "\u{feff}buy  ＣＯＦＦＥＥ", &[("product", "ＣＯＦＦＥＥ", 6, 12)]);
    check(&tagger, "", &[]);
    let found = tagger.tag("buy coffee", &Words::default());
    assert_eq!(found[0].value, Value::String("coffee".to_owned()));
    assert_eq!((tagger.kinds().len(), tagger.content()), (2, "c"));
    assert!(
        Tagger::new(TaggerWeights { transitions: vec![0.0; 2], ..TaggerWeights::default() })
            .is_some_and(|tagger| tagger.tag("buy coffee", &Words::default()).is_empty())
    );
}

/// Every labelling, scored: what Viterbi must find.
#[test]
fn the_best_allowed_labelling_is_found() {
    let labels = Labels { kinds: 2 };
    let mut random = 7u32;
    let mut next = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) as f32 / 16_384.0 - 2.0
    };
    for _ in 0..50 {
        let transitions: Vec<f32> = (0..labels.transitions()).map(|_| next()).collect();
        let scores: Vec<f32> = (0..4 * 5).map(|_| next()).collect();
        let score = |path: &[usize]| {
            let mut before = None;
            let mut sum = 0.0;
            for (index, label) in path.iter().enumerate() {
                let allowed = match label {
                    2 | 4 => before.is_some_and(|from| from == label - 1 || from == *label),
                    _ => true,
                };
                sum +=
                    if allowed { transitions[labels.transition(before, *label)] } else { f32::NEG_INFINITY };
                sum += scores[index * 5 + label];
                before = Some(*label);
            }
            sum
        };
        let paths = (0..625).map(|path| [path / 125, path / 25 % 5, path / 5 % 5, path % 5]);
        let best = paths.max_by(|left, right| score(left).total_cmp(&score(right))).unwrap();
        let found: Vec<usize> =
            viterbi::best_labels(&scores, &transitions, labels).into_iter().map(usize::from).collect();
        assert_eq!(found, best);
    }
}

#[test]
fn bytes_lead_back_and_broken_ones_are_refused() {
    let tagger = tagger(&[("ส่งพรุ่งนี้", &[0, 0, 1, 2, 2, 2]), ("buy coffee", &[0, 3])]);
    let bytes = tagger.to_bytes();
    assert_eq!(Tagger::from_bytes(&bytes).unwrap(), tagger);
    for length in 0..bytes.len() {
        assert!(Tagger::from_bytes(&bytes[..length]).is_none(), "{length}");
    }
    assert!(Tagger::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_none());
    let other_version = [b"SALATG00", &bytes[8..]].concat();
    assert!(Tagger::from_bytes(&other_version).is_none());
    let unknown_label = [&bytes[..bytes.len() / 2], &[200; 9], &bytes[bytes.len() / 2 + 9..]].concat();
    assert!(Tagger::from_bytes(&unknown_label).is_none());
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let row = |feature, weights: &[(u8, f32)]| TaggerRow { feature, weights: weights.to_vec() };
    let make = |kinds: &[&str], rows: &[TaggerRow], transitions: usize| {
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let transitions = vec![0.0; transitions];
        Tagger::new(TaggerWeights { content: String::new(), kinds, rows: rows.to_vec(), transitions })
    };
    assert!(make(&["a"], &[row(1, &[(0, 1.0), (2, -1.0)]), row(2, &[(1, 1.0)])], 12).is_some());
    assert!(make(&["a"], &[], 11).is_none());
    assert!(make(&["a", "a"], &[], 30).is_none());
    assert!(make(&[""], &[], 12).is_none());
    assert!(make(&["a"], &[row(2, &[]), row(1, &[])], 12).is_none());
    assert!(make(&["a"], &[row(1, &[(3, 1.0)])], 12).is_none());
    assert!(make(&["a"], &[row(1, &[(1, 1.0), (1, 1.0)])], 12).is_none());
    assert!(make(&["a"], &[row(1, &[(1, f32::NAN)])], 12).is_none());
}

#[test]
fn endless_texts_are_read_so_far() {
    let tagger = tagger(&[("ส่งพรุ่งนี้", &[0, 0, 1, 2, 2, 2]), ("buy coffee", &[0, 3])]);
    for unit in ["พรุ่งนี้", "coffee ", "1", "👍", "่", "\u{200d}", "a\u{301}"] {
        let text = unit.repeat(1_000_000 / unit.len());
        let found = tagger.tag(&text, &Words::default());
        assert!(found.len() <= 2_000);
    }
    assert!(TaggedUnits::new(&"明天".repeat(50_000), &Words::default()).len() == 2_000);
}

proptest! {
    #[test]
    fn any_text_gives_entities_in_order_inside_of_it(text in "(\\PC|[ก-ฮะ-ูเ-ไ่-์ ]|พรุ่งนี้|coffee|\u{200d}){0,40}") {
        let tagger = tagger(&[("ส่งพรุ่งนี้", &[0, 0, 1, 2, 2, 2]), ("buy coffee", &[0, 3])]);
        let mut end = 0;
        for entity in tagger.tag(&text, &Words::default()) {
            prop_assert!(entity.start >= end && entity.end > entity.start);
            let written: String = text.chars().skip(entity.start).take(entity.end - entity.start).collect();
            prop_assert_eq!(&written, &entity.text);
            end = entity.end;
        }
    }

    #[test]
    fn any_bytes_are_refused_or_usable(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        place in any::<proptest::sample::Index>(),
    ) {
        let mut broken = tagger(&[("ส่งพรุ่งนี้", &[0, 0, 1, 2, 2, 2]), ("buy coffee", &[0, 3])]).to_bytes();
        let place = place.index(broken.len());
        broken.splice(place..(place + bytes.len()).min(broken.len()), bytes.iter().copied());
        for bytes in [&[&b"SALATG01"[..], &bytes].concat(), &broken] {
            if let Some(tagger) = Tagger::from_bytes(bytes) {
                tagger.tag("ส่งพรุ่งนี้ buy coffee", &Words::default());
            }
        }
    }
}
