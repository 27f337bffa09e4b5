//! One look of a poll into its session's queue.

use super::{
    Refusal, Result, UnitOfWork,
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

/// Returns the next batch, if there is one. `first`: this is the poll's first
/// look, so that the session counts as alive.
///
/// # Errors
/// [`Refusal::SessionGone`] when the session is closed and its queue empty.
pub(crate) async fn poll_once(
    app: &App,
    credentials: &Credentials,
    ack: Option<i64>,
    first: bool,
) -> Result<PollResult> {
    let mut work = UnitOfWork::begin(app).await?;
    let before = session::authenticate(&mut work, credentials).await?;
    let mut session = before.clone();
    if first {
        session.last_heard_at = work.now;
    }
    let batch = delivery::next_batch(work.tx.as_mut(), &mut session, ack).await?;
    let latest = session.position;
    let gone = batch.is_none() && session.closed_at.is_some();
    if session != before {
        work.tx.put_session(&session).await?;
    }
    work.commit().await?;
    if gone {
        return Err(Refusal::SessionGone);
    }
    Ok(PollResult { batch, latest })
}
