//! The real program is killed while an agent has a chat. The agent who comes back
//! keeps it; the chat of one who does not goes back to the queue.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod program;

use std::{fs, path::Path, thread, time::Duration};

use program::{Server, parlor, send};
use serde_json::{Value, json};

/// An agent's program.
struct Agent {
    id: String,
    token: String,
}

impl Agent {
    fn act(&self, server: &Server, action: &str, body: &Value) -> Value {
        let path = format!("/v3.6/agent/action/{action}");
        let bearer = format!("Bearer {}", self.token);
        let body = body.to_string();
        let length = body.len().to_string();
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-length", &length),
        ];
        let answer = send(&server.address, "POST", &path, &headers, &body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{action}: {answer}");
        serde_json::from_str(body).unwrap()
    }

    fn hire(data: &Path, email: &str) -> Self {
        let site = parlor(data, &["setup", "--agent", email, "--json"])
            .env("PARLOR_PASSWORD", "correct horse")
            .output()
            .unwrap();
        let site: Value = serde_json::from_slice(&site.stdout).unwrap();
        Self {
            id: site["agentId"].as_str().unwrap().to_owned(),
            token: site["agentToken"].as_str().unwrap().to_owned(),
        }
    }
}

#[test]
fn who_does_not_come_back_after_a_restart_loses_the_chats() {
    let data = tempfile::tempdir().unwrap();
    let settings = "[agents]\noffline_after_s = 2\n";
    fs::write(data.path().join("parlor.toml"), settings).unwrap();
    let server = Server::start(data.path());
    let (ada, bob) = (
        Agent::hire(data.path(), "ada@example.com"),
        Agent::hire(data.path(), "bob@example.com"),
    );
    let mut chats = Vec::new();
    for agent in [&ada, &bob] {
        let chat = agent.act(&server, "start_chat", &json!({ "continuous": true }));
        chats.push(chat["chat_id"].clone());
    }
    drop(server);

    let server = Server::start(data.path());
    let agent_of = |chat: &Value| {
        let chat = ada.act(&server, "get_chat", &json!({ "chat_id": chat }));
        let users = chat["users"].as_array().unwrap();
        let present = |it: &&Value| it["type"] == "agent" && it["present"] == true;
        users.iter().find(present).map(|it| it["id"].clone())
    };
    assert_eq!(agent_of(&chats[1]), Some(json!(bob.id)));
    while agent_of(&chats[1]).is_some() {
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(agent_of(&chats[0]), Some(json!(ada.id)));
}
