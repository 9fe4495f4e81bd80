//! Month names.

/// Names of each month in Thai and English, longest first.
pub(crate) const MONTHS: [&[&str]; 12] = [
    &["มกราคม", "มกรา", "ม.ค.", "january", "jan"],
    &["กุมภาพันธ์", "กุมภา", "ก.พ.", "february", "feb"],
    &["มีนาคม", "มีนา", "มี.ค.", "march", "mar"],
    &["เมษายน", "เมษา", "เม.ย.", "april", "apr"],
    &["พฤษภาคม", "พฤษภา", "พ.ค.", "may"],
    &["มิถุนายน", "มิถุนา", "มิ.ย.", "june", "jun"],
    &["กรกฎาคม", "กรกฎา", "ก.ค.", "july", "jul"],
    &["สิงหาคม", "สิงหา", "ส.ค.", "august", "aug"],
    &["กันยายน", "กันยา", "ก.ย.", "september", "sept", "sep"],
    &["ตุลาคม", "ตุลา", "ต.ค.", "october", "oct"],
    &["พฤศจิกายน", "พฤศจิกา", "พ.ย.", "november", "nov"],
    &["ธันวาคม", "ธันวา", "ธ.ค.", "december", "dec"],
];

/// An alternation of all Thai or all English names, longest first.
pub(crate) fn alternation(thai: bool) -> String {
    let wanted = |name: &&&str| name.is_ascii() != thai;
    let mut names: Vec<&str> = MONTHS.iter().flat_map(|names| names.iter()).filter(wanted).copied().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.iter().map(|name| regex::escape(name)).collect::<Vec<_>>().join("|")
}

/// The month of a name, 1 to 12.
pub(crate) fn month_of(name: &str) -> Option<i8> {
    let place = MONTHS.iter().position(|names| names.contains(&name))?;
    i8::try_from(place + 1).ok()
}
