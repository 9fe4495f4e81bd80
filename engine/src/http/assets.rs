//! The files that are compiled in: console, widget, demo shop, product texts.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::Problem;
use crate::app::App;
use crate::secrets::hex;

#[derive(RustEmbed)]
#[folder = "console"]
#[exclude = "*.mjs"]
#[exclude = "*.md"]
struct Console;

#[derive(RustEmbed)]
#[folder = "../channels/widget"]
#[exclude = "*.md"]
struct Widget;

#[derive(RustEmbed)]
#[folder = "locales"]
struct Locales;

pub(super) async fn console_index() -> Redirect {
    Redirect::permanent("/console/")
}

pub(super) async fn console_root(headers: HeaderMap) -> Response {
    serve(Console::get("index.html"), "index.html", &headers)
}

/// A file of the console; anything that is not a file is the console's own page, so that its links can be reloaded.
pub(super) async fn console(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if let Some(locale) = path.strip_prefix("locales/") {
        return serve(Locales::get(locale), locale, &headers);
    }
    serve(Console::get(&path), &path, &headers)
}

pub(super) async fn widget(Path(path): Path<String>, headers: HeaderMap) -> Response {
    serve(Widget::get(&path), &path, &headers)
}

/// The demo shop with the web chat of the demo's account.
pub(super) async fn shop(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(account) = app.demo_account() else {
        return Redirect::temporary("/console/").into_response();
    };
    match Widget::get("shop.html") {
        Some(file) => {
            let page = String::from_utf8_lossy(&file.data).replace("{account}", account.as_str());
            drop(headers);
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        None => Problem::not_found("page").into_response(),
    }
}

/// The page of the web chat alone.
pub(super) fn chat_page(account: &str, name: &str) -> Option<String> {
    let file = Widget::get("chat.html")?;
    let page = String::from_utf8_lossy(&file.data);
    Some(page.replace("{account}", &escaped(account)).replace("{name}", &escaped(name)))
}

/// Text as it may stand in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn serve(file: Option<EmbeddedFile>, path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = file else { return Problem::not_found("page").into_response() };
    let tag = format!("\"{}\"", &hex(&file.metadata.sha256_hash())[..32]);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut response = file.data.into_response();
    let kind = HeaderValue::from_static(content_type(path));
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "text/plain; charset=utf-8",
    }
}
