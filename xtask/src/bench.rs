//! `bench`: how fast the window is, beside pages that show the same by other means, in one run
//! (`tests/bench`). No test of CI: machines are shared and noisy.

use anyhow::{Result, bail};

use crate::setup::{WASM_TARGET, chromium};
use crate::{build, paths, setup, shell};

const PROFILE: &str = "release-wasm";
const PAGE: &str = "keyed_for";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("everything is measured, always; `{word}` means nothing here");
    }
    setup::for_testing()?;
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
    shell::run(shell::cargo().args([
        "build",
        "--example",
        PAGE,
        "--target",
        WASM_TARGET,
        "--profile",
        PROFILE,
    ]))?;
    let wasm = paths::target()
        .join(WASM_TARGET)
        .join(PROFILE)
        .join("examples")
        .join(PAGE)
        .with_extension("wasm");
    let into = paths::target().join("bench/for");
    let mut bindgen = shell::command(paths::tool("wasm-bindgen"));
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]);
    shell::run(bindgen.arg(into).arg(wasm))
}
