//! All routes: which path belongs to which API.

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::{
    app::App,
    http::{
        agent, archive, bodies::BodiesLayer, documents, files, gate::GateLayer, host, limits,
        openapi, operations, visitor,
    },
};

/// The router of the metrics, which have a listener of their own: they are for
/// the operator alone.
pub fn metrics_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(operations::metrics))
        .with_state(app)
}

/// The router of the whole endpoint.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest("/chat/rest", visitor::router(app.clone()))
        .merge(agent::router())
        .merge(archive::router())
        .merge(files::routes())
        .merge(documents::routes())
        .route("/api/openapi.json", get(openapi::serve))
        .layer((
            GateLayer::new(app.clone(), |app, request| {
                host::check(app, request)?;
                limits::by_address(app, request)
            }),
            BodiesLayer::new(app.clone()),
        ))
        // Health checks are answered to everybody, always.
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .with_state(app)
}
