//! The end-to-end tests: Playwright drives Chromium against the real binary, with the documents as
//! they are released. The endpoint itself is not optimised: the tests before have compiled it so, and
//! a release build takes as long as all of these tests.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::check::tally::Tally;
use crate::setup::chromium;
use crate::{build, paths, shell};

pub(crate) fn types() -> Result<Tally> {
    let mut compiler = shell::command(paths::node_tool("tsc"));
    shell::run(compiler.args(["--project", "tests/e2e"])).map(|()| Tally::default())
}

pub(crate) fn tests() -> Result<Tally> {
    build::endpoint_for_testing()?;
    // Two runs, so that a failure in the first does not keep the second from running.
    let (together, alone) = (run(&["together"]), run(&["alone", "--no-deps"]));
    let mut all = together?;
    all.add(alone?);
    Ok(all)
}

/// Runs one project of `playwright.config.ts`.
fn run(project: &[&str]) -> Result<Tally> {
    let report = paths::target().join("e2e/report.json");
    // Counted is what this run writes, never what an earlier one left.
    match fs::remove_file(&report) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut playwright = shell::command(paths::node_tool("playwright"));
    playwright
        .args(["test", "--project"])
        .args(project)
        .env("PARLOR_BINARY", paths::endpoint("debug"))
        .env("PARLOR_E2E_REPORT", &report);
    if let Some(chromium) = chromium::find() {
        playwright.env("CHROMIUM", chromium);
    }
    let ran = shell::run(&mut playwright);
    let text = fs::read_to_string(&report);
    let tally = text
        .context("Playwright wrote no report")
        .and_then(|text| read(&text));
    match (ran, tally) {
        (Err(error), Err(_)) => Err(error),
        (Err(error), Ok(tally)) if tally.failed == 0 => Err(error),
        (_, tally) => tally,
    }
}

fn read(report: &str) -> Result<Tally> {
    let report: Value = serde_json::from_str(report).context("Playwright's report")?;
    let count = |name: &str| {
        report
            .pointer(&format!("/stats/{name}"))
            .and_then(Value::as_u64)
            .with_context(|| format!("Playwright's report has no `{name}`"))
    };
    let tally = Tally {
        passed: count("expected")?,
        failed: count("unexpected")? + count("flaky")?,
        skipped: count("skipped")?,
    };
    if tally == Tally::default() {
        bail!("Playwright found no tests");
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaky_test_is_a_failed_one() {
        let report = r#"{"stats":{"expected":3,"unexpected":1,"flaky":1,"skipped":0}}"#;
        let tally = read(report).unwrap();
        assert_eq!((tally.passed, tally.failed, tally.skipped), (3, 2, 0));
        assert!(read(r#"{"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0}}"#).is_err());
    }
}
