//! Limits sign-in attempts. Wrong passwords for one e-mail address from one IP
//! address have to wait longer and longer, so that nobody can lock a colleague
//! out from elsewhere. An attempt counts from its start, so that many in
//! parallel gain nothing; a successful one is taken back.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::hash_token;
use crate::clock::{Clock, Timestamp};

/// Wrong passwords that need not wait: people who half remember theirs try a
/// few.
const FREE_ATTEMPTS: u32 = 5;

/// The wait after the first wrong password that is not free. It doubles with
/// each further one.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// The longest wait: 96 guesses a day, of a password that nobody guesses in
/// millions.
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// After this time without an attempt, an address starts anew.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);

/// Attempts from one IP address are counted in windows of this length.
const WINDOW: Duration = Duration::from_secs(600);

/// Wrong passwords from one IP address in a window. A whole office may share
/// it.
const PER_ADDRESS: u32 = 50;

/// The most entries in memory: one or two megabytes.
const ENTRIES_MAX: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    pairs: HashMap<Pair, Count>,
    addresses: HashMap<IpAddr, Count>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Pair {
    /// A hash: e-mail addresses are not kept in memory beyond their request.
    email: String,
    /// `None` behind a proxy that does not tell: then everybody shares it.
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    /// The last attempt of a pair; the beginning of an address' window.
    since: Timestamp,
    attempts: u32,
}

impl Throttle {
    /// Counts an attempt. `address` is an IPv4 address or an IPv6 network.
    ///
    /// # Errors
    /// The seconds to wait when there were too many.
    pub fn attempt(&self, clock: &Clock, email: &str, address: Option<IpAddr>) -> Result<(), u64> {
        let now = clock.now();
        let pair = pair(email, address);
        let mut entries = self.lock();
        let Entries { pairs, addresses } = &mut *entries;
        let tried = live(pairs, &pair, FORGOTTEN_AFTER, now);
        let in_window = address.map(|address| live(addresses, &address, WINDOW, now));
        let waits_until = tried.since.plus(wait_after(tried.attempts));
        let full = in_window.filter(|window| window.attempts >= PER_ADDRESS);
        let full_until = full.map(|window| window.since.plus(WINDOW));
        let until = full_until.map_or(waits_until, |full| full.max(waits_until));
        if now < until {
            return Err(seconds_until(until, now));
        }
        put(
            pairs,
            pair,
            FORGOTTEN_AFTER,
            now,
            Count {
                since: now,
                attempts: tried.attempts.saturating_add(1),
            },
        );
        if let (Some(address), Some(window)) = (address, in_window) {
            put(
                addresses,
                address,
                WINDOW,
                now,
                Count {
                    attempts: window.attempts.saturating_add(1),
                    ..window
                },
            );
        }
        Ok(())
    }

    /// Takes back an attempt that succeeded.
    pub fn record_success(&self, email: &str, address: Option<IpAddr>) {
        let mut entries = self.lock();
        entries.pairs.remove(&pair(email, address));
        let window = address.and_then(|address| entries.addresses.get_mut(&address));
        if let Some(window) = window {
            window.attempts = window.attempts.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair(email: &str, address: Option<IpAddr>) -> Pair {
    Pair {
        email: hash_token(&email.trim().to_lowercase()),
        address,
    }
}

/// How long to wait after so many attempts.
fn wait_after(attempts: u32) -> Duration {
    match attempts.checked_sub(FREE_ATTEMPTS) {
        None => Duration::ZERO,
        Some(doublings) => {
            let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
            FIRST_WAIT.saturating_mul(factor).min(WAIT_MAX)
        }
    }
}

fn seconds_until(until: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(until.seconds_since(now)).unwrap_or(0).max(1)
}

/// The count of a key; none when it has expired.
fn live<K: Hash + Eq>(
    counts: &HashMap<K, Count>,
    key: &K,
    lifetime: Duration,
    now: Timestamp,
) -> Count {
    let count = counts.get(key).copied();
    count
        .filter(|count| now < count.since.plus(lifetime))
        .unwrap_or(Count {
            since: now,
            attempts: 0,
        })
}

/// Stores a count. When the table is full, expired counts are removed, and then
/// the oldest.
fn put<K: Hash + Eq + Clone>(
    counts: &mut HashMap<K, Count>,
    key: K,
    lifetime: Duration,
    now: Timestamp,
    count: Count,
) {
    if counts.len() >= ENTRIES_MAX && !counts.contains_key(&key) {
        counts.retain(|_, count| now < count.since.plus(lifetime));
        while counts.len() >= ENTRIES_MAX {
            let oldest = counts.iter().min_by_key(|(_, count)| count.since);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            counts.remove(&oldest);
        }
    }
    counts.insert(key, count);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "ada@example.com";

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn world() -> (Clock, Throttle) {
        (Clock::starting_at(Timestamp(0)), Throttle::default())
    }

    #[tokio::test(start_paused = true)]
    async fn wrong_passwords_wait_longer_and_longer() {
        let (clock, throttle) = world();
        let office = address("192.0.2.1");
        for _ in 0..5 {
            assert_eq!(throttle.attempt(&clock, ADA, office), Ok(()));
        }
        for wait in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let refused = throttle.attempt(&clock, " ADA@example.com", office);
            assert_eq!(refused, Err(wait));
            tokio::time::advance(Duration::from_secs(wait)).await;
            assert_eq!(throttle.attempt(&clock, ADA, office), Ok(()));
        }
        tokio::time::advance(Duration::from_secs(3600)).await;
        for _ in 0..5 {
            assert_eq!(throttle.attempt(&clock, ADA, office), Ok(()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_locks_a_colleague_out() {
        let (clock, throttle) = world();
        let stranger = address("198.51.100.9");
        while throttle.attempt(&clock, ADA, stranger).is_ok() {}
        assert_eq!(throttle.attempt(&clock, ADA, address("192.0.2.1")), Ok(()));
        let colleague = "bob@example.com";
        assert_eq!(throttle.attempt(&clock, colleague, stranger), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_cannot_try_many_emails() {
        let (clock, throttle) = world();
        let from = address("192.0.2.1");
        for n in 0..PER_ADDRESS {
            let email = format!("{n}@example.com");
            assert_eq!(throttle.attempt(&clock, &email, from), Ok(()));
        }
        let new = "new@example.com";
        assert_eq!(throttle.attempt(&clock, new, from), Err(600));
        let elsewhere = address("192.0.2.2");
        assert_eq!(throttle.attempt(&clock, new, elsewhere), Ok(()));
        tokio::time::advance(WINDOW).await;
        assert_eq!(throttle.attempt(&clock, new, from), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_address_is_not_counted_for_all_emails() {
        let (clock, throttle) = world();
        for n in 0..1000 {
            let email = format!("{n}@example.com");
            assert_eq!(throttle.attempt(&clock, &email, None), Ok(()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_successful_attempt_is_not_counted() {
        let (clock, throttle) = world();
        let from = address("192.0.2.1");
        for _ in 0..1000 {
            assert_eq!(throttle.attempt(&clock, ADA, from), Ok(()));
            throttle.record_success(ADA, from);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let (clock, throttle) = world();
        for n in 0..ENTRIES_MAX as u32 + 5 {
            let from = IpAddr::from(n.to_be_bytes());
            let _ = throttle.attempt(&clock, ADA, Some(from));
        }
        let entries = throttle.lock();
        assert_eq!(entries.pairs.len(), ENTRIES_MAX);
        assert_eq!(entries.addresses.len(), ENTRIES_MAX);
    }
}
