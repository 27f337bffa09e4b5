//! Fault injection in front of the visitor API, for developers of clients of
//! this protocol who want to see how theirs handles lost requests and responses
//! (`docs/DELIVERY.md`). It knows requests and responses, and nothing of chats.
//!
//! What must stay true: it does nothing unless both a file of rules and the
//! flag `--unsafe-faults` are given; the same file and the same requests in the
//! same order cause the same faults.

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

/// Responses of the visitor API are far smaller; a larger one becomes 502.
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
    /// How many requests it has matched.
    matched: u64,
    /// How often it was applied.
    applied: u64,
}

impl fmt::Debug for FaultInjector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultInjector")
    }
}

impl FaultInjector {
    /// Loads a rules file.
    ///
    /// # Errors
    /// Names the file and the mistake in it.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no file of faults", path.display()))
    }

    /// Parses the text of a rules file.
    ///
    /// # Errors
    /// Names the rule and the mistake in it.
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

    /// The fault for this request: that of the first rule that matches and is
    /// due.
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

/// Puts fault injection in front of the router's visitor API.
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
            // Carried out completely, also when the client disconnects
            // meanwhile.
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

/// Responds after a long silence, with the status of a proxy whose upstream
/// timed out.
async fn stay_silent(ms: u64) -> Response {
    sleep(Duration::from_millis(ms)).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// Cuts the body: the response is valid HTTP, but not valid JSON.
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
