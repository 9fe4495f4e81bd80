//! The mark that a request carries to the platform and that comes back in echoes and receipts: which send of ours it was,
//! and which request of that send.

/// The mark of the request `index` of the send `correlation`. The first request of a send has the bare correlation.
pub fn mark(correlation: &str, index: usize) -> String {
    if index == 0 { correlation.to_owned() } else { format!("{correlation}/{index}") }
}

/// The send and the place of the request in it that a mark stands for.
pub fn read_mark(mark: &str) -> (&str, usize) {
    let parts = mark.rsplit_once('/').and_then(|(send, index)| Some((send, index.parse().ok()?)));
    parts.unwrap_or((mark, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_back_as_it_was_made() {
        for index in [0, 1, 27] {
            assert_eq!(read_mark(&mark("019a-1", index)), ("019a-1", index));
        }
        assert_eq!(read_mark("somebody's/own"), ("somebody's/own", 0));
    }
}
