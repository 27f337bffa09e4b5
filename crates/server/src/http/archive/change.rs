//! What programs write: messages, and changes of conversations, one or many at a time.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use parlor_wire::{
    ThreadId,
    archive::{ArchivedChat, ChatUpdate, NewOfflineMessage},
    decode,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::{
    archive,
    caller::Program,
    error::{ApiError, Result},
    list::{Docs, docs, read_ids},
    show::chat,
};
use crate::{
    app::App,
    conversation::{UnitOfWork, archive_changes, forget},
    http::openapi::answers::ArchiveErrors,
};

type Body = std::result::Result<Bytes, BytesRejection>;

/// Many conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Ids {
    /// Ids with commas between them, at most 50.
    ids: String,
}

/// Create an offline message
#[utoipa::path(
    post,
    path = "/chats",
    tag = "chats",
    request_body = NewOfflineMessage,
    responses(
        (status = 201, description = "The chat.", body = ArchivedChat),
        ArchiveErrors,
    ),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    program: Program,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let message: NewOfflineMessage = decode(&body?).map_err(invalid_body)?;
    let mut work = UnitOfWork::begin(&app).await?;
    let id = archive_changes::create(&mut work, message).await?;
    work.commit().await?;
    let mut tx = app.store.read().await?;
    let shown = chat(&app, tx.as_mut(), &headers, &program, &id).await?;
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// Update a chat
#[utoipa::path(
    put,
    path = "/chats/{id}",
    tag = "chats",
    params(("id" = String, Path, description = "The id of the chat")),
    request_body(content = Value, description = "`unread`, `rating`, `comment`, `tags`, `visitor.name`, `visitor.email`, `visitor.phone`, `visitor.notes`, nested or flattened"),
    responses(
        (status = 200, description = "The chat.", body = ArchivedChat),
        ArchiveErrors,
    ),
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    program: Program,
    headers: HeaderMap,
    id: std::result::Result<Path<ThreadId>, PathRejection>,
    body: Body,
) -> Result<Json<ArchivedChat>> {
    program.require_administrator()?;
    let Path(id) = id?;
    let update = read_update(&body?)?;
    let mut work = UnitOfWork::begin(&app).await?;
    archive_changes::update(&mut work, &id, &update).await?;
    work.commit().await?;
    let mut tx = app.store.read().await?;
    let shown = chat(&app, tx.as_mut(), &headers, &program, &id).await?;
    Ok(Json(shown))
}

/// Update several chats
#[utoipa::path(
    put,
    path = "/chats",
    tag = "chats",
    params(Ids),
    request_body(content = Value, description = "As for one chat: the same for all"),
    responses(
        (status = 200, description = "The chats, as they are now.", body = Docs),
        ArchiveErrors,
    ),
)]
pub(super) async fn update_many(
    State(app): State<Arc<App>>,
    program: Program,
    headers: HeaderMap,
    query: std::result::Result<Query<Ids>, QueryRejection>,
    body: Body,
) -> Result<Json<Docs>> {
    program.require_administrator()?;
    let ids = read_ids(&named(query)?)?;
    let update = read_update(&body?)?;
    let mut work = UnitOfWork::begin(&app).await?;
    for id in &ids {
        archive_changes::update(&mut work, id, &update).await?;
    }
    work.commit().await?;
    let mut tx = app.store.read().await?;
    let archive = archive(&app, tx.as_mut(), &headers, &program).await?;
    Ok(Json(docs(tx.as_mut(), &archive, &ids).await?))
}

/// Delete a chat
#[utoipa::path(
    delete,
    path = "/chats/{id}",
    tag = "chats",
    params(("id" = String, Path, description = "The id of the chat")),
    responses(
        (status = 204, description = "It is gone for good"),
        ArchiveErrors,
    ),
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    program: Program,
    id: std::result::Result<Path<ThreadId>, PathRejection>,
) -> Result<StatusCode> {
    program.require_administrator()?;
    let Path(id) = id?;
    delete_all(&app, &[id]).await
}

/// Delete several chats
#[utoipa::path(
    delete,
    path = "/chats",
    tag = "chats",
    params(Ids),
    responses(
        (status = 204, description = "They are gone for good"),
        ArchiveErrors,
    ),
)]
pub(super) async fn delete_many(
    State(app): State<Arc<App>>,
    program: Program,
    query: std::result::Result<Query<Ids>, QueryRejection>,
) -> Result<StatusCode> {
    program.require_administrator()?;
    delete_all(&app, &read_ids(&named(query)?)?).await
}

/// All of them, or none.
async fn delete_all(app: &App, ids: &[ThreadId]) -> Result<StatusCode> {
    let mut work = UnitOfWork::begin(app).await?;
    for id in ids {
        let thread = archive_changes::archived_thread(&mut work, id).await?;
        forget::thread(&mut work, &thread).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(query: std::result::Result<Query<Ids>, QueryRejection>) -> Result<String> {
    let Query(Ids { ids }) = query.map_err(|_| ApiError::invalid("ids: expected ids"))?;
    Ok(ids)
}

fn read_update(body: &[u8]) -> Result<ChatUpdate> {
    let value: Value = decode(body).map_err(invalid_body)?;
    if !value.is_object() {
        return Err(ApiError::invalid("expected an object"));
    }
    ChatUpdate::read(&value).map_err(|name| ApiError::invalid(format!("{name}: not of its type")))
}

fn invalid_body(error: parlor_wire::DecodeError) -> ApiError {
    ApiError::invalid(error.to_string())
}
