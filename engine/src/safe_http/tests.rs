//! The client against a corpus of hostile addresses, hostile names and hostile servers, all on the loopback.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicUsize;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What a test's server does with a connection.
#[derive(Clone, Copy)]
enum Behaviour {
    /// Reads a request, answers with this text and closes.
    Answer(&'static str),
    /// Reads a request and never answers.
    Silence,
    /// Reads a request and closes.
    HangUp,
    /// Answers without end.
    Flood,
}

struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: tokio::sync::mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn start(address: [u8; 4], port: u16, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::from(address), port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let (sender, requests) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, behaviour, sender.clone()));
            }
        });
        Self { address, connections, requests }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn serve(
    mut stream: TcpStream,
    behaviour: Behaviour,
    requests: tokio::sync::mpsc::UnboundedSender<String>,
) {
    let mut request = vec![0; 4096];
    let read = stream.read(&mut request).await.unwrap_or_default();
    requests.send(String::from_utf8_lossy(&request[..read]).into_owned()).ok();
    match behaviour {
        Behaviour::Answer(text) => drop(stream.write_all(text.as_bytes()).await),
        Behaviour::Silence => std::future::pending().await,
        Behaviour::HangUp => {}
        Behaviour::Flood => {
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let mut alive = stream.write_all(head).await.is_ok();
            while alive {
                alive = stream.write_all(b"400\r\n").await.is_ok()
                    && stream.write_all(&[b'x'; 1024]).await.is_ok()
                    && stream.write_all(b"\r\n").await.is_ok();
            }
        }
    }
}

fn policy(ports: &[u16]) -> OutgoingPolicy {
    OutgoingPolicy {
        allow_loopback_ports: ports.to_vec(),
        allow_networks: Vec::new(),
        timeout: Duration::from_secs(20),
        max_body: 4096,
    }
}

fn names(script: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Names {
    Names::Scripted(Arc::new(script))
}

/// A world in which every name leads to the canary in some way.
fn hostile_names(name: &str) -> Vec<IpAddr> {
    let addresses: &[&str] = match name {
        "metadata.google.internal" => &["169.254.169.254"],
        "half-private.example" => &["93.184.215.14", "127.0.0.1"],
        "mapped.example" => &["::ffff:127.0.0.1"],
        "ip6-localhost" => &["::1"],
        _ => &["127.0.0.1"],
    };
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

#[tokio::test]
async fn nothing_of_the_corpus_reaches_the_canary() {
    let canary = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(OK)).await;
    let http = SafeHttp::with_names(policy(&[]), &names(hostile_names)).unwrap();
    let mut tried = 0;
    for line in include_str!("ssrf_corpus.txt").lines().filter(|line| !line.starts_with('#')) {
        let (reason, url) = line.split_once(' ').unwrap();
        let url = url.replace("{port}", &canary.address.port().to_string());
        let error = http.send(OutgoingRequest::get(&*url)).await.expect_err(&url);
        let OutgoingError::Blocked { reason: found, .. } = &error else { panic!("{url}: {error:?}") };
        assert_eq!(found.as_str(), reason, "{url}");
        assert!(!error.may_have_been_received());
        tried += 1;
    }
    assert!(tried >= 100, "the corpus has only {tried} addresses");
    assert_eq!(canary.connections(), 0);
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-kind: Test\r\nconnection: close\r\n\r\nok";

#[tokio::test]
async fn an_allowed_port_is_open_and_its_neighbour_is_not() {
    let mut simulator = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(OK)).await;
    let canary = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(OK)).await;
    let http = SafeHttp::with_names(policy(&[simulator.address.port()]), &names(hostile_names)).unwrap();
    for url in [simulator.url("/a"), format!("http://localhost:{}/a", simulator.address.port())] {
        let mut request = OutgoingRequest::post_json(url, &serde_json::json!({ "text": "สวัสดี" }));
        request.headers.push(("x-secret".into(), "hush".into()));
        let response = http.send(request).await.unwrap();
        assert_eq!((response.status, &*response.body), (200, b"ok".as_slice()));
        assert!(response.headers.contains(&("x-kind".into(), "Test".into())));
        let heard = simulator.requests.recv().await.unwrap().to_lowercase();
        for expected in [
            "post /a http/1.1",
            "content-length: 29",
            "x-secret: hush",
            "content-type: application/json",
            "user-agent: sala/",
        ] {
            assert!(heard.contains(expected), "{expected} in {heard}");
        }
        assert!(!heard.contains("transfer-encoding"), "{heard}");
    }
    for url in [
        canary.url("/"),
        format!("http://127.0.0.2:{}/", simulator.address.port()),
        format!("http://[::ffff:127.0.0.1]:{}/", simulator.address.port()),
        format!("http://169.254.169.254:{}/", simulator.address.port()),
    ] {
        let error = http.send(OutgoingRequest::get(url)).await.unwrap_err();
        assert!(matches!(error, OutgoingError::Blocked { reason: BlockReason::Network, .. }), "{error:?}");
    }
    assert_eq!(canary.connections(), 0);
}

/// A name that answers an allowed address first and the canary's next: a check that resolves apart from the connection
/// would check the one and connect to the other.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_rebinding_name_never_reaches_the_canary() {
    let canary = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(OK)).await;
    let allowed = Server::start([127, 0, 0, 2], canary.address.port(), Behaviour::Answer(OK)).await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lookups);
    let alternating = names(move |_| {
        let last = if counter.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { 2 } else { 1 };
        vec![Ipv4Addr::new(127, 0, 0, last).into()]
    });
    let policy = OutgoingPolicy { allow_networks: vec!["127.0.0.2/32".parse().unwrap()], ..policy(&[]) };
    let http = SafeHttp::with_names(policy, &alternating).unwrap();
    let url = format!("http://rebinding.example:{}/", canary.address.port());
    for round in 1..=10 {
        let reached = http.send(OutgoingRequest::get(&*url)).await.is_ok();
        assert_eq!(reached, round % 2 == 1, "round {round}");
        assert_eq!(lookups.load(Ordering::SeqCst), round, "one lookup for each connection");
    }
    assert_eq!((allowed.connections(), canary.connections()), (5, 0));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_a_way() {
    let canary = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(OK)).await;
    for (answer, status) in [
        ("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n", 302),
        ("HTTP/1.1 307 Temporary Redirect\r\nlocation: //localhost:1/\r\ncontent-length: 0\r\n\r\n", 307),
        ("HTTP/1.1 301 Moved\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n", 301),
    ] {
        let server = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(answer)).await;
        let http = SafeHttp::new(policy(&[server.address.port()])).unwrap();
        let response = http.send(OutgoingRequest::get(server.url("/"))).await.unwrap();
        assert_eq!(response.status, status);
        assert_eq!(server.connections(), 1);
    }
    assert_eq!(canary.connections(), 0);
}

/// What a request to a server of this kind must end with.
async fn check_failure(behaviour: Behaviour, request: OutgoingRequest, expected: fn(&OutgoingError) -> bool) {
    let server = Server::start([127, 0, 0, 1], 0, behaviour).await;
    let http = SafeHttp::new(policy(&[server.address.port()])).unwrap();
    let error = http.send(OutgoingRequest { url: server.url("/"), ..request }).await.unwrap_err();
    assert!(expected(&error), "{error:?}");
}

fn post() -> OutgoingRequest {
    OutgoingRequest::post_json("", &serde_json::json!({ "amount": 1 }))
}

#[tokio::test]
async fn failures_say_whether_the_other_side_may_have_got_it() {
    let short = |request| OutgoingRequest { timeout: Some(Duration::from_millis(500)), ..request };
    let tiny = |request| OutgoingRequest { max_body: Some(1), ..request };
    let timed_out = |error: &OutgoingError| matches!(error, OutgoingError::TimedOut { sent: true, .. });
    let too_large = |error: &OutgoingError| matches!(error, OutgoingError::TooLarge { .. });
    let bad = |error: &OutgoingError| matches!(error, OutgoingError::BadResponse { .. });
    check_failure(Behaviour::Silence, short(post()), timed_out).await;
    check_failure(Behaviour::Silence, short(OutgoingRequest::get("")), timed_out).await;
    check_failure(Behaviour::Answer(OK), tiny(post()), too_large).await;
    check_failure(Behaviour::Flood, post(), too_large).await;
    check_failure(Behaviour::HangUp, post(), bad).await;
    check_failure(Behaviour::HangUp, OutgoingRequest::get(""), bad).await;
    check_failure(Behaviour::Answer("hello, this is not HTTP\r\n\r\n"), post(), bad).await;
    check_failure(Behaviour::Answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"), post(), bad).await;
}

/// The server takes the connection but never answers the TLS greeting, so the request itself has not begun.
#[tokio::test]
async fn a_timeout_before_the_request_is_known_as_such() {
    let server = Server::start([127, 0, 0, 1], 0, Behaviour::Silence).await;
    let http = SafeHttp::new(policy(&[server.address.port()])).unwrap();
    let url = format!("https://{}/", server.address);
    let error = http
        .send(OutgoingRequest { url, timeout: Some(Duration::from_millis(500)), ..post() })
        .await
        .unwrap_err();
    assert!(matches!(error, OutgoingError::TimedOut { sent: false, .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_was_not_sent_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let nowhere = names(|_| Vec::new());
    let http = SafeHttp::with_names(policy(&[closed.port()]), &nowhere).unwrap();
    for url in [format!("http://{closed}/"), "http://nowhere.example/".to_owned()] {
        for request in [OutgoingRequest::get(""), post()] {
            let error = http.send(OutgoingRequest { url: url.clone(), ..request }).await.unwrap_err();
            assert!(matches!(error, OutgoingError::Unreachable { .. }), "{error:?}");
            assert!(!error.may_have_been_received());
        }
    }
    // TLS that is not answered as TLS: the request itself was never written.
    let plain = Server::start([127, 0, 0, 1], 0, Behaviour::Answer(OK)).await;
    let http = SafeHttp::new(policy(&[plain.address.port()])).unwrap();
    let error = http
        .send(OutgoingRequest { url: format!("https://{}/", plain.address), ..post() })
        .await
        .unwrap_err();
    assert!(matches!(error, OutgoingError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn headers_of_the_connection_are_not_the_callers() {
    let http = SafeHttp::new(policy(&[])).unwrap();
    for (name, value) in [
        ("host", "169.254.169.254"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("connection", "upgrade"),
        ("x-injected", "a\r\nx-other: b"),
        ("bad name", "value"),
    ] {
        let request = OutgoingRequest {
            headers: vec![(name.into(), value.into())],
            ..OutgoingRequest::get("https://example.com/")
        };
        let error = http.send(request).await.unwrap_err();
        assert!(
            matches!(error, OutgoingError::Blocked { reason: BlockReason::Header, .. }),
            "{name}: {error:?}"
        );
    }
}

#[tokio::test]
async fn secrets_of_addresses_and_headers_are_never_printed() {
    let closed = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let server = Server::start([127, 0, 0, 1], 0, Behaviour::HangUp).await;
    let http = SafeHttp::new(policy(&[closed.port(), server.address.port()])).unwrap();
    for url in [
        format!("http://{closed}/bot1:canary-path/getMe?key=canary-query"),
        format!("http://{}/bot1:canary-path/getMe?key=canary-query", server.address),
        format!("http://user:canary-password@{closed}/"),
        "http://10.0.0.1/canary-path".to_owned(),
        "http://10.0.0.1:bad-port-canary/".to_owned(),
    ] {
        let request = OutgoingRequest {
            headers: vec![("authorization".into(), "canary-header".into())],
            ..OutgoingRequest::get(url)
        };
        let printed = format!("{request:?}");
        let error = http.send(request).await.unwrap_err();
        let printed = format!("{printed} {error} {error:?}");
        assert!(!printed.contains("canary"), "{printed}");
    }
}

#[test]
fn the_bundled_roots_make_a_client() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    assert!(roots.len() > 100 && roots.iter().all(|root| reqwest::Certificate::from_der(root).is_ok()));
}
