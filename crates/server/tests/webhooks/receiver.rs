//! A receiver of webhooks on a socket.

use std::{
    collections::{BTreeMap, VecDeque},
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
    /// Those that were answered 2xx.
    taken: Vec<Received>,
    /// How often each id has failed, where half of all fail.
    failures: Option<BTreeMap<String, u32>>,
    /// 204 when there are none left.
    answers: VecDeque<Answer>,
}

impl Inner {
    fn next_answer(&mut self, id: &str) -> Option<Answer> {
        let Some(failures) = &mut self.failures else {
            return self.answers.pop_front();
        };
        let failed = failures.entry(id.to_owned()).or_default();
        // An id ends in random digits, each attempt takes another.
        let place = id.len() - 1 - *failed as usize;
        let digit = id.as_bytes()[place];
        let fails = *failed < 2 && digit.is_multiple_of(2);
        *failed += u32::from(fails);
        fails.then_some(Answer::Status(500))
    }
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

    /// From now on each request fails with a probability of a half, but the third of an id, so
    /// that a test ends.
    pub(crate) fn fail_half(&self) {
        self.inner.lock().unwrap().failures = Some(BTreeMap::new());
    }

    /// How many requests have come since the last [`Receiver::take`].
    pub(crate) fn count(&self) -> usize {
        self.inner.lock().unwrap().received.len()
    }

    /// All that was answered 2xx.
    pub(crate) fn taken(&self) -> Vec<Received> {
        self.inner.lock().unwrap().taken.clone()
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
        let received = Received { headers, body };
        let answer = inner.next_answer(received.header("webhook-id"));
        if answer.is_none() {
            inner.taken.push(received.clone());
        }
        inner.received.push(received);
        answer
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
