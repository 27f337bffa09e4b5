//! What strangers' pages take from us: the loader, minified, with its types; and the demo page,
//! which is such a stranger.

use std::fs;

use anyhow::{Context, Result};

use crate::build::{finish, mirror};
use crate::{paths, shell};

pub(crate) fn build() -> Result<()> {
    let sources = paths::root().join("embed");
    let staging = paths::target().join("embed");
    fs::create_dir_all(&staging).context("cannot write below target/")?;
    let mut esbuild = finish::esbuild();
    esbuild
        .arg(sources.join("parlor.js"))
        .arg(format!("--outfile={}", staging.join("parlor.js").display()));
    shell::run(&mut esbuild)?;
    fs::copy(sources.join("parlor.d.ts"), staging.join("parlor.d.ts"))
        .context("cannot copy embed/parlor.d.ts")?;
    mirror(&staging, &paths::assets().join("embed"))?;
    mirror(&sources.join("demo"), &paths::assets().join("demo"))
}
