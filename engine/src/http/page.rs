//! Plain pages for people who come to an address that is not there.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::problem::Problem;
use crate::app::App;

#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page {
    pub(super) language: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: &'static str,
    pub(super) link_text: String,
}

/// A question with a yes and a no, which needs no script.
#[derive(Template)]
#[template(path = "question.html")]
pub(super) struct Question<'a> {
    pub(super) language: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: &'a str,
    pub(super) proof: &'a str,
    pub(super) yes: String,
    pub(super) no: String,
}

/// Browsers get a page in their language, programs a problem document.
pub(super) async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !text(header::ACCEPT).contains("text/html") {
        return Problem::not_found("page").into_response();
    }
    let language = app.texts.language_for(text(header::ACCEPT_LANGUAGE));
    let page = Page {
        language,
        title: app.texts.get(language, "page-not-found-title"),
        text: app.texts.get(language, "page-not-found-text"),
        link: "/console/",
        link_text: app.texts.get(language, "page-to-console"),
    };
    match page.render() {
        Ok(page) => (StatusCode::NOT_FOUND, Html(page)).into_response(),
        Err(_) => Problem::internal().into_response(),
    }
}
