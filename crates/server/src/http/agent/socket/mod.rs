//! `/v3.6/agent/rtm/ws`: actions and pushes over a WebSocket. Pushes are
//! broadcast to all sockets by one reader of the agent event stream. At sign-in,
//! and when a socket has missed some of them, it reads the stream from the store
//! itself, from its last position on. So no push is lost, and none is sent
//! twice.

mod connection;
mod event_loop;
mod login;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Path, State,
        ws::{WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use metrics::Gauge;
use parlor_wire::limits::AGENT_BODY_MAX_BYTES;
use secrecy::SecretString;
use tokio::time::Instant;

use super::{
    caller::{cookie_token, require_same_origin},
    check_version,
    error::Result,
};
use crate::{
    app::App,
    conversation::attendance,
    http::{
        openapi::answers::{AgentError, Text, TooMany},
        upload::own_origin,
    },
};
use connection::{CloseReason, Connection};

/// The time between handshake and `login`: many round trips of a slow phone.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// What the HTTP handshake provides for `login`.
struct Handshake {
    cookie: Option<SecretString>,
    /// This endpoint's address as the client reaches it.
    base: String,
    login_deadline: Instant,
}

/// The WebSocket for actions and pushes; its first request is `login`.
#[utoipa::path(
    get,
    path = "/v3.6/agent/rtm/ws",
    operation_id = "socket",
    tag = "agent",
    responses(
        (status = 101, description = "The connection is a WebSocket now."),
        (status = 400, response = Text),
        (status = 403, response = AgentError),
        (status = 405, response = Text),
        (status = 426, response = Text),
        (status = 429, response = TooMany),
    ),
    security(()),
)]
pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    Path(version): Path<String>,
    headers: HeaderMap,
    socket: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    check_version(&version)?;
    let cookie = cookie_token(&app, &headers);
    if cookie.is_some() {
        require_same_origin(&app, &headers)?;
    }
    let socket = match socket {
        Ok(socket) => socket,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let handshake = Handshake {
        cookie,
        base: own_origin(&app, &headers),
        login_deadline: Instant::now() + LOGIN_TIMEOUT,
    };
    Ok(socket
        .max_message_size(AGENT_BODY_MAX_BYTES)
        .max_frame_size(AGENT_BODY_MAX_BYTES)
        .on_upgrade(move |socket| {
            let tracked = app.tasks.clone();
            tracked.track_future(serve(app, socket, handshake))
        }))
}

async fn serve(app: Arc<App>, mut socket: WebSocket, handshake: Handshake) {
    let _open = OpenSocket::count();
    let mut connection = Connection::new(&mut socket);
    let reason = tokio::select! {
        biased;
        () = app.shutdown.cancelled() => CloseReason::Stopping,
        reason = run(&app, &mut connection, handshake) => reason,
    };
    connection.close(reason).await;
}

/// A socket in the metrics, until it is dropped.
struct OpenSocket(Gauge);

impl OpenSocket {
    fn count() -> Self {
        let open = metrics::gauge!("parlor_sockets_open");
        open.increment(1.0);
        Self(open)
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Runs the connection from `login` to its end. Presence is updated before the
/// socket is closed, and not at all when the process stops.
async fn run(app: &Arc<App>, connection: &mut Connection<'_>, handshake: Handshake) -> CloseReason {
    let user = match login::login(app, connection, handshake).await {
        Ok(user) => user,
        Err(reason) => return reason,
    };
    let agent = user.agent.id.clone();
    attendance::socket_opened(app, &agent).await;
    let reason = event_loop::run(app, connection, user).await;
    let may_return = !matches!(reason, CloseReason::Unauthenticated);
    attendance::socket_closed(app, &agent, may_return);
    reason
}
