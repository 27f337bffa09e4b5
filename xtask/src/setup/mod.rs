//! What must be on the machine before anything can be built or tested.
//!
//! Each piece is looked for first, which takes milliseconds, and fetched only when it is missing,
//! with a line that says so. Versions of tools are pinned here and nowhere else.

pub(crate) mod chromium;
mod node;
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

/// And what testing takes beyond that.
pub(crate) fn for_testing() -> Result<()> {
    toolchain::lints()?;
    for_developing()?;
    chromium::install()
}
