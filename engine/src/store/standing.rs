//! Workers that stand by: what a batch makes ready is claimed for them in the same batch, so that no commit of its own
//! stands between a message and its turn.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Claimed;

/// Who stands by.
pub struct StandingClaim {
    pub node: String,
    pub lease_millis: u64,
    /// One permit a free worker. Closed, nothing more is claimed.
    pub free: Arc<Semaphore>,
    /// Something may be ready for which no worker was free: whoever becomes free should look.
    pub backlog: Arc<AtomicBool>,
    /// Where claimed conversations go, each with the worker that takes it. It has room for every worker.
    pub claimed: mpsc::Sender<(Claimed, OwnedSemaphorePermit)>,
}

/// As many workers as are free, up to `most`.
pub fn free_workers(free: &Arc<Semaphore>, most: usize) -> Vec<OwnedSemaphorePermit> {
    std::iter::from_fn(|| Arc::clone(free).try_acquire_owned().ok()).take(most).collect()
}
