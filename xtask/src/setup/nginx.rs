//! The proxy of the tests in which the endpoint is behind one.

use std::path::Path;

use anyhow::{Result, bail};

use crate::setup::packages;
use crate::shell;

/// Not on every user's `PATH`.
const USUAL: &str = "/usr/sbin/nginx";

const MISSING: &str = "the browser tests need nginx: install it, without starting it as a service";

fn is_there() -> bool {
    shell::on_path("nginx") || Path::new(USUAL).is_file()
}

pub(super) fn install() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    packages::install(&["nginx"], MISSING)?;
    if !is_there() {
        bail!(MISSING);
    }
    Ok(())
}
