//! The browser of the tests, and the driver that wasm-bindgen's test runner steers it by: Chromium
//! from the system, never downloaded by npm.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::setup::packages;

const USUAL: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const USUAL_DRIVERS: &[&str] = &[
    "/usr/bin/chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
    "/snap/bin/chromium.chromedriver",
    "/usr/local/bin/chromedriver",
    "/opt/homebrew/bin/chromedriver",
];

const MISSING: &str = "the browser tests need Chromium and its driver: install both, or put the \
                       paths of the programs into $CHROMIUM and $CHROMEDRIVER";

pub(crate) fn find() -> Option<PathBuf> {
    first("CHROMIUM", USUAL)
}

pub(crate) fn find_driver() -> Option<PathBuf> {
    first("CHROMEDRIVER", USUAL_DRIVERS)
}

/// The program that the environment variable names, else the first of the usual ones.
fn first(variable: &str, usual: &[&str]) -> Option<PathBuf> {
    let chosen = env::var_os(variable).map(PathBuf::from);
    chosen
        .into_iter()
        .chain(usual.iter().map(PathBuf::from))
        .find(|path| path.is_file())
}

pub(crate) fn install() -> Result<()> {
    let missing: Vec<&str> = [("chromium", find()), ("chromium-driver", find_driver())]
        .into_iter()
        .filter_map(|(package, found)| found.is_none().then_some(package))
        .collect();
    packages::install(&missing, MISSING)?;
    find().and(find_driver()).context(MISSING).map(drop)
}
