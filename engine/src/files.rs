//! Files that go from us to people, and between visitors and us: what they are by their bytes, and the signed addresses at
//! which people and platforms fetch them.

use channels::{MediaKind, Part, Reply};
use subtle::ConstantTimeEq;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::{ChannelAccountId, RowId};
use crate::media::shown_kind;

/// The largest file that a visitor or an agent may bring, bytes.
pub const MOST: usize = 20 << 20;
/// The longest name of a file, characters.
const LONGEST_NAME: usize = 120;
/// What an address of ours begins with where a part names it without the server.
const PLACE: &str = "/channels/";

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub kind: MediaKind,
    pub mime: &'static str,
}

/// The kinds that are taken, as a browser's file picker wants them.
pub const TAKEN: &str = "image/png,image/jpeg,image/gif,image/webp,video/mp4,video/webm,audio/mpeg,audio/mp4,audio/ogg,audio/wav,.pdf,.docx,.xlsx,.pptx,.zip,.txt,.csv";

/// What these bytes are; none for what is not taken: programs, pages, drawings with scripts, and what nobody knows. The name
/// only tells apart what looks alike inside.
pub fn known(bytes: &[u8], name: &str) -> Option<Known> {
    let of = |kind, mime| Some(Known { kind, mime });
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A', ..] => {
            return of(MediaKind::Audio, "audio/mp4");
        }
        [0x1a, 0x45, 0xdf, 0xa3, ..] => return of(MediaKind::Video, "video/webm"),
        [b'O', b'g', b'g', b'S', ..] => return of(MediaKind::Audio, "audio/ogg"),
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3 | 0xf2, ..] => return of(MediaKind::Audio, "audio/mpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => {
            return of(MediaKind::Audio, "audio/wav");
        }
        [b'%', b'P', b'D', b'F', b'-', ..] => return of(MediaKind::File, "application/pdf"),
        [b'P', b'K', 3, 4, ..] => return of(MediaKind::File, packed(&ending)),
        _ => {}
    }
    match shown_kind(bytes) {
        Some("video/mp4") => of(MediaKind::Video, "video/mp4"),
        Some(picture) => of(MediaKind::Image, picture),
        None => written(bytes, &ending),
    }
}

/// Office files are ZIP archives; what else is packed stays one.
fn packed(ending: &str) -> &'static str {
    match ending {
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        _ => "application/zip",
    }
}

/// Plain text, where its name says so, it does not begin as markup and holds no signs for machines.
fn written(bytes: &[u8], ending: &str) -> Option<Known> {
    let mime = match ending {
        "txt" => "text/plain",
        "csv" => "text/csv",
        _ => return None,
    };
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
    let for_machines = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let is_plain = !text.is_empty() && !text.starts_with('<') && !text.contains(for_machines);
    is_plain.then_some(Known { kind: MediaKind::File, mime })
}

/// A name as it may be shown and put into an address: the last part of a path, on one line, without what turns writing
/// around, with an ending where it has none.
pub fn name_of(given: &str, known: Known) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_shown = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = last.chars().filter(is_shown).collect();
    let name = name.trim().trim_start_matches('.').trim();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let ending = match known.mime {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        "audio/wav" => "wav",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        _ => ending,
    };
    let stem: String = stem.chars().take(LONGEST_NAME).collect();
    let stem = if stem.is_empty() { "file" } else { &stem };
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

/// The address of a file below this server: for whoever has it, of this account alone.
pub fn address(app: &App, account: &ChannelAccountId, id: &str, name: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let name = encoded.replace('+', "%20");
    format!("{PLACE}{account}/files/{id}.{}/{name}", signature(app, account, id))
}

/// The blob behind the signed part of an address; none for one that we did not make.
pub fn signed_id(app: &App, account: &ChannelAccountId, signed: &str) -> Option<RowId> {
    let (id, given) = signed.split_once('.')?;
    let is_ours = signature(app, account, id).as_bytes().ct_eq(given.as_bytes());
    bool::from(is_ours).then(|| RowId::from_text(id))
}

fn signature(app: &App, account: &ChannelAccountId, id: &str) -> String {
    let mut mark = app.key.mark(&format!("files/{account}"), id);
    mark.truncate(32);
    mark
}

/// The reply with our own files at whole addresses, where platforms fetch them.
pub fn hung(app: &App, account: &OpenAccount, reply: &mut Reply) {
    let base = app.config.server.public_url.trim_end_matches('/');
    let ours = format!("{PLACE}{}/files/", account.id);
    for part in &mut reply.parts {
        match part {
            Part::Media { url, .. } if url.starts_with(&ours) => *url = format!("{base}{url}"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let check = |bytes: &[u8], name: &str, expected: Option<&str>| {
            assert_eq!(known(bytes, name).map(|known| known.mime), expected, "{name}");
        };
        check(b"\x89PNG\r\n", "slip.html", Some("image/png"));
        check(b"\xff\xd8\xff\xe0", "a", Some("image/jpeg"));
        check(b"%PDF-1.7", "invoice.exe", Some("application/pdf"));
        check(b"PK\x03\x04", "a.docx", Some(packed("docx")));
        check(b"PK\x03\x04", "a.apk", Some("application/zip"));
        check(b"\0\0\0\x20ftypisom", "a.mp4", Some("video/mp4"));
        check(b"\0\0\0\x20ftypM4A ", "a.m4a", Some("audio/mp4"));
        check("รหัส,จำนวน\n1,2".as_bytes(), "a.csv", Some("text/csv"));
        for (bytes, name) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg'>"[..], "a.png"),
            (b"<svg/>", "a.svg"),
            (b" \n<!doctype html>", "a.txt"),
            (b"\xef\xbb\xbf<html>", "a.csv"),
            (b"MZ\x90\0", "a.png"),
            (b"\x7fELF", "a.txt"),
            (b"hello", "a.js"),
            (b"a\0b", "a.txt"),
            (b"", "a.txt"),
        ] {
            check(bytes, name, None);
        }
    }

    #[test]
    fn a_name_is_one_that_can_be_shown() {
        let check = |given: &str, mime: &'static str, expected: &str| {
            assert_eq!(name_of(given, Known { kind: MediaKind::File, mime }), expected);
        };
        check("สลิป โอน.png", "image/png", "สลิป โอน.png");
        check("C:\\Users\\nok\\slip.PNG", "image/png", "slip.png");
        check("../../etc/passwd", "text/plain", "passwd");
        check("invoice\u{202e}fdp.exe", "application/pdf", "invoicefdp.pdf");
        check("", "image/jpeg", "file.jpg");
        check(".csv\n", "text/csv", "csv");
        check("a.csv", "text/csv", "a.csv");
    }
}
