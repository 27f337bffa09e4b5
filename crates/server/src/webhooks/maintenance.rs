//! Bounds what is kept of webhooks.

use std::time::Duration;

use crate::conversation::{Result, UnitOfWork};

/// The most webhooks that wait for one receiver: some 30 MB for one that is gone for long. The
/// oldest beyond are given up.
const WAITING_MAX: i64 = 10_000;

/// The most that are kept of one receiver once they were delivered or given up: the last hours
/// of a busy site.
const DONE_KEPT_MAX: i64 = 10_000;

/// How long after its time a webhook is kept, also one that was given up, so that somebody can
/// have it sent again after a weekend.
const KEPT: Duration = Duration::from_secs(72 * 3600);

/// Why those beyond [`WAITING_MAX`] are given up.
const TOO_MANY: &str = "too many wait";

/// Gives up what is too much for a receiver, deletes what is kept no longer, at most `limit` rows
/// of each, and counts what waits.
///
/// # Errors
/// When the store fails.
pub(crate) async fn maintain(work: &mut UnitOfWork<'_>, limit: i64) -> Result<()> {
    let app = work.app;
    let before = work.now.minus(KEPT);
    work.tx.delete_webhooks(before, limit).await?;
    for hook in &app.config.webhooks {
        let name = hook.name.as_str();
        let waiting = work.tx.count_webhooks(name).await?.waiting;
        metrics::gauge!("parlor_webhooks_waiting", "hook" => name.to_owned()).set(waiting as f64);
        let excess = (waiting - WAITING_MAX).clamp(0, limit);
        if excess > 0 {
            let (tx, now) = (&mut work.tx, work.now);
            tx.give_up_webhooks(name, TOO_MANY, now, excess).await?;
            let reason = "too_many";
            metrics::counter!("parlor_webhooks_given_up_total", "hook" => name.to_owned(), "reason" => reason)
                .increment(excess.unsigned_abs());
            tracing::warn!(
                hook = name,
                count = excess,
                "too many webhooks wait: the oldest are given up"
            );
        }
        work.tx.trim_webhooks(name, DONE_KEPT_MAX, limit).await?;
    }
    Ok(())
}
