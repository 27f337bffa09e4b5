//! `sim`: conversations in a bad world, by the thousand (`docs/DELIVERY.md`). A
//! share of them is among the tests.

use anyhow::Result;

use crate::shell;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    shell::run(
        shell::cargo()
            .args(["run", "--release", "--package", "parlor-sim", "--"])
            .args(arguments),
    )
}
