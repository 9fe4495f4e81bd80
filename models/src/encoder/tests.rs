use super::tiny_model::{self, CARD};
use super::*;

#[cfg(feature = "tract")]
mod importing;
mod others;
#[cfg(feature = "tract")]
mod running;
#[cfg(feature = "tract")]
mod shipped;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// An encoder nobody works for: what it is asked stays in the queue.
fn idle(queue: usize) -> Encoder {
    let folder = tempfile::tempdir().unwrap();
    tiny_model::write(folder.path(), CARD, &tiny_model::graph());
    let card = ModelCard::read(folder.path()).unwrap();
    let tokenizer = Tokenizer::load(&folder.path().join(TOKENIZER)).unwrap();
    let queue = Queue::new(queue);
    let shared = Shared { card, tokenizer, max_tokens: 8, queue, alive: AtomicUsize::new(0) };
    Encoder {
        handle: Arc::new(Handle {
            shared: Arc::new(shared),
            name: "idle".to_owned(),
            threads: Mutex::default(),
        }),
    }
}

#[test]
fn a_full_queue_is_an_answer_at_once() {
    let encoder = idle(1);
    let _waiting = encoder.ask(texts(&["order"]), Purpose::Query).unwrap();
    let refused = encoder.encode_blocking(&texts(&["order"]), Purpose::Query);
    assert_eq!(refused, Err(EncodeError::Overloaded { model: "tiny".to_owned() }));
    assert_eq!(encoder.waiting(), 1);
}

#[test]
fn callers_of_a_stopped_encoder_are_told() {
    let encoder = idle(4);
    let stopped = Err(EncodeError::Stopped { model: "tiny".to_owned() });
    let caller = std::thread::spawn({
        let encoder = encoder.clone();
        move || encoder.encode_blocking(&texts(&["order"]), Purpose::Query)
    });
    encoder.handle.shared.queue.abandon();
    assert_eq!(caller.join().unwrap(), stopped);
    assert_eq!(encoder.encode_blocking(&texts(&["order"]), Purpose::Query), stopped);
}

#[test]
fn the_last_handle_closes_the_queue() {
    let encoder = idle(1);
    let shared = Arc::clone(&encoder.handle.shared);
    drop(encoder.clone());
    let _accepted = shared.queue.push(texts(&["order"]), Purpose::Query).unwrap();
    drop(encoder);
    assert_eq!(shared.queue.push(texts(&["order"]), Purpose::Query).unwrap_err(), Refused::Closed);
}

#[test]
#[cfg(not(feature = "tract"))]
fn without_a_backend_loading_says_so() {
    let runtime = Runtime::start(&crate::RuntimeSearch::pure_rust());
    let folder = tempfile::tempdir().unwrap();
    tiny_model::write(folder.path(), CARD, &tiny_model::graph());
    let loaded = Encoder::load(&runtime, folder.path(), &EncoderOptions::default());
    assert!(matches!(loaded, Err(LoadError::NoRuntime { .. })));
}
