//! Where things are: the checkout, what is built, and the cache of tools.
//!
//! Knows names only, touches no file. The target directory is always the checkout's own: the
//! server's build script looks for the assets there.

use std::env;
use std::path::{Path, PathBuf};

/// Cargo says where it runs us from; what was compiled in is wrong after the checkout has moved.
pub(crate) fn root() -> PathBuf {
    let manifest = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(manifest) => PathBuf::from(manifest),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")),
    };
    manifest.parent().map(Path::to_path_buf).unwrap_or(manifest)
}

pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// What the server embeds: a folder each for `chat`, `agent`, `demo` and `embed`.
pub(crate) fn assets() -> PathBuf {
    target().join("assets")
}

/// Marks of what was done last, so that it is not done again.
pub(crate) fn marks() -> PathBuf {
    target().join("xtask")
}

pub(crate) fn endpoint(profile: &str) -> PathBuf {
    target().join(profile).join("parlor")
}

/// A program that an npm package brings.
pub(crate) fn node_tool(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}

/// Tools survive `cargo clean` and serve every checkout: `$PARLOR_TOOLS`, else the user's cache.
pub(crate) fn cache() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(chosen) = set("PARLOR_TOOLS") {
        return PathBuf::from(chosen);
    }
    if let Some(cache) = set("XDG_CACHE_HOME") {
        return PathBuf::from(cache).join("parlor");
    }
    match set("HOME") {
        Some(home) => PathBuf::from(home).join(".cache/parlor"),
        None => target().join("cache"),
    }
}

pub(crate) fn tools() -> PathBuf {
    cache().join("tools")
}

pub(crate) fn tool(name: &str) -> PathBuf {
    tools().join("bin").join(name)
}
