//! The unit tests that need a browser: `#[wasm_bindgen_test]` functions, compiled to WebAssembly and
//! run in headless Chromium by wasm-bindgen's test runner.
//!
//! The runner comes with the wasm-bindgen CLI, which must be of the same version as the crate.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::check::{
    rust,
    tally::{Runner, Tally},
};
use crate::setup::{WASM_TARGET, chromium};
use crate::{paths, shell};

/// The packages that have such tests, in their library.
const PACKAGES: &[&str] = &["parlor-widget"];

/// For all tests of one package together. The runner's own limit is 20 seconds.
const TIMEOUT_SECONDS: &str = "300";

pub(crate) fn packages(cargo: &mut Command) {
    for package in PACKAGES {
        cargo.args(["--package", package]);
    }
}

pub(crate) fn tests() -> Result<Tally> {
    let chromium = chromium::find().context("Chromium is missing")?;
    let driver = chromium::find_driver().context("Chromium's driver is missing")?;
    let capabilities = paths::target().join("webdriver.json");
    fs::create_dir_all(paths::target()).context("cannot write below target/")?;
    fs::write(
        &capabilities,
        json!({
            "goog:chromeOptions": {
                "binary": chromium,
                // Root, who runs this in CI, cannot use Chromium's sandbox.
                "args": ["--headless", "--no-sandbox", "--disable-gpu"],
            }
        })
        .to_string(),
    )
    .context("cannot write below target/")?;

    let mut cargo = shell::cargo();
    cargo.args(["test", "--target", WASM_TARGET, "--lib", "--no-fail-fast"]);
    packages(&mut cargo);
    cargo
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            paths::tool("wasm-bindgen-test-runner"),
        )
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
        .env("WASM_BINDGEN_TEST_TIMEOUT", TIMEOUT_SECONDS);
    let tally = rust::counted(&mut cargo, Runner::Standard)?;
    if tally == Tally::default() {
        bail!("no test ran in the browser");
    }
    Ok(tally)
}
