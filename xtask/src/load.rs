//! `load`: how much the endpoint bears, beside bare programs in the same run (`crates/load`). No test
//! of CI: machines are shared and noisy.

use std::path::PathBuf;

use anyhow::Result;

use crate::{paths, shell};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let named = |option: &str| arguments.iter().any(|word| word.starts_with(option));
    let mut cargo = shell::cargo();
    cargo.args(["build", "--release", "--package", "parlor-load"]);
    let built_before = named("--endpoint") || named("--help");
    if !built_before {
        // Nothing loads the widget or the console here, so they need not be built.
        cargo.args(["--package", "parlor-server"]);
    }
    shell::say("building what measures and what is measured");
    shell::run(&mut cargo)?;
    let program = paths::target().join("release/parlor-load");
    let mut load = shell::command(program);
    load.arg("run").arg("--data").arg(data());
    if !built_before {
        load.arg("--endpoint").arg(paths::endpoint("release"));
    }
    shell::run(load.args(arguments))
}

/// On the disk of the checkout; `/tmp` may be memory, where commits cost nothing.
fn data() -> PathBuf {
    paths::target().join("load")
}
