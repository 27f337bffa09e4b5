//! `Visitor/History`: a visitor's earlier conversations, by the session key or,
//! before there is a session, by the visitor id of the device
//! (`docs/PROTOCOL.md`, 5, History).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::visitor::{ThreadSeen, Wrapped, header};
use serde::Serialize;

use super::{
    error::Result,
    headers::{caller, key, visitor_id},
    nouns::read,
    post::insert_header,
    query::Query,
    site::switch_server,
};
use crate::{
    app::App,
    conversation::{
        EVENTS_MAX, Refusal,
        history::{self, Page, Visitor},
    },
    http::upload::own_origin,
    presenter::file_address,
};

pub(super) async fn list(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let (mut history, position) = history::list(&app, visitor(&headers)?).await?;
    let origin = own_origin(&app, &headers);
    for event in history
        .threads
        .iter_mut()
        .filter_map(|it| it.last_event.as_mut())
    {
        file_address::make_absolute_in_event(event, &origin);
    }
    Ok(with_position("History", history, position))
}

pub(super) async fn thread(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let visitor = visitor(&headers)?;
    let query = Query::from_uri(&uri);
    let page = Page {
        before: query.integer("before").unwrap_or(i64::MAX),
        limit: query.event_limit("limit").unwrap_or(EVENTS_MAX),
    };
    let (mut thread, position) = history::thread(&app, visitor, &id.into(), &page).await?;
    let origin = own_origin(&app, &headers);
    for event in thread.events.iter_mut().flatten() {
        file_address::make_absolute_in_event(event, &origin);
    }
    Ok(with_position("Thread", thread, position))
}

/// The visitor has read a thread before there is a session.
pub(super) async fn mark_seen(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let seen: ThreadSeen = read(&body)?;
    let visitor = visitor(&headers)?;
    history::mark_seen(&app, visitor, &id.into(), &seen.seen_up_to).await?;
    Ok("OK".into_response())
}

fn visitor(headers: &HeaderMap) -> std::result::Result<Visitor, Refusal> {
    let session = match key(headers) {
        Some(_) => Some(caller(headers)?.credentials),
        None => None,
    };
    Ok(Visitor {
        session,
        device: visitor_id(headers),
    })
}

fn with_position(kind: &str, message: impl Serialize, position: Option<i64>) -> Response {
    let mut response = Json(Wrapped::one(kind, message)).into_response();
    if let Some(position) = position {
        let headers = response.headers_mut();
        insert_header(headers, header::LATEST_OFFSET, position.to_string());
    }
    response
}
