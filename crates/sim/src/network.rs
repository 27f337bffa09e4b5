//! The network between a client and the router: it delays, loses and doubles.

use std::{cell::RefCell, rc::Rc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::sleep;
use tower::ServiceExt as _;

/// How bad the network is; each a share of all requests, from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// The request never reaches the server.
    pub lose_request: f64,
    /// The server does what was asked, and its answer is lost.
    pub lose_reply: f64,
    /// A copy of the request arrives as well, some time later.
    pub double_request: f64,
    /// Longest delay of one way, in milliseconds.
    pub delay_ms: u64,
}

impl Faults {
    pub const NONE: Self = Self {
        lose_request: 0.0,
        lose_reply: 0.0,
        double_request: 0.0,
        delay_ms: 20,
    };

    /// 10 % loss each way, and as many copies.
    pub const TENTH: Self = Self {
        lose_request: 0.1,
        lose_reply: 0.1,
        double_request: 0.1,
        delay_ms: 400,
    };
}

/// A request that can be sent, and sent again.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) method: &'static str,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One client's way to the server.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    router: Router,
    faults: Faults,
    rng: Rc<RefCell<ChaCha8Rng>>,
}

/// A client finds out about most losses, and waits for the others in vain.
const LOSS_NOTICED: f64 = 0.5;

impl Network {
    pub(crate) fn new(router: Router, faults: Faults, rng: Rc<RefCell<ChaCha8Rng>>) -> Self {
        Self {
            router,
            faults,
            rng,
        }
    }

    fn happens(&self, share: f64) -> bool {
        self.rng.borrow_mut().random_bool(share)
    }

    fn delay(&self) -> Duration {
        let most = self.faults.delay_ms.max(1);
        Duration::from_millis(self.rng.borrow_mut().random_range(0..most))
    }

    /// Carries a request; none when it was lost and the client noticed. A loss
    /// that nobody notices never ends: whoever waits must give up.
    pub(crate) async fn carry(&self, packet: Packet) -> Option<Answer> {
        // Drawn here, so that the story does not depend on who comes first.
        let [lost, unheard, doubled] = [
            self.happens(self.faults.lose_request),
            self.happens(self.faults.lose_reply),
            self.happens(self.faults.double_request),
        ];
        let (there, back, copy_later) = (self.delay(), self.delay(), self.delay());
        if doubled {
            let (network, copy) = (self.clone(), packet.clone());
            tokio::task::spawn_local(async move {
                sleep(there + copy_later).await;
                network.arrive(copy).await;
            });
        }
        sleep(there).await;
        if lost {
            return self.vanish().await;
        }
        let answer = self.arrive(packet).await;
        sleep(back).await;
        if unheard {
            return self.vanish().await;
        }
        Some(answer)
    }

    async fn vanish(&self) -> Option<Answer> {
        if self.happens(LOSS_NOTICED) {
            return None;
        }
        std::future::pending().await
    }

    async fn arrive(&self, packet: Packet) -> Answer {
        let mut request = Request::builder().method(packet.method).uri(packet.uri);
        for (name, value) in packet.headers {
            request = request.header(name, value);
        }
        let response = match request.body(Body::from(packet.body)) {
            Ok(request) => match self.router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Err(_) => {
                return Answer {
                    status: StatusCode::BAD_REQUEST,
                    headers: HeaderMap::new(),
                    body: Bytes::new(),
                };
            }
        };
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap_or_default(),
        }
    }
}
