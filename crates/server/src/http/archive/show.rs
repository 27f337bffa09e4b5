//! `GET /chats/{id}`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
};
use parlor_wire::{ThreadId, archive::ArchivedChat};

use super::{
    archive,
    caller::Program,
    error::{ApiError, Result},
};
use crate::{
    app::App, conversation::archive::ArchivedConversation, http::openapi::answers::ArchiveErrors,
    store::Tx,
};

/// Show a chat
#[utoipa::path(
    get,
    path = "/chats/{id}",
    tag = "chats",
    params(("id" = String, Path, description = "The id of the chat")),
    responses(
        (status = 200, description = "The chat.", body = ArchivedChat),
        ArchiveErrors,
    ),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    program: Program,
    headers: HeaderMap,
    id: std::result::Result<Path<ThreadId>, PathRejection>,
) -> Result<Json<ArchivedChat>> {
    program.require_administrator()?;
    let Path(id) = id?;
    let mut tx = app.store.read().await?;
    let shown = chat(&app, tx.as_mut(), &headers, &program, &id).await?;
    Ok(Json(shown))
}

/// One conversation.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn chat(
    app: &App,
    tx: &mut dyn Tx,
    headers: &HeaderMap,
    program: &Program,
    id: &ThreadId,
) -> Result<ArchivedChat> {
    let entries = tx.archived(std::slice::from_ref(id)).await?;
    let entry = entries.into_iter().next();
    let entry = entry.ok_or_else(ApiError::no_such_chat)?;
    let conversation = ArchivedConversation::load(tx, id).await?;
    let conversation = conversation.ok_or_else(ApiError::no_such_chat)?;
    let archive = archive(app, tx, headers, program).await?;
    Ok(archive.chat(&conversation, entry.changed_at))
}
