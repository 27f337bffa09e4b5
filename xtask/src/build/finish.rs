//! The last pass over a document before it is shipped: WebAssembly and scripts through `scripts`,
//! esbuild on styles and on what comes later, in place. Only sizes change here, and the names that the two call one another
//! by; never behaviour.

use std::path::Path;

use anyhow::Result;

use crate::build::scripts::{self, LATER};
use crate::fingerprint::files;
use crate::{paths, shell};

pub(crate) fn optimise(folder: &Path) -> Result<()> {
    shell::say("optimising its WebAssembly for size");
    scripts::join(folder)?;
    let found = files(folder, &|_| true)?;
    let later = folder.join(LATER);
    let rest = found.iter().filter(|file| {
        file.starts_with(&later) || file.extension().is_some_and(|extension| extension == "css")
    });
    let mut esbuild = esbuild();
    esbuild
        .args(rest)
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
