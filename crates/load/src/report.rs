//! Figures as a table that people read.

use std::{fmt::Write as _, time::Duration};

use crate::measure::Latencies;

/// The figures of one scenario.
#[derive(Debug, Default)]
pub(crate) struct Report {
    title: String,
    /// What is measured, and what it is compared with.
    columns: [&'static str; 2],
    rows: Vec<Row>,
    notes: Vec<String>,
    violations: Vec<String>,
}

#[derive(Debug, Default)]
struct Row {
    what: String,
    first: String,
    second: String,
    ratio: String,
    wanted: String,
}

/// A figure with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Figure {
    /// A number of things a second.
    Rate(f64),
    Bytes(f64),
    /// The share of one core.
    Cores(f64),
    Micros(f64),
    Missing,
}

impl Figure {
    /// Of so many percent of the times.
    pub(crate) fn percentile(times: &Latencies, percent: usize) -> Self {
        let micros = times.percentile(percent);
        micros.map_or(Self::Missing, |it| Self::Micros(it as f64))
    }

    pub(crate) fn mean(times: &Latencies) -> Self {
        times.mean().map_or(Self::Missing, Self::Micros)
    }

    pub(crate) fn rate(count: u64, time: Duration) -> Self {
        Self::Rate(count as f64 / time.as_secs_f64().max(f64::EPSILON))
    }

    fn text(self) -> String {
        match self {
            Self::Rate(rate) if rate < 100.0 => format!("{rate:.1}"),
            Self::Rate(rate) => grouped(rate.round() as u64),
            Self::Bytes(bytes) if bytes.abs() < 1_048_576.0 => format!("{:.1} KB", bytes / 1024.0),
            Self::Bytes(bytes) => format!("{:.1} MB", bytes / 1_048_576.0),
            Self::Cores(share) => format!("{:.1} %", share * 100.0),
            Self::Micros(micros) => format!("{:.2} ms", micros / 1000.0),
            Self::Missing => "none".to_owned(),
        }
    }

    fn value(self) -> f64 {
        match self {
            Self::Rate(it) | Self::Bytes(it) | Self::Cores(it) | Self::Micros(it) => it,
            Self::Missing => f64::NAN,
        }
    }
}

/// How two figures are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Compared {
    Ratio,
    Difference,
}

impl Report {
    /// A table of the endpoint's figures beside those of a bare program.
    pub(crate) fn new(title: String) -> Self {
        Self::with_columns(title, ["endpoint", "bare"])
    }

    pub(crate) fn with_columns(title: String, columns: [&'static str; 2]) -> Self {
        Self {
            title,
            columns,
            ..Self::default()
        }
    }

    /// A figure in the first column. `wanted`: what it is meant to be, or nothing.
    pub(crate) fn row(&mut self, what: &str, figure: Figure, wanted: &str) {
        self.rows.push(Row {
            what: what.to_owned(),
            first: figure.text(),
            wanted: wanted.to_owned(),
            ..Row::default()
        });
    }

    /// A figure beside the one that it is compared with.
    pub(crate) fn beside(
        &mut self,
        what: &str,
        first: Figure,
        second: Figure,
        how: Compared,
        wanted: &str,
    ) {
        let ratio = match how {
            // What is less than the kernel counts is nothing to compare with.
            Compared::Ratio if second.value() == 0.0 => "none".to_owned(),
            Compared::Ratio => format!("{:.2} ×", first.value() / second.value()),
            Compared::Difference => {
                let difference = first.value() - second.value();
                let sign = if difference < 0.0 { "" } else { "+" };
                format!("{sign}{}", Figure::Bytes(difference).text())
            }
        };
        self.rows.push(Row {
            what: what.to_owned(),
            first: first.text(),
            second: second.text(),
            ratio,
            wanted: wanted.to_owned(),
        });
    }

    /// A line below the table.
    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(crate) fn violations(&mut self, violations: impl IntoIterator<Item = String>) {
        self.violations.extend(violations);
    }

    /// Whether nothing was lost, doubled or answered with an unexpected status.
    pub(crate) fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    pub(crate) fn text(&self) -> String {
        let [first, second] = self.columns;
        let head = Row {
            what: String::new(),
            first: first.to_owned(),
            second: second.to_owned(),
            ratio: "ratio".to_owned(),
            wanted: "to reach".to_owned(),
        };
        let mut text = format!("\n{}\n", self.title);
        for row in std::iter::once(&head).chain(&self.rows) {
            let line = format!(
                "  {:<38} {:>11} {:>11} {:>10}   {}",
                row.what, row.first, row.second, row.ratio, row.wanted
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
        for note in &self.notes {
            let _ = writeln!(text, "  {note}");
        }
        for violation in &self.violations {
            let _ = writeln!(text, "  VIOLATION: {violation}");
        }
        text
    }
}

/// `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let shown = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn figures_are_compared() {
        let mut report = Report::new("t".to_owned());
        let (six, four) = (Figure::Micros(6_000.0), Figure::Micros(4_000.0));
        report.beside("wake p99", six, four, Compared::Ratio, "3 at most");
        let (ours, bare) = (Figure::Bytes(2_048.0), Figure::Bytes(3_072.0));
        report.beside("memory", ours, bare, Compared::Difference, "");
        report.row("wakes", Figure::percentile(&Latencies::default(), 50), "");
        let text = report.text();
        let words = |line: usize| {
            let line = text.lines().nth(line).unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(3), "wake p99 6.00 ms 4.00 ms 1.50 × 3 at most");
        assert_eq!(words(4), "memory 2.0 KB 3.0 KB -1.0 KB");
        assert_eq!(words(5), "wakes none");
    }
}
