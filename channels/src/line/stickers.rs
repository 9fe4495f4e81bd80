//! The stickers that every account may send (LINE's page "Stickers"): whole sets, numbered through.

use serde::Serialize;

use super::fit::sticker;

/// One set, as LINE calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StickerSet {
    pub package: u32,
    pub title: &'static str,
    /// The numbers of its stickers, both included.
    pub first: u32,
    pub last: u32,
}

/// The sets that people know best, the animated ones first.
pub const SETS: [StickerSet; 7] = [
    set(11_537, "Brown & Cony & Sally: Animated Special", (52_002_734, 52_002_773)),
    set(11_538, "CHOCO & Friends: Animated Special", (51_626_494, 51_626_533)),
    set(11_539, "UNIVERSTAR BT21: Animated Special", (52_114_110, 52_114_149)),
    set(6_136, "LINE Characters: Making Amends", (10_551_376, 10_551_399)),
    set(6_359, "Brown and Cony Fun Size Pack", (11_069_848, 11_069_871)),
    set(446, "Moon: Special Edition", (1_988, 2_027)),
    set(789, "Sally: Special Edition", (10_855, 10_894)),
];

const fn set(package: u32, title: &'static str, (first, last): (u32, u32)) -> StickerSet {
    StickerSet { package, title, first, last }
}

/// The set of a sticker (`446/1988`); none where accounts may not send it.
pub fn set_of(id: &str) -> Option<&'static StickerSet> {
    let (package, number) = sticker(id)?;
    let (package, number): (u32, u32) = (package.parse().ok()?, number.parse().ok()?);
    SETS.iter().find(|set| set.package == package && (set.first..=set.last).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_a_set_may_be_sent() {
        let check = |id: &str, package: Option<u32>| {
            assert_eq!(set_of(id).map(|set| set.package), package, "{id}");
        };
        check("446/1988", Some(446));
        check("446/2027", Some(446));
        check("446/2028", None);
        check("789/1988", None);
        check("446/1987", None);
        check("446", None);
        check("446/-1", None);
        check("446/99999999999999999999", None);
    }
}
