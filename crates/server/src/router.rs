//! All routes: which path belongs to which API.

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::{
    app::App,
    http::{agent, documents, files, operations, visitor},
};

/// The router of the whole endpoint.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest("/chat/rest", visitor::router(app.clone()))
        .merge(agent::router())
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .merge(files::routes())
        .merge(documents::routes())
        .with_state(app)
}
