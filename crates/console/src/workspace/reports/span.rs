//! Spans of time, and the steps in which their numbers are shown.

use parlor_wire::agent::ReportInterval;

use crate::workspace::Day;

/// A span of time that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// So many days, up to today.
    LastDays(i64),
    /// From the first of this month.
    ThisMonth,
    /// From a year ago to today.
    LastTwelveMonths,
    /// The calendar year before this one.
    LastYear,
    /// Any two days.
    Days,
}

impl Default for Span {
    fn default() -> Self {
        Self::LastDays(30)
    }
}

impl Span {
    /// Its first and its last day; none for days that are chosen.
    pub(super) fn days(self, today: Day) -> Option<(Day, Day)> {
        let (year, _, _) = today.parts();
        Some(match self {
            Self::LastDays(days) => (today.plus(1 - days), today),
            Self::ThisMonth => (today.month_begins(), today),
            Self::LastTwelveMonths => (today.plus(-364), today),
            Self::LastYear => (Day::new(year - 1, 1, 1)?, Day::new(year - 1, 12, 31)?),
            Self::Days => return None,
        })
    }
}

/// So many bars are shown at most of one interval: as many as can be told apart on a phone.
const BARS_MAX: i64 = 31;

/// The steps of a span: days, weeks, or months.
pub(super) fn interval(from: Day, to: Day) -> ReportInterval {
    match to.days_since(from) + 1 {
        ..=BARS_MAX => ReportInterval::Day,
        days if days <= 7 * BARS_MAX => ReportInterval::Week,
        _ => ReportInterval::Month,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_days_and_steps() {
        let today = Day::parse("2026-11-30").unwrap();
        for (span, from, to, step) in [
            (
                Span::LastDays(7),
                "2026-11-24",
                "2026-11-30",
                ReportInterval::Day,
            ),
            (
                Span::LastDays(30),
                "2026-11-01",
                "2026-11-30",
                ReportInterval::Day,
            ),
            (
                Span::LastDays(90),
                "2026-09-02",
                "2026-11-30",
                ReportInterval::Week,
            ),
            (
                Span::ThisMonth,
                "2026-11-01",
                "2026-11-30",
                ReportInterval::Day,
            ),
            (
                Span::LastTwelveMonths,
                "2025-12-01",
                "2026-11-30",
                ReportInterval::Month,
            ),
            (
                Span::LastYear,
                "2025-01-01",
                "2025-12-31",
                ReportInterval::Month,
            ),
        ] {
            let (first, last) = span.days(today).unwrap();
            assert_eq!(
                (first.to_string().as_str(), last.to_string().as_str()),
                (from, to)
            );
            assert_eq!(interval(first, last), step, "{span:?}");
        }
        assert_eq!(Span::Days.days(today), None);
    }
}
