//! A visitor's files: `Chasitor/FileUpload`, after which the client posts the
//! event itself, and the Chat REST API's `FileTransfer`, which writes the event
//! (`docs/PROTOCOL.md`, 5, Files).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};

use super::{
    error::Result,
    headers::{Affinity, caller},
    post,
    query::Query,
};
use crate::{
    app::App,
    conversation::file,
    http::{
        openapi::answers::{Posted, Stored, UploadErrors},
        upload::{self, Upload},
    },
};

/// Ours. The bytes of a file, which an event names afterwards.
// Writes no event and therefore takes no number.
#[utoipa::path(
    post,
    path = "/Chasitor/FileUpload",
    operation_id = "FileUpload",
    tag = "visitor",
    params(Affinity),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 200, response = Stored), UploadErrors),
    security(("SessionKey" = [])),
)]
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let caller = caller(&headers)?;
    let target = file::upload_target_of_visitor(&app, &caller.credentials).await?;
    let file = upload::receive(&app, target, &headers, body).await?;
    Ok(Json(file).into_response())
}

/// A file that an agent asked for, at the address that the poll brought (`uploadServletUrl`).
/// Writes the event.
#[utoipa::path(
    post,
    path = "/Chasitor/FileTransfer",
    operation_id = "FileTransfer",
    tag = "visitor",
    params(
        ("orgId" = Option<String>, Query, description = "Accepted and not looked at."),
        ("chatKey" = String, Query, description = "The session's id."),
        ("fileToken" = String, Query, description = "From the poll."),
        ("encoding" = Option<String>, Query, description = "`UTF-8`; not looked at."),
    ),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 200, response = Posted), UploadErrors),
)]
pub(super) async fn transfer(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
    body: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let query = Query::from_uri(&uri);
    let session = query.text("chatKey").unwrap_or_default().into();
    let token = query.text("fileToken").unwrap_or_default();
    let target = file::upload_target_of_request(&app, &session, token).await?;
    let file = upload::receive(&app, target, &headers, body).await?;
    let (session, event) = file::answer_request(&app, &session, token, file).await?;
    Ok(post::ok_response(&session, event.as_ref()))
}
