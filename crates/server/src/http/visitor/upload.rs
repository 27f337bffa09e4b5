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

use super::{error::Result, headers::caller, post, query::Query};
use crate::{app::App, conversation::file, http::upload};

/// Writes no event and therefore takes no number.
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

/// `POST uploadServletUrl?orgId=&chatKey=<session
/// id>&fileToken=&encoding=UTF-8`.
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
