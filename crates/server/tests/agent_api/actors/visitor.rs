//! A visitor: the visitor API over HTTP.

use axum::{Router, body::Body, http::request::Builder};
use serde_json::{Value, json};

use super::{
    TestResponse, TestServer,
    server::{request, send},
};

pub(crate) struct Visitor {
    router: Router,
    key: String,
    affinity: String,
    sequence: u32,
    ack: i64,
    /// All responses of polls.
    pub(crate) heard: Vec<Value>,
}

impl Visitor {
    /// Requests a chat under a name, and waits.
    pub(crate) async fn waits(server: &TestServer, name: &str) -> Self {
        Self::comes(server, json!({"visitorName": name})).await
    }

    pub(crate) async fn comes(server: &TestServer, more: Value) -> Self {
        let opening = request("GET", "/chat/rest/System/SessionId");
        let opening = opening.header("x-liveagent-affinity", "null");
        let answer = server.send(opening.body(Body::empty()).unwrap()).await;
        let mut visitor = Self {
            router: server.router.clone(),
            key: answer.body["key"].as_str().unwrap().to_owned(),
            affinity: answer.body["affinityToken"].as_str().unwrap().to_owned(),
            sequence: 0,
            ack: -1,
            heard: Vec::new(),
        };
        let mut init = json!({
            "organizationId": server.site.organization_id,
            "deploymentId": server.site.deployment_id,
            "buttonId": server.site.button_id,
            "sessionId": answer.body["id"],
            "receiveQueueUpdates": true,
            "isPost": true,
        });
        let init_fields = init.as_object_mut().unwrap();
        init_fields.extend(more.as_object().unwrap().clone());
        visitor.post("ChasitorInit", init).await;
        visitor
    }

    pub(crate) async fn post(&mut self, resource: &str, body: Value) {
        self.post_to(&format!("Chasitor/{resource}"), body).await;
    }

    pub(crate) async fn post_to(&mut self, resource: &str, body: Value) {
        self.sequence += 1;
        let request = self
            .headed(request("POST", &format!("/chat/rest/{resource}")))
            .header("x-liveagent-sequence", self.sequence)
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = send(&self.router, request).await;
        assert_eq!(answer.status, 200, "{resource}: {answer:?}");
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.post("ChatMessage", json!({ "text": text })).await;
    }

    pub(crate) async fn end(&mut self) {
        self.post("ChatEnd", json!({"reason": "client"})).await;
    }

    /// Messages since the last poll, as pairs of type and message.
    pub(crate) async fn poll(&mut self) -> Vec<(String, Value)> {
        let path = format!("/chat/rest/System/Messages?ack={}", self.ack);
        let answer = self.get(&path).await;
        if answer.status == 204 {
            return Vec::new();
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        self.ack = answer.body["sequence"].as_i64().unwrap();
        self.heard.push(answer.body.clone());
        let messages = answer.body["messages"].as_array().unwrap();
        let pair = |m: &Value| (m["type"].as_str().unwrap().to_owned(), m["message"].clone());
        messages.iter().map(pair).collect()
    }

    /// The types of the messages since the last poll.
    pub(crate) async fn kinds(&mut self) -> Vec<String> {
        let polled = self.poll().await;
        polled.into_iter().map(|(kind, _)| kind).collect()
    }

    /// The session data that a reloaded page gets.
    pub(crate) async fn session_data(&mut self) -> Value {
        let path = "/chat/rest/System/ReconnectSession?ReconnectSession.offset=0";
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let message = &answer.body["messages"][0]["message"];
        self.affinity = message["affinityToken"].as_str().unwrap().to_owned();
        let polled = self.poll().await;
        assert_eq!(polled[0].0, "ChasitorSessionData");
        polled[0].1.clone()
    }

    /// One of their own conversations.
    pub(crate) async fn history(&mut self, thread: &str) -> Value {
        let answer = self
            .get(&format!("/chat/rest/Visitor/History/{thread}"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["messages"][0]["message"].clone()
    }

    async fn get(&self, path: &str) -> TestResponse {
        let request = self.headed(request("GET", path));
        send(&self.router, request.body(Body::empty()).unwrap()).await
    }

    fn headed(&self, request: Builder) -> Builder {
        request
            .header("x-liveagent-api-version", "43")
            .header("x-liveagent-affinity", &self.affinity)
            .header("x-liveagent-session-key", &self.key)
    }
}
