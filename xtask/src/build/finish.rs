//! The last pass over a document before it is shipped: wasm-opt on WebAssembly, esbuild on scripts
//! and styles, in place. Only sizes change here, never names and never behaviour.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::fingerprint::files;
use crate::{paths, shell};

pub(crate) fn optimise(folder: &Path) -> Result<()> {
    let found = files(folder, &|_| true)?;
    for file in with_extension(&found, &["wasm"]) {
        shell::say("optimising its WebAssembly for size");
        let mut wasm_opt = shell::command(paths::node_tool("wasm-opt"));
        wasm_opt.arg("-Oz").arg(file).arg("-o").arg(file);
        shell::run(&mut wasm_opt)?;
    }
    let texts: Vec<_> = with_extension(&found, &["js", "css"]).collect();
    if texts.is_empty() {
        return Ok(());
    }
    let mut esbuild = esbuild();
    esbuild
        .args(texts)
        .arg(format!("--outbase={}", folder.display()))
        .arg(format!("--outdir={}", folder.display()))
        .arg("--allow-overwrite");
    shell::run(&mut esbuild)
}

/// esbuild as it is always called: small output, silent, for browsers of the last years.
pub(crate) fn esbuild() -> std::process::Command {
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

fn with_extension<'a>(
    files: &'a [PathBuf],
    wanted: &'a [&'a str],
) -> impl Iterator<Item = &'a PathBuf> {
    files.iter().filter(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| wanted.contains(&extension))
    })
}
