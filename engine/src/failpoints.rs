//! Points at which the fault tools end the process: built only with the feature `failpoints`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Ends the process at the n-th passing of a point: `store.before_commit:37`.
pub fn arm(order: &str) {
    let Some((point, nth)) = order.rsplit_once(':') else { return };
    let Ok(nth) = nth.parse::<u64>() else { return };
    let passed = Arc::new(AtomicU64::new(0));
    let armed = fail::cfg_callback(point, move || {
        if passed.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            std::process::abort();
        }
    });
    if let Err(error) = armed {
        tracing::error!(point, error, "a failpoint cannot be armed");
    }
}
