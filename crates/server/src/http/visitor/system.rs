//! The lifecycle of sessions: created, taken over, deleted.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::visitor::{ReconnectSession, SessionIdReply, Wrapped, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{Result, VisitorError},
    headers::{Affinity, ApiVersion, cross_origin, key},
    post::insert_header,
    query::Query,
};
use crate::{
    app::App,
    auth,
    conversation::{Refusal, UnitOfWork, end, handover, session},
    http::openapi::answers::{Posted, Text, VisitorErrors},
    store::row::EndReason,
};

/// Begin a session.
///
/// The literal `null` as affinity token, or none. `id` goes into `ChasitorInit.sessionId`, `key`
/// into a header.
#[utoipa::path(
    get,
    path = "/System/SessionId",
    operation_id = "SessionId",
    tag = "visitor",
    params(ApiVersion, Affinity),
    responses(
        (
            status = 200,
            description = "The new session.",
            body = SessionIdReply,
            headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session.")),
            links(
                ("init" = (operation_id = "ChasitorInit", parameters(
                    ("header.X-LIVEAGENT-SESSION-KEY" = "$response.body#/key"),
                    ("header.X-LIVEAGENT-AFFINITY" = "$response.body#/affinityToken"),
                ))),
                ("poll" = (operation_id = "Messages", parameters(
                    ("header.X-LIVEAGENT-SESSION-KEY" = "$response.body#/key"),
                    ("header.X-LIVEAGENT-AFFINITY" = "$response.body#/affinityToken"),
                ))),
                ("say" = (operation_id = "ChatMessage", parameters(
                    ("header.X-LIVEAGENT-SESSION-KEY" = "$response.body#/key"),
                    ("header.X-LIVEAGENT-AFFINITY" = "$response.body#/affinityToken"),
                ))),
                ("handOver" = (operation_id = "ReconnectSession", parameters(
                    ("header.X-LIVEAGENT-SESSION-KEY" = "$response.body#/key"),
                ))),
                ("end" = (operation_id = "deleteSession", parameters(("key" = "$response.body#/key")))),
            ),
        ),
        VisitorErrors,
    ),
)]
pub(super) async fn session_id(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response> {
    let origin = cross_origin(&app, &headers);
    Ok(with_latest_offset(
        0,
        Json(session::open(&app, origin).await?),
    ))
}

/// Adds the newest position of the session's queue.
fn with_latest_offset(position: i64, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    insert_header(
        response.headers_mut(),
        header::LATEST_OFFSET,
        position.to_string(),
    );
    response
}

/// End the chat and its session.
// The API has the key in the path here. Logs contain the route and never the path.
#[utoipa::path(
    delete,
    path = "/System/SessionId/{key}",
    operation_id = "deleteSession",
    tag = "visitor",
    params(("key" = String, Path, description = "The session's key.", min_length = 1)),
    responses(
        (status = 200, response = Posted),
        (status = 400, response = Text),
        VisitorErrors,
    ),
)]
pub(super) async fn delete_session(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Result<Response> {
    let mut work = UnitOfWork::begin(&app).await?;
    let mut session = work
        .tx
        .session_by_key(&auth::hash_token(&key))
        .await?
        .ok_or(Refusal::SessionGone)?;
    end::by_visitor(&mut work, &session, EndReason::Client).await?;
    if let Some(ended) = work.tx.session(&session.id).await? {
        session = ended;
    }
    work.commit().await?;
    Ok(with_latest_offset(session.position, "OK"))
}

/// Take over the session after a 503, with a new affinity token.
///
/// The next poll begins with `ChasitorSessionData`; then `ChasitorResyncState` is posted.
#[utoipa::path(
    get,
    path = "/System/ReconnectSession",
    operation_id = "ReconnectSession",
    tag = "visitor",
    params(
        ApiVersion,
        (
            "ReconnectSession.offset" = Option<i64>,
            Query,
            description = "The `offset` of the last batch that arrived. Nothing up to it comes again.",
        ),
        (
            "ReconnectSession.recent" = Option<u32>,
            Query,
            description = "Ours. How many of the newest events `ChasitorSessionData` has.",
            minimum = 1,
            maximum = 10000,
        ),
    ),
    responses(
        (
            status = 200,
            description = "The new affinity token.",
            body = Wrapped<ReconnectSession>,
            headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session.")),
        ),
        VisitorErrors,
    ),
    security(("SessionKey" = [])),
)]
pub(super) async fn reconnect_session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response> {
    let key_hash = key(&headers).ok_or(VisitorError(Refusal::SessionGone))?;
    let query = Query::from_uri(&uri);
    let offset = query.integer("ReconnectSession.offset");
    let recent = query.event_limit("ReconnectSession.recent");
    let session = handover::reconnect(&app, &key_hash, offset, recent).await?;
    let answer = Wrapped::one(
        "ReconnectSession",
        ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: session.affinity,
        },
    );
    Ok(with_latest_offset(session.position, Json(answer)))
}

/// The answer of `ResyncSession`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResyncSession {
    is_valid: bool,
    /// The same as before.
    key: String,
    affinity_token: String,
}

/// `ReconnectSession` under the name of API versions 29 to 36.
#[utoipa::path(
    get,
    path = "/System/ResyncSession",
    operation_id = "ResyncSession",
    tag = "visitor",
    params(ApiVersion),
    responses(
        (
            status = 200,
            description = "The same key, and the new affinity token.",
            body = Wrapped<ResyncSession>,
            headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session.")),
        ),
        VisitorErrors,
    ),
    security(("SessionKey" = [])),
)]
pub(super) async fn resync_session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response> {
    let key_hash = key(&headers).ok_or(VisitorError(Refusal::SessionGone))?;
    let session = handover::reconnect(&app, &key_hash, None, None).await?;
    let key = headers
        .get(header::SESSION_KEY)
        .and_then(|key| key.to_str().ok())
        .unwrap_or_default();
    let answer = Wrapped::one(
        "ResyncSession",
        ResyncSession {
            is_valid: true,
            key: key.to_owned(),
            affinity_token: session.affinity,
        },
    );
    Ok(with_latest_offset(session.position, Json(answer)))
}
