//! A receiver of webhooks on a socket.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use parlor_server::webhooks::{WebhookConfig, WebhookSecret};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Received {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The chat session, of which there is one.
    #[track_caller]
    pub(crate) fn session(&self) -> Value {
        let Value::Array(mut sessions) = self.json() else {
            panic!("no array: {}", self.json());
        };
        assert_eq!(sessions.len(), 1);
        sessions.remove(0)
    }
}

/// How the next requests are answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Status(u16),
    /// With a header.
    With(u16, &'static str, String),
    /// Never.
    Hang,
    /// A body of so many bytes.
    Long(usize),
}

#[derive(Debug, Clone, Default)]
struct Inner {
    received: Vec<Received>,
    /// 204 when there are none left.
    answers: VecDeque<Answer>,
}

/// It is gone when dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let router = Router::new().fallback(receive).with_state(inner.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            inner,
            task,
        }
    }

    pub(crate) fn config(&self, name: &str) -> WebhookConfig {
        config(name, &format!("http://{}/hooks/chat", self.address))
    }

    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inner.lock().unwrap().answers.extend(answers);
    }

    /// What has come since the last call.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.inner.lock().unwrap().received)
    }

    /// The status of each chat session that has come since the last call.
    pub(crate) fn take_statuses(&self) -> Vec<String> {
        let statuses = self
            .take()
            .into_iter()
            .map(|it| it.session()["status"].clone());
        statuses.map(|it| it.as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn config(name: &str, url: &str) -> WebhookConfig {
    let secret = WebhookSecret::parse(SECRET.as_bytes()).unwrap();
    WebhookConfig::new(name, Url::parse(url).unwrap(), secret)
}

async fn receive(
    State(inner): State<Arc<Mutex<Inner>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = {
        let mut inner = inner.lock().unwrap();
        let body = body.to_vec();
        inner.received.push(Received { headers, body });
        inner.answers.pop_front()
    };
    let status = |code| StatusCode::from_u16(code).unwrap();
    match answer {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Answer::Status(code)) => status(code).into_response(),
        Some(Answer::With(code, name, value)) => (status(code), [(name, value)]).into_response(),
        Some(Answer::Hang) => std::future::pending().await,
        Some(Answer::Long(bytes)) => "x".repeat(bytes).into_response(),
    }
}
