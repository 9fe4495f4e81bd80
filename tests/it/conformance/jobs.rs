//! Jobs: claimed once, repeated, done once.

use engine::clock::Micros;
use engine::store::{Job, JobLane, JobState, NewJob, Store, StoreError, TurnCommit};
use tests::{Scene, check_on_every_store, nothing_said};

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
async fn lanes_are_apart_and_a_claim_can_leave_tenants_out() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let lanes = [
            (JobLane::Short, "echo"),
            (JobLane::Long, "train"),
            (JobLane::Line, "line_menu"),
            (JobLane::Media, "fetch_media"),
            (JobLane::Platform, "fetch_profile"),
        ];
        for (lane, kind) in lanes {
            for (scene, dedupe) in [(&ours, "1"), (&ours, "2"), (&theirs, "1")] {
                let job = NewJob { kind, ..job(scene, dedupe, test.clock.now()) };
                store.add_job(job).await.unwrap();
            }
            let others = async |than: &[&Scene]| {
                let than: Vec<_> = than.iter().map(|scene| scene.tenant.clone()).collect();
                let claimed = store.claim_job_of_others(lane, 1000, &than).await.unwrap();
                claimed.map(|job| (job.tenant, job.kind))
            };
            assert_eq!(others(&[&ours]).await, Some((theirs.tenant.clone(), kind.to_owned())));
            assert_eq!(others(&[&ours]).await, None);
            assert_eq!(others(&[&ours, &theirs]).await, None);
            assert_eq!(others(&[&theirs]).await, Some((ours.tenant.clone(), kind.to_owned())));
            assert_eq!(others(&[]).await, Some((ours.tenant.clone(), kind.to_owned())));
            for (other, _) in lanes {
                assert!(store.claim_job(other, 1000).await.unwrap().is_none(), "{other:?} after {lane:?}");
            }
        }
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

#[tokio::test]
async fn a_turns_job_takes_the_place_of_one_that_waits_or_is_under_way() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let mut claimed = Vec::new();
        for (event, payload) in [("e1", "1"), ("e2", "2"), ("e3", "3")] {
            scene.hear(store, "u1", event, "hello").await;
            let turn = scene.claim(store).await;
            let job = NewJob {
                tenant: scene.tenant.clone(),
                kind: "train",
                dedupe: "u1".to_owned(),
                payload: payload.to_owned(),
                run_at: test.clock.now(),
            };
            let jobs = vec![job];
            let commit = TurnCommit { jobs, last: true, ..nothing_said(&turn.lease, &turn.pending[0]) };
            store.commit_turn(commit).await.unwrap();
            // The second finds the first waiting, the third finds it under way.
            if event == "e2" {
                claimed.extend(claim(store).await);
            }
        }
        assert_eq!(store.jobs(&scene.tenant, 10).await.unwrap().len(), 1);
        assert_eq!(claimed[0].payload, "2");
        let fenced = store.finish_job(&claimed[0], JobState::Done).await;
        assert!(matches!(fenced, Err(StoreError::Fenced)), "{fenced:?}");
        let newest = claim(store).await.unwrap();
        assert_eq!(newest.payload, "3");
        store.finish_job(&newest, JobState::Done).await.unwrap();
        assert!(claim(store).await.is_none());
    })
    .await;
}
