//! Programs of the tests that are written in Python, each in an environment of its own.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::setup::packages;
use crate::{paths, shell};

/// A program, with all that it imports.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    /// Its folder in the cache.
    folder: &'static str,
    /// The pinned packages.
    listed: &'static str,
    title: &'static str,
    /// What to do where it cannot be installed.
    missing: &'static str,
}

/// aiosmtpd, for the tests of mail.
pub(super) const SMTP: Program = Program {
    folder: "smtp",
    listed: "crates/server/tests/mail/requirements.txt",
    title: "the SMTP server of the tests",
    missing: "the tests of mail need Python 3.9 or newer with its module venv: install it",
};

/// Sends the requests that it generates from the description of the endpoint.
pub(crate) const SCHEMATHESIS: Program = Program {
    folder: "schemathesis",
    listed: "crates/server/tests/schemathesis/requirements.txt",
    title: "schemathesis",
    missing: "schemathesis needs Python 3.11 or newer with its module venv: install it",
};

impl Program {
    /// Where the commands are that it brings.
    pub(crate) fn commands(self) -> PathBuf {
        paths::cache().join(self.folder).join("bin")
    }

    pub(super) fn install(self) -> Result<()> {
        let folder = paths::cache().join(self.folder);
        let listed = paths::root().join(self.listed);
        let wanted = fs::read_to_string(&listed).context(self.listed)?;
        let mark = folder.join("installed.txt");
        if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        if !has_venv() {
            packages::install(&["python3-venv"], self.missing)?;
        }
        shell::say(&format!("fetching {}", self.title));
        let mut venv = shell::command("python3");
        shell::run(venv.args(["-m", "venv", "--clear"]).arg(&folder)).context(self.missing)?;
        shell::run(
            shell::command(folder.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(&listed),
        )
        .context(self.missing)?;
        fs::write(&mark, wanted).context("cannot write into the cache of tools")
    }
}

fn has_venv() -> bool {
    shell::answer(shell::command("python3").args(["-c", "import ensurepip, venv"])).is_some()
}
