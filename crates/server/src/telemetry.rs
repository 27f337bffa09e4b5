//! Logs and metrics. It knows routes, and never URLs, bodies or headers.
//!
//! What must stay true: no message, name, e-mail address, key or token of
//! anybody reaches a log or a metric, at any level (`private::Private` prints
//! nothing, and other crates log from `warn` up only).

mod requests;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _, Registry,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt as _,
};

pub use requests::record_requests;

/// In seconds. Most requests take milliseconds; a poll is held for 25 s.
const DURATION_BUCKETS: &[f64] = &[
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0,
];

/// The format of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// For a program: one JSON object per line.
    Json,
}

/// A subscriber that writes to `writer`: events of this crate from `level` up,
/// of other crates from `warn` up.
pub fn subscriber<W>(
    format: LogFormat,
    level: LevelFilter,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("parlor_server", level);
    let layer = match format {
        LogFormat::Text => fmt::layer().with_ansi(false).with_writer(writer).boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(writer)
            .boxed(),
    };
    Registry::default().with(layer.with_filter(filter))
}

/// Installs the global subscriber, which writes to stderr: stdout is for the
/// results of commands.
pub fn start(format: LogFormat, level: LevelFilter) {
    // Fails when one is installed already, which is kept then.
    let _ = tracing::subscriber::set_global_default(subscriber(format, level, std::io::stderr));
    // A panic's message may quote a visitor, so that only its location is
    // logged.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the metrics recorder. Until then, metrics are discarded.
pub fn start_metrics() {
    let Ok(builder) = PrometheusBuilder::new().set_buckets(DURATION_BUCKETS) else {
        return;
    };
    // Fails when another recorder is installed, which is kept then.
    if let Ok(handle) = builder.install_recorder() {
        let _ = METRICS.set(handle);
    }
}

/// All metrics in Prometheus' text format.
pub fn render_metrics() -> String {
    METRICS
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}

/// Compacts recorded histograms, which would otherwise grow while nobody
/// scrapes them.
pub fn upkeep_metrics() {
    if let Some(handle) = METRICS.get() {
        handle.run_upkeep();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// Collects what is written.
    #[derive(Clone, Default)]
    pub(crate) struct LogBuffer(Arc<Mutex<Vec<u8>>>);

    impl LogBuffer {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for LogBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn writer(buffer: &LogBuffer) -> impl Fn() -> LogBuffer + Send + Sync + 'static {
        let buffer = buffer.clone();
        move || buffer.clone()
    }

    #[test]
    fn other_crates_log_from_warn_up() {
        let buffer = LogBuffer::default();
        let subscriber = subscriber(LogFormat::Text, LevelFilter::TRACE, writer(&buffer));
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!("ours");
            tracing::debug!(target: "hyper::proto", "theirs");
            tracing::warn!(target: "sqlx::query", "warned");
        });
        let text = buffer.text();
        assert!(text.contains("ours") && text.contains("warned"), "{text}");
        assert!(!text.contains("theirs"), "{text}");
    }

    #[test]
    fn json_lines_are_json() {
        let buffer = LogBuffer::default();
        let subscriber = subscriber(LogFormat::Json, LevelFilter::INFO, writer(&buffer));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(count = 3, "maintained");
            tracing::debug!("not filter");
        });
        let line: serde_json::Value = serde_json::from_str(&buffer.text()).unwrap();
        assert_eq!(line["message"], "maintained");
        assert_eq!(line["count"], 3);
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn metrics_are_rendered_after_start() {
        start_metrics();
        metrics::counter!("parlor_test_total").increment(2);
        upkeep_metrics();
        let text = render_metrics();
        assert!(text.contains("parlor_test_total 2"), "{text}");
    }
}
