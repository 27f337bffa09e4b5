//! Checks of the Rust code: format, lints, tests, doc tests.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};

use crate::check::tally::{Runner, Tally};
use crate::check::wasm;
use crate::setup::WASM_TARGET;
use crate::shell;

pub(crate) fn format() -> Result<Tally> {
    plain(shell::cargo().args(["fmt", "--all", "--check"]))
}

pub(crate) fn lints() -> Result<Tally> {
    plain(shell::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// What runs in the browser is compiled for it too: code behind `cfg(target_arch)` is seen only so.
pub(crate) fn browser_lints() -> Result<Tally> {
    plain(shell::cargo().args([
        "clippy",
        "--target",
        WASM_TARGET,
        "--package",
        "parlor-widget",
        "--package",
        "parlor-console",
        "--",
        "-D",
        "warnings",
    ]))?;
    let mut tests = shell::cargo();
    tests.args(["clippy", "--target", WASM_TARGET, "--lib", "--tests"]);
    wasm::packages(&mut tests);
    plain(tests.args(["--", "-D", "warnings"]))
}

pub(crate) fn tests() -> Result<Tally> {
    let (mut cargo, runner) = test_command();
    if matches!(runner, Runner::Standard) {
        cargo.arg("--all-targets");
    }
    counted(&mut cargo, runner)
}

/// The tests of the endpoint's APIs once more, which run on the store in memory otherwise.
pub(crate) fn tests_on_sqlite() -> Result<Tally> {
    let (mut cargo, runner) = test_command();
    cargo
        .args([
            "--test",
            "visitor_api",
            "--test",
            "agent_api",
            "--test",
            "logs",
            "--test",
            "mail",
        ])
        .env("PARLOR_TEST_STORE", "sqlite");
    counted(&mut cargo, runner)
}

/// Always of the whole workspace: dependencies of a part have other features, and would be compiled
/// once more.
fn test_command() -> (Command, Runner) {
    let mut cargo = shell::cargo();
    let nextest = shell::answer(shell::cargo().args(["nextest", "--version"])).is_some();
    if nextest {
        cargo.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
        cargo.args(["--retries", "0"]);
        (cargo, Runner::Nextest)
    } else {
        println!("cargo-nextest is not installed: plain `cargo test` does it");
        cargo.args(["test", "--workspace", "--no-fail-fast"]);
        (cargo, Runner::Standard)
    }
}

pub(crate) fn doc_tests() -> Result<Tally> {
    let mut cargo = shell::cargo();
    cargo.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    counted(&mut cargo, Runner::Standard)
}

fn plain(command: &mut Command) -> Result<Tally> {
    shell::run(command).map(|()| Tally::default())
}

/// Runs tests, shows everything, and counts by their closing lines.
pub(crate) fn counted(command: &mut Command, runner: Runner) -> Result<Tally> {
    let name = shell::words(command);
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{name}`"))?;
    let errors = child.stderr.take().context("no stderr")?;
    let output = child.stdout.take().context("no stdout")?;
    let other = thread::spawn(move || pass_on(errors, runner));
    let mut tally = pass_on(output, runner);
    tally.add(
        other
            .join()
            .map_err(|_| anyhow!("lost the output of `{name}`"))?,
    );
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        bail!("`{name}` failed ({status})");
    }
    Ok(tally)
}

fn pass_on(from: impl Read, runner: Runner) -> Tally {
    let mut tally = Tally::default();
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.add(Tally::read(&line, runner));
    }
    tally
}
