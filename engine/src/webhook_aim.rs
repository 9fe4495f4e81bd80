//! Whether the address that a platform calls is ours, and whether it tells us everything that we ask for.

use std::collections::BTreeMap;

use channels::AccountCheck;
use url::{Host, Url};

use crate::channel_check::Checked;

/// Without these nothing is heard.
const NEEDED: &str = "messages";

/// How a platform's address stands to ours.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Aim {
    Ours,
    /// It calls this place.
    Elsewhere(String),
    /// It calls this place; ours is not to be reached from outside, so nobody can tell whether that is us.
    NotToTell(String),
}

/// Judges the addresses that a report names. Where several are named the last one counts: it is the nearest to the account.
pub(crate) fn judge(report: &mut [Checked], ours: &str) {
    let is_named =
        |checked: &Checked| checked.check == AccountCheck::Webhook && checked.finding.webhook.is_some();
    let last = report.iter().rposition(is_named);
    for (place, checked) in report.iter_mut().enumerate() {
        lacking(checked);
        let theirs = checked.finding.webhook.clone().filter(|_| last == Some(place));
        match theirs.map(|theirs| aim(&theirs, ours)) {
            Some(Aim::Elsewhere(host)) => {
                checked.finding.good = false;
                checked.finding.says = format!("points elsewhere: {host}");
                told(checked, "webhook-elsewhere", ("host", host));
            }
            Some(Aim::NotToTell(host)) if checked.finding.good => {
                checked.warning = true;
                checked.finding.says =
                    format!("points to {host}; server.public_url is no address for platforms");
                told(checked, "webhook-no-address", ("host", host));
            }
            Some(Aim::NotToTell(_) | Aim::Ours) | None => {}
        }
    }
}

fn lacking(checked: &mut Checked) {
    if checked.finding.lacks.is_empty() || !checked.finding.good {
        return;
    }
    let fields = checked.finding.lacks.join(", ");
    checked.finding.good = !checked.finding.lacks.iter().any(|field| field == NEEDED);
    checked.warning = checked.finding.good;
    checked.finding.says = format!("not subscribed to {fields}");
    told(checked, "webhook-fields", ("fields", fields));
}

fn told(checked: &mut Checked, sentence: &'static str, argument: (&'static str, String)) {
    checked.sentence = sentence;
    checked.arguments = BTreeMap::from([argument]);
}

fn aim(theirs: &str, ours: &str) -> Aim {
    let (Ok(theirs), Ok(ours)) = (Url::parse(theirs), Url::parse(ours)) else {
        return Aim::Elsewhere("an address that cannot be read".to_owned());
    };
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let is_same_host = theirs.origin() == ours.origin();
    if is_same_host && path(&theirs) == path(&ours) {
        return Aim::Ours;
    }
    let host = theirs.host_str().unwrap_or_default();
    let host = theirs.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    // A path of our own holds no secret of a stranger.
    let place = if is_same_host { format!("{host}{}", theirs.path()) } else { host };
    if is_public(&ours) { Aim::Elsewhere(place) } else { Aim::NotToTell(place) }
}

/// True for an address that a platform can call.
fn is_public(url: &Url) -> bool {
    let is_outside = match url.host() {
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => {
            !address.is_loopback() && !address.is_private() && !address.is_unspecified()
        }
        Some(Host::Ipv6(address)) => !address.is_loopback() && !address.is_unspecified(),
        None => false,
    };
    url.scheme() == "https" && is_outside
}

#[cfg(test)]
mod tests {
    use channels::Finding;

    use super::*;

    const OURS: &str = "https://chat.shop.example/channels/line-1/webhook";

    #[test]
    fn an_address_is_ours_elsewhere_or_not_to_tell() {
        let check =
            |theirs: &str, ours: &str, expected: Aim| assert_eq!(aim(theirs, ours), expected, "{theirs}");
        let elsewhere = |place: &str| Aim::Elsewhere(place.to_owned());
        check(OURS, OURS, Aim::Ours);
        check("https://CHAT.shop.example:443/channels/line-1/webhook/", OURS, Aim::Ours);
        check("https://old.example/hook?key=secret", OURS, elsewhere("old.example"));
        check("https://old.example:8443/hook", OURS, elsewhere("old.example:8443"));
        let other = "https://chat.shop.example/channels/line-2/webhook";
        check(other, OURS, elsewhere("chat.shop.example/channels/line-2/webhook"));
        check("nonsense", OURS, elsewhere("an address that cannot be read"));
        for ours in
            ["http://127.0.0.1:8080/x", "https://localhost/x", "https://10.0.0.7/x", "http://shop.example/x"]
        {
            check("https://old.example/hook", ours, Aim::NotToTell("old.example".to_owned()));
        }
        check("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x", Aim::Ours);
    }

    fn told(good: bool, webhook: Option<&str>, lacks: &[&str]) -> Checked {
        let finding = Finding {
            good,
            webhook: webhook.map(str::to_owned),
            lacks: lacks.iter().map(|field| (*field).to_owned()).collect(),
            ..Finding::default()
        };
        Checked::found(AccountCheck::Webhook, finding)
    }

    #[test]
    fn the_address_nearest_to_the_account_counts() {
        let check = |mut report: Vec<Checked>, ours: &str, expected: &[(bool, bool, &str)]| {
            judge(&mut report, ours);
            let found: Vec<_> =
                report.iter().map(|one| (one.finding.good, one.warning, one.sentence)).collect();
            assert_eq!(found, expected, "{report:?}");
        };
        let old = Some("https://old.example/hook");
        check(vec![told(true, Some(OURS), &[])], OURS, &[(true, false, "")]);
        check(vec![told(true, old, &[])], OURS, &[(false, false, "webhook-elsewhere")]);
        let both = vec![told(true, old, &[]), told(true, Some(OURS), &[])];
        check(both, OURS, &[(true, false, ""), (true, false, "")]);
        check(vec![told(true, old, &[])], "http://127.0.0.1/x", &[(true, true, "webhook-no-address")]);
        check(vec![told(true, None, &["standby"])], OURS, &[(true, true, "webhook-fields")]);
        check(vec![told(true, None, &["standby", "messages"])], OURS, &[(false, false, "webhook-fields")]);
    }
}
