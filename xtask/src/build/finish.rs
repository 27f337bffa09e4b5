//! Making a document small before it is shipped: binaryen's wasm-opt for the WebAssembly, esbuild
//! for scripts and styles. Sizes and the number of files change here; behaviour never.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::build::page::STYLE;
use crate::fingerprint::files;
use crate::{paths, shell};

/// Passes for size. Control flow is flattened and built anew once, which is worth 1.4 % at brotli 11;
/// `--low-memory-unused` holds because the lowest kilobyte of memory is the far end of the stack.
/// The features that may be used are listed in the module itself; with `--all-features` wasm-opt
/// writes imports that browsers refuse.
const PASSES: &[&str] = &[
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--low-memory-unused",
];

pub(crate) fn optimise(wasm: &Path, into: &Path) -> Result<()> {
    let mut wasm_opt = shell::command(paths::node_tool("wasm-opt"));
    shell::run(wasm_opt.args(PASSES).arg(wasm).arg("-o").arg(into))
}

/// Bundles the module and everything that it imports from its folder into one file, so that a page
/// makes one request for scripts. What it imports from the folders `apart` stays there.
pub(crate) fn script(folder: &Path, module: &str, apart: &[String], into: &Path) -> Result<()> {
    let mut esbuild = esbuild();
    esbuild.args(["--bundle", "--format=esm"]);
    for apart in apart {
        esbuild.arg(format!("--external:./{apart}/*"));
    }
    esbuild.arg(folder.join(module)).arg(outdir(into));
    shell::run(&mut esbuild)
}

/// Bundles the stylesheets into one, by an entry in `scratch` that imports them in their order.
pub(crate) fn style(from: &Path, styles: &[String], scratch: &Path, into: &Path) -> Result<()> {
    if styles.is_empty() {
        return Ok(());
    }
    let mut entry = String::new();
    for style in styles {
        let path = serde_json::to_string(&from.join(style))?;
        entry += &format!("@import {path};\n");
    }
    let file = scratch.join(STYLE);
    fs::write(&file, entry).context("cannot write below target/")?;
    shell::run(esbuild().arg("--bundle").arg(file).arg(outdir(into)))
}

/// Minifies each file of a folder by itself.
pub(crate) fn folder(from: &Path, name: &str, into: &Path) -> Result<()> {
    let found = files(&from.join(name), &|_| true).with_context(|| name.to_owned())?;
    let mut esbuild = esbuild();
    esbuild
        .args(found)
        .arg(format!("--outbase={}", from.display()))
        .arg(outdir(into));
    shell::run(&mut esbuild)
}

fn outdir(folder: &Path) -> String {
    format!("--outdir={}", folder.display())
}

/// esbuild as it is always called: small output, silent, for browsers of the last years.
pub(crate) fn esbuild() -> Command {
    let mut esbuild = shell::command(paths::node_tool("esbuild"));
    esbuild.args([
        "--minify",
        "--target=es2022",
        "--charset=utf8",
        "--legal-comments=none",
        "--log-level=warning",
    ]);
    esbuild
}
