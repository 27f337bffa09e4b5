//! `load`: how much the endpoint bears, beside bare programs in the same run (`crates/load`). No test
//! of CI: machines are shared and noisy.

use anyhow::Result;

use crate::{paths, shell};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    shell::say("building the endpoint and the load program");
    // In one build, so that what both depend on is compiled once.
    let packages = ["parlor-server", "parlor-load"].map(|it| ["--package", it]);
    let mut cargo = shell::cargo();
    cargo.args(["build", "--release"]);
    shell::run(cargo.args(packages.as_flattened()))?;
    shell::say("measuring; without arguments some six minutes");
    let program = paths::target().join("release/parlor-load");
    let mut load = shell::command(program);
    load.arg("run").arg("--endpoint").arg(paths::endpoint("release"));
    load.arg("--data").arg(paths::target().join("load"));
    shell::run(load.args(arguments))
}
