//! How much one client, one session and all together may use, and the counters
//! that enforce it. It knows keys and amounts, and no requests.
//!
//! What must stay true: the limits are far above what people and their programs
//! do, also when a whole office shares one address; what is counted takes
//! bounded memory, whoever asks; nothing here waits.

mod capacity;
mod held_bytes;

use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as GovernorClock,
    middleware::NoOpMiddleware, state::keyed::DashMapStateStore,
};
use parlor_wire::{DeploymentId, SessionId};
use tokio::time::Instant;

pub(crate) use capacity::{Capacity, Full, Share};
pub(crate) use held_bytes::TooManyBytes;

/// What one answer contains at most, but for files, and for a single event or chat
/// that alone is larger. A phone on a slow network loads it within a minute, and
/// hundreds of answers at a time fit into memory.
pub const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// The most keys that one limit counts: some 10 MB. A key is dropped once it
/// has its whole burst again.
const KEYS_MAX: usize = 100_000;

/// When a limit is full of keys, it looks for ones to drop at most this often,
/// because looking takes a few milliseconds.
const PURGE_INTERVAL: Duration = Duration::from_secs(1);

/// When all sessions or all places in the queue are taken. Some become free
/// within the time after which a silent session ends.
const FULL_RETRY_AFTER_S: u64 = 30;

/// An amount that is available at once, and how long it takes to become
/// available again: `burst / refilled_in` is the rate that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: NonZeroU32,
    pub refilled_in: Duration,
}

impl Rate {
    /// A burst of 0 counts as 1.
    pub const fn new(burst: u32, refilled_in_s: u64) -> Self {
        Self {
            burst: match NonZeroU32::new(burst) {
                Some(burst) => burst,
                None => NonZeroU32::MIN,
            },
            refilled_in: Duration::from_secs(refilled_in_s),
        }
    }

    fn quota(self) -> Quota {
        // `None` only for a time of 0.
        let quota = Quota::with_period(self.refilled_in / self.burst.get());
        quota
            .unwrap_or(Quota::per_second(self.burst))
            .allow_burst(self.burst)
    }
}

/// All limits of one endpoint. Each is a multiple of what the busiest honest
/// client was seen or can be imagined to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests from one address: 500 a second, 5,000 at once. An office of a
    /// thousand people who all have the chat open and look at it sends 330 a
    /// second, a poll every three seconds each.
    pub requests_per_address: Rate,
    /// New sessions from one address: 2 a second, 120 at once. A session begins
    /// when somebody starts a conversation: a school class, a call centre, a
    /// mobile network's gateway. As many at once hold up the messages of others
    /// for a moment.
    pub sessions_per_address: Rate,
    /// Requests of one session: 20 a second, 400 at once. The busiest session
    /// has a poll answered and a message sent several times a second.
    pub requests_per_session: Rate,
    /// Typing and sneak peeks of one session: 4 a second, 60 at once. Each goes
    /// to every console. Our widget sends at most 2 a second.
    pub signals_per_session: Rate,
    /// Pages and session fields of one session: 1 a second, 60 at once. Each
    /// goes to every console. People turn pages more slowly; a shop's page may
    /// set its fields one by one.
    pub pages_per_session: Rate,
    /// Files that one session uploads: one in 10 s, 30 at once. People send a
    /// handful of photos.
    pub uploads_per_session: Rate,
    /// Kibibytes that one session uploads: 200 MiB at once, and again within
    /// the hour. Twice the largest file that can be allowed.
    pub upload_kib_per_session: Rate,
    /// Kibibytes that the visitors of one deployment upload: 20 GiB, and again
    /// within the day. Somebody notices before a disk is full.
    pub upload_kib_per_deployment: Rate,
    /// Sessions that are open at a time. Each costs a few rows and, while it
    /// polls, a connection; a busy site has hundreds.
    pub open_sessions: usize,
    /// Chats that wait for an agent. Nobody's turn comes at the end of a longer
    /// queue, and each who leaves moves all others.
    pub waiting_chats: usize,
    /// Bytes of requests' bodies that are in memory at a time, until the requests
    /// are answered: 256 MiB, of which one address may have a quarter. Two
    /// thousand of the longest requests of visitors fit, which mostly have a few
    /// hundred bytes, or 170 uploads at once, of which no more than 1.5 MiB each
    /// is in memory.
    pub request_body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB_PER_GIB: u32 = 1024 * 1024;
        Self {
            requests_per_address: Rate::new(5_000, 10),
            sessions_per_address: Rate::new(120, 60),
            requests_per_session: Rate::new(400, 20),
            signals_per_session: Rate::new(60, 15),
            pages_per_session: Rate::new(60, 60),
            uploads_per_session: Rate::new(30, 300),
            upload_kib_per_session: Rate::new(200 * 1024, 3600),
            upload_kib_per_deployment: Rate::new(20 * KIB_PER_GIB, 24 * 3600),
            open_sessions: 50_000,
            waiting_chats: 20_000,
            request_body_bytes: 256 * 1024 * 1024,
        }
    }
}

/// A limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much at once: try again in {retry_after_s} seconds")]
pub struct Exceeded {
    /// The limit's name, in metrics.
    pub limit: &'static str,
    /// After how many seconds the next attempt may succeed.
    pub retry_after_s: u64,
}

/// Counts what is used, against [`Limits`]. A restart forgets it.
#[derive(Debug)]
pub(crate) struct Limiter {
    pub(crate) requests_per_address: Keyed<IpAddr>,
    pub(crate) sessions_per_address: Keyed<IpAddr>,
    /// By a hash of the key that was sent, whether or not there is such a
    /// session.
    pub(crate) requests_per_session: Keyed<u64>,
    pub(crate) signals_per_session: Keyed<SessionId>,
    pub(crate) pages_per_session: Keyed<SessionId>,
    pub(crate) uploads_per_session: Keyed<SessionId>,
    pub(crate) upload_kib_per_session: Keyed<SessionId>,
    pub(crate) upload_kib_per_deployment: Keyed<DeploymentId>,
    pub(crate) open_sessions: Ceiling,
    pub(crate) waiting_chats: Ceiling,
    pub(crate) held_bytes: Arc<Capacity>,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let clock = TokioClock(Instant::now());
        Self {
            requests_per_address: Keyed::new(
                "requests_per_address",
                limits.requests_per_address,
                clock,
            ),
            sessions_per_address: Keyed::new(
                "sessions_per_address",
                limits.sessions_per_address,
                clock,
            ),
            requests_per_session: Keyed::new(
                "requests_per_session",
                limits.requests_per_session,
                clock,
            ),
            signals_per_session: Keyed::new(
                "signals_per_session",
                limits.signals_per_session,
                clock,
            ),
            pages_per_session: Keyed::new("pages_per_session", limits.pages_per_session, clock),
            uploads_per_session: Keyed::new(
                "uploads_per_session",
                limits.uploads_per_session,
                clock,
            ),
            upload_kib_per_session: Keyed::new(
                "upload_kib_per_session",
                limits.upload_kib_per_session,
                clock,
            ),
            upload_kib_per_deployment: Keyed::new(
                "upload_kib_per_deployment",
                limits.upload_kib_per_deployment,
                clock,
            ),
            open_sessions: Ceiling::new("open_sessions", limits.open_sessions),
            waiting_chats: Ceiling::new("waiting_chats", limits.waiting_chats),
            held_bytes: held_bytes::capacity(limits.request_body_bytes),
        }
    }

    /// Drops the keys that have used nothing lately. Call it every few seconds.
    pub(crate) fn drop_idle_keys(&self) {
        self.requests_per_address.drop_idle();
        self.sessions_per_address.drop_idle();
        self.requests_per_session.drop_idle();
        self.signals_per_session.drop_idle();
        self.pages_per_session.drop_idle();
        self.uploads_per_session.drop_idle();
        self.upload_kib_per_session.drop_idle();
        self.upload_kib_per_deployment.drop_idle();
    }
}

/// A [`Rate`] for each key.
pub(crate) struct Keyed<K: Hash + Eq + Clone> {
    name: &'static str,
    burst: NonZeroU32,
    clock: TokioClock,
    counts: RateLimiter<K, DashMapStateStore<K>, TokioClock, NoOpMiddleware<Duration>>,
    purged_at: Mutex<Instant>,
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(name: &'static str, rate: Rate, clock: TokioClock) -> Self {
        Self {
            name,
            burst: rate.burst,
            clock,
            counts: RateLimiter::new(rate.quota(), DashMapStateStore::default(), clock),
            purged_at: Mutex::new(Instant::now()),
        }
    }

    /// Uses one of the key's burst.
    pub(crate) fn take(&self, key: &K) -> Result<(), Exceeded> {
        self.take_many(key, NonZeroU32::MIN)
    }

    /// Uses some of the key's burst; more than the whole burst counts as the
    /// whole.
    ///
    /// # Errors
    /// When there is not enough left; then nothing is used.
    pub(crate) fn take_many(&self, key: &K, amount: NonZeroU32) -> Result<(), Exceeded> {
        if self.counts.len() >= KEYS_MAX && !self.purge() {
            // Too many clients to tell apart: the limits for all hold them.
            return Ok(());
        }
        match self.counts.check_key_n(key, amount.min(self.burst)) {
            Ok(Err(not_yet)) => {
                let wait = not_yet.wait_time_from(self.clock.now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Err(exceeded(self.name, seconds.max(1)))
            }
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// Makes room. Returns whether there is some.
    fn purge(&self) -> bool {
        let now = Instant::now();
        {
            let mut purged_at = self
                .purged_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if now.duration_since(*purged_at) < PURGE_INTERVAL {
                return false;
            }
            *purged_at = now;
        }
        self.counts.retain_recent();
        self.counts.len() < KEYS_MAX
    }

    fn drop_idle(&self) {
        self.counts.retain_recent();
        self.counts.shrink_to_fit();
    }
}

impl<K: Hash + Eq + Clone> std::fmt::Debug for Keyed<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed")
            .field("name", &self.name)
            .field("keys", &self.counts.len())
            .finish_non_exhaustive()
    }
}

/// A limit of how many there are at a time. The store is counted every few
/// seconds; what comes meanwhile is added.
#[derive(Debug)]
pub(crate) struct Ceiling {
    name: &'static str,
    max: usize,
    count: AtomicUsize,
}

impl Ceiling {
    fn new(name: &'static str, max: usize) -> Self {
        Self {
            name,
            max,
            count: AtomicUsize::new(0),
        }
    }

    /// One more.
    pub(crate) fn take(&self) -> Result<(), Exceeded> {
        if self.count.fetch_add(1, Ordering::Relaxed) < self.max {
            return Ok(());
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        Err(exceeded(self.name, FULL_RETRY_AFTER_S))
    }

    /// How many there are, counted anew.
    pub(crate) fn set(&self, count: i64) {
        let count = usize::try_from(count).unwrap_or_default();
        self.count.store(count, Ordering::Relaxed);
    }
}

/// Counts in the metrics that a limit was reached, and logs it once a minute:
/// whoever floods the endpoint does not flood its log.
pub(crate) fn record_hit(limit: &'static str) {
    static LOGGED: LazyLock<DefaultKeyedRateLimiter<&'static str>> =
        LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN)));
    metrics::counter!("parlor_limit_hits_total", "limit" => limit).increment(1);
    if LOGGED.check_key(&limit).is_ok() {
        tracing::warn!(limit, "a limit was reached: requests are refused");
    }
}

fn exceeded(limit: &'static str, retry_after_s: u64) -> Exceeded {
    record_hit(limit);
    Exceeded {
        limit,
        retry_after_s,
    }
}

/// Tokio's time since the start, which tests can pause.
#[derive(Debug, Clone, Copy)]
struct TokioClock(Instant);

impl GovernorClock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::*;
    use crate::telemetry::{LogFormat, subscriber, tests::LogBuffer};

    fn keyed(burst: u32, refilled_in_s: u64) -> Keyed<u32> {
        let clock = TokioClock(Instant::now());
        Keyed::new("test", Rate::new(burst, refilled_in_s), clock)
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_available_at_once_and_again_after_its_time() {
        let limit = keyed(10, 20);
        for _ in 0..2 {
            for _ in 0..10 {
                assert_eq!(limit.take(&1), Ok(()));
            }
            assert_eq!(limit.take(&1).unwrap_err().retry_after_s, 2);
            assert_eq!(limit.take(&2), Ok(()));
            tokio::time::advance(Duration::from_secs(2)).await;
            assert_eq!(limit.take(&1), Ok(()));
            tokio::time::advance(Duration::from_secs(20)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_the_burst_counts_as_the_burst() {
        let limit = keyed(10, 20);
        let much = NonZeroU32::new(1000).unwrap();
        assert_eq!(limit.take_many(&1, much), Ok(()));
        assert_eq!(limit.take_many(&1, much).unwrap_err().retry_after_s, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_keys_are_dropped() {
        let limit = keyed(10, 20);
        for key in 0..1000 {
            limit.take(&key).unwrap();
        }
        limit.drop_idle();
        assert_eq!(limit.counts.len(), 1000);
        tokio::time::advance(Duration::from_secs(4)).await;
        limit.drop_idle();
        assert_eq!(limit.counts.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_keys_is_bounded() {
        let limit = keyed(10, 20);
        for key in 0..KEYS_MAX as u32 + 10 {
            assert_eq!(limit.take(&key), Ok(()));
        }
        assert_eq!(limit.counts.len(), KEYS_MAX);
        // Once the first keys have their burst again, there is room for others.
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(limit.take(&u32::MAX), Ok(()));
        assert_eq!(limit.counts.len(), 1);
    }

    #[test]
    fn a_flood_is_logged_once() {
        let buffer = LogBuffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Text, LevelFilter::INFO, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            let ceiling = Ceiling::new("test_of_the_log", 1);
            for _ in 0..1000 {
                let _ = ceiling.take();
            }
        });
        let text = buffer.text();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("test_of_the_log"), "{text}");
    }

    #[test]
    fn a_ceiling_is_counted_anew() {
        let ceiling = Ceiling::new("test", 2);
        assert_eq!(ceiling.take(), Ok(()));
        assert_eq!(ceiling.take(), Ok(()));
        assert!(ceiling.take().is_err());
        assert!(ceiling.take().is_err());
        ceiling.set(1);
        assert_eq!(ceiling.take(), Ok(()));
        assert!(ceiling.take().is_err());
    }
}
