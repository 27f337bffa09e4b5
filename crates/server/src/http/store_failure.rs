//! Logs failures of the store, in detail: clients are told only that there was
//! one.

use std::{num::NonZeroU32, sync::LazyLock};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::store::StoreError;

/// Counts the failure in the metrics and logs it. A fault of the machine, as a
/// full disk, fails all requests until it is over: it is logged once a minute.
pub(super) fn record(error: &StoreError, what: &'static str) {
    static LOGGED: LazyLock<DefaultKeyedRateLimiter<&'static str>> =
        LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN)));
    let fault = fault_of(error);
    metrics::counter!("parlor_store_failures_total", "fault" => fault).increment(1);
    if error.retry_after().is_none() || LOGGED.check_key(&fault).is_ok() {
        tracing::error!(%error, "{what}");
    }
}

/// What is at fault, in metrics.
fn fault_of(error: &StoreError) -> &'static str {
    match error {
        StoreError::Busy(_) => "busy",
        StoreError::Full(_) => "full",
        StoreError::ReadOnly(_) => "read_only",
        StoreError::Io(_) => "io",
        StoreError::Damaged(_) => "damaged",
        StoreError::Database(_) => "database",
        StoreError::Corrupt { .. } => "row",
        StoreError::TooNew { .. } => "version",
        StoreError::Files(_) => "files",
        StoreError::Open { .. } => "open",
    }
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::*;
    use crate::telemetry::{LogFormat, subscriber, tests::LogBuffer};

    #[test]
    fn a_full_disk_is_logged_once_a_minute_and_a_broken_row_each_time() {
        let full = StoreError::Full("no space".to_owned());
        let broken = StoreError::Corrupt {
            table: "event",
            reason: "no JSON".to_owned(),
        };
        let buffer = LogBuffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Text, LevelFilter::INFO, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..10 {
                record(&full, "the store failed");
                record(&broken, "the store failed");
            }
        });
        let text = buffer.text();
        let count = |word: &str| text.lines().filter(|line| line.contains(word)).count();
        assert_eq!((count("no space"), count("no JSON")), (1, 10), "{text}");
    }
}
