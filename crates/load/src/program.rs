//! Starts and ends the programs that are measured: the endpoint, and the bare server.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::measure::{Usage, usage};

/// How long an ended program may take to be gone; the endpoint takes ten seconds at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most open files that the kernel lets this process and those that it starts have: each
/// connection is one.
///
/// # Errors
/// When the kernel refuses.
pub(crate) fn raise_open_files() -> Result<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).context("cannot raise the limit of open files")?;
    Ok(maximum.unwrap_or(u64::MAX))
}

/// A program that listens. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open, so that the program may print.
    _stdout: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it, and waits for the line in which it says where it listens.
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let stdout = child.stdout.take().context("it has no stdout")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let Some((_, address)) = line.trim().split_once("listening on http://") else {
            let _ = child.kill();
            bail!("it does not listen");
        };
        Ok(Self {
            address: address.parse()?,
            child,
            _stdout: stdout,
        })
    }

    /// The bare server, as a process of its own, with its database in this folder.
    pub(crate) fn bare_server(data: &Path, ids: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-server").arg("--data").arg(data);
        Self::start(command.args(["--ids", &ids.to_string()]))
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        usage(self.child.id())
    }

    /// Sends SIGTERM, and waits for the end.
    pub(crate) async fn stop(&mut self) -> Result<ExitStatus> {
        self.end(Signal::TERM).await
    }

    /// Ends it as a power cut would.
    pub(crate) async fn kill(&mut self) -> Result<ExitStatus> {
        self.end(Signal::KILL).await
    }

    async fn end(&mut self, signal: Signal) -> Result<ExitStatus> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("it has no process id")?;
        kill_process(pid, signal)?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(5)).await;
        }
        bail!("it did not end")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `parlor setup --json` prints.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Installation {
    pub(crate) organization_id: String,
    pub(crate) deployment_id: String,
    pub(crate) button_id: String,
    pub(crate) agent_id: String,
    pub(crate) agent_token: String,
}

/// An endpoint with a new data folder, which is removed with it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    binary: PathBuf,
    data: TempDir,
    pub(crate) installation: Installation,
}

impl Endpoint {
    /// Sets up; it is not started yet.
    pub(crate) fn set_up(binary: &Path, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let data = TempDir::with_prefix_in("endpoint-", folder)?;
        let output = Command::new(binary)
            .args(["setup", "--json", "--agent", "ada@example.com", "--data"])
            .arg(data.path())
            .env("PARLOR_PASSWORD", "correct horse battery staple")
            .output()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Self {
            binary: binary.to_owned(),
            data,
            installation: serde_json::from_slice(&output.stdout)?,
        })
    }

    /// Starts it at this address: `127.0.0.1:0` the first time, later the one that it had.
    pub(crate) fn start(&self, listen: &str) -> Result<Program> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())?;
        Program::start(
            Command::new(&self.binary)
                .args(["serve", "--listen", listen, "--data"])
                .arg(self.data.path())
                .stderr(log),
        )
        .with_context(|| format!("the endpoint does not start:\n{}", self.log()))
    }

    /// What it has written to its log, over all its starts.
    pub(crate) fn log(&self) -> String {
        std::fs::read(self.log_file())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.data.path().join("log")
    }
}
