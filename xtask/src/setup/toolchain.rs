//! Parts of the pinned Rust toolchain. `rust-toolchain.toml` names them, but a machine with
//! `RUSTUP_AUTO_INSTALL=0` does not fetch them by itself: so they are asked for.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::shell;

/// What runs in a browser is compiled for this target.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn wasm_target() -> Result<()> {
    if sysroot()?.join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    shell::say("adding the WebAssembly target to the Rust toolchain");
    rustup(&["target", "add", WASM_TARGET])
}

/// The sources of the standard library, which is compiled with the documents.
pub(crate) fn sources() -> Result<()> {
    if sysroot()?
        .join("lib/rustlib/src/rust/library/Cargo.lock")
        .is_file()
    {
        return Ok(());
    }
    shell::say("adding the sources of the standard library to the Rust toolchain");
    rustup(&["component", "add", "rust-src"])
}

pub(crate) fn lints() -> Result<()> {
    let binaries = sysroot()?.join("bin");
    for (component, program) in [("clippy", "cargo-clippy"), ("rustfmt", "cargo-fmt")] {
        if binaries.join(program).is_file() {
            continue;
        }
        shell::say(&format!("adding {component} to the Rust toolchain"));
        rustup(&["component", "add", component])?;
    }
    Ok(())
}

fn sysroot() -> Result<PathBuf> {
    rustc("sysroot").map(PathBuf::from)
}

fn rustc(what: &str) -> Result<String> {
    shell::answer(shell::command("rustc").args(["--print", what]))
        .with_context(|| format!("`rustc --print {what}` fails: is the Rust toolchain whole?"))
}

fn rustup(arguments: &[&str]) -> Result<()> {
    if !shell::on_path("rustup") {
        bail!(
            "`rustup` is missing; install it, or do by hand what `rustup {}` does",
            arguments.join(" ")
        );
    }
    shell::run(shell::command("rustup").args(arguments))
}
