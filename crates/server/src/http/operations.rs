//! Endpoints for operators: liveness, readiness, metrics.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::IntoResponse};

use crate::{app::App, telemetry};

pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// Ready when the store answers and the process is not stopping.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> impl IntoResponse {
    if app.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match app.store.read().await {
        Ok(_) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer")
        }
    }
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    metrics::gauge!("parlor_polls_open").set(app.polls.count() as f64);
    metrics::gauge!("parlor_sessions_live").set(app.sessions.count() as f64);
    telemetry::render_metrics()
}
