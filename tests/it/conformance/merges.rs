//! Two people made one, and taken apart again.

use std::collections::BTreeMap;

use engine::ids::{PersonId, RowId};
use engine::store::{Evidence, Merge, NewMerge, Store, StoreError, TurnCommit};
use serde_json::{Value, json};
use tests::{Scene, check_on_every_store, nothing_said};

const THREADS: [&str; 4] = ["u0", "u1", "u2", "u3"];

/// Four people on an account, the first two with facts.
async fn people(store: &Store, scene: &Scene) -> Vec<PersonId> {
    let mut people = Vec::new();
    for (thread, facts) in
        THREADS.into_iter().zip([r#"{"name":"A"}"#, r#"{"name":"B","shop":"S"}"#, "{}", "{}"])
    {
        scene.hear(store, thread, thread, "hello").await;
        remember(store, scene, facts).await;
        people.push(scene.conversation(store, thread).await.person);
    }
    people
}

/// The one ready conversation's turn remembers these facts.
async fn remember(store: &Store, scene: &Scene, facts: &str) {
    let claimed = scene.claim(store).await;
    let turn = nothing_said(&claimed.lease, &claimed.pending[0]);
    let remember = Some(facts.to_owned());
    store.commit_turn(TurnCommit { remember, last: true, ..turn }).await.unwrap();
}

fn new_merge(scene: &Scene, kept: &PersonId, merged: &PersonId) -> NewMerge {
    NewMerge {
        tenant: scene.tenant.clone(),
        kept: kept.clone(),
        merged: merged.clone(),
        evidence: Evidence::Agent,
        detail: json!({ "note": "the same number" }),
        by: "nok".to_owned(),
    }
}

async fn merge(store: &Store, scene: &Scene, kept: &PersonId, merged: &PersonId) -> Merge {
    store.merge(new_merge(scene, kept, merged)).await.unwrap()
}

/// Who has what: by person, the threads of their conversations and addresses, and their facts.
type Shown = BTreeMap<String, (Vec<String>, Vec<String>, Value)>;

async fn shown(store: &Store, scene: &Scene, people: &[PersonId]) -> Shown {
    let mut shown = Shown::new();
    for person in people {
        let record = store.person(&scene.tenant, person).await.unwrap().unwrap();
        let addresses = record.addresses.into_iter().map(|one| one.external_id).collect();
        shown.insert(person.to_string(), (addresses, Vec::new(), record.facts));
    }
    for thread in THREADS {
        let conversation = scene.conversation(store, thread).await;
        shown.get_mut(conversation.person.as_str()).unwrap().1.push(thread.to_owned());
    }
    shown
}

#[tokio::test]
async fn a_merge_moves_everything_and_its_undoing_brings_it_back() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let people = people(store, &scene).await;
        let before = shown(store, &scene, &people).await;
        let made = merge(store, &scene, &people[0], &people[1]).await;
        assert_eq!((made.addresses.len(), made.by.as_str()), (1, "nok"));
        assert_eq!(json!(made.facts), json!({ "shop": "S" }), "what the kept person lacked");
        let together = shown(store, &scene, &people).await;
        let both = vec!["u0".to_owned(), "u1".to_owned()];
        let facts = json!({ "name": "A", "shop": "S" });
        assert_eq!(together[people[0].as_str()], (both.clone(), both, facts));
        assert_eq!(together[people[1].as_str()].0, Vec::<String>::new());
        // What they say now is the kept person's, in whatever conversation.
        scene.hear(store, "u1", "later", "again").await;
        remember(store, &scene, r#"{"size":"L"}"#).await;
        let undone = store.undo_merge(&scene.tenant, &made.id, "mali").await.unwrap();
        assert_eq!(undone.undone_by.as_deref(), Some("mali"));
        let mut expected = before;
        expected.get_mut(people[0].as_str()).unwrap().2 = json!({ "name": "A", "size": "L" });
        assert_eq!(shown(store, &scene, &people).await, expected);
        let history = store.merges_of(&scene.tenant, &people[0]).await.unwrap();
        assert_eq!(history, std::slice::from_ref(&undone), "it stays as history");
        assert_eq!(store.merges_of(&scene.tenant, &people[1]).await.unwrap(), [undone]);
        assert_eq!(store.broken_audit_row(&scene.tenant).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_new_conversation_of_a_merged_address_goes_home_with_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let people = people(store, &scene).await;
        let made = merge(store, &scene, &people[0], &people[1]).await;
        let old = scene.conversation(store, "u1").await.id;
        let resolve = engine::store::ControlChange::Resolve;
        store.change_control(&scene.tenant, &old, resolve).await.unwrap();
        test.clock.advance_millis(8 * 24 * 3_600_000);
        scene.hear(store, "u1", "a week later", "hello").await;
        let new = scene.conversation(store, "u1").await;
        assert_ne!(new.id, old);
        assert_eq!(new.person, people[0]);
        store.undo_merge(&scene.tenant, &made.id, "nok").await.unwrap();
        assert_eq!(scene.conversation(store, "u1").await.person, people[1]);
    })
    .await;
}

/// Merges on top of each other, undone in every order: each undoing takes its own away and no other.
#[tokio::test]
async fn merges_are_undone_in_any_order() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let people = people(store, &scene).await;
        let before = shown(store, &scene, &people).await;
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            // u1 into u2, u2 into u3, u0 into u3.
            let edges = [(2, 1), (3, 2), (3, 0)];
            let mut made = Vec::new();
            for (kept, merged) in edges {
                made.push(merge(store, &scene, &people[kept], &people[merged]).await);
            }
            assert_eq!(shown(store, &scene, &people).await[people[3].as_str()].0.len(), 4);
            let mut standing = vec![0, 1, 2];
            for undo in order {
                store.undo_merge(&scene.tenant, &made[undo].id, "nok").await.unwrap();
                standing.retain(|left| *left != undo);
                let edges: Vec<(usize, usize)> = standing.iter().map(|left| edges[*left]).collect();
                let now = shown(store, &scene, &people).await;
                for (place, thread) in THREADS.into_iter().enumerate() {
                    let root = root_of(&edges, place);
                    assert!(
                        now[people[root].as_str()].0.contains(&thread.to_owned()),
                        "{thread} belongs to {root} with {edges:?}: {now:?}"
                    );
                }
            }
            assert_eq!(shown(store, &scene, &people).await, before, "{order:?}");
        }
    })
    .await;
}

fn root_of(edges: &[(usize, usize)], person: usize) -> usize {
    edges.iter().find(|(_, merged)| *merged == person).map_or(person, |(kept, _)| root_of(edges, *kept))
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_and_changes_nothing() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let other = Scene::set(store, "other").await;
        let people = people(store, &scene).await;
        other.hear(store, "x", "x", "hello").await;
        let stranger = other.conversation(store, "x").await.person;
        let made = merge(store, &scene, &people[0], &people[1]).await;
        let before = shown(store, &scene, &people).await;
        let nobody = PersonId::from_text("nobody");
        for (kept, merged, conflict) in [
            (&people[2], &people[2], true),
            (&people[2], &people[1], true),
            (&people[1], &people[2], true),
            (&people[2], &stranger, false),
            (&stranger, &people[2], false),
            (&people[2], &nobody, false),
        ] {
            let refused = store.merge(new_merge(&scene, kept, merged)).await.unwrap_err();
            assert_eq!(matches!(refused, StoreError::Conflict(_)), conflict, "{kept} {merged}: {refused}");
            assert_eq!(matches!(refused, StoreError::NotFound(_)), !conflict, "{kept} {merged}: {refused}");
        }
        let elsewhere = store.undo_merge(&other.tenant, &made.id, "x").await;
        assert!(matches!(elsewhere, Err(StoreError::NotFound(_))), "{elsewhere:?}");
        let unknown = store.undo_merge(&scene.tenant, &RowId::from_text("none"), "x").await;
        assert!(matches!(unknown, Err(StoreError::NotFound(_))), "{unknown:?}");
        assert_eq!(shown(store, &scene, &people).await, before);
        assert_eq!(other.conversation(store, "x").await.person, stranger);
        store.undo_merge(&scene.tenant, &made.id, "nok").await.unwrap();
        let again = store.undo_merge(&scene.tenant, &made.id, "nok").await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    })
    .await;
}

/// A ring of merges at once, from two nodes where the store has two: some are refused, and what stands is no ring.
#[tokio::test]
async fn merges_at_once_leave_one_result() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let second = if test.database().is_some() { test.another_node().await } else { store.clone() };
        let scene = Scene::set(store, "shop").await;
        let people = people(store, &scene).await;
        let before = shown(store, &scene, &people).await;
        for _ in 0..5 {
            let ring = |from: usize| new_merge(&scene, &people[(from + 1) % 4], &people[from]);
            let (a, b, c, d) = tokio::join!(
                store.merge(ring(0)),
                second.merge(ring(1)),
                store.merge(ring(2)),
                second.merge(ring(3)),
            );
            let outcomes = [a, b, c, d];
            for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
                assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
            }
            let made: Vec<Merge> = outcomes.into_iter().flatten().collect();
            assert!((1..4).contains(&made.len()), "{made:?}");
            let edges: Vec<(usize, usize)> = made
                .iter()
                .map(|one| {
                    let place = |id: &PersonId| people.iter().position(|person| person == id).unwrap();
                    (place(&one.kept), place(&one.merged))
                })
                .collect();
            let now = shown(store, &scene, &people).await;
            for (place, thread) in THREADS.into_iter().enumerate() {
                let root = people[root_of(&edges, place)].as_str();
                assert!(now[root].0.contains(&thread.to_owned()), "{thread}: {edges:?} {now:?}");
                assert!(now[root].1.contains(&thread.to_owned()), "{thread}: {edges:?} {now:?}");
            }
            for one in &made {
                store.undo_merge(&scene.tenant, &one.id, "nok").await.unwrap();
            }
            assert_eq!(shown(store, &scene, &people).await, before);
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_what_they_are_called() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let other = Scene::set(store, "other").await;
        let people = people(store, &scene).await;
        other.hear(store, "u0", "u0", "hello").await;
        let profile =
            channels::Profile { username: Some("mali_100%".to_owned()), ..channels::Profile::default() };
        store.put_profile(&scene.tenant, &scene.account, "u2", profile).await.unwrap();
        let found = async |words: &str| -> Vec<PersonId> {
            let found = store.find_people(&scene.tenant, words, 10).await.unwrap();
            found.into_iter().map(|person| person.id).collect()
        };
        assert_eq!(found("ลูกค้า u0").await, [people[0].clone()]);
        assert_eq!(found("MALI_").await, [people[2].clone()]);
        assert_eq!(found("u3").await, [people[3].clone()]);
        assert_eq!(found("0%_").await, []);
        assert_eq!(found("ลูกค้า").await.len(), 4);
        merge(store, &scene, &people[0], &people[2]).await;
        assert_eq!(found("mali").await, [people[0].clone()], "as the person who was kept");
    })
    .await;
}
