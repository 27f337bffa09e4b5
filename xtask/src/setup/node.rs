//! The npm packages of `package.json`: esbuild, binaryen, and the browser tests' own.
//!
//! No package runs a script of its own on being installed.

use anyhow::{Context, Result, bail};

use crate::fingerprint::Mark;
use crate::{paths, shell};

/// The oldest that the packages run on.
const OLDEST: u32 = 20;

pub(crate) fn packages() -> Result<()> {
    let mark = Mark::of_files("npm", "", &["package.json", "package-lock.json", ".npmrc"])?;
    let present = paths::root()
        .join("node_modules/.package-lock.json")
        .is_file();
    if present && mark.holds() {
        return Ok(());
    }
    let version = node_version()?;
    if version < OLDEST {
        bail!("node {version} is too old; {OLDEST} or newer is wanted");
    }
    shell::say("fetching the npm packages");
    shell::run(shell::command("npm").args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    mark.set()
}

fn node_version() -> Result<u32> {
    let answer = shell::answer(shell::command("node").arg("--version"))
        .filter(|_| shell::on_path("npm"))
        .with_context(|| format!("node and npm are missing; node {OLDEST} or newer is wanted"))?;
    let digits = answer.trim_start_matches('v').split('.').next();
    digits
        .and_then(|major| major.parse().ok())
        .with_context(|| format!("`node --version` answered `{answer}`"))
}
