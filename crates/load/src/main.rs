//! `parlor-load`: how much the endpoint bears. It starts the release binary with a data folder of
//! its own, lets visitors and agents come, and measures them, the process, and bare programs that do
//! one part of the same work in the same run.
//!
//! It knows what anybody can see: the two APIs, the command line, and what the kernel counts. All
//! traffic is in 127.0.0.0/8. Figures are no tests, since machines differ: it fails only when a
//! message was lost or doubled, or an answer had a status that the protocol does not give there.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints its results"
)]

mod agent;
mod console;
mod http;
mod measure;
mod pace;
mod program;
mod report;
mod scenario;
mod session;
mod site;
mod stage;
mod visitor;
mod yardstick;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use tokio::runtime;

use scenario::Chosen;

/// Measures how much an endpoint bears.
#[derive(Parser)]
#[command(name = "parlor-load")]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run scenarios, such as `waiting=1000`; without any, all of them
    #[command(after_help = scenarios())]
    Run(Run),
    /// The bare long-poll server that the endpoint is compared with
    BareServer {
        /// An empty folder for its database
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How many ids it can store messages for
        #[arg(long)]
        ids: usize,
    },
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    setting: Setting,
    #[arg(value_name = "SCENARIO[=SIZE]")]
    scenarios: Vec<Chosen>,
}

/// What all scenarios need.
#[derive(Debug, Args)]
struct Setting {
    /// The binary that is measured
    #[arg(long, value_name = "FILE", default_value = "target/release/parlor")]
    endpoint: PathBuf,
    /// Where data folders are made; a real disk, or commits cost nothing
    #[arg(long, value_name = "DIR", default_value = "target/load")]
    data: PathBuf,
    /// Small sizes and short times: whether everything works, not how fast it is
    #[arg(long)]
    short: bool,
}

impl Setting {
    /// How long something is measured.
    fn time(&self, time: Duration) -> Duration {
        if self.short { time / 5 } else { time }
    }
}

fn scenarios() -> String {
    let mut text = "Scenarios:\n".to_owned();
    for it in scenario::ALL {
        let word = format!("{}={}", it.name, it.size);
        text += &format!("  {word:<16} {}\n", it.purpose);
    }
    text
}

fn main() -> ExitCode {
    let done = match Command::parse().verb {
        Verb::Run(run) => measured(&run),
        Verb::BareServer { data, ids } => bare_server(&data, ids),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("parlor-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the scenarios; true when nothing happened that must not.
fn measured(run: &Run) -> Result<bool> {
    let open_files = program::raise_open_files()?;
    println!("open files: {open_files} at most, which bounds the connections of a scenario");
    let chosen = match run.scenarios.is_empty() {
        true => scenario::all(run.setting.short),
        false => run.scenarios.clone(),
    };
    let mut clean = true;
    for chosen in &chosen {
        // One thread: the endpoint needs the other core more. Dropped after the scenario, with all
        // that still runs in it.
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let report = runtime.block_on(scenario::run(&run.setting, chosen))?;
        println!("{}", report.text());
        clean &= report.is_clean();
    }
    Ok(clean)
}

/// With as many threads as the endpoint.
fn bare_server(data: &Path, ids: usize) -> Result<bool> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(yardstick::serve(data, ids))?;
    Ok(true)
}
