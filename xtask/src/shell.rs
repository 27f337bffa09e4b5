//! Running other programs, and saying so.
//!
//! Every program runs in the checkout with our tools first on the PATH. A program that fails is an
//! error that names it; nothing is tried twice.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, iter};

use anyhow::{Context, Result, bail};

use crate::paths;

/// Says what is being done now; the reader of a long build lives by these lines.
pub(crate) fn say(what: &str) {
    println!("==> {what}");
}

/// A command in the checkout, with our tools first on the PATH and one target directory for all.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let ours = [
        paths::tools().join("bin"),
        paths::root().join("node_modules/.bin"),
    ];
    let inherited = env::var_os("PATH").unwrap_or_default();
    let path = ours.into_iter().chain(env::split_paths(&inherited));
    if let Ok(path) = env::join_paths(path) {
        command.env("PATH", path);
    }
    command
        .current_dir(paths::root())
        .env("CARGO_TARGET_DIR", paths::target());
    command
}

pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = words(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// What a program prints on stdout, trimmed; `None` when it cannot be run or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

pub(crate) fn on_path(program: &str) -> bool {
    let inherited = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&inherited).any(|folder| folder.join(program).is_file())
}

/// The command as one would type it, with the checkout's own paths shortened.
pub(crate) fn words(command: &Command) -> String {
    let root = paths::root();
    let short = |word: &OsStr| {
        let path = Path::new(word);
        path.strip_prefix(&root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    iter::once(program)
        .chain(command.get_args())
        .map(short)
        .collect::<Vec<_>>()
        .join(" ")
}
