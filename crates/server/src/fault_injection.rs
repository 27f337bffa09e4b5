//! Faults on purpose, in front of the visitor face: for those who write a
//! client of this protocol, and want to see what it does when an answer is lost
//! (`docs/DELIVERY.md`). It knows requests and answers, nothing of chats.
//!
//! Must stay true: nothing of this is in the way unless a file of rules and the
//! flag that names it unsafe were given; the same file and the same requests in
//! the same order give the same faults, as far as chance goes.

mod rules;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::sleep;

use rules::{Action, Rule, Rules};

/// An answer of the visitor face is far smaller; what is larger is passed on
/// uncut.
const CUT_MAX_BYTES: usize = 4 * 1024 * 1024;

/// See the module. Clones share their counters.
#[derive(Clone)]
pub struct FaultInjector(Arc<Mutex<Inner>>);

struct Inner {
    rules: Vec<CountedRule>,
    chance: StdRng,
}

struct CountedRule {
    rule: Rule,
    /// Requests that it fits.
    matched: u64,
    /// Times it was carried out.
    applied: u64,
}

impl fmt::Debug for FaultInjector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultInjector")
    }
}

impl FaultInjector {
    /// # Errors
    /// One that names the file and the place in it.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no file of faults", path.display()))
    }

    /// # Errors
    /// One that names the place in the text.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let rules = Rules::parse(text)?;
        let counted = |rule| CountedRule {
            rule,
            matched: 0,
            applied: 0,
        };
        Ok(Self(Arc::new(Mutex::new(Inner {
            rules: rules.rule.into_iter().map(counted).collect(),
            chance: StdRng::seed_from_u64(rules.seed),
        }))))
    }

    /// What is to be done to this request: the first rule that fits and whose
    /// turn it is.
    fn next_action(&self, method: &str, path: &str) -> Option<Action> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { rules, chance } = &mut *state;
        for counted in rules {
            if !counted.rule.matches(method, path) {
                continue;
            }
            counted.matched += 1;
            let due = counted
                .rule
                .is_due(counted.matched, counted.applied, || chance.random());
            if due {
                counted.applied += 1;
                return Some(counted.rule.parsed_action);
            }
        }
        None
    }
}

/// The router with these faults in front of its visitor face.
pub fn inject_into(router: Router, faults: FaultInjector) -> Router {
    router.layer(middleware::from_fn_with_state(faults, inject))
}

async fn inject(State(faults): State<FaultInjector>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let Some(path) = path.strip_prefix("/chat/rest/") else {
        return next.run(request).await;
    };
    let Some(action) = faults.next_action(request.method().as_str(), path) else {
        return next.run(request).await;
    };
    match action {
        Action::LoseRequest { ms } => stay_silent(ms).await,
        Action::LoseAnswer { ms } => {
            // Done to the end, also when the client has gone by then.
            let done = tokio::spawn(next.run(request));
            let _ = done.await;
            stay_silent(ms).await
        }
        Action::Delay { ms } => {
            let answer = next.run(request).await;
            sleep(Duration::from_millis(ms)).await;
            answer
        }
        Action::Cut { keep_bytes } => cut(next.run(request).await, keep_bytes).await,
        Action::Status {
            status,
            retry_after_s,
        } => {
            let mut answer = (status, "a fault on purpose").into_response();
            if let Some(seconds) = retry_after_s {
                answer
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            answer
        }
    }
}

/// Nothing comes, for as long as most clients wait; then what a proxy says.
async fn stay_silent(ms: u64) -> Response {
    sleep(Duration::from_millis(ms)).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// The head is whole, and the body ends early: well for HTTP, not for JSON.
async fn cut(answer: Response, keep_bytes: usize) -> Response {
    let (mut parts, body) = answer.into_parts();
    let whole: Bytes = match to_bytes(body, CUT_MAX_BYTES).await {
        Ok(whole) => whole,
        Err(_) => return StatusCode::BAD_GATEWAY.into_response(),
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let kept = whole.slice(..keep_bytes.min(whole.len()));
    Response::from_parts(parts, Body::from(kept))
}
