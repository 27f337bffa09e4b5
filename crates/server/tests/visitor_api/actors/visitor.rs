//! A client that follows the API's guide.

use axum::Router;
use parlor_server::setup::Site;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::server::{TestRequest, TestResponse, TestServer};

#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) router: Router,
    pub(crate) site: Site,
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) affinity: String,
    /// The number of the last POST.
    pub(crate) number: i64,
    /// The `ack` of the next poll.
    pub(crate) ack: i64,
    /// The offset of the last batch.
    pub(crate) offset: Option<i64>,
}

impl Visitor {
    pub(crate) async fn connect(server: &TestServer) -> Self {
        let session = TestRequest::get("System/SessionId")
            .header("x-liveagent-affinity", "null")
            .header("x-liveagent-api-version", "56")
            .send_to(&server.router)
            .await
            .status(200)
            .json();
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        Self {
            router: server.router.clone(),
            site: server.site.clone(),
            id: text("id"),
            key: text("key"),
            affinity: text("affinityToken"),
            number: 0,
            ack: -1,
            offset: None,
        }
    }

    /// A body for `ChasitorInit` that asks for the site's button.
    pub(crate) fn init_body(&self) -> Value {
        json!({
            "organizationId": self.site.organization_id,
            "deploymentId": self.site.deployment_id,
            "buttonId": self.site.button_id,
            "sessionId": self.id,
            "userAgent": "Mozilla/5.0",
            "language": "en-US",
            "screenResolution": "2560x1440",
            "visitorName": "Jon A.",
            "prechatDetails": [],
            "prechatEntities": [],
            "receiveQueueUpdates": true,
            "isPost": true,
        })
    }

    pub(crate) async fn init(&mut self) -> TestResponse {
        let init = self.init_body();
        self.post("ChasitorInit", init).await
    }

    /// `ChasitorInit` with some fields replaced.
    pub(crate) async fn init_with(&mut self, other: Value) -> TestResponse {
        let mut init = self.init_body();
        for (name, value) in other.as_object().unwrap() {
            init[name] = value.clone();
        }
        self.post("ChasitorInit", init).await
    }

    /// The next POST.
    pub(crate) async fn post(&mut self, noun: &str, body: Value) -> TestResponse {
        self.number += 1;
        self.post_numbered(self.number, noun, body).await
    }

    pub(crate) async fn say(&mut self, text: &str) -> TestResponse {
        self.post("ChatMessage", json!({ "text": text })).await
    }

    pub(crate) async fn post_numbered(&self, number: i64, noun: &str, body: Value) -> TestResponse {
        let path = match noun {
            "MultiNoun" => "System/MultiNoun".to_owned(),
            "Breadcrumb" => "Visitor/Breadcrumb".to_owned(),
            noun => format!("Chasitor/{noun}"),
        };
        self.signed(TestRequest::post(&path, body.to_string()))
            .header("x-liveagent-sequence", &number.to_string())
            .send_to(&self.router)
            .await
    }

    /// Polls, and remembers the batch for the next `ack`.
    pub(crate) async fn poll(&mut self) -> TestResponse {
        let answer = self.poll_acking(self.ack).await;
        self.record_poll(&answer);
        answer
    }

    /// A poll whose response is ignored, as if it were lost.
    pub(crate) async fn poll_acking(&self, ack: i64) -> TestResponse {
        self.get(&format!("System/Messages?ack={ack}")).await
    }

    /// A poll in a task of its own.
    pub(crate) fn poll_in_background(&self) -> JoinHandle<TestResponse> {
        let visitor = self.clone();
        tokio::spawn(async move { visitor.poll_acking(visitor.ack).await })
    }

    pub(crate) fn record_poll(&mut self, answer: &TestResponse) {
        if answer.status.as_u16() == 200 {
            self.ack = answer.sequence();
            self.offset = Some(answer.offset());
        }
    }

    /// Polls until nothing is left.
    pub(crate) async fn fetch_all(&mut self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        loop {
            let answer = self.poll().await;
            if answer.status.as_u16() != 200 {
                return all;
            }
            for message in answer.json()["messages"].as_array().unwrap() {
                let kind = message["type"].as_str().unwrap().to_owned();
                all.push((kind, message["message"].clone()));
            }
        }
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.signed(TestRequest::get(path))
            .send_to(&self.router)
            .await
    }

    /// Moves to another process by `ReconnectSession` with the literal `null`.
    pub(crate) async fn reconnect(&mut self, server: &TestServer) -> TestResponse {
        self.reconnect_as(server, "chat.example").await
    }

    /// The same for a server of another host name.
    pub(crate) async fn reconnect_as(&mut self, server: &TestServer, host: &str) -> TestResponse {
        self.router = server.router.clone();
        let path = match self.offset {
            Some(offset) => {
                format!("System/ReconnectSession?ReconnectSession.offset={offset}")
            }
            None => "System/ReconnectSession".to_owned(),
        };
        let answer = self
            .signed(TestRequest::get(&path))
            .header("host", host)
            .header("x-liveagent-affinity", "null")
            .send_to(&self.router)
            .await
            .status(200);
        let token = answer.message("ReconnectSession")["affinityToken"].clone();
        self.affinity = token.as_str().unwrap().to_owned();
        answer
    }

    pub(crate) fn signed(&self, request: TestRequest) -> TestRequest {
        request
            .header("x-liveagent-api-version", "56")
            .header("x-liveagent-affinity", &self.affinity)
            .header("x-liveagent-session-key", &self.key)
    }
}
