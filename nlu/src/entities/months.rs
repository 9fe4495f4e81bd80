//! Month names.

use std::sync::LazyLock;

/// Long English names with one mistake, with their months: a letter left out, doubled, swapped with the next, or a wrong
/// vowel. Short names with a mistake are other words.
static MISSPELT: LazyLock<Vec<(String, i8)>> = LazyLock::new(|| {
    let long = [
        ("january", 1),
        ("february", 2),
        ("august", 8),
        ("september", 9),
        ("october", 10),
        ("november", 11),
        ("december", 12),
    ];
    let mut names: Vec<(String, i8)> =
        long.into_iter().flat_map(|(name, month)| mistakes(name).map(move |wrong| (wrong, month))).collect();
    names.retain(|(name, _)| long.iter().all(|(right, _)| right != name));
    names.sort();
    names.dedup_by(|later, earlier| later.0 == earlier.0);
    names
});

/// A name with every mistake of one letter that people make after the first; its letters are ASCII.
fn mistakes(name: &'static str) -> impl Iterator<Item = String> {
    (1..name.len()).flat_map(move |at| {
        let (before, letter, after) = (&name[..at], &name[at..=at], &name[at + 1..]);
        let swapped = after.get(..1).map(|next| format!("{before}{next}{letter}{}", &after[1..]));
        let vowels = ["a", "e", "i", "o", "u"];
        let wrong = vowels.into_iter().filter(move |vowel| vowels.contains(&letter) && *vowel != letter);
        let wrong = wrong.map(move |vowel| format!("{before}{vowel}{after}"));
        [format!("{before}{after}"), format!("{before}{letter}{letter}{after}")]
            .into_iter()
            .chain(swapped)
            .chain(wrong)
    })
}

/// Names of each month in Thai and English. Those with points are also written without some of them.
const MONTHS: [&[&str]; 12] = [
    &["มกราคม", "มกรา", "ม.ค.", "january", "jan"],
    &["กุมภาพันธ์", "กุมภาพัน", "กุมภา", "ก.พ.", "february", "febuary", "feb"],
    &["มีนาคม", "มีนา", "มี.ค.", "march", "mar"],
    &["เมษายน", "เมษา", "เม.ย.", "april", "apr"],
    &["พฤษภาคม", "พฤษภา", "พ.ค.", "may"],
    &["มิถุนายน", "มิถุนา", "มิ.ย.", "june", "jun"],
    &["กรกฎาคม", "กรกฏาคม", "กรกฎา", "กรกฏา", "ก.ค.", "july", "jul"],
    &["สิงหาคม", "สิงหา", "ส.ค.", "august", "aug"],
    &["กันยายน", "กันยา", "ก.ย.", "september", "sept", "sep"],
    &["ตุลาคม", "ตุลา", "ต.ค.", "october", "oct"],
    &["พฤศจิกายน", "พฤศจิกา", "พฤษจิกายน", "พฤษจิกา", "พ.ย.", "november", "nov"],
    &["ธันวาคม", "ธันวา", "ธ.ค.", "december", "dec"],
];

/// An alternation of all Thai or all English names, longest first.
pub(crate) fn alternation(thai: bool) -> String {
    names(thai).iter().map(|name| regex::escape(name)).collect::<Vec<_>>().join("|")
}

/// The same for beside a day, where Thai names also stand without their points ("5 ธค").
pub(crate) fn alternation_beside_day(thai: bool) -> String {
    let loose = |name: &&str| name.replace('.', r"\.?\s?").trim_end_matches(r"\s?").to_owned();
    names(thai).iter().map(loose).collect::<Vec<_>>().join("|")
}

fn names(thai: bool) -> Vec<&'static str> {
    let wanted = |name: &&&str| name.is_ascii() != thai;
    let mut names: Vec<&str> = MONTHS.iter().flat_map(|names| names.iter()).filter(wanted).copied().collect();
    if !thai {
        names.extend(MISSPELT.iter().map(|(name, _)| name.as_str()));
    }
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

/// The month of a name, 1 to 12.
pub(crate) fn month_of(name: &str) -> Option<i8> {
    let plain = |name: &str| name.replace(['.', ' '], "");
    let written = plain(name);
    let place = MONTHS.iter().position(|names| names.iter().any(|name| plain(name) == written));
    let misspelt = || MISSPELT.iter().find(|(name, _)| *name == written).map(|(_, month)| *month);
    place.and_then(|place| i8::try_from(place + 1).ok()).or_else(misspelt)
}

/// Whether a name alone is a month: the full Thai ones, abbreviations with points, and English ones that are nobody's
/// name ("เมษา", "may" and "august" are).
pub(crate) fn is_only_a_month(name: &str) -> bool {
    let english = ["january", "february", "july", "september", "october", "november", "december"];
    let misspelt = |(wrong, month): &(String, i8)| wrong == name && *month != 8;
    english.contains(&name)
        || MISSPELT.iter().any(misspelt)
        || ["คม", "ยน", "พันธ์", "."].iter().any(|ending| name.ends_with(ending))
}
