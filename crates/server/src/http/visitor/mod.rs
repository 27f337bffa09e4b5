//! The visitor API: all resources of the Chat REST API below `/chat/rest/`.
//!
//! Content-Type and Accept are ignored, and so are unknown fields and query
//! items (`docs/PROTOCOL.md`, 2).

mod cors;
mod description;
mod error;
mod headers;
mod history;
mod messages;
mod nouns;
mod post;
mod query;
mod site;
mod system;
mod upload;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware,
    response::Response,
    routing::{MethodRouter, any, delete, get, post},
};
use parlor_wire::limits::{MULTI_NOUN_BODY_MAX_BYTES, VISITOR_BODY_MAX_BYTES};

use crate::{
    app::App,
    conversation::Refusal,
    http::{gate::GateLayer, limits, upload::body_limit},
};
pub(crate) use description::description;
use error::VisitorError;
use nouns::Noun;

pub(crate) fn router(app: Arc<App>) -> Router<Arc<App>> {
    let mut router = Router::new()
        .route(
            "/System/SessionId",
            get(system::session_id).layer(GateLayer::new(app.clone(), limits::new_session)),
        )
        .route("/System/SessionId/{key}", delete(system::delete_session))
        .route("/System/Messages", get(messages::messages))
        .route("/System/ReconnectSession", get(system::reconnect_session))
        .route("/System/ResyncSession", get(system::resync_session))
        .route(
            "/System/MultiNoun",
            post(post::multi_noun).layer(DefaultBodyLimit::max(MULTI_NOUN_BODY_MAX_BYTES)),
        )
        .route("/Visitor/Settings", get(site::settings))
        .route("/Visitor/Availability", get(site::availability))
        .route("/Visitor/VisitorId", get(site::visitor_id))
        .route("/Visitor/Breadcrumb", post(site::breadcrumb))
        .route("/Visitor/History", get(history::list))
        .route(
            "/Visitor/History/{thread_id}",
            get(history::thread).post(history::mark_seen),
        )
        .route("/Visitor/Goal", post(history::goal));
    for noun in Noun::CHASITOR {
        router = router.route(&format!("/Chasitor/{}", noun.name()), chasitor(noun));
    }
    router
        .route(
            "/Chasitor/FileUpload",
            post(upload::upload).layer(body_limit()),
        )
        .route(
            "/Chasitor/FileTransfer",
            post(upload::transfer).layer(body_limit()),
        )
        .route("/{*resource}", any(unknown))
        // In one call: each call of `layer` puts the route into a box of its own.
        .layer((
            middleware::map_response(forbid_caching),
            middleware::from_fn_with_state(app.clone(), cors::check),
            GateLayer::new(app, limits::by_session),
            DefaultBodyLimit::max(VISITOR_BODY_MAX_BYTES),
        ))
}

/// Responses contain people's messages, and polls are GETs: no cache may store
/// them.
async fn forbid_caching(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Answered here, so that the path is not taken for a file of the chat
/// document, and behind the CORS check.
async fn unknown() -> VisitorError {
    VisitorError(Refusal::NotFound("resource"))
}

fn chasitor(noun: Noun) -> MethodRouter<Arc<App>> {
    post(move |app, address, headers, body| post::chasitor(noun, app, address, headers, body))
}
