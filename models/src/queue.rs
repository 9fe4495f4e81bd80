//! The bounded queue between the handles and the worker threads, and the reply that gathers a request's rows.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::encode::{Embedding, Purpose};
use crate::error::EncodeError;

pub(crate) type Answer = Result<Vec<Embedding>, EncodeError>;

/// What one call asks for. Rows are taken from the back of `rows`, which therefore is in reverse order.
struct Request {
    rows: Vec<(usize, String)>,
    purpose: Purpose,
    reply: Arc<Reply>,
}

/// One text of one request, in the hands of a worker.
pub(crate) struct Row {
    pub(crate) text: String,
    pub(crate) purpose: Purpose,
    /// Its place in the request's answer.
    pub(crate) place: usize,
    pub(crate) reply: Arc<Reply>,
}

/// Requests waiting for a worker. Requests take turns: after some rows of a long one the next request is served, so
/// that encoding a corpus does not hold up a customer's message.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    capacity: usize,
}

struct Waiting {
    requests: VecDeque<Request>,
    open: bool,
}

/// Why a request was not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

impl Queue {
    /// A queue for at most `capacity` requests, whatever their number of texts.
    pub(crate) fn new(capacity: usize) -> Self {
        let waiting = Waiting { requests: VecDeque::new(), open: true };
        Self { waiting: Mutex::new(waiting), changed: Condvar::new(), capacity }
    }

    /// Puts a request at the end; `texts` must not be empty.
    pub(crate) fn push(
        &self,
        texts: Vec<String>,
        purpose: Purpose,
    ) -> Result<oneshot::Receiver<Answer>, Refused> {
        let mut waiting = self.lock();
        if !waiting.open {
            return Err(Refused::Closed);
        }
        if waiting.requests.len() >= self.capacity {
            return Err(Refused::Full);
        }
        let (sender, receiver) = oneshot::channel();
        let reply = Arc::new(Reply::new(texts.len(), sender));
        let rows = texts.into_iter().enumerate().rev().collect();
        waiting.requests.push_back(Request { rows, purpose, reply });
        drop(waiting);
        self.changed.notify_one();
        Ok(receiver)
    }

    /// Waits for work and takes up to `most` rows, from several requests if the first has fewer; requests whose
    /// caller has gone are dropped. `None` once the queue is abandoned.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<Row>> {
        let mut waiting = self.lock();
        loop {
            let rows = waiting.take_rows(most);
            if !rows.is_empty() {
                if !waiting.requests.is_empty() {
                    self.changed.notify_one();
                }
                return Some(rows);
            }
            if !waiting.open {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether requests are still taken.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().open
    }

    /// Refuses new requests and drops those that wait, whose callers see that the encoder has stopped; the workers stop
    /// after the batch they are at.
    pub(crate) fn abandon(&self) {
        let mut waiting = self.lock();
        waiting.open = false;
        waiting.requests.clear();
        drop(waiting);
        self.changed.notify_all();
    }

    /// Requests not yet wholly taken.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().requests.len()
    }

    /// A panic of another thread while it held the lock cannot leave the requests half-changed.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take_rows(&mut self, most: usize) -> Vec<Row> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(mut request) = self.requests.pop_front() else { break };
            if request.reply.is_abandoned() {
                continue;
            }
            let kept = request.rows.len().saturating_sub(most - taken.len());
            taken.extend(request.rows.drain(kept..).rev().map(|(place, text)| Row {
                text,
                purpose: request.purpose,
                place,
                reply: Arc::clone(&request.reply),
            }));
            if !request.rows.is_empty() {
                self.requests.push_back(request);
            }
        }
        taken
    }
}

/// Gathers the embeddings of one request and answers when the last is there. Dropped unanswered (all workers gone),
/// the caller sees that the encoder has stopped.
pub(crate) struct Reply {
    gathered: Mutex<Gathered>,
}

struct Gathered {
    embeddings: Vec<Option<Embedding>>,
    missing: usize,
    sender: Option<oneshot::Sender<Answer>>,
}

impl Reply {
    fn new(texts: usize, sender: oneshot::Sender<Answer>) -> Self {
        let gathered = Gathered { embeddings: vec![None; texts], missing: texts, sender: Some(sender) };
        Self { gathered: Mutex::new(gathered) }
    }

    /// Stores one row; the last one sends the answer.
    pub(crate) fn fill(&self, place: usize, embedding: Embedding) {
        let mut gathered = self.lock();
        if gathered.embeddings[place].replace(embedding).is_none() {
            gathered.missing -= 1;
        }
        if gathered.missing == 0 {
            let embeddings = std::mem::take(&mut gathered.embeddings).into_iter().flatten().collect();
            gathered.send(Ok(embeddings));
        }
    }

    /// Fails the whole request; what other workers still add is ignored.
    pub(crate) fn fail(&self, error: EncodeError) {
        self.lock().send(Err(error));
    }

    /// Nobody waits any more: the caller gave up or the request has failed.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gathered {
    /// The first answer counts. A caller that has gone is no error.
    fn send(&mut self, answer: Answer) {
        if let Some(sender) = self.sender.take() {
            drop(sender.send(answer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &str) -> Vec<String> {
        names.chars().map(String::from).collect()
    }

    fn taken(queue: &Queue, most: usize) -> String {
        queue.take(most).unwrap().iter().map(|row| row.text.as_str()).collect()
    }

    #[test]
    fn requests_take_turns_and_short_ones_share_a_batch() {
        let queue = Queue::new(8);
        let _long = queue.push(texts("abcdef"), Purpose::Passage).unwrap();
        let _short = queue.push(texts("1"), Purpose::Query).unwrap();
        let _other = queue.push(texts("23"), Purpose::Query).unwrap();
        assert_eq!(taken(&queue, 2), "ab");
        assert_eq!(taken(&queue, 4), "123c");
        assert_eq!(taken(&queue, 9), "def");
        assert_eq!(queue.waiting(), 0);
    }

    #[test]
    fn a_full_or_closed_queue_refuses_at_once() {
        let queue = Queue::new(1);
        let _first = queue.push(texts("a"), Purpose::Query).unwrap();
        assert_eq!(queue.push(texts("b"), Purpose::Query).unwrap_err(), Refused::Full);
        queue.abandon();
        assert_eq!(queue.push(texts("c"), Purpose::Query).unwrap_err(), Refused::Closed);
        assert!(queue.take(1).is_none() && !queue.is_open());
    }

    #[test]
    fn rows_come_back_in_order_whatever_order_they_finish_in() {
        let queue = Queue::new(1);
        let receiver = queue.push(texts("ab"), Purpose::Query).unwrap();
        let rows = queue.take(2).unwrap();
        for row in rows.iter().rev() {
            row.reply.fill(row.place, Embedding::from([row.place as f32]));
        }
        let answer = receiver.blocking_recv().unwrap().unwrap();
        assert_eq!(answer, [Embedding::from([0.0]), Embedding::from([1.0])]);
    }

    #[test]
    fn the_first_failure_answers_and_the_rest_is_dropped() {
        let queue = Queue::new(1);
        let receiver = queue.push(texts("abc"), Purpose::Query).unwrap();
        let row = queue.take(1).unwrap().remove(0);
        let error = EncodeError::Failed { model: "m".to_owned(), reason: "r".to_owned() };
        row.reply.fail(error.clone());
        row.reply.fill(0, Embedding::from([1.0]));
        assert_eq!(receiver.blocking_recv().unwrap().unwrap_err(), error);
        queue.abandon();
        assert!(queue.take(1).is_none());
    }

    #[test]
    fn nobody_works_for_a_caller_that_has_gone() {
        let queue = Queue::new(2);
        drop(queue.push(texts("abc"), Purpose::Query).unwrap());
        let _still_there = queue.push(texts("d"), Purpose::Query).unwrap();
        assert_eq!(taken(&queue, 4), "d");
    }

    #[test]
    fn abandoning_drops_what_waits() {
        let queue = Queue::new(2);
        let receiver = queue.push(texts("a"), Purpose::Query).unwrap();
        queue.abandon();
        assert!(receiver.blocking_recv().is_err());
        assert!(queue.take(1).is_none());
    }
}
