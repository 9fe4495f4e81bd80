//! The best labelling of a text (Viterbi 1967).

use crate::tagger::labels::Labels;

/// `scores` are units x labels. An entity continues only after its own beginning or continuation. Linear in the units.
pub(super) fn best_labels(scores: &[f32], transitions: &[f32], labels: Labels) -> Vec<u8> {
    let count = labels.count();
    let mut units = scores.chunks_exact(count);
    let Some(first) = units.next() else { return Vec::new() };
    let mut best: Vec<f32> = first
        .iter()
        .enumerate()
        .map(|(label, score)| {
            if may_open(label) {
                score + transitions[labels.transition(None, label)]
            } else {
                f32::NEG_INFINITY
            }
        })
        .collect();
    let mut next = vec![0.0; count];
    let mut back: Vec<u8> = vec![0; count];
    for unit in units {
        for (label, score) in unit.iter().enumerate() {
            let reach = |from: usize| best[from] + transitions[labels.transition(Some(from), label)];
            let (from, reached) = if may_open(label) {
                best_of(&mut (0..count).map(|from| (from, reach(from))))
            } else {
                best_of(&mut [label - 1, label].map(|from| (from, reach(from))).into_iter())
            };
            next[label] = reached + score;
            back.push(from as u8);
        }
        std::mem::swap(&mut best, &mut next);
    }
    let (mut label, _) = best_of(&mut best.iter().copied().enumerate());
    let mut found: Vec<u8> = Vec::with_capacity(back.len() / count);
    for pointers in back.chunks_exact(count).rev() {
        found.push(label as u8);
        label = usize::from(pointers[label]);
    }
    found.reverse();
    found
}

/// Outside and beginnings may stand anywhere.
fn may_open(label: usize) -> bool {
    label == 0 || !label.is_multiple_of(2)
}

/// The first of the best.
fn best_of(candidates: &mut dyn Iterator<Item = (usize, f32)>) -> (usize, f32) {
    candidates.fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
}
