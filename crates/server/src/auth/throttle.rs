//! Limits sign-in attempts. An attempt counts from its start, so that many in
//! parallel gain nothing; a successful one is taken back.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::hash_token;
use crate::clock::{Clock, Timestamp};

/// Attempts are counted in windows of this length.
const WINDOW: Duration = Duration::from_secs(600);

/// Wrong passwords for one e-mail address in a window: more than a person who
/// half remembers their password needs, and 1,440 guesses a day.
const PER_EMAIL: u32 = 10;

/// Wrong passwords from one IP address in a window. A whole office may share
/// it.
const PER_ADDRESS: u32 = 50;

/// The most entries in memory: one or two megabytes.
const ENTRIES_MAX: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Throttle {
    windows: Mutex<HashMap<Key, Window>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A hash: e-mail addresses are not kept in memory beyond their request.
    Email(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Timestamp,
    attempts: u32,
}

impl Throttle {
    /// Counts an attempt.
    ///
    /// # Errors
    /// The seconds to wait when there were too many.
    pub fn attempt(&self, clock: &Clock, email: &str, address: Option<IpAddr>) -> Result<(), i64> {
        let now = clock.now();
        let keys = keys(email, address);
        let mut windows = self.lock();
        for (key, limit) in &keys {
            if let Some(window) = windows.get(key)
                && window.attempts >= *limit
                && !is_over(window, now)
            {
                return Err(seconds_left(window, now));
            }
        }
        for (key, _) in keys {
            evict(&mut windows, &key, now);
            let window = windows.entry(key).or_insert(Window {
                began: now,
                attempts: 0,
            });
            if is_over(window, now) {
                *window = Window {
                    began: now,
                    attempts: 0,
                };
            }
            window.attempts = window.attempts.saturating_add(1);
        }
        Ok(())
    }

    /// Takes back an attempt that succeeded.
    pub fn record_success(&self, email: &str, address: Option<IpAddr>) {
        let mut windows = self.lock();
        for (key, _) in keys(email, address) {
            match (&key, windows.get_mut(&key)) {
                (Key::Address(_), Some(window)) => {
                    window.attempts = window.attempts.saturating_sub(1);
                }
                _ => {
                    windows.remove(&key);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A loopback address belongs to a proxy and stands for everybody, so that it
/// is not counted.
fn keys(email: &str, address: Option<IpAddr>) -> Vec<(Key, u32)> {
    let email = Key::Email(hash_token(&email.trim().to_lowercase()));
    let mut keys = vec![(email, PER_EMAIL)];
    if let Some(address) = address.map(network_of).filter(|a| !a.is_loopback()) {
        keys.push((Key::Address(address), PER_ADDRESS));
    }
    keys
}

/// Every IPv6 household has 2^64 addresses: they count as one.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let network = v6.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        other => other,
    }
}

fn is_over(window: &Window, now: Timestamp) -> bool {
    window.began.plus(WINDOW) <= now
}

fn seconds_left(window: &Window, now: Timestamp) -> i64 {
    window.began.plus(WINDOW).seconds_since(now).max(1)
}

/// When the table is full, removes windows that are over, and then the oldest.
fn evict(windows: &mut HashMap<Key, Window>, key: &Key, now: Timestamp) {
    if windows.len() < ENTRIES_MAX || windows.contains_key(key) {
        return;
    }
    windows.retain(|_, window| !is_over(window, now));
    while windows.len() >= ENTRIES_MAX {
        let oldest = windows
            .iter()
            .min_by_key(|(_, window)| window.began)
            .map(|(key, _)| key.clone());
        match oldest {
            Some(oldest) => windows.remove(&oldest),
            None => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn the_eleventh_attempt_for_an_email_is_throttled() {
        let (clock, throttle) = (Clock::starting_at(Timestamp(0)), Throttle::default());
        for n in 0..PER_EMAIL {
            let from = address(&format!("192.0.2.{n}"));
            assert_eq!(throttle.attempt(&clock, "ada@example.com", from), Ok(()));
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        let refused = throttle.attempt(&clock, " ADA@example.com", None);
        assert_eq!(refused, Err(599));
        assert_eq!(throttle.attempt(&clock, "bob@example.com", None), Ok(()));
        tokio::time::advance(WINDOW).await;
        assert_eq!(throttle.attempt(&clock, "ada@example.com", None), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_cannot_try_many_emails() {
        let (clock, throttle) = (Clock::starting_at(Timestamp(0)), Throttle::default());
        for n in 0..PER_ADDRESS {
            let email = format!("{n}@example.com");
            let from = address(&format!("2001:db8::{n:x}"));
            assert_eq!(throttle.attempt(&clock, &email, from), Ok(()));
        }
        let from = address("2001:db8::ffff");
        assert!(throttle.attempt(&clock, "new@example.com", from).is_err());
        let elsewhere = address("2001:db8:0:1::1");
        assert!(
            throttle
                .attempt(&clock, "new@example.com", elsewhere)
                .is_ok()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn loopback_addresses_are_not_counted() {
        let (clock, throttle) = (Clock::starting_at(Timestamp(0)), Throttle::default());
        for n in 0..1000 {
            let email = format!("{n}@example.com");
            assert!(
                throttle
                    .attempt(&clock, &email, address("127.0.0.1"))
                    .is_ok()
            );
            assert!(
                throttle
                    .attempt(&clock, &email, address("::ffff:127.0.0.1"))
                    .is_ok()
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_successful_attempt_is_not_counted() {
        let (clock, throttle) = (Clock::starting_at(Timestamp(0)), Throttle::default());
        let from = address("192.0.2.1");
        for _ in 0..1000 {
            assert_eq!(throttle.attempt(&clock, "ada@example.com", from), Ok(()));
            throttle.record_success("ada@example.com", from);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let (clock, throttle) = (Clock::starting_at(Timestamp(0)), Throttle::default());
        for n in 0..ENTRIES_MAX + 5 {
            let _ = throttle.attempt(&clock, &n.to_string(), None);
        }
        assert_eq!(throttle.lock().len(), ENTRIES_MAX);
    }
}
