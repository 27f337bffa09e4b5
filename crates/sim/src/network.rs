//! The network between a client and the endpoint. It delays, loses, duplicates and truncates requests
//! and answers, or works in one direction only.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::Duration,
};

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::sleep;

use crate::endpoint::Endpoint;

/// The faults of the network. Shares are of all requests, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// The request never reaches the server.
    pub lose_request: f64,
    /// The server carries out the request, and its answer is lost.
    pub lose_reply: f64,
    /// A copy of the request arrives too, some time later.
    pub duplicated: f64,
    /// The answer's body ends early.
    pub truncated: f64,
    /// A proxy answers 500 instead of the server.
    pub broken: f64,
    /// No request arrives.
    pub drop_requests: bool,
    /// All requests arrive, and no answer does.
    pub drop_answers: bool,
    /// There is no network, and requests fail at once.
    pub offline: bool,
    /// The longest delay in one direction, in milliseconds.
    pub delay_ms: u64,
}

impl Conditions {
    pub const GOOD: Self = Self {
        lose_request: 0.0,
        lose_reply: 0.0,
        duplicated: 0.0,
        truncated: 0.0,
        broken: 0.0,
        drop_requests: false,
        drop_answers: false,
        offline: false,
        delay_ms: 20,
    };
}

/// How often each kind of fault has happened.
pub(crate) type Counts = Rc<RefCell<BTreeMap<&'static str, u64>>>;

pub(crate) fn count(counts: &Counts, kind: &'static str) {
    *counts.borrow_mut().entry(kind).or_default() += 1;
}

/// A request, which may arrive twice.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) method: &'static str,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// The server's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One client's connection to the server.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) endpoint: Endpoint,
    pub(crate) conditions: Rc<Cell<Conditions>>,
    pub(crate) rng: Rc<RefCell<ChaCha8Rng>>,
    pub(crate) counts: Counts,
}

/// The share of losses that the client notices. In the others it waits for ever.
const LOSS_NOTICED: f64 = 0.5;

impl Network {
    fn happens(&self, share: f64, kind: &'static str) -> bool {
        let happens = share > 0.0 && self.rng.borrow_mut().random_bool(share);
        if happens {
            count(&self.counts, kind);
        }
        happens
    }

    fn delay(&self) -> Duration {
        let most = self.conditions.get().delay_ms.max(1);
        Duration::from_millis(self.rng.borrow_mut().random_range(0..most))
    }

    /// Sends a request, and returns its answer; none if one of the two was lost and the client noticed.
    /// If the client does not notice the loss, the future never resolves, and the client must abort
    /// it.
    pub(crate) async fn send(&self, packet: Packet) -> Option<Answer> {
        let conditions = self.conditions.get();
        if conditions.offline {
            count(&self.counts, "request without a network");
            return None;
        }
        let request_lost = self.happens(conditions.lose_request, "request lost");
        let answer_lost = self.happens(conditions.lose_reply, "answer lost");
        let (there, back, copy_later) = (self.delay(), self.delay(), self.delay());
        if self.happens(conditions.duplicated, "request duplicated") {
            let (network, copy) = (self.clone(), packet.clone());
            tokio::task::spawn_local(async move {
                sleep(there + copy_later).await;
                network.endpoint.handle(copy).await;
            });
        }
        sleep(there).await;
        if request_lost {
            return self.lose().await;
        }
        if self.conditions.get().drop_requests {
            count(
                &self.counts,
                "request dropped in an outage of one direction",
            );
            return std::future::pending().await;
        }
        let answer = self.endpoint.handle(packet).await?;
        sleep(back).await;
        if answer_lost {
            return self.lose().await;
        }
        if self.conditions.get().drop_answers {
            count(&self.counts, "answer dropped in an outage of one direction");
            return std::future::pending().await;
        }
        Some(self.damage(conditions, answer))
    }

    fn damage(&self, conditions: Conditions, mut answer: Answer) -> Answer {
        if self.happens(conditions.broken, "answered with 500") {
            answer.status = StatusCode::INTERNAL_SERVER_ERROR;
            answer.headers.clear();
            answer.body = Bytes::new();
        }
        if !answer.body.is_empty() && self.happens(conditions.truncated, "answer truncated") {
            let most = answer.body.len();
            let kept = self.rng.borrow_mut().random_range(0..most);
            answer.body.truncate(kept);
        }
        answer
    }

    async fn lose(&self) -> Option<Answer> {
        if self.rng.borrow_mut().random_bool(LOSS_NOTICED) {
            return None;
        }
        std::future::pending().await
    }
}
