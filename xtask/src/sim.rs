//! `sim`: conversations in a bad world, by the thousand (`docs/DELIVERY.md`).

use anyhow::Result;

use crate::shell;

/// What CI runs, beside the share that the tests run: some minutes on two
/// cores.
const CI_SEEDS: &str = "20000";

/// Worlds over SQLite run in real time, side by side.
const CI_SQLITE: &str = "12";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    simulate(&words)
}

/// The share of CI.
pub(crate) fn check() -> Result<()> {
    simulate(&["--seeds", CI_SEEDS])?;
    simulate(&["--sqlite", CI_SQLITE])
}

/// Optimised: a world takes a hundredth of a second then, and a tenth without.
fn simulate(arguments: &[&str]) -> Result<()> {
    shell::run(
        shell::cargo()
            .args(["run", "--release", "--package", "parlor-sim", "--"])
            .args(arguments),
    )
}
