//! The actors of these tests.

mod agent;
mod console;
mod server;
mod visitor;

pub(crate) use agent::{Agent, ids};
pub(crate) use console::{Console, positions};
pub(crate) use server::{PASSWORD, TestServer, request};
pub(crate) use visitor::Visitor;

/// A response.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: u16,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: serde_json::Value,
}

impl TestResponse {
    /// Status and error type of the agent API.
    pub(crate) fn failure(&self) -> (u16, &str) {
        let error = self.body["error"].as_object().unwrap();
        assert!(error["message"].is_string(), "{self:?}");
        assert_eq!(error.len(), 2, "{self:?}");
        assert_eq!(self.body.as_object().unwrap().len(), 1, "{self:?}");
        (self.status, self.body["error"]["type"].as_str().unwrap())
    }
}
