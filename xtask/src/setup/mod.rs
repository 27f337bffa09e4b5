//! What must be on the machine before anything can be built or tested.
//!
//! Each piece is looked for first, which takes milliseconds, and fetched only when it is missing,
//! with a line that says so. Versions of tools are pinned here and nowhere else.

pub(crate) mod chromium;
mod nginx;
mod node;
mod packages;
pub(crate) mod python;
mod smtp;
mod toolchain;
mod tools;

pub(crate) use toolchain::WASM_TARGET;
use tools::{TRUNK, WASM_BINDGEN};

use anyhow::Result;

use crate::build::build_std;

/// Everything that building the widget, the console and the loader takes.
pub(crate) fn for_building() -> Result<()> {
    toolchain::wasm_target()?;
    if build_std::is_on() {
        toolchain::sources()?;
    }
    node::packages()
}

/// And what `cargo xtask dev` takes beyond that.
pub(crate) fn for_developing() -> Result<()> {
    for_building()?;
    tools::install(TRUNK)?;
    tools::install(WASM_BINDGEN)
}

/// Whether `cargo xtask dev` has all that it takes.
pub(crate) fn can_develop() -> bool {
    tools::installed(TRUNK) && tools::installed(WASM_BINDGEN)
}

/// What building and testing take. Trunk is not among it: compiling it takes longer than most tests.
pub(crate) fn for_testing() -> Result<()> {
    toolchain::lints()?;
    for_building()?;
    tools::install(WASM_BINDGEN)?;
    chromium::install()?;
    nginx::install()?;
    smtp::install()?;
    python::SCHEMATHESIS.install()
}
