//! A back-office program.

use axum::{Router, body::Body};
use parlor_server::store::row::Role;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::actors::{TestResponse, TestServer, Visitor, request};

pub(crate) struct Program<'a> {
    server: &'a TestServer,
    token: String,
}

impl<'a> Program<'a> {
    /// With the token that `parlor setup` prints.
    pub(crate) fn of(server: &'a TestServer) -> Self {
        Self {
            server,
            token: server.site.api_token.expose_secret().to_owned(),
        }
    }

    pub(crate) async fn with(server: &'a TestServer, role: Role, reads_private: bool) -> Self {
        let token = server.api_token(role, reads_private).await;
        Self { server, token }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> TestResponse {
        let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
        let request = request(method, path)
            .header("authorization", format!("Bearer {}", self.token))
            .body(body)
            .unwrap();
        self.server.send(request).await
    }

    pub(crate) async fn gets(&self, path: &str) -> Value {
        let answer = self.ask("GET", &format!("/api/v2/chat{path}"), None).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    /// The page at an absolute address that another page has named.
    pub(crate) async fn follows(&self, url: &Value) -> Value {
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix("http://chat.example/api/v2/chat");
        self.gets(path.unwrap()).await
    }

    pub(crate) async fn status(&self, method: &str, path: &str, body: Option<&Value>) -> u16 {
        let answer = self.ask(method, &format!("/api/v2/chat{path}"), body).await;
        if answer.status >= 400 {
            assert!(answer.body["error"].is_string(), "{path}: {answer:?}");
            assert!(answer.body["message"].is_string(), "{path}: {answer:?}");
        }
        answer.status
    }

    pub(crate) async fn posts(&self, body: &Value) -> Value {
        let answer = self.ask("POST", "/api/v2/chat/chats", Some(body)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }

    pub(crate) async fn puts(&self, path: &str, body: &Value) -> Value {
        let path = format!("/api/v2/chat{path}");
        let answer = self.ask("PUT", &path, Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Ids of what a query finds.
    pub(crate) async fn finds(&self, q: &str) -> Vec<String> {
        let answer = self.search(q).await;
        assert_eq!(answer.status, 200, "{q}: {answer:?}");
        ids(&answer.body["results"])
    }

    pub(crate) async fn search(&self, q: &str) -> TestResponse {
        let q: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path = format!("/api/v2/chat/chats/search?q={q}");
        self.ask("GET", &path, None).await
    }
}

pub(crate) fn ids(rows: &Value) -> Vec<String> {
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(id).collect()
}

/// A conversation in which a visitor says something, and which is missed.
pub(crate) async fn missed_chat(server: &TestServer, name: &str, text: &str) {
    let mut visitor = Visitor::waits(server, name).await;
    visitor.say(text).await;
    visitor.end().await;
}

/// The routes without the actors.
pub(crate) async fn anonymous(router: &Router, path: &str, token: Option<&str>) -> u16 {
    let mut request = request("GET", path);
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(router.clone(), request).await;
    response.unwrap().status().as_u16()
}
