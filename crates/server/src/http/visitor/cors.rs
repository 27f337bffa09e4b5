//! CORS: pages of which origins may call the visitor API (`docs/PROTOCOL.md`,
//! 2.21). Clients send credentials, so that the origin is echoed and never `*`.
//!
//! tower-http's `CorsLayer` is not used: it would carry out what an origin asks
//! that is not allowed, and only keep the answer from it, and it cannot tell a
//! failure of the store from such an origin.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{error::VisitorError, headers::cross_origin};
use crate::{app::App, conversation::site, origin::SEC_FETCH_SITE};

const ALLOWED_HEADERS: &str = "X-LIVEAGENT-API-VERSION, X-LIVEAGENT-AFFINITY, \
     X-LIVEAGENT-SESSION-KEY, X-LIVEAGENT-SEQUENCE, X-CHAT-VISITOR-ID, X-CHAT-IDENTITY-TOKEN, Content-Type";
const EXPOSED_HEADERS: &str =
    "X-CHAT-EVENT-ID, X-CHAT-POSITION, X-CHAT-CREATED-AT, X-CHAT-LATEST-OFFSET";

/// A day: the allowed origins change seldom, and the call itself is checked
/// again.
const PREFLIGHT_KEPT_S: &str = "86400";

/// Whether another site's page makes the request by an image, a frame or a
/// link, and not by a script of an origin that can be checked: browsers send
/// `Origin` with every call of a script to another origin. A page could make
/// its visitors create sessions in this way.
fn is_of_foreign_page(headers: &HeaderMap) -> bool {
    let site = headers.get(&SEC_FETCH_SITE);
    site.is_some_and(|site| site == "cross-site" || site == "same-site")
        && !headers.contains_key(header::ORIGIN)
}

pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(origin) = cross_origin(&app, request.headers()) else {
        if is_of_foreign_page(request.headers()) {
            return (StatusCode::FORBIDDEN, "only a script may call this").into_response();
        }
        return next.run(request).await;
    };
    match site::origin_is_known(&app, &origin).await {
        Ok(true) => {}
        Ok(false) => {
            return (StatusCode::FORBIDDEN, "this origin is not allowed").into_response();
        }
        Err(refusal) => return VisitorError(refusal).into_response(),
    }
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let Ok(origin) = HeaderValue::from_str(&origin) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED_HEADERS),
    );
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if preflight {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST, DELETE"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(ALLOWED_HEADERS),
        );
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(PREFLIGHT_KEPT_S),
        );
    }
    response
}
