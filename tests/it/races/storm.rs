//! The load: senders, workers and a follower of the log on some inbox, until everything is heard and everybody idle.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::history::{Accepted, History};
use super::naive::Naive;
use super::nodes::Nodes;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) threads: usize,
    /// Messages in each thread.
    pub(super) messages: usize,
    /// Senders at work at once.
    pub(super) senders: usize,
    /// Senders that share each thread; with one, its messages are sent strictly one after the other.
    pub(super) senders_of_thread: usize,
    /// Workers at each node.
    pub(super) workers: usize,
    /// True when the workers begin only when everything is sent, so that there is always more to hear.
    pub(super) head_start: bool,
    /// True when each message is sent just when the one before it is being heard, so that arrivals meet releases.
    pub(super) in_step: bool,
    /// How many times each message is delivered, at different nodes at once.
    pub(super) copies: usize,
}

/// Hears of each thread that is about to be heard.
pub(super) type Begin<'a> = &'a (dyn Fn(&str) + Sync);

/// What is under load.
#[derive(Clone)]
pub(super) enum Inbox {
    Nodes(Arc<Nodes>),
    Naive(Arc<Naive>),
}

impl Inbox {
    fn nodes(&self) -> usize {
        match self {
            Self::Nodes(nodes) => nodes.count(),
            Self::Naive(_) => 1,
        }
    }

    /// Delivers a message at a node; the place it was given, or none for a copy of one that is there.
    async fn deliver(&self, node: usize, thread: usize, message: i64) -> Option<i64> {
        match self {
            Self::Nodes(nodes) => nodes.deliver(node, thread, message).await,
            Self::Naive(naive) => Some(naive.deliver(thread, message).await),
        }
    }

    /// Claims what is ready and hears it, telling `begin` the thread of each message first; false when nothing could be
    /// claimed.
    async fn work(&self, node: usize, begin: Begin<'_>) -> bool {
        match self {
            Self::Nodes(nodes) => nodes.work(node, begin).await,
            Self::Naive(naive) => naive.work(begin).await,
        }
    }

    /// The numbers of the events after the cursor.
    async fn events_after(&self, node: usize, cursor: i64) -> Vec<i64> {
        match self {
            Self::Nodes(nodes) => nodes.events_after(node, cursor).await,
            Self::Naive(naive) => naive.events_after(cursor).await,
        }
    }

    /// Lets time pass until no lease is left.
    fn end_leases(&self) {
        if let Self::Nodes(nodes) = self {
            nodes.end_leases();
        }
    }

    async fn fill(&self, history: &mut History) {
        match self {
            Self::Nodes(nodes) => nodes.fill(history).await,
            Self::Naive(naive) => naive.fill(history).await,
        }
    }
}

/// Who is at work, so that nobody waits for what will not come and nobody asks without a reason.
#[derive(Clone, Copy, Debug)]
struct Activity {
    /// Raised by everything that may give a worker or the follower something to do.
    changes: u64,
    /// What `changes` was when somebody last looked for work and found none.
    fruitless: u64,
    /// Senders that are not done, and those of them that wait for a message to be heard.
    senders: usize,
    waiting: usize,
    busy: usize,
    /// True when nothing will be logged any more.
    over: bool,
}

impl Activity {
    /// Nobody is at work, and there was nothing to do since the last change.
    fn is_quiet(&self) -> bool {
        self.busy == 0 && self.fruitless == self.changes
    }
}

struct Storm {
    inbox: Inbox,
    load: Load,
    activity: watch::Sender<Activity>,
    ticks: AtomicU64,
    /// The next message of each thread.
    next: Vec<AtomicU64>,
    /// How many messages of each thread were begun to be heard.
    begun: BTreeMap<String, AtomicU64>,
    ledger: Mutex<BTreeMap<String, Vec<Accepted>>>,
}

/// Runs a storm to its end. When everybody is idle the leases of workers that died are let run out, and what they left
/// is worked off, so that the only thing still unheard then is what nobody knows of.
pub(super) async fn storm(inbox: Inbox, load: Load) -> History {
    let activity =
        Activity { changes: 1, fruitless: 0, senders: load.senders, waiting: 0, busy: 0, over: false };
    let storm = Arc::new(Storm {
        next: (0..load.threads).map(|_| AtomicU64::new(1)).collect(),
        begun: (0..load.threads).map(|thread| (name(thread), AtomicU64::new(0))).collect(),
        inbox,
        load,
        activity: watch::Sender::new(activity),
        ticks: AtomicU64::new(1),
        ledger: Mutex::default(),
    });
    let mut tasks = JoinSet::new();
    for sender in 0..load.senders {
        tasks.spawn(Arc::clone(&storm).send(sender));
    }
    let follower = tokio::spawn(Arc::clone(&storm).follow());
    if load.head_start {
        finish(&mut tasks).await;
    }
    spawn_workers(&storm, &mut tasks);
    finish(&mut tasks).await;
    storm.inbox.end_leases();
    spawn_workers(&storm, &mut tasks);
    finish(&mut tasks).await;
    storm.activity.send_modify(|activity| activity.over = true);
    let seen = follower.await.expect("the follower does not panic");
    let ledger = std::mem::take(&mut *storm.ledger.lock().unwrap());
    let mut history = History { accepted: ledger, followed: seen, ..History::default() };
    storm.inbox.fill(&mut history).await;
    history
}

fn spawn_workers(storm: &Arc<Storm>, tasks: &mut JoinSet<()>) {
    for node in 0..storm.inbox.nodes() {
        for _ in 0..storm.load.workers {
            tasks.spawn(Arc::clone(storm).work(node));
        }
    }
}

async fn finish(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        ended.expect("nobody in the storm panics");
    }
}

impl Storm {
    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// Sends the messages of its threads, thread by thread, each as soon as the one before it is acknowledged: just when
    /// a worker may be done with that one and about to forget the thread.
    async fn send(self: Arc<Self>, sender: usize) {
        let groups = self.load.senders / self.load.senders_of_thread;
        for thread in (0..self.load.threads).filter(|thread| thread % groups == sender % groups) {
            loop {
                let message = self.next[thread].fetch_add(1, Ordering::SeqCst);
                let is_last = message > self.load.messages as u64;
                if is_last || (self.load.in_step && !self.is_begun(thread, message - 1).await) {
                    break;
                }
                self.deliver(thread, message as i64).await;
            }
        }
        self.activity.send_modify(|activity| {
            activity.senders -= 1;
            activity.changes += 1;
        });
    }

    /// Waits until so many messages of the thread were begun; false when everybody has stopped before that.
    async fn is_begun(&self, thread: usize, messages: u64) -> bool {
        let begun = &self.begun[&name(thread)];
        let mut activity = self.activity.subscribe();
        self.activity.send_modify(|activity| activity.waiting += 1);
        let enough = || begun.load(Ordering::SeqCst) >= messages;
        let all_stopped = |now: &Activity| now.is_quiet() && now.waiting == now.senders;
        drop(
            activity
                .wait_for(|now| enough() || all_stopped(now))
                .await
                .expect("the storm outlives its senders"),
        );
        self.activity.send_modify(|activity| activity.waiting -= 1);
        enough()
    }

    /// Delivers all copies of a message at once and enters it into the ledger.
    async fn deliver(&self, thread: usize, message: i64) {
        let begun = self.tick();
        let mut copies = JoinSet::new();
        for copy in 0..self.load.copies {
            let (inbox, node) = (self.inbox.clone(), (thread + message as usize + copy) % self.inbox.nodes());
            copies.spawn(async move { inbox.deliver(node, thread, message).await });
        }
        let given: Vec<i64> = copies.join_all().await.into_iter().flatten().collect();
        assert_eq!(given.len(), 1, "one copy of message {message} of thread {thread} is the message");
        let accepted = Accepted { message, given: given[0], begun, ended: self.tick() };
        self.ledger.lock().unwrap().entry(name(thread)).or_default().push(accepted);
        self.activity.send_modify(|activity| activity.changes += 1);
    }

    async fn work(self: Arc<Self>, node: usize) {
        let mut activity = self.activity.subscribe();
        loop {
            let mut seen = 0;
            self.activity.send_modify(|activity| {
                activity.busy += 1;
                seen = activity.changes;
            });
            let begin = |thread: &str| {
                self.begun[thread].fetch_add(1, Ordering::SeqCst);
                self.activity.send_modify(|_| {});
            };
            let worked = self.inbox.work(node, &begin).await;
            self.activity.send_modify(|activity| {
                activity.busy -= 1;
                activity.changes += u64::from(worked);
                activity.fruitless = activity.fruitless.max(if worked { 0 } else { seen });
            });
            if worked {
                continue;
            }
            let is_over = |now: &Activity| now.senders == 0 && now.is_quiet();
            let now = activity.wait_for(|now| now.changes != seen || is_over(now)).await;
            if is_over(&now.expect("the storm outlives its workers")) {
                return;
            }
        }
    }

    /// Follows the log by its cursor while it is written, as a live view does.
    async fn follow(self: Arc<Self>) -> Vec<i64> {
        let mut activity = self.activity.subscribe();
        let mut followed: Vec<i64> = Vec::new();
        loop {
            let over = activity.borrow_and_update().over;
            let cursor = followed.iter().copied().max().unwrap_or(0);
            let page = self.inbox.events_after(cursor as usize % self.inbox.nodes(), cursor).await;
            if page.is_empty() && (over || activity.changed().await.is_err()) {
                return followed;
            }
            followed.extend(page);
        }
    }
}

/// How the platform calls a thread.
pub(super) fn name(thread: usize) -> String {
    format!("u{thread}")
}
