//! `upload_file`: the one action whose request is not JSON.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    http::HeaderMap,
};
use parlor_wire::event::File;

use super::{caller, check_version, error::Result};
use crate::{
    app::App,
    conversation::file,
    http::{
        openapi::answers::{AgentErrors, Stored},
        upload::{self, Upload},
    },
};

/// The bytes of a file, which an event names afterwards.
// Responds with `url`, and, which is ours, everything else that is known of the file.
#[utoipa::path(
    post,
    path = "/v3.6/agent/action/upload_file",
    operation_id = "upload_file",
    tag = "agent",
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 200, response = Stored), AgentErrors),
)]
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    Path(version): Path<String>,
    headers: HeaderMap,
    body: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Json<File>> {
    check_version(&version)?;
    let agent = caller::acting_agent(&app, &headers).await?;
    let target = file::upload_target_of_agent(&app, &agent.id).await?;
    Ok(Json(upload::receive(&app, target, &headers, body).await?))
}
