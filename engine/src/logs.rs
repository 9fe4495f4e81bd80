//! Logs: one JSON line for each event, readable lines on a terminal, and nothing secret in either.

use std::fmt;
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::sync::Once;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged unless the operator says otherwise.
const DEFAULT_FILTER: &str =
    "info,sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,tantivy=warn,ort=warn";

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogFormat {
    /// For people.
    Terminal,
    /// For machines: one JSON object a line.
    Json,
}

impl LogFormat {
    /// Readable lines when somebody looks at the standard error, JSON otherwise.
    fn of_stderr() -> Self {
        if std::io::stderr().is_terminal() { Self::Terminal } else { Self::Json }
    }
}

/// Sends logs to the standard error and panics to the logs. `filter` is what `--log` says: a level, or a list of
/// `module=level`; one that cannot be read is said so and replaced by the default. A second call changes nothing.
pub fn start(filter: &str) {
    static PANICS: Once = Once::new();
    let (filter, problem) = match read_filter(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(DEFAULT_FILTER), Some(error)),
    };
    // An error says that the first call's subscriber stays.
    subscriber(filter, LogFormat::of_stderr(), std::io::stderr).try_init().ok();
    PANICS.call_once(|| std::panic::set_hook(Box::new(report_panic)));
    if let Some(problem) = problem {
        tracing::warn!(%problem, "the log filter cannot be read; write it like info,engine::turn=debug");
    }
}

fn read_filter(filter: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::try_new(if filter.trim().is_empty() { DEFAULT_FILTER } else { filter.trim() })
}

fn subscriber<W>(filter: EnvFilter, format: LogFormat, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Terminal => Box::new(builder.with_ansi(true).compact().finish()),
        LogFormat::Json => Box::new(builder.json().flatten_event(true).with_span_list(false).finish()),
    }
}

/// Logs and counts a panic. A message that was put together at run time may hold a customer's words, so only one that
/// is a constant of the program is logged; the place says the rest.
fn report_panic(info: &PanicHookInfo<'_>) {
    metrics::counter!("sala_panics_total").increment(1);
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let message = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("[redacted]");
    let thread = std::thread::current();
    tracing::error!(panic.place = %place, panic.message = message, thread = thread.name(), "a panic");
}

/// A value that never prints itself: a token, a phone number, a customer's words.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for whoever needs it and will not print it.
    pub fn expose(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;
    use crate::safe_http::OutgoingRequest;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What `work` logs.
    fn logged(filter: &str, format: LogFormat, work: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = subscriber(read_filter(filter).unwrap(), format, move || writer.clone());
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn secrets_never_reach_a_log() {
        for format in [LogFormat::Json, LogFormat::Terminal] {
            let lines = logged("trace", format, || {
                let token = Redacted::new("canary-token".to_owned());
                let phone = Redacted::from("canary-0812345678");
                let mut request =
                    OutgoingRequest::get("https://api.telegram.org/botcanary-token/getMe?key=canary");
                request.headers.push(("authorization".into(), "canary-header".into()));
                request.body = b"canary-body".to_vec();
                let account = channels::AccountConfig {
                    secrets: [("bot_token".to_owned(), "canary-secret".to_owned())].into(),
                    ..channels::AccountConfig::default()
                };
                let span = tracing::info_span!("turn", ?token);
                span.in_scope(|| tracing::info!(%phone, ?request, ?account, "sent {token} to {phone:?}"));
                assert_eq!(
                    (token.expose().as_str(), phone.into_inner()),
                    ("canary-token", "canary-0812345678")
                );
            });
            assert!(!lines.contains("canary"), "{lines}");
            assert!(lines.contains("[redacted]") && lines.contains("api.telegram.org"), "{lines}");
        }
    }

    #[test]
    fn a_line_is_a_json_object_whatever_it_says() {
        let lines = logged("", LogFormat::Json, || {
            tracing::info!(text = "one\ntwo {\"three\": 3}\u{1b}[31m สวัสดี 你好", "a\nb");
            tracing::debug!("not of the default level");
            tracing::warn!(target: "sqlx::query", "slow");
            tracing::info!(target: "sqlx::query", "not of sqlx's level");
        });
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["message"], "a\nb");
        assert_eq!(lines[0]["text"], "one\ntwo {\"three\": 3}\u{1b}[31m สวัสดี 你好");
        assert_eq!((&lines[0]["level"], &lines[1]["target"]), (&"INFO".into(), &"sqlx::query".into()));
    }

    #[test]
    fn a_filter_is_read_or_refused() {
        for (filter, debug, warn) in
            [("", false, true), (" ", false, true), ("debug", true, true), ("error", false, false)]
        {
            let lines = logged(filter, LogFormat::Json, || {
                tracing::debug!("quiet");
                tracing::warn!("loud");
            });
            assert_eq!((lines.contains("quiet"), lines.contains("loud")), (debug, warn), "{filter}");
        }
        for bad in ["engine=loud", "=[=", "a=b=c"] {
            assert!(read_filter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_panic_is_logged_and_counted_without_what_it_quotes() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(report_panic));
        let lines = logged("", LogFormat::Json, || {
            metrics::with_local_recorder(&recorder, || {
                let customer = String::from("canary ข้อความลูกค้า");
                assert!(std::panic::catch_unwind(|| panic!("a constant")).is_err());
                assert!(std::panic::catch_unwind(|| panic!("cannot read {customer}")).is_err());
            });
        });
        std::panic::set_hook(before);
        assert!(!lines.contains("canary"), "{lines}");
        assert!(
            lines.contains("a constant") && lines.contains("[redacted]") && lines.contains("logs.rs"),
            "{lines}"
        );
        assert_eq!(lines.lines().count(), 2);
        assert!(handle.render().contains("sala_panics_total 2"), "{}", handle.render());
    }
}
