//! The `[agents]` table of the settings file.

use std::time::Duration;

use super::read::{Result, Table};
use crate::presence::Grace;

/// An hour: visitors would wait for somebody who is not there.
const GRACE_MAX_S: i64 = 3_600;

/// Parses after how long an agent is no longer there. What the file leaves out has
/// its default.
pub(super) fn grace(table: Table<'_>) -> Result<Grace> {
    let mut grace = Grace::default();
    for (key, time) in [
        ("offline_after_s", &mut grace.socket),
        ("program_offline_after_s", &mut grace.program),
    ] {
        if let Some(value) = table.value(key) {
            let seconds = value.integer(1..=GRACE_MAX_S)?.unsigned_abs();
            *time = Duration::from_secs(seconds);
        }
    }
    table.finish()?;
    Ok(grace)
}
