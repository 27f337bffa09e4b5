//! One request to a receiver. It knows HTTP and TLS, and not what is sent or when.
//!
//! What must stay true: an attempt ends within its time; redirects are not followed, and no more
//! than [`ANSWER_MAX_BYTES`] of an answer is read; nothing of an answer is kept but its status
//! and `Retry-After`.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::time::timeout;

use super::{WebhookConfig, sender::IN_FLIGHT_MAX};
use crate::{clock::Timestamp, store::row::WebhookDelivery};

/// A receiver that does not take the connection by then does not take the request either.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// So much of an answer is read, so that the connection can be used again.
const ANSWER_MAX_BYTES: usize = 4 * 1024;

/// For how long it is read.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The head of an answer: as large as servers allow each other.
const HEAD_MAX_BYTES: usize = 16 * 1024;

/// Some receivers close idle connections after a minute.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest time for which a receiver can ask to wait.
pub(super) const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Why an attempt has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection: the name, the network, or TLS.
    Unreachable,
    /// The attempt took too long.
    Timeout,
    /// The connection has ended without an answer, or with one that is not HTTP.
    NoAnswer,
    /// An answer that is not 2xx, and for how long it asks to wait.
    Status(StatusCode, Option<Duration>),
    /// The row cannot be made a request.
    Damaged,
}

impl Failure {
    /// The word in metrics.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::NoAnswer => "no_answer",
            Self::Status(..) => "status",
            Self::Damaged => "damaged",
        }
    }

    /// The words in lists and logs.
    pub fn describe(self) -> String {
        match self {
            Self::Status(status, _) => format!("status {}", status.as_u16()),
            other => other.kind().to_owned(),
        }
    }

    pub(super) fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Status(_, wait) => wait,
            Self::Unreachable | Self::Timeout | Self::NoAnswer | Self::Damaged => None,
        }
    }
}

/// Keeps connections open. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Client(HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    pub(super) fn new() -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = HyperClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IN_FLIGHT_MAX)
            .http1_max_buf_size(HEAD_MAX_BYTES)
            .build(https);
        Self(client)
    }

    /// Sends a webhook once. `now` is signed with it.
    pub(super) async fn send(
        &self,
        hook: &WebhookConfig,
        row: &WebhookDelivery,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let request = request(hook, row, now).ok_or(Failure::Damaged)?;
        let attempt = async {
            let answer = self.0.request(request).await.map_err(|error| {
                if error.is_connect() {
                    Failure::Unreachable
                } else {
                    Failure::NoAnswer
                }
            })?;
            let (status, wait) = (answer.status(), retry_after(answer.headers(), now));
            read(answer.into_body()).await;
            match status.is_success() {
                true => Ok(()),
                false => Err(Failure::Status(status, wait)),
            }
        };
        let done = timeout(hook.attempt_timeout, attempt).await;
        done.unwrap_or(Err(Failure::Timeout))
    }
}

/// The certificates that this machine trusts. Without any, no receiver with TLS can be reached.
fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        tracing::warn!("this machine has no certificates: webhooks with https will fail");
    }
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
    // The provider has these versions.
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.unwrap_or_else(|_| ClientConfig::builder());
    builder.with_root_certificates(roots).with_no_client_auth()
}

fn request(
    hook: &WebhookConfig,
    row: &WebhookDelivery,
    now: Timestamp,
) -> Option<Request<Full<Bytes>>> {
    let body = Bytes::from(row.body.0.clone());
    let seconds = now.as_millis() / 1000;
    let signature = hook.secret.standard_signature(&row.id, seconds, &body);
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(hook.url.0.as_str())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("parlor/", env!("CARGO_PKG_VERSION")))
        .header("x-parlor-event", &row.event)
        .header("webhook-id", &row.id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature)
        .header("x-hub-signature-256", hook.secret.hub_signature(&body));
    for (name, value) in &hook.headers.0 {
        request = request.header(name, value);
    }
    request.body(Full::new(body)).ok()
}

/// Reads a short answer to its end. A longer one, or a slow one, costs the connection.
async fn read(answer: Incoming) {
    let answer = Limited::new(answer, ANSWER_MAX_BYTES);
    let _ = timeout(ANSWER_TIMEOUT, answer.collect()).await;
}

/// Seconds, or a time (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap<HeaderValue>, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            let until = Timestamp(until.as_microsecond());
            Duration::from_secs(until.seconds_since(now).unsigned_abs())
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_can_ask_to_wait() {
        let now = Timestamp::parse("2015-10-21T07:28:00Z").unwrap();
        for (text, expected) in [
            ("120", Some(120)),
            ("Wed, 21 Oct 2015 07:29:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("99999999", Some(3600)),
            ("Thu, 31 Dec 9998 23:59:59 GMT", Some(3600)),
            ("soon", None),
            ("-1", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            let wait = retry_after(&headers, now);
            assert_eq!(wait, expected.map(Duration::from_secs), "{text}");
        }
    }
}
