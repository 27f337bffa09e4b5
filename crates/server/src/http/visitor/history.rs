//! `Visitor/History`: a visitor's earlier conversations, by the session key or,
//! before there is a session, by the token of the site or the visitor id of the
//! device (`docs/PROTOCOL.md`, 5, History).

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::{
    DeploymentId, Thread,
    visitor::{GoalReached, History, ThreadSeen, Wrapped, header},
};
use serde::Serialize;
use tokio::time::sleep;

use super::{
    error::Result,
    headers::{
        self, Affinity, Identity, IdentityDeployment, caller, identity_token, key, visitor_id,
    },
    nouns::read,
    post::insert_header,
    query::Query,
    site::switch_server,
};
use crate::{
    app::App,
    conversation::{
        self, EVENTS_MAX, Refusal, conversion,
        history::{self, Page, Visitor},
    },
    http::{
        openapi::answers::{Posted, Text, VisitorErrors},
        upload::own_origin,
    },
    presenter::file_address,
};

/// Ours. The visitor's earlier conversations, newest first, 200 at most.
///
/// By the session's key, by the site's identity token, or by the visitor id of the device. A
/// request that names the version it knows, and how many milliseconds it can wait (`hold`), is
/// answered when there is something new, or after that time.
#[utoipa::path(
    get,
    path = "/Visitor/History",
    operation_id = "History",
    tag = "visitor",
    params(
        (
            "known" = Option<String>,
            Query,
            description = "Answered when the version is another one, at most after `hold`.",
        ),
        ("hold" = Option<u32>, Query, description = "Milliseconds.", minimum = 0, maximum = 25000),
        Affinity,
        headers::Visitor,
        Identity,
        IdentityDeployment,
    ),
    responses(
        (status = 200, description = "The conversations.", body = Wrapped<History>, headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session."))),
        (status = 400, response = Text),
        VisitorErrors,
    ),
)]
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
    let hold = query.integer("hold").and_then(|ms| u64::try_from(ms).ok());
    let hold = Duration::from_millis(hold.unwrap_or_default()).min(app.config.poll_hold);
    if let Some(known) = query.text("known").filter(|_| !hold.is_zero()) {
        wait_for_news(&app, &visitor, known, hold).await?;
    }
    let (mut history, position) = history::list(&app, &visitor).await?;
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

/// Waits until the visitor's threads are of another version than the known one, or the
/// time is over. Where too many requests of one visitor wait, it does not.
async fn wait_for_news(
    app: &App,
    visitor: &Visitor,
    known: &str,
    hold: Duration,
) -> conversation::Result<()> {
    let (version, customer) = history::version(app, visitor).await?;
    if version != known {
        return Ok(());
    }
    let Some(customer) = customer else {
        // Nobody knows yet whom a conversation would be of.
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => {}
            () = sleep(hold) => {}
        }
        return Ok(());
    };
    let Some(watch) = app.history_watches.watch(&customer) else {
        return Ok(());
    };
    let changed = watch.changed.notified();
    tokio::pin!(changed);
    // Registered before looking, so that nothing is missed in between.
    changed.as_mut().enable();
    let (version, _) = history::version(app, visitor).await?;
    if version == known {
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => {}
            () = changed => {}
            () = sleep(hold) => {}
        }
    }
    Ok(())
}

/// Ours. One of the visitor's conversations, with its events.
#[utoipa::path(
    get,
    path = "/Visitor/History/{thread_id}",
    operation_id = "HistoryThread",
    tag = "visitor",
    params(
        ("thread_id" = String, Path, description = "Which one.", min_length = 1),
        ("limit" = Option<u32>, Query, description = "The newest so many.", minimum = 1, maximum = 10000),
        ("before" = Option<i64>, Query, description = "Of those with a number below."),
        Affinity,
        headers::Visitor,
        Identity,
        IdentityDeployment,
    ),
    responses(
        (status = 200, description = "The conversation.", body = Wrapped<Thread>, headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session."))),
        (status = 400, response = Text),
        (status = 404, response = Text),
        VisitorErrors,
    ),
)]
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

/// Ours. The visitor has seen one of their conversations up to a time.
#[utoipa::path(
    post,
    path = "/Visitor/History/{thread_id}",
    operation_id = "HistoryThreadSeen",
    tag = "visitor",
    params(
        ("thread_id" = String, Path, description = "Which one.", min_length = 1),
        Affinity,
        headers::Visitor,
        Identity,
        IdentityDeployment,
    ),
    request_body = ThreadSeen,
    responses(
        (status = 200, response = Posted),
        (status = 400, response = Text),
        (status = 404, response = Text),
        (status = 413, response = Text),
        VisitorErrors,
    ),
)]
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

/// Ours. The visitor has reached a goal of the site, during a chat or after it.
#[utoipa::path(
    post,
    path = "/Visitor/Goal",
    operation_id = "Goal",
    tag = "visitor",
    params(Affinity, headers::Visitor, Identity, IdentityDeployment),
    request_body = GoalReached,
    responses(
        (status = 200, response = Posted),
        (status = 400, response = Text),
        (status = 404, response = Text),
        (status = 413, response = Text),
        VisitorErrors,
    ),
)]
pub(super) async fn goal(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let reached: GoalReached = read(&body)?;
    let visitor = visitor(&headers, &Query::from_uri(&uri))?;
    conversion::track(&app, &visitor, &reached.goal).await?;
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
