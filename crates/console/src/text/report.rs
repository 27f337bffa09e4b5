//! The texts of the reports.

use parlor_wire::agent::{ReportInterval, ReportRow};

use super::fault_reason;
use crate::workspace::{Fault, Span};

/// The spans of time that can be chosen, with their names.
pub(crate) const SPANS: [(Span, &str); 7] = [
    (Span::LastDays(7), "Last 7 days"),
    (Span::LastDays(30), "Last 30 days"),
    (Span::LastDays(90), "Last 90 days"),
    (Span::ThisMonth, "This month"),
    (Span::LastTwelveMonths, "Last 12 months"),
    (Span::LastYear, "Last year"),
    (Span::Days, "Other days"),
];

pub(crate) fn interval(interval: &ReportInterval) -> &'static str {
    match interval {
        ReportInterval::Week => "by week",
        ReportInterval::Month => "by month",
        ReportInterval::Day | ReportInterval::Other(_) => "by day",
    }
}

/// The head of a table's first column.
pub(crate) fn interval_head(interval: &ReportInterval) -> &'static str {
    match interval {
        ReportInterval::Week => "Week from",
        ReportInterval::Month => "Month",
        ReportInterval::Day | ReportInterval::Other(_) => "Day",
    }
}

/// `42 s`, `12 min`, `1 h 02 min`, `3 days`.
pub(crate) fn seconds(seconds: u64) -> String {
    let minutes = seconds / 60;
    match seconds {
        0..90 => format!("{seconds} s"),
        90..600 => format!("{minutes} min {:02} s", seconds % 60),
        600..3_600 => format!("{minutes} min"),
        3_600..172_800 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / (24 * 60)),
    }
}

/// An average of seconds, or a dash.
pub(crate) fn average(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| seconds(value.max(0.0).round() as u64),
    )
}

/// `3 of 12 (25 %)`.
pub(crate) fn share(part: u64, of: u64) -> String {
    match (part * 100 + of / 2).checked_div(of) {
        Some(percent) => format!("{part} of {of} ({percent} %)"),
        None => "–".to_owned(),
    }
}

pub(crate) fn ratings(row: &ReportRow) -> String {
    match row.good + row.bad {
        0 => "–".to_owned(),
        all => format!("{} good", share(row.good, all)),
    }
}

pub(crate) fn not_loaded(fault: Fault) -> String {
    match fault {
        Fault::Refused => "This span of time is too long.".to_owned(),
        _ => format!("The numbers were not loaded: {}.", fault_reason(fault)),
    }
}

pub(crate) const NO_SPAN: &str = "Choose two days, the earlier one first.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_rounded() {
        for (value, expected) in [
            (0, "0 s"),
            (89, "89 s"),
            (90, "1 min 30 s"),
            (3_599, "59 min"),
            (3_720, "1 h 02 min"),
            (300_000, "3 days"),
        ] {
            assert_eq!(seconds(value), expected);
        }
        assert_eq!(average(Some(12.6)), "13 s");
        assert_eq!(average(None), "–");
        assert_eq!(share(1, 3), "1 of 3 (33 %)");
        assert_eq!(share(0, 0), "–");
    }
}
