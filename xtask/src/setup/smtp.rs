//! The SMTP server of the tests of mail: aiosmtpd, in a Python environment of its own; and openssl.

use std::fs;

use anyhow::{Context, Result};

use crate::setup::packages;
use crate::{paths, shell};

const MISSING: &str = "the tests of mail need Python 3.9 or newer with its module venv, and openssl: \
                       install them";

/// Pinned, with all that they import.
const LISTED: &str = "crates/server/tests/mail/requirements.txt";

pub(super) fn install() -> Result<()> {
    let folder = paths::cache().join("smtp");
    let listed = paths::root().join(LISTED);
    let wanted = fs::read_to_string(&listed).context(LISTED)?;
    let mark = folder.join("installed.txt");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut missing = Vec::new();
    if !has_venv() {
        missing.push("python3-venv");
    }
    // Makes the certificate of the test with TLS.
    if !shell::on_path("openssl") {
        missing.push("openssl");
    }
    packages::install(&missing, MISSING)?;
    shell::say("fetching the SMTP server of the tests");
    let mut venv = shell::command("python3");
    shell::run(venv.args(["-m", "venv", "--clear"]).arg(&folder)).context(MISSING)?;
    shell::run(
        shell::command(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&listed),
    )?;
    fs::write(&mark, wanted).context("cannot write into the cache of tools")
}

fn has_venv() -> bool {
    shell::answer(shell::command("python3").args(["-c", "import ensurepip, venv"])).is_some()
}
