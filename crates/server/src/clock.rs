//! The clock. The server reads the time from here only, so that a simulation
//! can run it on a virtual clock.
//!
//! What must stay true: the time never goes backwards, whatever the machine's
//! clock does, so that later rows have later times.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How much slower the time goes while the machine's clock is behind it: slow
/// enough to be overtaken, and fast enough that time-outs still end.
const SLOWED_BY: u32 = 2;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z. The database
/// keeps this number; the APIs have other forms.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// RFC 3339 in UTC with six decimals, as in `created_at` of the Agent Chat
    /// API.
    pub fn to_rfc3339(self) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => format!("{t:.6}"),
            Err(_) => "1970-01-01T00:00:00.000000Z".to_owned(),
        }
    }

    /// Parses any RFC 3339 time.
    pub fn parse(text: &str) -> Option<Self> {
        let t: jiff::Timestamp = text.parse().ok()?;
        Some(Self(t.as_microsecond()))
    }

    /// Whole milliseconds since 1970.
    pub fn as_millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub fn minus(self, d: Duration) -> Self {
        Self(self.0.saturating_sub(micros(d)))
    }

    pub fn plus(self, d: Duration) -> Self {
        Self(self.0.saturating_add(micros(d)))
    }

    /// Whole seconds since `earlier`, never below 0.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0.saturating_sub(earlier.0) / 1_000_000).max(0)
    }
}

fn micros(d: Duration) -> i64 {
    i64::try_from(d.as_micros()).unwrap_or(i64::MAX)
}

/// See the module. Clones give the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    /// A starting point and tokio's time since then.
    Virtual {
        start: Timestamp,
        started: Instant,
    },
    System(Arc<Mutex<Ahead>>),
}

/// The last moment at which the machine's clock was ahead of all times given.
#[derive(Debug)]
struct Ahead {
    time: Timestamp,
    at: Instant,
}

impl Ahead {
    fn now(&mut self, machine: Timestamp) -> Timestamp {
        let without_the_machine = self.time.plus(self.at.elapsed() / SLOWED_BY);
        if machine <= without_the_machine {
            return without_the_machine;
        }
        *self = Self {
            time: machine,
            at: Instant::now(),
        };
        machine
    }
}

impl Clock {
    /// The machine's clock, which may be set while the process runs. When it is
    /// set forward, or the machine was suspended, the time follows at once. When
    /// it is set back, the time goes on at half the speed until the machine's
    /// clock is ahead again.
    ///
    /// `newest` is the newest time in the database, before which none is given:
    /// a machine without a battery starts in 1970, and others are set back while
    /// they are off.
    pub fn system_after(newest: Timestamp) -> Self {
        let machine = machine_time();
        if machine < newest {
            tracing::warn!(
                behind_s = newest.seconds_since(machine),
                "the machine's clock is behind the newest time in the database"
            );
        }
        Self(Source::System(Arc::new(Mutex::new(Ahead {
            time: machine.max(newest),
            at: Instant::now(),
        }))))
    }

    /// A virtual clock, or a real one that ignores how the machine's clock is
    /// set later.
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Source::Virtual {
            start,
            started: Instant::now(),
        })
    }

    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Virtual { start, started } => start.plus(started.elapsed()),
            Source::System(ahead) => ahead
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .now(machine_time()),
        }
    }
}

fn machine_time() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(micros(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_printed_with_six_decimals() {
        let t = Timestamp::parse("2017-10-12T15:19:21.0102Z").unwrap();
        assert_eq!(t.to_rfc3339(), "2017-10-12T15:19:21.010200Z");
        assert_eq!(Timestamp(0).to_rfc3339(), "1970-01-01T00:00:00.000000Z");
    }

    const HOUR: Duration = Duration::from_secs(3600);
    const MINUTE: Duration = Duration::from_secs(60);
    const NOON: Timestamp = Timestamp(1_767_268_800_000_000);

    fn ahead() -> Ahead {
        Ahead {
            time: NOON,
            at: Instant::now(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_machines_clock_that_goes_is_followed() {
        let mut ahead = ahead();
        tokio::time::advance(MINUTE).await;
        assert_eq!(ahead.now(NOON.plus(MINUTE)), NOON.plus(MINUTE));
    }

    /// A suspended machine, or one whose clock is set by the network after it
    /// started in 1970.
    #[tokio::test(start_paused = true)]
    async fn a_machines_clock_that_jumps_forward_is_followed_at_once() {
        let mut ahead = ahead();
        tokio::time::advance(MINUTE).await;
        assert_eq!(ahead.now(NOON.plus(HOUR)), NOON.plus(HOUR));
    }

    #[tokio::test(start_paused = true)]
    async fn a_machines_clock_that_is_set_back_is_waited_for() {
        let mut ahead = ahead();
        let set_back = NOON.minus(MINUTE);
        assert_eq!(ahead.now(set_back), NOON);
        tokio::time::advance(MINUTE).await;
        assert_eq!(ahead.now(set_back.plus(MINUTE)), NOON.plus(MINUTE / 2));
        tokio::time::advance(MINUTE).await;
        assert_eq!(ahead.now(set_back.plus(2 * MINUTE)), NOON.plus(MINUTE));
        tokio::time::advance(MINUTE).await;
        assert_eq!(ahead.now(set_back.plus(3 * MINUTE)), NOON.plus(2 * MINUTE));
    }

    #[tokio::test(start_paused = true)]
    async fn no_time_is_before_the_newest_in_the_database() {
        let future = machine_time().plus(HOUR);
        let clock = Clock::system_after(future);
        assert_eq!(clock.now(), future);
        tokio::time::advance(MINUTE).await;
        assert_eq!(clock.now(), future.plus(MINUTE / 2));
        assert!(Clock::system_after(Timestamp(0)).now() > Timestamp(0));
    }
}
