//! The documents that are WebAssembly: the widget's and the console's.
//!
//! Each is made of an `index.html`, which names its stylesheets and files in Trunk's notation, and a
//! program of the same crate. `cargo` compiles both programs, wasm-bindgen binds each to JavaScript,
//! wasm-opt and esbuild make them small, and the result is mirrored into the assets. Trunk is not
//! called here: it serves `cargo xtask dev`.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::build::page::Page;
use crate::build::{bind, build_std, finish, mirror};
use crate::fingerprint::Mark;
use crate::setup::WASM_TARGET;
use crate::{paths, shell};

pub(crate) struct Document {
    /// The folder below `target/assets`, and the first part of its address.
    pub(crate) name: &'static str,
    /// The package, its program, and what wasm-bindgen's two files are named after.
    package: &'static str,
    /// The folder of `index.html`, from the top of the checkout.
    folder: &'static str,
    /// The parts of the checkout that its build does not read.
    left_out: &'static [&'static str],
    spoken: &'static str,
}

pub(crate) const WIDGET: Document = Document {
    name: "chat",
    package: "parlor-widget",
    folder: "",
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
    package: "parlor-console",
    folder: "crates/console",
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

/// The profile in `Cargo.toml` that the programs are compiled with.
pub(crate) const PROFILE: &str = "release-wasm";

/// A change of how documents are built makes them out of date too.
const RECIPE: &str = concat!(
    include_str!("bind.rs"),
    include_str!("document.rs"),
    include_str!("finish.rs"),
    include_str!("page.rs"),
    include_str!("build_std.rs"),
);

/// Builds those documents that are out of date.
pub(crate) fn build() -> Result<()> {
    let mut stale = Vec::new();
    for document in [WIDGET, CONSOLE] {
        let mark = document.mark()?;
        if !(mark.holds() && document.assets().join("index.html").is_file()) {
            stale.push((document, mark));
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    compile()?;
    // At the same time: wasm-opt, which takes most of it, uses one core.
    thread::scope(|scope| {
        let assembling: Vec<_> = stale
            .iter()
            .map(|(document, mark)| {
                scope.spawn(move || {
                    document
                        .assemble()
                        .with_context(|| format!("cannot build {}", document.spoken))?;
                    mark.set()
                })
            })
            .collect();
        assembling
            .into_iter()
            .try_for_each(|one| one.join().map_err(|_| anyhow!("a thread has panicked"))?)
    })
}

/// Compiles the programs of both documents, always together: cargo then gives their common
/// dependencies the same features, and compiles each of them once.
fn compile() -> Result<()> {
    shell::say("compiling the widget and the console for the browser");
    let mut cargo = shell::cargo();
    cargo.args(["build", "--target", WASM_TARGET, "--profile", PROFILE]);
    for Document { package, .. } in [WIDGET, CONSOLE] {
        cargo.args(["--package", package, "--bin", package]);
    }
    shell::run(build_std::enable(&mut cargo))
}

/// The folder where cargo puts what it compiles for the browser.
fn compiled() -> PathBuf {
    paths::target().join(WASM_TARGET).join(PROFILE)
}

impl Document {
    fn mark(&self) -> Result<Mark> {
        let salt = format!("{RECIPE} {}", build_std::is_on());
        Mark::of_tree(self.name, &salt, self.left_out)
    }

    pub(crate) fn assets(&self) -> PathBuf {
        paths::assets().join(self.name)
    }

    /// Makes the document's folder from its page and its compiled program.
    fn assemble(&self) -> Result<()> {
        shell::say(&format!("binding and shrinking {}", self.spoken));
        let sources = paths::root().join(self.folder);
        let page = fs::read_to_string(sources.join("index.html")).context("no index.html")?;
        let page = Page::read(&page)?;
        // In one folder everything that scripts import, in the other what is shipped.
        let joined = empty(&paths::target().join("documents").join(self.name))?;
        let shipped = empty(&paths::target().join("documents/shipped").join(self.name))?;

        let wasm = compiled().join(self.package).with_extension("wasm");
        bind::bind(&wasm, &joined)?;
        for file in &page.files {
            fs::copy(sources.join(file), joined.join(file)).with_context(|| file.clone())?;
        }
        let optimised = format!("{}_bg.wasm", self.package);
        finish::optimise(&joined.join(&optimised), &shipped.join(&optimised))?;
        finish::script(&joined, &page.script, &page.folders, &shipped)?;
        finish::style(&sources, &page.styles, &joined, &shipped)?;
        for folder in &page.folders {
            finish::folder(&sources, folder, &shipped)?;
        }
        fs::write(shipped.join("index.html"), &page.html)?;
        mirror(&shipped, &self.assets())
    }
}

fn empty(folder: &Path) -> Result<PathBuf> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    fs::create_dir_all(folder).context("cannot write below target/")?;
    Ok(folder.to_path_buf())
}
