//! The encoder with a graph of which every number is known.

use super::super::tiny_model::{TABLE, WORDS};
use super::*;
use crate::runtime::test_runtime;

fn load(card: &str, graph: &[u8], options: &EncoderOptions) -> Result<Encoder, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    tiny_model::write(folder.path(), card, graph);
    Encoder::load(&test_runtime(), folder.path(), options)
}

fn tiny() -> Encoder {
    load(CARD, &tiny_model::graph(), &EncoderOptions::default()).unwrap()
}

/// The mean of the words' rows, scaled to length 1.
fn expected(text: &str) -> Vec<f32> {
    let mut sum = [0.0; 3];
    for word in text.split_whitespace() {
        let id = WORDS.iter().position(|known| *known == word).unwrap() + 3;
        sum.iter_mut().zip(TABLE[id]).for_each(|(sum, value)| *sum += value);
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    sum.map(|value| value / length).to_vec()
}

fn check_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn every_text_gets_its_own_unit_vector_whatever_it_is_batched_with() {
    let encoder = tiny();
    let asked = ["สวัสดี", "สวัสดี ราคา", "order", "订单 order ราคา สวัสดี ราคา", "ask", "订单"];
    let together = encoder.encode_blocking(&texts(&asked), Purpose::Query).unwrap();
    for (text, found) in asked.iter().zip(&together) {
        check_close(found, &expected(text));
        check_close(&encoder.encode_blocking(&texts(&[text]), Purpose::Query).unwrap()[0], found);
    }
    assert_eq!(encoder.encode_blocking(&[], Purpose::Query).unwrap().len(), 0);
    assert_eq!((encoder.dimensions(), encoder.name()), (3, "tiny 3"));
}

#[test]
fn the_purpose_chooses_the_prefix() {
    let answer = tiny().encode_blocking(&texts(&["ราคา"]), Purpose::Passage).unwrap();
    check_close(&answer[0], &expected("tell ราคา"));
}

#[test]
fn long_texts_are_cut_to_the_smaller_limit() {
    let long = format!("{} order", "สวัสดี ".repeat(7));
    for max_tokens in [None, Some(100), Some(0)] {
        let options = EncoderOptions { max_tokens, ..EncoderOptions::default() };
        let encoder = load(CARD, &tiny_model::graph(), &options).unwrap();
        check_close(
            &encoder.encode_blocking(&texts(&[&long]), Purpose::Query).unwrap()[0],
            &expected("สวัสดี"),
        );
    }
    let options = EncoderOptions { max_tokens: Some(4), ..EncoderOptions::default() };
    let encoder = load(CARD, &tiny_model::graph(), &options).unwrap();
    let answer = encoder.encode_blocking(&texts(&["ราคา order สวัสดี"]), Purpose::Query).unwrap();
    check_close(&answer[0], &expected("ราคา order"));
}

#[test]
fn texts_that_ask_may_be_cut_earlier_than_passages() {
    let card = CARD.replace("max_tokens = 8", "max_tokens = 8\nquery_tokens = 4");
    let encoder = load(&card, &tiny_model::graph(), &EncoderOptions::default()).unwrap();
    let text = texts(&["ราคา order สวัสดี"]);
    check_close(&encoder.encode_blocking(&text, Purpose::Query).unwrap()[0], &expected("ราคา order"));
    let passage = encoder.encode_blocking(&text, Purpose::Passage).unwrap();
    check_close(&passage[0], &expected("tell ราคา order สวัสดี"));
    assert_eq!(encoder.tokens(&text[0]), 4);
}

#[test]
fn a_vector_that_is_not_finite_fails_its_call_and_no_other() {
    let encoder = tiny();
    for bad in ["broken", "", "order broken"] {
        let error = encoder.encode_blocking(&texts(&["order", bad]), Purpose::Query).unwrap_err();
        let EncodeError::Failed { model, reason } = error else { panic!("{error}") };
        assert!(model == "tiny" && reason.contains("model.onnx"), "{reason}");
    }
    encoder.encode_blocking(&texts(&["order"]), Purpose::Query).unwrap();
}

#[test]
fn callers_on_many_threads_get_their_own_answers() {
    let options = EncoderOptions { threads: 2, queue: 64, max_tokens: None };
    let encoder = load(CARD, &tiny_model::graph(), &options).unwrap();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let encoder = encoder.clone();
            scope.spawn(move || {
                let words = ["สวัสดี", "ราคา", "order", "订单"];
                for round in 0..50 {
                    let text = format!("{} {}", words[index % 4], words[(index + round) % 4]);
                    let asked = texts(&[&text, words[round % 4]]);
                    let answer = encoder.encode_blocking(&asked, Purpose::Query).unwrap();
                    check_close(&answer[0], &expected(&text));
                    check_close(&answer[1], &expected(words[round % 4]));
                }
            });
        }
    });
    assert_eq!(encoder.waiting(), 0);
}

#[test]
fn asynchronous_calls_answer_too() {
    let encoder = tiny();
    let run_time = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = run_time.block_on(encoder.encode(texts(&["订单"]), Purpose::Query)).unwrap();
    check_close(&answer[0], &expected("订单"));
}

#[test]
fn a_stopped_encoder_has_no_thread_left_and_leaves_nobody_waiting() {
    let options = EncoderOptions { threads: 2, queue: 64, max_tokens: None };
    for stops in [true, false] {
        let encoder = load(CARD, &tiny_model::graph(), &options).unwrap();
        let shared = Arc::clone(&encoder.handle.shared);
        // Far more than is encoded before the end comes.
        let long = vec!["order".to_owned(); 50_000];
        let waiting: Vec<_> = (0..8).map(|_| encoder.ask(long.clone(), Purpose::Query).unwrap()).collect();
        if stops {
            Encode::stop(&encoder);
            let late = encoder.encode_blocking(&texts(&["order"]), Purpose::Query).unwrap_err();
            assert_eq!(late, EncodeError::Stopped { model: "tiny".to_owned() });
            Encode::stop(&encoder);
        }
        drop(encoder);
        assert_eq!(shared.alive.load(std::sync::atomic::Ordering::SeqCst), 0, "{stops}");
        assert!(waiting.into_iter().any(|answer| answer.blocking_recv().is_err()), "some were dropped");
    }
}

fn check_not_loaded(card: &str, graph: &[u8], reason: &str) {
    let Err(error) = load(card, graph, &EncoderOptions::default()) else { panic!("loaded: {reason}") };
    let message = error.to_string();
    assert!(matches!(error, LoadError::BadGraph { .. }) && message.contains(reason), "{message}");
    assert!(message.contains("model.onnx"), "{message}");
}

#[test]
fn graphs_that_do_not_fit_their_card_are_refused_with_the_reason() {
    let graph = tiny_model::graph();
    check_not_loaded(&CARD.replace("dimensions = 3", "dimensions = 4"), &graph, "dimensions");
    check_not_loaded(&CARD.replace("last_hidden_state", "pooler_output"), &graph, "pooler_output");
    check_not_loaded(&CARD.replace("\"mean\"", "\"in_graph\""), &graph, "shape");
    check_not_loaded(CARD, b"not a graph", "");
    check_not_loaded(CARD, &graph[..graph.len() / 2], "");
    let (weights, bias) = (ndarray::Array2::ones((3, 1)), ndarray::arr1(&[0.0]));
    let head = crate::LinearHead::new(weights, bias, texts(&["a"])).unwrap();
    check_not_loaded(CARD, &head.to_onnx(), "input_ids");
}

#[test]
fn a_tokenizer_of_another_model_is_refused_by_name() {
    let check = |words: &[&str], spare: usize, graph: fn(&[u8]) -> Vec<u8>, expected: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        let (graph, tokenizer) = (graph(&tiny_model::graph_with(spare)), tiny_model::tokenizer(words));
        tiny_model::write_with(folder.path(), CARD, &graph, &tokenizer);
        let loaded = Encoder::load(&test_runtime(), folder.path(), &EncoderOptions::default());
        let Some(expected) = expected else {
            assert!(loaded.is_ok());
            return;
        };
        let Err(error) = loaded else { panic!("loaded: {expected}") };
        let LoadError::WrongTokenizer { path, .. } = &error else { panic!("{error}") };
        let sum = crate::card::sha256_of(path).unwrap();
        let message = error.to_string();
        for words in
            ["tokenizer.json does not fit model.onnx", expected, &sum, "put the tokenizer.json of this"]
        {
            assert!(message.contains(words), "{message} lacks {words}");
        }
    };
    let as_it_is = <[u8]>::to_vec;
    let longer = [&WORDS[..], &["more"]].concat();
    check(&WORDS, 0, as_it_is, None);
    check(&WORDS, 999, as_it_is, None);
    check(&longer, 0, as_it_is, Some("it has 11 ids, the graph's table 10 rows"));
    check(&WORDS, 1_000, as_it_is, Some("it has 10 ids, the graph's table 1010 rows"));
    check(&longer, 0, tiny_model::with_ids_cast, Some("it has 11 ids"));
}

#[test]
fn missing_and_changed_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    tiny_model::write(folder.path(), CARD, &tiny_model::graph());
    let load = || match Encoder::load(&test_runtime(), folder.path(), &EncoderOptions::default()) {
        Ok(_) => panic!("loaded"),
        Err(error) => error,
    };
    std::fs::write(folder.path().join("tokenizer.json"), "{}").unwrap();
    assert!(matches!(load(), LoadError::WrongChecksum { path, .. } if path.ends_with("tokenizer.json")));
    std::fs::remove_file(folder.path().join("model.onnx")).unwrap();
    assert!(matches!(load(), LoadError::MissingFile { path, .. } if path.ends_with("model.onnx")));
    std::fs::remove_file(folder.path().join("model.toml")).unwrap();
    assert!(matches!(load(), LoadError::Unreadable { path, .. } if path.ends_with("model.toml")));
}
