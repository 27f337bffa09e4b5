//! A data folder, a visitor and an agent, over TCP.

use std::{fs, path::Path, process::Output};

use serde_json::{Value, json};

use crate::program::{Server, parlor, send};

/// A data folder with a settings file, and the ids of its site.
pub(crate) struct Folder {
    pub(crate) data: tempfile::TempDir,
    pub(crate) site: Value,
}

impl Folder {
    pub(crate) fn new(settings: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let words = ["setup", "--agent", "ada@example.com", "--json"];
        let made = parlor(data.path(), &words)
            .env("PARLOR_PASSWORD", "a long password")
            .output()
            .unwrap();
        let text = String::from_utf8(made.stdout).unwrap();
        let site = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        fs::write(data.path().join("parlor.toml"), settings).unwrap();
        Self { data, site }
    }

    pub(crate) fn path(&self) -> &Path {
        self.data.path()
    }

    /// Runs a command on the folder, which must succeed; returns what it prints.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        stdout(&parlor(self.path(), words).output().unwrap())
    }

    /// A running server, whose agent takes chats.
    pub(crate) fn serve(&self) -> Server {
        let server = Server::start(self.path());
        let status = json!({ "status": "accepting_chats" });
        self.act(&server, "set_routing_status", &status);
        server
    }

    /// An action of the agent who was made with the site.
    pub(crate) fn act(&self, server: &Server, action: &str, payload: &Value) -> Value {
        let token = format!("Bearer {}", self.site["agentToken"].as_str().unwrap());
        let path = format!("/v3.6/agent/action/{action}");
        post(
            server,
            &path,
            &[("authorization", &token)],
            &payload.to_string(),
        )
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Posts a body, and returns the JSON of the answer, or null.
pub(crate) fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let length = body.len().to_string();
    let mut all = vec![("content-length", length.as_str())];
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        all.push(("content-type", "application/json"));
    }
    all.extend(headers);
    let answer = send(&server.address, "POST", path, &all, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_default()
}

/// A visitor with a session.
pub(crate) struct Visitor {
    session: Value,
    sequence: u32,
}

impl Visitor {
    /// Sends `ChasitorInit` with these fields.
    pub(crate) fn comes(folder: &Folder, server: &Server, more: &Value) -> Self {
        let headers = [
            ("x-liveagent-affinity", "null"),
            ("x-liveagent-api-version", "56"),
        ];
        let get = send(
            &server.address,
            "GET",
            "/chat/rest/System/SessionId",
            &headers,
            "",
        );
        let (_, session) = get.split_once("\r\n\r\n").unwrap();
        let mut visitor = Self {
            session: serde_json::from_str(session).unwrap(),
            sequence: 0,
        };
        let mut init = json!({
            "organizationId": folder.site["organizationId"],
            "deploymentId": folder.site["deploymentId"],
            "buttonId": folder.site["buttonId"],
            "sessionId": visitor.session["id"],
            "receiveQueueUpdates": true,
        });
        for (name, value) in more.as_object().unwrap() {
            init[name] = value.clone();
        }
        visitor.post(server, "ChasitorInit", &init);
        visitor
    }

    fn headers(&self) -> [(&str, &str); 3] {
        let text = |name: &str| self.session[name].as_str().unwrap();
        [
            ("x-liveagent-affinity", text("affinityToken")),
            ("x-liveagent-api-version", "56"),
            ("x-liveagent-session-key", text("key")),
        ]
    }

    pub(crate) fn post(&mut self, server: &Server, noun: &str, body: &Value) -> Value {
        self.sequence += 1;
        let sequence = self.sequence.to_string();
        let mut headers = self.headers().to_vec();
        headers.push(("x-liveagent-sequence", &sequence));
        let path = format!("/chat/rest/Chasitor/{noun}");
        post(server, &path, &headers, &body.to_string())
    }

    /// The same, for what may be answered or not: the server may be killed meanwhile.
    pub(crate) fn try_to_say(&mut self, server: &str, text: &str) -> bool {
        self.sequence += 1;
        let sequence = self.sequence.to_string();
        let body = json!({ "text": text }).to_string();
        let length = body.len().to_string();
        let mut headers = self.headers().to_vec();
        headers.extend([
            ("x-liveagent-sequence", sequence.as_str()),
            ("content-type", "application/json"),
            ("content-length", &length),
        ]);
        let sent = std::panic::catch_unwind(|| {
            send(
                server,
                "POST",
                "/chat/rest/Chasitor/ChatMessage",
                &headers,
                &body,
            )
        });
        sent.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// The page says that they have reached a goal.
    pub(crate) fn reaches(&self, server: &Server, goal: &str) -> Value {
        let body = json!({ "goal": goal }).to_string();
        post(server, "/chat/rest/Visitor/Goal", &self.headers(), &body)
    }

    /// A custom event of this type.
    pub(crate) fn event(&mut self, server: &Server, kind: &str, data: &Value) -> Value {
        let event = json!({ "type": kind, "data": data.to_string() });
        self.post(server, "CustomEvent", &event)
    }

    /// Uploads a text and sends it. Returns the path of its bytes.
    pub(crate) fn sends_file(&mut self, server: &Server, name: &str, text: &str) -> String {
        let file = self.uploads(server, name, text);
        let url = file["url"].as_str().unwrap().to_owned();
        self.event(server, "file", &json!({ "type": "file", "url": url }));
        let (_, path) = url.split_once("/chat/files/").unwrap();
        format!("/chat/files/{path}")
    }

    pub(crate) fn uploads(&self, server: &Server, name: &str, text: &str) -> Value {
        let body = format!(
            "--x-x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/plain\r\n\r\n{text}\r\n--x-x--\r\n"
        );
        let mut headers = self.headers().to_vec();
        headers.push(("content-type", "multipart/form-data; boundary=x-x"));
        post(server, "/chat/rest/Chasitor/FileUpload", &headers, &body)
    }
}
