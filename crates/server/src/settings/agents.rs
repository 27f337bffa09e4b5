//! The `[agents]` table of the settings file.

use std::time::Duration;

use super::read::{Result, Table};
use crate::presence::Grace;

/// An hour: visitors would wait for somebody who is not there.
const GRACE_MAX_S: i64 = 3_600;

/// A day: by then nobody waits at their window.
const CHATS_MAX_S: i64 = 86_400;

/// Parses after how long an agent is no longer there. What the file leaves out has
/// its default.
pub(super) fn grace(table: Table<'_>) -> Result<Grace> {
    let mut grace = Grace::default();
    for (key, time, most) in [
        ("offline_after_s", &mut grace.socket, GRACE_MAX_S),
        ("program_offline_after_s", &mut grace.program, GRACE_MAX_S),
        ("end_chats_after_s", &mut grace.chats, CHATS_MAX_S),
    ] {
        if let Some(value) = table.value(key) {
            let seconds = value.integer(1..=most)?.unsigned_abs();
            *time = Duration::from_secs(seconds);
        }
    }
    table.finish()?;
    Ok(grace)
}
