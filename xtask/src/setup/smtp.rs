//! What the tests of mail start: an SMTP server, and openssl.

use anyhow::Result;

use crate::setup::{packages, python};
use crate::shell;

const MISSING: &str = "the tests of mail need openssl: install it";

pub(super) fn install() -> Result<()> {
    // Makes the certificate of the test with TLS.
    if !shell::on_path("openssl") {
        packages::install(&["openssl"], MISSING)?;
    }
    python::SMTP.install()
}
