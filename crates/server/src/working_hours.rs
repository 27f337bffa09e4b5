//! Working hours of a deployment: when somebody may be there, in a time zone, and
//! when the next such time begins. It knows no agents.

use std::{collections::BTreeSet, time::Duration};

use jiff::{
    ToSpan as _, Zoned,
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

/// Times for callbacks are offered for so many days, today among them.
const WINDOWS_AHEAD_DAYS: i32 = 7;

/// The longest of them: nobody likes to wait for a call for half a day.
const WINDOW_MINUTES: u16 = 3 * 60;

/// What must be left of one that has begun, for somebody to make the call.
const WINDOW_MIN: Duration = Duration::from_mins(30);

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

impl Hours {
    /// Pieces of at most [`WINDOW_MINUTES`].
    fn parts(self) -> impl Iterator<Item = Self> {
        let starts = (self.from..self.to).step_by(WINDOW_MINUTES.into());
        starts.map(move |from| Self {
            from,
            to: self.to.min(from.saturating_add(WINDOW_MINUTES)),
        })
    }
}

/// This minute of a day, of which the 1,440th is the next midnight. A time that the
/// clock leaves out is as much later.
fn at_minute(date: Date, minute: u16, zone: &TimeZone) -> Option<Zoned> {
    let (date, minute) = match minute {
        DAY_MINUTES => (date.tomorrow().ok()?, 0),
        minute => (date, minute),
    };
    let (hour, minute) = (
        i8::try_from(minute / 60).ok()?,
        i8::try_from(minute % 60).ok()?,
    );
    date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()
}

fn timestamp(moment: &Zoned) -> Timestamp {
    Timestamp(moment.timestamp().as_microsecond())
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
                .filter_map(|hours| at_minute(date, hours.from, local.time_zone()))
                .map(|begins| timestamp(&begins))
                .find(|begins| *begins > now)
        })
    }

    /// Parts of the hours of the next week, of at most three hours each: start, end,
    /// and how people of the place say it. The one that is under way has half an
    /// hour left at least.
    pub fn windows(&self, now: Timestamp, most: usize) -> Vec<(Timestamp, Timestamp, String)> {
        let Some(local) = self.local(now) else {
            return Vec::new();
        };
        let zone = local.time_zone();
        let dates =
            (0..WINDOWS_AHEAD_DAYS).filter_map(|day| local.date().checked_add(day.days()).ok());
        let parts = dates.flat_map(|date| {
            let hours = self.hours_of(date).iter().flat_map(|hours| hours.parts());
            hours.filter_map(move |part| {
                let start = at_minute(date, part.from, zone)?;
                let end = at_minute(date, part.to, zone)?;
                let label = format!(
                    "{}–{}",
                    start.strftime("%a %-d %b, %H:%M"),
                    end.strftime("%H:%M")
                );
                Some((timestamp(&start), timestamp(&end), label))
            })
        });
        let last = now.plus(WINDOW_MIN);
        parts
            .filter(|(_, end, _)| *end >= last)
            .take(most)
            .collect()
    }

    fn local(&self, now: Timestamp) -> Option<Zoned> {
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
