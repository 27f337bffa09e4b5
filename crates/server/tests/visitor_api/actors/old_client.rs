//! Clients that were written for the retired service, with their habits: how
//! they count `ack`, whether they number their POSTs, which Content-Type they
//! send.

use axum::Router;
use serde_json::{Value, json};

use crate::server::{TestRequest, TestResponse, TestServer};

/// What a client sends as `ack`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ack {
    /// The sequence of the last batch, starting with -1.
    Copied,
    /// None at all.
    Never,
    /// One more with each request, whatever was received.
    Counted,
}

#[derive(Debug)]
pub(crate) struct OldClient {
    router: Router,
    key: String,
    pub(crate) affinity: String,
    pub(crate) ack: Ack,
    pub(crate) next_ack: i64,
    /// `None` for a client that does not number its POSTs.
    pub(crate) number: Option<i64>,
    pub(crate) content_type: Option<&'static str>,
    init: Value,
    /// Types, or texts of messages, in the order of arrival.
    pub(crate) seen: Vec<String>,
}

impl OldClient {
    pub(crate) async fn connect(server: &TestServer, ack: Ack) -> Self {
        let session = TestRequest::get("System/SessionId")
            .send_to(&server.router)
            .await
            .status(200)
            .json();
        // The response is not wrapped, and the time-out is a whole number.
        assert!(session["clientPollTimeout"].is_i64());
        let site = &server.site;
        Self {
            router: server.router.clone(),
            key: session["key"].as_str().unwrap().to_owned(),
            affinity: session["affinityToken"].as_str().unwrap().to_owned(),
            ack,
            next_ack: -1,
            number: Some(0),
            content_type: Some("text/plain;charset=UTF-8"),
            init: json!({
                "organizationId": site.organization_id,
                "deploymentId": site.deployment_id,
                "buttonId": site.button_id,
                "userAgent": "",
                "language": "en-US",
                "screenResolution": "1x1",
                "prechatDetails": [],
                "prechatEntities": [],
                "buttonOverrides": [],
                "receiveQueueUpdates": true,
                "isPost": true,
            }),
            seen: Vec::new(),
        }
    }

    pub(crate) async fn init(&mut self) {
        let body = self.init.clone();
        self.post("Chasitor/ChasitorInit", &body).await.ok();
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.post("Chasitor/ChatMessage", &json!({ "text": text }))
            .await
            .ok();
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> TestResponse {
        let mut request = TestRequest::post(path, body.to_string());
        if let Some(content_type) = self.content_type {
            request = request.header("content-type", content_type);
        }
        if let Some(number) = &mut self.number {
            *number += 1;
            request = request.header("x-liveagent-sequence", &number.to_string());
        }
        self.signed(request).send_to(&self.router).await
    }

    /// One poll, whose messages are recorded.
    pub(crate) async fn poll(&mut self) -> TestResponse {
        let path = match self.ack {
            Ack::Never => "System/Messages".to_owned(),
            Ack::Copied | Ack::Counted => format!("System/Messages?ack={}", self.next_ack),
        };
        let answer = self
            .signed(TestRequest::get(&path))
            .send_to(&self.router)
            .await;
        if self.ack == Ack::Counted {
            self.next_ack += 1;
        }
        if answer.status.as_u16() == 200 {
            let batch = answer.json();
            if self.ack == Ack::Copied {
                self.next_ack = batch["sequence"].as_i64().unwrap();
            }
            for message in batch["messages"].as_array().unwrap() {
                let word = match message["type"].as_str().unwrap() {
                    "ChatMessage" => message["message"]["text"].as_str().unwrap(),
                    kind => kind,
                };
                self.seen.push(word.to_owned());
            }
        }
        answer
    }

    fn signed(&self, request: TestRequest) -> TestRequest {
        request
            .header("x-liveagent-api-version", "29")
            .header("x-liveagent-affinity", &self.affinity)
            .header("x-liveagent-session-key", &self.key)
    }
}
