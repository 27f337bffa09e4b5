//! What is measured, and what must not happen.

mod latency;
mod process;
mod tally;

use std::{sync::LazyLock, time::Instant};

pub(crate) use latency::Latencies;
pub(crate) use process::{Usage, own_cpu, usage};
pub(crate) use tally::Tally;

/// What stamps count from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Microseconds since the program's first stamp. A message carries it, so that whoever receives it
/// knows how long it took.
pub(crate) fn stamp() -> u64 {
    u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX)
}
