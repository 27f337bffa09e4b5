//! `POST /v3.6/agent/action/<name>` (Agent Chat API); reads are POSTs too.
//! Content-Type and `X-Region` are ignored, because existing SDKs send them
//! inconsistently.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
};
use parlor_wire::{decode, limits::AGENT_BODY_MAX_BYTES};
use serde_json::{Value, json};

use super::{
    actions, caller, check_version,
    error::{ApiError, Result},
};
use crate::{app::App, http::upload::own_origin, presenter::file_address};

pub(super) async fn action(
    State(app): State<Arc<App>>,
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    check_version(&version)?;
    let agent = caller::acting_agent(&app, &headers).await?;
    let payload = read(&body_of(body, AGENT_BODY_MAX_BYTES)?)?;
    let mut reply = actions::run(&app, &agent, &name, payload).await?;
    file_address::make_absolute_in_json(&mut reply, &own_origin(&app, &headers));
    Ok(Json(reply))
}

/// The whole body.
///
/// # Errors
/// 413 above `limit`, 400 for a body that ends too early.
pub(super) fn body_of(
    body: std::result::Result<Bytes, BytesRejection>,
    limit: usize,
) -> Result<Bytes> {
    body.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::too_large(limit)
        } else {
            ApiError::validation("the body ends too early")
        }
    })
}

/// An empty body is treated as `{}`.
fn read(body: &[u8]) -> Result<Value> {
    if body.trim_ascii().is_empty() {
        return Ok(json!({}));
    }
    Ok(decode(body)?)
}
