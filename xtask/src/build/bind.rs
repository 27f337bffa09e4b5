//! wasm-bindgen, called as a library: from a compiled program to a WebAssembly and the JavaScript
//! that loads it. The library is of the same version as the crate `wasm-bindgen`; both are pinned.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Writes `NAME.js` and `NAME_bg.wasm` into the folder, after the name of the program.
pub(crate) fn bind(program: &Path, into: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(program)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(into)
        .with_context(|| format!("wasm-bindgen cannot bind {}", program.display()))
}
