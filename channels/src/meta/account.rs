//! The Graph as one account calls it: its address, its token, and what concerns the account and not a reply.
//!
//! The token goes in a header, never in an address, so that no proxy's log holds it.

use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::fields::{first_text, text};
use super::{COMMENT, GRAPH, Product, USER_REF};
use crate::{
    AccountCheck, AccountConfig, Finding, HttpMethod, HttpResponse, MediaSource, PlatformRequest, Profile,
    Transport,
};

/// Where accounts answer that were connected by Instagram's own login.
pub(crate) const GRAPH_OF_INSTAGRAM: &str = "https://graph.instagram.com/v25.0";

/// What the page tells us of, by the names of its fields (Messenger Platform, webhook events).
const PAGE_FIELDS: &[&str] = &[
    "messages",
    "messaging_postbacks",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "standby",
    "messaging_account_linking",
    "messaging_policy_enforcement",
    "feed",
    "mention",
];

/// What an Instagram account tells us of (Instagram Platform, webhooks).
const INSTAGRAM_FIELDS: &[&str] = &[
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "message_reactions",
    "message_edit",
    "messaging_referral",
    "messaging_optins",
    "messaging_handover",
    "standby",
    "comments",
    "live_comments",
    "mentions",
];

/// What an app's subscription must hold for us.
pub(crate) struct Wanted {
    pub(crate) object: &'static str,
    pub(crate) fields: &'static [&'static str],
}

pub(crate) const PAGE: Wanted = Wanted { object: "page", fields: PAGE_FIELDS };
pub(crate) const INSTAGRAM: Wanted = Wanted { object: "instagram", fields: INSTAGRAM_FIELDS };

/// One account's way to the Graph.
#[derive(Clone, Copy)]
pub(crate) struct Graph<'a> {
    pub(crate) product: Product,
    pub(crate) account: &'a AccountConfig,
}

impl Graph<'_> {
    /// True for an Instagram account that was connected without a page: the setting `login` is not `facebook`.
    pub(crate) fn is_instagram_login(self) -> bool {
        let login = self.account.settings.get("login").map(String::as_str);
        self.product == Product::Instagram && login != Some("facebook")
    }

    fn base(self) -> &'static str {
        if self.is_instagram_login() { GRAPH_OF_INSTAGRAM } else { GRAPH }
    }

    /// The page or account that speaks; `me` is whose token it is.
    fn node(self) -> String {
        let page = match self.product {
            Product::Instagram if !self.is_instagram_login() => {
                self.account.settings.get("page_id").map(String::as_str)
            }
            _ => Some(self.account.external_id.as_str()),
        };
        page.filter(|page| !page.is_empty()).map_or_else(|| "me".to_owned(), segment)
    }

    fn app_id(&self) -> Option<&str> {
        self.account.settings.get("app_id").map(String::as_str).filter(|id| !id.is_empty())
    }

    /// A call as the page or account; `path` begins behind the version.
    pub(crate) fn call(self, method: HttpMethod, path: &str, body: Value) -> PlatformRequest {
        self.call_with("Bearer {access_token}".into(), method, path, body)
    }

    fn call_with(self, bearer: String, method: HttpMethod, path: &str, body: Value) -> PlatformRequest {
        let own = self.account.api_base.trim_end_matches('/');
        let base = if own.is_empty() { self.base() } else { own };
        let headers = vec![("authorization".to_owned(), bearer)];
        PlatformRequest::new(Transport::Http { method, url: format!("{base}/{path}"), headers }, body)
    }

    /// A call about the speaking page or account itself.
    pub(crate) fn own(self, method: HttpMethod, edge: &str, body: Value) -> PlatformRequest {
        self.call(method, &format!("{}/{edge}", self.node()), body)
    }

    /// A call as the program itself, where we know its number.
    fn as_app(&self, method: HttpMethod, path: &str, body: Value) -> Option<PlatformRequest> {
        let bearer = format!("Bearer {}|{{app_secret}}", self.app_id()?);
        Some(self.call_with(bearer, method, path, body))
    }

    fn fields(self) -> String {
        match self.product {
            Product::Messenger => PAGE_FIELDS.join(","),
            Product::Instagram => INSTAGRAM_FIELDS.join(","),
        }
    }

    /// Sets the program's webhook, where we know its number (else a person does that in Meta's dashboard), and subscribes
    /// the page or account. The first body holds the verify token in the clear, as Meta wants it: send it at once and do
    /// not store it.
    pub(crate) fn register(self, public_url: &str) -> Vec<PlatformRequest> {
        let object = match self.product {
            Product::Messenger => "page",
            Product::Instagram => "instagram",
        };
        let token = self.account.secrets_of("verify_token").next().unwrap_or_default();
        let body = json!({
            "object": object,
            "callback_url": public_url,
            "verify_token": token,
            "fields": self.fields(),
            "include_values": true,
        });
        let app = self.app_id().map(segment).filter(|_| !self.is_instagram_login());
        let webhook =
            app.and_then(|app| self.as_app(HttpMethod::Post, &format!("{app}/subscriptions"), body));
        // A page that stands behind an Instagram account knows only a page's own fields.
        let fields = match self.product {
            Product::Instagram if !self.is_instagram_login() => "messages,feed".to_owned(),
            _ => self.fields(),
        };
        let subscribe = self.own(HttpMethod::Post, "subscribed_apps", json!({"subscribed_fields": fields}));
        webhook.into_iter().chain([subscribe]).collect()
    }

    /// Who we are, what we may, and whether the page or account calls us.
    pub(crate) fn checks(self) -> Vec<(AccountCheck, PlatformRequest)> {
        // An Instagram account has an id of its own and one for the program; behind a page it is the page's account.
        let who = match self.product {
            Product::Messenger => "id,name",
            Product::Instagram if self.is_instagram_login() => "id,user_id,username",
            Product::Instagram => "id,name,instagram_business_account{id,username}",
        };
        let me = self.call(HttpMethod::Get, &format!("{}?fields={who}", self.node()), Value::Null);
        let scopes = self
            .as_app(HttpMethod::Get, "debug_token?input_token={access_token}", Value::Null)
            .filter(|_| !self.is_instagram_login());
        let webhook = self.own(HttpMethod::Get, "subscribed_apps", Value::Null);
        let app = self.app_id().map(segment).filter(|_| !self.is_instagram_login());
        let app =
            app.and_then(|app| self.as_app(HttpMethod::Get, &format!("{app}/subscriptions"), Value::Null));
        let scopes = scopes.map(|request| (AccountCheck::Scopes, request));
        [(AccountCheck::Token, me)]
            .into_iter()
            .chain(scopes)
            .chain([(AccountCheck::Webhook, webhook)])
            .chain(app.map(|request| (AccountCheck::Webhook, request)))
            .collect()
    }

    /// A page of the page's utility templates.
    pub(crate) fn templates(self, after: Option<&str>) -> PlatformRequest {
        let after = after.map(|after| format!("&after={}", segment(after))).unwrap_or_default();
        let edge = format!("message_templates?{}{after}", crate::templates::FIELDS);
        self.own(HttpMethod::Get, &edge, Value::Null)
    }

    /// None for those whom Meta names only by a comment or a plug-in.
    pub(crate) fn profile_request(self, person: &str) -> Option<PlatformRequest> {
        if person.is_empty() || person.starts_with(COMMENT) || person.starts_with(USER_REF) {
            return None;
        }
        let fields = match self.product {
            Product::Messenger => "first_name,last_name,profile_pic",
            Product::Instagram => "name,username,profile_pic",
        };
        Some(self.call(HttpMethod::Get, &format!("{}?fields={fields}", segment(person)), Value::Null))
    }
}

/// Hosts on which Meta lays the files that people send.
pub(crate) const MEDIA_HOSTS: &[&str] = &["fbcdn.net", "fbsbx.com", "cdninstagram.com"];

/// What the Graph says to one of its checks.
pub(crate) fn finding(wanted: &Wanted, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
    if let Some(error) = super::graph_error(response) {
        return Finding { says: error.reason, ..Finding::default() };
    }
    let Some(body) = crate::json::read_json(response.body) else { return Finding::of_status(response) };
    let list = |path: &str| -> Vec<&str> {
        let members = body.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        members.iter().filter_map(Value::as_str).collect()
    };
    match check {
        AccountCheck::Token => {
            let name = first_text(&body, &["/name", "/username", "/verified_name", "/display_phone_number"]);
            let behind = text(&body, "/instagram_business_account/id");
            let (external_id, other_external_id) = match (text(&body, "/user_id"), behind) {
                (Some(id), _) => (Some(id), text(&body, "/id")),
                (None, Some(id)) => (Some(id.clone()), Some(id)),
                (None, None) => (text(&body, "/id"), None),
            };
            Finding {
                good: external_id.is_some(),
                external_id,
                other_external_id,
                name,
                ..Finding::default()
            }
        }
        AccountCheck::Scopes => {
            let good = body.pointer("/data/is_valid") == Some(&Value::Bool(true));
            // 0 is how Meta says never.
            let ends = ["/data/expires_at", "/data/data_access_expires_at"].into_iter();
            let ends = ends.filter_map(|path| body.pointer(path)?.as_i64()).filter(|seconds| *seconds > 0);
            let expires_at = ends.min().map(|seconds| seconds.saturating_mul(1_000_000));
            Finding { good, says: list("/data/scopes").join(", "), expires_at, ..Finding::default() }
        }
        AccountCheck::Webhook => {
            let told = body.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if told.iter().any(|one| one.get("callback_url").is_some()) {
                return subscription(wanted, told);
            }
            let says = list("/data/0/subscribed_fields").join(", ");
            let webhook = told.iter().find_map(|one| text(one, "/override_callback_uri"));
            Finding { good: !told.is_empty(), says, webhook, ..Finding::default() }
        }
        _ => Finding::of_status(response),
    }
}

/// What the app itself is subscribed to: where its calls go, and which fields are not among them.
fn subscription(wanted: &Wanted, told: &[Value]) -> Finding {
    let ours = told.iter().find(|one| text(one, "/object").as_deref() == Some(wanted.object));
    let Some(ours) = ours else {
        let says = format!("the app has no subscription to {}", wanted.object);
        return Finding { says, ..Finding::default() };
    };
    let fields = ours.get("fields").and_then(Value::as_array);
    // Meta names each with its version.
    let has = |field: &&&str| {
        fields.is_none_or(|fields| {
            let name = |one: &Value| text(one, "/name").or_else(|| one.as_str().map(str::to_owned));
            fields.iter().filter_map(name).any(|name| name == **field)
        })
    };
    let lacks = wanted.fields.iter().filter(|field| !has(field)).map(|field| (*field).to_owned()).collect();
    let good = ours.get("active") != Some(&Value::Bool(false));
    let says = if good { String::new() } else { "the app's subscription is not active".to_owned() };
    Finding { good, says, webhook: text(ours, "/callback_url"), lacks, ..Finding::default() }
}

/// Reads a profile; none where the person has not agreed to it (100/33, 2018218) or it says nothing.
pub(crate) fn profile(response: &HttpResponse<'_>) -> Option<Profile> {
    if super::graph_error(response).is_some() {
        return None;
    }
    let body = crate::json::read_json(response.body)?;
    let names: Vec<String> =
        ["/first_name", "/last_name"].iter().filter_map(|path| text(&body, path)).collect();
    let profile = Profile {
        name: text(&body, "/name").or_else(|| (!names.is_empty()).then(|| names.join(" "))),
        username: text(&body, "/username"),
        picture: first_text(&body, &["/profile_pic", "/profile_picture_url"])
            .map(|url| MediaSource::Url { url }),
        language: text(&body, "/locale").map(|locale| locale.replace('_', "-")),
    };
    (profile != Profile::default()).then_some(profile)
}

/// An id as part of an address, in which `{…}` are secrets: nothing in it means anything there.
pub(crate) fn segment(id: &str) -> String {
    byte_serialize(id.as_bytes()).collect()
}
