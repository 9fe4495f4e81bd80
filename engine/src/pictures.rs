//! Pictures that platforms fetch from us in the widths that they want: those of imagemaps.
//!
//! Each lies below an address that only we can make: it names the picture and is signed for its channel account, so that
//! nobody has us fetch or show anything else.

use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use channels::line::imagemap::{HIGHEST, WIDTHS};
use channels::{
    AccountConfig, AreaAction, ChannelName, Destination, ImageArea, Imagemap, Part, Picture, Reply,
};
use dialogues::{Press, WordedImagemap};
use image::imageops::FilterType;
use image::{ImageFormat, ImageReader};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::blobs::BlobError;
use crate::ids::RowId;
use crate::safe_http::OutgoingRequest;

/// The longest side of a picture, the bytes of its file, and those that it may take while it is scaled.
const LONGEST_SIDE: u32 = 6_000;
const FILE_BYTES: usize = 10 << 20;
const ROOM: u64 = 192 << 20;
/// What is kept of scaled pictures, bytes.
const KEPT: usize = 32 << 20;
const PATIENCE: Duration = Duration::from_secs(10);
/// Pictures that are scaled at the same time.
const AT_ONCE: usize = 2;

/// Why a picture cannot be shown, by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// There is no such picture, or none that can be shown: say so.
    #[error("there is no such picture")]
    Missing,
    /// It may be there later.
    #[error("the picture cannot be had now: {0}")]
    Later(String),
}

/// A picture as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaled {
    pub mime: &'static str,
    pub bytes: Vec<u8>,
}

/// The scaled pictures that were asked for lately.
pub struct Pictures {
    kept: Mutex<VecDeque<(String, Arc<Scaled>)>>,
    permits: Semaphore,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { kept: Mutex::default(), permits: Semaphore::new(AT_ONCE) }
    }
}

impl Pictures {
    fn find(&self, name: &str) -> Option<Arc<Scaled>> {
        let kept = self.kept.lock().ok()?;
        kept.iter().find(|(known, _)| known == name).map(|(_, scaled)| Arc::clone(scaled))
    }

    /// Keeps one; the oldest go where there is no room.
    fn keep(&self, name: String, scaled: &Arc<Scaled>) {
        let Ok(mut kept) = self.kept.lock() else { return };
        kept.push_back((name, Arc::clone(scaled)));
        let mut bytes: usize = kept.iter().map(|(_, scaled)| scaled.bytes.len()).sum();
        while bytes > KEPT
            && let Some((_, oldest)) = kept.pop_front()
        {
            bytes -= oldest.bytes.len();
        }
    }
}

/// The reply with our own files at whole addresses, and every imagemap's picture at an address of ours if platforms can call
/// us.
pub fn hung(app: &App, account: &OpenAccount, reply: &Reply) -> Reply {
    let mut hung = reply.clone();
    crate::files::hung(app, account, &mut hung);
    let base = app.config.server.public_url.trim_end_matches('/');
    for part in hung.parts.iter_mut().filter(|_| app.config.is_https()) {
        let Part::Imagemap { imagemap } = part else { continue };
        let Some(name) = name(app, account, &imagemap.picture).filter(|_| imagemap.base_url.is_none()) else {
            continue;
        };
        let address = format!("{base}/channels/{}/pictures/{name}", account.id);
        if matches!(imagemap.picture, Picture::Blob { .. }) {
            imagemap.picture = Picture::Url { url: format!("{address}/{}", WIDTHS[0]) };
        }
        imagemap.base_url = Some(address);
    }
    hung
}

/// The reply as [`hung`] makes it where platforms can call us, for who looks how it would be shown: LINE takes no account
/// whose server has no https address.
pub fn as_if_hung(reply: &mut Reply) {
    for part in &mut reply.parts {
        if let Part::Imagemap { imagemap } = part {
            imagemap.base_url.get_or_insert_with(|| "https://sala.invalid".to_owned());
        }
    }
}

/// The signed name of a picture; none for one that we would not fetch.
fn name(app: &App, account: &OpenAccount, picture: &Picture) -> Option<String> {
    let source = match picture {
        Picture::Url { url } => {
            format!("u{}", BASE64_URL_SAFE_NO_PAD.encode(url.strip_prefix("https://")?))
        }
        Picture::Blob { id } => format!("b{id}"),
    };
    Some(format!("{source}.{}", signature(app, account, &source)))
}

fn signature(app: &App, account: &OpenAccount, source: &str) -> String {
    let mut mark = app.key.mark(&format!("pictures/{}", account.id), source);
    mark.truncate(32);
    mark
}

/// The picture of this name in one of LINE's widths.
pub async fn show(
    app: &App,
    account: &OpenAccount,
    name: &str,
    width: u32,
) -> Result<Arc<Scaled>, PictureError> {
    let (source, signed) = name.rsplit_once('.').ok_or(PictureError::Missing)?;
    let is_ours = signature(app, account, source).as_bytes().ct_eq(signed.as_bytes());
    if !bool::from(is_ours) || !WIDTHS.contains(&width) {
        return Err(PictureError::Missing);
    }
    let key = format!("{}/{source}/{width}", account.id);
    if let Some(kept) = app.pictures.find(&key) {
        return Ok(kept);
    }
    let permit = app.pictures.permits.acquire().await.map_err(later)?;
    let bytes = read(app, account, source).await?;
    let scaled = tokio::task::spawn_blocking(move || scaled(bytes, width)).await.map_err(later)?;
    drop(permit);
    let scaled = Arc::new(scaled.ok_or(PictureError::Missing)?);
    app.pictures.keep(key, &scaled);
    Ok(scaled)
}

fn later(error: impl std::fmt::Display) -> PictureError {
    PictureError::Later(error.to_string())
}

async fn read(app: &App, account: &OpenAccount, source: &str) -> Result<Vec<u8>, PictureError> {
    if let Some(id) = source.strip_prefix('b') {
        return match app.blobs.get(&account.tenant, &RowId::from_text(id)).await {
            Ok(Some(blob)) => Ok(blob.bytes),
            Ok(None) | Err(BlobError::Damaged) => Err(PictureError::Missing),
            Err(error) => Err(later(error)),
        };
    }
    let rest = source.strip_prefix('u').and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
    let rest = rest.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(PictureError::Missing)?;
    let request = OutgoingRequest {
        timeout: Some(PATIENCE),
        max_body: Some(FILE_BYTES),
        ..OutgoingRequest::get(format!("https://{rest}"))
    };
    let answer = app.http.send(request).await.map_err(later)?;
    match answer.status {
        200 => Ok(answer.body),
        429 | 500.. => Err(PictureError::Later(format!("HTTP {}", answer.status))),
        _ => Err(PictureError::Missing),
    }
}

/// The picture in this width, in the format that it has; none for what is no JPEG or PNG, or too large.
fn scaled(bytes: Vec<u8>, width: u32) -> Option<Scaled> {
    if bytes.len() > FILE_BYTES {
        return None;
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let (format, mime) = match reader.format()? {
        ImageFormat::Jpeg => (ImageFormat::Jpeg, "image/jpeg"),
        ImageFormat::Png => (ImageFormat::Png, "image/png"),
        _ => return None,
    };
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(ROOM);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let (wide, high) = (u64::from(picture.width()), u64::from(picture.height()));
    let height = u32::try_from((high * u64::from(width) + wide / 2).checked_div(wide)?).ok()?.max(1);
    if u64::from(height) * u64::from(WIDTHS[0]) > u64::from(HIGHEST) * u64::from(width) {
        return None;
    }
    let mut written = Cursor::new(Vec::new());
    picture.resize_exact(width, height, FilterType::Triangle).write_to(&mut written, format).ok()?;
    Some(Scaled { mime, bytes: written.into_inner() })
}

/// The parts that a wording's picture is. The web chat gets them as they are said, so it is made fit for it here.
pub fn parts(channel: &str, worded: WordedImagemap) -> Vec<Part> {
    let part = part(worded);
    if channel != ChannelName::Web.as_str() {
        return vec![part];
    }
    let reply = Reply { parts: vec![part], ..Reply::default() };
    let (account, to) = (AccountConfig::default(), Destination::anybody());
    let shown = channels::channel(ChannelName::Web).fit(&account, &to, &reply).shown;
    shown.into_iter().map(|shown| shown.part).collect()
}

fn part(worded: WordedImagemap) -> Part {
    let picture = match worded.picture.strip_prefix("blob:") {
        Some(id) => Picture::Blob { id: id.to_owned() },
        None => Picture::Url { url: worded.picture },
    };
    let areas = worded.areas.into_iter().map(|area| ImageArea {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
        label: area.label,
        action: match area.press {
            Press::Say(text) => AreaAction::Say { text },
            Press::Open(url) => AreaAction::Open { url },
        },
    });
    let (alt, width, height) = (worded.alt, worded.width, worded.height);
    let imagemap = Imagemap { picture, alt, width, height, areas: areas.collect(), base_url: None };
    Part::Imagemap { imagemap }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GenericImageView, RgbImage};

    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut written = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(RgbImage::new(width, height)).write_to(&mut written, format).unwrap();
        written.into_inner()
    }

    #[test]
    fn a_picture_is_served_in_the_width_asked_for() {
        let check = |bytes: Vec<u8>, width: u32, expected: Option<(&str, u32, u32)>| {
            let found = scaled(bytes, width).map(|scaled| {
                let (width, height) = image::load_from_memory(&scaled.bytes).unwrap().dimensions();
                (scaled.mime, width, height)
            });
            assert_eq!(found, expected);
        };
        for width in WIDTHS {
            let (png, jpeg) = (picture(520, 260, ImageFormat::Png), picture(520, 260, ImageFormat::Jpeg));
            check(png, width, Some(("image/png", width, width / 2)));
            check(jpeg, width, Some(("image/jpeg", width, width / 2)));
        }
        check(picture(6_001, 10, ImageFormat::Png), 240, None);
        check(picture(10, 41, ImageFormat::Png), 240, None);
        check(picture(10, 40, ImageFormat::Png), 240, Some(("image/png", 240, 960)));
        check(b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), 240, None);
        check(b"<svg/>".to_vec(), 240, None);
        check(picture(520, 260, ImageFormat::Png)[..100].to_vec(), 240, None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let pictures = Pictures::default();
        let large = Arc::new(Scaled { mime: "image/png", bytes: vec![0; KEPT / 3] });
        for name in ["1", "2", "3", "4"] {
            pictures.keep(name.to_owned(), &large);
        }
        let found = ["1", "2", "3", "4"].map(|name| pictures.find(name).is_some());
        assert_eq!(found, [false, true, true, true]);
    }
}
