//! `[archive]`: how the archive is searched.

use jiff::tz::TimeZone;
use parlor_wire::limits::NAME_MAX_BYTES;

use super::read::{Result, Table};
use crate::working_hours::is_time_zone;

/// How the archive is searched.
#[derive(Debug, Clone)]
pub struct ArchiveRules {
    /// In which a bare date of a query is a day.
    pub time_zone: TimeZone,
}

impl Default for ArchiveRules {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
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
    table.finish()?;
    Ok(rules)
}
