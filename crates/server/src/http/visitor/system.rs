//! Sessions: begun, taken over by another process, deleted.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, Uri},
};
use parlor_wire::visitor::{ReconnectSession, SessionIdReply, Wrapped};
use serde_json::{Value, json};

use super::{
    error::{Result, VisitorError},
    headers::{foreign_origin, key},
    query::Query,
};
use crate::{
    app::App,
    auth,
    conversation::{Refusal, Work, end, handover, open},
    store::row::EndReason,
};

pub(super) async fn session_id(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<SessionIdReply>> {
    let origin = foreign_origin(&app, &headers);
    Ok(Json(open::open(&app, origin).await?))
}

/// The key is in the path here because the API has it so: our logs name the
/// route, never the path.
pub(super) async fn delete_session(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Result<&'static str> {
    let mut work = Work::begin(&app).await?;
    let session = work
        .tx
        .session_by_key(&auth::hash_token(&key))
        .await?
        .ok_or(Refusal::SessionGone)?;
    end::by_visitor(&mut work, &session, EndReason::Client).await?;
    work.commit().await?;
    Ok("OK")
}

pub(super) async fn reconnect_session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Wrapped<ReconnectSession>>> {
    let key_hash = key(&headers).ok_or(VisitorError(Refusal::SessionGone))?;
    let offset = Query::of(&uri).integer("ReconnectSession.offset");
    let affinity_token = handover::reconnect(&app, &key_hash, offset).await?;
    Ok(Json(Wrapped::one(
        "ReconnectSession",
        ReconnectSession {
            reset_sequence: Some(true),
            affinity_token,
        },
    )))
}

/// API versions 29 to 36: the same under its older name. The key stays.
pub(super) async fn resync_session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Wrapped<Value>>> {
    let key_hash = key(&headers).ok_or(VisitorError(Refusal::SessionGone))?;
    let affinity_token = handover::reconnect(&app, &key_hash, None).await?;
    let key = headers
        .get(parlor_wire::visitor::header::SESSION_KEY)
        .and_then(|key| key.to_str().ok())
        .unwrap_or_default();
    Ok(Json(Wrapped::one(
        "ResyncSession",
        json!({ "isValid": true, "key": key, "affinityToken": affinity_token }),
    )))
}
