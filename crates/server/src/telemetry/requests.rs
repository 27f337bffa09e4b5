//! One log line and two metrics for each request. What happens all the time and
//! says nothing, as an idle poll or a health check, is logged at `debug`, and so
//! is what a flood of requests is answered, but for one in a minute.
//!
//! tower-http's layers are not used: `TraceLayer` passes on a response without
//! the route, by which the level and the metrics are chosen, and tells nothing of
//! a client that disconnects before; `SetRequestIdLayer` keeps the id that a
//! client sends, which could be anything.

use std::{
    num::NonZeroU32,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, info_span};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// nginx' status for a client that disconnected before it got a response.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// The endpoint or its disk is full, or was started anew: then all clients get
/// this answer, and repeat their requests.
const SERVICE_UNAVAILABLE: u16 = 503;

/// Middleware: records method, route, status, latency and a request id, and
/// sends the id back in `x-request-id`, so that the log line can be found.
pub async fn record_requests(request: Request, next: Next) -> Response {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);

    let method = known_method(request.method());
    // An unknown path may contain anything, so that it is not logged.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let span = info_span!("request", method, route, id);
    let mut request_log = RequestLog {
        method,
        route,
        began: Instant::now(),
        status: CLIENT_CLOSED_REQUEST,
        span: span.clone(),
    };
    let mut response = next.run(request).instrument(span).await;
    request_log.status = response.status().as_u16();
    response
        .headers_mut()
        .insert(REQUEST_ID.clone(), HeaderValue::from(id));
    response
}

/// Logs when it is dropped: the request is over, in whichever way.
struct RequestLog {
    method: &'static str,
    route: String,
    began: Instant,
    status: u16,
    span: Span,
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        let status = self.status;
        let latency_ms = took.as_micros() as f64 / 1000.0;
        self.span.in_scope(|| {
            if status == SERVICE_UNAVAILABLE {
                if is_first_in_a_minute(&self.route) {
                    tracing::warn!(
                        status,
                        latency_ms,
                        "answered; others within a minute are not logged"
                    );
                } else {
                    tracing::debug!(status, latency_ms, "answered");
                }
            } else if status >= 500 {
                tracing::error!(status, latency_ms, "answered");
            } else if is_routine(&self.route, status) {
                tracing::debug!(status, latency_ms, "answered");
            } else {
                tracing::info!(status, latency_ms, "answered");
            }
        });
        metrics::counter!(
            "parlor_http_requests_total",
            "method" => self.method,
            "route" => self.route.clone(),
            "status" => status.to_string(),
        )
        .increment(1);
        metrics::histogram!(
            "parlor_http_request_duration_seconds",
            "route" => std::mem::take(&mut self.route),
        )
        .record(took.as_secs_f64());
    }
}

/// Whether no request of this route was answered 503 in the minute before.
fn is_first_in_a_minute(route: &String) -> bool {
    static LOGGED: LazyLock<DefaultKeyedRateLimiter<String>> =
        LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN)));
    LOGGED.check_key(route).is_ok()
}

/// A poll that brought nothing (204), or that its client closed, a health check
/// that found nothing wrong, and a request beyond a limit: that the limit was
/// reached is logged once a minute.
fn is_routine(route: &str, status: u16) -> bool {
    match status {
        204 | CLIENT_CLOSED_REQUEST => route.ends_with("/System/Messages"),
        200 => matches!(route, "/healthz" | "/readyz"),
        429 => true,
        _ => false,
    }
}

/// Clients can send any method name: unknown ones are recorded as `other`, so
/// that logs and metrics stay bounded.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::StatusCode, routing::get};
    use tower::ServiceExt as _;
    use tracing::instrument::WithSubscriber as _;
    use tracing::level_filters::LevelFilter;

    use super::*;
    use crate::telemetry::{LogFormat, subscriber, tests::LogBuffer};

    async fn log_of(request: Request, format: LogFormat) -> String {
        let router = Router::new()
            .route("/chat/{key}", get(|| async { "hello" }))
            .layer(axum::middleware::from_fn(record_requests));
        let buffer = LogBuffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(format, LevelFilter::TRACE, move || writer.clone());
        let response = router.oneshot(request).with_subscriber(subscriber).await;
        assert!(response.unwrap().headers().contains_key("x-request-id"));
        buffer.text()
    }

    #[tokio::test]
    async fn idle_polls_health_checks_and_refused_requests_are_logged_at_debug() {
        let router = Router::new()
            .route(
                "/chat/rest/System/Messages",
                get(|| async { StatusCode::NO_CONTENT }),
            )
            .route("/chat/rest/System/SessionId", get(|| async { "hello" }))
            .route("/readyz", get(|| async { "ready" }))
            .route("/flood", get(|| async { StatusCode::TOO_MANY_REQUESTS }))
            .layer(axum::middleware::from_fn(record_requests));
        let buffer = LogBuffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Text, LevelFilter::INFO, move || writer.clone());
        async {
            for path in [
                "/chat/rest/System/Messages",
                "/readyz",
                "/flood",
                "/chat/rest/System/SessionId",
            ] {
                let request = Request::get(path).body(Body::empty()).unwrap();
                router.clone().oneshot(request).await.unwrap();
            }
        }
        .with_subscriber(subscriber)
        .await;
        let text = buffer.text();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("SessionId"), "{text}");
    }

    #[tokio::test]
    async fn what_a_full_endpoint_answers_is_logged_once_a_minute() {
        let full = || async { StatusCode::SERVICE_UNAVAILABLE };
        let router = Router::new()
            .route("/full", get(full))
            .route("/full/too", get(full))
            .route(
                "/broken",
                get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
            )
            .layer(axum::middleware::from_fn(record_requests));
        let buffer = LogBuffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Text, LevelFilter::INFO, move || writer.clone());
        async {
            for path in ["/full", "/full/too", "/broken"].repeat(100) {
                let request = Request::get(path).body(Body::empty()).unwrap();
                router.clone().oneshot(request).await.unwrap();
            }
        }
        .with_subscriber(subscriber)
        .await;
        let text = buffer.text();
        let count = |word: &str| text.lines().filter(|line| line.contains(word)).count();
        assert_eq!((count("WARN"), count("ERROR")), (2, 100), "{text}");
    }

    #[tokio::test]
    async fn a_log_line_contains_the_route_and_nothing_private() {
        for (method, path, route, status) in [
            ("GET", "/chat/secret?name=secret", "/chat/{key}", 200),
            ("POST", "/chat/secret", "/chat/{key}", 405),
            ("GET", "/secret", "none", 404),
            ("SECRET", "/secret", "none", 404),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("cookie", "secret")
                .header("x-request-id", "secret")
                .body(Body::from("secret"))
                .unwrap();
            let text = log_of(request, LogFormat::Json).await;
            let line: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(line["status"], status);
            assert_eq!(line["span"]["route"], route);
            assert!(line["latency_ms"].is_number());
            assert!(!text.to_lowercase().contains("secret"), "{text}");
        }
    }
}
