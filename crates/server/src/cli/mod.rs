//! The command line: parses arguments and prints results. It decides nothing
//! about chats.
//!
//! What must stay true: stdout has the results and nothing else; a failure is
//! one sentence on stderr, with exit code 1.

mod agent;
mod backup;
mod customer;
mod setup;
mod token;
mod webhook;

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand, builder::RangedU64ValueParser};
use ipnet::IpNet;
use tokio::time::{Instant, sleep};
use tracing::level_filters::LevelFilter;

use crate::{
    auth::Passwords,
    clock::Clock,
    data_folder::{FolderLock, LockError},
    entropy::Entropy,
    private::Private,
    serve::{self, Options},
    setup::Setup,
    store::sqlite::SqliteStore,
    telemetry::LogFormat,
};

/// Receives the visitors of a website.
#[derive(Parser)]
#[command(name = "parlor", version, about)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve the chat; on an empty folder, set it up first
    Serve(ServeArgs),
    /// Set a site up, or add to the one there is, and print its ids and new tokens
    Setup(setup::SetupArgs),
    /// Add, change, list or remove those who answer
    #[command(subcommand)]
    Agent(agent::AgentVerb),
    /// Make, list or revoke the tokens with which programs act as agents
    #[command(subcommand)]
    Token(token::TokenVerb),
    /// Look after those who are told of conversations by webhooks
    #[command(subcommand)]
    Webhook(webhook::WebhookVerb),
    /// Hand out or erase what is stored of a customer
    #[command(subcommand)]
    Customer(customer::CustomerVerb),
    /// Write the database and the files to one archive; the server may be running
    Backup(backup::BackupArgs),
    /// Bring an archive back, while no server runs
    Restore(backup::RestoreArgs),
}

/// Where everything is kept.
#[derive(Args)]
struct Data {
    /// Folder of the database; made when it is missing
    #[arg(
        long,
        value_name = "DIR",
        env = "PARLOR_DATA",
        default_value = "./parlor-data"
    )]
    data: PathBuf,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    data: Data,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        env = "PARLOR_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    listen: String,
    /// How many connections may be open at a time; more are answered 503. One that holds a poll
    /// costs some 30 KB of memory
    #[arg(
        long,
        value_name = "N",
        env = "PARLOR_MAX_CONNECTIONS",
        default_value_t = serve::CONNECTIONS_MAX,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..)
    )]
    max_connections: usize,
    /// Where visitors reach this server, when it stands behind a proxy
    #[arg(long, value_name = "URL", env = "PARLOR_PUBLIC_URL")]
    public_url: Option<String>,
    /// Networks from which proxies connect, as in 10.0.0.0/8,fd00::/8, besides this machine: their
    /// X-Forwarded-For is believed
    #[arg(
        long,
        value_name = "NETWORKS",
        env = "PARLOR_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    trusted_proxies: Vec<IpNet>,
    /// Settings of the deployments; DIR/parlor.toml when that is there
    #[arg(long, value_name = "FILE", env = "PARLOR_SETTINGS")]
    settings: Option<PathBuf>,
    /// Address and port on which metrics are served in Prometheus' format, at /metrics; nowhere when
    /// absent. They are not protected: keep them off the internet
    #[arg(long, value_name = "ADDR", env = "PARLOR_METRICS_LISTEN")]
    metrics_listen: Option<String>,
    /// Make faults on purpose, by the rules of this file: to test clients with
    #[arg(long, value_name = "FILE", requires = "unsafe_faults")]
    faults: Option<PathBuf>,
    /// Say that this endpoint is to lose, delay and cut what visitors send
    #[arg(long, requires = "faults")]
    unsafe_faults: bool,
    /// Serve widget, console and demo from this folder instead of from the program
    #[arg(long, value_name = "DIR")]
    assets: Option<PathBuf>,
    /// How log lines look
    #[arg(long, value_enum, env = "PARLOR_LOG_FORMAT", default_value_t)]
    log_format: LogFormat,
    /// The least important log lines written: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", env = "PARLOR_LOG", default_value = "info")]
    log_level: LevelFilter,
}

/// Runs the command of the command line.
pub async fn run() -> ExitCode {
    let done = match Command::parse().verb {
        Verb::Serve(args) => {
            serve::serve(Options {
                data: args.data.data,
                listen: args.listen,
                max_connections: args.max_connections,
                public_url: args.public_url,
                trusted_proxies: args.trusted_proxies,
                settings: args.settings,
                metrics_listen: args.metrics_listen,
                faults: args.faults,
                assets: args.assets,
                log_format: args.log_format,
                log_level: args.log_level,
            })
            .await
        }
        Verb::Setup(args) => setup::run(args).await,
        Verb::Agent(verb) => agent::run(verb).await,
        Verb::Token(verb) => token::run(verb).await,
        Verb::Webhook(verb) => webhook::run(verb).await,
        Verb::Customer(verb) => customer::run(verb).await,
        Verb::Backup(args) => backup::make(args).await,
        Verb::Restore(args) => backup::restore(args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody can read the error when stderr is closed.
            let _ = writeln!(io::stderr(), "parlor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the commands other than `serve` work with. The server may be running
/// meanwhile: the database lets one process write at a time.
struct Context {
    store: SqliteStore,
    entropy: Entropy,
    passwords: Passwords,
    clock: Clock,
}

/// How long a command waits for a server that starts, and migrates the database
/// meanwhile.
const MIGRATION_TIMEOUT: Duration = Duration::from_secs(5);

/// How often it looks.
const MIGRATION_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Opens the database. Beside a server nothing is migrated: it may be of an
/// older version.
async fn open_store(data: &Path) -> anyhow::Result<SqliteStore> {
    let begun = Instant::now();
    while !SqliteStore::is_current(data).await {
        match FolderLock::take(data) {
            // Held until the database is migrated.
            Ok(_lock) => return Ok(SqliteStore::open(data).await?),
            Err(LockError::Held(_)) if begun.elapsed() < MIGRATION_TIMEOUT => {
                sleep(MIGRATION_CHECK_INTERVAL).await;
            }
            Err(error @ LockError::Held(_)) => {
                return Err(error).context("the database is not of this version");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(SqliteStore::open(data).await?)
}

impl Context {
    async fn open(data: &Path) -> anyhow::Result<Self> {
        let store = open_store(data).await?;
        Ok(Self {
            clock: Clock::system_after(store.newest_time().await?),
            store,
            entropy: Entropy::os(),
            passwords: Passwords::default(),
        })
    }

    /// For commands that must not create a database.
    async fn open_existing(data: &Path) -> anyhow::Result<Self> {
        if !SqliteStore::is_in(data) {
            bail!("there is no database in {}", data.display());
        }
        Self::open(data).await
    }

    fn setup(&self) -> Setup<'_> {
        Setup {
            store: &self.store,
            entropy: &self.entropy,
            passwords: &self.passwords,
            now: self.clock.now(),
        }
    }
}

/// Where the endpoint is reached, for the links that are printed.
#[derive(Args)]
struct Address {
    /// Where visitors reach the server, as for `parlor serve`
    #[arg(
        long,
        value_name = "URL",
        env = "PARLOR_PUBLIC_URL",
        default_value = "http://127.0.0.1:8080",
        value_parser = serve::public_url
    )]
    public_url: String,
}

/// Keeps an e-mail address out of `Debug` output.
fn private(text: &str) -> Result<Private<String>, std::convert::Infallible> {
    Ok(Private(text.to_owned()))
}

/// Prints a result. A closed pipe is no error.
fn print(lines: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{lines}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_holds_together() {
        super::Command::command().debug_assert();
    }
}
