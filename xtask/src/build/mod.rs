//! From sources to one binary: widget, console, loader and demo into `target/assets`, then the
//! endpoint, whose build script embeds that folder.
//!
//! Must stay true: a build that changes nothing writes nothing, so that the next step has nothing
//! to do either.

mod bind;
pub(crate) mod build_std;
mod document;
mod embed;
mod finish;
mod mirror;
mod page;

use anyhow::{Result, bail};

use crate::{paths, setup, shell};

pub(crate) use bind::bind;
pub(crate) use document::{CONSOLE, PROFILE, WIDGET};
pub(crate) use mirror::{link, mirror};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("`build` takes no `{word}`");
    }
    release()?;
    shell::say(&format!("built {}", paths::endpoint("release").display()));
    Ok(())
}

/// Everything, as it is shipped.
pub(crate) fn release() -> Result<()> {
    setup::for_building()?;
    assets()?;
    endpoint(&["--package", "parlor-server", "--release"])
}

pub(crate) fn assets() -> Result<()> {
    document::build()?;
    embed::build()
}

/// Builds the endpoint by Cargo's profile for development: half the time of a release build.
pub(crate) fn endpoint_for_trying() -> Result<()> {
    endpoint(&["--package", "parlor-server"])
}

/// The same with its dependencies as the workspace's tests have compiled them: they have more
/// features there, and would be compiled once more without these.
pub(crate) fn endpoint_for_testing() -> Result<()> {
    endpoint(&["--workspace", "--tests", "--bin", "parlor"])
}

fn endpoint(arguments: &[&str]) -> Result<()> {
    shell::say("building the endpoint");
    let mut cargo = shell::cargo();
    shell::run(cargo.arg("build").args(arguments))
}
