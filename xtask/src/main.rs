//! One command for each habit of the project: `cargo xtask <command>`.
//!
//! It knows which tools are wanted, in which order things are built, and what counts as green;
//! it knows nothing of what Parlor does. A command says what it is doing before it does it, and
//! is quick when there is nothing left to do.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program speaks to the one who called it"
)]

mod bench;
mod build;
mod check;
mod clients;
mod dev;
mod fingerprint;
mod load;
mod paths;
mod serve;
mod setup;
mod shell;
mod sim;

use std::process::ExitCode;

type Command = fn(&[String]) -> anyhow::Result<()>;

const COMMANDS: &[(&str, Command, &str)] = &[
    (
        "run",
        serve::run,
        "build what changed and serve it, with the demo page and the console [--listen ADDR] [--data DIR]",
    ),
    (
        "build",
        build::run,
        "make target/release/parlor: one binary with widget, console and demo inside",
    ),
    (
        "test",
        check::run,
        "everything: format, lints, tests, doc tests, builds, sizes, browser tests",
    ),
    (
        "dev",
        dev::run,
        "serve the widget with live reload, and the endpoint beside it",
    ),
    ("ci", check::run, "what CI runs: the same as test"),
    (
        "clients",
        clients::run,
        "clients of both protocols that others wrote, against target/release/parlor",
    ),
    (
        "sim",
        sim::run,
        "conversations in a bad world: --seeds N [--from S] [--minutes M] [--threads T], or --sqlite N",
    ),
    (
        "size",
        check::size::run,
        "print the gzip and brotli sizes of what a page loads; fail above the limits",
    ),
    (
        "bench",
        bench::run,
        "how fast the window is, beside plain DOM and a keyed <For> in the same run",
    ),
    (
        "load",
        load::run,
        "how much the endpoint bears, beside bare programs: [--short] [SCENARIO=SIZE ...], or --help for a list",
    ),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    let _program = arguments.next();
    let name = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let Some((_, command, _)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
        return list(&name);
    };
    match command(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Without a command, or with one that does not exist: the list, and exit code 2.
fn list(name: &str) -> ExitCode {
    if !name.is_empty() {
        eprintln!("cargo xtask: there is no command `{name}`\n");
    }
    eprintln!("usage: cargo xtask <command>\n");
    for (command, _, purpose) in COMMANDS {
        eprintln!("  {command:<7} {purpose}");
    }
    ExitCode::from(2)
}
