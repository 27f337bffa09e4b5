//! A program that answers visitors through the agent API.

use axum::Router;
use parlor_server::setup::Site;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::server::{TestRequest, TestResponse};

#[derive(Debug, Clone)]
pub(crate) struct Agent {
    router: Router,
    token: String,
    pub(crate) id: String,
}

impl Agent {
    pub(crate) fn new(router: Router, site: &Site) -> Self {
        Self {
            router,
            token: site.agent_token.expose_secret().to_owned(),
            id: site.agent_id.to_string(),
        }
    }

    /// Accepts chats, from now on and as long as it is heard.
    pub(crate) async fn comes(&self) {
        self.comes_at("chat.example").await;
    }

    /// The same, at an endpoint of this host.
    pub(crate) async fn comes_at(&self, host: &str) {
        let status = json!({ "status": "accepting_chats" });
        self.signed("set_routing_status", status.to_string().into_bytes())
            .header("host", host)
            .send_to(&self.router)
            .await
            .status(200);
    }

    /// The same agent, served by another process.
    pub(crate) fn at(&self, router: &Router) -> Self {
        Self {
            router: router.clone(),
            ..self.clone()
        }
    }

    pub(crate) async fn request(&self, action: &str, payload: Value) -> TestResponse {
        self.signed(action, payload.to_string().into_bytes())
            .send_to(&self.router)
            .await
    }

    /// An action whose body is not JSON.
    pub(crate) async fn ask_with(&self, action: &str, body: Vec<u8>, kind: &str) -> TestResponse {
        self.signed(action, body)
            .header("content-type", kind)
            .send_to(&self.router)
            .await
    }

    /// An action, not sent yet.
    pub(crate) fn signed(&self, action: &str, body: Vec<u8>) -> TestRequest {
        let mut request = TestRequest::post("", body);
        request.uri = format!("/v3.6/agent/action/{action}");
        request.header("authorization", &format!("Bearer {}", self.token))
    }

    #[track_caller]
    pub(crate) fn act(&self, action: &str, payload: Value) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.request(action, payload).await;
            assert_eq!(answer.status.as_u16(), 200, "{caller}: {}", answer.text);
            answer.json()
        }
    }

    /// Chats in the queue, the longest waiting first.
    pub(crate) async fn waiting(&self) -> Vec<String> {
        let list = self.act("list_chats", json!({ "limit": 100 })).await;
        let mut waiting: Vec<(i64, String)> = list["chats_summary"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|chat| {
                let place = chat["last_thread_summary"]["queue"]["position"].as_i64()?;
                Some((place, chat["id"].as_str().unwrap().to_owned()))
            })
            .collect();
        waiting.sort();
        waiting.into_iter().map(|(_, id)| id).collect()
    }

    /// Accepts the visitor who waits longest.
    pub(crate) async fn accept(&self) -> String {
        let chat = self.waiting().await.remove(0);
        self.take(&chat).await;
        chat
    }

    pub(crate) async fn take(&self, chat: &str) {
        let who = json!({ "chat_id": chat, "user_id": self.id, "user_type": "agent" });
        self.act("add_user_to_chat", who).await;
    }

    pub(crate) async fn leave(&self, chat: &str) {
        let who = json!({ "chat_id": chat, "user_id": self.id, "user_type": "agent" });
        self.act("remove_user_from_chat", who).await;
    }

    pub(crate) async fn say(&self, chat: &str, text: &str) -> String {
        self.send(
            chat,
            json!({ "type": "message", "text": text, "visibility": "all" }),
        )
        .await
    }

    /// A note that only agents see.
    pub(crate) async fn note(&self, chat: &str, text: &str) {
        self.send(
            chat,
            json!({ "type": "message", "text": text, "visibility": "agents" }),
        )
        .await;
    }

    pub(crate) async fn send(&self, chat: &str, event: Value) -> String {
        let sent = self
            .act("send_event", json!({ "chat_id": chat, "event": event }))
            .await;
        sent["event_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn types(&self, chat: &str, is_typing: bool) {
        let payload = json!({ "chat_id": chat, "is_typing": is_typing });
        self.act("send_typing_indicator", payload).await;
    }

    pub(crate) async fn transfer(&self, chat: &str, to: &Agent) {
        let target = json!({ "type": "agent", "ids": [to.id] });
        self.act("transfer_chat", json!({ "id": chat, "target": target }))
            .await;
    }

    pub(crate) async fn end(&self, chat: &str) {
        self.act("deactivate_chat", json!({ "id": chat })).await;
    }

    pub(crate) async fn status(&self, status: &str) {
        self.act("set_routing_status", json!({ "status": status }))
            .await;
    }

    /// The chat's newest thread, as agents see it.
    pub(crate) async fn thread(&self, chat: &str) -> Value {
        self.act("get_chat", json!({ "chat_id": chat })).await["thread"].clone()
    }

    /// Texts of all messages in the log, in order.
    pub(crate) async fn log(&self, chat: &str) -> Vec<String> {
        let thread = self.thread(chat).await;
        let events = thread["events"].as_array().unwrap();
        events
            .iter()
            .filter(|e| e["type"] == "message")
            .map(|e| e["text"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Types of the system messages in the log, in order.
    pub(crate) async fn notes(&self, chat: &str) -> Vec<String> {
        let thread = self.thread(chat).await;
        let events = thread["events"].as_array().unwrap();
        events
            .iter()
            .filter(|e| e["type"] == "system_message")
            .map(|e| e["system_message_type"].as_str().unwrap().to_owned())
            .collect()
    }
}
