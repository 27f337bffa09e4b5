//! Cargo tools at pinned versions, in the cache that all checkouts share.

use std::fs;

use anyhow::Result;

use crate::{paths, shell};

#[derive(Clone, Copy)]
pub(crate) struct Tool {
    package: &'static str,
    binary: &'static str,
    version: &'static str,
    /// Whether the package's own lock file is used.
    locked: bool,
    patience: &'static str,
}

/// 0.22 wants a newer compiler than ours.
pub(super) const TRUNK: Tool = Tool {
    package: "trunk",
    binary: "trunk",
    version: "0.21.14",
    locked: true,
    patience: "some five minutes on two cores, once",
};

/// Must be the version of the `wasm-bindgen` crate to the last digit. Without its lock file, which
/// can name versions that a registry does not carry.
pub(super) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    version: "0.2.130",
    locked: false,
    patience: "some two minutes on two cores, once",
};

pub(crate) fn install(tool: Tool) -> Result<()> {
    if installed(tool) || (shell::on_path("cargo-binstall") && download(tool).is_ok()) {
        return Ok(());
    }
    compile(tool)
}

/// Fetches the program from the project's own releases, by `cargo binstall`.
fn download(tool: Tool) -> Result<()> {
    shell::say(&format!(
        "installing {} {} by cargo binstall",
        tool.package, tool.version
    ));
    let mut binstall = shell::cargo();
    binstall
        .args(["binstall", tool.package, "--version"])
        .arg(format!("={}", tool.version))
        .arg("--root")
        .arg(paths::tools())
        // It would compile with settings of its own, for longer than `compile` does.
        .args(["--disable-strategies", "compile"])
        .args(["--no-confirm", "--disable-telemetry"]);
    shell::run(&mut binstall).inspect_err(|error| println!("==> {error:#}; compiling it instead"))
}

fn compile(tool: Tool) -> Result<()> {
    shell::say(&format!(
        "installing {} {} into {} ({})",
        tool.package,
        tool.version,
        paths::tools().display(),
        tool.patience
    ));
    let scratch = paths::cache().join("build");
    let mut cargo = shell::cargo();
    cargo
        .args(["install", tool.package, "--version"])
        .arg(format!("={}", tool.version))
        .arg("--root")
        .arg(paths::tools())
        .args(tool.locked.then_some("--locked"))
        .env("CARGO_TARGET_DIR", &scratch)
        // They run for seconds and are compiled once: compile time is what counts.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    shell::run(&mut cargo)?;
    // An interrupted installation goes on from here; a finished one needs it no more.
    fs::remove_dir_all(&scratch).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    Ok(())
}

pub(super) fn installed(tool: Tool) -> bool {
    let record = fs::read_to_string(paths::tools().join(".crates.toml")).unwrap_or_default();
    let entry = format!("\"{} {} ", tool.package, tool.version);
    paths::tool(tool.binary).is_file() && record.contains(&entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasm_bindgen_cli_is_of_the_version_of_the_crate_and_the_library() {
        let manifest = include_str!("../../../Cargo.toml");
        for name in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            let pinned = format!("\n{name} = \"={}\"\n", WASM_BINDGEN.version);
            assert!(manifest.contains(&pinned), "{pinned}");
        }
    }
}
