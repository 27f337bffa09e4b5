//! The program itself: its output, its failures, and how it stops.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

fn parlor(data: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command
        .args(words)
        .env("PARLOR_DATA", data)
        .env_remove("PARLOR_PASSWORD");
    command
}

fn run(data: &Path, words: &[&str]) -> Output {
    parlor(data, words).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// One sentence, and exit code 1.
fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.starts_with("parlor: "), "{words}");
    words
}

#[test]
fn faults_are_refused_without_the_flag_that_names_them_unsafe() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["serve", "--faults", "faults.toml"]);
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("--unsafe-faults"), "{words}");
}

const SETUP: [&str; 6] = [
    "setup",
    "--agent",
    "ada@example.com",
    "--password",
    "correct horse",
    "--json",
];

/// A running server, which is killed when the test ends.
struct Server {
    process: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut process = parlor(data, &["serve", "--listen", "127.0.0.1:0"])
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

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// Sends a GET without waiting for the response.
    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += "connection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        answer(self.ask(path, headers))
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[test]
fn setup_prints_one_object_and_keeps_its_ids() {
    let data = tempfile::tempdir().unwrap();
    let first: Value = serde_json::from_str(&stdout(&run(data.path(), &SETUP))).unwrap();
    let mut names: Vec<&String> = first.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "agentId",
            "agentToken",
            "apiToken",
            "buttonId",
            "deploymentId",
            "organizationId"
        ]
    );
    let again: Value = serde_json::from_str(&stdout(&run(data.path(), &SETUP))).unwrap();
    for name in ["organizationId", "deploymentId", "buttonId", "agentId"] {
        assert_eq!(first[name], again[name]);
    }
    assert_ne!(first["agentToken"], again["agentToken"]);
}

#[test]
fn a_password_may_come_from_the_environment() {
    let data = tempfile::tempdir().unwrap();
    let output = parlor(data.path(), &["setup", "--agent", "ada@example.com"])
        .env("PARLOR_PASSWORD", "correct horse")
        .output()
        .unwrap();
    let text = stdout(&output);
    assert!(text.contains("organization  00D"), "{text}");
    assert!(!text.contains("correct horse"), "{text}");
}

#[test]
fn agents_come_and_go() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let added = stdout(&run(
        data,
        &["agent", "add", "bob@example.com", "--name", "Bob"],
    ));
    assert!(added.contains("/agent/#signin="), "{added}");
    let words = failure(&run(data, &["agent", "add", "BOB@example.com"]));
    assert!(words.contains("is an agent already"), "{words}");
    assert!(stdout(&run(data, &["agent", "list"])).contains("bob@example.com  Bob"));
    stdout(&run(data, &["agent", "remove", "bob@example.com"]));
    assert_eq!(stdout(&run(data, &["agent", "list"])), "");
    let words = failure(&run(data, &["agent", "remove", "bob@example.com"]));
    assert!(words.contains("is not an agent"), "{words}");
}

#[test]
fn failures_are_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let words = failure(&run(&none, &["agent", "list"]));
    assert!(words.contains("there is no database in"), "{words}");
    assert!(!none.exists());

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let words = failure(&run(
        &file.join("data"),
        &["serve", "--listen", "127.0.0.1:0"],
    ));
    assert!(words.contains("cannot open the database"), "{words}");

    let words = failure(&run(&none, &["serve", "--listen", "nowhere"]));
    assert!(words.contains("cannot listen on nowhere"), "{words}");
    let words = failure(&run(&none, &["serve", "--public-url", "chat.example"]));
    assert!(words.contains("is not a public URL"), "{words}");
    let words = failure(&run(&none, &["serve", "--assets", "/no/such/folder"]));
    assert!(words.contains("there is no folder"), "{words}");
    let words = failure(&run(&none, &["setup", "--agent", "ada", "--password", "x"]));
    assert!(words.contains("not an e-mail address"), "{words}");
}

#[test]
fn the_settings_file_of_the_data_folder_is_read() {
    let data = tempfile::tempdir().unwrap();
    let site: Value = serde_json::from_str(&stdout(&run(data.path(), &SETUP))).unwrap();
    let file = data.path().join("parlor.toml");
    std::fs::write(&file, "[[deployment]]\nteam_name = \"Ada's Hats\"\n").unwrap();
    let server = Server::start(data.path());
    let path = format!(
        "/chat/rest/Visitor/Settings?deployment_id={}",
        site["deploymentId"].as_str().unwrap()
    );
    let (status, settings) = server.get(&path, &[]);
    assert_eq!(status, 200, "{settings}");
    assert!(settings.contains("Ada's Hats"), "{settings}");
    assert!(data.path().join("files").is_dir());
    drop(server);

    std::fs::write(&file, "[[deployment]]\n\nteam = \"x\"\n").unwrap();
    let words = failure(&run(data.path(), &["serve", "--listen", "127.0.0.1:0"]));
    let at = format!(
        "{}, line 3: deployment[0].team: there is no such setting",
        file.display()
    );
    assert!(words.contains(&at), "{words}");
    let words = failure(&run(data.path(), &["serve", "--settings", "/no/such/file"]));
    assert!(words.contains("cannot read /no/such/file"), "{words}");
}

#[test]
fn an_address_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let other = tempfile::tempdir().unwrap();
    let words = failure(&run(other.path(), &["serve", "--listen", &server.address]));
    assert!(words.contains(&server.address), "{words}");
    assert!(words.contains("another program listens there"), "{words}");
}

#[test]
fn the_first_start_prints_a_link_and_the_second_does_not() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path());
    let link = format!(
        "parlor: sign in at http://{}/agent/#signin=",
        server.address
    );
    let line = server.next_line();
    assert!(line.starts_with(&link), "{line}");
    assert_eq!(server.get("/readyz", &[]), (200, "ready".to_owned()));
    server.signal("-TERM");
    assert!(server.process.wait().unwrap().success());
    assert_eq!(server.next_line(), "");

    let mut server = Server::start(data.path());
    server.signal("-INT");
    assert!(server.process.wait().unwrap().success());
    assert_eq!(server.next_line(), "");
}

#[test]
fn a_stop_ends_held_polls_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path());
    let version = ("x-liveagent-api-version", "66");
    let affinity = ("x-liveagent-affinity", "null");
    let (status, body) = server.get("/chat/rest/System/SessionId", &[version, affinity]);
    assert_eq!(status, 200, "{body}");
    let session: Value = serde_json::from_str(&body).unwrap();
    let poll = server.ask(
        "/chat/rest/System/Messages?ack=-1",
        &[
            version,
            (
                "x-liveagent-affinity",
                session["affinityToken"].as_str().unwrap(),
            ),
            ("x-liveagent-session-key", session["key"].as_str().unwrap()),
        ],
    );
    // This request is answered after the poll was accepted, on any number of
    // cores: both arrive on connections of their own, in this order.
    while !server
        .get("/metrics", &[])
        .1
        .contains("parlor_polls_open 1")
    {}

    let asked = Instant::now();
    server.signal("-TERM");
    assert_eq!(answer(poll), (204, String::new()));
    assert!(server.process.wait().unwrap().success());
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
}
