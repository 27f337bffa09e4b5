//! Counting tests by what the runners themselves say at their end.

use std::fmt;

use anyhow::Result;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Skipped or ignored: there is no such thing here, so it counts against the run.
    pub(crate) skipped: u64,
}

/// A program that runs Rust tests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Runner {
    /// It shows what a failed test printed, a line of the standard runner among it.
    Nextest,
    Standard,
}

impl Runner {
    /// How the line begins in which it counts.
    fn closing(self) -> &'static str {
        match self {
            Self::Nextest => "Summary [",
            Self::Standard => "test result:",
        }
    }
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Reads a closing line of the runner; any other line counts nothing.
    pub(crate) fn read(line: &str, runner: Runner) -> Self {
        let line = plain(line);
        let line = line.trim_start();
        if !line.starts_with(runner.closing()) {
            return Self::default();
        }
        let count = |names: &[&str]| {
            let words: Vec<&str> = line.split([' ', ',', ';', '(', ')']).collect();
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            let pairs = words.windows(2).filter_map(|pair| match pair {
                [number, name] if names.contains(name) => number.parse::<u64>().ok(),
                _ => None,
            });
            pairs.sum()
        };
        Self {
            passed: count(&["passed"]),
            // nextest names the ways to fail apart.
            failed: count(&["failed", "timed", "exec"]),
            skipped: count(&["skipped", "ignored"]),
        }
    }

    pub(crate) fn without_skips(self) -> Result<Self> {
        match self.failed + self.skipped {
            0 => Ok(self),
            _ => Err(self.into()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

impl std::error::Error for Tally {}

/// The line without the colours of a terminal.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => drop(rest.find(char::is_ascii_alphabetic)),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn closing_lines_are_counted_and_others_are_not() {
        use Runner::{Nextest, Standard};
        for (runner, line, expected) in [
            (
                Nextest,
                "     Summary [   0.01s] 3 tests run: 2 passed (1 slow), 1 failed, 0 skipped",
                tally(2, 1, 0),
            ),
            (
                Nextest,
                "     Summary [  12.01s] 9 tests run: 7 passed, 1 failed, 1 timed out, 4 skipped",
                tally(7, 2, 4),
            ),
            (
                Nextest,
                "\u{1b}[32;1m     Summary\u{1b}[0m [   0.5s] \u{1b}[1m5\u{1b}[0m tests run: \u{1b}[1m5\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, 0 skipped",
                tally(5, 0, 0),
            ),
            (
                Nextest,
                "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.10s",
                tally(0, 0, 0),
            ),
            (
                Standard,
                "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                tally(4, 0, 1),
            ),
            (
                Standard,
                "     Running unittests src/lib.rs",
                tally(0, 0, 0),
            ),
            (Standard, "said: 4 passed", tally(0, 0, 0)),
        ] {
            assert_eq!(Tally::read(line, runner), expected, "{line}");
        }
    }
}
