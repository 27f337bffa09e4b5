//! A real SMTP server in a process of its own (`smtp_server.py`).

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use parlor_server::mail::{MailConfig, Security, SmtpServer};
use serde_json::Value;

/// It is killed when the test ends.
pub(crate) struct Smtp {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub(crate) port: u16,
}

impl Smtp {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The server that has died is there again.
    pub(crate) fn again_at(port: u16) -> Self {
        Self::with(&["--port", &port.to_string()])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/smtp_server.py");
        let mut process = Command::new(python())
            .arg(program)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(process.stdout.take().unwrap());
        let line = read_line(&mut answers);
        let port = line.strip_prefix("listening ").unwrap();
        Self {
            port: port.parse().unwrap(),
            commands: process.stdin.take().unwrap(),
            answers,
            process,
        }
    }

    pub(crate) fn config(&self) -> MailConfig {
        config(self.port)
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands, "{command}").unwrap();
        read_line(&mut self.answers)
    }

    pub(crate) fn mode(&mut self, mode: &str) {
        assert_eq!(self.ask(&format!("mode {mode}")), "ok");
    }

    /// Returns once so many recipients were named.
    pub(crate) fn wait(&mut self, recipients: usize) {
        assert_eq!(self.ask(&format!("wait {recipients}")), "ok");
    }

    /// How many recipients were named, whatever the answer was.
    pub(crate) fn attempts(&mut self) -> usize {
        self.ask("recipients").parse().unwrap()
    }

    pub(crate) fn mails(&mut self) -> Vec<Value> {
        serde_json::from_str(&self.ask("mails")).unwrap()
    }

    /// The only mail that was taken.
    #[track_caller]
    pub(crate) fn only_mail(&mut self) -> Value {
        let mut mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read_line(from: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

pub(crate) fn config(port: u16) -> MailConfig {
    let server = SmtpServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        credentials: None,
    };
    MailConfig::new(server, "Ada's Hats <team@hats.example>".parse().unwrap())
}

/// `cargo xtask test` installs it: `xtask/src/setup/smtp.rs`.
fn python() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    let cache = set("PARLOR_TOOLS").map(PathBuf::from).unwrap_or_else(|| {
        match (set("XDG_CACHE_HOME"), set("HOME")) {
            (Some(cache), _) => Path::new(&cache).join("parlor"),
            (None, Some(home)) => Path::new(&home).join(".cache/parlor"),
            (None, None) => Path::new("target/cache").to_owned(),
        }
    });
    let python = cache.join("smtp/bin/python");
    let path = python.display();
    assert!(
        python.exists(),
        "there is no {path}: `cargo xtask test` installs it"
    );
    python
}
