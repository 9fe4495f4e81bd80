//! The page of a signed link: the web chat alone. The chat itself brings the link's token to its socket.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use channels::ChannelName;

use super::assets;
use super::problem::Problem;
use crate::app::App;
use crate::ids::ChannelAccountId;

pub(super) async fn page(State(app): State<App>, Path(id): Path<ChannelAccountId>) -> Response {
    let account = app.accounts.find(&id).await.filter(|account| account.name == ChannelName::Web);
    let Some(account) = account else { return Problem::not_found("channel account").into_response() };
    let stored = app.store.channel_accounts(&account.tenant).await.unwrap_or_default();
    let name =
        stored.into_iter().find(|stored| stored.id == id).map(|stored| stored.name).unwrap_or_default();
    let Some(page) = assets::chat_page(id.as_str(), &name) else {
        return Problem::not_found("page").into_response();
    };
    let mut response = Html(page).into_response();
    // The address holds a secret: nobody keeps the page, and nobody is told where it was.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
