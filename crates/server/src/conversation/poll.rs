//! One look of a poll into its session's queue.

use super::{
    Refusal, Result,
    session::{self, Credentials},
};
use crate::{
    app::App,
    delivery::{self, ServedBatch},
};

/// The result of one look.
#[derive(Debug)]
pub(crate) struct PollResult {
    pub(crate) batch: Option<ServedBatch>,
    /// The newest position in the session's queue.
    pub(crate) latest: i64,
}

/// Returns the next batch, if there is one. Asks the store only if there is one,
/// or the session's row was written since the last look; writes nothing.
///
/// # Errors
/// [`Refusal::SessionGone`] when the session is closed and its queue empty.
pub(crate) async fn poll_once(
    app: &App,
    credentials: &Credentials,
    ack: Option<i64>,
) -> Result<PollResult> {
    let session = session::authenticate_live(app, credentials).await?;
    let batch = delivery::next_batch(app.store.as_ref(), &app.sessions, &session, ack).await?;
    if batch.is_none() && session.closed_at.is_some() {
        return Err(Refusal::SessionGone);
    }
    let latest = app.sessions.position(&session.id);
    Ok(PollResult { batch, latest })
}
