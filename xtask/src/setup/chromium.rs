//! The browser of the end-to-end tests: Chromium from the system, never downloaded by npm.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell;

const USUAL: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const MISSING: &str =
    "the browser tests need Chromium: install it, or put the path of the program into $CHROMIUM";

pub(crate) fn find() -> Option<PathBuf> {
    let chosen = env::var_os("CHROMIUM").map(PathBuf::from);
    chosen
        .into_iter()
        .chain(USUAL.iter().map(PathBuf::from))
        .find(|path| path.is_file())
}

pub(crate) fn install() -> Result<()> {
    if find().is_some() {
        return Ok(());
    }
    let user = shell::answer(shell::command("id").arg("-u"));
    let before: &[&str] = match user.as_deref() {
        Some("0") => &[],
        _ if shell::on_path("sudo") => &["sudo", "--non-interactive"],
        _ => anyhow::bail!(MISSING),
    };
    if !shell::on_path("apt-get") {
        anyhow::bail!(MISSING);
    }
    shell::say("installing Chromium for the browser tests");
    let commands: [&[&str]; 2] = [
        &["apt-get", "update", "-qq"],
        &[
            "apt-get",
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "chromium",
        ],
    ];
    for words in commands {
        let mut words = before.iter().chain(words);
        let program = words.next().context(MISSING)?;
        let mut command = shell::command(program);
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        shell::run(&mut command).context(MISSING)?;
    }
    find().context(MISSING).map(drop)
}
