//! Sends the webhooks that are due: a task for each receiver, several requests at a time, those
//! of one chat one after the other. It decides when a webhook is tried again.
//!
//! What must stay true: a webhook is due until its delivery is written, so that a process that
//! dies in the middle sends it again; nothing of one receiver waits for another; no attempt holds
//! up the end of the process for longer than [`LAST_ATTEMPT`].

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use parlor_wire::ChatId;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    WebhookConfig,
    client::{Client, Failure},
    sample::sample,
};
use crate::{
    app::App,
    clock::Timestamp,
    entropy::Entropy,
    private::Private,
    store::{
        StoreError,
        row::{DueWebhook, WebhookDelivery},
    },
};

/// The most requests to one receiver at a time: enough for a hundred a second at the usual 50 to
/// 80 ms, and no flood for a small one.
pub(super) const IN_FLIGHT_MAX: usize = 8;

/// After so many failures in a row, one request at a time finds out whether the receiver is back.
const FAILING_AFTER: u32 = 5;

/// How many rows are looked up at a time.
const LOOKED_UP: i64 = 64;

/// When nothing wakes a task, it looks for pauses that are over.
const TICK: Duration = Duration::from_secs(1);

/// After a failure of the store.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// How long attempts may go on when the process is to stop.
const LAST_ATTEMPT: Duration = Duration::from_secs(3);

/// How a receiver does.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failures_in_a_row: AtomicU32,
}

impl Health {
    fn record(&self, sent: Result<(), Failure>) {
        match sent {
            Ok(()) => self.failures_in_a_row.store(0, Ordering::Relaxed),
            // It does not come near the end of its numbers: each takes a moment.
            Err(_) => {
                self.failures_in_a_row.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn in_flight_max(&self) -> usize {
        match self.failures_in_a_row.load(Ordering::Relaxed) {
            0..FAILING_AFTER => IN_FLIGHT_MAX,
            _ => 1,
        }
    }
}

impl App {
    /// Sends webhooks until the process stops.
    pub(crate) fn run_webhooks(self: &Arc<Self>) {
        for place in 0..self.config.webhooks.len() {
            let Some(sender) = Sender::new(self, place) else {
                continue;
            };
            self.tasks.spawn(sender.run());
        }
    }

    /// Sends all that is due, and what becomes due behind it, and returns when it was answered.
    /// Tests call it; a process has tasks of its own.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn send_due_webhooks(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut all = JoinSet::new();
        for place in 0..self.config.webhooks.len() {
            if let Some(mut sender) = Sender::new(self, place) {
                all.spawn(async move { sender.drain().await });
            }
        }
        while let Some(done) = all.join_next().await {
            done.unwrap_or_else(|error| Err(StoreError::Database(error.to_string())))?;
        }
        Ok(())
    }

    fn webhook_client(&self) -> Client {
        self.webhooks.client.get_or_init(Client::new).clone()
    }
}

/// Sends one receiver's webhooks.
struct Sender {
    app: Arc<App>,
    /// The receiver's place in the settings.
    place: usize,
    config: Arc<WebhookConfig>,
    /// Looked up and not begun.
    ready: VecDeque<DueWebhook>,
    /// Of what is in flight. What is about no chat counts as one.
    chats: BTreeSet<ChatId>,
    in_flight: JoinSet<(ChatId, Result<(), StoreError>)>,
}

impl Sender {
    fn new(app: &Arc<App>, place: usize) -> Option<Self> {
        let config = app.config.webhooks.get(place)?;
        Some(Self {
            app: app.clone(),
            place,
            config: Arc::new(config.clone()),
            ready: VecDeque::new(),
            chats: BTreeSet::new(),
            in_flight: JoinSet::new(),
        })
    }

    async fn run(mut self) {
        let mut changed = self.app.webhooks.changed.subscribe();
        let stop = self.app.shutdown.clone();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Err(error) = self.begin_due().await {
                tracing::error!(%error, "webhooks cannot be looked up");
                sleep(STORE_PAUSE).await;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = self.in_flight.join_next() => self.ended(ended).await,
                _ = ticks.tick() => {}
                // While the receiver has no room, there is nothing to look up.
                _ = changed.changed(), if self.has_room() => {}
            }
        }
        // What is not answered by then is sent again by the next process.
        let answered = async { while self.in_flight.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_ATTEMPT, answered).await;
    }

    async fn drain(&mut self) -> Result<(), StoreError> {
        loop {
            self.begin_due().await?;
            match self.in_flight.join_next().await {
                Some(ended) => self.ended(ended).await,
                None => return Ok(()),
            }
        }
    }

    fn has_room(&self) -> bool {
        let health = self.app.webhooks.health.get(self.place);
        self.in_flight.len() < health.map_or(IN_FLIGHT_MAX, Health::in_flight_max)
    }

    /// Begins what is due and has room.
    async fn begin_due(&mut self) -> Result<(), StoreError> {
        while self.has_room() {
            if self.ready.is_empty() {
                self.look_up().await?;
            }
            let Some(next) = self.ready.pop_front() else {
                return Ok(());
            };
            self.chats.insert(next.chat_id.clone());
            let attempt = attempt(self.app.clone(), self.config.clone(), self.place, next.id);
            let attempt = async move { (next.chat_id, attempt.await) };
            self.in_flight.spawn(attempt);
        }
        Ok(())
    }

    async fn look_up(&mut self) -> Result<(), StoreError> {
        let mut tx = self.app.store.read_latest().await?;
        let now = self.app.clock.now();
        // Those in flight are due too.
        let limit = LOOKED_UP + self.chats.len() as i64;
        let mut due = tx.due_webhooks(&self.config.name, now, limit).await?;
        due.retain(|row| !self.chats.contains(&row.chat_id));
        self.ready = due.into();
        Ok(())
    }

    async fn ended(
        &mut self,
        ended: Result<(ChatId, Result<(), StoreError>), tokio::task::JoinError>,
    ) {
        match ended {
            Ok((chat, Ok(()))) => {
                self.chats.remove(&chat);
            }
            Ok((chat, Err(error))) => {
                tracing::error!(%error, "what has become of a webhook was not written");
                sleep(STORE_PAUSE).await;
                self.chats.remove(&chat);
            }
            // Nothing of it is known but that it has ended.
            Err(error) => {
                tracing::error!(
                    panicked = error.is_panic(),
                    "a webhook's task has ended early"
                );
                self.in_flight.shutdown().await;
                self.chats.clear();
                self.ready.clear();
            }
        }
    }
}

/// Sends a webhook once, and writes what has become of it.
async fn attempt(
    app: Arc<App>,
    config: Arc<WebhookConfig>,
    place: usize,
    id: String,
) -> Result<(), StoreError> {
    let row = app.store.read_latest().await?.webhook(&id).await?;
    // It may have been erased or given up since.
    let Some(row) = row.filter(|row| row.next_attempt_at.is_some()) else {
        return Ok(());
    };
    let client = app.webhook_client();
    let sent = client.send(&config, &row, app.clock.now()).await;
    if let Some(health) = app.webhooks.health.get(place) {
        health.record(sent);
    }
    let mut tx = app.store.begin().await?;
    let Some(mut row) = tx.webhook(&id).await? else {
        return Ok(());
    };
    record(&config, &mut row, sent, app.clock.now(), &app.entropy);
    tx.update_webhook(&row).await?;
    tx.commit().await
}

/// Writes into the row what has become of an attempt, logs and counts it.
fn record(
    config: &WebhookConfig,
    row: &mut WebhookDelivery,
    sent: Result<(), Failure>,
    now: Timestamp,
    entropy: &Entropy,
) {
    row.attempts += 1;
    let (hook, event, attempts) = (config.name.as_str(), row.event.as_str(), row.attempts);
    let label = hook.to_owned();
    row.last_problem = sent.err().map(Failure::describe);
    let Err(failure) = sent else {
        row.delivered_at = Some(now);
        (row.next_attempt_at, row.given_up_at) = (None, None);
        row.body = Private::default();
        metrics::counter!("parlor_webhooks_delivered_total", "hook" => label).increment(1);
        tracing::debug!(hook, event, attempts, "a webhook was delivered");
        return;
    };
    let reason = failure.describe();
    metrics::counter!("parlor_webhooks_failed_total", "hook" => label.clone(), "reason" => failure.kind())
        .increment(1);
    if row.expires_at <= now {
        row.next_attempt_at = None;
        row.given_up_at = Some(now);
        metrics::counter!("parlor_webhooks_given_up_total", "hook" => label, "reason" => failure.kind())
            .increment(1);
        tracing::warn!(hook, event, attempts, reason, "a webhook is given up");
        return;
    }
    let pause = pause(config, row.attempts, entropy.fraction());
    let pause = pause.max(failure.retry_after().unwrap_or_default());
    row.next_attempt_at = Some(now.plus(pause));
    tracing::warn!(hook, event, attempts, reason, "a webhook was not delivered");
}

/// The pause after so many attempts. `fraction`, 0 to 1, makes it shorter by up to a half, so
/// that what has failed together is not tried together for ever.
fn pause(config: &WebhookConfig, attempts: i64, fraction: f64) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(u32::MAX).min(30);
    let pause = config.first_pause.saturating_mul(1_u32 << doublings);
    pause.min(config.pause_max).mul_f64(1.0 - fraction / 2.0)
}

/// Sends a sample of an event, which is in no table, once.
///
/// # Errors
/// Why it was not taken.
pub async fn send_sample(
    config: &WebhookConfig,
    event: &str,
    entropy: &Entropy,
    now: Timestamp,
) -> Result<(), Failure> {
    let body = sample(&config.name, event, now);
    let row = WebhookDelivery {
        position: 0,
        id: entropy.webhook_id(),
        hook: config.name.clone(),
        event: event.to_owned(),
        chat_id: ChatId::from(""),
        thread_id: None,
        body: Private(body),
        created_at: now,
        expires_at: now,
        next_attempt_at: Some(now),
        attempts: 0,
        delivered_at: None,
        given_up_at: None,
        last_problem: None,
    };
    Client::new().send(config, &row, now).await
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::webhooks::WebhookSecret;

    fn config() -> WebhookConfig {
        let secret = WebhookSecret::parse(&[b'x'; 32]).unwrap();
        WebhookConfig::new("crm", Url::parse("https://crm.example").unwrap(), secret)
    }

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour_and_differ() {
        let config = config();
        let seconds = |attempts, fraction| pause(&config, attempts, fraction).as_secs_f64();
        for (attempts, expected) in [(1, 1.0), (2, 2.0), (3, 4.0), (10, 512.0), (11, 900.0)] {
            assert_eq!(seconds(attempts, 0.0), expected);
            assert_eq!(seconds(attempts, 1.0), expected / 2.0);
        }
        assert_eq!(seconds(i64::MAX, 0.0), 900.0);
    }

    #[test]
    fn a_receiver_that_fails_is_asked_once_at_a_time_until_it_is_back() {
        let health = Health::default();
        for _ in 0..4 {
            health.record(Err(Failure::Timeout));
        }
        assert_eq!(health.in_flight_max(), IN_FLIGHT_MAX);
        health.record(Err(Failure::Timeout));
        assert_eq!(health.in_flight_max(), 1);
        health.record(Ok(()));
        assert_eq!(health.in_flight_max(), IN_FLIGHT_MAX);
    }
}
