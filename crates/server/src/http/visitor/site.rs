//! Resources that need no session (Chat REST API, `Visitor`). Each is answered
//! with `SwitchServer` instead when the organisation has moved
//! (`docs/PROTOCOL.md`, 2.13).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::{
    DeploymentId, SessionId,
    visitor::{Availability, Breadcrumb, Settings, SwitchServer, VisitorIdReply, Wrapped},
};

use super::{
    error::{Result, bad_request},
    headers::{self, caller, key},
    nouns::{Noun, read},
    post,
    query::Query,
};
use crate::{
    app::App,
    conversation::{Refusal, site, typing},
    http::openapi::answers::{Text, VisitorErrors},
};

/// Ids in one request. A page has a handful of buttons.
const IDS_MAX: usize = 100;

/// The `SwitchServer` response, if the organisation has moved.
pub(super) async fn switch_server(app: &App) -> Result<Option<Response>> {
    let to = site::switch_url(app).await?;
    Ok(to.map(|new_url| {
        Json(Wrapped::one("SwitchServer", SwitchServer { new_url })).into_response()
    }))
}

/// What a page shows before a chat begins.
#[utoipa::path(
    get,
    path = "/Visitor/Settings",
    operation_id = "Settings",
    tag = "visitor",
    params(
        ("org_id" = Option<String>, Query, description = "Accepted and not looked at."),
        ("deployment_id" = String, Query, description = "The deployment."),
        (
            "Settings.buttonIds" = Option<String>,
            Query,
            description = "Also as `[A,B]`. At most 100 are read.",
            example = "573A,573B",
        ),
        ("Settings.needEstimatedWaitTime" = Option<String>, Query, description = "`1` or `true`.", pattern = "^(0|1|true|false)$"),
    ),
    responses(
        (status = 200, description = "The settings.", body = Wrapped<Settings>),
        (status = 400, response = Text),
        VisitorErrors,
    ),
)]
pub(super) async fn settings(State(app): State<Arc<App>>, uri: Uri) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let query = Query::from_uri(&uri);
    let deployment = query.text("deployment_id").unwrap_or_default();
    let settings = site::settings(
        &app,
        &DeploymentId::from(deployment),
        &query.ids("Settings.buttonIds", IDS_MAX),
        query.flag("Settings.needEstimatedWaitTime"),
    )
    .await?
    .ok_or_else(|| bad_request("deployment_id is not known"))?;
    Ok(Json(Wrapped::one("Settings", settings)).into_response())
}

/// Whether somebody accepts chats.
///
/// `isAvailable` is left out where it is false.
#[utoipa::path(
    get,
    path = "/Visitor/Availability",
    operation_id = "Availability",
    tag = "visitor",
    params(
        ("org_id" = Option<String>, Query, description = "Accepted and not looked at."),
        ("deployment_id" = Option<String>, Query, description = "The deployment."),
        (
            "Availability.ids" = String,
            Query,
            description = "Also as `[A,B]`. At most 100 are read.",
            example = "573A,573B",
        ),
        ("Availability.needEstimatedWaitTime" = Option<String>, Query, description = "`1` or `true`.", pattern = "^(0|1|true|false)$"),
    ),
    responses(
        (status = 200, description = "Of each id.", body = Wrapped<Availability>),
        VisitorErrors,
    ),
)]
pub(super) async fn availability(State(app): State<Arc<App>>, uri: Uri) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let query = Query::from_uri(&uri);
    let results = site::availability(
        &app,
        query.text("deployment_id").filter(|id| !id.is_empty()),
        &query.ids("Availability.ids", IDS_MAX),
        query.flag("Availability.needEstimatedWaitTime"),
    )
    .await?;
    Ok(Json(Wrapped::one("Availability", Availability { results })).into_response())
}

/// A new id for a visitor's device.
#[utoipa::path(
    get,
    path = "/Visitor/VisitorId",
    operation_id = "VisitorId",
    tag = "visitor",
    params(
        ("org_id" = Option<String>, Query, description = "Accepted and not looked at."),
        ("deployment_id" = Option<String>, Query, description = "Accepted and not looked at."),
    ),
    responses(
        (status = 200, description = "The id.", body = Wrapped<VisitorIdReply>),
        VisitorErrors,
    ),
)]
pub(super) async fn visitor_id(State(app): State<Arc<App>>) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let session_id = app.entropy.visitor_id();
    Ok(Json(Wrapped::one("VisitorId", VisitorIdReply { session_id })).into_response())
}

/// The page of a session's visitor, or of one who is known by their id (`VisitorId`). From
/// anybody else nothing is stored.
pub(super) async fn breadcrumb(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    if let Some(moved) = switch_server(&app).await? {
        return Ok(moved);
    }
    let page: Breadcrumb = read(&body)?;
    if key(&headers).is_none() {
        if let Some(hash) = headers::visitor_id(&headers) {
            // Counted as a session is.
            let one = SessionId::from(hash.as_str());
            app.limiter
                .pages_per_session
                .take(&one)
                .map_err(Refusal::from)?;
            typing::page_of_visitor(&app, &hash, page).await?;
        }
        return Ok("OK".into_response());
    }
    let caller = caller(&headers)?;
    post::run_one(&app, caller, Noun::Breadcrumb, &body).await
}
