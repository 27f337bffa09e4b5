//! The program as a process, and requests to it over TCP.
#![allow(dead_code, reason = "each file of tests uses a part")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

pub(crate) fn parlor(data: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command
        .args(words)
        .env("PARLOR_DATA", data)
        .env_remove("PARLOR_PASSWORD");
    command
}

/// A running server, which is killed when the test ends.
pub(crate) struct Server {
    pub(crate) process: Child,
    lines: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        Self::spawn(parlor(data, &["serve", "--listen", "127.0.0.1:0"]))
    }

    pub(crate) fn start_with(data: &Path, options: &[&str]) -> Self {
        let mut command = parlor(data, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(options);
        Self::spawn(command)
    }

    /// The address of the metrics, after a first start with a listener for
    /// them.
    pub(crate) fn metrics_address(&mut self) -> String {
        self.next_line();
        let line = self.next_line();
        let url = line.trim().strip_prefix("parlor: metrics at http://");
        url.unwrap().strip_suffix("/metrics").unwrap().to_owned()
    }

    /// Starts a command that serves, and waits for its address.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("parlor: listening on http://");
        Self {
            address: address.unwrap().to_owned(),
            process,
            lines,
        }
    }

    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// Sends a GET without waiting for the response.
    pub(crate) fn ask(&self, path: &str, headers: &[(&str, &str)]) -> TcpStream {
        ask(&self.address, path, headers)
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        answer(self.ask(path, headers))
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }
}

pub(crate) fn ask(address: &str, path: &str, headers: &[(&str, &str)]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "connection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// Sends a request and returns the whole response.
pub(crate) fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "connection: close\r\n\r\n";
    request += body;
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
