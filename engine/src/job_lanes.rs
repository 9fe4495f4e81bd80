//! The lanes of the jobs: several workers each, shared fairly among the tenants.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::app::App;
use crate::config;
use crate::ids::TenantId;
use crate::jobs::{LEASE_MILLIS, perform};
use crate::store::{Job, JobLane, StoreError};

const POLL: Duration = Duration::from_secs(1);

/// How many jobs of a lane are done at the same time, by all and by one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share {
    all: usize,
    one: usize,
}

fn share(lane: JobLane, config: &config::Jobs) -> Share {
    // A tenant leaves room for the others, but for itself there is always some.
    let halves = |all: usize| Share { all: all.max(1), one: (all / 2).max(1) };
    match lane {
        // What they do has its order.
        JobLane::Short | JobLane::Long => Share { all: 1, one: 1 },
        JobLane::Line => Share { all: config.line.max(1), one: 1 },
        JobLane::Media => halves(config.media),
        JobLane::Platform => halves(config.platform),
    }
}

/// Runs the jobs of a lane until the app is closing, then waits for those under way.
pub async fn run(app: App, lane: JobLane) {
    let share = share(lane, &app.config.jobs);
    let mut crew = Crew::default();
    while !app.is_closing() {
        while let Some(done) = crew.tasks.try_join_next_with_id() {
            crew.over(done.map_or_else(|error| error.id(), |(id, ())| id));
        }
        if crew.tasks.len() < share.all {
            match crew.claim(&app, lane, share).await {
                Ok(Some(job)) => {
                    crew.begin(&app, job);
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "jobs cannot be claimed; trying again"),
            }
        }
        tokio::select! {
            Some(done) = crew.tasks.join_next_with_id() => {
                crew.over(done.map_or_else(|error| error.id(), |(id, ())| id));
            }
            () = tokio::time::sleep(POLL) => {}
            () = app.closing() => {}
        }
    }
    while crew.tasks.join_next().await.is_some() {}
}

/// The jobs of a lane that are under way, and whose they are.
#[derive(Default)]
struct Crew {
    tasks: JoinSet<()>,
    whose: HashMap<Id, TenantId>,
}

impl Crew {
    fn begin(&mut self, app: &App, job: Job) {
        let (app, tenant) = (app.clone(), job.tenant.clone());
        let task = self.tasks.spawn(async move { perform(&app, job).await });
        self.whose.insert(task.id(), tenant);
    }

    fn over(&mut self, task: Id) {
        self.whose.remove(&task);
    }

    /// The next job: of a tenant for whom nothing is under way, else of one that has not its whole share yet.
    async fn claim(&self, app: &App, lane: JobLane, share: Share) -> Result<Option<Job>, StoreError> {
        let mut busy: HashMap<&TenantId, usize> = HashMap::new();
        for tenant in self.whose.values() {
            *busy.entry(tenant).or_default() += 1;
        }
        let at_least = |least: usize| -> Vec<TenantId> {
            busy.iter().filter(|(_, jobs)| **jobs >= least).map(|(tenant, _)| (*tenant).clone()).collect()
        };
        let (some, full) = (at_least(1), at_least(share.one));
        let first = app.store.claim_job_of_others(lane, LEASE_MILLIS, &some).await?;
        if first.is_some() || some.len() == full.len() {
            return Ok(first);
        }
        app.store.claim_job_of_others(lane, LEASE_MILLIS, &full).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_has_a_worker_and_no_tenant_takes_a_shared_lane_alone() {
        for (setting, all, one) in [(8, 8, 4), (3, 3, 1), (2, 2, 1), (1, 1, 1), (0, 1, 1)] {
            let config = config::Jobs { media: setting, platform: setting, line: setting };
            for lane in [JobLane::Media, JobLane::Platform] {
                assert_eq!(share(lane, &config), Share { all, one }, "{lane:?} with {setting}");
            }
            assert_eq!(share(JobLane::Line, &config), Share { all, one: 1 });
            assert_eq!(share(JobLane::Short, &config), Share { all: 1, one: 1 });
        }
    }
}
