//! `Visitor/History`: a visitor's earlier conversations, by the session key or,
//! before there is a session, by the visitor id of the device
//! (`docs/PROTOCOL.md`, 5, History).

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::{
    DeploymentId,
    visitor::{ThreadSeen, Wrapped, header},
};
use serde::Serialize;
use tokio::time::sleep;

use super::{
    error::Result,
    headers::{caller, identity_token, key, visitor_id},
    nouns::read,
    post::insert_header,
    query::Query,
    site::switch_server,
};
use crate::{
    app::App,
    conversation::{
        self, EVENTS_MAX, Refusal,
        history::{self, Listed, Page, Visitor},
    },
    http::upload::own_origin,
    presenter::file_address,
};

/// All threads. A request that names the version it knows, and how many milliseconds it
/// can wait (`hold`), is answered when there is something new, or after that time.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let query = Query::from_uri(&uri);
    let visitor = visitor(&headers, &query)?;
    let known = query.text("known").filter(|known| !known.is_empty());
    let hold = query.integer("hold").and_then(|ms| u64::try_from(ms).ok());
    let hold = Duration::from_millis(hold.unwrap_or_default()).min(app.config.poll_hold);
    let listed = history::list(&app, &visitor).await?;
    let listed = match known {
        Some(known) if known == listed.history.version && !hold.is_zero() => {
            wait_for_news(&app, &visitor, listed, hold).await?
        }
        Some(_) | None => listed,
    };
    let Listed {
        mut history,
        position,
        ..
    } = listed;
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

/// Waits until the visitor's threads are not as listed, or the time is over. Where too
/// many requests of one visitor wait, it does not.
async fn wait_for_news(
    app: &App,
    visitor: &Visitor,
    listed: Listed,
    hold: Duration,
) -> conversation::Result<Listed> {
    let Some(customer) = &listed.customer else {
        // Nobody knows whom to tell.
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return Ok(listed),
            () = sleep(hold) => return history::list(app, visitor).await,
        }
    };
    let Some(watch) = app.history_watches.watch(customer) else {
        return Ok(listed);
    };
    let changed = watch.changed.notified();
    tokio::pin!(changed);
    // Registered before looking, so that nothing is missed in between.
    changed.as_mut().enable();
    let latest = history::list(app, visitor).await?;
    if latest.history.version != listed.history.version {
        return Ok(latest);
    }
    tokio::select! {
        biased;
        () = app.shutdown.cancelled() => return Ok(latest),
        () = changed => {}
        () = sleep(hold) => {}
    }
    history::list(app, visitor).await
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
    let query = Query::from_uri(&uri);
    let visitor = visitor(&headers, &query)?;
    let page = Page {
        before: query.integer("before").unwrap_or(i64::MAX),
        limit: query.event_limit("limit").unwrap_or(EVENTS_MAX),
    };
    let (mut thread, position) = history::thread(&app, &visitor, &id.into(), &page).await?;
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
    uri: Uri,
    body: Bytes,
) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let seen: ThreadSeen = read(&body)?;
    let visitor = visitor(&headers, &Query::from_uri(&uri))?;
    history::mark_seen(&app, &visitor, &id.into(), &seen.seen_up_to).await?;
    Ok("OK".into_response())
}

fn visitor(headers: &HeaderMap, query: &Query) -> std::result::Result<Visitor, Refusal> {
    let session = match key(headers) {
        Some(_) => Some(caller(headers)?.credentials),
        None => None,
    };
    Ok(Visitor {
        session,
        device: visitor_id(headers),
        identity_token: identity_token(headers).map(|token| {
            let deployment = query.text("deployment_id").unwrap_or_default();
            (DeploymentId::from(deployment), token.to_owned())
        }),
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
