//! Days of the calendar, without a time zone. What day it is, the driver says.

use std::fmt;

/// A day, as the number of days since 1970-01-01 in the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Day(i64);

impl Day {
    /// The day of these numbers; `None` if there is none, or not in the years 1970 to 9999.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let at = Self(super::timestamp::days(year, month, day));
        let exists = (1970..=9999).contains(&year) && at.parts() == (year, month, day);
        exists.then_some(at)
    }

    /// Reads `2026-11-30`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut next = |digits: usize| {
            let part = parts.next()?;
            let is_number = part.len() == digits && part.bytes().all(|it| it.is_ascii_digit());
            is_number.then(|| part.parse::<i64>().ok()).flatten()
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        match parts.next() {
            None => Self::new(year, month, day),
            Some(_) => None,
        }
    }

    /// The day so many days later.
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// How many days there are from another one to this.
    pub fn days_since(self, other: Self) -> i64 {
        self.0 - other.0
    }

    /// The first day of its month.
    pub fn month_begins(self) -> Self {
        let (_, _, day) = self.parts();
        self.plus(1 - day)
    }

    /// Year, month from 1, and day from 1.
    pub fn parts(self) -> (i64, i64, i64) {
        // The inverse of `timestamp::days`: years begin in March.
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let january = i64::from(month >= 10);
        (
            era * 400 + year + january,
            if month < 10 { month + 3 } else { month - 9 },
            day,
        )
    }

    /// Its beginning in UTC, in milliseconds since 1970.
    pub fn utc_millis(self) -> i64 {
        self.0 * 86_400_000
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_are_read_and_written() {
        for text in [
            "1970-01-01",
            "2000-02-29",
            "2026-11-30",
            "2100-03-01",
            "9999-12-31",
        ] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "",
            "2026-02-29",
            "2026-13-01",
            "26-01-01",
            "2026-1-1",
            "2026-11-30-1",
            "+026-01-01",
        ] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_are_counted() {
        let day = Day::parse("2024-02-29").unwrap();
        assert_eq!(day.plus(1).to_string(), "2024-03-01");
        assert_eq!(day.plus(-60).to_string(), "2023-12-31");
        assert_eq!(day.plus(366).days_since(day), 366);
        assert_eq!(day.month_begins().to_string(), "2024-02-01");
        let mut day = Day::parse("1970-01-01").unwrap();
        for _ in 0..100_000 {
            let next = day.plus(1);
            assert_eq!(Day::parse(&next.to_string()), Some(next));
            day = next;
        }
    }
}
