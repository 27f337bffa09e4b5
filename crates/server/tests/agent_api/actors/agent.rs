//! An agent that is a program: actions over HTTP, authenticated by a token.

use axum::{Router, body::Body};
use serde_json::{Value, json};

use super::{
    TestResponse,
    server::{request, send},
};

#[derive(Clone)]
pub(crate) struct Agent {
    pub(crate) router: Router,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Agent {
    pub(crate) async fn ask(&self, action: &str, payload: Value) -> TestResponse {
        let request = request("POST", &format!("/v3.6/agent/action/{action}"))
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::from(payload.to_string()))
            .unwrap();
        send(&self.router, request).await
    }

    /// The reply of a successful action.
    pub(crate) async fn act(&self, action: &str, payload: Value) -> Value {
        let answer = self.ask(action, payload).await;
        assert_eq!(answer.status, 200, "{action}: {answer:?}");
        answer.body
    }

    /// An action whose reply is empty.
    pub(crate) async fn done(&self, action: &str, payload: Value) {
        assert_eq!(self.act(action, payload).await, json!({}), "{action}");
    }

    /// Status and error type of a failed action.
    pub(crate) async fn fails(&self, action: &str, payload: Value) -> (u16, String) {
        let answer = self.ask(action, payload).await;
        let (status, kind) = answer.failure();
        (status, kind.to_owned())
    }

    pub(crate) async fn is_invalid(&self, action: &str, payload: Value) {
        let told = payload.to_string();
        let failure = self.fails(action, payload).await;
        assert_eq!(failure, (400, "validation".to_owned()), "{action} {told}");
    }

    /// Accepts chats, from now on and as long as it is heard.
    pub(crate) async fn comes(&self) {
        let status = json!({"status": "accepting_chats"});
        self.done("set_routing_status", status).await;
    }

    /// Accepts a waiting visitor.
    pub(crate) async fn accept(&self, chat: &str) {
        let who = json!({"chat_id": chat, "user_id": self.id, "user_type": "agent"});
        self.done("add_user_to_chat", who).await;
    }

    pub(crate) async fn say(&self, chat: &str, text: &str) -> String {
        self.send(chat, json!({"type": "message", "text": text}))
            .await
    }

    pub(crate) async fn note(&self, chat: &str, text: &str) -> String {
        let event = json!({"type": "message", "text": text, "visibility": "agents"});
        self.send(chat, event).await
    }

    pub(crate) async fn send(&self, chat: &str, event: Value) -> String {
        let payload = json!({"chat_id": chat, "event": event});
        let reply = self.act("send_event", payload).await;
        assert_eq!(reply.as_object().unwrap().len(), 1);
        reply["event_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn chat(&self, chat: &str) -> Value {
        self.act("get_chat", json!({"chat_id": chat})).await
    }

    /// Ids of all chats in the order of the listing.
    pub(crate) async fn chats(&self) -> Vec<String> {
        let list = self.act("list_chats", json!({"limit": 100})).await;
        ids(&list["chats_summary"])
    }

    /// The only chat.
    pub(crate) async fn only_chat(&self) -> String {
        let chats = self.chats().await;
        assert_eq!(chats.len(), 1);
        chats[0].clone()
    }
}

pub(crate) fn ids(rows: &Value) -> Vec<String> {
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(id).collect()
}
