use std::sync::Mutex;

use super::*;

/// Forty texts with a date and a product each, and four without a mark.
fn examples() -> Vec<MarkedExample> {
    let days = ["พรุ่งนี้", "วันนี้", "วันจันทร์", "วันเสาร์หน้า", "เย็นนี้"];
    let products = ["กาแฟ", "ชาเขียว", "แก้วกระดาษ", "เครื่องบด"];
    let mut examples = Vec::new();
    for day in days {
        for product in products {
            examples.push(MarkedExample::parse(&format!("ขอ[{product}](product)ส่ง[{day}](date)ได้ไหม")));
            examples.push(MarkedExample::parse(&format!("[{day}](date) มี[{product}](product)ไหมคะ")));
            examples.push(MarkedExample::parse(&format!("{product} ราคาเท่าไหร่")));
        }
    }
    examples
}

fn train(examples: &[MarkedExample]) -> (Tagger, TaggerReport) {
    train_tagger(examples, &TaggerOptions::default(), &Words::default(), &|_| {}).unwrap()
}

fn check(tagger: &Tagger, marked: &str) {
    let expected = MarkedExample::parse(marked);
    let found = tagger.tag(&expected.text, &Words::default());
    let found: Vec<MarkedSpan> = found
        .into_iter()
        .map(|entity| MarkedSpan { start: entity.start, end: entity.end, entity: entity.kind })
        .collect();
    assert_eq!(found, expected.spans, "{marked}");
}

#[test]
fn what_is_marked_is_found_in_new_texts_by_its_place_and_its_words() {
    let (tagger, report) = train(&examples());
    assert_eq!(tagger.kinds(), ["date", "product"]);
    assert_eq!((report.examples, report.spans, report.unusable), (44, 80, 0));
    assert!(report.blind.f1 > 0.9, "{report:#?}");
    check(&tagger, "ขอ[ชาเขียว](product)ส่ง[วันนี้](date)ได้ไหมคะ");
    check(&tagger, "[วันเสาร์หน้า](date) มี[กาแฟ](product)ไหม");
    check(&tagger, "ขอ[นมสด](product)ส่ง[พรุ่งนี้](date)ได้ไหม");
    check(&tagger, "กาแฟ ราคาเท่าไหร่");
    check(&tagger, "ขอบคุณค่ะ");
    let copy = Tagger::from_bytes(&tagger.to_bytes()).unwrap();
    assert_eq!(copy, tagger);
}

#[test]
fn places_are_those_of_the_text_as_it_was_written() {
    let odd = |example: &MarkedExample| {
        let text = format!("😀\u{fe0f}{}", example.text);
        let moved =
            |span: &MarkedSpan| MarkedSpan { start: span.start + 2, end: span.end + 2, ..span.clone() };
        MarkedExample { text, spans: example.spans.iter().map(moved).collect() }
    };
    let (tagger, report) = train(&examples().iter().map(odd).collect::<Vec<_>>());
    assert_eq!(report.unusable, 0);
    check(&tagger, "😀\u{fe0f}ขอ[กาแฟ](product)ส่ง[พรุ่งน\u{e49}\u{e35}](date)ได้ไหม");
    check(&tagger, "😀\u{fe0f}ขอ[กาแฟฟฟฟ](product)ส่ง[วันนี้้้](date)ได้ไหม");
}

#[test]
fn the_same_examples_in_any_order_give_the_same_bytes() {
    let (tagger, report) = train(&examples());
    let mut turned = examples();
    turned.reverse();
    turned.push(turned[0].clone());
    assert_eq!(train(&turned).0.to_bytes(), tagger.to_bytes());
    let hash = |examples: &[MarkedExample], options: TaggerOptions, words: &Words| {
        tagger_content_hash(examples, &options, words)
    };
    let (options, words) = (TaggerOptions::default(), Words::default());
    assert_eq!(hash(&turned, options, &words), tagger.content());
    assert_eq!(report.content, tagger.content());
    assert_ne!(hash(&turned[1..40], options, &words), tagger.content());
    assert_ne!(hash(&turned, TaggerOptions { penalty: 1.0, ..options }, &words), tagger.content());
    assert_ne!(hash(&turned, options, &Words::new(&["พร้อมเพย์"])), tagger.content());
}

#[test]
fn spans_that_cannot_be_learned_are_counted() {
    let span = |start, end, entity: &str| MarkedSpan { start, end, entity: entity.to_owned() };
    let mut broken = examples();
    broken[0].spans.push(span(500, 510, "date"));
    broken[1].spans.push(span(3, 3, "date"));
    broken[2].spans = vec![span(0, 4, "product"), span(2, 6, "date"), span(0, usize::MAX, "")];
    let (tagger, report) = train(&broken);
    assert_eq!((report.unusable, report.spans), (4, 85));
    check(&tagger, "ขอ[ชาเขียว](product)ส่ง[วันนี้](date)ได้ไหมคะ");
}

#[test]
fn kinds_with_the_fewest_spans_are_left_out_where_there_are_too_many() {
    let many: Vec<MarkedExample> =
        (0..MOST_KINDS + 2).map(|kind| MarkedExample::parse(&format!("[x{kind}](kind_{kind:03})"))).collect();
    let more = many[5..]
        .iter()
        .map(|example| MarkedExample { text: format!("a {}", example.text), ..example.clone() });
    let more: Vec<MarkedExample> = many.iter().cloned().chain(more).collect();
    let options = TaggerOptions { steps: 1, ..TaggerOptions::default() };
    let (tagger, report) = train_tagger(&more, &options, &Words::default(), &|_| {}).unwrap();
    assert_eq!(tagger.kinds().len(), MOST_KINDS);
    assert_eq!(report.left_out, ["kind_003", "kind_004"]);
}

#[test]
fn nothing_marked_is_refused_and_progress_is_told() {
    let told = Mutex::new(Vec::new());
    let tell = |progress| told.lock().unwrap().push(progress);
    let options = TaggerOptions { steps: 5, ..TaggerOptions::default() };
    let train = |examples: &[MarkedExample]| train_tagger(examples, &options, &Words::default(), &tell);
    assert_eq!(train(&[]).unwrap_err(), TrainingError::NothingMarked);
    assert_eq!(train(&[MarkedExample::parse("ขอกาแฟ")]).unwrap_err(), TrainingError::NothingMarked);
    assert!(train(&[MarkedExample::parse("ขอ[กาแฟ](product)")]).is_ok());
    told.lock().unwrap().clear();
    train(&examples()).unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told.first(), Some(&Progress::Fitting { done: 0, total: 10 }));
    assert_eq!(told.last(), Some(&Progress::Fitting { done: 10, total: 10 }));
}

/// The gradient against differences of the value, and the value against a sum over all labellings.
#[test]
fn the_likelihood_is_the_sum_over_all_labellings_and_the_gradient_its_slope() {
    let marked = ["[a](x) b [c d](y)", "b [a](x)", "[d](y) [d](y)", ""].map(MarkedExample::parse);
    let kinds = ["x".to_owned(), "y".to_owned()];
    let problem = Problem::new(&marked.iter().collect::<Vec<_>>(), &kinds, &Words::default(), 1);
    let likelihood = Likelihood::new(&problem, 0.5);
    let weights: Vec<f32> =
        (0..problem.weights()).map(|index| (index * 37 % 19) as f32 / 40.0 - 0.2).collect();
    let mut gradient = vec![0.0; weights.len()];
    let value = likelihood.value(&weights, &mut gradient);
    let penalty: f64 = weights.iter().map(|weight| f64::from(weight * weight) / 4.0).sum();
    let by_hand: f64 = problem.texts.iter().map(|text| surprise(&problem, &weights, text)).sum();
    assert!((value - penalty - by_hand).abs() < 1e-3 * by_hand, "{value} {penalty} {by_hand}");
    let slope = |index: usize| {
        let at = |change: f32| {
            let mut moved = weights.clone();
            moved[index] += change;
            likelihood.value(&moved, &mut vec![0.0; weights.len()])
        };
        (at(0.05) - at(-0.05)) / 0.1
    };
    for index in (0..problem.pairs()).step_by(7).chain(problem.pairs()..problem.weights()) {
        let (found, expected) = (f64::from(gradient[index]), slope(index));
        assert!((found - expected).abs() < 2e-2, "weight {index}: {found} is not {expected}");
    }
}

/// Minus the log probability of the true labels, by going through all labellings.
fn surprise(problem: &Problem, weights: &[f32], text: &problem::Text) -> f64 {
    let score = |labels: &[u8]| {
        let (mut before, mut sum) = (problem.labels, 0.0);
        for (unit, label) in labels.iter().enumerate() {
            let label = usize::from(*label);
            if label > 0 && label % 2 == 0 && before != label && before != label - 1 {
                return f64::NEG_INFINITY;
            }
            let pairs = text.rows(unit).iter().flat_map(|row| problem.row(*row as usize));
            let here = pairs.filter(|pair| usize::from(problem.pair_labels[*pair]) == label);
            sum += here.map(|pair| f64::from(weights[pair])).sum::<f64>();
            sum += f64::from(weights[problem.pairs() + before * problem.labels + label]);
            before = label;
        }
        sum
    };
    let units = text.labels.len() as u32;
    let all = (0..5usize.pow(units)).map(|number| {
        let labels: Vec<u8> = (0..units).map(|unit| (number / 5usize.pow(unit) % 5) as u8).collect();
        score(&labels).exp()
    });
    all.sum::<f64>().ln() - score(&text.labels)
}

#[test]
fn spans_count_only_where_start_end_and_kind_are_right() {
    let texts = [
        ("[a](x) [b c](y)", "[a](x) [b](y) c"),
        ("[a](x)", "[a](y)"),
        ("a", "[a](x)"),
        ("[a](x) b", "[a](x) b"),
        ("", ""),
    ];
    let texts = texts.map(|(expected, found)| (MarkedExample::parse(expected), MarkedExample::parse(found)));
    let pairs = texts.iter().map(|(expected, found)| (expected.spans.as_slice(), found.spans.as_slice()));
    let scores = evaluate_spans(pairs);
    assert_eq!((scores.examples, scores.expected, scores.found, scores.right), (5, 4, 5, 2));
    assert!((scores.precision - 0.4).abs() < 1e-6 && (scores.recall - 0.5).abs() < 1e-6);
    assert!((scores.f1 - 4.0 / 9.0).abs() < 1e-6, "{scores:?}");
    let kinds: Vec<_> =
        scores.kinds.iter().map(|kind| (kind.kind.as_str(), kind.expected, kind.found, kind.right)).collect();
    assert_eq!(kinds, [("x", 3, 3, 2), ("y", 1, 2, 0)]);
    assert_eq!(evaluate_spans(std::iter::empty()), SpanEvaluation::default());
}
