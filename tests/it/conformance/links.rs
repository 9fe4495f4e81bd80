//! One-time codes and what they join.

use engine::clock::Micros;
use engine::ids::{AgentId, MessageId, PersonId};
use engine::store::{
    Asked, Begun, Evidence, LinkOwner, Message, MessageBody, NewLink, NewReply, Redeem, Redeemed, Store,
    TurnCommit, Vouched,
};
use tests::{START, Scene, check_on_every_store};

const TEN_MINUTES: i64 = 600 * Micros::SECOND;

pub(super) async fn add(store: &Store, scene: &Scene, hash: &str, owner: LinkOwner) {
    let nobody = PersonId::from_text("");
    store.add_link(NewLink { owner, ..link(store, scene, hash, &nobody) }).await.unwrap();
}

fn link(store: &Store, scene: &Scene, hash: &str, owner: &PersonId) -> NewLink {
    NewLink {
        tenant: scene.tenant.clone(),
        hash: hash.to_owned(),
        owner: LinkOwner::Person(owner.clone()),
        evidence: Evidence::OneTimeCode,
        by: "customer".to_owned(),
        expires_at: Micros(store.clock().now().0 + TEN_MINUTES),
        offer: None,
    }
}

fn proof(scene: &Scene, hash: &str, sender: &str, message: &str) -> Redeem {
    Redeem {
        tenant: scene.tenant.clone(),
        hash: hash.to_owned(),
        account: scene.account.clone(),
        sender: sender.to_owned(),
        message: MessageId::from_text(message),
    }
}

/// Brings a proof and says yes where that is asked.
pub(super) async fn redeem(
    store: &Store,
    scene: &Scene,
    hash: &str,
    sender: &str,
    message: &str,
) -> Redeemed {
    match store.bring_link(proof(scene, hash, sender, message)).await.unwrap() {
        Asked::Question(_) => store.redeem(proof(scene, hash, sender, message)).await.unwrap(),
        Asked::Settled(redeemed) => redeemed,
    }
}

async fn person(store: &Store, scene: &Scene, thread: &str) -> PersonId {
    scene.conversation(store, thread).await.person
}

#[tokio::test]
async fn a_code_joins_once_and_says_why_not() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        for thread in ["web", "line", "third"] {
            scene.hear(store, thread, thread, "hello").await;
        }
        other.hear(store, "line", "line", "hello").await;
        let web = person(store, &scene, "web").await;
        add(store, &scene, "h1", LinkOwner::Person(web.clone())).await;
        assert!(store.is_link(&scene.tenant, "h1").await.unwrap());
        assert!(!store.is_link(&other.tenant, "h1").await.unwrap());
        assert_eq!(redeem(store, &other, "h1", "line", "m0").await, Redeemed::Unknown);
        assert_eq!(redeem(store, &scene, "h1", "web", "m1").await, Redeemed::Same);
        assert_eq!(redeem(store, &scene, "h1", "line", "m2").await, Redeemed::Linked(web.clone()));
        assert_eq!(person(store, &scene, "line").await, web);
        let again = store.redeem(proof(&scene, "h1", "line", "m2")).await.unwrap();
        assert_eq!(again, Redeemed::Linked(web.clone()), "again");
        assert_eq!(redeem(store, &scene, "h1", "third", "m3").await, Redeemed::Used);
        assert_ne!(person(store, &scene, "third").await, web);
        let merges = store.merges_of(&scene.tenant, &web).await.unwrap();
        assert_eq!((merges.len(), merges[0].evidence), (1, Evidence::OneTimeCode));
        assert_eq!((merges[0].detail["address"].as_str(), merges[0].by.as_str()), (Some("line"), "customer"));

        add(store, &scene, "h2", LinkOwner::Person(web.clone())).await;
        test.clock.advance_millis(600_001);
        assert_eq!(redeem(store, &scene, "h2", "third", "m4").await, Redeemed::Expired);
        assert_eq!(redeem(store, &scene, "h3", "third", "m5").await, Redeemed::Unknown);
        // A day later nobody is told about it any more.
        test.clock.advance_millis(25 * 3_600_000);
        add(store, &scene, "h4", LinkOwner::Person(web)).await;
        assert!(!store.is_link(&scene.tenant, "h2").await.unwrap());
    })
    .await;
}

/// Nobody is joined by bringing a code: only the address that was asked may answer, once, while the code is good.
#[tokio::test]
async fn a_code_joins_nobody_who_has_not_said_yes() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        for thread in ["web", "line", "third"] {
            scene.hear(store, thread, thread, "hello").await;
        }
        let web = person(store, &scene, "web").await;
        let bring = async |hash, sender, message| {
            store.bring_link(proof(&scene, hash, sender, message)).await.unwrap()
        };
        let conversation = scene.conversation(store, "web").await.id;
        let (channel, language) = ("telegram".to_owned(), Some("th".to_owned()));
        let question = Asked::Question(Some(Begun { conversation, channel, at: START, language }));
        for hash in ["no", "yes", "late"] {
            add(store, &scene, hash, LinkOwner::Person(web.clone())).await;
        }
        let unasked = store.redeem(proof(&scene, "yes", "line", "m1")).await.unwrap();
        assert_eq!(unasked, Redeemed::Unknown, "who was not asked has nothing to say");
        assert_eq!(bring("yes", "line", "m2").await, question);
        assert_eq!(bring("yes", "line", "m3").await, question, "asked again");
        assert_eq!(
            bring("yes", "third", "m4").await,
            Asked::Settled(Redeemed::Used),
            "it is somebody else's"
        );
        for stranger in [proof(&scene, "yes", "third", "m5"), proof(&other, "yes", "line", "m5")] {
            assert_eq!(store.redeem(stranger.clone()).await.unwrap(), Redeemed::Unknown);
            assert_eq!(store.decline_link(stranger).await.unwrap(), Redeemed::Unknown);
        }
        let asked = async |scene: &Scene, sender: &str| {
            store.asked_link(&scene.tenant, (&scene.account, sender), "y").await.unwrap()
        };
        assert_eq!(asked(&scene, "line").await.as_deref(), Some("yes"));
        assert_eq!((asked(&scene, "third").await, asked(&other, "line").await), (None, None));
        assert_ne!(person(store, &scene, "line").await, web, "nobody has said yes");

        assert_eq!(bring("no", "line", "m6").await, question);
        for _ in 0..2 {
            let declined = store.decline_link(proof(&scene, "no", "line", "m7")).await.unwrap();
            assert_eq!(declined, Redeemed::Declined);
        }
        for (sender, message) in [("line", "m8"), ("third", "m9")] {
            assert_eq!(bring("no", sender, message).await, Asked::Settled(Redeemed::Used), "it is void");
            let void = store.redeem(proof(&scene, "no", sender, message)).await.unwrap();
            assert_eq!(void, Redeemed::Used);
        }
        assert_eq!(store.merges_of(&scene.tenant, &web).await.unwrap(), []);

        let joined = store.redeem(proof(&scene, "yes", "line", "m10")).await.unwrap();
        assert_eq!(joined, Redeemed::Linked(web.clone()));
        let late = store.decline_link(proof(&scene, "yes", "line", "m11")).await.unwrap();
        assert_eq!(late, Redeemed::Used, "it was answered");
        let asked = bring("late", "third", "m12").await;
        assert!(matches!(asked, Asked::Question(Some(_))), "{asked:?}");
        test.clock.advance_millis(600_001);
        let expired = store.redeem(proof(&scene, "late", "third", "m13")).await.unwrap();
        assert_eq!(expired, Redeemed::Expired);
        assert_ne!(person(store, &scene, "third").await, web);
    })
    .await;
}

#[tokio::test]
async fn a_code_of_somebody_who_was_merged_joins_the_one_who_was_kept() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for thread in ["web", "line", "telegram"] {
            scene.hear(store, thread, thread, "hello").await;
        }
        let (web, line) = (person(store, &scene, "web").await, person(store, &scene, "line").await);
        add(store, &scene, "to line", LinkOwner::Person(web.clone())).await;
        add(store, &scene, "of line", LinkOwner::Person(line)).await;
        redeem(store, &scene, "to line", "line", "m1").await;
        assert_eq!(redeem(store, &scene, "of line", "telegram", "m2").await, Redeemed::Linked(web.clone()));
        assert_eq!(person(store, &scene, "telegram").await, web);
    })
    .await;
}

#[tokio::test]
async fn one_of_many_senders_at_once_is_joined() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let second = if test.database().is_some() { test.another_node().await } else { store.clone() };
        let scene = Scene::set(store, "shop").await;
        for thread in ["web", "a", "b"] {
            scene.hear(store, thread, thread, "hello").await;
        }
        let web = person(store, &scene, "web").await;
        add(store, &scene, "h", LinkOwner::Person(web.clone())).await;
        let (a, b) =
            tokio::join!(redeem(store, &scene, "h", "a", "ma"), redeem(&second, &scene, "h", "b", "mb"));
        let won = [&a, &b].into_iter().filter(|one| **one == Redeemed::Linked(web.clone())).count();
        let lost = [&a, &b].into_iter().filter(|one| **one == Redeemed::Used).count();
        assert_eq!((won, lost), (1, 1), "{a:?} {b:?}");
    })
    .await;
}

#[tokio::test]
async fn a_colleagues_address_counts_until_it_is_unlinked() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (nok, lek) = (scene.agent(store, "nok").await, scene.agent(store, "lek").await);
        scene.hear(store, "line", "e1", "hello").await;
        let whose = async |store: &Store| -> Option<AgentId> {
            let found = store.agent_of_address(&scene.tenant, &scene.account, "line").await.unwrap();
            found.map(|(agent, _)| agent)
        };
        assert_eq!(whose(store).await, None);
        add(store, &scene, "h1", LinkOwner::Agent(nok.clone())).await;
        let linked = redeem(store, &scene, "h1", "line", "m1").await;
        assert_eq!(linked, Redeemed::Colleague { agent: nok.clone(), name: "nok".to_owned() });
        assert_eq!(whose(store).await, Some(nok.clone()));
        let own = store.agent_addresses(&scene.tenant, &nok).await.unwrap();
        assert_eq!((own.len(), own[0].external_id.as_str()), (1, "line"));
        assert!(store.unlink_agent_address(&scene.tenant, &lek, &own[0].id).await.is_err(), "not lek's");
        // Another colleague proves it: it is theirs alone.
        add(store, &scene, "h2", LinkOwner::Agent(lek.clone())).await;
        redeem(store, &scene, "h2", "line", "m2").await;
        assert_eq!(whose(store).await, Some(lek.clone()));
        assert_eq!(store.agent_addresses(&scene.tenant, &nok).await.unwrap(), []);
        let own = store.agent_addresses(&scene.tenant, &lek).await.unwrap();
        let node = if test.database().is_some() { test.another_node().await } else { store.clone() };
        store.unlink_agent_address(&scene.tenant, &lek, &own[0].id).await.unwrap();
        assert_eq!(whose(&node).await, None, "on the other node at once");
        assert!(store.unlink_agent_address(&scene.tenant, &lek, &own[0].id).await.is_err());
        assert_eq!(redeem(store, &scene, "h2", "line", "m3").await, Redeemed::Used);
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_are_counted_for_ten_minutes() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let failed = async |who: &str| store.failed_attempts(&scene.tenant, who).await.unwrap();
        for _ in 0..3 {
            store.count_failed_attempt(&scene.tenant, vec!["u1".to_owned(), String::new()]).await.unwrap();
        }
        store.count_failed_attempt(&scene.tenant, vec!["u2".to_owned(), String::new()]).await.unwrap();
        assert_eq!((failed("u1").await, failed("u2").await, failed("").await), (3, 1, 4));
        assert_eq!(store.failed_attempts(&other.tenant, "u1").await.unwrap(), 0);
        test.clock.advance_millis(600_000);
        assert_eq!(failed("u1").await, 0);
        store.count_failed_attempt(&scene.tenant, vec!["u1".to_owned()]).await.unwrap();
        assert_eq!(failed("u1").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_state_is_found_elsewhere_only_where_somebody_is_linked() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for thread in ["web", "line"] {
            scene.hear(store, thread, thread, "hello").await;
            scene.answer(store, vec![tests::reply("…")]).await;
        }
        let day = 24 * 3600 * Micros::SECOND;
        let line = scene.conversation(store, "line").await;
        let elsewhere = async || store.state_elsewhere(&scene.tenant, &line.id, 7 * day).await.unwrap();
        assert_eq!(elsewhere().await, None, "not linked");
        let web = scene.conversation(store, "web").await;
        add(store, &scene, "h", LinkOwner::Person(web.person.clone())).await;
        redeem(store, &scene, "h", "line", "m").await;
        assert_eq!(
            elsewhere().await.map(|found| (found.conversation, found.state)),
            Some((web.id.clone(), "{\"turn\":1}".to_owned()))
        );
        let nok = scene.agent(store, "nok").await;
        let take = engine::store::ControlChange::Take(nok);
        store.change_control(&scene.tenant, &web.id, take).await.unwrap();
        assert_eq!(elsewhere().await, None, "an agent has it");
        store.change_control(&scene.tenant, &web.id, engine::store::ControlChange::HandBack).await.unwrap();
        assert!(elsewhere().await.is_some());
        test.clock.advance_millis(7 * 24 * 3_600_000 + 1);
        assert_eq!(elsewhere().await, None, "{START:?} is too long ago");
    })
    .await;
}

/// The bot hands an offer out in the thread `web`.
async fn hands_out(store: &Store, scene: &Scene, offer: &str) -> Message {
    let web = scene.conversation(store, "web").await.id;
    let claimed = store.claim("node", 10, 60_000).await.unwrap();
    let claimed = claimed.into_iter().find(|one| one.lease.conversation == web).unwrap();
    let body = MessageBody { offer: Some(offer.to_owned()), ..tests::reply("code").body };
    let replies = vec![NewReply { body, ..tests::reply("code") }];
    let turn = tests::nothing_said(&claimed.lease, &claimed.pending[0]);
    store.commit_turn(TurnCommit { replies, last: true, ..turn }).await.unwrap().remove(0)
}

/// Whoever began to sign in with this link is `line`, as LINE says.
fn came_back(scene: &Scene, person: &PersonId, link: &str) -> Vouched {
    Vouched {
        tenant: scene.tenant.clone(),
        account: scene.account.clone(),
        external_id: "line".to_owned(),
        name: None,
        person: person.clone(),
        link: Some(link.to_owned()),
    }
}

/// A code and the links beside it are one offer: a use, a no, a posted code or taking back the message ends them all.
#[tokio::test]
async fn what_ends_one_key_of_an_offer_ends_them_all() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for thread in ["web", "line", "third"] {
            scene.hear(store, thread, thread, "hello").await;
        }
        let said = hands_out(store, &scene, "o4").await;
        let web = person(store, &scene, "web").await;
        let offer = async |offer: &str| {
            for key in ["code", "login", "link"] {
                let link = NewLink {
                    offer: Some(offer.to_owned()),
                    ..link(store, &scene, &format!("{offer} {key}"), &web)
                };
                store.add_link(link).await.unwrap();
            }
        };
        let used = async |hash: &str, message: &str| {
            let asked = store.bring_link(proof(&scene, hash, "third", message)).await.unwrap();
            assert_eq!(asked, Asked::Settled(Redeemed::Used), "{hash}");
        };
        for name in ["o1", "o2", "o3", "o4", "o5"] {
            offer(name).await;
        }
        // Asked meanwhile on another phone, the code is no good there after a no elsewhere.
        store.bring_link(proof(&scene, "o1 code", "third", "m1")).await.unwrap();
        store.bring_link(proof(&scene, "o1 link", "line", "m2")).await.unwrap();
        store.decline_link(proof(&scene, "o1 link", "line", "m3")).await.unwrap();
        assert_eq!(store.redeem(proof(&scene, "o1 code", "third", "m4")).await.unwrap(), Redeemed::Used);
        assert!(store.link_owner(&scene.tenant, "o1 login").await.unwrap().is_none());
        assert!(store.void_link(&scene.tenant, "o2 link").await.unwrap());
        used("o2 code", "m5").await;
        // A sign-in that was begun leaves the code good until it has come back.
        for page in ["page", "page", "another"] {
            let spent = store.spend_link(&scene.tenant, ("o3 login", page)).await.unwrap();
            assert_eq!(spent.is_some(), page == "page", "a double click on one page is one answer");
        }
        let asked = store.bring_link(proof(&scene, "o3 code", "third", "m6")).await.unwrap();
        assert!(matches!(asked, Asked::Question(_)), "{asked:?}");
        let vouched = came_back(&scene, &web, "o3 login");
        store.vouch(vouched).await.unwrap();
        assert_eq!(store.redeem(proof(&scene, "o3 code", "third", "m7")).await.unwrap(), Redeemed::Used);
        // The message that carried it is taken back.
        store.keep_act(&scene.tenant, &said.id, engine::store::ChangeKind::Deleted).await.unwrap();
        used("o4 code", "m8").await;
        let asked = store.bring_link(proof(&scene, "o5 code", "third", "m9")).await.unwrap();
        assert!(matches!(asked, Asked::Question(_)), "other offers stay: {asked:?}");
    })
    .await;
}
