//! One script instead of two, and nothing in it or in the WebAssembly that the page never uses:
//! each file would be a request before the first paint. `prune.mjs` does the taking out.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::build::finish;
use crate::{paths, shell};

/// What a document's `index.html` starts, and what becomes of all its scripts.
const JOINED: &str = "boot.js";
/// The folder of what a document fetches when it is first wanted: it stays by itself.
pub(crate) const LATER: &str = "later";

const GLUE: &str = ".js";
const WASM: &str = "_bg.wasm";

/// Joins the starting script of this folder and wasm-bindgen's, which it imports.
pub(crate) fn join(folder: &Path) -> Result<()> {
    let name = name(folder)?;
    let mut prune = shell::command("node");
    prune.arg(paths::root().join("xtask/src/build/prune.mjs"));
    shell::run(prune.arg(folder).arg(&name))?;

    let script = folder.join(JOINED);
    let mut esbuild = finish::esbuild();
    esbuild
        .args(["--bundle", "--format=esm", "--allow-overwrite"])
        .arg(format!("--external:./{LATER}/*"))
        .arg(&script)
        .arg(format!("--outfile={}", script.display()));
    shell::run(&mut esbuild)?;

    let glue = name + GLUE;
    fs::remove_file(folder.join(&glue))?;
    let document = folder.join("index.html");
    let html = fs::read_to_string(&document).context("trunk wrote no index.html")?;
    fs::write(document, without_preload(&html, &glue))?;
    Ok(())
}

/// What the glue and the WebAssembly of this folder are both called after.
fn name(folder: &Path) -> Result<String> {
    let mut names = fs::read_dir(folder)?.filter_map(|entry| {
        let file = entry.ok()?.file_name().into_string().ok()?;
        file.strip_suffix(WASM).map(str::to_owned)
    });
    let name = names.next();
    name.filter(|_| names.next().is_none())
        .with_context(|| format!("{} holds not one WebAssembly", folder.display()))
}

/// A script that is gone must not be fetched.
fn without_preload(html: &str, script: &str) -> String {
    let preload = format!(r#"<link rel="modulepreload" href="{script}">"#);
    let lines = html.lines().filter(|line| line.trim() != preload);
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_joined_script_is_not_preloaded_beside_itself() {
        let html = "<head>\n<link rel=\"modulepreload\" href=\"a.js\">\n\
                    <script type=\"module\" src=\"boot.js\"></script>\n</head>\n";
        assert_eq!(
            without_preload(html, "a.js"),
            "<head>\n<script type=\"module\" src=\"boot.js\"></script>\n</head>\n"
        );
        assert_eq!(without_preload(html, "b.js"), html);
    }

    #[test]
    fn a_folder_with_one_webassembly_has_its_name() {
        let folder = std::env::temp_dir().join(format!("xtask-scripts-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(name(&folder).is_err());
        fs::write(folder.join("a_bg.wasm"), "").unwrap();
        assert_eq!(name(&folder).unwrap(), "a");
        fs::write(folder.join("b_bg.wasm"), "").unwrap();
        assert!(name(&folder).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
