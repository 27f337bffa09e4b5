//! A WebAssembly document: the widget's, and the console's. Trunk compiles and binds it, then it
//! is finished (optimised, minified) and mirrored into the assets.

use anyhow::{Context, Result};

use crate::build::{finish, mirror, small, styles};
use crate::fingerprint::Mark;
use crate::setup::{TRUNK, WASM_BINDGEN};
use crate::{paths, setup, shell};

pub(crate) struct Document {
    /// The folder below `target/assets`, and the first part of its address.
    pub(crate) name: &'static str,
    config: &'static str,
    /// What of the checkout its build does not read.
    left_out: &'static [&'static str],
    spoken: &'static str,
}

pub(crate) const WIDGET: Document = Document {
    name: "chat",
    config: "Trunk.toml",
    left_out: &[
        "crates/console",
        "crates/server",
        "crates/sim",
        "embed",
        "crates/wire/fuzz",
        "crates/wire/tests",
        "crates/session/tests",
    ],
    spoken: "the widget",
};

pub(crate) const CONSOLE: Document = Document {
    name: "agent",
    config: "crates/console/Trunk.toml",
    left_out: &[
        "crates/server",
        "crates/session",
        "crates/sim",
        "embed",
        "later",
        "src",
        "crates/wire/fuzz",
        "crates/wire/tests",
    ],
    spoken: "the console",
};

/// Done in another way is done anew.
const RECIPE: &str = concat!(
    include_str!("document.rs"),
    include_str!("finish.rs"),
    include_str!("order.mjs"),
    include_str!("prune.mjs"),
    include_str!("scripts.rs"),
    include_str!("small.rs"),
    include_str!("styles.rs")
);

pub(crate) fn build(document: &Document) -> Result<()> {
    let salt = format!(
        "{RECIPE} trunk {} wasm-bindgen {}",
        TRUNK.version, WASM_BINDGEN.version
    );
    let mark = Mark::of_tree(document.name, &salt, document.left_out)?;
    let assets = paths::assets().join(document.name);
    if mark.holds() && assets.join("index.html").is_file() {
        return Ok(());
    }
    shell::say(&format!("building {} for the browser", document.spoken));
    setup::crates()?;
    let staging = paths::target().join("trunk").join(document.name);
    let mut trunk = shell::command(paths::tool("trunk"));
    trunk
        .args(["build", "--release", "--cargo-profile", "release-wasm"])
        .args(["--config", document.config, "--dist"])
        .arg(&staging)
        // Trunk reads NO_COLOR as a flag with a value, and refuses the usual `1`.
        .env_remove("NO_COLOR");
    shell::run(small::flags(&mut trunk))?;
    styles::join(&staging)?;
    finish::optimise(&staging).with_context(|| format!("cannot finish {}", document.spoken))?;
    mirror(&staging, &assets)?;
    mark.set()
}
