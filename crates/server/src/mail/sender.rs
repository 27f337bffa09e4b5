//! Sends the mails that are due, one at a time, and decides when a mail is tried
//! again.
//!
//! What must stay true: an attempt is written before it begins, so that a process
//! that dies in the middle tries again later, and an answer that is written
//! meanwhile makes a mail of its own; no attempt holds up a request, or the end of
//! the process for longer than [`LAST_ATTEMPT`].

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{
    MailConfig,
    smtp::{self, Failure},
};
use crate::{
    app::App,
    clock::Timestamp,
    private::Private,
    store::{StoreError, row::OutgoingMail},
};

/// The most mails in one round, after which the process may stop.
const ROUND_MAX: i64 = 20;

/// How long an attempt may go on when the process is to stop.
const LAST_ATTEMPT: Duration = Duration::from_secs(3);

/// The longest pause between two attempts at one mail: some servers take a mail
/// from an unknown sender only after hours.
const PAUSE_MAX: Duration = Duration::from_secs(2 * 3600);

/// The longest time without an attempt while the server cannot be used: it is back
/// for a quarter of an hour at most before mail is sent again.
const SERVER_PAUSE_MAX: Duration = Duration::from_secs(15 * 60);

/// How long rows are kept, without addresses and words once nothing is to be sent:
/// longer than the longest time in which mails are counted, and than a mail is
/// tried.
pub(crate) const KEPT: Duration = Duration::from_secs(72 * 3600);

/// What is known of the server since the process has begun.
#[derive(Debug, Default)]
pub(crate) struct ServerState(Mutex<Trouble>);

/// How often in a row the server could not be used, and until when nothing is sent.
#[derive(Debug, Default)]
struct Trouble {
    failures: u32,
    until: Timestamp,
}

impl ServerState {
    fn rests_at(&self, now: Timestamp) -> bool {
        self.trouble(|it| now < it.until)
    }

    fn works(&self) {
        self.trouble(|it| *it = Trouble::default());
    }

    fn failed(&self, now: Timestamp, first_pause: Duration) {
        self.trouble(|it| {
            let pause = doubled(first_pause, it.failures).min(SERVER_PAUSE_MAX);
            it.failures = it.failures.saturating_add(1);
            it.until = now.plus(pause);
        });
    }

    fn trouble<T>(&self, act: impl FnOnce(&mut Trouble) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Sends the mails that are due, up to some. Call it every second; it returns
    /// when the server has taken them, or has failed once.
    ///
    /// # Errors
    /// When the store fails. The next call tries again.
    pub async fn send_due_mail(&self) -> Result<(), StoreError> {
        let Some(config) = &self.config.mail else {
            return Ok(());
        };
        if self.mail_server.rests_at(self.clock.now()) {
            return Ok(());
        }
        let mut tx = self.store.read().await?;
        let due = tx.due_mail(self.clock.now(), ROUND_MAX).await?;
        let waiting = tx.count_waiting_mail().await?;
        drop(tx);
        metrics::gauge!("parlor_mail_waiting").set(waiting as f64);
        for mail in due {
            if self.shutdown.is_cancelled() {
                return Ok(());
            }
            let Some(mail) = self.begin_attempt(config, &mail.id).await? else {
                continue;
            };
            let sent = tokio::select! {
                sent = smtp::send(config, &mail) => sent,
                () = self.stopped_for(LAST_ATTEMPT) => {
                    return self.abandon_attempt(&mail.id).await;
                }
            };
            self.end_attempt(config, &mail.id, sent).await?;
            match sent {
                Err(Failure::Server(_)) => {
                    let now = self.clock.now();
                    self.mail_server.failed(now, config.first_pause);
                    return Ok(());
                }
                Ok(()) | Err(Failure::Later(_) | Failure::Refused(_)) => self.mail_server.works(),
            }
        }
        Ok(())
    }

    /// Ends so long after the process was asked to stop.
    async fn stopped_for(&self, time: Duration) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(time).await;
    }

    /// Writes that the mail is being sent, and when it is tried again if this
    /// process does not say what became of it. `None` when it is not to be sent.
    async fn begin_attempt(
        &self,
        config: &MailConfig,
        id: &str,
    ) -> Result<Option<OutgoingMail>, StoreError> {
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let row = tx.outgoing_mail(id).await?;
        let is_due = |row: &OutgoingMail| row.next_attempt_at.is_some_and(|at| at <= now);
        let Some(mut row) = row.filter(is_due) else {
            return Ok(None);
        };
        let pause = doubled(config.first_pause, row.attempts.try_into().unwrap_or(0));
        row.attempts += 1;
        row.next_attempt_at = Some(now.plus(config.attempt_timeout).plus(pause.min(PAUSE_MAX)));
        tx.put_outgoing_mail(&row).await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// The next process tries again at once.
    async fn abandon_attempt(&self, id: &str) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if let Some(mut row) = tx.outgoing_mail(id).await? {
            row.next_attempt_at = Some(self.clock.now());
            tx.put_outgoing_mail(&row).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn end_attempt(
        &self,
        config: &MailConfig,
        id: &str,
        sent: Result<(), Failure>,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let Some(mut row) = tx.outgoing_mail(id).await? else {
            return Ok(());
        };
        let (kind, attempts) = (row.kind.as_str(), row.attempts);
        row.last_problem = sent.err().map(|failure| failure.as_str().to_owned());
        let is_too_old = row.created_at.plus(config.given_up_after) <= now;
        match sent {
            Ok(()) => {
                row.sent_at = Some(now);
                metrics::counter!("parlor_mail_sent_total", "kind" => kind).increment(1);
                tracing::debug!(kind, attempts, "a mail was sent");
            }
            Err(failure) => {
                let reason = failure.as_str();
                metrics::counter!("parlor_mail_failed_total", "reason" => reason).increment(1);
                if matches!(failure, Failure::Refused(_)) || is_too_old {
                    row.given_up_at = Some(now);
                    metrics::counter!("parlor_mail_given_up_total", "reason" => reason)
                        .increment(1);
                    tracing::warn!(kind, attempts, reason, "a mail is given up");
                } else {
                    // The server's own pauses grow.
                    let failures = match failure {
                        Failure::Server(_) => 0,
                        Failure::Later(_) | Failure::Refused(_) => attempts - 1,
                    };
                    let pause = doubled(config.first_pause, failures.try_into().unwrap_or(0));
                    row.next_attempt_at = Some(now.plus(pause.min(PAUSE_MAX)));
                    tracing::warn!(kind, attempts, reason, "a mail was not sent");
                }
            }
        }
        if row.sent_at.or(row.given_up_at).is_some() {
            row.next_attempt_at = None;
            (row.recipient, row.subject, row.body) =
                (Private::default(), Private::default(), Private::default());
        }
        tx.put_outgoing_mail(&row).await?;
        tx.commit().await
    }
}

/// The pause after a failure that others have preceded.
fn doubled(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(failures.min(20)).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_of_the_server_grow_and_end_with_success() {
        let state = ServerState::default();
        let (mut now, minute) = (Timestamp(0), Duration::from_secs(60));
        for minutes in [1, 2, 4, 8, 15, 15] {
            state.failed(now, minute);
            let pause = minute * minutes;
            assert!(state.rests_at(now.plus(pause - Duration::from_secs(1))));
            now = now.plus(pause);
            assert!(!state.rests_at(now), "{minutes}");
        }
        state.works();
        state.failed(now, minute);
        assert!(!state.rests_at(now.plus(minute)));
    }
}
