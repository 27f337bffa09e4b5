//! `[archive]`: how the archive is searched, and for how long goals belong to a chat.

use jiff::tz::TimeZone;
use parlor_wire::limits::NAME_MAX_BYTES;

use super::read::{Result, Table};
use crate::working_hours::is_time_zone;

/// A year: what somebody does later has other reasons than a chat.
const CONVERSION_WINDOW_MAX_DAYS: i64 = 365;

/// How the archive is searched, and for how long goals belong to a chat.
#[derive(Debug, Clone)]
pub struct ArchiveRules {
    /// In which a bare date of a query is a day.
    pub time_zone: TimeZone,
    /// Goals that a visitor reaches within so many days after a chat has begun are attributed
    /// to it.
    pub conversion_window_days: u32,
}

impl Default for ArchiveRules {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            conversion_window_days: 30,
        }
    }
}

pub(super) fn archive(table: Table<'_>) -> Result<ArchiveRules> {
    let mut rules = ArchiveRules::default();
    if let Some(zone) = table.value("time_zone") {
        let name = zone.non_empty_text(NAME_MAX_BYTES)?;
        let unknown = "there is no such time zone: expected a name as Europe/Berlin";
        rules.time_zone = match TimeZone::get(&name) {
            Ok(found) if is_time_zone(&name) => found,
            _ => return Err(zone.error(unknown)),
        };
    }
    if let Some(value) = table.value("conversion_window_days") {
        let days = value.integer(1..=CONVERSION_WINDOW_MAX_DAYS)?;
        rules.conversion_window_days = u32::try_from(days).unwrap_or(u32::MAX);
    }
    table.finish()?;
    Ok(rules)
}
