//! The HTTP face: one list of every route with what it needs of its caller.

mod account_events;
mod account_link;
mod acts;
mod agent_socket;
mod assets;
mod caller;
mod channel_care;
mod channels;
mod chat;
mod client_ip;
mod conversations;
mod files;
mod frames;
mod headers;
mod json;
mod line;
mod line_login;
mod media;
mod messages;
mod models;
mod operations;
mod page;
mod people;
mod pictures;
mod pretended;
mod problem;
mod replying;
mod session;
mod stickers;
mod stories;
mod tags;
mod tickets;
mod titles;
mod visitor_account;
mod visitor_frames;
mod visitor_socket;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, delete, get, patch, post, put};
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;

use crate::app::App;
use crate::permission::Permission;
use caller::{Needs, guard};
pub use tickets::Tickets;
pub use webhooks::take_in;

/// Every route. A route that is not here does not exist, and none is here without saying what it needs.
fn routes() -> Vec<(&'static str, Needs, MethodRouter<App>)> {
    use Needs::{Nothing, SignedIn};
    const READ: Needs = Needs::Permission(Permission::ConversationsRead);
    const REPLY: Needs = Needs::Permission(Permission::ConversationsReply);
    const JUDGE: Needs = Needs::Permission(Permission::FeedbackGive);
    const WATCH: Needs = Needs::Permission(Permission::OperationsRead);
    const OPERATE: Needs = Needs::Permission(Permission::OperationsManage);
    let mut routes = vec![
        // Customers and platforms.
        ("/channels/{account}/webhook", Nothing, any(webhooks::receive)),
        ("/channels/{account}/socket", Nothing, get(visitor_socket::open)),
        ("/chat/{account}", Nothing, get(chat::page)),
        ("/channels/{account}/login", Nothing, get(line_login::ask)),
        ("/channels/{account}/login", Nothing, post(line_login::begin)),
        ("/channels/{account}/login/callback", Nothing, get(line_login::finish)),
        ("/widget/{*path}", Nothing, compressed(get(assets::widget))),
        ("/", Nothing, compressed(get(assets::shop))),
        // Agents.
        ("/console", Nothing, get(assets::console_index)),
        ("/console/", Nothing, compressed(get(assets::console_root))),
        ("/console/{*path}", Nothing, compressed(get(assets::console))),
        ("/api/v1/session", Nothing, post(session::sign_in)),
        ("/api/v1/session", Nothing, get(session::who)),
        ("/api/v1/session", SignedIn, delete(session::sign_out)),
        ("/api/v1/live/ticket", READ, post(tickets::issue)),
        ("/api/v1/live", Nothing, get(agent_socket::open)),
        ("/api/v1/conversations", READ, get(conversations::list)),
        ("/api/v1/conversations/{id}", READ, get(conversations::show)),
        ("/api/v1/conversations/{id}/messages", READ, get(messages::list)),
        ("/api/v1/conversations/{id}/messages", REPLY, post(messages::post)),
        ("/api/v1/conversations/{id}/take", REPLY, post(conversations::take)),
        ("/api/v1/conversations/{id}/hand-back", REPLY, post(conversations::hand_back)),
        ("/api/v1/conversations/{id}/resolve", REPLY, post(conversations::resolve)),
        ("/api/v1/conversations/{id}/tags", REPLY, put(tags::put)),
        ("/api/v1/conversations/{id}/thread-control", REPLY, post(acts::hand_over)),
        ("/api/v1/messages/{id}", REPLY, delete(acts::delete)),
        ("/api/v1/messages/{id}/reaction", REPLY, put(acts::react)),
        ("/api/v1/messages/{id}/text", REPLY, put(acts::edit)),
        ("/api/v1/messages/{id}/visibility", REPLY, put(acts::hide)),
        ("/api/v1/conversations/{id}/link", REPLY, post(people::give)),
        ("/api/v1/people", READ, get(people::find)),
        ("/api/v1/people/{id}", READ, get(people::show)),
        ("/api/v1/people/{id}/merge", REPLY, post(people::merge)),
        ("/api/v1/merges/{id}/undo", REPLY, post(people::undo)),
        ("/api/v1/me/addresses", SignedIn, get(people::own)),
        ("/api/v1/me/addresses", SignedIn, post(people::own_code)),
        ("/api/v1/me/addresses/{id}", SignedIn, delete(people::unlink)),
        ("/api/v1/messages/{id}/story", READ, get(stories::show)),
        ("/api/v1/titles", READ, get(titles::list)),
        ("/api/v1/messages/{id}/feedback", JUDGE, put(messages::feedback)),
        // Operators.
        ("/api/v1/parked", WATCH, get(operations::parked)),
        ("/api/v1/parked/{kind}/{id}/retry", OPERATE, post(operations::retry)),
        ("/api/v1/jobs", WATCH, get(operations::jobs)),
        ("/api/v1/health", WATCH, get(operations::health)),
        ("/api/openapi.json", Nothing, get(openapi)),
        ("/livez", Nothing, get(operations::livez)),
        ("/readyz", Nothing, get(operations::readyz)),
        ("/metrics", Nothing, get(operations::metrics)),
    ];
    let more = [file_and_person_routes(), channel_routes(), line_routes(), model_routes()];
    routes.extend(more.into_iter().flatten());
    routes
}

/// Which intent models answer.
fn model_routes() -> Vec<(&'static str, Needs, MethodRouter<App>)> {
    const WATCH: Needs = Needs::Permission(Permission::OperationsRead);
    const TRAIN: Needs = Needs::Permission(Permission::TrainingManage);
    vec![
        ("/api/v1/models", WATCH, get(models::list)),
        ("/api/v1/models/{bot}/{version}/promote", TRAIN, post(models::promote)),
        ("/api/v1/models/{bot}/follow", TRAIN, post(models::follow)),
    ]
}

/// Files both ways, and what is mended of a person.
fn file_and_person_routes() -> Vec<(&'static str, Needs, MethodRouter<App>)> {
    use Needs::Nothing;
    const READ: Needs = Needs::Permission(Permission::ConversationsRead);
    const REPLY: Needs = Needs::Permission(Permission::ConversationsReply);
    vec![
        ("/channels/{account}/files", Nothing, large(post(files::take).options(files::preflight))),
        ("/channels/{account}/files/{signed}/{name}", Nothing, get(files::show)),
        ("/api/v1/conversations/{id}/files", REPLY, large(post(files::attach))),
        ("/api/v1/media/{id}", READ, get(media::show)),
        ("/api/v1/people/{id}", REPLY, patch(people::change)),
        ("/api/v1/people/{id}/conversations", READ, get(people::conversations)),
    ]
}

/// For those who set channels up, and what agents take from there.
fn channel_routes() -> Vec<(&'static str, Needs, MethodRouter<App>)> {
    const READ: Needs = Needs::Permission(Permission::ConversationsRead);
    const REPLY: Needs = Needs::Permission(Permission::ConversationsReply);
    const CONNECT: Needs = Needs::Permission(Permission::ChannelsManage);
    vec![
        ("/api/v1/channels", CONNECT, get(channels::list)),
        ("/api/v1/channels", CONNECT, post(channels::add)),
        ("/api/v1/channels/{id}/check", CONNECT, post(channels::check)),
        ("/api/v1/channels/{id}/test", CONNECT, post(channels::test)),
        ("/api/v1/channels/health", READ, get(channel_care::health)),
        ("/api/v1/channels/{id}", CONNECT, patch(channel_care::change)),
        ("/api/v1/channels/{id}", CONNECT, delete(channel_care::remove)),
        ("/api/v1/channels/{id}/secrets/{name}", CONNECT, put(channel_care::replace_secret)),
        ("/api/v1/channels/{id}/secrets/{name}", CONNECT, delete(channel_care::end_rotation)),
        ("/api/v1/channels/{id}/usage", CONNECT, get(channel_care::usage)),
        ("/api/v1/channels/{id}/rates", CONNECT, put(channel_care::set_rates)),
        ("/api/v1/channels/{id}/events", CONNECT, get(account_events::events)),
        ("/api/v1/channels/{id}/templates", READ, get(channel_care::templates)),
        ("/api/v1/channels/{id}/templates", CONNECT, post(channel_care::fetch_templates)),
        ("/api/v1/conversations/{id}/template", REPLY, post(channel_care::send_template)),
        ("/api/v1/preview", CONNECT, post(channels::preview)),
        ("/api/v1/channels/{id}/faults", CONNECT, post(pretended::ask)),
    ]
}

/// LINE's own page, and the pictures that LINE fetches from us.
fn line_routes() -> Vec<(&'static str, Needs, MethodRouter<App>)> {
    const CONNECT: Needs = Needs::Permission(Permission::ChannelsManage);
    const SPREAD: Needs = Needs::Permission(Permission::ChannelsBroadcast);
    const READ: Needs = Needs::Permission(Permission::ConversationsRead);
    const REPLY: Needs = Needs::Permission(Permission::ConversationsReply);
    vec![
        ("/channels/{account}/pictures/{name}/{width}", Needs::Nothing, get(pictures::show)),
        ("/api/v1/conversations/{id}/sticker", REPLY, post(stickers::send)),
        ("/api/v1/stickers", READ, get(stickers::list)),
        ("/api/v1/conversations/{id}/account-link", REPLY, post(account_link::make)),
        ("/api/v1/channels/{id}/line", CONNECT, get(line::show)),
        ("/api/v1/channels/{id}/line/quota", CONNECT, get(line::quota)),
        ("/api/v1/channels/{id}/line/figures", CONNECT, get(line::figures)),
        ("/api/v1/channels/{id}/line/menus", CONNECT, get(line::menus::list)),
        ("/api/v1/channels/{id}/line/menus", CONNECT, post(line::menus::draw)),
        ("/api/v1/channels/{id}/line/menus/{menu}", CONNECT, put(line::menus::change)),
        ("/api/v1/channels/{id}/line/menus/{menu}", CONNECT, delete(line::menus::remove)),
        ("/api/v1/channels/{id}/line/menus/{menu}/picture", CONNECT, get(line::menus::picture)),
        ("/api/v1/channels/{id}/line/menus/{menu}/picture", CONNECT, put(line::menus::put_picture)),
        ("/api/v1/channels/{id}/line/menus/{menu}/publish", CONNECT, post(line::menus::publish)),
        ("/api/v1/channels/{id}/line/menus/{menu}/show", CONNECT, post(line::menus::show)),
        ("/api/v1/channels/{id}/line/broadcasts", SPREAD, get(line::broadcasts::list)),
        ("/api/v1/channels/{id}/line/broadcasts", SPREAD, post(line::broadcasts::draft)),
        ("/api/v1/channels/{id}/line/broadcasts/{broadcast}/send", SPREAD, post(line::broadcasts::send)),
        ("/api/v1/channels/{id}/line/broadcasts/{broadcast}/stop", SPREAD, post(line::broadcasts::stop)),
        ("/api/v1/channels/{id}/line/broadcasts/{broadcast}/resume", SPREAD, post(line::broadcasts::resume)),
        ("/api/v1/channels/{id}/line/audiences", SPREAD, get(line::audiences::list)),
        ("/api/v1/channels/{id}/line/audiences", SPREAD, post(line::audiences::make)),
        ("/api/v1/channels/{id}/line/audiences/{audience}", SPREAD, delete(line::audiences::remove)),
    ]
}

/// Files are sent compressed. Answers of the API are not: they hold secrets beside text that others chose.
fn compressed(route: MethodRouter<App>) -> MethodRouter<App> {
    route.layer(CompressionLayer::new())
}

/// Takes bodies as large as files may be.
fn large(route: MethodRouter<App>) -> MethodRouter<App> {
    route.layer(DefaultBodyLimit::max(crate::files::MOST))
}

/// The whole HTTP service.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for (path, needs, route) in routes() {
        router = router.route(path, guard(app, needs, route));
    }
    router
        .fallback(page::not_found)
        .method_not_allowed_fallback(|| async { problem::Problem::wrong_method() })
        .layer(DefaultBodyLimit::max(app.config.server.max_body))
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(from_fn_with_state(app.clone(), limit_address))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(problem::Problem::internal())
        }))
        .layer(from_fn(measure))
        .with_state(app.clone())
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sala",
        description = "Everything the console does. See docs/live-protocol.md for the sockets."
    ),
    paths(
        session::sign_in,
        session::who,
        session::sign_out,
        tickets::issue,
        conversations::list,
        conversations::show,
        conversations::take,
        conversations::hand_back,
        conversations::resolve,
        tags::put,
        messages::list,
        messages::post,
        messages::feedback,
        files::attach,
        acts::hand_over,
        acts::delete,
        acts::react,
        acts::edit,
        acts::hide,
        people::give,
        account_link::make,
        stickers::list,
        stickers::send,
        people::find,
        people::show,
        people::change,
        people::conversations,
        people::merge,
        people::undo,
        people::own,
        people::own_code,
        people::unlink,
        media::show,
        stories::show,
        channels::list,
        channels::add,
        channels::check,
        channels::test,
        channels::preview,
        pretended::ask,
        channel_care::health,
        channel_care::change,
        channel_care::remove,
        channel_care::replace_secret,
        channel_care::end_rotation,
        channel_care::usage,
        account_events::events,
        channel_care::set_rates,
        channel_care::templates,
        channel_care::fetch_templates,
        channel_care::send_template,
        line::show,
        line::quota,
        line::figures,
        line::menus::list,
        line::menus::draw,
        line::menus::change,
        line::menus::remove,
        line::menus::picture,
        line::menus::put_picture,
        line::menus::publish,
        line::menus::show,
        line::broadcasts::list,
        line::broadcasts::draft,
        line::broadcasts::send,
        line::broadcasts::stop,
        line::broadcasts::resume,
        line::audiences::list,
        line::audiences::make,
        line::audiences::remove,
        titles::list,
        operations::parked,
        operations::retry,
        operations::jobs,
        operations::health,
        models::list,
        models::promote,
        models::follow
    )
)]
struct Api;

async fn openapi() -> axum::Json<utoipa::openapi::OpenApi> {
    axum::Json(Api::openapi())
}

/// Holds each address to its share, except where the platforms call.
async fn limit_address(
    axum::extract::State(app): axum::extract::State<App>,
    client_ip::ClientIp(ip): client_ip::ClientIp,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    if request.uri().path().starts_with("/api/")
        && let Err(retry) = app.limits.ip(ip)
    {
        return axum::response::IntoResponse::into_response(problem::Problem::too_many(retry));
    }
    next.run(request).await
}

/// Times each request by its route, never by its ids.
async fn measure(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::histogram!("sala_http_server_request_duration_seconds", "route" => route, "status" => status)
        .record(started.elapsed().as_secs_f64());
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The API's description names every API route and no other.
    #[test]
    fn openapi_is_the_list_of_routes() {
        let described: BTreeSet<String> = Api::openapi().paths.paths.keys().cloned().collect();
        let routed: BTreeSet<String> = routes()
            .iter()
            .map(|(path, _, _)| (*path).to_owned())
            .filter(|path| path.starts_with("/api/v1/") && path != "/api/v1/live")
            .collect();
        assert_eq!(described, routed);
    }

    /// docs/live-protocol.md names every API route with what it needs.
    #[test]
    fn the_document_is_the_list_of_routes() {
        let document = include_str!("../../../docs/live-protocol.md");
        let calls = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
        let calls = calls.filter_map(|(call, rest)| {
            let (_, path) = call.split_once(" /api/")?;
            let path = path.split(['`', '?', ' ']).next()?;
            Some((format!("/api/{path}"), rest.split(" |").next()?.to_owned()))
        });
        let routes = routes().into_iter().filter(|(path, _, _)| path.starts_with("/api/v1/"));
        let routes = routes.filter(|(path, _, _)| *path != "/api/v1/live").map(|(path, needs, _)| {
            let needs = match needs {
                Needs::Nothing => "none",
                Needs::SignedIn => "signed in",
                Needs::Permission(permission) => permission.as_str(),
            };
            (path.to_owned(), needs.to_owned())
        });
        let (documented, served): (BTreeSet<_>, BTreeSet<_>) = (calls.collect(), routes.collect());
        assert_eq!(documented, served);
    }
}
