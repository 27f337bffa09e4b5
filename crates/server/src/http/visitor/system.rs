//! The lifecycle of sessions: created, taken over, deleted.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::visitor::{ReconnectSession, Wrapped, header};
use serde_json::json;

use super::{
    error::{Result, VisitorError},
    headers::{cross_origin, key},
    post::insert_header,
    query::Query,
};
use crate::{
    app::App,
    auth,
    conversation::{Refusal, UnitOfWork, end, handover, session},
    store::row::EndReason,
};

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

/// The API has the key in the path here. Logs contain the route and never the
/// path.
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

/// `ReconnectSession` under the name of API versions 29 to 36. The key does not
/// change.
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
        json!({ "isValid": true, "key": key, "affinityToken": session.affinity }),
    );
    Ok(with_latest_offset(session.position, Json(answer)))
}
