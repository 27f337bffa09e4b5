//! The `[limits]` table of the settings file. Limits of single sessions are not
//! in it: no site's visitors come near them.

use super::read::{Result, Table};
use crate::limits::{Limits, Rate};

/// More would be no limit.
const COUNT_MAX: i64 = 1_000_000;

/// Four tebibytes, which is how much is counted: 2^32 KiB.
const GIB_MAX: i64 = 4095;

const KIB_PER_GIB: u64 = 1024 * 1024;

/// Parses the limits. What the file leaves out has its default.
pub(super) fn limits(table: Table<'_>) -> Result<Limits> {
    let mut limits = Limits::default();
    for (key, rate) in [
        ("requests_per_address", &mut limits.requests_per_address),
        ("sessions_per_address", &mut limits.sessions_per_address),
    ] {
        if let Some(burst) = table.value(key) {
            *rate = with_burst(*rate, burst.integer(1..=COUNT_MAX)?.unsigned_abs());
        }
    }
    if let Some(gib) = table.value("upload_gib_per_deployment") {
        let kib = gib.integer(1..=GIB_MAX)?.unsigned_abs() * KIB_PER_GIB;
        limits.upload_kib_per_deployment = with_burst(limits.upload_kib_per_deployment, kib);
    }
    for (key, max) in [
        ("open_sessions", &mut limits.open_sessions),
        ("waiting_chats", &mut limits.waiting_chats),
    ] {
        if let Some(value) = table.value(key) {
            *max = usize::try_from(value.integer(1..=COUNT_MAX)?).unwrap_or(usize::MAX);
        }
    }
    table.finish()?;
    Ok(limits)
}

/// Another amount in the same time.
fn with_burst(rate: Rate, burst: u64) -> Rate {
    let burst = u32::try_from(burst).unwrap_or(u32::MAX);
    Rate::new(burst, rate.refilled_in.as_secs())
}
