//! Rows that cannot be read. An answer made of many rows leaves them out: one
//! damaged row must not keep everybody from everything else. What needs a row
//! itself fails.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use crate::store::StoreError;

/// The most rows that are reported by a process. Whoever has more has read of
/// some of them.
const REPORTED_MAX: usize = 1_000;

/// The rows that were reported, with their tables.
static REPORTED: Mutex<BTreeSet<(&'static str, String)>> = Mutex::new(BTreeSet::new());

/// What was read, if it could be; a damaged row is reported and left out.
/// `row` names it, and must not be private.
///
/// # Errors
/// All but those of damaged rows.
pub(crate) fn leave_out<T>(
    read: Result<T, StoreError>,
    row: impl FnOnce() -> String,
) -> Result<Option<T>, StoreError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error @ StoreError::Corrupt { .. }) => {
            report(&error, row());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Logs and counts a row once in the life of the process.
fn report(error: &StoreError, row: String) {
    let StoreError::Corrupt { table, .. } = error else {
        return;
    };
    let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
    if reported.len() >= REPORTED_MAX || !reported.insert((*table, row.clone())) {
        return;
    }
    drop(reported);
    metrics::counter!("parlor_damaged_rows_total", "table" => *table).increment(1);
    tracing::error!(%error, row, "a damaged row is left out");
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::*;
    use crate::telemetry::{LogFormat, subscriber, tests::LogBuffer};

    #[test]
    fn a_row_is_reported_once() {
        let broken = || -> Result<(), _> {
            Err(StoreError::Corrupt {
                table: "table of a test",
                reason: "body_json is not the JSON it should be".to_owned(),
            })
        };
        let buffer = LogBuffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Text, LevelFilter::INFO, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            for row in ["1", "2", "1"] {
                let read = leave_out(broken(), || row.to_owned());
                assert!(matches!(read, Ok(None)));
            }
        });
        assert!(matches!(leave_out(Ok(3), String::new), Ok(Some(3))));
        let full = leave_out::<()>(Err(StoreError::Full(String::new())), String::new);
        assert!(matches!(full, Err(StoreError::Full(_))));
        let text = buffer.text();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(
            text.contains("table of a test") && text.contains("body_json"),
            "{text}"
        );
    }
}
