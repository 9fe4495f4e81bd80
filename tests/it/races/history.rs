//! What a storm left behind, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

/// A message as the sender's own ledger has it.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    /// What the message says: its number, unique within its thread.
    pub(super) message: i64,
    /// The place in its thread that the inbox gave it.
    pub(super) given: i64,
    /// Ticks of one counter for the whole storm: when it was handed over, and when the inbox said that it has it.
    pub(super) begun: u64,
    pub(super) ended: u64,
}

/// Everything a storm did, by thread.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) accepted: BTreeMap<String, Vec<Accepted>>,
    /// The messages in the order in which turns took effect on the conversation's state.
    pub(super) heard: BTreeMap<String, Vec<i64>>,
    /// The numbers of the stored turns, ascending.
    pub(super) turns: BTreeMap<String, Vec<i64>>,
    /// Threads with a message that nobody was told of, once everybody had stopped.
    pub(super) stranded: BTreeSet<String>,
    /// The numbers of all logged events, ascending.
    pub(super) logged: Vec<i64>,
    /// The events that somebody saw who followed the log by a cursor.
    pub(super) followed: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A turn took effect more than once.
    HeardTwice { thread: String, message: i64 },
    /// Accepted, never heard.
    NeverHeard { thread: String, message: i64 },
    /// Heard, never accepted.
    Invented { thread: String, message: i64 },
    /// Heard after a message that was given a later place.
    OutOfPlace { thread: String, message: i64 },
    /// Heard after a message that was sent only when this one had been acknowledged.
    OutOfTime { thread: String, message: i64 },
    /// The stored turns are not one for each number from 1 on.
    TurnsWithGaps { thread: String },
    /// Nobody would ever have looked at it again.
    Stranded { thread: String },
    /// The follower of the log missed an event or saw one twice.
    NotFollowed { event: i64 },
}

/// Everything that is wrong with a history.
pub(super) fn faults(history: &History) -> BTreeSet<Fault> {
    let mut found: BTreeSet<Fault> =
        history.stranded.iter().map(|thread| Fault::Stranded { thread: thread.clone() }).collect();
    let threads: BTreeSet<&String> = history.accepted.keys().chain(history.heard.keys()).collect();
    for thread in threads {
        let accepted = history.accepted.get(thread).map(Vec::as_slice).unwrap_or_default();
        let heard = history.heard.get(thread).map(Vec::as_slice).unwrap_or_default();
        found.extend(heard_faults(thread, accepted, heard));
        let turns = history.turns.get(thread).map(Vec::as_slice).unwrap_or_default();
        if !turns.iter().copied().eq(1..=turns.len() as i64) || turns.len() != heard.len() {
            found.insert(Fault::TurnsWithGaps { thread: thread.clone() });
        }
    }
    found.extend(following_faults(&history.logged, &history.followed));
    found
}

fn heard_faults(thread: &str, accepted: &[Accepted], heard: &[i64]) -> Vec<Fault> {
    let mut found = Vec::new();
    let thread = || thread.to_owned();
    let ledger: BTreeMap<i64, &Accepted> = accepted.iter().map(|one| (one.message, one)).collect();
    let mut seen = BTreeSet::new();
    let (mut latest_place, mut latest_begin) = (0, 0);
    for &message in heard {
        if !seen.insert(message) {
            found.push(Fault::HeardTwice { thread: thread(), message });
            continue;
        }
        let Some(entry) = ledger.get(&message) else {
            found.push(Fault::Invented { thread: thread(), message });
            continue;
        };
        if entry.given < latest_place {
            found.push(Fault::OutOfPlace { thread: thread(), message });
        }
        if entry.ended < latest_begin {
            found.push(Fault::OutOfTime { thread: thread(), message });
        }
        latest_place = latest_place.max(entry.given);
        latest_begin = latest_begin.max(entry.begun);
    }
    let unheard = ledger.keys().filter(|message| !seen.contains(message));
    found.extend(unheard.map(|&message| Fault::NeverHeard { thread: thread(), message }));
    found
}

fn following_faults(logged: &[i64], followed: &[i64]) -> Vec<Fault> {
    let mut times: BTreeMap<i64, usize> = logged.iter().map(|&event| (event, 0)).collect();
    for &event in followed {
        *times.entry(event).or_default() += 1;
    }
    times
        .into_iter()
        .filter(|&(_, times)| times != 1)
        .map(|(event, _)| Fault::NotFollowed { event })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(message: i64) -> Accepted {
        Accepted { message, given: message, begun: message as u64 * 10, ended: message as u64 * 10 + 5 }
    }

    /// Three messages, sent one after the other, heard as they should be.
    fn sound() -> History {
        History {
            accepted: [("u".to_owned(), (1..=3).map(accepted).collect())].into(),
            heard: [("u".to_owned(), vec![1, 2, 3])].into(),
            turns: [("u".to_owned(), vec![1, 2, 3])].into(),
            stranded: BTreeSet::new(),
            logged: vec![1, 2, 3, 4],
            followed: vec![1, 2, 3, 4],
        }
    }

    fn check(what: &str, spoil: impl FnOnce(&mut History), expected: &[Fault]) {
        let mut history = sound();
        spoil(&mut history);
        assert_eq!(faults(&history), expected.iter().cloned().collect(), "{what}");
    }

    fn hear(history: &mut History, heard: &[i64]) {
        history.turns.insert("u".to_owned(), (1..=heard.len() as i64).collect());
        history.heard.insert("u".to_owned(), heard.to_vec());
    }

    #[test]
    fn every_kind_of_bad_history_is_recognised() {
        let thread = || "u".to_owned();
        check("a sound one", |_| {}, &[]);
        let twice = Fault::HeardTwice { thread: thread(), message: 2 };
        check("twice", |history| hear(history, &[1, 2, 2, 3]), &[twice]);
        let never = Fault::NeverHeard { thread: thread(), message: 3 };
        check("never", |history| hear(history, &[1, 2]), std::slice::from_ref(&never));
        let invented = Fault::Invented { thread: thread(), message: 9 };
        check("invented", |history| hear(history, &[1, 2, 3, 9]), &[invented]);
        let place = Fault::OutOfPlace { thread: thread(), message: 2 };
        let time = Fault::OutOfTime { thread: thread(), message: 2 };
        check("inverted", |history| hear(history, &[1, 3, 2]), &[place.clone(), time.clone()]);
        let together = |history: &mut History| {
            history.accepted.get_mut("u").unwrap()[1].ended = 99;
            hear(history, &[1, 3, 2]);
        };
        check("inverted, though sent together", together, &[place]);
        let misplaced = |history: &mut History| {
            history.accepted.get_mut("u").unwrap()[1].given = 4;
            hear(history, &[1, 3, 2]);
        };
        check("given places against the time", misplaced, &[time]);
        let gaps = Fault::TurnsWithGaps { thread: thread() };
        check(
            "a gap",
            |history| drop(history.turns.insert(thread(), vec![1, 3, 4])),
            std::slice::from_ref(&gaps),
        );
        check("a turn too few", |history| drop(history.turns.insert(thread(), vec![1, 2])), &[gaps]);
        let stranded = Fault::Stranded { thread: thread() };
        let strand = |history: &mut History| {
            history.stranded.insert("u".to_owned());
            hear(history, &[1, 2]);
        };
        check("stranded", strand, &[never, stranded]);
        let missed = Fault::NotFollowed { event: 2 };
        check("missed", |history| history.followed = vec![1, 3, 4], std::slice::from_ref(&missed));
        check("seen twice", |history| history.followed = vec![1, 2, 2, 3, 4], &[missed]);
    }
}
