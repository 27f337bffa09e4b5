//! Periodic maintenance: ends sessions whose client is gone, gives chats to
//! colleagues whose agents may not see them any more, and deletes what is kept no
//! longer.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlor_wire::{
    SessionId,
    agent::{CustomerPresenceSet, PushBody},
};
use tokio::time::Instant;

use super::{Refusal, Result, UnitOfWork, departure, end, erase, file, other_devices, retention};
use crate::{
    app::App,
    clock::Timestamp,
    delivery::Unwritten,
    mail,
    store::{
        StoreError,
        row::{EndReason, SilentSessions, ThreadStatus},
    },
    webhooks,
};

/// The most sessions ended in one run, so that the first run after a long stop
/// does not block other writers. The next run ends the others.
const ENDED_PER_RUN_MAX: i64 = 100;

/// A visitor whose client was not heard for this long is away, as with a phone that
/// is locked: longer than two polls that were lost.
pub(super) const AWAY_AFTER: Duration = Duration::from_secs(60);

/// The most visitors who are told to be away in one transaction, which takes some
/// 10 ms.
const TOLD_TOGETHER_MAX: usize = 250;

/// The most rows of a kind deleted in one run, which takes some 50 ms.
const DELETED_PER_RUN_MAX: i64 = 1_000;

/// A step of the clock that counts as a jump: much longer than the time between
/// two runs, and much shorter than the time after which a silent session ends.
const JUMP_MIN: Duration = Duration::from_secs(20);

/// The time at which a session was last polled is written when the stored one is
/// older than this: seldom enough for ten thousand sessions, and well within the
/// time after which a session ends.
const HEARD_WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// The most sessions in one transaction, which takes some 10 ms.
const WRITTEN_TOGETHER_MAX: usize = 250;

impl App {
    /// Ends sessions that timed out, puts chats back into their queues whose agents
    /// have left the group, ends those whose agents are gone for long, and deletes expired rows and files. Call it
    /// every few seconds; the work of each call is bounded.
    ///
    /// # Errors
    /// When the store fails. The next call tries again.
    pub async fn run_maintenance(&self) -> std::result::Result<(), StoreError> {
        match self.maintain().await {
            Ok(()) => Ok(()),
            Err(Refusal::Store(error)) => Err(error),
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
    pub async fn write_memory(&self) -> std::result::Result<(), StoreError> {
        loop {
            let mut unwritten = self
                .sessions
                .unwritten(HEARD_WRITTEN_EVERY, WRITTEN_TOGETHER_MAX);
            if unwritten.is_empty() {
                return Ok(());
            }
            let mut tx = self.store.begin().await?;
            // One kind after the other: the store sends equal statements together.
            unwritten.sort_by_key(|it| it.progress.last_heard_at.is_some());
            for Unwritten { progress, .. } in &unwritten {
                tx.put_session_progress(progress).await?;
            }
            for Unwritten {
                progress,
                delete_through,
            } in &unwritten
            {
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
        let now = self.clock.now();
        for session in self.polls.open_sessions() {
            self.sessions.heard(&session, now);
        }
        self.write_memory().await?;
        let silent_since = now.minus(self.config.session_timeout);
        let known_since = self.silence.known_since(now);
        if known_since < silent_since {
            self.end_silent_sessions(now).await?;
        }
        self.end_unanswered_threads(now, known_since).await?;
        departure::release_chats_of_strangers(self).await?;
        departure::end_abandoned_chats(self).await?;
        self.tell_who_is_away(now).await?;
        let is_open = |id: &SessionId| self.polls.is_open(id);
        self.sessions.forget(silent_since, is_open);
        let mut work = UnitOfWork::begin(self).await?;
        let kept_since = now.minus(self.config.closed_session_kept);
        work.tx
            .forget_sessions(kept_since, DELETED_PER_RUN_MAX)
            .await?;
        let stream_since = now.minus(self.config.agent_stream_kept);
        work.tx
            .trim_agent_stream(stream_since, DELETED_PER_RUN_MAX)
            .await?;
        let mail_since = now.minus(mail::KEPT);
        work.tx.delete_mail(mail_since, DELETED_PER_RUN_MAX).await?;
        webhooks::maintain(&mut work, DELETED_PER_RUN_MAX).await?;
        work.commit().await?;
        erase::carry_out_pending(self).await?;
        retention::run(self).await?;
        file::doom_unsent(self).await?;
        file::delete_some_doomed(self).await?;
        Ok(())
    }

    /// Ends each in a transaction of its own, so that one that cannot be read
    /// keeps no other from ending.
    async fn end_silent_sessions(&self, now: Timestamp) -> Result<()> {
        let mut tx = self.store.read().await?;
        let mut silent = Vec::new();
        for deployment in tx.deployments().await? {
            let allowed = deployment.settings.silence;
            let seconds = |seconds: u32| Duration::from_secs(seconds.into());
            let wanted = SilentSessions {
                deployment_id: Some(deployment.id),
                chatting_before: now.minus(seconds(allowed.chatting_s)),
                waiting_before: now.minus(seconds(allowed.waiting_s)),
                limit: self.silent_sessions_limit(),
            };
            silent.push((tx.silent_sessions(&wanted).await?, wanted));
        }
        let before = now.minus(self.config.session_timeout);
        let wanted = SilentSessions {
            deployment_id: None,
            chatting_before: before,
            waiting_before: before,
            limit: self.silent_sessions_limit(),
        };
        silent.push((tx.silent_sessions(&wanted).await?, wanted));
        drop(tx);
        for (sessions, wanted) in silent {
            for id in sessions {
                if self.silence.is_damaged(&id) {
                    continue;
                }
                match self.end_if_silent(&id, &wanted).await {
                    Err(Refusal::Store(error @ StoreError::Corrupt { .. })) => {
                        tracing::error!(%error, "a session whose visitor is gone cannot be ended");
                        self.silence.skip_damaged(id);
                    }
                    done => done?,
                }
            }
        }
        Ok(())
    }

    /// Ends conversations whose visitor does not answer, where the deployment says
    /// so (Chat REST API, `chasitorIdleTimeout`).
    async fn end_unanswered_threads(&self, now: Timestamp, known_since: Timestamp) -> Result<()> {
        let mut tx = self.store.read().await?;
        let mut unanswered = Vec::new();
        for deployment in tx.deployments().await? {
            let Some(idle) = deployment.settings.idle_timeout else {
                continue;
            };
            let before = now.minus(Duration::from_secs(idle.timeout_s.into()));
            // Before, an answer could not have come.
            if before <= known_since {
                continue;
            }
            let threads = tx
                .unanswered_threads(&deployment.id, before, ENDED_PER_RUN_MAX)
                .await?;
            unanswered.extend(threads.into_iter().map(|thread| (thread, before)));
        }
        drop(tx);
        for (thread, before) in unanswered {
            let mut work = UnitOfWork::begin(self).await?;
            let Some(thread) = work.tx.thread(&thread).await? else {
                continue;
            };
            if thread.unanswered_since.is_some_and(|since| since < before) {
                end::without_agent(&mut work, thread, EndReason::ClientTimeout).await?;
                work.commit().await?;
            }
        }
        Ok(())
    }

    /// Those that cannot be ended are found each time.
    fn silent_sessions_limit(&self) -> i64 {
        ENDED_PER_RUN_MAX.saturating_add(self.silence.damaged_count())
    }

    async fn end_if_silent(&self, id: &SessionId, wanted: &SilentSessions) -> Result<()> {
        let mut work = UnitOfWork::begin(self).await?;
        let Some(session) = work.tx.session(id).await? else {
            return Ok(());
        };
        let thread = match &session.thread_id {
            Some(id) => work.tx.thread(id).await?,
            None => None,
        };
        let silent_since = match thread.map(|thread| thread.status) {
            Some(ThreadStatus::Active) => wanted.chatting_before,
            _ => wanted.waiting_before,
        };
        let heard_at = self.sessions.heard_at(id);
        let heard_at = heard_at.unwrap_or(session.last_heard_at);
        if session.closed_at.is_none() && heard_at.max(session.last_heard_at) < silent_since {
            other_devices::session_over(&mut work, &session, EndReason::ClientTimeout).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// Tells agents which visitors are away, and which have come back.
    async fn tell_who_is_away(&self, now: Timestamp) -> Result<()> {
        let away_since = now.minus(AWAY_AFTER);
        let changes = self
            .sessions
            .changes_of_presence(away_since, TOLD_TOGETHER_MAX);
        if changes.is_empty() {
            return Ok(());
        }
        let mut work = UnitOfWork::begin(self).await?;
        let mut told = HashSet::new();
        for change in &changes {
            // Two sessions of one visitor may have changed together.
            if !change.is_of_visitor || !told.insert(&change.thread_id) {
                continue;
            }
            let thread = work.tx.thread(&change.thread_id).await?;
            let thread = thread.filter(|thread| thread.status != ThreadStatus::Ended);
            let Some(thread) = thread else { continue };
            let Some(chat) = work.tx.chat(&thread.chat_id).await? else {
                continue;
            };
            let audience = thread.audience();
            work.push(
                audience,
                &PushBody::CustomerPresenceSet(CustomerPresenceSet {
                    chat_id: thread.chat_id,
                    thread_id: Some(thread.id),
                    customer_id: chat.customer_id,
                    present: !change.is_away,
                }),
            )
            .await?;
        }
        work.commit().await?;
        self.sessions.told_presence(&changes);
        Ok(())
    }
}

/// Since when silence means that a client is gone.
#[derive(Debug)]
pub(crate) struct Silence(Mutex<Known>);

#[derive(Debug)]
struct Known {
    /// Before, clients could not be heard: the process was not there, or the
    /// machine was suspended.
    since: Timestamp,
    /// The time of the last look, by the clock and by the process's own time.
    looked_at: (Timestamp, Instant),
    /// Sessions whose rows cannot be read, reported once.
    damaged: HashSet<SessionId>,
}

impl Silence {
    pub(crate) fn since(now: Timestamp) -> Self {
        Self(Mutex::new(Known {
            since: now,
            looked_at: (now, Instant::now()),
            damaged: HashSet::new(),
        }))
    }

    /// Since when clients could be heard all the time until `now`.
    fn known_since(&self, now: Timestamp) -> Timestamp {
        let mut known = self.known();
        let (last, at) = known.looked_at;
        // A machine that was suspended, or whose clock was set: to clients it
        // may seem that no time has passed.
        if last.plus(at.elapsed()).plus(JUMP_MIN) < now {
            known.since = now;
        }
        known.looked_at = (now, Instant::now());
        known.since
    }

    fn is_damaged(&self, id: &SessionId) -> bool {
        self.known().damaged.contains(id)
    }

    fn skip_damaged(&self, id: SessionId) {
        self.known().damaged.insert(id);
    }

    fn damaged_count(&self) -> i64 {
        i64::try_from(self.known().damaged.len()).unwrap_or(i64::MAX)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_jump_of_the_clock_everybody_has_time_to_come_back() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        let silence = Silence::since(at(1_000));
        assert!(silence.known_since(at(1_000)) >= at(900));
        tokio::time::advance(Duration::from_secs(200)).await;
        assert!(silence.known_since(at(1_200)) < at(1_080));
        // The clock goes a little faster than the process's own time.
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(silence.known_since(at(1_210)) < at(1_090));
        // An hour passes in one second.
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(silence.known_since(at(4_800)) >= at(4_680));
        tokio::time::advance(Duration::from_secs(100)).await;
        assert!(silence.known_since(at(4_900)) >= at(4_780));
        tokio::time::advance(Duration::from_secs(100)).await;
        assert!(silence.known_since(at(5_000)) < at(4_880));
    }
}
