//! `[deployment.working_hours]`: when somebody may be there.

use std::collections::BTreeSet;

use parlor_wire::limits::NAME_MAX_BYTES;

use super::read::{Result, Table, Value};
use crate::working_hours::{DAY_MINUTES, Hours, WorkingHours, is_time_zone};

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The most parts of one day.
const HOURS_MAX: usize = 12;

/// The most holidays: those of some years.
const HOLIDAYS_MAX: usize = 500;

pub(super) fn working_hours(table: Table<'_>) -> Result<WorkingHours> {
    let zone = table.required("time_zone")?;
    let time_zone = zone.non_empty_text(NAME_MAX_BYTES)?;
    if !is_time_zone(&time_zone) {
        return Err(zone.error("there is no such time zone: expected a name as Europe/Berlin"));
    }
    let mut working = WorkingHours {
        time_zone,
        ..WorkingHours::default()
    };
    for (name, day) in DAYS.into_iter().zip(&mut working.days) {
        if let Some(list) = table.value(name) {
            *day = hours_of_day(&list)?;
        }
    }
    if let Some(list) = table.value("holidays") {
        working.holidays = holidays(&list)?;
    }
    let nobody = table.error("no day has hours: nobody would ever be there");
    table.finish()?;
    match working.days.iter().all(Vec::is_empty) {
        true => Err(nobody),
        false => Ok(working),
    }
}

fn hours_of_day(list: &Value<'_>) -> Result<Vec<Hours>> {
    let mut day: Vec<Hours> = Vec::new();
    for value in list.list(HOURS_MAX)? {
        let hours = hours(&value)?;
        let overlaps = |known: &Hours| hours.from < known.to && known.from < hours.to;
        if day.iter().any(overlaps) {
            return Err(value.error("these hours overlap others of the day"));
        }
        day.push(hours);
    }
    day.sort();
    Ok(day)
}

/// Parses `09:00-17:30`.
fn hours(value: &Value<'_>) -> Result<Hours> {
    let text = value.text(NAME_MAX_BYTES)?;
    let parts = text.split_once('-');
    let hours = parts.and_then(|(from, to)| {
        Some(Hours {
            from: minute_of_day(from)?,
            to: minute_of_day(to)?,
        })
    });
    let hours = hours.ok_or_else(|| value.error("expected hours as 09:00-17:30"))?;
    if hours.from >= hours.to {
        return Err(value.error(
            "these hours end before they begin: hours after midnight belong to the next day",
        ));
    }
    Ok(hours)
}

/// Parses `09:00`, up to `24:00`.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_pair = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !is_pair(hour) || !is_pair(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

fn holidays(list: &Value<'_>) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for value in list.list(HOLIDAYS_MAX)? {
        let text = value.text(NAME_MAX_BYTES)?;
        // 2024 has every day that a year can have.
        let whole = match text.len() {
            5 => format!("2024-{text}"),
            _ => text.clone(),
        };
        let is_date = whole.len() == 10 && whole.parse::<jiff::civil::Date>().is_ok();
        if !is_date {
            return Err(value.error(
                "expected a date as \"2026-12-24\", or \"12-24\" for that day of every year",
            ));
        }
        all.insert(text);
    }
    Ok(all)
}
