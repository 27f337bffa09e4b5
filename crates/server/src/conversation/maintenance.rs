//! Periodic maintenance: ends sessions whose client is gone, and deletes what
//! is kept no longer.

use std::time::Duration;

use parlor_wire::SessionId;

use super::{Result, UnitOfWork, end, file};
use crate::{app::App, delivery::Unwritten, store::row::EndReason};

/// The most sessions ended in one run, so that the first run after a long stop
/// does not block other writers. The next run ends the others.
const ENDED_PER_RUN_MAX: i64 = 100;

/// The time at which a session was last polled is written when the stored one is
/// older than this: seldom enough for ten thousand sessions, and a fraction of
/// the time after which a session ends.
const HEARD_WRITTEN_EVERY: Duration = Duration::from_secs(30);

/// The most sessions in one transaction, which takes some 10 ms.
const WRITTEN_TOGETHER_MAX: usize = 250;

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

    /// Writes what is known of sessions in memory: when they were last polled,
    /// what they were served and have acknowledged. It is written late and
    /// together: what a killed process has not written, clients say when they
    /// reconnect. One that sends no offset gets again what it acknowledged since.
    /// Call it twice a second, and before the process ends.
    ///
    /// # Errors
    /// When the store fails. The next call tries again.
    pub async fn write_memory(&self) -> std::result::Result<(), crate::store::StoreError> {
        let now = self.clock.now();
        for session in self.polls.open_sessions() {
            self.sessions.heard(&session, now);
        }
        loop {
            let unwritten = self
                .sessions
                .unwritten(HEARD_WRITTEN_EVERY, WRITTEN_TOGETHER_MAX);
            if unwritten.is_empty() {
                return Ok(());
            }
            let mut tx = self.store.begin().await?;
            for Unwritten {
                progress,
                delete_through,
            } in &unwritten
            {
                tx.put_session_progress(progress).await?;
                if let Some(position) = delete_through {
                    tx.delete_messages_through(&progress.id, *position).await?;
                }
            }
            tx.commit().await?;
            for written in unwritten {
                self.sessions.wrote(written);
            }
        }
    }

    async fn maintain(&self) -> Result<()> {
        self.write_memory().await?;
        let mut work = UnitOfWork::begin(self).await?;
        let silent_since = work.now.minus(self.config.session_timeout);
        // Before, the clients of an earlier process may not have come back yet.
        if self.started_at < silent_since {
            let silent = work
                .tx
                .silent_sessions(silent_since, ENDED_PER_RUN_MAX)
                .await?;
            for session in silent {
                let heard_at = self.sessions.heard_at(&session.id);
                if heard_at.is_none_or(|heard_at| heard_at < silent_since) {
                    end::by_visitor(&mut work, &session, EndReason::ClientTimeout).await?;
                }
            }
        }
        let is_open = |id: &SessionId| self.polls.is_open(id);
        self.sessions.forget(silent_since, is_open);
        let kept_since = work.now.minus(self.config.closed_session_kept);
        work.tx.forget_sessions(kept_since).await?;
        let feed_since = work.now.minus(self.config.agent_stream_kept);
        work.tx.trim_agent_stream(feed_since).await?;
        work.commit().await?;
        file::delete_unsent(self).await
    }
}
