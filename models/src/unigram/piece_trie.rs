//! All pieces of a vocabulary as one flat trie over bytes: 9 bytes a node, about 4 MB for 107,000 pieces.

use std::ops::Range;

/// Nodes lie level by level, so that the children of one node are neighbours, sorted by their byte.
#[derive(Debug)]
pub(crate) struct PieceTrie {
    /// For each node where its children start; they end where the next node's start.
    first_child: Vec<u32>,
    /// The byte that leads to each node.
    labels: Vec<u8>,
    /// The piece that ends at each node, or `NO_PIECE`.
    pieces: Vec<u32>,
}

const NO_PIECE: u32 = u32::MAX;

/// A node whose children are still to be made: the pieces that begin with its bytes.
struct Open {
    pieces: Range<usize>,
    depth: usize,
}

impl PieceTrie {
    /// Of pieces with their ids; the last of equal pieces counts. Empty pieces are never found.
    pub(crate) fn new(mut pieces: Vec<(&[u8], u32)>) -> Self {
        pieces.sort_by(|left, right| left.0.cmp(right.0));
        let mut trie = Self { first_child: Vec::new(), labels: vec![0], pieces: vec![NO_PIECE] };
        let mut open = std::collections::VecDeque::from([Open { pieces: 0..pieces.len(), depth: 0 }]);
        while let Some(node) = open.pop_front() {
            let at = trie.first_child.len();
            trie.first_child.push(trie.labels.len() as u32);
            let mut rest = node.pieces;
            while rest.start < rest.end && pieces[rest.start].0.len() == node.depth {
                trie.pieces[at] = pieces[rest.start].1;
                rest.start += 1;
            }
            while rest.start < rest.end {
                let label = pieces[rest.start].0[node.depth];
                let same = pieces[rest.clone()].partition_point(|(piece, _)| piece[node.depth] == label);
                trie.labels.push(label);
                trie.pieces.push(NO_PIECE);
                open.push_back(Open { pieces: rest.start..rest.start + same, depth: node.depth + 1 });
                rest.start += same;
            }
        }
        trie.first_child.push(trie.labels.len() as u32);
        trie.first_child.shrink_to_fit();
        trie.labels.shrink_to_fit();
        trie.pieces.shrink_to_fit();
        trie
    }

    /// Calls `found` with the length and id of every piece that `text` begins with, shortest first.
    pub(crate) fn prefixes(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut node = 0;
        for (index, byte) in text.iter().enumerate() {
            let first = self.first_child[node] as usize;
            let children = &self.labels[first..self.first_child[node + 1] as usize];
            let Ok(child) = children.binary_search(byte) else { return };
            node = first + child;
            if self.pieces[node] != NO_PIECE {
                found(index + 1, self.pieces[node]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_shortest_first_and_only_pieces_are_found() {
        let words = ["", "ก", "กา", "การ", "b", "ba", "bar", "bad", "中文", "中"];
        let trie = PieceTrie::new(words.iter().zip(0..).map(|(word, id)| (word.as_bytes(), id)).collect());
        for (text, expected) in [
            ("การบ้าน", vec!["ก", "กา", "การ"]),
            ("bard", vec!["b", "ba", "bar"]),
            ("中国", vec!["中"]),
            ("x", vec![]),
            ("", vec![]),
        ] {
            let mut found = Vec::new();
            trie.prefixes(text.as_bytes(), |length, id| {
                assert_eq!(&text[..length], words[id as usize]);
                found.push(words[id as usize]);
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
