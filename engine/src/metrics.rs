//! Metrics: the one recorder of the process, and what every metric means.
//!
//! Labels are of few values only (a channel, an outcome, a reason), never an id of a person or a conversation.

use std::sync::OnceLock;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds in seconds: from one commit to a slow platform.
const SECONDS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
/// Upper bounds of how many went together.
const SIZES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// A metric, by kind: name and meaning.
enum Described {
    Counter(&'static str, &'static str),
    Gauge(&'static str, &'static str),
    /// Seconds.
    Time(&'static str, &'static str),
    /// How many went together.
    Size(&'static str, &'static str),
}

use Described::{Counter, Gauge, Size, Time};

/// Every metric of the program, in alphabetical order. A test compares it with the sources.
const METRICS: &[Described] = &[
    Time("sala_action_seconds", "Calls of flows to services, with every try, by action and outcome"),
    Counter("sala_acts_total", "Reactions, edits and the like that platforms were asked for, by outcome"),
    Counter("sala_auth_failures_total", "Sign-ins with a wrong e-mail address or password"),
    Counter("sala_broadcast_calls_total", "Calls of messages to many, by outcome"),
    Counter(
        "sala_changes_refused_total",
        "Edits and deletes that named what somebody else wrote, by channel",
    ),
    Counter("sala_channel_checks_total", "Looks at channel accounts, by channel and what they found"),
    Counter(
        "sala_channel_held_total",
        "Tries to send that met an account which the platform refuses, by channel",
    ),
    Gauge("sala_channel_quota_used_ratio", "Share of a month's quota that is used, by channel"),
    Size("sala_db_batch_rows", "Writes that went into one group commit"),
    Time("sala_db_commit_seconds", "Group commits"),
    Counter("sala_denied_total", "Calls refused because the caller's roles lack the permission"),
    Counter("sala_files_taken_total", "Files that visitors and agents brought, by who"),
    Time("sala_http_server_request_duration_seconds", "HTTP requests served, by route and status"),
    Counter("sala_inbound_total", "Platform events taken in, by outcome (a duplicate changes nothing)"),
    Counter("sala_learned_total", "Bots taught anew"),
    Counter("sala_lease_lost_total", "Turns dropped because another worker owned the conversation"),
    Counter("sala_links_total", "Proofs that somebody is the same person elsewhere, by outcome"),
    Counter("sala_media_fetched_total", "Files of customers fetched from a platform, by channel"),
    Counter("sala_nlu_memory_total", "Messages whose words were read before, by outcome (hit or miss)"),
    Counter("sala_nlu_stage_total", "Turns in which a stage of understanding ran, by stage"),
    Counter("sala_outbound_ambiguous_total", "Replies that the platform may or may not have accepted"),
    Counter("sala_outbound_attempts_total", "Tries to send a reply, by outcome"),
    Counter("sala_outbound_fallback_total", "Replies said in the other way that a platform has, by channel"),
    Time("sala_outbound_latency_seconds", "From a reply's commit to the platform's acceptance"),
    Counter("sala_panics_total", "Panics; every one is a bug"),
    Counter("sala_parked_total", "Messages set aside for a person to look at, by kind"),
    Counter("sala_rate_limited_total", "Calls refused because they came too fast, by limit"),
    Time("sala_reply_latency_seconds", "From an accepted message to its turn's commit"),
    Counter("sala_search_encoder_total", "Searches of the articles, by the encoders that took part"),
    Gauge("sala_self_test_accuracy", "Share of a tenth of its examples that a bot knew last night, by bot"),
    Counter("sala_signature_invalid_total", "Webhooks whose signature does not hold, by channel"),
    Counter("sala_signs_total", "Typing and seen shown to customers, by kind and outcome"),
    Counter("sala_ssrf_blocked_total", "Outgoing requests that must not be sent, by reason"),
    Counter("sala_sweeper_rescued_total", "Conversations whose wake-up was lost; must stay 0"),
    Time("sala_turn_seconds", "Turns from claim to commit"),
    Counter("sala_turn_total", "Turns, by outcome"),
    Time("sala_webhook_ack_seconds", "Webhooks from their arrival to the answer"),
    Counter("sala_webhook_received_total", "Webhooks, by channel and outcome"),
    Gauge("sala_ws_connections", "Open sockets, by kind"),
    Counter("sala_ws_resume_total", "Sockets that came back and were brought up to date, by kind"),
    Counter("sala_ws_slow_closed_total", "Sockets closed because they did not keep up"),
];

/// The recorder's handle. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Makes the process count. Every call returns the handle of the first.
    pub fn install() -> Self {
        static INSTALLED: OnceLock<Metrics> = OnceLock::new();
        INSTALLED
            .get_or_init(|| {
                let recorder = builder().build_recorder();
                let handle = recorder.handle();
                if metrics::set_global_recorder(recorder).is_err() {
                    tracing::error!("something else counts in this process: these metrics stay empty");
                }
                describe();
                Self(handle)
            })
            .clone()
    }

    /// Everything counted so far, as Prometheus reads it.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds recorded times into their histograms. Call it every few seconds: what is not folded takes memory.
    pub fn fold(&self) {
        self.0.run_upkeep();
    }
}

#[expect(clippy::expect_used, reason = "the only error is an empty list of bounds, and these are constants")]
fn builder() -> PrometheusBuilder {
    METRICS.iter().fold(PrometheusBuilder::new(), |builder, metric| {
        let (name, bounds) = match metric {
            Counter(..) | Gauge(..) => return builder,
            Time(name, _) => (*name, &SECONDS[..]),
            Size(name, _) => (*name, &SIZES[..]),
        };
        builder
            .set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
            .expect("the bounds are not empty")
    })
}

fn describe() {
    for metric in METRICS {
        match *metric {
            Counter(name, meaning) => describe_counter!(name, meaning),
            Gauge(name, meaning) => describe_gauge!(name, meaning),
            Time(name, meaning) => describe_histogram!(name, Unit::Seconds, meaning),
            Size(name, meaning) => describe_histogram!(name, Unit::Count, meaning),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn name(metric: &Described) -> &'static str {
        match metric {
            Counter(name, _) | Gauge(name, _) | Time(name, _) | Size(name, _) => name,
        }
    }

    /// The macro that records a metric of this kind.
    fn recorded_by(metric: &Described) -> &'static str {
        match metric {
            Counter(..) => "counter",
            Gauge(..) => "gauge",
            Time(..) | Size(..) => "histogram",
        }
    }

    /// Every metric that the sources below a folder record, as (macro, name).
    fn recorded(folder: &Path, found: &mut BTreeSet<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                recorded(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for kind in ["counter", "gauge", "histogram"] {
                    for after in text.split(&format!("{kind}!(")).skip(1) {
                        let Some(quoted) = after.trim_start().strip_prefix("\"sala_") else { continue };
                        let name = quoted.split('"').next().unwrap();
                        found.insert((kind.to_owned(), format!("sala_{name}")));
                    }
                }
            }
        }
    }

    #[test]
    fn every_metric_of_the_sources_is_described_and_no_other() {
        let mut found = BTreeSet::new();
        recorded(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let described: BTreeSet<_> =
            METRICS.iter().map(|metric| (recorded_by(metric).to_owned(), name(metric).to_owned())).collect();
        assert_eq!(
            found.difference(&described).collect::<Vec<_>>(),
            Vec::<&_>::new(),
            "describe these in METRICS"
        );
        assert_eq!(
            described.difference(&found).collect::<Vec<_>>(),
            Vec::<&_>::new(),
            "nothing records these"
        );
        assert!(METRICS.is_sorted_by_key(name), "METRICS is in alphabetical order");
    }

    #[test]
    fn two_installations_are_one_and_render_what_was_counted() {
        let (first, second) = (Metrics::install(), Metrics::install());
        metrics::counter!("sala_auth_failures_total").increment(3);
        metrics::histogram!("sala_db_commit_seconds").record(0.003);
        metrics::histogram!("sala_db_batch_rows").record(7.0);
        first.fold();
        let text = second.render();
        for expected in [
            "# HELP sala_auth_failures_total Sign-ins with a wrong",
            "# TYPE sala_auth_failures_total counter",
            "# TYPE sala_db_commit_seconds histogram",
            "sala_db_commit_seconds_bucket{le=\"0.005\"}",
            "sala_db_batch_rows_bucket{le=\"8\"}",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        let counted = text.lines().find_map(|line| line.strip_prefix("sala_auth_failures_total ")).unwrap();
        assert!(counted.parse::<u64>().unwrap() >= 3, "{counted}");
    }
}
