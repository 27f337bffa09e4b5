//! An agent: a program that uses the agents' API over the same network. It repeats a request without
//! an answer under the same `custom_id`.

use std::time::Duration;

use parlor_server::store::row::AgentStreamEvent;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::network::{Network, Packet};

/// A request without an answer after this time is repeated.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pause between a failed try and the next.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) network: Network,
    pub(crate) token: String,
    pub(crate) id: String,
}

impl Agent {
    /// Calls an action until it is answered. Returns an error if it is refused.
    pub(crate) async fn act(&self, action: &str, payload: Value) -> Result<Value, String> {
        loop {
            let packet = Packet {
                method: "POST",
                uri: format!("/v3.6/agent/action/{action}"),
                headers: vec![("authorization", format!("Bearer {}", self.token))],
                body: payload.to_string(),
            };
            let Ok(Some(answer)) = timeout(TIMEOUT, self.network.send(packet)).await else {
                sleep(PAUSE).await;
                continue;
            };
            let value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if answer.status.is_server_error() || value == Value::Null {
                sleep(PAUSE).await;
                continue;
            }
            if answer.status.is_success() {
                return Ok(value);
            }
            return Err(format!("{action}: {} {value}", answer.status));
        }
    }

    /// Accepts chats from now on.
    pub(crate) async fn comes(&self) {
        let status = json!({"status": "accepting_chats"});
        // It is told again before it matters.
        let _ = self.act("set_routing_status", status).await;
    }

    /// The waiting chats, oldest first.
    pub(crate) async fn chats(&self) -> Result<Vec<Value>, String> {
        let list = self.act("list_chats", json!({"limit": 100})).await?;
        Ok(list
            .get("chats_summary")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default())
    }

    /// Accepts all waiting chats, and returns the newest active one.
    pub(crate) async fn accept_chats(&self) -> Option<String> {
        let mut newest = None;
        for chat in self.chats().await.ok()? {
            let waits = chat.pointer("/last_thread_summary/queue").is_some();
            let id = chat.get("id").and_then(Value::as_str)?.to_owned();
            if waits {
                let who = json!({"chat_id": id, "user_id": self.id, "user_type": "agent"});
                // The visitor may have gone meanwhile.
                let _ = self.act("add_user_to_chat", who).await;
            }
            let active = chat.pointer("/last_thread_summary/active") == Some(&Value::Bool(true));
            if active {
                newest = Some(id);
            }
        }
        newest
    }

    /// Marks the newest of these events by a visitor as seen.
    pub(crate) async fn mark_seen(&self, rows: &[AgentStreamEvent]) {
        let text = |row: &AgentStreamEvent, at: &str| {
            Some(row.payload.0.pointer(at)?.as_str()?.to_owned())
        };
        let newest = rows.iter().rev().find_map(|row| {
            let author = text(row, "/event/author_id")?;
            let seen = json!({"chat_id": text(row, "/chat_id")?,
                "seen_up_to": text(row, "/event/created_at")?});
            (author != self.id).then_some(seen)
        });
        if let Some(seen) = newest {
            // The chat may have ended meanwhile.
            let _ = self.act("mark_events_as_seen", seen).await;
        }
    }

    pub(crate) async fn send(
        &self,
        chat: &str,
        text: &str,
        custom_id: &str,
        visibility: &str,
    ) -> Result<(), String> {
        let event = json!({"type": "message", "text": text, "custom_id": custom_id,
            "visibility": visibility});
        let payload = json!({"chat_id": chat, "event": event});
        self.act("send_event", payload).await.map(|_| ())
    }
}

/// Whether a push concerns an event, and not the members of a chat.
pub(crate) fn is_about_an_event(row: &AgentStreamEvent) -> bool {
    matches!(
        row.action.as_str(),
        "incoming_event" | "events_marked_as_seen"
    )
}
