//! The agent API: actions over HTTP, the same actions and pushes over a
//! WebSocket, and the console's sign-in (`docs/PROTOCOL.md`, Agents). It parses
//! requests and writes responses; what an action does is up to the use cases.
//! Nothing that anybody wrote is logged here.

mod action;
mod actions;
mod caller;
mod description;
mod error;
mod session;
mod socket;
mod upload;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use parlor_wire::{
    agent::{ErrorType, VERSIONS},
    limits::AGENT_BODY_MAX_BYTES,
};

use crate::{app::App, auth::SignIn, http::upload::body_limit};
pub(crate) use description::description;
use error::ApiError;

/// State of the agent API in this process. A restart loses nothing that
/// matters.
#[derive(Debug, Default)]
struct AgentState {
    sign_in: SignIn,
}

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/{version}/agent/action/{name}", post(action::action))
        .route("/{version}/agent/rtm/ws", get(socket::upgrade))
        .route(
            "/{version}/agent/action/upload_file",
            post(upload::upload).layer(body_limit()),
        )
        .layer(DefaultBodyLimit::max(AGENT_BODY_MAX_BYTES))
        .merge(session::router())
        .layer((
            middleware::map_response(forbid_caching),
            Extension(Arc::new(AgentState::default())),
        ))
}

/// Responses contain people's messages: no cache may store them.
async fn forbid_caching(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

fn check_version(version: &str) -> Result<(), ApiError> {
    if VERSIONS.contains(&version) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorType::UnsupportedVersion,
        format!("the versions served are {}", VERSIONS.join(", ")),
    ))
}
