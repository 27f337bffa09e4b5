//! Makes webhooks due again.

use crate::{
    clock::Timestamp,
    store::{
        Store, StoreError,
        row::{WebhookDelivery, WebhookQuery},
    },
};
use std::time::Duration;

/// For how long a webhook is tried that somebody wants to be sent again.
const TRIED_FOR: Duration = Duration::from_secs(24 * 3600);

/// In one transaction, which takes some 50 ms.
const TOGETHER_MAX: i64 = 500;

/// What has become of a request to send a webhook again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    Due,
    Unknown,
    /// It was delivered, or given up long ago: its words are no longer there.
    Gone,
}

/// Makes a webhook due that waits or was given up.
///
/// # Errors
/// When the store fails.
pub async fn retry(store: &dyn Store, id: &str, now: Timestamp) -> Result<Retried, StoreError> {
    let mut tx = store.begin().await?;
    let Some(mut row) = tx.webhook(id).await? else {
        return Ok(Retried::Unknown);
    };
    if row.body.0.is_empty() {
        return Ok(Retried::Gone);
    }
    make_due(&mut row, now);
    tx.update_webhook(&row).await?;
    tx.commit().await?;
    Ok(Retried::Due)
}

/// Makes all due that were given up; of one receiver, if one is named. Returns how many.
///
/// # Errors
/// When the store fails. Some may be due then.
pub async fn retry_all(
    store: &dyn Store,
    hook: Option<&str>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let query = WebhookQuery {
        hook: hook.map(str::to_owned),
        is_given_up: true,
        limit: TOGETHER_MAX,
    };
    let mut count = 0;
    loop {
        let mut tx = store.begin().await?;
        let rows = tx.webhooks(&query).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        count += rows.len();
        for mut row in rows {
            make_due(&mut row, now);
            tx.update_webhook(&row).await?;
        }
        tx.commit().await?;
    }
}

fn make_due(row: &mut WebhookDelivery, now: Timestamp) {
    row.next_attempt_at = Some(now);
    row.expires_at = row.expires_at.max(now.plus(TRIED_FOR));
    // The pauses begin anew.
    row.attempts = 0;
    row.given_up_at = None;
}
