//! The one way out: every HTTP request that leaves the program is checked and sent here.
//!
//! A request goes to http or https only, without credentials in its address, to an address of the public internet (or
//! an allowed one) that was checked after the name was resolved, and it follows no redirect. Addresses and headers may
//! hold secrets, so nothing here prints more of them than the host.

mod address;
mod error;
mod names;

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use url::{Host, Url};

pub use error::{BlockReason, OutgoingError, SafeHttpUnusable};

use address::Reach;
use names::{CheckedNames, Names, PrivateName};

/// A connection that takes longer to make is given up, whatever the request's own time.
const CONNECT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("sala/", env!("CARGO_PKG_VERSION"));
/// Headers that belong to the connection and not to the caller.
const NOT_THE_CALLERS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::PROXY_AUTHORIZATION,
];

/// What may be reached, and the limits of requests that name none.
#[derive(Clone, Debug)]
pub struct OutgoingPolicy {
    /// The ports of 127.0.0.1 and ::1 that are open, one by one: the demo's simulators and shop.
    pub allow_loopback_ports: Vec<u16>,
    /// Networks inside the house that are open.
    pub allow_networks: Vec<IpNet>,
    /// The time for the whole exchange.
    pub timeout: Duration,
    /// The largest answer, in bytes.
    pub max_body: usize,
}

/// A request to the outside.
#[derive(Clone)]
pub struct OutgoingRequest {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// For the whole exchange; the policy's when none.
    pub timeout: Option<Duration>,
    /// The largest answer in bytes; the policy's when none.
    pub max_body: Option<usize>,
}

impl OutgoingRequest {
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
            max_body: None,
        }
    }

    pub fn post_json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        Self {
            method: Method::POST,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
            ..Self::get(url)
        }
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = Url::parse(&self.url).map(|url| host_of(&url)).unwrap_or_default();
        f.debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("host", &host)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever its status. Redirects come back as they are.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingResponse {
    pub status: u16,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl fmt::Debug for OutgoingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The client. Cheap to clone; connections are kept and used again.
#[derive(Clone)]
pub struct SafeHttp {
    policy: Arc<OutgoingPolicy>,
    /// For every request but those to an allowed loopback port.
    outside: Way,
    /// For the requests to an allowed loopback port.
    loopback: Way,
}

#[derive(Clone)]
struct Way {
    reach: Arc<Reach>,
    client: reqwest::Client,
}

impl SafeHttp {
    pub fn new(policy: OutgoingPolicy) -> Result<Self, SafeHttpUnusable> {
        Self::with_names(policy, &Names::System)
    }

    fn with_names(policy: OutgoingPolicy, names: &Names) -> Result<Self, SafeHttpUnusable> {
        let way = |loopback| {
            let reach = Arc::new(Reach { networks: policy.allow_networks.clone(), loopback });
            let client = client(names, &reach).map_err(|error| SafeHttpUnusable(innermost(&error)))?;
            Ok(Way { reach, client })
        };
        let (outside, loopback) = (way(false)?, way(true)?);
        Ok(Self { policy: Arc::new(policy), outside, loopback })
    }

    /// Sends a request once and reads the whole answer.
    pub async fn send(&self, request: OutgoingRequest) -> Result<OutgoingResponse, OutgoingError> {
        let result = self.send_checked(request).await;
        if let Err(OutgoingError::Blocked { host, reason }) = &result {
            metrics::counter!("sala_ssrf_blocked_total", "reason" => reason.as_str()).increment(1);
            tracing::warn!(server.address = %host, %reason, "an outgoing request was blocked");
        }
        result
    }

    async fn send_checked(&self, request: OutgoingRequest) -> Result<OutgoingResponse, OutgoingError> {
        let url = Url::parse(&request.url).map_err(|_| blocked("(unreadable)", BlockReason::Address))?;
        let host = host_of(&url);
        let way = self.way(&url).map_err(|reason| blocked(&host, reason))?;
        let headers = headers(&request).ok_or_else(|| blocked(&host, BlockReason::Header))?;
        let timeout = request.timeout.unwrap_or(self.policy.timeout);
        let exchange = Exchange {
            // Whether a request without a body has left cannot be seen, so it counts as gone.
            sent: Arc::new(AtomicBool::new(request.body.is_empty())),
            max_body: request.max_body.unwrap_or(self.policy.max_body),
            host,
        };
        let ready =
            way.client.request(request.method, url).headers(headers).body(exchange.body(request.body));
        match tokio::time::timeout(timeout, exchange.run(ready)).await {
            Ok(result) => result,
            Err(_) => Err(OutgoingError::TimedOut { sent: exchange.was_sent(), host: exchange.host }),
        }
    }

    /// Checks everything that can be known before a name is resolved. A host that is an address is checked here,
    /// because the connector asks no resolver for it.
    fn way(&self, url: &Url) -> Result<&Way, BlockReason> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BlockReason::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BlockReason::Credentials);
        }
        let port = url.port_or_known_default().ok_or(BlockReason::Address)?;
        let way =
            if self.policy.allow_loopback_ports.contains(&port) { &self.loopback } else { &self.outside };
        let address: Option<IpAddr> = match url.host().ok_or(BlockReason::Address)? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        };
        if address.is_some_and(|address| !way.reach.includes(address)) {
            return Err(BlockReason::Network);
        }
        Ok(way)
    }
}

/// One request under way.
struct Exchange {
    host: String,
    /// Raised when the first byte is about to be written.
    sent: Arc<AtomicBool>,
    max_body: usize,
}

impl Exchange {
    /// The body, told apart from its request so that its first read shows that the request is being written. The
    /// connection writes the head only together with that read.
    fn body(&self, bytes: Vec<u8>) -> reqwest::Body {
        if bytes.is_empty() {
            return reqwest::Body::default();
        }
        let sent = Arc::clone(&self.sent);
        reqwest::Body::wrap_stream(futures_util::stream::once(async move {
            sent.store(true, Ordering::SeqCst);
            Ok::<_, std::io::Error>(bytes)
        }))
    }

    fn was_sent(&self) -> bool {
        self.sent.load(Ordering::SeqCst)
    }

    async fn run(&self, ready: reqwest::RequestBuilder) -> Result<OutgoingResponse, OutgoingError> {
        let mut response = ready.send().await.map_err(|error| self.failed(&error))?;
        let too_large = || OutgoingError::TooLarge { host: self.host.clone(), limit: self.max_body };
        if response.content_length().is_some_and(|length| length > self.max_body as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broke_off(&error))? {
            if body.len() + chunk.len() > self.max_body {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(OutgoingResponse {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body,
        })
    }

    fn failed(&self, error: &reqwest::Error) -> OutgoingError {
        let host = self.host.clone();
        if sources(error).any(<dyn Error>::is::<PrivateName>) {
            return blocked(&host, BlockReason::Network);
        }
        let sent = self.was_sent() && !error.is_connect();
        match (error.is_timeout(), sent) {
            (true, sent) => OutgoingError::TimedOut { host, sent },
            (false, false) => OutgoingError::Unreachable { host, reason: innermost(error) },
            (false, true) => self.broke_off(error),
        }
    }

    fn broke_off(&self, error: &reqwest::Error) -> OutgoingError {
        OutgoingError::BadResponse { host: self.host.clone(), reason: innermost(error) }
    }
}

fn blocked(host: &str, reason: BlockReason) -> OutgoingError {
    OutgoingError::Blocked { host: host.to_owned(), reason }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or("(no host)").to_owned()
}

/// None when a header cannot be sent or is not the caller's.
fn headers(request: &OutgoingRequest) -> Option<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 1);
    for (name, value) in &request.headers {
        let name =
            HeaderName::from_bytes(name.as_bytes()).ok().filter(|name| !NOT_THE_CALLERS.contains(name))?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    if !request.body.is_empty() {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    Some(headers)
}

/// Certificates are checked against the system's roots; a bare container that has none gets Mozilla's.
fn client(names: &Names, reach: &Arc<Reach>) -> Result<reqwest::Client, reqwest::Error> {
    // The first provider stays; a second call changes nothing.
    drop(rustls::crypto::ring::default_provider().install_default());
    builder(names, reach).build().or_else(|_| {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
        let roots: Result<Vec<_>, _> =
            roots.iter().map(|root| reqwest::Certificate::from_der(root)).collect();
        builder(names, reach).tls_certs_only(roots?).build()
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the one client that the others must go through")]
fn builder(names: &Names, reach: &Arc<Reach>) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .dns_resolver(CheckedNames { names: names.clone(), reach: Arc::clone(reach) })
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .user_agent(USER_AGENT)
}

fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The first cause, which unlike the errors around it never names an address.
fn innermost(error: &reqwest::Error) -> String {
    match error.source().map(|source| sources(source).last()) {
        Some(Some(cause)) => cause.to_string(),
        _ => "the request could not be made".to_owned(),
    }
}
