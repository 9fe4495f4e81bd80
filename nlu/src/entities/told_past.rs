//! Whether a sentence tells what was: "I ordered on Friday" means the last one.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::text::{Text, compiled};

/// What somebody did or what happened.
static DONE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:ordered|bought|purchased|paid|transferr?ed|deposited|charged|refunded|deducted|called|phoned|rang|emailed|texted|messaged|wrote|spoke|talked|complained|reported|submitted|placed|applied|registered|signed|sent|posted|uploaded|shipped|dispatched|delivered|arrived|landed|received|recieved|collected|picked|dropped|returned|came|went|visited|stayed|ate|dined|tried|saw|met|gave|took|brought|left|lost|forgot|found|fell|flew|travell?ed|missed|happened|started|stopped|broke|died|crashed|failed)\b|\b(?:i|we)\s(?:was|were|wasn't|weren't)\s(?:not\s)?(?:there|in|at|here)\b",
    )
});
/// What is planned, wanted, agreed or asked for is not over.
static PLANNED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:will|won't|would|can|can't|could|should|may|might|must|to|for|if|when|is|are|am|be|have|has|get|getting|like|please|pls|scheduled|booked|reserved|due|supposed|promised|meant|told|said|say|mean|planned|expected|expecting|confirmed|moved|changed|rescheduled|want|wanted|need|needed|hoping|thinking|wondering|asked|going|gonna|let|booking|appointment|appt|reservation|class|event|wedding|party|flight|slot|shift|lesson|session|deliver|send|ship|pick|come|call|bring|change|move|cancel|book|refund|return|collect|open|close|visit|arrive|start|meet|make|do)\b|'(?:ll|m|re|d)\b|\b(?:it|that|he|she|what|when|there)'s\b",
    )
});
/// Where the part of a sentence ends that a day belongs to.
static CLAUSE_END: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"[.?!;,:)(]|\b(?:and|but|so|because|then|which|while)\b"));
/// "I ordered the Friday delivery": what the day belongs to, or what is asked for.
static NOT_DONE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^(?:[^.?!]{0,12}\b(?:please|pls|plz)\b|\s(?:delivery|pickup|class|slot|session|workshop|order|appointment|shift|special|market|course|lesson)\b)",
    )
});
/// "ไม่มีสัญญาณตั้งแต่วันอาทิตย์".
static THAI_SINCE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:ไม่|ยัง|เสีย|รอ|สั่ง|โอน|ค้าง|หาย|แจ้ง|ล่ม|ดับ|ป่วย|เจ็บ|ปวด|จ่าย|ส่ง)[^.?!]*ตั้งแต่\s?$")
});
static THAI_PLANNED: LazyLock<Regex> = LazyLock::new(|| compiled(r"จะ|ว่าง|จอง|ขอ|เปิด|ปิด|หยุด|ลา"));

/// `from` and `to` are where the name of an English weekday begins and ends.
pub(crate) fn is_done(text: &Text, from: usize, to: usize) -> bool {
    let before = text.near_before(from, 80);
    let clause = CLAUSE_END.find_iter(before).last().map_or(before, |end| &before[end.end()..]);
    DONE.is_match(clause) && !PLANNED.is_match(clause) && !NOT_DONE_AFTER.is_match(text.near_after(to, 24))
}

/// Something has been so since the Thai weekday that begins at `from`.
pub(crate) fn is_since(text: &Text, from: usize) -> bool {
    let before = text.near_before(from, 40);
    THAI_SINCE.is_match(before) && !THAI_PLANNED.is_match(before)
}
