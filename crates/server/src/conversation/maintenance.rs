//! Periodic maintenance: ends sessions whose client is gone, and deletes what
//! is kept no longer.

use super::{Result, UnitOfWork, end, file};
use crate::{app::App, store::row::EndReason};

/// The most sessions ended in one run, so that the first run after a long stop
/// does not block other writers. The next run ends the others.
const ENDED_PER_RUN_MAX: i64 = 100;

impl App {
    /// Ends sessions that timed out and deletes expired rows and files. Call it
    /// every few seconds; the work of each call is bounded.
    ///
    /// # Errors
    /// When the store fails. The next call tries again.
    pub async fn run_maintenance(&self) -> std::result::Result<(), crate::store::StoreError> {
        match self.maintain().await {
            Ok(()) => Ok(()),
            Err(super::Refusal::Store(error)) => Err(error),
            Err(other) => {
                tracing::warn!(error = %other, "maintenance was refused");
                Ok(())
            }
        }
    }

    async fn maintain(&self) -> Result<()> {
        let mut work = UnitOfWork::begin(self).await?;
        let silent_since = work.now.minus(self.config.session_timeout);
        let silent = work
            .tx
            .silent_sessions(silent_since, ENDED_PER_RUN_MAX)
            .await?;
        for mut session in silent {
            if self.polls.is_open(&session.id) {
                session.last_heard_at = work.now;
                work.tx.put_session(&session).await?;
            } else {
                end::by_visitor(&mut work, &session, EndReason::ClientTimeout).await?;
            }
        }
        let kept_since = work.now.minus(self.config.closed_session_kept);
        work.tx.forget_sessions(kept_since).await?;
        let feed_since = work.now.minus(self.config.agent_stream_kept);
        work.tx.trim_agent_stream(feed_since).await?;
        work.commit().await?;
        file::delete_unsent(self).await
    }
}
