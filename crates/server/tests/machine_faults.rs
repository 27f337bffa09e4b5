//! Faults of the machine under the real program: another process that holds the
//! database's lock, and a disk that is full. Requests wait, or are answered 503
//! with `Retry-After`; what was answered is there; and all is well again when
//! the fault is over. These tests take as long as the faults.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod program;

use std::{
    path::Path,
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use program::{Server, parlor};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use tokio::runtime::Runtime;

/// Another process with the database open.
struct Other {
    runtime: Runtime,
    connection: SqliteConnection,
}

impl Other {
    fn open(data: &Path) -> Self {
        let runtime = Runtime::new().unwrap();
        let url = format!("sqlite://{}", data.join("parlor.db").display());
        let connection = runtime.block_on(SqliteConnection::connect(&url)).unwrap();
        Self {
            runtime,
            connection,
        }
    }

    fn run(&mut self, sql: &'static str) {
        let running = sqlx::query(sql).execute(&mut self.connection);
        self.runtime.block_on(running).unwrap();
    }
}

/// A visitor who writes, and the agent who reads.
#[derive(Clone)]
struct Talk {
    address: String,
    agent_token: String,
    affinity: String,
    key: String,
    chat: String,
}

impl Talk {
    fn begin(data: &Path, server: &Server) -> Self {
        let site = parlor(data, &["setup", "--agent", "ada@example.com", "--json"])
            .env("PARLOR_PASSWORD", "correct horse")
            .output()
            .unwrap();
        let site: Value = serde_json::from_slice(&site.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut talk = Self {
            address: server.address.clone(),
            agent_token: text(&site["agentToken"]),
            affinity: "null".to_owned(),
            key: String::new(),
            chat: String::new(),
        };
        let come = json!({ "status": "accepting_chats" });
        assert_eq!(talk.agent("set_routing_status", &come).status, 200);
        let session = talk.visitor("GET", "System/SessionId", None, "");
        let session: Value = serde_json::from_str(&session.body).unwrap();
        talk.affinity = text(&session["affinityToken"]);
        talk.key = text(&session["key"]);
        let init = json!({
            "organizationId": site["organizationId"],
            "deploymentId": site["deploymentId"],
            "buttonId": site["buttonId"],
            "sessionId": session["id"],
            "visitorName": "Jon",
            "prechatDetails": [],
            "prechatEntities": [],
            "receiveQueueUpdates": false,
            "isPost": true,
        });
        let begun = talk.visitor("POST", "Chasitor/ChasitorInit", Some(1), &init.to_string());
        assert_eq!(begun.status, 200, "{}", begun.body);
        let chats = talk.agent("list_chats", &json!({}));
        let chats: Value = serde_json::from_str(&chats.body).unwrap();
        talk.chat = text(&chats["chats_summary"][0]["id"]);
        talk
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let length = body.len().to_string();
        let mut all = vec![("content-length", length.as_str())];
        all.extend_from_slice(headers);
        Answer::read(program::send(&self.address, method, path, &all, body))
    }

    fn visitor(&self, method: &str, path: &str, number: Option<u64>, body: &str) -> Answer {
        let number = number.map(|number| number.to_string());
        let mut headers = vec![
            ("x-liveagent-api-version", "66"),
            ("x-liveagent-affinity", self.affinity.as_str()),
        ];
        if !self.key.is_empty() {
            headers.push(("x-liveagent-session-key", &self.key));
        }
        if let Some(number) = &number {
            headers.push(("x-liveagent-sequence", number));
        }
        self.request(method, &format!("/chat/rest/{path}"), &headers, body)
    }

    /// The visitor's message with this number, which is its text too.
    fn say(&self, number: u64) -> Answer {
        let body = json!({ "text": number.to_string() }).to_string();
        self.visitor("POST", "Chasitor/ChatMessage", Some(number), &body)
    }

    fn agent(&self, action: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.agent_token);
        self.request(
            "POST",
            &format!("/v3.6/agent/action/{action}"),
            &[
                ("authorization", &bearer),
                ("content-type", "application/json"),
            ],
            &body.to_string(),
        )
    }

    fn note(&self, text: &str) -> Answer {
        let event = json!({ "type": "message", "text": text, "visibility": "agents" });
        let body = json!({ "chat_id": self.chat, "event": event });
        self.agent("send_event", &body)
    }

    /// The texts of all messages.
    fn log(&self) -> Vec<String> {
        let chat = self.agent("get_chat", &json!({ "chat_id": self.chat }));
        let chat: Value = serde_json::from_str(&chat.body).unwrap();
        let events = chat["thread"]["events"].as_array().unwrap();
        events
            .iter()
            .filter(|event| event["type"] == "message")
            .map(|event| event["text"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Asks until the server is ready again.
    fn is_ready_within(&self, time: Duration) {
        let asked = Instant::now();
        while self.request("GET", "/readyz", &[], "").status != 200 {
            assert!(asked.elapsed() < time, "not ready after {time:?}");
            thread::yield_now();
        }
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn read(text: String) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    #[track_caller]
    fn is_refused_for_now(&self) {
        assert_eq!(self.status, 503, "{}", self.body);
        assert!(self.head.contains("\r\nretry-after: 5"), "{}", self.head);
        for word in ["locked", "SQL", "disk", "code"] {
            assert!(!self.body.contains(word), "{}", self.body);
        }
    }
}

fn numbers(range: impl Iterator<Item = u64>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[test]
fn a_lock_of_three_seconds_is_waited_for() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let talk = Talk::begin(data.path(), &server);
    let mut other = Other::open(data.path());
    other.run("BEGIN IMMEDIATE");
    let (answered, answers) = mpsc::channel();
    type Ask = fn(&Talk) -> Answer;
    let asks: [Ask; 4] = [
        |talk| talk.say(2),
        |talk| talk.note("note"),
        |talk| talk.visitor("GET", "System/SessionId", None, ""),
        |talk| talk.request("GET", "/readyz", &[], ""),
    ];
    for ask in asks {
        let (talk, answered) = (talk.clone(), answered.clone());
        thread::spawn(move || answered.send(ask(&talk)));
    }
    if let Ok(answer) = answers.recv_timeout(Duration::from_secs(3)) {
        panic!("answered meanwhile: {} {}", answer.status, answer.body);
    }
    other.run("COMMIT");
    for answer in answers.iter().take(4) {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let mut log = talk.log();
    log.sort();
    assert_eq!(log, ["2", "note"]);
}

#[test]
fn a_lock_of_fifteen_seconds_is_answered_503_and_nothing_is_lost() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let talk = Talk::begin(data.path(), &server);
    assert_eq!(talk.say(2).status, 200);
    let mut other = Other::open(data.path());
    other.run("BEGIN IMMEDIATE");
    let locked = Instant::now();
    while locked.elapsed() < Duration::from_secs(15) {
        let asked = Instant::now();
        let (message, note, ready) = thread::scope(|scope| {
            let message = scope.spawn(|| talk.say(3));
            let note = scope.spawn(|| talk.note("note"));
            let ready = scope.spawn(|| talk.request("GET", "/readyz", &[], ""));
            // Who only reads is served.
            assert_eq!(talk.log(), ["2"]);
            assert_eq!(talk.request("GET", "/chat/", &[], "").status, 303);
            (
                message.join().unwrap(),
                note.join().unwrap(),
                ready.join().unwrap(),
            )
        });
        message.is_refused_for_now();
        note.is_refused_for_now();
        assert_eq!(ready.status, 503);
        // However many wait, none waits longer than the first.
        assert!(asked.elapsed() < Duration::from_secs(11));
    }
    other.run("ROLLBACK");
    talk.is_ready_within(Duration::from_secs(5));
    for number in 3..10 {
        let answer = talk.say(number);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(talk.log(), numbers(2..10));
}

/// The limit of a file's size stands for a full disk, because it needs no
/// rights to set.
#[test]
fn a_full_disk_is_answered_503_and_nothing_is_lost() {
    let data = tempfile::tempdir().unwrap();
    // Without the signal, a write past the limit fails as on a full disk.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_parlor"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("PARLOR_DATA", data.path());
    let server = Server::spawn(command);
    let talk = Talk::begin(data.path(), &server);
    let limit = |bytes: &str| {
        let pid = server.process.id().to_string();
        let set = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")])
            .status();
        assert!(set.unwrap().success());
    };
    let mut number = 2;
    for _ in 0..3 {
        let log = std::fs::metadata(data.path().join("parlor.db-wal")).unwrap();
        limit(&(log.len() + 100_000).to_string());
        loop {
            let answer = talk.say(number);
            if answer.status != 200 {
                answer.is_refused_for_now();
                break;
            }
            number += 1;
        }
        talk.note("note").is_refused_for_now();
        assert_eq!(talk.log(), numbers(2..number));
        assert_eq!(talk.request("GET", "/chat/", &[], "").status, 303);
        limit("unlimited");
        talk.is_ready_within(Duration::from_secs(5));
        let answer = talk.say(number);
        assert_eq!(answer.status, 200, "{}", answer.body);
        number += 1;
        assert_eq!(talk.log(), numbers(2..number));
    }
}
