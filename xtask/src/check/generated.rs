//! Requests that schemathesis generates from the description of the endpoint
//! (`crates/server/tests/schemathesis`).

use std::env;

use anyhow::{Context, Result};

use crate::check::tally::Tally;
use crate::setup::python::SCHEMATHESIS;
use crate::{build, paths, shell};

/// Of each request, beside those that try the limits of what it takes: two to three minutes in all.
const EXAMPLES: &str = "5";

/// The same requests in each run: a check says the same until something changes. Other seeds are for
/// whoever searches.
const SEED: &str = "1";

pub(crate) fn requests() -> Result<Tally> {
    build::endpoint_for_testing()?;
    let inherited = env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(SCHEMATHESIS.commands()).chain(env::split_paths(&inherited));
    let mut run = shell::command(paths::root().join("crates/server/tests/schemathesis/run"));
    run.args(["--max-examples", EXAMPLES, "--seed", SEED])
        .env("PARLOR", paths::endpoint("debug"))
        .env("PATH", env::join_paths(path).context("PATH")?);
    shell::run(&mut run)?;
    Ok(Tally {
        passed: 1,
        ..Tally::default()
    })
}
