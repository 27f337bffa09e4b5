//! Endpoints for operators: liveness and readiness for everybody, metrics on a
//! listener of their own.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode, response::IntoResponse};
use tokio::{sync::Mutex, time::Instant};

use crate::{app::App, http::openapi::answers::Text, telemetry};

/// The process runs.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    tag = "operations",
    responses((status = 200, response = Text)),
)]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// For how long the result of a write to the store is given to everybody who
/// asks, so that questions cannot keep the disk busy. Load balancers ask every
/// few seconds.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// When the store was last written to find out whether it can be, and whether
/// it could.
pub(crate) type LastProbe = Arc<Mutex<Option<(Instant, bool)>>>;

/// The process serves, and its database can be written.
///
/// Not while it is stopping.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "operations",
    responses((status = 200, response = Text), (status = 503, response = Text)),
)]
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> impl IntoResponse {
    if app.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match store_is_writable(app).await {
        true => (StatusCode::OK, "ready"),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store cannot be written",
        ),
    }
}

async fn store_is_writable(app: Arc<App>) -> bool {
    let mut last = app.last_probe.clone().lock_owned().await;
    if let Some((at, writable)) = *last
        && at.elapsed() < PROBE_INTERVAL
    {
        return writable;
    }
    let tasks = app.tasks.clone();
    // Whoever hangs up does not keep the next one from this result.
    let probing = tasks.spawn(async move {
        let probed = app.store.probe().await;
        if let Err(error) = &probed {
            tracing::error!(%error, "the store cannot be written");
        }
        *last = Some((Instant::now(), probed.is_ok()));
        probed.is_ok()
    });
    probing.await.unwrap_or(false)
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    metrics::gauge!("parlor_polls_open").set(app.polls.count() as f64);
    metrics::gauge!("parlor_sessions_live").set(app.sessions.count() as f64);
    telemetry::render_metrics()
}
