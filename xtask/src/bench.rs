//! `bench`: how fast the window is, beside pages that show the same by other means, in one run
//! (`tests/bench`). No test of CI: machines are shared and noisy.

use anyhow::{Result, bail};

use crate::setup::{WASM_TARGET, chromium};
use crate::{build, paths, shell};

const PAGE: &str = "keyed_for";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("everything is measured, always; `{word}` means nothing here");
    }
    chromium::install()?;
    build::release()?;
    keyed_for()?;
    shell::say("measuring, some ten minutes");
    let mut playwright = shell::command(paths::node_tool("playwright"));
    playwright.args(["test", "--config", "tests/bench/playwright.config.ts"]);
    if let Some(chromium) = chromium::find() {
        playwright.env("CHROMIUM", chromium);
    }
    shell::run(&mut playwright)
}

/// The list as everybody writes it with Leptos, which ours is measured against.
fn keyed_for() -> Result<()> {
    shell::say("building the page to compare with");
    // Compiled apart: the documents are compiled with other flags, and each build would undo the other.
    let folder = paths::target().join("bench/compiled");
    let mut cargo = shell::cargo();
    cargo.args(["build", "--package", "parlor-widget", "--example", PAGE]);
    cargo.args(["--target", WASM_TARGET, "--profile", build::PROFILE]);
    shell::run(cargo.arg("--target-dir").arg(&folder))?;
    let program = folder.join(WASM_TARGET).join(build::PROFILE);
    let program = program.join("examples").join(PAGE);
    build::bind(
        &program.with_extension("wasm"),
        &paths::target().join("bench/for"),
    )
}
