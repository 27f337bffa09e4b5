//! `test` and `ci`: every check there is, in one order, on one machine.
//!
//! A check that fails does not keep the next one from running, so that one run tells everything;
//! what is counted at the end is what really ran. Nothing is tried twice, nothing may be skipped.

mod browser;
mod dev;
mod generated;
mod rust;
mod simulation;
pub(crate) mod size;
mod tally;
mod wasm;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{build, setup, shell};
use tally::Tally;

type Check = fn() -> Result<Tally>;

const CHECKS: &[(&str, Check)] = &[
    ("format", rust::format),
    ("lints", rust::lints),
    ("lints of browser code", rust::browser_lints),
    // Before the tests, which compile the endpoint that the browser tests start: it embeds them.
    ("documents", documents),
    ("tests", rust::tests),
    ("tests of the APIs on SQLite", rust::tests_on_sqlite),
    ("doc tests", rust::doc_tests),
    ("generated requests", generated::requests),
    ("tests in the browser", wasm::tests),
    ("development server", dev::serves),
    ("simulation", simulation::check),
    ("sizes", size::check),
    ("types of the browser tests", browser::types),
    ("browser tests", browser::tests),
];

struct Done {
    name: &'static str,
    result: Result<Tally>,
    took: Duration,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("everything is tested, always; `{word}` means nothing here");
    }
    setup::for_testing()?;
    let mut all = Vec::new();
    for (name, check) in CHECKS {
        shell::say(&format!("check: {name}"));
        let start = Instant::now();
        let result = check().and_then(Tally::without_skips);
        if let Err(error) = &result {
            println!("==> check: {name} FAILED: {error:#}");
        }
        all.push(Done {
            name,
            result,
            took: start.elapsed(),
        });
    }
    report(&all)
}

/// Widget, console, loader and demo page, as they are released.
fn documents() -> Result<Tally> {
    build::assets().map(|()| Tally::default())
}

fn report(all: &[Done]) -> Result<()> {
    println!();
    let mut total = Tally::default();
    for done in all {
        let verdict = match &done.result {
            Ok(tally) => {
                total.add(*tally);
                "ok".to_owned()
            }
            Err(error) => {
                // Tests that failed were counted; a check that is no test counts as one failure.
                match error.downcast_ref::<Tally>() {
                    Some(tally) => total.add(*tally),
                    None => total.failed += 1,
                }
                format!("FAILED: {error:#}")
            }
        };
        let seconds = done.took.as_secs();
        println!("{seconds:>5} s  {:<28} {verdict}", done.name);
    }
    println!("\n{total}");
    match total.failed + total.skipped {
        0 => Ok(()),
        _ => bail!("not everything passed"),
    }
}
