//! Jobs: claimed once, repeated, done once.

use engine::clock::Micros;
use engine::store::{Job, JobLane, JobState, NewJob, Store, StoreError};
use tests::{Scene, check_on_every_store};

fn job(scene: &Scene, dedupe: &str, run_at: Micros) -> NewJob {
    let payload = "{\"bot\":\"ร้าน\"}".to_owned();
    NewJob { tenant: scene.tenant.clone(), kind: "train", dedupe: dedupe.to_owned(), payload, run_at }
}

async fn claim(store: &Store) -> Option<Job> {
    store.claim_job(JobLane::Long, 1000).await.unwrap()
}

#[tokio::test]
async fn jobs_are_claimed_when_due_longest_due_first() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let now = test.clock.now();
        store.add_job(job(&ours, "later", now.plus_millis(1))).await.unwrap();
        store.add_job(job(&ours, "due", now.minus_micros(1))).await.unwrap();
        store.add_job(job(&theirs, "due longest", now.minus_micros(2))).await.unwrap();
        let first = claim(store).await.unwrap();
        assert_eq!((&first.tenant, first.kind.as_str(), first.attempts), (&theirs.tenant, "train", 1));
        assert_eq!(first.payload, "{\"bot\":\"ร้าน\"}");
        assert_eq!(claim(store).await.unwrap().tenant, ours.tenant);
        assert!(claim(store).await.is_none(), "the third is not due");
        test.clock.advance_millis(1);
        assert!(claim(store).await.is_some());
        assert_eq!(store.jobs(&ours.tenant, 10).await.unwrap().len(), 2);
        assert_eq!(store.jobs(&ours.tenant, 1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_unfinished_job_swallows_its_like() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for dedupe in ["a", "a", "b"] {
            store.add_job(job(&scene, dedupe, test.clock.now())).await.unwrap();
        }
        assert_eq!(store.jobs(&scene.tenant, 10).await.unwrap().len(), 2);
        let claimed = [claim(store).await.unwrap(), claim(store).await.unwrap()];
        store.add_job(job(&scene, "a", test.clock.now())).await.unwrap();
        assert_eq!(store.jobs(&scene.tenant, 10).await.unwrap().len(), 2, "it is being done");
        for job in &claimed {
            store.finish_job(job, JobState::Done).await.unwrap();
        }
        store.add_job(job(&scene, "a", test.clock.now())).await.unwrap();
        let states: Vec<String> =
            store.jobs(&scene.tenant, 10).await.unwrap().into_iter().map(|job| job.state).collect();
        assert_eq!(states.iter().filter(|state| *state == "done").count(), 2);
        assert_eq!(states.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_job_keeps_its_lease_while_it_reports_and_is_repeated_when_it_fails() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        store.add_job(job(&scene, "a", test.clock.now())).await.unwrap();
        let first = claim(store).await.unwrap();
        for progress in 1..=3 {
            test.clock.advance_millis(900);
            store.report_job(&first, progress, 3, 1000).await.unwrap();
            assert!(claim(store).await.is_none());
        }
        let shown = store.jobs(&scene.tenant, 1).await.unwrap().remove(0);
        assert_eq!((shown.progress, shown.total, shown.attempts), (3, 3, 1));

        let at = test.clock.now().plus_millis(5000);
        let failed = JobState::Again { at, error: "disk full".to_owned() };
        store.finish_job(&first, failed).await.unwrap();
        test.clock.advance_millis(4999);
        assert!(claim(store).await.is_none());
        test.clock.advance_millis(1);
        let second = claim(store).await.unwrap();
        assert_eq!((second.attempts, second.last_error.as_deref()), (2, Some("disk full")));
        store.finish_job(&second, JobState::Done).await.unwrap();
        test.clock.advance_millis(10_000);
        assert!(claim(store).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_lost_its_job_changes_nothing() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        store.add_job(job(&scene, "a", test.clock.now())).await.unwrap();
        let stalled = claim(store).await.unwrap();
        test.clock.advance_millis(1001);
        let successor = claim(store).await.unwrap();
        let again = || JobState::Again { at: test.clock.now(), error: "late".to_owned() };

        let late = [
            store.report_job(&stalled, 9, 9, 1_000_000).await,
            store.finish_job(&stalled, again()).await,
            store.finish_job(&stalled, JobState::Done).await,
        ];
        assert!(late.iter().all(|outcome| matches!(outcome, Err(StoreError::Fenced))), "{late:?}");
        assert!(claim(store).await.is_none(), "the successor's lease goes on");
        store.finish_job(&successor, JobState::Done).await.unwrap();
        assert!(matches!(store.finish_job(&stalled, again()).await, Err(StoreError::Fenced)));
        assert!(claim(store).await.is_none(), "what is done stays done");
    })
    .await;
}
