//! The clock. The server reads the time from here only, so that a simulation
//! can run it on a virtual clock.
//!
//! A clock adds tokio's monotonic time to a starting point: this is the real
//! time in production, and virtual time under a paused runtime.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
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

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Timestamp,
    started: Instant,
}

impl Clock {
    /// The real time, read once; from there it follows the monotonic clock, so
    /// that setting the system's clock back does not set the log's times back.
    pub fn system() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::starting_at(Timestamp(micros(since)))
    }

    pub fn starting_at(start: Timestamp) -> Self {
        Self {
            start,
            started: Instant::now(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.start.plus(self.started.elapsed())
    }
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
}
