//! Checks that enforce the limits of `crate::limits` on requests: who is
//! over one is answered 429, or 503 where the endpoint as a whole is full, with
//! `Retry-After`.
//!
//! To a client of the Chat REST API, 503 in a session means that another server
//! has taken it over (`docs/PROTOCOL.md`, 2.12): there it is always 429.

use std::{
    hash::{BuildHasher as _, RandomState},
    net::{IpAddr, SocketAddr},
    ops::ControlFlow,
    sync::LazyLock,
};

use axum::{
    Json,
    extract::{ConnectInfo, Request},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, RETRY_AFTER},
    },
    response::{IntoResponse as _, Response},
};
use parlor_wire::{
    agent::{ErrorReply, ErrorType},
    visitor::header,
};

use crate::{
    app::App,
    http::archive,
    limits::{Exceeded, TooManyBytes},
};

/// A request's extension: the address whose requests count as one client's.
/// `None` when only a trusted proxy is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

/// Counts the request for its address.
pub(crate) fn by_address(app: &App, request: &mut Request) -> ControlFlow<Response> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.and_then(|ConnectInfo(peer)| {
        let proxies = &app.config.trusted_proxies;
        proxies.client(peer.ip(), request.headers())
    });
    if let Some(address) = &address
        && let Err(exceeded) = app.limiter.requests_per_address.take(address)
    {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return ControlFlow::Break(ErrorForm::of(request).answer(status, exceeded));
    }
    request.extensions_mut().insert(ClientAddress(address));
    ControlFlow::Continue(())
}

/// Counts the request for the session whose key it has.
pub(crate) fn by_session(app: &App, request: &mut Request) -> ControlFlow<Response> {
    // Hashed with a secret of this process, so that nobody can choose keys that
    // count as another's.
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    if let Some(key) = request.headers().get(header::SESSION_KEY)
        && let Err(exceeded) = app
            .limiter
            .requests_per_session
            .take(&HASHER.hash_one(key.as_bytes()))
    {
        return ControlFlow::Break(answer(StatusCode::TOO_MANY_REQUESTS, exceeded));
    }
    ControlFlow::Continue(())
}

/// Counts a new session.
pub(crate) fn new_session(app: &App, request: &mut Request) -> ControlFlow<Response> {
    let address = request.extensions().get::<ClientAddress>();
    if let Some(address) = address.and_then(|ClientAddress(address)| *address)
        && let Err(exceeded) = app.limiter.sessions_per_address.take(&address)
    {
        return ControlFlow::Break(answer(StatusCode::TOO_MANY_REQUESTS, exceeded));
    }
    if let Err(exceeded) = app.limiter.open_sessions.take() {
        return ControlFlow::Break(answer(StatusCode::SERVICE_UNAVAILABLE, exceeded));
    }
    ControlFlow::Continue(())
}

fn answer(status: StatusCode, exceeded: Exceeded) -> Response {
    let mut response = (status, exceeded.to_string()).into_response();
    insert_retry_after(&mut response, exceeded);
    response
}

/// The form in which an API tells of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorForm {
    /// One line, as in the Chat REST API, and for pages and files.
    Text,
    /// The Agent Chat API, and the console's session.
    AgentApi,
    /// The Chats API.
    Archive,
}

impl ErrorForm {
    /// That of the API to which the request belongs.
    pub(crate) fn of(request: &Request) -> Self {
        let path = request.uri().path();
        if path.contains("/agent/action/")
            || path == "/agent/session"
            || path.starts_with("/agent/sign-ins")
        {
            Self::AgentApi
        } else if path.starts_with("/api/v2/") {
            Self::Archive
        } else {
            Self::Text
        }
    }

    fn answer(self, status: StatusCode, exceeded: Exceeded) -> Response {
        match self {
            Self::Text => answer(status, exceeded),
            Self::AgentApi => agent_answer(status, exceeded),
            Self::Archive => archive::ApiError::limit_reached(status, exceeded).into_response(),
        }
    }
}

/// The answer to a request whose body there is no room for, in place of the
/// handler's, whose headers for pages of other origins stay.
pub(crate) fn body_refused(
    handlers: Response,
    reached: TooManyBytes,
    form: ErrorForm,
    in_session: bool,
) -> Response {
    let (status, exceeded) = match reached {
        TooManyBytes::OfAll(exceeded) if !in_session => (StatusCode::SERVICE_UNAVAILABLE, exceeded),
        TooManyBytes::OfAll(exceeded) | TooManyBytes::OfAddress(exceeded) => {
            (StatusCode::TOO_MANY_REQUESTS, exceeded)
        }
    };
    let mut response = form.answer(status, exceeded);
    let mut headers = handlers.into_parts().0.headers;
    headers.remove(CONTENT_LENGTH);
    for (name, value) in response.headers() {
        headers.insert(name.clone(), value.clone());
    }
    *response.headers_mut() = headers;
    response
}

/// In the form of the Agent Chat API.
fn agent_answer(status: StatusCode, exceeded: Exceeded) -> Response {
    let kind = match status {
        StatusCode::SERVICE_UNAVAILABLE => "service_unavailable",
        _ => "too_many_requests",
    };
    let body = Json(ErrorReply::new(ErrorType::from(kind), exceeded.to_string()));
    let mut response = (status, body).into_response();
    insert_retry_after(&mut response, exceeded);
    response
}

pub(crate) fn insert_retry_after(response: &mut Response, exceeded: Exceeded) {
    let seconds = HeaderValue::from(exceeded.retry_after_s);
    response.headers_mut().insert(RETRY_AFTER, seconds);
}
