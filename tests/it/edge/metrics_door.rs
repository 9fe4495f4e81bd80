//! Who may read the metrics: this machine and the networks of the trusted proxies, not who comes through a proxy.

use tests::demo::Demo;
use tests::http::call;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_not_for_strangers_behind_a_proxy() {
    let check = async |proxies: &[&str], headers: &[(&str, &str)], expected: u16| {
        let networks = proxies.iter().map(|network| network.parse().unwrap()).collect();
        let demo = Demo::start_with(|config| config.server.trusted_proxies = networks).await.unwrap();
        let answer = call(demo.address, ("GET", "/metrics"), headers, b"").await.unwrap();
        assert_eq!(answer.status, expected, "{proxies:?} {headers:?}");
    };
    let stranger = [("x-forwarded-for", "203.0.113.7")];
    check(&[], &[], 200).await;
    check(&[], &stranger, 404).await;
    check(&[], &[("forwarded", "for=203.0.113.7")], 404).await;
    check(&["10.0.0.0/8"], &stranger, 404).await;
    check(&["127.0.0.1/32"], &stranger, 404).await;
    check(&["127.0.0.1/32"], &[("x-forwarded-for", "127.0.0.1")], 200).await;
}
