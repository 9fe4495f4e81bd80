//! What the judging sets say of one message each: normalisation, misspelt names, urgency, several requests, language.
//! `cargo nextest run -p nlu --no-capture -E 'test(judging)'` prints the figures of both halves; `NLU_SHOW=1` also the
//! dev cases that are wrong. The blind half is only counted.

#![expect(clippy::print_stdout, reason = "figures are printed")]

mod fuzzy;
mod language;
mod normalisation;
mod requests;
mod urgency;

use std::fmt::Debug;
use std::path::Path;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The cases of a file below `judging/`.
pub(crate) fn cases<C: DeserializeOwned>(file: &str) -> Vec<C> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("judging").join(file);
    let text = std::fs::read_to_string(path).expect("the judging set is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect()
}

/// The half that may be looked at.
pub(crate) fn is_dev(text: &str) -> bool {
    Sha256::digest(text.as_bytes())[0].is_multiple_of(2)
}

/// Right and all, dev first, then blind.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    halves: [(usize, usize); 2],
}

impl Tally {
    pub(crate) fn count(&mut self, text: &str, is_right: bool) {
        let half = &mut self.halves[usize::from(!is_dev(text))];
        half.0 += usize::from(is_right);
        half.1 += 1;
    }

    /// Prints both halves and asserts that neither is below the floor, in percent.
    pub(crate) fn check(&self, name: &str, floors: [f64; 2]) {
        let percent = |(right, all): (usize, usize)| 100.0 * right as f64 / all.max(1) as f64;
        let [dev, blind] = self.halves;
        println!(
            "{name}: dev {}/{} = {:.1}, blind {}/{} = {:.1}",
            dev.0,
            dev.1,
            percent(dev),
            blind.0,
            blind.1,
            percent(blind)
        );
        assert!(percent(dev) >= floors[0] && percent(blind) >= floors[1], "{name} is below {floors:?}");
    }
}

/// Prints a wrong case of the half that may be looked at, where asked for.
pub(crate) fn show(text: &str, expected: &impl Debug, found: &impl Debug) {
    if is_dev(text) && std::env::var_os("NLU_SHOW").is_some() {
        println!("  {text}\n    expected {expected:?}\n    found    {found:?}");
    }
}
