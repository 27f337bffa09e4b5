//! Working hours of a deployment: when somebody may be there, in a time zone, and
//! when the next such time begins. It knows no agents.

use std::collections::BTreeSet;

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// How far ahead the next opening is looked for: longer than any holidays, and
/// so short that the search takes no time.
const LOOKED_AHEAD_DAYS: i32 = 400;

/// See the module. Kept with the settings of the deployment, and valid:
/// `settings` has checked it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkingHours {
    /// A name of the IANA database, as `Europe/Berlin`.
    pub time_zone: String,
    /// From Monday to Sunday, each in order and without overlaps.
    pub days: [Vec<Hours>; 7],
    /// Days without hours: `2026-12-24`, or `12-24` in every year.
    pub holidays: BTreeSet<String>,
}

/// A part of a day, in minutes since midnight; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    pub from: u16,
    /// At most [`DAY_MINUTES`].
    pub to: u16,
}

/// Whether the IANA database has a time zone of this name.
pub fn is_time_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

impl WorkingHours {
    /// Whether somebody may be there at that time. A time zone that is no longer
    /// known closes nothing.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let Some(now) = self.local(now) else {
            return true;
        };
        let time = now.time();
        let minute = i32::from(time.hour()) * 60 + i32::from(time.minute());
        self.hours_of(now.date())
            .iter()
            .any(|hours| (i32::from(hours.from)..i32::from(hours.to)).contains(&minute))
    }

    /// When hours begin next; `None` if they never do.
    pub fn next_opening(&self, now: Timestamp) -> Option<Timestamp> {
        let local = self.local(now)?;
        (0..=LOOKED_AHEAD_DAYS).find_map(|ahead| {
            let date = local.date().checked_add(ahead.days()).ok()?;
            self.hours_of(date)
                .iter()
                .filter_map(|hours| {
                    let (hour, minute) = (hours.from / 60, hours.from % 60);
                    let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
                    let begins = date.at(hour, minute, 0, 0);
                    let begins = begins.to_zoned(local.time_zone().clone()).ok()?;
                    Some(Timestamp(begins.timestamp().as_microsecond()))
                })
                .find(|begins| *begins > now)
        })
    }

    fn local(&self, now: Timestamp) -> Option<jiff::Zoned> {
        let zone = TimeZone::get(&self.time_zone).ok()?;
        let now = jiff::Timestamp::from_microsecond(now.0).ok()?;
        Some(now.to_zoned(zone))
    }

    fn hours_of(&self, date: Date) -> &[Hours] {
        let every_year = date.strftime("%m-%d").to_string();
        if self.holidays.contains(&date.to_string()) || self.holidays.contains(&every_year) {
            return &[];
        }
        let [
            monday,
            tuesday,
            wednesday,
            thursday,
            friday,
            saturday,
            sunday,
        ] = &self.days;
        match date.weekday() {
            Weekday::Monday => monday,
            Weekday::Tuesday => tuesday,
            Weekday::Wednesday => wednesday,
            Weekday::Thursday => thursday,
            Weekday::Friday => friday,
            Weekday::Saturday => saturday,
            Weekday::Sunday => sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// Mondays to Fridays from 9 to 12 and from 13 to 17:30, in Berlin.
    fn hours() -> WorkingHours {
        let day = vec![
            Hours {
                from: 9 * 60,
                to: 12 * 60,
            },
            Hours {
                from: 13 * 60,
                to: 17 * 60 + 30,
            },
        ];
        let mut days: [Vec<Hours>; 7] = std::array::from_fn(|_| day.clone());
        days[5].clear();
        days[6].clear();
        WorkingHours {
            time_zone: "Europe/Berlin".to_owned(),
            days,
            holidays: ["2026-05-01", "12-25"].map(str::to_owned).into(),
        }
    }

    /// `opens`: when hours begin next.
    fn check(now: &str, is_open: bool, opens: &str) {
        assert_eq!(hours().is_open(at(now)), is_open, "{now}");
        assert_eq!(hours().next_opening(at(now)), Some(at(opens)), "{now}");
    }

    #[test]
    fn hours_are_those_of_the_zone_in_summer_and_winter() {
        // Wednesdays: in Berlin it is an hour later, and two in summer.
        check("2026-01-07T07:59:59Z", false, "2026-01-07T08:00:00Z");
        check("2026-01-07T08:00:00Z", true, "2026-01-07T12:00:00Z");
        check("2026-07-01T07:00:00Z", true, "2026-07-01T11:00:00Z");
        check("2026-07-01T10:30:00Z", false, "2026-07-01T11:00:00Z");
    }

    #[test]
    fn the_end_is_not_part_of_them() {
        check("2026-01-07T16:29:59Z", true, "2026-01-08T08:00:00Z");
        check("2026-01-07T16:30:00Z", false, "2026-01-08T08:00:00Z");
    }

    #[test]
    fn weekends_and_holidays_are_passed_over() {
        // A Friday evening; the Thursday before the 1st of May; Christmas.
        check("2026-01-09T18:00:00Z", false, "2026-01-12T08:00:00Z");
        check("2026-04-30T16:00:00Z", false, "2026-05-04T07:00:00Z");
        check("2026-05-01T08:00:00Z", false, "2026-05-04T07:00:00Z");
        check("2030-12-25T10:00:00Z", false, "2030-12-26T08:00:00Z");
    }

    #[test]
    fn a_night_that_is_cut_by_the_clock_has_its_hours() {
        // On the 29th of March 2026 there is no time from 2 to 3.
        let mut nights = hours();
        nights.days[6] = vec![Hours {
            from: 2 * 60 + 30,
            to: 4 * 60,
        }];
        let before = at("2026-03-29T00:30:00Z");
        assert_eq!(
            nights.next_opening(before),
            Some(at("2026-03-29T01:30:00Z"))
        );
    }

    #[test]
    fn without_hours_nobody_comes_back() {
        let mut never = hours();
        never.days = Default::default();
        assert_eq!(never.next_opening(at("2026-01-07T08:00:00Z")), None);
    }
}
